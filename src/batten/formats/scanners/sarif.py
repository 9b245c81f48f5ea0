"""SARIF 2.1.0 of scanners of packages: Docker Scout, Trivy, Grype and others that name the package in properties or
as lines of `Name: value` (https://docs.oasis-open.org/sarif/sarif/v2.1.0/)."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.model.imported import ImportedTarget
from batten.model.package import Package
from batten.model.source import Document
from batten.model.vulnerability import SeverityWord
from batten.pattern import pattern

SOURCE: Final = "sarif"
_OURS: Final = "batten"
_TEXT: Final = 16_384  # characters of a message that are looked at
_FLAW: Final = pattern(
    r"(?:CVE-[0-9]{4}-[0-9]{4,19}|GHSA(?:-[0-9a-z]{4}){3}|GO-[0-9]{4}-[0-9]+|RUSTSEC-[0-9-]+|PYSEC-[0-9-]+"
    r"|SNYK-[A-Z0-9-]+|GMS-[0-9]{4}-[0-9]+|MAL-[0-9]{4}-[0-9]+|(?:RHSA|ELSA|ALSA|DSA|DLA|USN|ALAS[0-9]*)-[0-9:-]+)"
)
_SEVERE: Final = pattern(r"\[[A-Z]+\] ")
"""What Trivy's old template wrote before the name of a flaw."""
_LINE: Final = pattern(r"(?m)^[ \t*]*([A-Za-z][A-Za-z ]{1,30}?)[ \t]*\**:[ \t*]*(\S[^\n]*)$")
_VECTORS: Final = ("cvssV3_vector", "cvssV3", "cvssv3_vector", "cvssv2_vector", "cvssv40_vector")
_NO_FIX: Final = ("not fixed", "none", "no fix", "")


def wants(root: Part) -> bool:
    return any(_packages_of(run) for run in root.parts("runs")[:20])


def _packages_of(run: Part) -> bool:
    """Whether some rule or result of the run is about a flaw in a package."""
    if run.part("tool").part("driver").text("name").lower() == _OURS:
        return False
    for rule in run.part("tool").part("driver").parts("rules")[:2000]:
        if _is_flaw(rule.text("id")):
            return True
    return any(_is_flaw(result.text("ruleId")) for result in run.parts("results")[:2000])


def _is_flaw(name: str) -> bool:
    prefix = _SEVERE.match(name)
    return _FLAW.match(name[prefix.end() :] if prefix else name) is not None


def read(root: Part, document: Document, path: str) -> Imports:
    """Results whose rule is a flaw, with the package that the rule or the message names."""
    runs = [run for run in root.parts("runs") if _packages_of(run)]
    drivers = [run.part("tool").part("driver") for run in runs]
    name = drivers[0].text("name") if drivers else SOURCE
    found = Imports(short(name.lower()) or SOURCE, document, path, drivers[0].text("version") if drivers else "")
    for run, driver in zip(runs, drivers, strict=True):
        target = _target(run)
        found.target(target)
        rules = driver.parts("rules")
        by_name = {rule.text("id"): rule for rule in rules}
        for result in run.parts("results"):
            index = result.get("ruleIndex")
            rule = by_name.get(result.text("ruleId"))
            if rule is None and isinstance(index, int) and 0 <= index < len(rules):
                rule = rules[index]
            _flaw(result, rule or Part({}), target, found)
    return found


def _target(run: Part) -> ImportedTarget:
    told = run.part("properties")
    tags = told.texts("repoTags")
    return ImportedTarget(
        name=short(told.text("imageName") or (tags[0] if tags else "")),
        repository_digests=few(told.texts("repoDigests")),
        image_id=short(told.text("imageID")),
    )


def _lines(text: str) -> dict[str, str]:
    """`Installed Version: 1.2` -> {"installed version": "1.2"}."""
    return {match[1].strip().lower(): match[2].strip() for match in _LINE.finditer(text[:_TEXT])}


def _flaw(result: Part, rule: Part, target: ImportedTarget, found: Imports) -> None:
    message = result.part("message").text("text")
    told = _lines(rule.part("help").text("text")) | _lines(message)
    facts = rule.part("properties")
    names = _FLAW.findall(f"{result.text('ruleId') or rule.text('id')} {told.get('vulnerability', '')}")
    if not names:
        found.other("results on settings, secrets or code")
        return
    named = told.get("package", "").split(" ")[0]
    # a rule has the packages and the fix of one of its results
    purls = [named] if named.startswith("pkg:") else [*facts.texts("purls"), *filter(None, (facts.text("purl"),))]
    fixed = told.get("fixed version") or told.get("fix version") or facts.text("fixed_version")
    packages = [one for purl in dict.fromkeys(purls) if (one := common.package("", "", "", purl=purl)) is not None]
    sure = bool(packages)
    if not packages and (one := _by_words(told)) is not None:
        packages = [one]
    # Docker Scout's, JFrog's and Trivy's words
    vectors = [told.get("cvss vector", ""), *(facts.text(name) for name in _VECTORS)]
    # Trivy's result on a distribution's package lies where the image lies
    paths = () if rule.text("name") == "OsPackageVulnerability" else _paths(result)
    choices: list[Package | None] = [*packages] or [None]
    for one in choices:
        package = None
        if one is not None:
            package = replace(one, origin=found.source, paths=paths, place=found.place(result.at("ruleId")))
        details: dict[str, Any] = {
            "fixed": "" if package is None or fixed.lower() in _NO_FIX else common.first_fix(package, fixed.split(",")),
            "severity": _severity(told, facts),
            "scores": tuple(dict.fromkeys(filter(None, (common.score_of(found.source, vector) for vector in vectors)))),
            "epss": common.probability(told.get("epss score", "")),
            "status": "waived" if result.parts("suppressions") else "affected",
            "summary": short(rule.part("shortDescription").text("text")),
            "urls": few((rule.text("helpUri"),)),
            "confidence": "high" if sure else "medium",
            "place": found.place(result.at("ruleId")),
        }
        found.flaw(target, package, names[0], names[1:], **details)


def _by_words(told: dict[str, str]) -> Package | None:
    name, version = told.get("package", ""), told.get("installed version") or told.get("version", "")
    return common.package(told.get("type", ""), name, version)


def _paths(result: Part) -> tuple[str, ...]:
    places = result.parts("locations")[:100]
    logical = [one.text("name") for place in places for one in place.parts("logicalLocations")]
    physical = [place.part("physicalLocation").part("artifactLocation").text("uri") for place in places]
    return few(plain_path(path) for path in (logical or physical) if "/" in path)


def _severity(told: dict[str, str], facts: Part) -> SeverityWord:
    for text in (told.get("severity", ""), facts.text("cvssV3_severity")):
        if (word := common.severity_word(text)) != "unknown":
            return word
    try:
        score = float(facts.text("security-severity")[:10] or "nan")
    except ValueError:
        return "unknown"
    scale: tuple[tuple[float, SeverityWord], ...] = ((9, "critical"), (7, "high"), (4, "medium"), (0.1, "low"))
    return next((word for least, word in scale if score >= least), "unknown")
