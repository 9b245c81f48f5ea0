"""Whether a version is affected, written down from "Evaluation" of the OSV schema, one event after another.

https://ossf.github.io/osv-schema/#evaluation. Versions are compared by the slow comparators of tests/versions.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cmp_to_key
from typing import Any

Compare = Callable[[str, str], int | None]
Event = tuple[str, str]


def is_affected(version: str, events: Sequence[Event], listed: Sequence[str], compare: Compare) -> bool:
    return version in listed or _in_range(version, events, compare)


def _in_range(version: str, events: Sequence[Event], compare: Compare) -> bool:
    vulnerable = False
    for kind, bound in sorted(events, key=cmp_to_key(lambda left, right: _order(left[1], right[1], compare))):
        side = _order(version, bound, compare)
        if kind == "introduced" and side >= 0:
            vulnerable = True
        elif (kind == "fixed" and side >= 0) or (kind == "last_affected" and side > 0):
            vulnerable = False
    return vulnerable


def _order(left: str, right: str, compare: Compare) -> int:
    """ "0" as a bound is before every version."""
    if left == right:
        return 0
    if left == "0" or right == "0":
        return -1 if left == "0" else 1
    found = compare(left, right)
    assert found is not None
    return found


def is_vulnerable(record: Mapping[str, Any], ecosystem: str, name: str, version: str, compare: Compare) -> bool:
    """`IsVulnerable` of the schema, for a record as decoded: any entry on the package that lists the version or has
    a range that holds it. Ranges of type GIT are about commits."""
    for affected in record.get("affected") or ():
        package = affected.get("package") or {}
        if (package.get("ecosystem"), package.get("name")) != (ecosystem, name):
            continue
        if version in (affected.get("versions") or ()):
            return True
        for one in affected.get("ranges") or ():
            if one["type"] == "GIT":
                continue
            if _in_range(version, [event for each in one["events"] for event in each.items()], compare):
                return True
    return False
