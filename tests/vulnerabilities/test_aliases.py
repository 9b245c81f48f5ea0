"""Grouping of identifiers: against sets that are merged until nothing changes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from batten.vulnerabilities.aliases import Groups, shown

_NAMES = st.sampled_from([f"CVE-2024-{number}" for number in range(6)] + [f"GHSA-{letter}" for letter in "abcdef"])


def slow_groups(told: list[list[str]]) -> set[frozenset[str]]:
    """Sets that share a member become one, until no two do."""
    groups = [set(names) for names in told]
    changed = True
    while changed:
        changed = False
        for left in range(len(groups)):
            for right in range(left + 1, len(groups)):
                if groups[left] & groups[right]:
                    groups[left] |= groups.pop(right)
                    changed = True
                    break
            if changed:
                break
    return {frozenset(group) for group in groups}


@given(st.lists(st.lists(_NAMES, min_size=1, max_size=4), max_size=10))
def test_agrees_with_merging_sets(told: list[list[str]]) -> None:
    groups = Groups()
    for names in told:
        groups.join(names)
    assert {frozenset(group) for group in groups.members().values()} == slow_groups(told)
    for root, group in groups.members().items():
        assert {groups.root(name) for name in group} == {root}


def test_a_flaw_is_known_by_its_oldest_cve() -> None:
    assert shown(["GHSA-xyz", "CVE-2024-9999", "CVE-2024-10000", "CVE-2023-4"]) == "CVE-2023-4"
    assert shown(["CVE-2024-10000", "CVE-2024-9999"]) == "CVE-2024-9999"
    assert shown(["PYSEC-2024-1", "GHSA-b", "GHSA-a"]) == "GHSA-a"
    assert shown(["RUSTSEC-2024-1", "OSV-1"]) == "OSV-1"
