"""Other scanners' reports joined with batten's own rows: one row per package instance and flaw, everybody's word kept.

Reports are of one target where they name the same manifest, else the same layers in their order, else the same
configuration; never by a tag. Packages are the same by type, name and version; a scanner that names the source
package speaks of every binary package built from it. Flaws are the same by their aliases.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cmp_to_key

from msgspec import Struct, field
from msgspec.structs import replace

from batten.model.image_content import Image
from batten.model.imported import ImportedReport, ImportedRow
from batten.model.package import Package
from batten.model.vulnerability import Score, SeverityWord, Statement, Vulnerability
from batten.versions import InvalidVersion, compare, scheme_of
from batten.vulnerabilities.aliases import Groups, shown
from batten.vulnerabilities.choose import OPEN, best_score, differences, word_of
from batten.vulnerabilities.db import Database
from batten.vulnerabilities.fingerprint import fingerprint
from batten.vulnerabilities.lookups import DISTRIBUTED, full_name, is_kernel, question
from batten.vulnerabilities.merge_targets import purl_of, targets_of
from batten.vulnerabilities.package_keys import Index
from batten.vulnerabilities.said import Judged, judged
from batten.vulnerabilities.written import KERNEL, knowledge

_URLS = 12  # links kept of one flaw


class _Heard(Struct):
    """What is said of one flaw in one package instance."""

    package: Package
    own: Vulnerability | None = None
    said: list[tuple[ImportedReport, ImportedRow]] = field(default_factory=list)


def merge(
    rows: Sequence[Vulnerability],
    packages: Iterable[Package],
    images: Mapping[str, Sequence[Image]],
    reports: Sequence[ImportedReport],
    db: Database | None = None,
) -> list[Vulnerability]:
    """`rows` of batten's own with what `reports` say, and rows for what they alone say.

    `images`: target of packages -> the images in it. `db` adds aliases and what is known of flaws that only reports
    name. batten's own word decides where there is one: its sources are known with their age.
    """
    if not reports:
        return list(rows)
    targets = targets_of(reports, images)
    index = Index(packages)
    for package in _listed(reports, targets):
        if index.same(package) is None:
            index.add(package)
    groups = _groups(rows, reports, db)
    heard: dict[tuple[str, str, tuple[str, ...], str], _Heard] = {}
    own = _own(rows, groups)
    for report, target in zip(reports, targets, strict=True):
        for row in report.rows:
            root = groups.root(row.id)
            there = index.find(target, row.package)
            if not there:
                close = index.built_together(target, row.package)
                there = _of_one_source([one for one in close if (target, purl_of(one), one.paths, root) in own])
            if not there:
                there = [replace(row.package, target=target)]
                index.add(there[0])  # for the words of the next scanner
            for package in there:
                instance = (target, purl_of(package), package.paths, root)
                if instance not in heard:
                    heard[instance] = _Heard(package, own.get(instance))
                heard[instance].said.append((report, row))
    silent = _silent(reports, targets)
    joined = {id(one.own): one for one in heard.values() if one.own is not None}
    found = [_with_said(row, joined[id(row)], silent) if id(row) in joined else row for row in rows]
    alone = {instance: one for instance, one in heard.items() if one.own is None}
    names = {root: tuple(members) for root, members in groups.members().items()}
    return found + _alone(alone, names, silent, db)


def _of_one_source(packages: list[Package]) -> list[Package]:
    """`packages`, none where they are of several sources: then nothing tells which of them is meant."""
    sources = {one.source.name if one.source is not None else one.name for one in packages}
    return packages if len(sources) == 1 else []


def _listed(reports: Sequence[ImportedReport], targets: Sequence[str]) -> list[Package]:
    """Packages that reports list, where nothing else of their target was read."""
    return [
        replace(package, target=target)
        for report, target in zip(reports, targets, strict=True)
        for package in report.packages
        if not package.target
    ]


def _groups(rows: Sequence[Vulnerability], reports: Sequence[ImportedReport], db: Database | None) -> Groups:
    groups = Groups()
    for row in rows:
        groups.join((row.id, *row.aliases))
    names: dict[str, None] = {}
    for report in reports:
        for said in report.rows:
            groups.join((said.id, *said.aliases))
            if not any(name.startswith("CVE-") for name in (said.id, *said.aliases)):
                names.setdefault(said.id)
    if db is not None and names:
        for name, others in db.aliases(names).items():
            if sum(other.startswith("CVE-") for other in others) < 2:
                groups.join((name, *sorted(others)))
    return groups


def _own(rows: Sequence[Vulnerability], groups: Groups) -> dict[tuple[str, str, tuple[str, ...], str], Vulnerability]:
    return {(row.target, row.package, row.paths, groups.root(row.id)): row for row in rows}


def _silent(reports: Sequence[ImportedReport], targets: Sequence[str]) -> dict[tuple[str, str], set[str]]:
    """(target, type of package) -> the scanners that spoke of such packages there."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for report, target in zip(reports, targets, strict=True):
        for package in (*report.packages, *(row.package for row in report.rows)):
            found[target, package.type].add(report.source)
    return found


def _statements(one: _Heard) -> tuple[Statement, ...]:
    """One for each scanner: what is open before what is not."""
    found: dict[tuple[str, str, str], Statement] = {}
    for report, row in one.said:
        statement = Statement(
            source=report.source,
            id=row.advisory or row.id,
            status=row.status,
            fixed=row.fixed,
            severity=row.severity,
            reason=row.reason,
            url=row.urls[0] if row.urls else "",
        )
        found.setdefault((report.source, row.status, row.fixed), statement)
    return tuple(found.values())


def _differ(one: _Heard, statements: Sequence[Statement], silent: dict[tuple[str, str], set[str]]) -> str:
    told = differences(statements)
    speakers = {report.source for report, _ in one.said}
    others = sorted(silent.get((one.package.target, one.package.type), set()) - speakers)
    quiet = f"not listed by {', '.join(others)}" if others else ""
    return "; ".join(text for text in (told, quiet) if text)


def _with_said(row: Vulnerability, one: _Heard, silent: dict[tuple[str, str], set[str]]) -> Vulnerability:
    """batten's own row with the others' words."""
    statements = _statements(one)
    # of its own, the word that decides stands for all: those that differ are told there already
    differing = _differ(one, (*row.statements[:1], *statements), silent)
    if row.disagreement:
        differing = "; ".join(text for text in (row.disagreement, differing) if text)
    severity, whose = row.severity, row.severity_source
    if severity == "unknown":
        severity, whose = _severity(one, row.scores)
    facts = _facts(one)
    return replace(
        row,
        aliases=_aliases(row.id, (*row.aliases, *(name for _, said in one.said for name in (said.id, *said.aliases)))),
        statements=(*row.statements, *statements),
        disagreement=differing,
        severity=severity,
        severity_source=whose,
        scores=tuple(dict.fromkeys((*row.scores, *facts.scores))),
        epss=facts.epss if row.epss is None else row.epss,
        epss_date=facts.epss_date if row.epss is None else row.epss_date,
        kev=row.kev or facts.kev,
        kev_due=row.kev_due or facts.kev_due,
        ransomware=row.ransomware or facts.ransomware,
        summary=row.summary or facts.summary,
        paths=row.paths,
    )


def _aliases(name: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted({other for other in names if other != name}))


def _facts(one: _Heard) -> ImportedRow:
    """What the scanners know of the flaw itself, the first that knows it."""
    rows = [row for _, row in one.said]
    scored = next((row for row in rows if row.epss is not None), rows[0])
    return replace(
        rows[0],
        scores=tuple(dict.fromkeys(score for row in rows for score in row.scores)),
        epss=scored.epss,
        epss_date=scored.epss_date,
        kev=any(row.kev for row in rows),
        kev_due=next((row.kev_due for row in rows if row.kev_due), ""),
        ransomware=any(row.ransomware for row in rows),
        exploit=next((row.exploit for row in rows if row.exploit), ""),
        summary=next((row.summary for row in rows if row.summary), ""),
        urls=tuple(dict.fromkeys(url for row in rows for url in row.urls))[:_URLS],
        cwes=tuple(dict.fromkeys(cwe for row in rows for cwe in row.cwes)),
        published=min((row.published for row in rows if row.published), default=""),
        modified=max((row.modified for row in rows if row.modified), default=""),
    )


def _severity(one: _Heard, scores: Sequence[Score]) -> tuple[SeverityWord, str]:
    """(word, whose): the gravest word of the scanners, else that of a score."""
    words = [(row.severity, report.source) for report, row in one.said if row.severity != "unknown"]
    if words:
        order = ("critical", "high", "medium", "low", "negligible")
        return min(words, key=lambda word: order.index(word[0]))
    best = best_score(tuple(scores) or tuple(score for _, row in one.said for score in row.scores))
    return (word_of(best.score), f"{best.source} (CVSS {best.version})") if best is not None else ("unknown", "")


def _alone(
    heard: Mapping[tuple[str, str, tuple[str, ...], str], _Heard],
    names: Mapping[str, tuple[str, ...]],
    silent: dict[tuple[str, str], set[str]],
    db: Database | None,
) -> list[Vulnerability]:
    """Rows for what reports alone say."""
    asked = dict.fromkeys(name for instance in heard for name in names[instance[3]])
    details = db.details(asked) if db is not None and asked else {}
    denied = _denied([(one.package, names[instance[3]]) for instance, one in heard.items()], db)
    found = []
    for (target, purl, paths, root), one in heard.items():
        known = knowledge(names[root], details)
        said = denied.get((id(one.package), names[root])) or _of_kernel(one, names[root])
        row = _row(one, target, purl, paths, names[root], silent, said)
        fields = {name: value for name, value in known.fields.items() if value not in (None, "", (), False)}
        if "scores" in fields:
            fields["scores"] = tuple(dict.fromkeys((*known.fields["scores"], *row.scores)))  # type: ignore[misc]
        found.append(replace(row, **fields))
    return found


def _row(
    one: _Heard,
    target: str,
    purl: str,
    paths: tuple[str, ...],
    names: tuple[str, ...],
    silent: dict[tuple[str, str], set[str]],
    denied: tuple[Statement, ...],
) -> Vulnerability:
    package, facts = one.package, _facts(one)
    statements = (*denied, *_statements(one))
    lead = denied[0] if denied else _deciding(statements, package)
    name = shown(names)
    severity, whose = _severity(one, ())
    place = package.place or one.said[0][1].place
    fixed = lead.fixed if lead.status not in ("fixed", "not_affected") else ""
    told = full_name(package)
    return Vulnerability(
        id=name,
        aliases=_aliases(name, names),
        package=purl,
        name=told,
        installed=package.version,
        target=target,
        status=lead.status,
        fixed=fixed,
        source=lead.source,
        severity=severity,
        severity_source=whose,
        scores=facts.scores,
        epss=facts.epss,
        epss_date=facts.epss_date,
        kev=facts.kev,
        kev_due=facts.kev_due,
        ransomware=facts.ransomware,
        exploit=facts.exploit,
        summary=facts.summary,
        urls=facts.urls,
        cwes=facts.cwes,
        published=facts.published,
        modified=facts.modified,
        statements=(lead, *(statement for statement in statements if statement is not lead)),
        disagreement=_differ(one, statements, silent),
        layer=package.layer,
        paths=paths,
        reach=package.reach,
        confidence=facts.confidence if len({report.source for report, _ in one.said}) == 1 else "high",
        fingerprint=fingerprint(name, package),
        instruction=package.instruction,
        from_base=package.from_base,
        location=place.location() if place is not None else None,
        remediation=f"update {told} to {fixed}" if fixed and lead.status == "affected" else "",
    )


def _denied(
    asked: Sequence[tuple[Package, tuple[str, ...]]], db: Database | None
) -> dict[tuple[int, tuple[str, ...]], tuple[Statement, ...]]:
    """What batten's own sources say where they know the flaw in the package, and hold it for mended or not there."""
    if db is None:
        return {}
    questions = {id(package): question(package) for package, _ in asked}
    wanted: dict[str, dict[str, None]] = defaultdict(dict)
    for one in questions.values():
        for ecosystem in one.ecosystems:
            wanted[ecosystem].update(dict.fromkeys(one.names))
    rows = {ecosystem: db.advisories(ecosystem, some) for ecosystem, some in wanted.items()}
    judgements: dict[int, Judged] = {}
    found = {}
    for package, names in asked:
        one = questions[id(package)]
        if (judgement := judgements.get(id(package))) is None:
            some = [row for ecosystem in one.ecosystems for name in one.names for row in rows[ecosystem].get(name, ())]
            judgement = judgements[id(package)] = judged(one, tuple({id(row): row for row in some}.values()), {})
        for flaw in judgement.flaws:
            if not flaw.is_open and not set(flaw.names).isdisjoint(names):
                found[id(package), names] = tuple(said.statement for said in flaw.said)
                break
    return found


def _of_kernel(one: _Heard, names: tuple[str, ...]) -> tuple[Statement, ...]:
    """batten's own word where the kernel of an image, or its headers, are all that a scanner holds for affected."""
    if not is_kernel(one.package) or any(report.target.machine for report, _ in one.said):
        return ()
    return (Statement(source="batten", id=shown(names), status="not_affected", fixed="", reason=KERNEL),)


def _deciding(statements: Sequence[Statement], package: Package) -> Statement:
    """Who holds it for affected decides; of several fixes the lowest of a distribution's, elsewhere the highest."""
    lead = min(statements, key=_openness)
    mended = [one for one in statements if one.status == lead.status == "affected" and one.fixed]
    scheme = scheme_of(package.type)
    if len(mended) < 2 or scheme is None:
        return mended[0] if mended else lead

    def order(left: Statement, right: Statement) -> int:
        try:
            return compare(scheme, left.fixed, right.fixed)
        except InvalidVersion:
            return 0

    return (min if package.type in DISTRIBUTED else max)(mended, key=cmp_to_key(order))


def _openness(one: Statement) -> int:
    return OPEN.index(one.status) if one.status in OPEN else len(OPEN)
