"""A Dockerfile as a noun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.model.objects import Declared

if TYPE_CHECKING:
    from batten.formats.dockerfile.nodes import Dockerfile


class BuildFile(Declared, frozen=True, eq=False, kw_only=True):
    """A Dockerfile as a build: its instructions, and whether an ignore file limits the context.

    `ignored` is the text of the ignore file, None where there is none beside it.
    """

    dockerfile: Dockerfile
    ignored: str | None = None
