"""Databases built from files of the feeds' own formats."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from batten.vulnerabilities.db import AdvisoryRow, Database, open_database
from batten.vulnerabilities.db.build import Outcome, build

DATA = Path(__file__).parent.parent.parent / "data" / "advisories"


class Built:
    """A database and how it came about."""

    def __init__(self, outcome: Outcome, database: Database) -> None:
        self.outcome = outcome
        self.db = database

    def rows(self, ecosystem: str, name: str) -> list[AdvisoryRow]:
        return self.db.advisories(ecosystem, [name]).get(name, [])

    def row(self, ecosystem: str, name: str, ident: str = "") -> AdvisoryRow:
        """The only row of a package, or the only one of an advisory."""
        found = [row for row in self.rows(ecosystem, name) if ident in ("", row.id)]
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Callable[..., Built]]:
    """Builds a database from files under tests/data/advisories, or from (name, bytes)."""
    opened: list[Database] = []

    def make(*files: str | tuple[str, bytes]) -> Built:
        folder = tmp_path / f"mirror-{len(opened)}"
        folder.mkdir()
        for one in files:
            if isinstance(one, str):
                shutil.copy(DATA / one, folder / Path(one).name)
            else:
                (folder / one[0]).write_bytes(one[1])
        path = tmp_path / f"{len(opened)}.sqlite"
        outcome = build(folder, path)
        opened.append(open_database(path))
        return Built(outcome, opened[-1])

    yield make
    for one in opened:
        one.close()
