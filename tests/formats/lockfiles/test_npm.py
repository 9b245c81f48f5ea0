"""package-lock.json: three versions of one thing."""

from __future__ import annotations

import json

import pytest
from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

from batten.model.edits import CannotEdit, ReplaceText

INTEGRITY = "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg=="
VERSION_3 = json.dumps(
    {
        "name": "shop",
        "lockfileVersion": 3,
        "packages": {
            "": {"dependencies": {"lodash": "^4.17.20"}, "devDependencies": {"@babel/core": "^7"}, "workspaces": ["w"]},
            "w": {"name": "w", "version": "1.0.0", "dependencies": {"ms": "2"}},
            "node_modules/lodash": {
                "version": "4.17.21", "integrity": INTEGRITY, "license": "MIT", "dependencies": {"ms": "^2"},
            },
            "node_modules/@babel/core": {"version": "7.24.0", "dev": True},
            "node_modules/@babel/core/node_modules/lodash": {"version": "3.0.0", "dev": True},
            "node_modules/old": {"name": "@scope/other", "version": "1.2.3", "optional": True},
            "node_modules/ms": {"version": "2.1.3"},
            "node_modules/w": {"resolved": "w", "link": True},
        },
    },
    indent=2,
)  # fmt: skip
VERSION_1 = json.dumps(
    {
        "lockfileVersion": 1,
        "dependencies": {
            "lodash": {"version": "4.17.21", "integrity": INTEGRITY, "requires": {"ms": "2.0.0"}, "dependencies": {
                "ms": {"version": "2.0.0"}}},
            "mine": {"version": "file:../mine"},
            "forked": {"version": "git+ssh://git@example.org/forked.git#abc"},
            "alias": {"version": "npm:@scope/real@5.0.0", "dev": True},
        },
    },
    indent=2,
)  # fmt: skip


def test_version_3(read: Read) -> None:
    reading = read("web/package-lock.json", VERSION_3)
    assert purls(reading) == [
        "pkg:npm/lodash@4.17.21",
        "pkg:npm/%40babel/core@7.24.0",
        "pkg:npm/lodash@3.0.0",
        "pkg:npm/%40scope/other@1.2.3",
        "pkg:npm/ms@2.1.3",
    ]
    assert not reading.problems


def test_what_an_entry_tells(read: Read) -> None:
    first, core, nested, other, ms = read("package-lock.json", VERSION_3).nouns
    assert (first.direct, first.scope, first.depends, first.licenses) == (True, "runtime", ("ms",), ("MIT",))
    assert first.checksums[0][0] == "sha512"
    assert first.checksums[0][1].startswith("bf690311ee7b95e713ba568322e3533f")
    assert (core.direct, core.scope) == (True, "development")
    assert (nested.direct, other.scope) == (False, "optional")
    assert ms.direct is True  # a workspace asks for it
    line = 1 + VERSION_3[: VERSION_3.index("4.17.21")].count("\n")
    assert stands_at(first) == (line, 18)


def test_version_1(read: Read) -> None:
    reading = read("package-lock.json", VERSION_1, {"package.json": '{"dependencies": {"lodash": "4"}}'})
    assert purls(reading) == ["pkg:npm/lodash@4.17.21", "pkg:npm/%40scope/real@5.0.0", "pkg:npm/ms@2.0.0"]
    found = by_name(reading)
    assert (found["lodash"].direct, found["ms"].direct) == (True, False)
    assert by_name(read("package-lock.json", VERSION_1))["lodash"].direct is None


def test_the_lock_is_not_edited_by_hand(read: Read) -> None:
    place = read("package-lock.json", VERSION_3).nouns[1].place
    with pytest.raises(CannotEdit, match=r"run `npm install @babel/core@7\.25\.0`"):
        place.document.splices([ReplaceText(place.pointer, "7.25.0")])


def test_hostile_entries_are_counted(read: Read) -> None:
    text = json.dumps({"packages": {"node_modules/a b": {"version": "1"}, "node_modules/c": {"version": "1 2"}}})
    [problem] = read("package-lock.json", text).problems
    assert problem.message.startswith("2 packages could not be read (the first: expected a name and a version")
