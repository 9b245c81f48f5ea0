from __future__ import annotations

import io
import json
import zipfile

import pytest

from batten import limits
from batten.images import read_image
from batten.images.cataloguers.python import CATALOGUER
from batten.model.source import Unreadable
from images.builder import file, image
from images.cataloguers.reading import read, wants

SITE = "usr/local/lib/python3.11/site-packages"
METADATA = """\
Metadata-Version: 2.1
Name: Flask_Login
Version: 0.6.3
License: MIT
Classifier: Programming Language :: Python :: 3
Requires-Dist: Flask (>=1.0.4)
Requires-Dist: Werkzeug>=1.0.1 ; python_version >= "3.7"
Requires-Dist: pytest ; extra == 'test'

Name: not-a-header
"""


def test_metadata_gives_name_version_licence_and_needs():
    (package,) = read(CATALOGUER, f"{SITE}/Flask_Login-0.6.3.dist-info/METADATA", METADATA).packages
    assert package.purl == "pkg:pypi/flask-login@0.6.3"
    assert package.licenses == ("MIT",)
    assert package.depends == ("flask", "werkzeug")
    assert package.paths == (f"{SITE}/Flask_Login-0.6.3.dist-info/METADATA",)


@pytest.mark.parametrize(
    "path",
    [
        "usr/lib/python3/dist-packages/lazr.uri-1.0.6.egg-info",
        "usr/lib/python3/dist-packages/lazr.uri-1.0.6.egg-info/PKG-INFO",
        "opt/app/lazr.uri-1.0.6-py3.11.egg/EGG-INFO/PKG-INFO",
    ],
)
def test_eggs_are_read_in_each_of_their_forms(path):
    (package,) = read(CATALOGUER, path, "Metadata-Version: 2.1\nName: lazr.uri\nVersion: 1.0.6\n").packages
    assert (package.name, package.version) == ("lazr.uri", "1.0.6")


def test_a_zipped_egg_is_read_where_it_lies():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("EGG-INFO/PKG-INFO", "Name: old\nVersion: 1.2\n")
    (package,) = read(CATALOGUER, "srv/old-1.2-py2.7.egg", packed.getvalue()).packages
    assert package.paths == ("srv/old-1.2-py2.7.egg!EGG-INFO/PKG-INFO",)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("License-Expression: ZPL-2.1\nLicense: see LICENSE.txt", ("ZPL-2.1",)),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License", ("BSD License",)),
        (
            "License: Copyright (c) 2005\n  Permission is hereby granted\nClassifier: License :: Public Domain",
            ("Public Domain",),
        ),
    ],
)
def test_the_licence_is_the_most_exact_word_that_is_no_whole_text(text, found):
    path = f"{SITE}/a-1.dist-info/METADATA"
    assert read(CATALOGUER, path, f"Name: a\nVersion: 1\n{text}\n").packages[0].licenses == found


def test_the_record_tells_modules_programs_and_libraries():
    record = (
        "zope/interface/__init__.py,sha256=9Euz,3475\n"
        "zope/interface/_compat.py,sha256=ab,1\n"
        "zope/interface/_coptimizations.cpython-311-x86_64-linux-gnu.so,sha256=OSPy,232456\n"
        "../../../bin/zope-tool,,\n"
        '"odd,name.py",,\n'
        "../../../../../../../etc/passwd,,\n"
    )
    owned = read(CATALOGUER, f"{SITE}/zope_interface-8.7.dist-info/RECORD", record).owned
    assert set(owned) == {"zope-interface", "zope.interface"}
    assert owned["zope.interface"] == [
        f"{SITE}/zope/interface/__init__.py",
        f"{SITE}/zope/interface/_coptimizations.cpython-311-x86_64-linux-gnu.so",
        "usr/local/bin/zope-tool",
        f"{SITE}/odd,name.py",
    ]


def test_older_lists_tell_modules_too():
    folder = "usr/lib/python3/dist-packages"
    assert read(CATALOGUER, f"{folder}/PyYAML-6.0.egg-info/top_level.txt", "_yaml\nyaml\n").owned == {
        "pyyaml": [f"{folder}/_yaml/__init__.py", f"{folder}/yaml/__init__.py"]
    }
    listed = "../six.py\n../__pycache__/six.pyc\n../../../../bin/six\n"
    assert read(CATALOGUER, f"{folder}/six-1.16.0.egg-info/installed-files.txt", listed).owned == {
        "six": [f"{folder}/six.py", "usr/bin/six"]
    }


@pytest.mark.parametrize(
    "text", ["Version: 1\n", "Name: a\n", "Name: a b\nVersion: 1\n", "\n", "Name: a\nVersion: \x00\n"]
)
def test_without_name_or_version_it_is_no_package(text):
    with pytest.raises(Unreadable, match="expected"):
        read(CATALOGUER, f"{SITE}/a-1.dist-info/METADATA", text)


def test_long_lists_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGE_PATHS", 2)
    record = "".join(f"m{number}.py,,\n" for number in range(5))
    catalogue = read(CATALOGUER, f"{SITE}/a-1.dist-info/RECORD", record)
    assert len(catalogue.owned["a"]) == 2
    assert "owned files" in catalogue.problem


def test_a_broken_egg_is_told():
    with pytest.raises(Unreadable, match="zip archive"):
        read(CATALOGUER, "srv/a-1.egg", b"PK\x03\x04 and no more")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("EGG-INFO/PKG-INFO", "Name: old\nVersion: 1.2\n")
    with pytest.raises(Unreadable, match="outside of the archive"):
        read(CATALOGUER, "srv/a-1.egg", packed.getvalue().replace(b"PK\x03\x04", b"PK\x03\x05"))


def test_other_files_are_not_wanted():
    assert not wants(CATALOGUER, f"{SITE}/a/METADATA")
    assert not wants(CATALOGUER, "srv/requirements.txt")


def test_what_was_installed_from_a_repository_says_so_without_credentials():
    metadata = b"Name: shop\nVersion: 1.2\n"
    direct = {
        "url": "https://ci:ghp_R4nd0mAb9Xq2Lk7Zw3Vt8Yp5Cs1Df6Gh0JnM@github.com/acme/shop.git?token=x",
        "vcs_info": {"vcs": "git", "commit_id": "1f0c4e7a9b3d5f60718293a4b5c6d7e8f9012345"},
    }
    folder = "opt/venv/lib/python3.12/site-packages/shop-1.2.dist-info"
    layers = [[file(f"{folder}/METADATA", metadata), file(f"{folder}/direct_url.json", json.dumps(direct).encode())]]
    (package,) = read_image(image(layers)).packages
    assert package.qualifiers == (
        ("vcs_url", "git+https://github.com/acme/shop.git@1f0c4e7a9b3d5f60718293a4b5c6d7e8f9012345"),
    )


@pytest.mark.parametrize(
    "direct",
    [
        {"url": "file:///src/shop", "dir_info": {"editable": True}},
        {"url": "https://[::1/x", "archive_info": {}},
        {"url": "https://h:99999/x", "archive_info": {}},
        {"url": 7},
        {"url": "https://h/x", "vcs_info": {"vcs": "git", "commit_id": "a b"}},
    ],
)
def test_a_source_that_cannot_be_named_is_left_out(direct):
    assert read(CATALOGUER, "x/shop-1.dist-info/direct_url.json", json.dumps(direct)).sources == {}


def test_an_archive_is_named_by_its_address():
    direct = {"url": "https://files.example/shop-1.2.tar.gz#sha256=0", "archive_info": {"hash": "sha256=0"}}
    found = read(CATALOGUER, "x/shop-1.2.dist-info/direct_url.json", json.dumps(direct)).sources
    assert found == {"x/shop-1.2.dist-info/METADATA": ("download_url", "https://files.example/shop-1.2.tar.gz")}
