"""requirements.txt: what is pinned is a package."""

from __future__ import annotations

import pytest
from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

from batten.model.edits import CannotEdit, ReplaceText

TEXT = """\
# made by hand
-r base.txt
--index-url https://example.org/simple
Flask==3.0.3
psycopg[binary] == 3.2.1 ; python_version >= "3.8"  # database
zope_interface===7.0
requests>=2.0
urllib3
numpy==1.*
certifi==2024.7.4 \\
    --hash=sha256:5a1e7645bc0ec61a09e26c36f6106dd4cf40c6db3a1fb6352b0244e7fb057c7b \\
    --hash=sha256:c198e21b1289c2ab85ee4e67bb4b4ef3ead0892059901a8d5b622f24a1101e90
"""


def test_pins_are_packages_and_ranges_are_none(read: Read) -> None:
    reading = read("api/requirements.txt", TEXT)
    assert purls(reading) == [
        "pkg:pypi/flask@3.0.3",
        "pkg:pypi/psycopg@3.2.1",
        "pkg:pypi/zope-interface@7.0",
        "pkg:pypi/certifi@2024.7.4",
    ]
    assert {package.target for package in reading.nouns} == {"api"}
    assert not reading.problems


def test_the_version_has_a_place(read: Read) -> None:
    found = by_name(read("requirements.txt", TEXT))
    assert stands_at(found["flask"]) == (4, 8)
    assert stands_at(found["certifi"]) == (10, 10)


def test_hashes_are_kept(read: Read) -> None:
    hashes = by_name(read("requirements.txt", TEXT))["certifi"].checksums
    assert [digits[:4] for _, digits in hashes] == ["5a1e", "c198"]


def test_a_pin_is_replaced_where_no_hash_belongs_to_it(read: Read) -> None:
    found = by_name(read("requirements.txt", TEXT))
    place = found["flask"].place
    assert place is not None
    [splice] = place.document.splices([ReplaceText(place.pointer, "3.1.0")])
    assert TEXT[: splice.start].endswith("Flask==")
    assert TEXT[splice.end :].startswith("\npsycopg")
    hashed = found["certifi"].place
    assert hashed is not None
    with pytest.raises(CannotEdit, match=r"pip-compile --upgrade-package certifi==2025\.1\.1"):
        hashed.document.splices([ReplaceText(hashed.pointer, "2025.1.1")])
    with pytest.raises(CannotEdit, match="expected a version"):
        place.document.splices([ReplaceText(place.pointer, "1\nevil")])


def test_the_name_of_the_file_tells_what_it_is_for(read: Read) -> None:
    assert by_name(read("requirements-dev.txt", TEXT))["flask"].scope == "development"
    assert by_name(read("requirements/test.txt", TEXT))["flask"].scope == "development"
    assert by_name(read("requirements.txt", TEXT))["flask"].scope == ""
