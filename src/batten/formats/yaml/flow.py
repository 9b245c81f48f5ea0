"""Changes of flow collections (`{a: 1}`, `[a]`, and all of JSON) as splices."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from msgspec.structs import replace

from batten.formats.tree import MAP, Node, Tree
from batten.formats.yaml.emit import Style, is_block
from batten.formats.yaml.lines import Lines
from batten.formats.yaml.style import key_quote, quote_of
from batten.model.edits import CannotEdit, Splice
from batten.pattern import pattern

_COMMA = pattern(r"(?:[ \t\r\n]++|#[^\n]*\n)*+,")
_REST_OF_ENTRY = pattern(r"[ \t]*,?[ \t]*(?:#[^\n]*)?\r?(?:\n|\Z)")
_COMMA_AND_REST = pattern(r"[ \t]*,[ \t]*(?:#[^\n]*)?\r?\n")


class Flow:
    """The flow collections of one document."""

    def __init__(self, tree: Tree, style: Style) -> None:
        self.tree = tree
        self.text = tree.text
        self.lines = Lines(tree.text)
        self.style = style

    def replace(self, parent: Node | None, index: int, node: Node, value: Any) -> list[Splice]:
        """A value in flow style becomes another one."""
        start = node.body if node.tag is None else node.start
        if is_block(value):
            style = self._style(node, parent)
            text = self._text(value, self._indent_of_line(node.start), style, multiline=True)
            if parent is not None and parent.style == ":":
                text = style.flow(value)
        else:
            text = self.style.scalar(value, flow=True, quote=node.style if node.style in ("'", '"') else "")
        if start < node.end:
            return [Splice(start, node.end, text)]
        if parent is not None and parent.kind == MAP:
            key = parent.items[index - 1]
            between = self.text[key.end : start]
            if ":" not in between and (key.empty or "\n" in self.text[key.start : key.end]):
                raise CannotEdit("its key has no text or is written over several lines")
            text = text if between.endswith((" ", "\t", "\n")) else " " + text
            return [Splice(start, start, text if ":" in between else ":" + text)]
        raise CannotEdit("the entry has no text of its own")

    def change(self, node: Node, removed: Collection[int], added: dict[str, Any], appended: list[Any]) -> list[Splice]:
        """Entries go and new ones come at the end. At least one of the old ones is left."""
        if node.style == ":":
            raise CannotEdit("it is a pair in a list without brackets; write the brackets first")
        step = 2 if node.kind == MAP else 1
        spans = [
            (node.items[n].start, node.items[n + step - 1].end) for n in range(0, len(node.items), step)
        ]  # fmt: skip
        gone = {n // step for n in removed}
        if any(self.text[:start].rstrip(" \t\r\n")[-1:] == "?" for start, _ in spans[:1]):
            raise CannotEdit("its key is written with `?`")
        last = max(n for n in range(len(spans)) if n not in gone)
        beside = node.items[step * last + step - 1]
        is_pair = beside.style == ":"  # [a: ]
        if is_pair:
            beside = beside.items[-1]
        key = node.items[step * last]
        if beside.empty and (
            is_pair
            or beside.tag is not None
            or (key.empty and key.tag is not None)
            or self.text[beside.body - 1 : beside.body] in (":", "?")
        ):
            # a comma or bracket right behind it would be read as a part of the tag or the key
            raise CannotEdit("an entry beside it has no value; write the value first")
        if last < len(spans) - 1 and not added and not appended and self.text[beside.end - 1] == ":":
            # `2001::` is a word before a comma, and a key before a space
            raise CannotEdit("the entry before it ends in a colon; put that into quotes first")
        found: list[Splice] = []
        for first, end in _runs(gone, last):
            found += self._take_out(spans, first, end)
        new = self._entries(node, spans, added, appended)
        return found + self._end(node, spans, last, new)

    # ---------------------------------------------------------------------------------- remove

    def _take_out(self, spans: list[tuple[int, int]], first: int, end: int) -> list[Splice]:
        """Entries `first` to `end` (exclusive) go; entry `end` is left."""
        whole = [self._own_lines(spans[n], _COMMA_AND_REST) for n in range(first, end)]
        if all(one is not None for one in whole):
            return [Splice(*one, "") for one in whole if one is not None]
        self._refuse_comments(spans, first, end)
        if self.text[spans[end][0]] == ",":  # `?: value`: a key without text begins before its mark
            raise CannotEdit("a key without text stands behind it; write the key first")
        return [Splice(spans[first][0], spans[end][0], "")]

    def _own_lines(self, span: tuple[int, int], rest: re.Pattern[str]) -> tuple[int, int] | None:
        """The lines of an entry that shares them with nothing but its comma and a comment."""
        following = rest.match(self.text, span[1], self.tree.end)
        if not self.lines.is_first(span[0]) or following is None:
            return None
        return self.lines.begin(span[0]), following.end()

    def _refuse_comments(self, spans: list[tuple[int, int]], first: int, end: int) -> None:
        for (_, before), (after, _) in zip(spans[first:end], spans[first + 1 : end + 1], strict=False):
            if "#" in self.text[before:after]:
                raise CannotEdit("a comment stands between the entries; edit this by hand")

    # ------------------------------------------------------------------------------------- end

    def _end(self, node: Node, spans: list[tuple[int, int]], last: int, new: list[str]) -> list[Splice]:
        """What happens behind `last`, the last entry that is left: the ones behind it go, new ones come."""
        end = spans[last][1]
        trailing = _COMMA.match(self.text, spans[-1][1], node.end - 1)
        if last == len(spans) - 1:
            return self._add(node, spans[last], trailing.end() if trailing else None, new) if new else []
        whole = [self._own_lines(span, _REST_OF_ENTRY) for span in spans[last + 1 :]]
        if any(one is None for one in whole):
            self._refuse_comments(spans, last, len(spans) - 1)
            joint = self._joint(node, spans)
            return [Splice(end, spans[-1][1], "".join("," + joint + one for one in new))]
        found = [Splice(*one, "") for one in whole if one is not None]
        # the last comma may stand on a line of its own, which stays
        goes = trailing is not None and trailing.end() <= found[-1].end
        if new:
            at = found[0].start
            indent = self.text[at : spans[last + 1][0]]
            lines = [indent + one + "," for one in new]
            if not goes:
                lines[-1] = lines[-1][:-1]
            return [Splice(at, at, "".join(line + self.style.newline for line in lines)), *found]
        comma = _COMMA.match(self.text, end, node.end)
        if not goes and comma is not None:
            # what is a comment behind a comma would be a part of the value behind nothing
            found.append(Splice(comma.end() - 1, comma.end(), " " if self.text.startswith("#", comma.end()) else ""))
        return found

    def _add(self, node: Node, span: tuple[int, int], after_comma: int | None, new: list[str]) -> list[Splice]:
        joint = self._joint(node, [span])
        at = span[1] if after_comma is None else after_comma
        line_end = self.lines.end(at)
        if self.style.newline not in joint or line_end >= node.end:
            if after_comma is None:
                return [Splice(at, at, "".join("," + joint + one for one in new))]
            return [Splice(at, at, "".join(joint + one + "," for one in new))]
        text = ("," + joint).join(["", *new])[1:] + ("" if after_comma is None else ",")
        if after_comma is not None:
            return [Splice(line_end, line_end, text)]
        if not self.lines.rest(at):
            return [Splice(at, at, "," + text)]
        return [Splice(at, at, ","), Splice(line_end, line_end, text)]

    def _joint(self, node: Node, spans: list[tuple[int, int]]) -> str:
        """What stands between a comma and the next entry: a space, or a line break and the indentation."""
        start = spans[-1][0]
        if self.lines.is_first(start) or not self.text[self.lines.begin(start) : start].strip(" \t"):
            return self.style.newline + self.text[self.lines.begin(start) : start]
        return self.style.comma[1:] if self.tree.json else " "

    # --------------------------------------------------------------------------------- entries

    def _entries(
        self, node: Node, spans: list[tuple[int, int]], added: dict[str, Any], appended: list[Any]
    ) -> list[str]:
        start = spans[-1][0]
        indent = self.text[self.lines.begin(start) : start]
        multiline = not indent.strip(" \t")
        style = self._style(node, None)
        texts = [
            style.key(key, flow=True) + style.colon + self._text(value, indent, style, multiline=multiline)
            for key, value in added.items()
        ]
        quote = quote_of(node.items) if node.kind != MAP else ""
        for item in appended:
            if is_block(item):
                texts.append(self._text(item, indent, style, multiline=multiline))
            else:
                texts.append(style.scalar(item, flow=True, quote=quote))
        return texts

    def _style(self, node: Node, parent: Node | None) -> Style:
        """The document's habits, and the quotes of the keys nearby."""
        quote = "" if self.tree.json else key_quote(node, parent)
        return replace(self.style, quote=quote) if quote else self.style

    def _text(self, value: Any, indent: str, style: Style, *, multiline: bool) -> str:
        if self.tree.json and multiline:
            return style.json(value, indent)
        return style.flow(value)

    def _indent_of_line(self, offset: int) -> str:
        line = self.text[self.lines.begin(offset) : offset]
        return line[: len(line) - len(line.lstrip(" \t"))]


def _runs(gone: Collection[int], last: int) -> list[tuple[int, int]]:
    """First and end (exclusive) of the runs in `gone` that stand before `last`."""
    runs: list[tuple[int, int]] = []
    for n in sorted(one for one in gone if one < last):
        if runs and runs[-1][1] == n:
            runs[-1] = (runs[-1][0], n + 1)
        else:
            runs.append((n, n + 1))
    return runs
