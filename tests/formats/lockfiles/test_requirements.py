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
    reading = read("api/requirements.txt", TEXT, {"api/base.txt": "six==1.16.0\n"})
    assert purls(reading) == [
        "pkg:pypi/flask@3.0.3",
        "pkg:pypi/psycopg@3.2.1",
        "pkg:pypi/zope-interface@7.0",
        "pkg:pypi/certifi@2024.7.4",
    ]
    assert {package.target for package in reading.nouns} == {"api"}
    [problem] = reading.problems
    assert problem.message.startswith("3 requirements have no pinned version (requests, urllib3, numpy): what is")
    assert (problem.path, problem.line, problem.severe) == ("api/requirements.txt", 7, False)


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


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("requests>=2.0\n", "1 requirement has no pinned version (requests)"),
        (
            "PyYAML==5.*\nfoo ~= 1.0, != 1.1 ; python_version < '3'\n",
            "2 requirements have no pinned version (PyYAML, foo)",
        ),
        (
            "a @ https://u:secret@example.org/a.whl\ngit+ssh://u:secret@example.org/b\n",
            "2 requirements have no pinned version (a, …)",
        ),
        ("a\nb\nc\nd\ne\nf\n", "6 requirements have no pinned version (a, b, c, d, e, …)"),
        ("-e git+https://u:secret@example.org/b#egg=b\n", "1 requirement has no pinned version:"),
        ("foo>=1 \\\n  --hash=sha256:00\n", "1 requirement has no pinned version (foo)"),
    ],
)
def test_what_has_no_version_is_told(read: Read, text: str, names: str) -> None:
    [problem] = read("requirements.txt", text).problems
    assert problem.message.startswith(names)
    assert "secret" not in problem.message
    assert not problem.severe


@pytest.mark.parametrize(
    "text",
    ["# requests\n", "-e .\n./local\n", "--no-binary :all:\n", "The system shall be fast.\n", "", "\ufeffa==1\n"],
)
def test_other_lines_need_no_version(read: Read, text: str) -> None:
    assert not read("requirements.txt", text).problems


@pytest.mark.parametrize(
    "line", ["-r more.txt", "-rmore.txt", "--requirement=more.txt", "-c 'more.txt'  # why", "--constraint ./more.txt"]
)
def test_files_that_it_names_are_led_to(read: Read, line: str) -> None:
    reading = read("api/requirements.txt", f"lxml\n{line}\n", {"api/more.txt": "LXML==4.6.2\n"})
    assert reading.leads_to == [("api/more.txt", "lockfile")]
    assert not reading.problems  # the other file pins it


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-r gone.txt", "the file 'gone.txt' is not in what is scanned"),
        ("-r ../../etc/passwd", "the file '../../etc/passwd' is not in what is scanned"),
        ("-r /etc/passwd", "the file '/etc/passwd' is not in what is scanned"),
        ("-r https://u:secret@example.org/x.txt", "expected the name of a file, found an address"),
    ],
)
def test_files_that_cannot_be_read_are_told(read: Read, line: str, expected: str) -> None:
    reading = read("api/requirements.txt", f"\n{line}\n")
    [problem] = reading.problems
    assert problem.message.startswith(expected)
    assert "secret" not in problem.message
    assert (problem.line, problem.severe) == (2, True)
    assert not reading.leads_to


def test_a_pin_of_constraints_is_installed_only_where_something_needs_it(read: Read) -> None:
    package = by_name(read("requirements-constraints.txt", "lxml==4.6.2\nsix\n"))["lxml"]
    assert package.confidence == "medium"
    assert "constraint" in package.evidence


@pytest.mark.parametrize(
    "text", ["a " * 500_000, "a>=1," * 200_000, "-r x.txt\n" * 100_000, "a\\\n" * 300_000, "a[" * 1000]
)
def test_hostile_files_take_little_time(read: Read, text: str) -> None:
    assert len(read("requirements.txt", text).problems) <= 2
