"""Flaws of packages as the rows of a report."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from batten.model.package import Package
from batten.model.source import Location
from batten.model.vulnerability import Score, SeverityWord, Statement, Status, Vulnerability
from batten.vulnerabilities.aliases import shown
from batten.vulnerabilities.choose import Said, severity_of
from batten.vulnerabilities.db import Database, Details
from batten.vulnerabilities.fingerprint import fingerprint_of, identity
from batten.vulnerabilities.lookups import DISTRIBUTED, Question, full_name, is_foreign, is_kernel
from batten.vulnerabilities.owners import LeftTo
from batten.vulnerabilities.said import Flaw

KERNEL = "vulnerable_code_not_present: a container runs on the kernel of its host"
_PROGRAM = "known by the version in the program itself; judged by what is said of the same program elsewhere"
_URLS = 12  # links kept of one flaw
_RECORDS = ("cve", "nvd", "anchore")  # whose words are of the flaw itself, whatever the product

Confidence = Literal["high", "medium", "low"]


class _Waiting(Struct):
    """A row before what is known of the flaw itself is added."""

    question: Question
    flaw: Flaw
    left_to: LeftTo | None


class Known(Struct):
    """Of a flaw, whatever package it is in."""

    id: str
    aliases: tuple[str, ...]
    details: tuple[Details, ...]
    fields: dict[str, object]


class _Facts(Struct):
    """Of a package, whatever flaw it has."""

    purl: str
    name: str
    location: Location | None
    identity: str
    kernel: bool
    doubt: str
    """Why what sources say of the package may not hold for it."""
    distributed: bool


class Writing:
    """Collects flaws and writes them as rows."""

    def __init__(self) -> None:
        self._waiting: list[_Waiting] = []
        self._packages: dict[int, _Facts] = {}
        self._known: dict[tuple[str, ...], Known] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, question: Question, flaw: Flaw, left_to: LeftTo | None) -> None:
        self._waiting.append(_Waiting(question, flaw, left_to))

    def purl(self, package: Package) -> str:
        """`package.purl`, worked out once."""
        return self._facts(package).purl

    def finish(self, db: Database) -> list[Vulnerability]:
        """The rows, in the order in which they were added, with what the database knows of each flaw."""
        names = dict.fromkeys(name for one in self._waiting for name in one.flaw.names)
        details = db.details(names)
        for one in self._waiting:
            if one.flaw.names not in self._known:
                self._known[one.flaw.names] = knowledge(one.flaw.names, details)
        return [self._row(one) for one in self._waiting]

    def _facts(self, package: Package) -> _Facts:
        found = self._packages.get(id(package))
        if found is None:
            found = self._packages[id(package)] = _Facts(
                purl=package.purl,
                name=full_name(package),
                location=package.place.location() if package.place is not None else None,
                identity=identity(package),
                kernel=is_kernel(package),
                doubt=_doubt(package),
                distributed=package.type in DISTRIBUTED,
            )
        return found

    def _row(self, one: _Waiting) -> Vulnerability:
        package, flaw = one.question.package, one.flaw
        known, facts = self._known[flaw.names], self._facts(package)
        deciding = flaw.deciding.statement
        status, source, reason = _status(one, facts)
        statements = tuple([said.statement for said in flaw.said])
        severity, severity_source = _severity(flaw, known.details, distributed=facts.distributed)
        if reason:
            by = one.left_to.source if one.left_to is not None else "batten"
            statements = (Statement(source=by, id=deciding.id, status=status, fixed="", reason=reason), *statements)
        fixed = deciding.fixed if status not in ("fixed", "not_affected") else ""
        return Vulnerability(
            id=known.id,
            aliases=known.aliases,
            package=facts.purl,
            name=facts.name,
            installed=package.version,
            target=package.target,
            status=status,
            fixed=fixed,
            source=source,
            severity=severity,
            severity_source=severity_source,
            statements=statements,
            disagreement=flaw.disagreement,
            layer=package.layer,
            paths=package.paths,
            reach=package.reach,
            confidence=_confidence(package.confidence, flaw, doubt=bool(facts.doubt)),
            fingerprint=fingerprint_of(known.id, facts.identity),
            instruction=package.instruction,
            from_base=package.from_base,
            location=facts.location,
            remediation=f"update {facts.name} to {fixed}" if fixed and status == "affected" else "",
            **{**known.fields, "summary": _title(flaw, known.details, facts)},  # type: ignore[arg-type]
        )


def _title(flaw: Flaw, known: Sequence[Details], facts: _Facts) -> str:
    """In the words of who speaks of this very package, else of the CVE's record; a distribution's words, which tell
    of a package rather than of the flaw, come after those."""
    own = ""
    for source in dict.fromkeys(said.statement.source for said in flaw.said):
        texts = [one.text for detail in known for one in detail.titles if one.source == source]
        # a distribution may have several notices on one flaw, each on a package of its own
        only = texts[0] if len(texts) == 1 or (texts and not facts.distributed) else ""
        if own := next((text for text in texts if facts.name in text), only):
            break
    general = record_title(known)
    return general or own if facts.distributed else own or general


def record_title(known: Sequence[Details]) -> str:
    """What the record of a CVE says of it; "" where none was read."""
    texts = {one.source: one.text for detail in reversed(known) for one in reversed(detail.titles)}
    return next((texts[source] for source in _RECORDS if source in texts), "")


def _status(one: _Waiting, facts: _Facts) -> tuple[Status, str, str]:
    """(status, whose word, why where it is not the deciding statement's own)."""
    deciding = one.flaw.deciding.statement
    if one.left_to is not None and one.left_to.status is not None:
        return one.left_to.status, one.left_to.source, one.left_to.reason
    if facts.kernel:
        return "not_affected", "batten", KERNEL
    return deciding.status, deciding.source, facts.doubt


def _doubt(package: Package) -> str:
    if is_foreign(package):
        return f"packaged by {package.vendor or 'another vendor'}, judged by what the distribution says of its own"
    if package.type == "generic":
        return _PROGRAM
    if package.owner and package.type not in DISTRIBUTED:
        owner = package.owner.partition("?")[0]
        return f"its files are those of {owner}, whose sources list mended flaws alone and do not know this one"
    return ""


def _confidence(own: Confidence, flaw: Flaw, *, doubt: bool) -> Confidence:
    """That of the package; lower where sources differ, ranges cannot be read or there is other doubt."""
    if flaw.deciding.unreadable:
        return "low"
    if doubt or _doubted(flaw.said):
        return "low" if own == "low" else "medium"
    return own


def _doubted(said: Sequence[Said]) -> bool:
    return any(one.statement.status in ("fixed", "not_affected") for one in said)


def _severity(flaw: Flaw, known: Sequence[Details], *, distributed: bool) -> tuple[SeverityWord, str]:
    statements = [one.statement for one in flaw.said]
    found = severity_of(statements if distributed else (), known)
    return found if found[0] != "unknown" else severity_of(statements, ())


def knowledge(names: tuple[str, ...], details: dict[str, Details]) -> Known:
    """Scores, weaknesses, dates and what is known of attacks, from all identifiers of the flaw."""
    name = shown(names)
    others = tuple(other for other in names if other != name)
    known = tuple(details[one] for one in (name, *others) if one in details)
    kev = next((one.kev for one in known if one.kev is not None), None)
    epss = next((one.epss for one in known if one.epss is not None), None)
    ssvc = next((one.ssvc for one in known if one.ssvc is not None), None)
    exploits = any(one.exploits for one in known)
    scores: tuple[Score, ...] = tuple(dict.fromkeys(score for one in known for score in one.scores))
    path = []
    if ssvc is not None:
        path = [f"automatable={ssvc.automatable}"] if ssvc.automatable in ("yes", "no") else []
        path += [f"technical_impact={ssvc.technical_impact}"] if ssvc.technical_impact in ("partial", "total") else []
    exploit = "active" if kev is not None else ssvc.exploitation if ssvc is not None else ""
    fields: dict[str, object] = {
        "scores": scores,
        "cwes": tuple(dict.fromkeys(cwe for one in known for cwe in one.cwes)),
        "urls": tuple(dict.fromkeys(url for one in known for url in one.urls))[:_URLS],
        "summary": record_title(known),
        "published": min((one.published for one in known if one.published), default=""),
        "modified": max((one.modified for one in known if one.modified), default=""),
        "kev": kev is not None,
        "kev_due": kev.due if kev is not None else "",
        "ransomware": kev is not None and kev.ransomware,
        "epss": epss.score if epss is not None else None,
        "epss_date": epss.date if epss is not None else "",
        "exploit": "poc" if exploits and exploit in ("", "none") else exploit,
        "ssvc_path": tuple(path),
    }
    return Known(name, others, known, fields)


def with_status(row: Vulnerability, statement: Statement) -> Vulnerability:
    """The row with a further statement that decides."""
    return replace(
        row,
        status=statement.status,
        source=statement.source,
        fixed=statement.fixed or (row.fixed if statement.status == "affected" else ""),
        remediation=row.remediation if statement.status == "affected" else "",
        statements=(statement, *row.statements),
    )
