"""How a document is laid out, read off its own text."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from itertools import islice

from batten.formats.tree import MAP, SCALAR, SEQ, Node, Tree
from batten.formats.yaml.emit import Style
from batten.formats.yaml.schema import Schema
from batten.pattern import pattern

# a key with nothing behind it, and the dash of the list below it
_LIST_BELOW_KEY = pattern(r"^( *)[\w\"'][^\n#]*:[ \t]*\r?\n( *)- ", re.MULTILINE)
_LISTS_LOOKED_AT = 20
_WIDEST = 10  # columns of indentation that count as a habit


def style_of(tree: Tree, schema: Schema | None) -> Style:
    """The habits of the whole document; of its file where the document alone shows none. `schema` None: JSON."""
    if tree.style is None:
        tree.style = _style_of(tree, schema)
    found: Style = tree.style
    return found


def _style_of(tree: Tree, schema: Schema | None) -> Style:
    end = tree.text.find("\n")
    newline = "\r\n" if end > 0 and tree.text[end - 1] == "\r" else "\n"
    if tree.json:
        return _json_style(tree, newline)
    steps: Counter[int] = Counter()
    dashes: Counter[int] = Counter()
    waiting = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.kind == MAP and node.block:
            for _, value, width in indented(tree, node):
                (steps if value.kind == MAP else dashes)[width] += 1
        waiting += [item for item in node.items if item.items]
    step = _most(steps) or 2
    if not dashes:
        dashes.update(_dashes_elsewhere(tree.text))
    usual = 0 if schema is not None and schema.name == "kubernetes" else step  # what kubectl and Compose print
    return Style(schema, newline, step, _most(dashes) if dashes else usual)


@lru_cache(maxsize=2)  # one file may have thousands of documents that ask
def _dashes_elsewhere(text: str) -> tuple[int, ...]:
    """How far the first lists of a file are indented, whatever document they are in."""
    widths = (len(found[2]) - len(found[1]) for found in islice(_LIST_BELOW_KEY.finditer(text), _LISTS_LOOKED_AT))
    return tuple(width for width in widths if 0 <= width <= _WIDEST)


def style_at(tree: Tree, node: Node, parent: Node | None, usual: Style) -> Style:
    """The habits inside of one block mapping: its own, its parent's, else the document's `usual` ones."""
    step, dash = 0, -1
    for owner in (node, parent):
        if owner is not None and owner.kind == MAP and owner.block:
            for _, value, width in indented(tree, owner):
                if value.kind == MAP:
                    step = step or width
                elif dash < 0:
                    dash = width
    if dash < 0:  # where lists are as deep as mappings, they are so here, too
        dash = step if step and usual.dash == usual.step else usual.dash
    return Style(usual.schema, usual.newline, step or usual.step, dash, quote=key_quote(node, parent))


def key_quote(node: Node, parent: Node | None) -> str:
    """The quote that all keys of a mapping have (of an empty one, its parent's; of a list, its last item's)."""
    if node.kind == SEQ and node.items:
        node = node.items[-1]
    for owner in (node, parent):
        if owner is not None and owner.kind == MAP and owner.items:
            return quote_of(owner.items[::2])
    return ""


def indented(tree: Tree, mapping: Node) -> list[tuple[Node, Node, int]]:
    """Key, value and indentation of the block collections in a block mapping."""
    column = column_of(tree.text, mapping.body)
    found = []
    for key, value in zip(mapping.items[::2], mapping.items[1::2], strict=True):
        if value.block and value.items:
            width = column_of(tree.text, value.body) - column
            if (0 if value.kind == SEQ else 1) <= width <= _WIDEST:
                found.append((key, value, width))
    return found


def quote_of(items: list[Node]) -> str:
    """The quote that all scalars of a list have, "" where some have none or another."""
    styles = {item.style for item in items if item.kind == SCALAR}
    return styles.pop() if len(styles) == 1 and styles <= {"'", '"'} else ""


def column_of(text: str, offset: int) -> int:
    """The column of an offset, from 0; a byte order mark has none."""
    begin = text.rfind("\n", 0, offset) + 1
    if begin == 0 and text.startswith("\ufeff"):
        begin = 1
    return offset - begin


def _most(counts: Counter[int]) -> int:
    """The most frequent width, the smaller one of two."""
    return max(counts, key=lambda width: (counts[width], -width)) if counts else 0


def _json_style(tree: Tree, newline: str) -> Style:
    """Indentation and separators of a JSON document, from the first collections that show them."""
    text, unit, colon, comma = tree.text, "", "", ""
    waiting = [tree.root]
    while waiting and not (unit and colon):
        node = waiting.pop()
        if node.items and not unit:
            gap = text[node.body + 1 : node.items[0].start]
            if "\n" in gap:
                outer = text[text.rfind("\n", 0, node.body) + 1 :]
                unit = gap.rpartition("\n")[2].removeprefix(outer[: len(outer) - len(outer.lstrip(" \t"))]) or "  "
        if node.kind == MAP and node.items:
            colon = colon or text[node.items[0].end : node.items[1].start]
            if len(node.items) > 2:
                comma = comma or text[node.items[1].end : node.items[2].start]
        waiting += [item for item in reversed(node.items) if item.items]
    colon = colon if colon.strip(" ") == ":" else ": "
    comma = comma if comma and comma.strip(" ") == "," else "," if colon == ":" and not unit else ", "
    return Style(None, newline, unit=unit, colon=colon, comma=comma)
