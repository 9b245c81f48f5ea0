"""Whether a package of a language is judged by the distribution whose package owns its files.

A distribution mends flaws without changing the version that the language's registry knows. So where it says
that a flaw is mended, or never was in its build, its word stands; where it lists what is not mended as well, its
silence does, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from batten.model.package import Package
from batten.model.vulnerability import Status
from batten.vulnerabilities.db import Database
from batten.vulnerabilities.db.ecosystems import of_distribution
from batten.vulnerabilities.lookups import DISTRIBUTED
from batten.vulnerabilities.said import Flaw, Judged


class LeftTo(Struct, frozen=True):
    """What follows from the owner's word."""

    status: Status | None
    """None: the owner's own row tells it; a second one would repeat it."""
    source: str
    reason: str


class Owners:
    """The distributions' words on what they own."""

    def __init__(self, judgements: Iterable[tuple[Package, Judged]], db: Database) -> None:
        self._db = db
        self._words: dict[tuple[str, str], dict[str, Flaw]] = {}
        self._sources: dict[str, str] = {}
        self._waiting = [(package, judged) for package, judged in judgements if package.type in DISTRIBUTED]

    def decides(self, package: Package, flaw: Flaw) -> LeftTo | None:
        """What the owner of `package` makes of `flaw`; None: it leaves it to the sources of the language."""
        words = self._words_of(package)
        own = next((words[name] for name in flaw.names if name in words), None)
        name = package.owner.partition("?")[0]
        if own is not None:
            statement = own.deciding.statement
            if own.is_open:
                return LeftTo(None, statement.source, "")
            mended = f" in {statement.fixed}" if statement.fixed else ""
            said = f"says {statement.source}: {statement.status.replace('_', ' ')}{mended}"
            return LeftTo(statement.status, statement.source, f"its files are those of {name}, of which {said}")
        source = self._comprehensive(package)
        if not source:
            return None
        return LeftTo(
            "not_affected",
            source,
            f"its files are those of {name}; {source}, which also lists what is not mended, knows no such flaw of it",
        )

    def _words_of(self, package: Package) -> dict[str, Flaw]:
        if self._waiting:
            for owner, judged in self._waiting:
                words = {name: flaw for flaw in judged.flaws for name in flaw.names}
                self._words[owner.target, owner.purl] = words
            self._waiting = []
        return self._words.get((package.target, package.owner), {})

    def _comprehensive(self, package: Package) -> str:
        """The source of the package's distribution that also lists what is not mended, "" where there is none."""
        if package.distribution is None:
            return ""
        for ecosystem in of_distribution(package.distribution):
            if ecosystem not in self._sources:
                self._sources[ecosystem] = next(iter(self._db.comprehensive_sources(ecosystem)), "")
            if self._sources[ecosystem]:
                return self._sources[ecosystem]
        return ""
