"""The three-valued field: set, platform default, or absent for a stated reason (DESIGN section 2)."""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, Literal

from msgspec import Struct


class Absent(Enum):
    """Why a field has no value. Never a guess: a check that meets one does not fail."""

    NOT_EXPRESSIBLE = "not-expressible"
    """The platform has no such notion."""
    UNKNOWN = "unknown"
    """It is there, but decided elsewhere: a template, a variable without default, an image not read."""


_NOTHING: Final[dict[str, Any]] = {}  # one for all nouns, never filled: most have no such entries


def nothing() -> dict[str, Any]:
    """The empty mapping of a noun that has none of its own."""
    return _NOTHING


NOT_EXPRESSIBLE: Final = Absent.NOT_EXPRESSIBLE
UNKNOWN: Final = Absent.UNKNOWN


class User(Struct, frozen=True, gc=False):
    """Who the process runs as. `uid`/`name` are what is written; neither: nothing is written."""

    uid: int | None = None
    name: str | None = None
    group: str | None = None
    must_not_be_root: bool = False
    """The platform refuses to start it as root (Kubernetes `runAsNonRoot`)."""
    decided_by: Literal["manifest", "image", "default"] = "manifest"

    @property
    def is_root(self) -> bool:
        """Root is written, in so many words."""
        return self.uid == 0 or (self.uid is None and self.name == "root")

    @property
    def may_be_root(self) -> bool:
        """Nothing keeps it from being root."""
        if self.must_not_be_root:
            return False
        return self.is_root or (self.uid is None and self.name is None)


class Capabilities(Struct, frozen=True, gc=False):
    """Names without `CAP_`, upper case, in the order written. `ALL` may stand in either."""

    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    add_written: tuple[str, ...] | None = None
    drop_written: tuple[str, ...] | None = None
    """The words of the file where they are others (`cap_chown`): Kubernetes admission compares those."""

    @property
    def drops_all(self) -> bool:
        return "ALL" in self.drop


class Profile(Struct, frozen=True, gc=False):
    """A seccomp or AppArmor profile.

    `kind` is `unconfined`, `runtime-default`, `localhost` (a profile of one's own, `name`), or `other`
    for a word that the platform does not know (kept in `name`).
    """

    kind: Literal["unconfined", "runtime-default", "localhost", "other"]
    name: str = ""


class SELinux(Struct, frozen=True, gc=False):
    """SELinux options as written; "" is not written. `disabled`: labelling is switched off."""

    type: str = ""
    user: str = ""
    role: str = ""
    level: str = ""
    disabled: bool = False
