"""Pins: the fix of findings on tags that move is the digest that the tag leads to now, asked of its registry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from batten.engine.fix.pin_places import PinPlaces
from batten.engine.judge import Judged
from batten.engine.run import Selection
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit
from batten.model.image import ImageReference
from batten.model.inventory import Inventory
from batten.model.report import FixNote
from batten.model.settings import Settings
from batten.model.source import Pointer, Problem, Unreadable
from batten.model.verdict import Fix

if TYPE_CHECKING:
    from batten.sources.oci.tags import Tags

CHECKS: Final = ("IMG001", "IMG002", "IMG014", "IMG015")
"""The checks whose findings a digest mends; those of an auditor among them run for `batten fix --pin`, too."""
_SHOWN: Final = 19  # `sha256:` and twelve digits
_SILENT: Final = "its registry did not say which digest it has"
_ANY: Final = f"sha256:{'0' * 64}"


class Pins:
    """Gives findings that a digest mends their fix."""

    def __init__(self, tags: Tags) -> None:
        self._tags = tags
        self.unresolved: dict[str, Problem] = {}
        """Names that no registry resolved, each with where it stands first and what to do."""

    def attach(self, judged: Sequence[Judged], inventory: Inventory, settings: Settings) -> list[Judged]:
        """The findings of `judged`; each open one that a digest mends has a fix after that, or the reason why not.
        Registries are asked about what can be edited alone.

        What only `settings.also` brought is left out where another finding asks for the same digest.
        """
        judged = _without_doubles(judged, Selection(replace(settings, also=())))
        places = PinPlaces(inventory)
        wanted: list[tuple[Judged, ImageReference]] = []
        for one in judged:
            image = one.failure.pin
            if image is not None and one.finding.status == "open":
                try:
                    resolve(_fix(places, one, image, _ANY))
                    wanted.append((one, image))
                except CannotEdit as error:
                    _refuse(one, str(error))
        self._tags.ask(image for _, image in wanted)
        for one, image in wanted:
            try:
                fix = _fix(places, one, image, self._tags.digest(image))
            except Unreadable as error:
                _refuse(one, _SILENT)
                likely = places.likely_dockerfile(one.result.noun)
                message = error.message + (f"; {likely} may build it: push it first" if likely else "")
                where = one.finding.location
                self.unresolved.setdefault(error.message, Problem(where.path, message, where.line))
                continue
            one.failure = replace(one.failure, fix=fix, no_fix="")
            one.finding = replace(one.finding, fix=FixNote(fix.kind, fix.summary), no_fix="")
        return judged


def _without_doubles(judged: Sequence[Judged], asked_for: Selection) -> list[Judged]:
    told = {_place(one) for one in judged if one.failure.pin is not None and asked_for.takes(one.check)}
    return [one for one in judged if one.failure.pin is None or asked_for.takes(one.check) or _place(one) not in told]


def _place(one: Judged) -> tuple[int, Pointer]:
    return id(one.failure.place.document), one.failure.place.pointer


def _fix(places: PinPlaces, one: Judged, image: ImageReference, digest: str) -> Fix:
    """Raises `CannotEdit`."""
    shown = f"{image.raw} to {digest[:_SHOWN]}…"
    summary = f"pin {shown}"
    if image.is_mutable_tag:
        summary += ", what latest leads to now; the tag of a release would say which version that is"
    return Fix("safe", summary, places.steps(one.result.noun, one.failure.place, image, digest))


def _refuse(one: Judged, reason: str) -> None:
    one.failure = replace(one.failure, no_fix=reason)
    one.finding = replace(one.finding, no_fix=reason)
