"""libyaml's event stream of one document."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.scanner import ScannerError

T = TypeVar("T")
NextEvent = Callable[[], Any]

_COLON: Final = "\ue03a"  # private use: stands for a colon on which libyaml alone would stumble
_COLONS: Final = 64  # such places in one document


class Refused(Exception):
    """What libyaml takes and the platforms or our bounds do not; `offset` in the document's text."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


def consume(text: str, use: Callable[[NextEvent], T]) -> T:
    """`use` of the function that gives one event after the other. Raises `yaml.YAMLError`.

    `use` may be called again from the start: in flow collections libyaml refuses a plain scalar with a
    colon before a bracket or comma (`[2001:db8::, b]`), which go-yaml takes; such a colon is hidden.
    """
    next_event: NextEvent = CParser(text).get_event
    hidden = 0 if _COLON in text else _COLONS
    for _ in range(hidden):
        try:
            return use(next_event)
        except ScannerError as error:
            place = error.problem_mark.index if error.problem_mark is not None else len(text)
            if error.problem != "found unexpected ':'" or text[place : place + 1] != ":":
                raise
        text = f"{text[:place]}{_COLON}{text[place + 1 :]}"
        next_event = _showing_colons(CParser(text).get_event)
    return use(next_event)


def _showing_colons(next_event: NextEvent) -> NextEvent:
    def get() -> Any:
        event = next_event()
        value = getattr(event, "value", None)
        if value is not None and _COLON in value:
            event.value = value.replace(_COLON, ":")
        return event

    return get
