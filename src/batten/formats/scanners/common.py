"""What every import needs: identifiers, words of severity, scores, packages without a package URL, bounds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import cmp_to_key
from typing import Any, Final

from msgspec.structs import replace

from batten.detect.addresses import without_credentials
from batten.formats.part import Part
from batten.formats.sbom.packages import (
    DISTRIBUTED,
    better,
    distribution_of,
    identifier,
    package_of,
    release,
    short,
    with_epoch,
)
from batten.formats.scanners.kinds import type_of
from batten.limits import IMPORT_ALIASES, IMPORT_ROWS, SBOM_PACKAGES
from batten.model.imported import ImportedReport, ImportedRow, ImportedTarget
from batten.model.package import Distribution, Package
from batten.model.source import Document, Place, Pointer, Problem
from batten.model.vulnerability import Score, SeverityWord
from batten.pattern import pattern

CVE: Final = pattern(r"CVE-[0-9]{4}-[0-9]{4,19}")
IDENTIFIER: Final = pattern(r"[A-Za-z][A-Za-z0-9]{1,15}-[A-Za-z0-9][A-Za-z0-9:._-]{0,100}\Z")
_SEVERAL: Final = pattern(
    "(?:RHSA|RHBA|RHEA|ELSA|ELBA|ALSA|ALBA|ALEA|RLSA|RXSA|DSA|DLA|USN|LSN|ALAS|SUSE|openSUSE|GLSA|FEDORA|MGASA|PHSA|"
    "CISA|ICSA|VU|CWE|BIT|JVN|EDB|CAN|MS|APPLE|VMSA)[0-9]?-"
)
"""Advisories that mend several flaws, and what is no flaw's name: never an alias."""
_SCANNED: Final = pattern(
    r"(.+) \(([A-Za-z][A-Za-z0-9 ._-]{0,40}?) ((?:AMI release )?[0-9][^() ]{0,60}(?: \([^()]{0,60}\))?)\)\Z"
)
_FIX: Final = pattern(r"(~>|>=|\^|=)?\s*([^\s<>=~^]+)(?:\s+<.*)?\Z")

_WORDS: Final[dict[str, SeverityWord]] = {
    "critical": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "negligible",
    "none": "negligible",
    "info": "negligible",
    "informational": "negligible",
    "unimportant": "negligible",
    "untriaged": "unknown",
}


class Imports:
    """The reports of one file, filled target by target, within bounds."""

    def __init__(self, source: str, document: Document, path: str, version: str = "", created: str = "") -> None:
        self.source = source
        self.document = document
        self.path = path
        self.version = short(version)
        self.created = short(created)
        self.problems: list[Problem] = []
        self._targets: dict[ImportedTarget, tuple[dict[str, Package], dict[tuple[Any, ...], ImportedRow]]] = {}
        self._rows = 0
        self._packages = 0
        self._told: set[str] = set()
        self._passed = 0
        self._others: Counter[str] = Counter()

    def other(self, kind: str, count: int = 1) -> None:
        """Findings of another kind than flaws in packages (`secrets`), which are told and not taken over."""
        if count:
            self._others[kind] += count

    def target(self, target: ImportedTarget) -> None:
        """A target that was scanned, whether anything is said of it or not."""
        self._targets.setdefault(target, ({}, {}))

    def place(self, pointer: Pointer) -> Place:
        return Place(self.document, pointer)

    def package(self, target: ImportedTarget, package: Package) -> None:
        """A package that the report lists."""
        self._packages += 1
        if self._packages > SBOM_PACKAGES:
            self._once(f"expected at most {SBOM_PACKAGES:,} packages in one report, found more; the rest is not read")
            return
        self.target(target)
        key = f"{package.type}/{package.namespace}/{package.name}@{package.version} {package.paths}"
        self._targets[target][0].setdefault(key, package)

    def row(self, target: ImportedTarget, row: ImportedRow) -> None:
        """One flaw; the same one told again (another way to the same package) adds its paths."""
        self.target(target)
        rows = self._targets[target][1]
        package = row.package
        key = (row.id, row.status, package.type, package.namespace, package.name, package.version, package.layer)
        if (before := rows.get(key)) is not None:
            paths = dict.fromkeys((*before.package.paths, *package.paths))
            if len(paths) > len(before.package.paths) and len(paths) <= IMPORT_ALIASES:
                rows[key] = replace(before, package=replace(before.package, paths=tuple(paths)))
            return
        self._rows += 1
        if self._rows > IMPORT_ROWS:
            self._once(f"expected at most {IMPORT_ROWS:,} vulnerabilities in one report, found more; not all are read")
            return
        rows[key] = row

    def flaw(
        self, target: ImportedTarget, package: Package | None, name: str, others: Iterable[str], **said: Any
    ) -> None:
        """Rows of one entry of the report: one for each CVE where it stands for several."""
        if package is None or not name:
            self._passed += 1
            return
        for identifier_, aliases in flaws(name, others):
            advisory = short(name) if name != identifier_ else ""
            self.row(target, ImportedRow(package=package, id=identifier_, aliases=aliases, advisory=advisory, **said))

    def _once(self, message: str) -> None:
        if message not in self._told:
            self._told.add(message)
            self.problems.append(Problem(self.path, message))

    def reports(self) -> Iterator[ImportedReport]:
        """One for each target."""
        if self._passed:
            message = f"{self._passed:,} entries name no package with a version, or no flaw, and were passed over"
            self.problems.append(Problem(self.path, message, severe=False))
        if self._others:
            told = ", ".join(f"{count:,} {kind}" for kind, count in sorted(self._others.items()))
            message = f"only flaws in packages are taken over from a report, not what else it holds: {told}"
            self.problems.append(Problem(self.path, message, severe=False))
        for target, (packages, rows) in self._targets.items():
            yield ImportedReport(
                source=self.source,
                target=without_logins(target),
                path=self.path,
                version=self.version,
                created=self.created,
                packages=tuple(packages.values()),
                rows=tuple(rows.values()),
            )


def without_logins(target: ImportedTarget) -> ImportedTarget:
    """As it may be shown: scanners of repositories and registries repeat the address that they were given."""
    return replace(
        target,
        name=without_credentials(target.name),
        repository_digests=tuple(without_credentials(one) for one in target.repository_digests),
    )


def flaws(name: str, others: Iterable[str]) -> list[tuple[str, tuple[str, ...]]]:
    """(identifier, aliases) of the flaws that an entry stands for. CVEs are never joined with each other."""
    name = name.strip()
    given = list(dict.fromkeys(other.strip() for other in _first(others)))
    cves = [one for one in given if CVE.fullmatch(one)]
    if CVE.fullmatch(name):
        return [(name, identifiers(name, (one for one in given if one not in cves)))]
    if len(cves) > 1:
        return [(cve, ()) for cve in cves]
    if cves and _SEVERAL.match(name):
        return [(cves[0], ())]  # of an advisory that names one flaw here
    return [(short(name), identifiers(name, given))]


def _first(texts: Iterable[str]) -> Iterator[str]:
    for number, text in enumerate(texts):
        if number >= IMPORT_ALIASES:
            return
        yield text


def identifiers(name: str, others: Iterable[str]) -> tuple[str, ...]:
    """Other names of the same flaw, sorted: what looks like an identifier and stands for one flaw alone."""
    found = {other for other in _first(others) if IDENTIFIER.match(other) and not _SEVERAL.match(other)}
    return tuple(sorted(found - {name}))


def severity_word(text: str) -> SeverityWord:
    return _WORDS.get(text.strip().lower(), "unknown")


def score_of(source: str, vector: str, value: object = None) -> Score | None:
    """A vector with its score: that of the report, else computed; None for what is no vector."""
    vector = vector.strip()
    if not vector or len(vector) > 400:
        return None
    import cvss  # type: ignore[import-untyped]

    version = vector[5:8] if vector.startswith("CVSS:") else "2.0"
    reader = {"2.0": cvss.CVSS2, "3.0": cvss.CVSS3, "3.1": cvss.CVSS3, "4.0": cvss.CVSS4}.get(version)
    if reader is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 10:
        return Score(short(source), version, vector, float(value))
    try:
        computed = float(reader(vector.strip("()")).scores()[0])
    except (cvss.exceptions.CVSSError, ValueError, KeyError, TypeError, ArithmeticError):
        return None
    return Score(short(source), version, vector, computed)


def probability(value: object) -> float | None:
    """A score of EPSS, of which some scanners make a text; None for what is none."""
    if isinstance(value, str) and len(value) < 30:
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    return None


def distribution(name: str, version: str = "") -> Distribution | None:
    """By the name that a scanner uses; None for no name."""
    return Distribution(short(identifier(name)), short(release(version))) if name.strip() else None


def scanned(text: str) -> tuple[str, Distribution | None]:
    """`shop:1 (debian 12.5)`, as Trivy calls what it found a distribution's packages in: the name, and which one."""
    match = _SCANNED.match(text[:4096])
    if match is None or type_of(match[2]) not in DISTRIBUTED:
        return text, None
    return match[1], distribution(match[2], match[3])


def package(
    kind: str,
    name: str,
    version: str,
    *,
    purl: str = "",
    system: Distribution | None = None,
    epoch: str = "",
    place: Place | None = None,
) -> Package | None:
    """By its package URL, else by what the scanner calls it; None where there is no name or version."""
    if purl and (found := package_of(purl, distribution=system, place=place)) is not None:
        return found
    name, version = name.strip(), version.strip()
    of = type_of(kind)
    if of == "" and system is not None:
        of = type_of(system.id)
    if not name or not version or version.lower() in ("unknown", "none", "null"):
        return None
    if of == "rpm":
        version = with_epoch(version, epoch)
    namespace = ""
    if of == "maven" and ":" in name:
        namespace, _, name = name.rpartition(":")
    elif of in ("npm", "composer", "golang", "swift") and "/" in name:
        namespace, _, name = name.rpartition("/")
    elif of in DISTRIBUTED and system is not None:
        namespace = system.id
    if not name:
        return None
    return Package(
        type=of or "generic",
        namespace=short(namespace),
        name=short(plain_name(of, name)),
        version=short(version),
        distribution=better(system, None) if of in DISTRIBUTED else None,
        place=place,
    )


def plain_name(kind: str, name: str) -> str:
    """As the package URL has it."""
    if kind == "pypi":
        return name.replace("_", "-").lower()
    return name.lower() if kind in ("composer", "deb", "apk") else name


def first_fix(package: Package, versions: Iterable[str]) -> str:
    """The lowest version above the installed one; of what cannot be compared the first."""
    from batten.versions import InvalidVersion, compare, scheme_of

    given = _plain([short(text.strip()) for text in versions if text.strip().lower() not in _NO_FIX][:100])
    if len(given) < 2:
        return given[0] if given else ""
    scheme = scheme_of(package.type) or "rpm"  # the rule that takes any text as a version

    def order(left: str, right: str) -> int:
        return compare(scheme, left, right)

    try:
        above = [one for one in given if order(one, package.version) > 0]
        return min(above or given, key=cmp_to_key(order))
    except InvalidVersion:
        return given[0]


def _plain(given: list[str]) -> list[str]:
    """Without the operators of advisories on Rust, Ruby and Node (`>= 2.1.0`).

    `~> 5.2.4, >= 5.2.4.3` is one version, the second: the first says only of which line it is.
    """
    found: list[str] = []
    line = ""
    for text in given:
        match = _FIX.match(text)
        version = match[2] if match is not None else text
        if line and match is not None and match[1] == ">=" and version.startswith(f"{line}."):
            found.pop()
        line = version if match is not None and match[1] == "~>" else ""
        found.append(version)
    return found


_NO_FIX: Final = ("", "none", "null", "not fixed", "notavailable", "unknown", "0", "0:0")


def any_text(part: Part, *names: str) -> str:
    """The first of these fields that has a text; `None` as a word counts as nothing."""
    for name in names:
        text = part.text(name)
        if text and text not in ("None", "null", "N/A"):
            return short(text)
    return ""


__all__ = ["Imports", "distribution", "distribution_of", "first_fix", "package", "severity_word", "type_of"]
