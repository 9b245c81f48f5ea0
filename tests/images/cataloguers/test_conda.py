from __future__ import annotations

import json

import pytest

from batten.images.cataloguers.conda import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import read, wants

OPENSSL = {
    "build": "hd590300_1",
    "channel": "https://conda.anaconda.org/t/tk-secret/conda-forge/linux-64",
    "depends": ["ca-certificates", "libgcc-ng >=12", "__glibc >=2.17"],
    "files": ["bin/openssl", "include/openssl/ssl.h", "lib/libssl.so.3", "../../../etc/passwd.so"],
    "license": "Apache-2.0",
    "name": "openssl",
    "subdir": "linux-64",
    "version": "3.2.0",
}
PATH = "opt/conda/conda-meta/openssl-3.2.0-hd590300_1.json"


def test_a_record_gives_build_channel_and_platform_without_a_token():
    (package,) = read(CATALOGUER, PATH, json.dumps(OPENSSL)).packages
    assert package.purl == "pkg:conda/openssl@3.2.0?build=hd590300_1&channel=conda-forge&subdir=linux-64"
    assert package.licenses == ("Apache-2.0",)
    assert package.depends == ("ca-certificates", "libgcc-ng")


def test_programs_and_libraries_of_it_are_owned():
    assert read(CATALOGUER, PATH, json.dumps(OPENSSL)).owned == {
        "openssl": ["opt/conda/bin/openssl", "opt/conda/lib/libssl.so.3"]
    }


def test_a_channel_may_be_a_plain_name():
    (package,) = read(CATALOGUER, PATH, json.dumps({"name": "a", "version": "1", "channel": "defaults"})).packages
    assert package.qualifiers == (("channel", "defaults"),)


def test_other_files_of_conda_are_no_packages():
    assert read(CATALOGUER, "opt/conda/conda-meta/state.json", '{"env_vars": {}}').packages == []
    assert not wants(CATALOGUER, "opt/conda/conda-meta/history")
    assert not wants(CATALOGUER, "opt/conda/pkgs/a/info/index.json")


def test_a_record_without_a_version_is_told():
    with pytest.raises(Unreadable, match="name and a version"):
        read(CATALOGUER, PATH, '{"name": "a"}')
