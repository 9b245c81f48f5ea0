"""Why a kustomization cannot be built."""

from __future__ import annotations

from batten.model.source import Place


class BuildError(Exception):
    """One line; `place` where it is known, `options` that kustomize builds it with where it needs some."""

    def __init__(self, message: str, place: Place | None = None, options: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.options = options
