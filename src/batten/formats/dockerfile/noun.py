"""A Dockerfile as a noun."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import field

from batten.model.image import ImageReference, parse_reference
from batten.model.objects import Declared
from batten.model.values import nothing

if TYPE_CHECKING:
    from batten.formats.dockerfile.context import Held
    from batten.formats.dockerfile.nodes import Dockerfile

_PULLED: Final = "docker-image://"


class BuildFile(Declared, frozen=True, eq=False, kw_only=True):
    """A Dockerfile as a build: its instructions, whether an ignore file limits the context, what that holds.

    `ignored` is the text of the ignore file, None where there is none beside it.
    """

    dockerfile: Dockerfile
    ignored: str | None = None
    added: dict[str, Held] = field(default_factory=nothing)
    """What the context holds of the sources of ADD, by the source as it is written; see `context.held`."""
    given: dict[str, str] = field(default_factory=nothing)
    """What its builds are given by name, see `Build.contexts`: `FROM base` takes that. Filled by `batten.engine.link`.
    "" where it is not known, or differs between the builds."""

    def base(self, stage: int) -> ImageReference | None:
        """The image that a stage starts from, of its own name or given by that name; None where that is no image that
        is pulled, or not known."""
        from batten.formats.dockerfile.config import base_image

        base = base_image(self.dockerfile, stage)
        if not base.known or base.value == "scratch":
            return None
        where = self.given.get(base.value.removesuffix(":latest"))
        if where is None:
            return parse_reference(base.value)
        return parse_reference(where.removeprefix(_PULLED)) if where.startswith(_PULLED) else None
