"""What is known of the newest base of an image: which flaws it has itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace

from batten.model.image_content import BaseState, Image
from batten.model.package import Package
from batten.vulnerabilities.db import Database
from batten.vulnerabilities.match import match


class Base(Struct, frozen=True):
    """The newest base of one image. `open` as in `batten.vulnerabilities.plan.Planned.base_open`."""

    state: BaseState
    open: frozenset[tuple[str, str]] | None


def bases_of(states: Iterable[BaseState], db: Database | None) -> dict[str, Base]:
    """`Image.id` -> its base; without a database nothing is known of the packages of a newer one."""
    found: dict[str, Base] = {}
    for state in states:
        if state.image:
            found.setdefault(state.image, Base(state, _open(state, db)))
    return found


def with_bases(
    packages: Sequence[Package], states: Iterable[BaseState], images: Mapping[str, Sequence[Image]]
) -> list[Package]:
    """The packages, told apart into the base's and the image's own where only its registry knew the base's layers."""
    numbers = {state.image: state.layers for state in states if state.image and state.layers}
    lowest = {
        target: {layer.diff_id for layer in some[0].layers[: numbers[some[0].id]]}
        for target, some in images.items()
        if len(some) == 1 and some[0].id in numbers
    }
    return [
        replace(one, from_base=one.layer in lowest[one.target])
        if one.from_base is None and one.layer and one.target in lowest
        else one
        for one in packages
    ]


def _open(state: BaseState, db: Database | None) -> frozenset[tuple[str, str]] | None:
    if state.packages is None or db is None:
        return None
    rows = match(state.packages, db).rows
    return frozenset((name, row.name) for row in rows if row.status == "affected" for name in (row.id, *row.aliases))
