"""Ranges of text for planned changes: where a key, an item or a value begins and ends on its lines."""

from __future__ import annotations

from typing import Any

from batten.formats.tree import MAP, SCALAR, SEQ, Node, Tree
from batten.formats.yaml.emit import Style, column_of
from batten.model.edits import CannotEdit, Splice


class Layout:
    """Knows the text of one document and how it is written."""

    def __init__(self, tree: Tree, style: Style) -> None:
        self.tree = tree
        self.text = tree.text
        self.style = style

    # ----------------------------------------------------------------------------------- lines

    def line_start(self, offset: int) -> int:
        begin = self.text.rfind("\n", 0, offset) + 1
        return 1 if begin == 0 and self.text.startswith("\ufeff") else begin

    def line_end(self, offset: int) -> int:
        """The offset of the line's end, before its line break."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next_line(self, offset: int) -> int:
        """The offset of the next line's start, or of the text's end."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def starts_line(self, offset: int) -> bool:
        return not self.text[self.line_start(offset) : offset].strip(" \t")

    def after(self, node: Node, key: Node | None = None) -> int:
        """The end of a value; of an empty one, that of the colon after its key."""
        if node.kind in (MAP, SEQ) and not node.style and node.items:
            last = node.items[-1]
            return self.after(last, node.items[-2] if node.kind == MAP else None)
        if node.empty and key is not None:
            colon = self.text.find(":", key.end)
            return max(node.end, colon + 1) if colon >= 0 else node.end
        return node.end

    def new_lines(self, offset: int, lines: str) -> Splice:
        """`lines` (already indented) after the line on which `offset` stands."""
        following = self.next_line(offset)
        newline = self.style.newline
        if following == len(self.text) and not self.text.endswith("\n"):
            return Splice(following, following, newline + lines)
        return Splice(following, following, lines + newline)

    # --------------------------------------------------------------------------------- replace

    def replace(self, node: Node, value: Any, parent: Node | None, index: int) -> list[Splice]:
        """The value of a node becomes another one."""
        style = self.style
        complex_value = isinstance(value, (dict, list, tuple)) and bool(value)
        in_flow = self.tree.json or (parent is not None and parent.flow)
        if in_flow or (not complex_value and not node.block):
            text = self._flow_value(node, value) if in_flow else style.inline(value)
            start = node.body if node.anchor is None or node.tag is None else node.start
            if node.tag is not None:
                start = node.start
            if node.empty:
                text = " " + text
                start = max(start, self._after_colon(parent, index))
                return [Splice(start, start, text)]
            return [Splice(start, node.end, text)]
        if parent is not None and parent.kind == MAP:
            key = parent.items[index - 1]
            colon = self._after_colon(parent, index)
            new = style.after_colon(value, column_of(self.text, key.start))
            if node.kind == SCALAR and complex_value:
                # a comment behind the old value stays on the line of the key
                end = self.line_end(max(colon, node.end))
                comment = self.text[max(colon, node.end) : end]
                if comment.strip() and not comment.strip().startswith("#"):
                    raise CannotEdit("something else stands on the line of the value")
                return [Splice(colon, max(colon, node.end), ""), Splice(end, end, new)]
            return [Splice(colon, max(colon, self.after(node, key)), new)]
        column = column_of(self.text, node.body)
        if not complex_value:
            return [Splice(node.body, self.after(node), style.inline(value))]
        return [Splice(node.body, self.after(node), style.block(value, column).lstrip(" "))]

    def _after_colon(self, parent: Node | None, index: int) -> int:
        if parent is None or parent.kind != MAP:
            return 0
        colon = self.text.find(":", parent.items[index - 1].end)
        if colon < 0:
            raise CannotEdit("the key has no colon")
        return colon + 1

    def _flow_value(self, node: Node, value: Any) -> str:
        if self.tree.json:
            begin = self.line_start(node.start)
            line = self.text[begin : node.start]
            return self.style.pretty(value, line[: len(line) - len(line.lstrip(" \t"))], self._unit())
        return self.style.inline(value)

    def _unit(self) -> str:
        """What a JSON document indents by."""
        root = self.tree.root
        if root.items and self.starts_line(root.items[0].start):
            return self.text[self.line_start(root.items[0].start) : root.items[0].start] or "  "
        return "  "

    # ---------------------------------------------------------------------------------- insert

    def insert(self, node: Node, keys: dict[str, Any], emptied: bool) -> list[Splice]:
        """New keys at the end of a mapping; `emptied`: all that it had is removed in the same go."""
        if node.flow:
            entries = [(self.style.key(key) + ": ", value) for key, value in keys.items()]
            return self._into_flow(node, entries, emptied)
        column = column_of(self.text, node.items[0].start)
        lines = self.style.newline.join(
            " " * column + self.style.pair(key, value, column) for key, value in keys.items()
        )
        if emptied and not self.starts_line(node.items[0].start):
            raise CannotEdit("every key of an item on one line with its dash is replaced")
        return [self.new_lines(self.after(node), lines)]

    def append(self, node: Node, items: list[Any], emptied: bool) -> list[Splice]:
        """New items at the end of a list."""
        if node.flow:
            return self._into_flow(node, [("", item) for item in items], emptied)
        column = column_of(self.text, node.body)
        lines = self.style.newline.join(" " * column + self.style.item(item, column) for item in items)
        return [self.new_lines(self.after(node), lines)]

    def _into_flow(self, node: Node, entries: list[tuple[str, Any]], emptied: bool) -> list[Splice]:
        closing = node.end - 1
        if not node.items or emptied:
            text = ", ".join(prefix + self._entry(value, "") for prefix, value in entries)
            if self.tree.json and node.kind == MAP and not emptied:
                text = f" {text} "
            at = node.body + 1 if not node.items else closing
            return [Splice(at, closing if not node.items else at, text)]
        last = self.after(node.items[-1], node.items[-2] if node.kind == MAP else None)
        first_of_last = node.items[-2] if node.kind == MAP else node.items[-1]
        tail = self.text[last:closing]
        if "#" in tail:
            raise CannotEdit("a comment stands before the closing bracket")
        trailing = "," in tail
        at = last + tail.index(",") + 1 if trailing else last
        if self.starts_line(first_of_last.start):
            indent = self.text[self.line_start(first_of_last.start) : first_of_last.start]
            joint = self.style.newline + indent
            text = ("," + joint).join(prefix + self._entry(value, indent) for prefix, value in entries)
            return [Splice(at, at, ("" if trailing else ",") + joint + text + ("," if trailing else ""))]
        text = ", ".join(prefix + self._entry(value, "") for prefix, value in entries)
        return [Splice(at, at, (" " if trailing else ", ") + text)]

    def _entry(self, value: Any, indent: str) -> str:
        if self.tree.json and indent:
            return self.style.pretty(value, indent, self._unit())
        return self.style.inline(value)

    # ---------------------------------------------------------------------------------- remove

    def remove(self, node: Node, indexes: list[int]) -> list[Splice]:
        """Keys (by the index of the key in `items`) or items go, with their lines."""
        if node.flow:
            return self._from_flow(node, indexes)
        return [self._block_entry(node, index, set(indexes)) for index in indexes]

    def _entry_range(self, node: Node, index: int) -> tuple[int, int]:
        if node.kind == MAP:
            key, value = node.items[index], node.items[index + 1]
            return key.start, self.after(value, key)
        return node.items[index].start, self.after(node.items[index])

    def _from_flow(self, node: Node, indexes: list[int]) -> list[Splice]:
        step = 2 if node.kind == MAP else 1
        gone = set(indexes)
        all_entries = list(range(0, len(node.items), step))
        if len(gone) == len(all_entries):
            return [Splice(node.body + 1, node.end - 1, "")]
        found = []
        run: list[int] = []
        for entry in [*all_entries, -1]:
            if entry in gone:
                run.append(entry)
                continue
            if run:
                if run[0] == 0:
                    start, end = self._entry_range(node, 0)[0], self._entry_range(node, run[-1] + step)[0]
                else:
                    start, end = self._entry_range(node, run[0] - step)[1], self._entry_range(node, run[-1])[1]
                if "#" in self.text[start : self._entry_range(node, run[0])[0]]:
                    raise CannotEdit("a comment stands between the entries")
                found.append(Splice(start, end, ""))
                run = []
        return found

    def _block_entry(self, node: Node, index: int, gone: set[int]) -> Splice:
        start, end = self._entry_range(node, index)
        if node.kind == SEQ:
            start = self._dash(node, index)
        if self.starts_line(start):
            begin, following = self.line_start(start), self.next_line(end)
            rest = self.text[end : self.line_end(end)].strip()
            if rest and not rest.startswith("#"):
                raise CannotEdit("something else stands on the last line of what is removed")
            if following == len(self.text) and not self.text.endswith("\n") and begin > 0:
                # the last line of a file without a final line end: the break before it goes instead
                previous = begin - 2 if self.text[begin - 2 : begin] == "\r\n" else begin - 1
                return Splice(previous, following, "")
            return Splice(begin, following, "")
        # the first key on the line of its dash: the next one that stays moves there
        step = 2 if node.kind == MAP else 1
        keep = next((one for one in range(index + step, len(node.items), step) if one not in gone), None)
        if keep is None or index != 0 or node.kind == SEQ or keep != index + step:
            raise CannotEdit("it stands on one line with the dash of its item")
        onto = node.items[keep].start
        if "#" in self.text[end:onto]:
            raise CannotEdit("a comment stands between it and the next key")
        return Splice(start, onto, "")

    def _dash(self, node: Node, index: int) -> int:
        """Where the dash of an item stands."""
        column = column_of(self.text, node.body)
        offset = node.items[index].start
        lowest = self.line_start(node.body)
        while offset >= lowest:
            begin = self.line_start(offset)
            if self.text[begin + column : begin + column + 1] == "-" and begin + column <= node.items[index].start:
                return begin + column
            offset = begin - 1
        raise CannotEdit("the dash of the item was not found")
