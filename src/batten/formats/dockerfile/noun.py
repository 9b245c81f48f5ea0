"""A Dockerfile as a noun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import field

from batten.model.objects import Declared
from batten.model.values import nothing

if TYPE_CHECKING:
    from batten.formats.dockerfile.context import Held
    from batten.formats.dockerfile.nodes import Dockerfile


class BuildFile(Declared, frozen=True, eq=False, kw_only=True):
    """A Dockerfile as a build: its instructions, whether an ignore file limits the context, what that holds.

    `ignored` is the text of the ignore file, None where there is none beside it.
    """

    dockerfile: Dockerfile
    ignored: str | None = None
    added: dict[str, Held] = field(default_factory=nothing)
    """What the context holds of the sources of ADD, by the source as it is written; see `context.held`."""
