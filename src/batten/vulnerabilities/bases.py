"""What is known of the newest base of an image: which flaws it has itself."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from batten.model.image_content import BaseState
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


def _open(state: BaseState, db: Database | None) -> frozenset[tuple[str, str]] | None:
    if state.packages is None or db is None:
        return None
    rows = match(state.packages, db).rows
    return frozenset((name, row.name) for row in rows if row.status == "affected" for name in (row.id, *row.aliases))
