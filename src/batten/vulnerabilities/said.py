"""What all sources say of one package, flaw by flaw."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from msgspec import Struct

from batten.model.vulnerability import Statement
from batten.versions import InvalidVersion
from batten.vulnerabilities.aliases import Groups
from batten.vulnerabilities.choose import OPEN, Said, chosen, disagreement
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.lookups import DISTRIBUTED, Question, in_unknown_stream, version_for
from batten.vulnerabilities.ranges import standing

_UNREADABLE = "its ranges are no versions"
_NO_STREAM = "it is of a module by its release, but of which stream is not known: the label is missing"


class Flaw(Struct, frozen=True):
    """One flaw of one package: whose word decides, and everybody's."""

    names: tuple[str, ...]
    """Every identifier, sorted."""
    deciding: Said
    said: tuple[Said, ...]
    """The deciding one first."""
    disagreement: str

    @property
    def is_open(self) -> bool:
        return self.deciding.statement.status in OPEN


class Judged(Struct, frozen=True):
    """What is said of a package."""

    flaws: tuple[Flaw, ...]
    rows: tuple[AdvisoryRow, ...]
    """The advisories that speak of it, whatever they say."""
    problem: str = ""
    """Why (some) advisories could not be held against it."""


def judged(one: Question, rows: Sequence[AdvisoryRow], known: Mapping[str, set[str]]) -> Judged:
    """The flaws that `rows` speak of. `known`: further identifiers of flaws.

    A version that is none of its scheme is held against what lists it letter by letter alone.
    """
    said: list[Said] = []
    asked = [(row, version) for row in rows if (version := version_for(one, row)) is not None]
    heard = [row for row, _ in asked]
    problem, some_open = _NO_STREAM if rows and in_unknown_stream(one.package) else "", False
    named = {(row.source, row.id) for row in heard if row.unit == "binary"} if one.package.type == "rpm" else set()
    for row, version in asked:
        if row.unit == "source" and (row.source, row.id) in named:
            continue  # what an advisory says of the binary package itself goes before what it says of its source
        try:
            found = _said(one.scheme, version, row)
        except InvalidVersion as error:
            problem = problem or str(error)
            continue
        if found is not None:
            said.append(found)
            some_open = some_open or found.statement.status in OPEN
    distributed = one.package.type in DISTRIBUTED
    if not some_open and not distributed:
        return Judged((), tuple(heard), problem)  # of the distribution's, owned packages ask what is mended
    flaws = []
    for names, some in _flaws(said if distributed else _by_record(said), known):
        lead, ordered = chosen(some, one.scheme, distributed=distributed)
        flaws.append(Flaw(names, lead, tuple(ordered), disagreement(ordered)))
    return Judged(tuple(flaws), tuple(heard), problem)


def _said(scheme: str, version: str, row: AdvisoryRow) -> Said | None:
    stands = standing(scheme, version, row)
    if stands is None:
        return None
    statement = Statement(
        source=row.source,
        id=row.id,
        status=stands.status,
        fixed=stands.fixed,
        severity=row.severity,
        reason=row.reason or (_UNREADABLE if stands.unreadable and not stands.fixed else ""),
    )
    return Said(row, statement, bool(stands.unreadable))


def _by_record(said: Sequence[Said]) -> list[Said]:
    """An OSV record may list a package several times, a line of releases each: the version is affected where any
    of them says so (specification, "Evaluation"), and what the others say is of other lines."""
    records: dict[tuple[str, str], list[Said]] = defaultdict(list)
    for one in said:
        records[one.statement.source, one.statement.id].append(one)
    kept = []
    for some in records.values():
        holding = [one for one in some if one.statement.status in OPEN]
        kept += holding or some[:1]
    return kept


def _flaws(said: Sequence[Said], known: Mapping[str, set[str]]) -> list[tuple[tuple[str, ...], list[Said]]]:
    """The statements by flaw: (identifiers, what is said). One that mends several flaws speaks of each."""
    groups = Groups()
    for one in said:
        row = one.row
        if not row.upstream:
            if row.aliases or row.id in known:
                groups.join((row.id, *row.aliases, *known.get(row.id, ())))
            else:
                groups.root(row.id)
    flaws: dict[str, list[Said]] = defaultdict(list)
    for one in said:
        for root in dict.fromkeys(groups.root(name) for name in _about(one.row)):
            flaws[root].append(one)
    members = groups.members()
    return [(tuple(members[root]), some) for root, some in flaws.items()]


def _about(row: AdvisoryRow) -> tuple[str, ...]:
    """The flaws that a row speaks of. Where it names several CVEs, its other names are theirs."""
    cves = tuple(name for name in row.upstream if name.startswith("CVE-"))
    return cves or row.upstream or (row.id,)
