"""The types of what a rule can read, and the fields that have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct

from batten.model.inventory import Inventory


class Type(Struct, frozen=True):
    """The type of a value: `bool`, `int`, `double`, `string`, `null`, `list`, `map`, `object`, `any`.

    `item` of a list or map; `object` the struct's own table; `words` all that a string can be;
    `nullable`: it may be unset; `absent`: the platform may have no such notion, or it is decided elsewhere.
    """

    kind: str
    item: Type | None = None
    object: str = ""
    words: tuple[str, ...] = ()
    nullable: bool = False
    absent: bool = False

    def __str__(self) -> str:
        inner = {"list": f"list of {self.item}", "map": f"map of {self.item}"}.get(self.kind, self.object or self.kind)
        return f"{inner} or null" if self.nullable else inner


BOOL: Final = Type("bool")
INT: Final = Type("int")
DOUBLE: Final = Type("double")
STRING: Final = Type("string")
NULL: Final = Type("null")
ANY: Final = Type("any")


class Field(Struct, frozen=True):
    """One name of an object. `get` is given the object and the inventory."""

    name: str
    type: Type
    get: Callable[[Any, Inventory], Any]
    source: str = ""
    """The name of the struct's own field, "" where there is none."""
    doc: str = ""
