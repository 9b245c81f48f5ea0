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
    "line", ["-r more.txt", "-rmore.txt", "--requirement=more.txt", "-r 'more.txt'  # why", "--requirement ./more.txt"]
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


@pytest.mark.parametrize("line", ["-c more.txt", "-cmore.txt", "--constraint=more.txt", "-c ./more.txt  # why"])
def test_a_constraint_gives_the_version_of_what_is_asked_for(read: Read, line: str) -> None:
    reading = read(
        "api/requirements.txt", f"# api\n  LXML>=4\nflask==3.0.3\n{line}\n", {"api/more.txt": "\nlxml==4.6.2\n"}
    )
    assert purls(reading) == ["pkg:pypi/flask@3.0.3", "pkg:pypi/lxml@4.6.2"]
    lxml = by_name(reading)["lxml"]
    assert stands_at(lxml) == (2, 3)
    assert lxml.evidence == "asked for without a version, which the constraint in api/more.txt:2 gives"
    assert not reading.problems
    assert not reading.leads_to  # constraints ask for nothing, so they are no packages of their own
    assert lxml.place is not None
    with pytest.raises(CannotEdit, match=r"the version stands in api/more\.txt:2; run `pip-compile"):
        lxml.place.document.splices([ReplaceText(lxml.place.pointer, "5.0.0")])


def test_a_constraint_adds_no_package(read: Read) -> None:
    reading = read("requirements.txt", "flask==3.0.3\n-c all.txt\n", {"all.txt": "flask==1.0\nlxml==4.6.2\nsix==1\n"})
    assert purls(reading) == ["pkg:pypi/flask@3.0.3"]
    [problem] = reading.problems
    assert problem.message.startswith("2 constraints are on projects that no requirement names")
    assert (problem.line, problem.severe) == (2, False)


def test_constraints_by_themselves_are_no_packages(read: Read) -> None:
    reading = read("requirements-constraints.txt", "lxml==4.6.2\nsix\n")
    assert not reading.nouns
    assert [one.message.partition(":")[0] for one in reading.problems] == ["1 constraint is no package"]


def test_constraints_hold_for_all_files_of_one_call(read: Read) -> None:
    files = {
        "a/requirements.txt": "lxml\nsix\n-r deep/er.txt\n-c own.txt\n",
        "a/own.txt": "six==1.16.0\n",
        "a/deep/er.txt": "urllib3\n-c ../../c.txt\n",
        "c.txt": "urllib3==1.26.0\n",
        "pins.txt": "lxml==4.6.2\nsix==1.16.0\nflask==0.1\n",
    }
    reading = read("requirements.txt", "flask\n-r a/requirements.txt\n-c pins.txt\n", files)
    # six and urllib3 are told where the files that ask for them are read by themselves
    assert purls(reading) == ["pkg:pypi/flask@0.1", "pkg:pypi/lxml@4.6.2"]
    assert stands_at(by_name(reading)["lxml"]) == (2, 1)
    assert reading.leads_to == [("a/requirements.txt", "lockfile")]
    assert not reading.problems
    inner = read("a/requirements.txt", files["a/requirements.txt"], files)
    assert purls(inner) == ["pkg:pypi/six@1.16.0"]


def test_what_a_constraints_file_takes_in_is_asked_for(read: Read) -> None:
    """As pip has it: `-r` in a file of constraints starts requirements again."""
    reading = read("requirements.txt", "-c c.txt\n", {"c.txt": "-r more.txt\nlxml==4.6.2\n", "more.txt": "lxml\n"})
    assert purls(reading) == ["pkg:pypi/lxml@4.6.2"]


def test_files_that_name_one_another_are_read_once(read: Read) -> None:
    files = {"a.txt": "-r requirements.txt\n-c b.txt\nlxml\n", "b.txt": "-c a.txt\n-c b.txt\nsix==1\n"}
    assert not read("requirements.txt", "six\n-r a.txt\n", files).problems


@pytest.mark.parametrize(
    "text",
    [
        "a " * 500_000,
        "a>=1," * 200_000,
        "-r x.txt\n" * 100_000,
        "a\\\n" * 300_000,
        "a[" * 1000,
        "4a0" + "!" * 1_900,
        "a>=1" + " " * 1_900 + "x",
        "a" + " " * 50_000 + "x",
    ],
)
def test_hostile_files_take_little_time(read: Read, text: str) -> None:
    assert len(read("requirements.txt", text).problems) <= 2
