"""The shapes of a line of simple YAML, and what a line says: an entry of a mapping or of a list.

Manifests repeat themselves: seven of ten lines of a repository were met before, so what a line says is kept.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from yaml import events
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from batten.formats.yaml.construct import construct
from batten.formats.yaml.schema import CACHED_LENGTH, CACHED_TEXTS, Schema
from batten.pattern import pattern

_FIRST: Final = r"[^\n\t \-?:,\[\]{}#&*!|>'\"%@`]"  # of plain text
_KEY: Final = (
    rf"(?!<<){_FIRST}[^\n\t :#]*+(?:\ ++[^\n\t :#]++)*+(?=\ *:)|\"[^\n\t\"\\]*+\"(?=\ *:)|'[^\n\t']*+'(?=\ *:)"
)
_WORDS: Final = r"(?:[^\n\t:# ]++|:(?![ \n\t]|\Z)|(?<! )#|\ ++(?![ #\n\t:]|\Z))*+"  # colons and # inside of words
# text that goes on over lines that are deeper than its key or dash, with an indentation of {0}
_PLAIN: Final = (
    rf"(?:{_FIRST}|[-?:](?![ \n\t]|\Z)){_WORDS}(?:\ *+\n++(?:{{0}})\ *+(?!\#){_WORDS}(?<![ \n])(?=\ *+(?:[\n#]|\Z)))*+"
)
_BLOCK: Final = r"[|>][-+]?+\ *+(?:(?<= )\#[^\n]*+)?+(?:\n(?:(?:{0})[^\n]++|\ *+(?=\n)))*+"
_CLOSED: Final = (
    r"\"(?:[^\t\"\\]++|\\[^\t])*+\"|'(?:[^\t']++|'')*+'"
    r"|\[(?:[^\t\#\[\]{}]++|(?<=[ \n])\#[^\n]*+)*+\]|\{(?:[^\t\#\[\]{}]++|(?<=[ \n])\#[^\n]*+)*+\}"
    r"|\[[^\n\t\#]*\]|\{[^\n\t\#]*\}"
)
_BELOW_KEY: Final = r"(?(2)\1\ \ \ |\1\ )"  # `- key:` is two columns deeper
_BELOW_DASH: Final = r"\1\ "


def _any(indentation: str) -> str:
    return "|".join((_PLAIN.replace("{0}", indentation), _CLOSED, _BLOCK.replace("{0}", indentation)))


LINE: Final = pattern(
    rf"( *+)(-\ ++)?+(?:({_KEY}) *+:(?=[ \n]|\Z)(?: ++({_any(_BELOW_KEY)}))?+|({_any(_BELOW_DASH)}))?+"
    r"(?: *+(?:(?<![^ \n])\#[^\n]*+)?+)(?:\n|\Z)|([^\n]+\n?)"
)
"""An entry with its line end: indentation, dash, key, its value, the value of an item that has no key. The last
group: a line that has none of the shapes."""
DASH: Final = 2
KEY: Final = 3
VALUE: Final = 4
ITEM: Final = 5
_QUOTED: Final = pattern(r"\"(?:[^\"\\]++|\\.)*+\"|'[^']*+'")
_DECORATED: Final = pattern(r"[&*!]|<<")

NOTHING: Final[Any] = object()
"""In the place of a key: there is none. In that of a value: it has no text."""
Entry = tuple[int, int, Any, Any]
"""Column, -1 of what is no entry (blank, comment); width of the dash with its spaces, 0 without; key; value."""
_NO_ENTRY: Final[Entry] = (-1, 0, NOTHING, NOTHING)


class Odd(Exception):
    """Not as simple as that."""


class Special(Struct, frozen=True, gc=False):
    """A value that is more than a scalar on one line."""

    value: Any
    """The text; the items of a list of scalars as a tuple; None for a collection that is read anew each time."""
    events: int
    """libyaml's, of it."""
    text: str
    """A flow collection as it is written."""
    more: int
    """Lines that it takes beside the first."""


class ByLine(dict[str, Entry]):
    """A line -> its entry. Raises `Odd` for what may go on below, which `ByShape` is for. Fills itself."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.schema = schema

    def __missing__(self, line: str) -> Entry:
        found = LINE.match(line)
        groups = ("",) * 6 if found is None else found.groups("")
        if (groups[3] or groups[4]).startswith(("|", ">")):
            raise Odd
        entry = _entry(groups, self.schema)
        if len(line) <= CACHED_LENGTH and len(self) < CACHED_TEXTS:
            self[line] = entry
        return entry


class ByShape(dict[tuple[str, ...], Entry]):
    """The groups of `LINE` -> the entry that they stand for. Raises `Odd`. Fills itself."""

    def __init__(self, schema: Schema) -> None:
        super().__init__()
        self.schema = schema

    def __missing__(self, groups: tuple[str, ...]) -> Entry:
        entry = _entry(groups, self.schema)
        if len(groups[3]) + len(groups[4]) <= CACHED_LENGTH and len(self) < CACHED_TEXTS // 4:
            self[groups] = entry
        return entry


def _entry(groups: tuple[str, ...], schema: Schema) -> Entry:
    spaces, dash, name, written, item, odd = groups
    if odd or (dash and not name and not item):
        raise Odd
    if name:
        if "\n" in written and len(dash) > 2:
            raise Odd  # its end was looked for at the column of an entry behind `- `
        key = name[1:-1] if name[0] in "\"'" else schema.keys[name]
        return len(spaces), len(dash), key, _value(written, schema) if written else NOTHING
    return (len(spaces), len(dash), NOTHING, _value(item, schema)) if item else _NO_ENTRY


def _value(text: str, schema: Schema) -> Any:
    """The value that `text` stands for, or a `Special`."""
    first = text[0]
    more = text.count("\n")
    if first in "[{":
        value, size = flow(text, schema)
        flat = isinstance(value, list) and not any(isinstance(item, (dict, list)) for item in value)
        return Special(tuple(value) if flat else None, size, text, more)
    if first in "|>":
        return Special(scalar(text + "\n").value, 1, "", more)
    if more:
        value = scalar(text).value
        return Special(value if first in "\"'" else schema.plain[value], 1, "", more)
    if first == '"':
        return scalar(text).value if "\\" in text else text[1:-1]
    return text[1:-1].replace("''", "'") if first == "'" else schema.plain[text]


def flow(text: str, schema: Schema) -> tuple[Any, int]:
    """The value of a flow collection, and its events."""
    if _DECORATED.search(_QUOTED.sub("", text)) is not None:
        raise Odd
    parsed = construct(CParser(text).get_event, schema, decorated=False)
    if parsed.repeated:
        raise Odd
    return parsed.value, parsed.size


def scalar(text: str) -> Any:
    """The event of a scalar that is not plain, or goes on over several lines."""
    if text.startswith(("---", "...")):  # would be a document's
        raise Odd
    next_event = CParser(text).get_event
    next_event()
    next_event()
    event = next_event()
    if event.__class__ is not events.ScalarEvent or next_event().__class__ is not events.DocumentEndEvent:
        raise Odd
    return event
