"""Clair's vulnerability report, version 4 (https://quay.github.io/clair/reference/api.html)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from batten.formats.part import Part
from batten.formats.sbom.packages import few, plain_path, short, with_source
from batten.formats.scanners import common
from batten.formats.scanners.common import Imports
from batten.model.imported import ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document
from batten.pattern import pattern

SOURCE: Final = "clair"
_NAME: Final = pattern(r"[A-Za-z][A-Za-z0-9.]{1,15}-[A-Za-z0-9][A-Za-z0-9:._-]{1,60}[A-Za-z0-9]")
_KINDS: Final = {"python", "maven", "jar", "file", "java", "go", "nodejs", "npm", "ruby", "gem"}
"""What stands before the path of a package's database where the package is a language's; `file` are Java archives."""


def wants(root: Part) -> bool:
    return isinstance(root.get("package_vulnerabilities"), dict) and isinstance(root.get("packages"), dict)


def read(root: Part, document: Document, path: str) -> Imports:
    """Package by package what its vulnerabilities are."""
    found = Imports(SOURCE, document, path)
    systems = {name: _system(part) for name, part in _parts(root.part("distributions"))}
    some = next((system for system in systems.values() if system is not None), None)
    target = ImportedTarget(
        name=short(root.text("manifest_hash")), digest=short(root.text("manifest_hash")), distribution=some
    )
    found.target(target)
    known = dict(_parts(root.part("vulnerabilities")))
    enriched = _enrichments(root.part("enrichments"))
    flaws = root.part("package_vulnerabilities")
    for name, part in _parts(root.part("packages")):
        where = next(iter(root.part("environments").parts(name)), Part({}))
        package = _package(part, where, systems, some, found)
        if package is None:
            continue
        found.package(target, package)
        for identifier in flaws.texts(name):
            if (flaw := known.get(identifier)) is not None:
                _flaw(flaw, package, target, enriched.get(identifier, {}), found)
    for name in flaws.value if isinstance(flaws.value, dict) else ():
        if not isinstance(root.part("packages").get(name), dict):
            found.flaw(target, None, name, ())  # what it says of a package that it does not list is told as such
    return found


def _parts(part: Part) -> Iterator[tuple[str, Part]]:
    if isinstance(part.value, dict):
        for name in part.value:
            yield name, part.part(name)


def _system(part: Part) -> Distribution | None:
    # Alpine's and Amazon's number stands in `version` alone in reports of 4.0; words may follow it
    number = part.text("version_id") or part.text("version").split(" ")[0]
    return common.distribution(part.text("did") or part.text("name"), number if number[:1].isdigit() else "")


def _package(
    part: Part, where: Part, systems: dict[str, Distribution | None], some: Distribution | None, found: Imports
) -> Package | None:
    database = where.text("package_db")
    kind, colon, path = database.partition(":")
    of_language = bool(colon) and kind in _KINDS
    system = systems.get(where.text("distribution_id")) or some
    package = common.package(
        ("jar" if kind == "file" else kind) if of_language else "",
        part.text("name"),
        part.text("version"),
        system=None if of_language else system,
        place=found.place(part.at("name")),
    )
    if package is None:
        return None
    # `sqlite:var/lib/rpm` and the like name the kind of database
    package = replace(
        package,
        paths=few((plain_path(path if colon else database),)),
        origin=SOURCE,
        module="" if of_language else short(part.text("module")),
    )
    if not of_language and (architecture := part.text("arch")):
        package = replace(package, qualifiers=(("arch", short(architecture)),))
    source = part.part("source")
    return package if of_language else with_source(package, source.text("name"), source.text("version"))


def _flaw(
    part: Part,
    package: Package,
    target: ImportedTarget,
    enriched: dict[str, Any],
    found: Imports,
) -> None:
    names = _NAME.findall(part.text("name")[:400])
    links = common.CVE.findall(part.text("links")[:4000])
    name = names[0] if names else (links[0] if links else "")
    details: dict[str, Any] = {
        "fixed": common.first_fix(package, (_without_extras(part.text("fixed_in_version")),)),
        "severity": common.severity_word(part.text("normalized_severity") or part.text("severity")),
        "origin": short(part.text("updater")),
        "summary": short(part.text("description")),
        "urls": few(part.text("links")[:4000].split())[:20],
        "published": short(part.text("issued")) if not part.text("issued").startswith("0001") else "",
        "place": found.place(part.at("name")),
        **enriched,
    }
    found.flaw(target, package, name, (*names[1:], *links), **details)


def _without_extras(fixed: str) -> str:
    """Some updaters write `introduced=…&fixed=1.2` or `lastAffected=…`."""
    if "=" not in fixed:
        return fixed
    from urllib.parse import parse_qs

    return next(iter(parse_qs(fixed, max_num_fields=10).get("fixed", [])), "")


def _enrichments(part: Part) -> dict[str, dict[str, Any]]:
    """Vulnerability -> what the enrichers of CVSS, EPSS and KEV add to its row.

    Clair looks every CVE up that name, description or links hold: where there are several nobody says whose it is.
    """
    found: dict[str, dict[str, Any]] = {}
    for kind, _ in _parts(part):
        read = next((read for name, read in _ENRICHERS.items() if f"enricher=clair.{name}" in kind), None)
        for some in part.parts(kind)[:4] if read is not None else ():
            for identifier, _ in _parts(some):
                if read is not None and (told := read(some.parts(identifier)[:8])):
                    found.setdefault(identifier, {}).update(told)
    return found


def _cvss(parts: list[Part]) -> dict[str, Any]:
    scores = [common.score_of("nvd", one.text("vectorString"), one.get("baseScore")) for one in parts]
    return {"scores": tuple(dict.fromkeys(score for score in scores if score is not None))}


def _epss(parts: list[Part]) -> dict[str, Any]:
    if len({one.text("cve") for one in parts}) != 1:
        return {}
    return {"epss": common.probability(parts[0].get("epss")), "epss_date": short(parts[0].text("date")[:10])}


def _kev(parts: list[Part]) -> dict[str, Any]:
    if len({one.text("cve") for one in parts}) != 1:
        return {}
    return {
        "kev": True,
        "kev_due": parts[0].text("due_date")[:10],
        "ransomware": parts[0].text("known_ransomware_campaign_use").lower() == "known",
        "exploit": "active",
    }


_ENRICHERS: Final = {"cvss": _cvss, "epss": _epss, "kev": _kev}
