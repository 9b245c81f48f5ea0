"""One document while it is read: typed access to its values, and what was wrong with them.

The API server decodes JSON strictly: names of fields in their exact case, a string is no boolean and a
number is no string, `null` is the same as not written (sigs.k8s.io/json). A value of a wrong type makes
the server refuse the object; here it is a problem and the field counts as not written.
"""

from __future__ import annotations

from typing import Any, Final

from batten.formats.kubernetes.quantity import MalformedQuantity, Ratio, parse_quantity
from batten.formats.yaml import is_template
from batten.limits import KUBERNETES_ENTRIES, KUBERNETES_PROBLEMS
from batten.model.source import Document, File, Pointer, Problem, pointer_text
from batten.model.values import UNKNOWN, Absent

Json = dict[str, Any]
EMPTY: Final[Json] = {}
"""What a mapping that is not written reads as; never changed."""

OBJECT_WEIGHT: Final = 30
"""Entries that an object or container counts as: about its share of memory."""
_MORE: Final = "holds more values of wrong types; mend the ones above first"
_NAMES: Final = {bool: "a boolean", int: "a number", float: "a number", str: "text", dict: "a mapping", list: "a list"}


def shown(value: Any) -> str:
    """A value as it is named in a message: what it is and, if short, how it is written."""
    kind = _NAMES.get(type(value), "something else")
    if isinstance(value, str):
        return f"{kind} {value[:40]!r}"
    if isinstance(value, bool):
        return f"{kind} {str(value).lower()}"
    if isinstance(value, float) or (isinstance(value, int) and _fits(value)):
        return f"{kind} {value}"
    return kind


def _fits(value: int) -> bool:
    """The number fits into 64 bits, as the API server's own do."""
    return -(2**63) <= value < 2**63


class TooMuch(Exception):
    """The file holds more than any real one; what was read of it so far is kept."""


class Budget:
    """How much may still be made of one file's values; aliases let a short text name many."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = KUBERNETES_ENTRIES

    def spend(self, entries: int) -> None:
        """Take `entries` off; raises `TooMuch`."""
        self.left -= entries
        if self.left < 0:
            raise TooMuch


class Source:
    """A document being read. Getters take the owner, the key, and the owner's pointer."""

    __slots__ = (
        "absences",
        "budget",
        "complained",
        "document",
        "file",
        "native_templates",
        "placeholders",
        "problems",
        "scope",
        "templated",
    )

    def __init__(self, document: Document, scope: str, problems: list[Problem], budget: Budget) -> None:
        self.budget = budget
        self.document = document
        self.file: File = document.file
        self.scope = scope
        self.problems = problems
        self.templated = False
        """A template marker decides something that is judged."""
        self.placeholders = False
        """So does a `${NAME}`."""
        self.absences: list[tuple[str, Pointer]] = []
        """What the object that is being read lacks, and where; told when all of it was read (`complete.tell`)."""
        self.complained: list[Pointer] = []
        """What was complained of in that object."""
        self.native_templates = False
        """`{{ }}` (Argo Workflows) or `$( )` (Tekton) is resolved by the controller at run time: nothing renders it."""

    def complain(self, message: str, pointer: Pointer, *, severe: bool = True) -> None:
        """Add a problem at `pointer`; after the first few of a file the rest is not told one by one."""
        if len(self.problems) < KUBERNETES_PROBLEMS:
            self.complained.append(pointer)
            location = self.document.locate(pointer)
            problem = Problem(location.path, message, location.line, severe)
            if problem not in self.problems:  # a value may be read twice
                self.problems.append(problem)
        elif self.problems[-1].message != _MORE:
            self.problems.append(Problem(self.file.path, _MORE))

    def unknown(self, text: str) -> bool:
        """Whether `text` is decided elsewhere, which is noted."""
        if is_template(text):
            self.templated = self.templated or not self.native_templates
            return True
        if "${" in text or "$(" in text:
            self.placeholders = self.placeholders or not self.native_templates
            return True
        return False

    def wrong(self, value: Any, expected: str, pointer: Pointer) -> Absent | None:
        """What a field reads as whose value has another type than `expected`."""
        if type(value) is str and self.unknown(value):
            return UNKNOWN
        where = pointer_text(pointer)
        self.complain(f"expected {expected} at {where}, found {shown(value)}; the API server refuses this", pointer)
        return None

    def flag(self, owner: Json, key: str, pointer: Pointer) -> bool | Absent | None:
        """A boolean."""
        value = owner.get(key)
        if value is None or value is True or value is False:
            return value
        return self.wrong(value, "true or false", (*pointer, key))

    def integer(self, owner: Json, key: str, pointer: Pointer) -> int | Absent | None:
        """A whole number."""
        value = owner.get(key)
        if value is None or (type(value) is int and _fits(value)):
            return value
        if type(value) is float and value.is_integer() and abs(value) < 2**53:
            return int(value)  # `1000.0` in YAML is `1000` once it is JSON
        return self.wrong(value, "a whole number", (*pointer, key))

    def number(self, owner: Json, key: str, pointer: Pointer) -> int:
        """A whole number, 0 where it is not written or not known."""
        value = self.integer(owner, key, pointer)
        return value if type(value) is int else 0

    def text(self, owner: Json, key: str, pointer: Pointer) -> str:
        """A string as written, template and all; "" where it is not written."""
        value = owner.get(key)
        if type(value) is str:
            return value
        if value is not None:
            self.wrong(value, "text", (*pointer, key))
        return ""

    def word(self, owner: Json, key: str, pointer: Pointer) -> str | Absent | None:
        """A string that is judged: UNKNOWN where a template or placeholder decides it."""
        value = owner.get(key)
        if type(value) is str:
            return UNKNOWN if self.unknown(value) else value
        return None if value is None else self.wrong(value, "text", (*pointer, key))

    def mapping(self, owner: Json, key: str, pointer: Pointer) -> Json:
        """A mapping, empty where it is not written."""
        value = owner.get(key)
        if type(value) is dict:
            return value
        if value is not None:
            self.wrong(value, "a mapping", (*pointer, key))
        return EMPTY

    def section(self, owner: Json, key: str, pointer: Pointer) -> Json | Absent:
        """A mapping whose fields are judged: UNKNOWN where all of it is a template."""
        value = owner.get(key)
        if type(value) is dict:
            return value
        if value is not None and self.wrong(value, "a mapping", (*pointer, key)) is UNKNOWN:
            return UNKNOWN
        return EMPTY

    def items(self, owner: Json, key: str, pointer: Pointer) -> list[tuple[Pointer, Json]]:
        """The mappings of a list with their pointers; items that are none are a problem."""
        value = owner.get(key)
        if value is None:
            return []
        base = (*pointer, key)
        if type(value) is not list:
            self.wrong(value, "a list", base)
            return []
        self.budget.spend(len(value))
        found: list[tuple[Pointer, Json]] = []
        for index, item in enumerate(value):
            if type(item) is dict:
                found.append(((*base, index), item))
            elif item is None:
                found.append(((*base, index), {}))  # the server reads null as an empty item
            else:
                self.wrong(item, "a mapping", (*base, index))
        return found

    def words(self, owner: Json, key: str, pointer: Pointer) -> tuple[str, ...]:
        """The strings of a list."""
        value = owner.get(key)
        if value is None:
            return ()
        if type(value) is not list:
            self.wrong(value, "a list", (*pointer, key))
            return ()
        self.budget.spend(len(value))
        for index, item in enumerate(value):
            if type(item) is not str and item is not None:
                self.wrong(item, "text", (*pointer, key, index))
        return tuple(item if type(item) is str else "" for item in value if item is None or type(item) is str)

    def strings(self, owner: Json, key: str, pointer: Pointer) -> dict[str, str]:
        """A mapping of strings (labels, annotations, `data`); a null reads as "" there."""
        value = owner.get(key)
        if value is None:
            return {}
        if type(value) is not dict:
            self.wrong(value, "a mapping", (*pointer, key))
            return {}
        self.budget.spend(len(value))
        found: dict[str, str] = {}
        for name, item in value.items():
            if type(item) is str:
                found[str(name)] = item
            elif item is None:
                found[str(name)] = ""
            else:
                self.wrong(item, "text", (*pointer, key, name))
        return found

    def quantity(self, owner: Json, key: str, pointer: Pointer) -> Ratio | Absent | None:
        """An amount of a resource in its base unit (bytes, cores)."""
        value = owner.get(key)
        if value is None:
            return None
        if type(value) is str and self.unknown(value):
            return UNKNOWN
        try:
            return parse_quantity(value)
        except MalformedQuantity:
            return self.wrong(value, "a quantity such as 128Mi or 250m", (*pointer, key))
