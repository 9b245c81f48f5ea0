"""Values -> text, in the style of the document that they are put into."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from batten.formats.tree import MAP, SEQ, Node, Tree
from batten.formats.yaml.schema import Schema
from batten.model.edits import CannotEdit

# what may stand without quotes: nothing that any YAML reader takes for something else
_PLAIN = re.compile(
    r"[A-Za-z0-9_./][A-Za-z0-9_./@%+=-]*(?::[A-Za-z0-9_./@%+=-]+)*(?: [A-Za-z0-9_./@%+=(-][A-Za-z0-9_./@%+=()-]*)*\Z"
)
# line breaks to libyaml that JSON leaves alone
_BREAKS = {"\x85": "\\u0085", "\u2028": "\\u2028", "\u2029": "\\u2029", "\ufeff": "\\ufeff", "\x7f": "\\u007f"}
_ODD = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


class Style(Struct, frozen=True):
    """How a document is laid out."""

    schema: Schema | None
    """None: JSON."""
    newline: str
    step: int
    """Columns by which a mapping in a mapping is indented."""
    dash: int
    """Columns by which a list in a mapping is indented: 0 (flush) or more."""

    def scalar(self, value: Any) -> str:
        """One scalar (or an empty collection) on one line."""
        if self.schema is None:
            return json.dumps(value, ensure_ascii=False, allow_nan=False)
        if isinstance(value, str):
            return self._string(value)
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            text = repr(value)
            if self.schema.resolve(text) != value:
                raise CannotEdit(f"{text} cannot be written in this document")
            return text
        if value == {} and isinstance(value, dict):
            return "{}"
        if value == [] and isinstance(value, list):
            return "[]"
        raise CannotEdit(f"a {type(value).__name__} cannot be written")

    def _string(self, text: str) -> str:
        if self.schema is not None and _PLAIN.match(text) and self.schema.resolve(text) == text:
            return text
        quoted = json.dumps(text, ensure_ascii=False)
        return _ODD.sub(lambda found: _BREAKS.get(found[0]) or f"\\u{ord(found[0]):04x}", quoted)

    def key(self, text: str) -> str:
        return json.dumps(text, ensure_ascii=False) if self.schema is None else self._string(text)

    def inline(self, value: Any) -> str:
        """Any value on one line: flow style, or JSON."""
        if isinstance(value, dict) and value:
            pairs = ", ".join(f"{self.key(key)}: {self.inline(inner)}" for key, inner in value.items())
            return "{ " + pairs + " }" if self.schema is None else "{" + pairs + "}"
        if isinstance(value, (list, tuple)) and value:
            return "[" + ", ".join(self.inline(inner) for inner in value) + "]"
        text = self.scalar(list(value) if isinstance(value, tuple) else value)
        return text if self.schema is None or not set(text) & set(",[]{}") or text[:1] in '"[{' else json.dumps(text)

    def pretty(self, value: Any, indent: str, unit: str) -> str:
        """JSON over several lines; the first line is not indented, the others by `indent` and more."""
        inner = self.newline + indent + unit
        if isinstance(value, dict) and value:
            pairs = ("," + inner).join(
                f"{self.key(key)}: {self.pretty(item, indent + unit, unit)}" for key, item in value.items()
            )
            return "{" + inner + pairs + self.newline + indent + "}"
        if isinstance(value, (list, tuple)) and value and any(isinstance(item, (dict, list)) for item in value):
            items = ("," + inner).join(self.pretty(item, indent + unit, unit) for item in value)
            return "[" + inner + items + self.newline + indent + "]"
        return self.inline(value)

    def pair(self, key: str, value: Any, column: int) -> str:
        """`key: value` in block style without the first line's indent; further lines are indented."""
        return self.key(key) + ":" + self.after_colon(value, column)

    def after_colon(self, value: Any, column: int) -> str:
        """What follows the colon of a key that stands in `column`."""
        if isinstance(value, dict) and value:
            return self.newline + self.block(value, column + self.step)
        if isinstance(value, (list, tuple)) and value:
            return self.newline + self.block(list(value), column + self.dash)
        return " " + self.inline(value)

    def block(self, value: Any, column: int) -> str:
        """A collection in block style, every line indented to `column` or more; no final line end."""
        return self.newline.join(" " * column + line for line in self._lines(value, column))

    def _lines(self, value: Any, column: int) -> Iterator[str]:
        if isinstance(value, dict):
            for key, inner in value.items():
                yield self.pair(key, inner, column)
        else:
            for item in value:
                yield self.item(item, column)

    def item(self, value: Any, column: int) -> str:
        """`- value` in block style for a dash in `column`, without the first line's indent."""
        if isinstance(value, (dict, list)) and value:
            return "- " + self.block(value, column + 2).lstrip(" ")
        return "- " + self.inline(value)


def style_of(tree: Tree, schema: Schema | None) -> Style:
    """The layout of the document, read off its own collections."""
    end = tree.text.find("\n")
    newline = "\r\n" if end > 0 and tree.text[end - 1] == "\r" else "\n"
    steps: dict[int, int] = {}
    dashes: dict[int, int] = {}
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.kind == MAP and not node.style:
            for key, value in zip(node.items[::2], node.items[1::2], strict=True):
                _count(tree, key, value, steps, dashes)
        waiting.extend(node.items)
    step = max(steps, key=lambda width: (steps[width], -width)) if steps else 2
    dash = max(dashes, key=lambda width: (dashes[width], -width)) if dashes else (0 if not steps else min(step, 2))
    return Style(schema, newline, max(step, 1), dash)


def _count(tree: Tree, key: Node, value: Node, steps: dict[int, int], dashes: dict[int, int]) -> None:
    if value.kind not in (MAP, SEQ) or value.style or not value.items:
        return
    width = column_of(tree.text, value.body) - column_of(tree.text, key.start)
    counts = steps if value.kind == MAP else dashes
    if 0 <= width <= 8 and (width or value.kind == SEQ):
        counts[width] = counts.get(width, 0) + 1


def column_of(text: str, offset: int) -> int:
    """The column of an offset, from 0; a byte order mark has none."""
    begin = text.rfind("\n", 0, offset) + 1
    if begin == 0 and text.startswith("\ufeff"):
        begin = 1
    return offset - begin
