"""Entries: one root cause is shown once, however many checks speak of it."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.model.report import Finding

_TITLES: Final = {"hardening": "Hardening is missing"}


class Entry(Struct, frozen=True, eq=False):
    """One finding, or several of one group on one resource with one status; the most urgent is first."""

    findings: tuple[Finding, ...]

    @property
    def lead(self) -> Finding:
        return self.findings[0]

    @property
    def merged(self) -> bool:
        return len(self.findings) > 1

    @property
    def title(self) -> str:
        """The check's title, or what the group's checks have in common."""
        return group_title(self.lead.group) if self.merged else self.lead.title

    @property
    def checks(self) -> list[str]:
        """The identifiers of the checks, each once, in the order of the findings."""
        return list(dict.fromkeys(finding.check for finding in self.findings))


def group_title(group: str) -> str:
    """`hardening` -> `Hardening is missing`; a group without words of its own is called by its name."""
    words = group.replace("-", " ")
    return _TITLES.get(group) or words[:1].upper() + words[1:]


def entries(findings: list[Finding]) -> list[Entry]:
    """Findings of one resource in one file (already sorted) as entries, each at the place of its first."""
    grouped: dict[tuple[str, str] | int, list[Finding]] = {}
    for index, finding in enumerate(findings):
        key = (finding.group, finding.status) if finding.group else index
        grouped.setdefault(key, []).append(finding)
    return [Entry(tuple(members)) for members in grouped.values()]
