"""The block style that nearly every manifest is written in, read line by line: values, and the lines they stand on.

libyaml reads a document in a fifth of the time that PyYAML takes to make objects of its events. So a document
whose every line has one of the common shapes is read here, and libyaml, which makes no objects then, says whether
it is valid and has as many nodes as were read. Anything else (anchors, tags, merge keys, keys that stand twice,
lists in lists, nested flow collections on several lines, tabs, other line ends, large documents) gives None, and
the caller takes the long way.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct
from yaml import YAMLError
from yaml.cyaml import CParser  # type: ignore[attr-defined]

from batten.formats.yaml.events import Refused
from batten.formats.yaml.schema import Schema
from batten.formats.yaml.shapes import LINE, NOTHING, ByLine, ByShape, Entry, Odd, Special, flow
from batten.limits import YAML_DEPTH, YAML_SIMPLE_CHARACTERS
from batten.pattern import pattern

_HEAD: Final = pattern(r"---(?: ++(?:#[^\n]*+)?+)?+\n")
_REFUSED: Final = pattern("[\r\x85\u2028\u2029\ufeff]")  # what libyaml takes for line ends or removes
_ENVELOPE: Final = 4  # events of a stream with one document, around those of its nodes
_LIST: Final = -2  # in the place of a mapping's column: a list is being filled

Numbers = dict[str, Any] | list[Any]
"""Of a mapping, by key: the number of the entry; that and the number of the line below it that has its value; or
that and the `Numbers` of what stands below it. Of a list: numbers of items, or the `Numbers` of mappings."""


class Simple(Struct, gc=False):
    """A document's value, `size` as of `construct.Parsed`, the numbers of its entries in the order of the text,
    and for those that take several lines, number and lines more than one."""

    value: Any
    size: int
    numbers: Numbers
    longer: list[tuple[int, int]]


_tables: dict[Schema, tuple[ByLine, ByShape]] = {}


def read(text: str, schema: Schema, *, verified: bool = False) -> Simple | None:
    """The document in `text`; None where it is not simple, or not valid. `verified`: it was read before."""
    if (
        "\n{{" in text  # a template
        or len(text) > YAML_SIMPLE_CHARACTERS
        or ("\r" in text if text.isascii() else _REFUSED.search(text) is not None)
    ):
        return None
    try:
        found = _entries(text, schema)
        if verified or CParser(text).raw_parse() == found.size + _ENVELOPE:
            return found
    except (Odd, YAMLError, Refused):
        pass
    return None


def _entries(text: str, schema: Schema) -> Simple:
    by_line, by_shape = _tables.get(schema) or _tables.setdefault(schema, (ByLine(schema), ByShape(schema)))
    head = _HEAD.match(text)
    start = 0 if head is None else head.end()
    try:
        found = list(map(by_line.__getitem__, text[start:].split("\n")))
        return _read(found, [] if head is None else [(-1, 1)], schema)
    except Odd:
        found = list(map(by_shape.__getitem__, LINE.findall(text, start)))
    simple = _read(found, [] if head is None else [(-1, 1)], schema)
    if not text.endswith("\n") and simple.longer and all(one[0] < 0 for one in found[simple.longer[-1][0] + 1 :]):
        raise Odd  # the last line end of a block of text counts
    return simple


def _read(found: list[Entry], longer: list[tuple[int, int]], schema: Schema) -> Simple:
    """One loop in one piece, because half of a scan's time is spent in it."""
    root: Any = None
    root_numbers: Any = None
    # what is being filled: a mapping, or None and a list; its numbers; its column
    mapping: Any = None
    items: Any = None
    numbers: Any = None
    column = -1
    here = _LIST  # the column of a mapping
    stack: list[tuple[Any, Any, Any, int]] = []
    last: Any = None  # the last key
    waits = True  # nothing stands behind it yet
    size = 2 * len(found) + 1
    for number, (begin, dash, key, value) in enumerate(found):
        if begin != here or dash or key is NOTHING:
            if begin < 0:
                size -= 2
                continue
            if key is NOTHING and not dash:  # a value on the line below its key
                if not waits or mapping is None or begin <= column:
                    raise Odd
                if value.__class__ is Special:
                    size += value.events - 1
                    value = _opened(value, schema, len(stack), number, longer)
                mapping[last] = value
                numbers[last] = (numbers[last], number)
                waits = False
                size -= 2
                continue
            while begin < column:
                mapping, items, numbers, column = stack.pop()
                waits = False
            if begin > column or (dash and mapping is not None):
                if not waits or len(stack) >= YAML_DEPTH:
                    raise Odd
                stack.append((mapping, items, numbers, column))
                new: Any = [] if dash else {}
                below: Any = [] if dash else {}
                if mapping is None:
                    root, root_numbers = new, below
                else:
                    mapping[last] = new
                    numbers[last] = (numbers[last], below)
                numbers, column, size = below, begin, size + 1
                mapping, items = (None, new) if dash else (new, None)
            elif mapping is None and not dash:  # the end of a list that is flush with its key
                mapping, items, numbers, column = stack.pop()
                if begin != column:
                    raise Odd
            if dash:
                if key is NOTHING:
                    if value.__class__ is Special:
                        size += value.events - 1
                        value = _opened(value, schema, len(stack), number, longer)
                    items.append(value)
                    numbers.append(number)
                    size -= 1
                    waits, here = False, _LIST
                    continue
                if len(stack) >= YAML_DEPTH:
                    raise Odd
                stack.append((None, items, numbers, column))
                mapping, below = {}, {}
                items.append(mapping)
                numbers.append(below)
                items, numbers, column, size = None, below, column + dash, size + 2
            here = column
        if key in mapping:
            raise Odd
        last = key
        numbers[key] = number
        if value is NOTHING:
            mapping[key] = None
            waits = True
        else:
            if value.__class__ is Special:
                size += value.events - 1
                value = _opened(value, schema, len(stack), number, longer)
            mapping[key] = value
            waits = False
    if root is None:
        raise Odd
    return Simple(root, size, root_numbers, longer)


def _opened(special: Special, schema: Schema, depth: int, number: int, longer: list[tuple[int, int]]) -> Any:
    """The value at one place, which no other place may share."""
    value = special.value
    if special.more:
        longer.append((number, special.more))
    if not special.text:
        return value
    if value is not None:
        return list(value)
    if depth + special.text.count("[") + special.text.count("{") > YAML_DEPTH:
        raise Odd
    return flow(special.text, schema)[0]
