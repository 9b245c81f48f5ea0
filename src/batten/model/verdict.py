"""What a check answers, and the fix that may come with it."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Any, Final, Literal

from msgspec import Struct

from batten.model.edits import Edit
from batten.model.image import ImageReference
from batten.model.source import Document, Place
from batten.model.workload import Container, Mount, Workload


class Severity(IntEnum):
    """In rising order; the weights are those of the score."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def weight(self) -> int:
        return (0, 1, 2, 5, 10)[self]

    @property
    def word(self) -> str:
        return _WORDS[self]


_WORDS: Final = tuple(one.name.lower() for one in Severity)

CRITICAL: Final = Severity.CRITICAL
HIGH: Final = Severity.HIGH
MEDIUM: Final = Severity.MEDIUM
LOW: Final = Severity.LOW
INFO: Final = Severity.INFO

Confidence = Literal["high", "medium", "low"]
FixKind = Literal["safe", "review"]


class Change(Struct, frozen=True, eq=False, gc=False):
    """A wanted value of a neutral field; the platform's writer turns it into edits.

    Written for the fields listed in `batten.formats.writers`.
    """

    target: Container | Workload
    field: str
    value: Any


class DocumentEdit(Struct, frozen=True, eq=False, gc=False):
    """An edit of one document, for what no neutral field expresses."""

    document: Document
    edit: Edit


class Fix(Struct, frozen=True, eq=False, gc=False):
    """`safe`: takes nothing away from the running process. `review`: anything that does."""

    kind: FixKind
    summary: str
    """Imperative, short: `set privileged to false`."""
    steps: tuple[Change | DocumentEdit, ...]
    relies_on: tuple[Mount, ...] = ()
    """Mounts of the changed container that must stay for the process to go on working: a fix that takes one
    away goes first, and this one is then made anew."""
    lowers: bool = False
    """The finding stays, less severe: the proof asks for that."""


class Outcome(Enum):
    """Answers of a check that are not failures."""

    PASS = "pass"  # noqa: S105 - an answer, no password
    NOT_APPLICABLE = "not-applicable"


PASS: Final = Outcome.PASS
NOT_APPLICABLE: Final = Outcome.NOT_APPLICABLE


class Failure(Struct, frozen=True, eq=False, gc=False):
    """One failure. `subject` tells several failures of one check on one resource apart, without
    line numbers or indexes (a capability's name, a mount's path): it is part of the fingerprint."""

    place: Place
    message: str
    subject: str = ""
    fix: Fix | None = None
    no_fix: str = ""
    """Why there is no fix; shown by `batten fix`."""
    severity: Severity | None = None
    """Overrides the check's own, e.g. critical for `SYS_ADMIN` where other capabilities are high."""
    confidence: Confidence = "high"
    related: tuple[Place, ...] = ()
    pin: ImageReference | None = None
    """The reference at `place`, as it is read, which the digest of its tag would mend (`batten fix --pin`)."""
    resource: Any = None
    """A `Resource` where the failure is about another one than the noun's own."""


Verdict = Outcome | Failure | list[Failure]


def fail(place: Place, message: str, **more: Any) -> Failure:
    """A failure at `place`; `more` are the other fields of `Failure`."""
    return Failure(place, message, **more)
