"""What is collected of one bill of materials, within bounds."""

from __future__ import annotations

from collections import defaultdict

from msgspec.structs import replace

from batten.formats.interface import Reading
from batten.formats.sbom.packages import few, lacks_module, short
from batten.formats.scanners.common import without_logins
from batten.limits import IMPORT_ROWS, SBOM_NEEDS, SBOM_PACKAGES
from batten.model.imported import ImportedReport, ImportedRow, ImportedTarget
from batten.model.package import Package
from batten.model.source import File, Problem, Unreadable


class Collected:
    """Filled by the readers of the formats; `reading` gives the nouns."""

    def __init__(self, file: File) -> None:
        self.file = file
        self.source = "sbom"
        self.tool_version = ""
        self.created = ""
        self.target = ImportedTarget()
        self.packages: dict[str, Package] = {}
        """By the document's own reference."""
        self.bare: dict[str, tuple[str, str]] = {}
        """Name and version of components without a package URL, which are packages where the document speaks of their
        flaws, by its own reference."""
        self.rows: list[ImportedRow] = []
        self.problems: list[Problem] = []
        self._needs: dict[str, dict[str, None]] = defaultdict(dict)
        self._relations = 0
        self._versionless = 0
        self._nameless = 0
        self._elsewhere: dict[str, None] = {}
        self._cut = False

    def add(self, reference: str, package: Package) -> None:
        """Raises `Unreadable` where a document has more than `SBOM_PACKAGES`."""
        if len(self.packages) >= SBOM_PACKAGES:
            raise Unreadable(f"expected at most {SBOM_PACKAGES:,} packages in one bill of materials, found more")
        self.packages[reference if reference not in self.packages else f"{reference}\0{len(self.packages)}"] = package

    def name_bare(self, reference: str, name: str, version: str) -> None:
        """A component without a package URL; no more than there may be packages."""
        if len(self.bare) < SBOM_PACKAGES:
            self.bare[reference] = (short(name), short(version))

    def pass_over(self, *, purl: bool) -> None:
        """A component that is no package: without a version (`purl`), or without a package URL."""
        if purl:
            self._versionless += 1
        else:
            self._nameless += 1

    def pass_over_flaw(self, name: str, reference: str) -> None:
        """A flaw in what is no package of this document."""
        self._elsewhere.setdefault(f"{short(name)} in {short(reference) or 'nothing'}")

    def needs(self, reference: str, other: str) -> None:
        """A relation between two references."""
        self._relations += 1
        if self._relations <= SBOM_NEEDS:
            self._needs[reference].setdefault(other)

    def flaw(self, row: ImportedRow) -> None:
        """One row; those beyond `IMPORT_ROWS` are told, not kept."""
        if len(self.rows) < IMPORT_ROWS:
            self.rows.append(row)
        elif not self._cut:
            self._cut = True
            message = f"expected at most {IMPORT_ROWS:,} vulnerabilities, found more; the rest is not read"
            self.problems.append(Problem(self.file.path, message))

    def reading(self) -> Reading:
        """The packages, and what the document is about, with the flaws that it speaks of."""
        target = f"sbom:{self.file.path}"
        for reference, others in self._needs.items():
            if (package := self.packages.get(reference)) is not None:
                names = [self.packages[other].name for other in others if other in self.packages]
                self.packages[reference] = replace(package, depends=few(names))
        packages = [replace(package, target=target) for package in self.packages.values()]
        found = Reading(nouns=list(packages), problems=self.problems)
        if packages or self.rows:
            found.nouns.append(
                ImportedReport(
                    source=self.source,
                    target=without_logins(self.target),
                    path=self.file.path,
                    version=self.tool_version,
                    created=self.created,
                    packages=tuple(packages),
                    rows=tuple(self.rows),
                    silent=not self.rows,
                )
            )
        if self._elsewhere:
            first, count = next(iter(self._elsewhere)), len(self._elsewhere)
            what = "vulnerability affects" if count == 1 else "vulnerabilities affect"
            message = f"{count:,} {what} what is no package of this document, passed over: {first}"
            more = f" and {count - 1:,} more" if count > 1 else ""
            self.problems.append(Problem(self.file.path, message + more, severe=False))
        for count, what in ((self._versionless, "version"), (self._nameless, "package URL")):
            if count:
                message = f"{count:,} components without a {what} are no packages and were passed over"
                self.problems.append(Problem(self.file.path, message, severe=False))
        lacking = [one for one in packages if lacks_module(one)]
        if lacking:
            what = "1 rpm is" if len(lacking) == 1 else f"{len(lacking):,} rpms are"
            message = (
                f"{what} built for a module whose stream the document does not name (`rpmmod` in the package URL), "
                f"such as {lacking[0].name} {lacking[0].version}: advisories of modules cannot be held against "
                "them; scan the image itself, its database of packages names the stream"
            )
            self.problems.append(Problem(self.file.path, message, severe=False))
        return found
