"""The files of variables that the user gives to the Terraform modules of a target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.engine.inside import Inside, shown
from batten.model.settings import TerraformSettings
from batten.model.source import File, Files, Unreadable

if TYPE_CHECKING:
    from batten.sources import OpenTarget


class TargetVariables:
    """Implements `batten.formats.interface.Variables` for one target."""

    def __init__(self, opened: OpenTarget, settings: TerraformSettings) -> None:
        self._inside = Inside(opened)
        self._settings = settings

    def files(self, root: str, name: str, files: Files) -> list[tuple[File, bool]]:
        """See `Variables`. Raises `Unreadable`."""
        from batten.sources.confined import read_regular

        own: tuple[str, ...] = ()
        if self._settings.modules:
            own = self._settings.modules.get(self._inside.folder(root, name), ())
        found: list[tuple[File, bool]] = []
        for path in (*own, *self._settings.var_files):
            inside = self._inside.path(path)
            file = files.get(inside) if inside is not None else None
            if file is not None:
                found.append((file, True))
                continue
            try:
                found.append((File(shown(path), read_regular(path)), False))
            except Unreadable as error:
                message = f"the file of variables {shown(path)} cannot be read: {error.message}"
                raise Unreadable(message) from None
        return found
