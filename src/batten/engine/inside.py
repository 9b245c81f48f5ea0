"""Where files that the user names lie: in the target, or elsewhere on this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from batten.sources import OpenTarget


class Inside:
    """Turns paths of this machine into paths of one target."""

    def __init__(self, opened: OpenTarget) -> None:
        self._opened = opened
        self._root: str | None = None
        self._lies: dict[str, str | None] = {}

    def path(self, path: str) -> str | None:
        """The path in the target of a file on this machine; None where it lies elsewhere."""
        if path not in self._lies:
            if self._root is None:
                native = self._opened.native("x")
                self._root = os.path.dirname(os.path.realpath(native)) if native is not None else ""
            real = os.path.realpath(path)
            below = self._root.rstrip(os.sep) + os.sep
            lies = bool(self._root) and real.startswith(below)
            self._lies[path] = real[len(below) :].replace(os.sep, "/") if lies else None
        return self._lies[path]

    def folder(self, directory: str, name: str) -> str:
        """The real folder of a file `name` in a folder of the target; the folder itself where there is none."""
        native = self._opened.native(f"{directory}/{name}" if directory else name)
        return os.path.dirname(os.path.realpath(native)) if native is not None else directory


def shown(path: str) -> str:
    """A path of this machine as it is told."""
    from pathlib import Path

    from batten.engine.config import shown_path

    return shown_path(Path(path))
