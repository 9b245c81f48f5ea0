"""Why a kustomization cannot be built."""

from __future__ import annotations

from batten.formats.nodes import Node
from batten.model.source import Place, Problem
from batten.pattern import pattern

_FOUND = pattern(r"\b(found|before|anchor) [`'].*[`']")


class BuildError(Exception):
    """One line; `place` where it is known, `options` that kustomize builds it with where it needs some."""

    def __init__(self, message: str, place: Place | None = None, options: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.options = options


def said(message: str) -> str:
    """What is wrong in a file or patch without the text that was found there, which may be the value of a secret."""
    return _FOUND.sub(r"\1 `…`", message)


def outside(node: Node, text: str) -> Problem:
    """A file above the folder of its kustomization, which is all that kustomize reads files of unless it is told not to
    care. Folders with a kustomization of their own may lie anywhere."""
    location = node.place.location()
    message = (
        f"{text[:200]!r} lies outside of the folder of its kustomization: `kustomize build` refuses it without "
        "--load-restrictor LoadRestrictionsNone"
    )
    return Problem(location.path, message, location.line, severe=False)
