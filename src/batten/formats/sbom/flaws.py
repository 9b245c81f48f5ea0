"""Flaws in CycloneDX documents (https://cyclonedx.org/docs/1.6/json/#vulnerabilities)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from batten import limits
from batten.formats.part import Part
from batten.formats.sbom.document import Collected
from batten.formats.sbom.packages import DISTRIBUTED, few, package_of, short
from batten.formats.scanners.common import (
    distribution,
    first_fix,
    identifiers,
    package,
    score_of,
    severity_word,
    type_of,
)
from batten.model.imported import ImportedRow
from batten.model.package import Package
from batten.model.source import Document, Place
from batten.model.vulnerability import Score, SeverityWord, Status
from batten.pattern import pattern

_STATES: Final[dict[str, Status]] = {
    "resolved": "fixed",
    "resolved_with_pedigree": "fixed",
    "exploitable": "affected",
    "in_triage": "under_investigation",
    "false_positive": "not_affected",
    "not_affected": "not_affected",
}
_ADVICE: Final = pattern(
    r"(?:upgrade|update)\b[^;\n]{0,200}?\bto (?:versions?:? )?(v?\d[\w.+~:-]*(?:, v?\d[\w.+~:-]*){0,20})",
    re.IGNORECASE,
)
_WORST: Final[tuple[SeverityWord, ...]] = ("critical", "high", "medium", "low", "negligible")


def cyclonedx(root: Part, document: Document, found: Collected) -> None:
    """Every flaw of every component that it affects."""
    serial = root.text("serialNumber").removeprefix("urn:uuid:").lower()
    for part in root.parts("vulnerabilities"):
        name = part.text("id")
        if not name:
            continue
        scores, severity, epss = _ratings(part)
        analysis = part.part("analysis")
        aliases = [reference.text("id") for reference in part.parts("references")]
        references = [one.text("url") for one in part.parts("advisories")]
        advised = _advised(part.text("recommendation"))
        targets = part.parts("affects")
        if not targets:
            found.pass_over_flaw(name, "")
        for affected in targets:
            reference = affected.text("ref")
            flawed = found.packages.get(_own(reference, serial)) or _linked(reference, document, affected)
            if flawed is None and (bare := found.bare.get(_own(reference, serial))) is not None:
                flawed = _named(*bare, part, document)
            if flawed is None:
                found.pass_over_flaw(name, reference)
                continue
            found.flaw(
                ImportedRow(
                    package=flawed,
                    id=short(name),
                    aliases=identifiers(name, aliases),
                    status=_status(analysis),
                    fixed=_fixed(affected) or first_fix(flawed, advised),
                    severity=severity,
                    scores=scores,
                    epss=epss,
                    reason=short(analysis.text("justification") or analysis.text("detail")),
                    origin=short(part.part("source").text("name").lower()),
                    summary=short(part.text("description")),
                    urls=few((part.part("source").text("url"), *references)),
                    cwes=tuple(f"CWE-{number}" for number in part.texts("cwes")[:20] if number.isdigit()),
                    published=short(part.text("published")),
                    modified=short(part.text("updated")),
                    place=Place(document, part.at("id")),
                )
            )


def _status(analysis: Part) -> Status:
    """What will not be mended is affected in CycloneDX, and says so in its response alone."""
    status = _STATES.get(analysis.text("state"), "affected")
    return "will_not_fix" if status == "affected" and unmended(analysis.texts("response")) else status


def unmended(responses: Sequence[str]) -> bool:
    """Whether the responses of an analysis leave the flaw where it is; with `update` another version mends it."""
    return bool({"will_not_fix", "can_not_fix"}.intersection(responses)) and "update" not in responses


def _own(reference: str, serial: str) -> str:
    """A BOM-Link to the document itself is a reference of it (https://cyclonedx.org/capabilities/bomlink/)."""
    link, mark, inner = reference.partition("#")
    if serial and mark and link.lower().startswith(f"urn:cdx:{serial}/"):
        from urllib.parse import unquote

        return unquote(inner)
    return reference


def _linked(reference: str, document: Document, affected: Part) -> Package | None:
    """A BOM-Link or a package URL instead of a reference of this document."""
    from urllib.parse import unquote

    purl = reference.rpartition("#")[2] if reference.startswith("urn:cdx:") else reference
    place = Place(document, affected.at("ref"))
    return package_of(unquote(purl) if purl.lower().startswith("pkg%3a") else purl, place=place)


def _named(name: str, version: str, flaw: Part, document: Document) -> Package | None:
    """A component without a package URL: the source of its flaw may tell what kind of package it is
    (`github:language:python`, `debian:distro:debian:10` of Grype)."""
    words = flaw.part("source").text("name").split(":")[:10]
    at = next((n for n in range(len(words) - 1, 0, -1) if type_of(words[n])), 0)
    kind = words[at] if at else ""
    system = distribution(kind, "".join(words[at + 1 : at + 2])) if type_of(kind) in DISTRIBUTED else None
    return package(kind, name, version, system=system, place=Place(document, flaw.at("id")))


def _ratings(part: Part) -> tuple[tuple[Score, ...], SeverityWord, float | None]:
    scores: dict[Score, None] = {}
    words: set[SeverityWord] = set()
    epss = None
    for rating in part.parts("ratings")[:40]:
        source = short(rating.part("source").text("name").lower()) or "cyclonedx"
        method, value = rating.text("method"), rating.get("score")
        if method == "other" and "first" in source and isinstance(value, int | float) and 0 <= value <= 1:
            epss = float(value)
            continue
        vector = rating.text("vector")
        if method.startswith("CVSSv3") and vector.startswith("AV:"):  # without its prefix
            vector = f"CVSS:{'3.1' if method == 'CVSSv31' else '3.0'}/{vector}"
        if (one := score_of(source, vector, value)) is not None:
            scores.setdefault(one)
        words.add(severity_word(rating.text("severity")))
    severity: SeverityWord = next((word for word in _WORST if word in words), "unknown")
    return tuple(scores), severity, epss


def _fixed(affected: Part) -> str:
    """The first version that is told to be unaffected."""
    for one in affected.parts("versions"):
        if one.text("status") == "unaffected" and one.text("version"):
            return short(one.text("version"))
    return ""


def _advised(recommendation: str) -> list[str]:
    """`Upgrade flask to version 2.3.2, 2.2.5` (Trivy, which names the versions nowhere else)."""
    found = _ADVICE.match(recommendation[: limits.PACKAGE_FIELD].strip())
    return found[1].rstrip(".").split(", ") if found is not None else []
