"""Packages held against advisories: one row per package instance and flaw, every source's word kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from msgspec import Struct, field

from batten.model.package import Package
from batten.model.source import Problem
from batten.model.vulnerability import Coverage, Statement, Vulnerability
from batten.versions import InvalidVersion
from batten.vulnerabilities.aliases import Groups, shown
from batten.vulnerabilities.choose import chosen, disagreement, severity_of
from batten.vulnerabilities.db import AdvisoryRow, Database, Details
from batten.vulnerabilities.lookups import Question, full_name, is_foreign, is_kernel, question, version_for
from batten.vulnerabilities.ranges import standing

_SHOWN = 5  # packages named in one problem
_KERNEL = "a container runs on the kernel of its host: vulnerable_code_not_present"


class Matches(Struct):
    """What the database says of some packages."""

    rows: list[Vulnerability] = field(default_factory=list)
    coverage: list[Coverage] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class _Said(Struct):
    """One source's word on one flaw of one package."""

    row: AdvisoryRow
    statement: Statement


def match(packages: Iterable[Package], db: Database) -> Matches:
    """Every flaw of `packages` that some source speaks of. Raises `DatabaseError` on a broken file.

    A flaw is reported where at least one source holds the package for affected (or has decided not to mend it,
    or still looks at it); what other sources say of it stands beside. Packages that the distribution owns are
    left to the distribution where its sources also list what is not mended.
    """
    found = Matches()
    questions = [question(package) for package in packages]
    rows = _rows(questions, db)
    comprehensive = {ecosystem for (ecosystem, _), some in rows.items() if any(row.comprehensive for row in some)}
    for one in questions:
        if one.package.owner and _is_left_to_owner(one.package, comprehensive):
            continue
        found.rows += _of_package(one, rows, found.problems)
    details = db.details(dict.fromkeys(name for row in found.rows for name in (row.id, *row.aliases)))
    found.rows = [_detailed(row, details) for row in found.rows]
    found.coverage = _coverage(questions, db)
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


def _is_left_to_owner(package: Package, comprehensive: set[str]) -> bool:
    from batten.vulnerabilities.db.ecosystems import of_distribution

    return package.distribution is not None and bool(comprehensive.intersection(of_distribution(package.distribution)))


def _of_package(
    one: Question, rows: dict[tuple[str, str], list[AdvisoryRow]], problems: list[Problem]
) -> list[Vulnerability]:
    package = one.package
    said: list[_Said] = []
    seen: set[int] = set()
    for ecosystem in one.ecosystems:
        for name in one.names:
            for row in rows.get((ecosystem, name), ()):
                if id(row) in seen:
                    continue
                seen.add(id(row))
                try:
                    statement = _statement(one, row)
                except InvalidVersion as error:
                    message = f"{full_name(package)} {package.version} was not matched: {error}"
                    problems.append(Problem(package.target or ".", message, severe=False))
                    return []
                if statement is not None:
                    said.append(_Said(row, statement))
    found = [_row(package, names, some) for names, some in _flaws(said)]
    return [flaw for flaw in found if flaw is not None]


def _statement(one: Question, row: AdvisoryRow) -> Statement | None:
    version = version_for(one.package, row)
    if version is None:
        return None
    stands = standing(one.scheme, version, row)
    if stands is None:
        return None
    return Statement(
        source=row.source,
        id=row.id,
        status=stands.status,
        fixed=stands.fixed,
        severity=row.severity,
        reason=row.reason or ("its ranges are no versions" if stands.unreadable and not stands.fixed else ""),
    )


def _flaws(said: Sequence[_Said]) -> list[tuple[list[str], list[_Said]]]:
    """The statements by flaw: (identifiers, what is said). One that mends several flaws speaks of each."""
    groups = Groups()
    for one in said:
        if not one.row.upstream:
            groups.join((one.row.id, *one.row.aliases))
    flaws: dict[str, list[_Said]] = defaultdict(list)
    for one in said:
        for name in one.row.upstream or (one.row.id,):
            flaws[groups.root(name)].append(one)
    members = groups.members()
    return [(members[root], some) for root, some in flaws.items()]


def _row(package: Package, names: list[str], said: list[_Said]) -> Vulnerability | None:
    """The row of one flaw, None where nobody holds the package for affected."""
    deciding, ordered = chosen([(one.row, one.statement) for one in said])
    statements = tuple(statement for _, statement in ordered)
    status, fixed, reason = deciding.status, deciding.fixed, ""
    if status in ("fixed", "not_affected"):
        return None
    confidence = package.confidence
    if is_kernel(package):
        status, reason = "not_affected", _KERNEL
    elif is_foreign(package):
        confidence = "low" if confidence == "low" else "medium"
        reason = f"packaged by {package.vendor}, judged by what the distribution says of its own"
    if reason:
        statements = (
            Statement(source="batten", id=deciding.id, status=status, fixed=fixed, reason=reason),
            *statements,
        )
    name = shown(names)
    severity, source = severity_of([statement for _, statement in ordered], None)
    return Vulnerability(
        id=name,
        aliases=tuple(other for other in names if other != name),
        package=package.purl,
        name=full_name(package),
        installed=package.version,
        target=package.target,
        status=status,
        fixed=fixed,
        source=deciding.source,
        severity=severity,
        severity_source=source,
        statements=statements,
        disagreement=disagreement(ordered),
        layer=package.layer,
        paths=package.paths,
        instruction=package.instruction,
        from_base=package.from_base,
        confidence=confidence,
        location=package.place.location() if package.place is not None else None,
        remediation=f"update {full_name(package)} to {fixed}" if fixed and status == "affected" else "",
    )


def _detailed(row: Vulnerability, details: dict[str, Details]) -> Vulnerability:
    """With scores, weaknesses, dates and what is known of attacks, from all identifiers of the flaw."""
    from msgspec.structs import replace

    known = [details[name] for name in (row.id, *row.aliases) if name in details]
    if not known:
        return row
    severity, source = severity_of(row.statements, known)
    kev = next((one.kev for one in known if one.kev is not None), None)
    epss = next((one.epss for one in known if one.epss is not None), None)
    ssvc = next((one.ssvc for one in known if one.ssvc is not None), None)
    return replace(
        row,
        severity=severity,
        severity_source=source,
        scores=tuple(dict.fromkeys(score for one in known for score in one.scores)),
        cwes=tuple(dict.fromkeys(cwe for one in known for cwe in one.cwes)),
        urls=tuple(dict.fromkeys(url for one in known for url in one.urls))[:_URLS],
        summary=next((one.summary for one in known if one.summary), ""),
        published=min((one.published for one in known if one.published), default=""),
        modified=max((one.modified for one in known if one.modified), default=""),
        kev=kev is not None,
        kev_due=kev.due if kev is not None else "",
        ransomware=kev is not None and kev.ransomware,
        epss=epss.score if epss is not None else None,
        epss_date=epss.date if epss is not None else "",
        exploit="active" if kev is not None else ssvc.exploitation if ssvc is not None else "",
    )


_URLS = 12  # links kept of one flaw


def _coverage(questions: Sequence[Question], db: Database) -> list[Coverage]:
    """By ecosystem, those that no source speaks of with their own name."""
    counts: dict[str, int] = defaultdict(int)
    for one in questions:
        distribution = one.package.distribution
        other = f"{distribution.id} {distribution.version}".strip() if distribution is not None else "no distribution"
        names = one.ecosystems or (
            (f"{one.package.type} ({other})",) if one.package.type in ("deb", "rpm", "apk") else (one.package.type,)
        )
        counts[names[0]] += 1
    return [
        Coverage(ecosystem=name, packages=number, sources=tuple(db.sources_of(name)))
        for name, number in sorted(counts.items())
    ]
