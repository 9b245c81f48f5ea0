"""Folders that a server was started for: every path that a client names lies in one of them, links followed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from batten.engine import config
from batten.model.settings import Settings
from batten.report.text import one_line
from batten.sources.confined import is_inside
from batten.sources.interface import TargetError


class OutsideRoots(TargetError):
    """A path leads out of the folders that the server was started for; the message is one line."""


class Roots:
    """The folders, as real paths."""

    def __init__(self, folders: Sequence[str], configuration: str | None = None) -> None:
        """`configuration`: to be used instead of the nearest one. Raises `TargetError`, `ConfigError`."""
        self.folders: list[str] = []
        for folder in folders:
            real = os.path.realpath(folder)
            if not os.path.isdir(real):
                raise TargetError(f"{one_line(folder)}: expected a folder as root, found none")
            self.folders.append(real)
        self._chosen = config.load(configuration) if configuration is not None else None

    def real(self, text: str) -> str:
        """The real path of what `text` names; relative ones start at the first root that has such a file. It need not
        exist. Raises `OutsideRoots`."""
        try:
            found = [os.path.realpath(os.path.join(folder, text)) for folder in self.folders] if text else []
        except (OSError, ValueError):  # NUL, half a surrogate pair
            found = []
        inside = [path for path in found if self.holds(path)]
        if not inside:
            raise OutsideRoots(
                f"{one_line(text)[:200]!r}: expected a path inside {' or '.join(map(one_line, self.folders))}, "
                "found one that is none or leads out of it"
            )
        return next((path for path in inside if os.path.exists(path)), inside[0])

    def existing(self, text: str) -> str:
        """As `real`, of what exists. Raises `TargetError`."""
        path = self.real(text)
        if not os.path.exists(path):
            raise TargetError(f"{one_line(text)[:200]!r}: expected a file or folder, found nothing there")
        return path

    def holds(self, real: str) -> bool:
        return any(is_inside(real, folder) for folder in self.folders)

    def around(self, real: str) -> str:
        """The innermost root that a real path inside of them lies in."""
        return max((one for one in self.folders if is_inside(real, one)), key=len)

    def shown(self, path: str) -> str:
        """An absolute path as clients are told of it: below the root where there is but one."""
        if len(self.folders) == 1 and os.path.isabs(path) and is_inside(path, self.folders[0]):
            return os.path.relpath(path, self.folders[0]).replace(os.sep, "/")
        return path

    def settings_for(self, real: str) -> Settings:
        """The settings that hold for a real path inside of the roots: of the nearest configuration above it. Nothing
        is asked of a network, whatever it says.

        A configuration in a root may come with somebody else's files: it may name no file outside of the roots.
        Raises `batten.engine.config.ConfigError`, `OutsideRoots`.
        """
        settings = self._chosen if self._chosen is not None else self._nearest(real)
        return replace(settings, images=replace(settings.images, with_images=False, offline=True))

    def _nearest(self, real: str) -> Settings:
        folder = start = real if os.path.isdir(real) else os.path.dirname(real)
        while self.holds(folder):
            found = config.configuration_in(folder)
            if found is not None:
                return self._confined(found)
            folder, below = os.path.dirname(folder), folder
            if folder == below:
                break
        above = config.find(self.around(real))
        if above is not None:
            return config.load(above)
        settings = config.without((start,))
        self._verify(config.RULES, (path for path in settings.rules if self.holds(path)))
        return settings

    def _confined(self, found: str) -> Settings:
        """The configuration at `found`, in a root."""
        from pathlib import Path

        if not self.holds(os.path.realpath(found)):
            raise OutsideRoots(
                f"{one_line(found)}: expected a configuration inside of the root, found a link out of it"
            )
        try:
            settings = config.load(found)
        except config.ConfigError as error:
            if str(error).startswith((found, config.shown_path(Path(found)))):
                raise
            # of what it extends no line is shown: it may be any file
            raise config.ConfigError(
                f"{one_line(found)}: expected a configuration, found a mistake in what it extends"
            ) from None
        charts = settings.helm.charts.values()
        named = (
            *settings.rules,
            *settings.images.vex,
            *settings.helm.values,
            *(one for each in charts for one in each.values),
            *settings.terraform.var_files,
            *(one for each in settings.terraform.modules.values() for one in each),
        )
        self._verify(found, named)
        return settings

    def _verify(self, found: str, named: Iterable[str]) -> None:
        folder = os.path.dirname(found)
        for path in named:
            if not self.holds(os.path.realpath(os.path.join(folder, path))):
                shown = one_line(path)
                raise OutsideRoots(
                    f"{one_line(found)}: expected files inside of the root, found {shown!r}; it was not read"
                )
