"""A mapping of a document with its place: how records and definitions are walked without trusting their shape."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from batten.model.source import Pointer
from batten.model.values import UNKNOWN, Absent
from batten.pattern import pattern

_AMOUNT = pattern(r"([0-9]{0,12}(?:\.[0-9]{1,9})?) ?([a-zA-Z]{0,8})\Z")


class Part(Struct, frozen=True, eq=False):
    """A mapping (anything else counts as an empty one) and where it stands."""

    value: Any
    pointer: Pointer = ()

    def get(self, name: str) -> Any:
        """The value of a field; None where it is not written, null or an empty text."""
        found = self.value.get(name) if isinstance(self.value, dict) else None
        return None if found == "" else found

    def at(self, name: str) -> Pointer:
        return (*self.pointer, name)

    def part(self, name: str) -> Part:
        return Part(self.get(name), self.at(name))

    def parts(self, name: str) -> list[Part]:
        """The mappings in a list."""
        found = self.get(name)
        items = found if isinstance(found, list) else []
        return [Part(item, (*self.pointer, name, n)) for n, item in enumerate(items) if isinstance(item, dict)]

    def texts(self, name: str) -> list[str]:
        """The scalars of a list, as text."""
        found = self.get(name)
        return [as_text(item) for item in found] if isinstance(found, list) else []

    def text(self, name: str) -> str:
        """A scalar as text, "" where there is none."""
        return as_text(self.get(name))

    def flag(self, name: str) -> bool | Absent:
        """A boolean that is false where it is not written."""
        found = self.get(name)
        if isinstance(found, bool) or found is None:
            return bool(found)
        word = as_text(found).strip().lower()
        if word in ("true", "false"):
            return word == "true"
        return UNKNOWN

    def integer(self, name: str) -> int | Absent | None:
        """A whole number, also where it is written as text; `UNKNOWN` for anything else."""
        found = self.get(name)
        if found is None:
            return None
        text = as_text(found).strip()
        return int(text) if text.isascii() and text.removeprefix("-").isdigit() and len(text) < 19 else UNKNOWN


def as_text(value: Any) -> str:
    """A scalar as it is meant as text; "" for collections and null."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else ""


def amount(text: str, units: dict[str, int]) -> int | Absent:
    """`512`, `0.5 GB`, `1 vCPU` in the smallest unit; `units` has the factor of each unit, "" of none."""
    from batten.formats.docker_values import is_template

    match = _AMOUNT.match(text.strip())
    if match is None or match[1] in ("", ".") or match[2].lower() not in units or is_template(text):
        return UNKNOWN
    return int(float(match[1]) * units[match[2].lower()])
