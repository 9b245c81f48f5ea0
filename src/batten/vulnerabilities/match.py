"""Packages held against advisories: one row per package instance and flaw, every source's word kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from batten import limits
from batten.model.package import Package
from batten.model.source import Problem
from batten.model.vulnerability import Coverage, Vulnerability
from batten.vulnerabilities.db import AdvisoryRow, Database
from batten.vulnerabilities.db.ecosystems import is_few
from batten.vulnerabilities.lookups import DISTRIBUTED, Question, full_name, is_binary_alone, is_kernel, question
from batten.vulnerabilities.owners import Owners
from batten.vulnerabilities.said import Judged, judged
from batten.vulnerabilities.written import Writing

Instance = tuple[str, str, tuple[str, ...]]
"""(target, package URL, paths): what a row is about."""


class Matches(Struct):
    """What the database says of some packages."""

    rows: list[Vulnerability] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    heard: dict[Instance, tuple[Question, tuple[AdvisoryRow, ...]]] = field(default_factory=dict)
    """For packages with rows: every advisory that speaks of them, to hold other versions against."""


def match(packages: Iterable[Package], db: Database) -> Matches:
    """Every flaw of `packages` that some source speaks of. Raises `DatabaseError` on a broken file.

    A flaw is reported where at least one source holds the package for affected (or has decided not to mend it,
    or still looks at it); what other sources say of it stands beside. Packages that the distribution owns are
    left to the distribution where its sources also list what is not mended, and where they know the flaw.
    """
    found = Matches()
    questions = [question(package) for package in packages]
    rows = _rows(questions, db)
    known = _aliases(rows, db)
    judgements = _judgements(questions, rows, known)
    owners = Owners(((one.package, judgement) for one, judgement in judgements), db)
    writing = Writing()
    lost = 0
    for one, judgement in judgements:
        package = one.package
        if judgement.problem:
            message = f"{full_name(package)} {package.version} was not matched: {judgement.problem}"
            found.problems.append(Problem(package.target or ".", message, severe=False))
        start, kernel = len(writing), is_kernel(package)
        for flaw in judgement.flaws:
            if not flaw.is_open:
                continue
            left_to = owners.decides(package, flaw) if package.owner else None
            if left_to is not None and left_to.status is None:
                continue
            # what is not affected all the same (of the kernel there are thousands) leaves half of the room
            room = limits.VULNERABILITY_ROWS if left_to is None and not kernel else limits.VULNERABILITY_ROWS // 2
            if len(writing) < room:
                writing.add(one, flaw, left_to)
            else:
                lost += 1
        if len(writing) > start:
            found.heard[package.target, writing.purl(package), package.paths] = (one, judgement.rows)
    if lost:
        message = f"expected at most {limits.VULNERABILITY_ROWS:,} vulnerabilities in all, found {lost:,} more"
        found.problems.append(Problem(".", f"{message}, which are not listed; scan fewer targets at once"))
    found.rows = writing.finish(db)
    found.coverage = _coverage(questions, rows, db)
    return found


def _rows(questions: Sequence[Question], db: Database) -> dict[tuple[str, str], list[AdvisoryRow]]:
    asked: dict[str, dict[str, None]] = defaultdict(dict)
    for one in questions:
        for ecosystem in one.ecosystems:
            asked[ecosystem].update(dict.fromkeys(one.names))
    return {
        (ecosystem, name): some
        for ecosystem, names in asked.items()
        for name, some in db.advisories(ecosystem, names).items()
    }


def _aliases(rows: dict[tuple[str, str], list[AdvisoryRow]], db: Database) -> dict[str, set[str]]:
    """What else the flaws without a CVE are called by advisories that speak of other packages."""
    nameless = {
        row.id: None
        for some in rows.values()
        for row in some
        if not row.upstream and not any(name.startswith("CVE-") for name in (row.id, *row.aliases))
    }
    return db.aliases(nameless)


def _judgements(
    questions: Sequence[Question], rows: dict[tuple[str, str], list[AdvisoryRow]], known: dict[str, set[str]]
) -> list[tuple[Question, Judged]]:
    """What is said of each package. Packages of one source and version share it."""
    shared: dict[tuple[object, ...], Judged] = {}
    by_binary = {key for key, some in rows.items() if any(row.unit != "source" for row in some)}
    found = []
    for one in questions:
        keys = [(ecosystem, name) for ecosystem in one.ecosystems for name in one.names if (ecosystem, name) in rows]
        if not keys:
            continue
        package = one.package
        same = (
            *keys,
            package.type,
            one.version,
            package.source,
            package.module,
            dict(package.qualifiers).get("arch") if package.type == "rpm" else "",
            "" if by_binary.isdisjoint(keys) else package.name,
        )
        if (judgement := shared.get(same)) is None:
            heard = {id(row): row for key in keys for row in rows[key]}
            judgement = shared[same] = judged(one, tuple(heard.values()), known)
        found.append((one, judgement))
    return found


def _coverage(
    questions: Sequence[Question], rows: dict[tuple[str, str], list[AdvisoryRow]], db: Database
) -> list[Coverage]:
    """By ecosystem, those that no source speaks of with their own name.

    Most sources name source packages: of a binary package whose source is not told, they were not asked where they
    do not know its name.
    """
    counts: dict[tuple[tuple[str, ...], bool], int] = defaultdict(int)
    for one in questions:
        known = any((ecosystem, name) in rows for ecosystem in one.ecosystems for name in one.names)
        asked = known or not is_binary_alone(one.package)
        counts[one.ecosystems or (_unknown(one.package),), asked] += 1
    ordered = sorted(counts.items(), key=lambda item: (item[0][0], not item[0][1]))
    return [_covered(names, number, db, asked=asked) for (names, asked), number in ordered]


def _covered(names: tuple[str, ...], packages: int, db: Database, *, asked: bool) -> Coverage:
    """`names`: the ecosystem, and those whose advisories hold for it as well (Wolfi's for Chainguard)."""
    ecosystem = names[0]
    if not asked:
        return Coverage(ecosystem=f"{ecosystem}, named without the source package", packages=packages, sources=())
    sources = tuple(dict.fromkeys(source for name in names for source in db.sources_of(name)))
    known = sum(db.packages_of(name) for name in names) if sources else 0
    few = bool(sources) and is_few(ecosystem, known)
    return Coverage(ecosystem=ecosystem, packages=packages, sources=sources, known=known, few=few)


def _unknown(package: Package) -> str:
    if package.type not in DISTRIBUTED:
        return package.type
    distribution = package.distribution
    known = f"{distribution.id} {distribution.version}".strip() if distribution is not None else "no distribution"
    return f"{package.type} ({known})"
