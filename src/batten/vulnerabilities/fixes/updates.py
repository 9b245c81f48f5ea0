"""The steps of the plan as edits, and what is known of the packages that an edited file lists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.verdict import Fix
from batten.model.vulnerability import UpdateStep
from batten.model.workload import Container

if TYPE_CHECKING:
    from batten.engine.scan import Scan


_RUN: Final = "RUN "


class PlannedUpdates:
    """Implements `batten.engine.fix.updates.Updates`."""

    def fix_of(
        self, step: UpdateStep, packages: Iterable[Package], dockerfile: Container | None
    ) -> tuple[Fix | None, str]:
        """See `batten.vulnerabilities.edits.fix_of`."""
        from batten.vulnerabilities.edits import NoFix, fix_of

        found = fix_of(step, packages, dockerfile)
        return (None, found.reason) if isinstance(found, NoFix) else (found, "")

    def together(self, texts: Sequence[str]) -> str:
        """See `batten.vulnerabilities.commands.one_command`."""
        from batten.vulnerabilities.commands import one_command

        if not all(text.startswith(_RUN) for text in texts):
            return ""
        told = one_command([text.removeprefix(_RUN) for text in texts])
        return f"{_RUN}{told}" if told else ""

    def images_of(self, inventory: Inventory) -> dict[str, list[Image]]:
        """See `batten.vulnerabilities.running.images_by_target`."""
        from batten.vulnerabilities.running import images_by_target

        return images_by_target(inventory, inventory.of(Package))

    def flaws(self, packages: Sequence[Package], scan: Scan) -> set[tuple[str, str]] | None:
        """What the database of the scan says of these packages; None where there is none."""
        from pathlib import Path

        from batten.vulnerabilities.db import DatabaseError, default_path, open_database
        from batten.vulnerabilities.match import match

        settings = scan.settings.images
        path = Path(settings.database) if settings.database else default_path()
        if not path.is_file():
            return None
        try:
            with open_database(path) as database:
                rows = match(packages, database).rows
        except DatabaseError:
            return None
        return {(flaw, row.name) for row in rows if row.status == "affected" for flaw in (row.id, *row.aliases)}


UPDATES = PlannedUpdates()
