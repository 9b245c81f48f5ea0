"""Edits of a YAML or JSON document -> replacements of ranges of its text.

Nothing is dumped: what is not touched stays byte for byte, comments included. Refused (`CannotEdit`) is
what would change another place as well (an anchor that is used again), what stands in a template, and
what cannot be written so that the document's reader reads it back.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from batten.formats.tree import ALIAS, MAP, Node, Tree, target
from batten.formats.yaml.block import Block, Slot
from batten.formats.yaml.flow import Flow
from batten.formats.yaml.plan import Plan, plan
from batten.formats.yaml.split import is_template
from batten.formats.yaml.style import style_of
from batten.formats.yaml.values import NOTHING
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set, Splice
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.document import TreeDocument

_ODD_CHARACTER = pattern("\r(?!\n)|[\x85\u2028\u2029\ufeff]")
_BLANK = pattern(r"[ \t]*(?:#|\r?\n|\Z)")
_TAB_LINE_BELOW = pattern(r"(?:[^\n]*\n)?(?: *\r?\n)* *\t[ \t]*(?:#|\r?\n|\Z)")
_OVERLAP = "two changes touch the same text; make one, then the other"


def splices(document: TreeDocument, tree: Tree, edits: Iterable[Edit]) -> list[Splice]:
    """`edits` as replacements of ranges of the file's text, sorted, none overlapping. Raises `CannotEdit`."""
    edits, allowed = _at_anchors(tree, list(edits))
    root = plan(tree, document.value, edits)
    if not root.changed():
        return []
    if not tree.json and not tree.regular:
        _refuse_odd_lines(document, tree.text)
        tree.regular = True
    found = [
        _apart(tree.text, one) for one in _combined(tree.text, _Writer(document, tree, allowed).write(root, None, 0))
    ]
    for splice in found:
        if splice.end > document.range[1]:
            raise CannotEdit("the file ends in a byte order mark; take it out first")
        _refuse_template(tree.text, splice)
        if not tree.json and _TAB_LINE_BELOW.match(tree.text, splice.end, document.range[1]):
            # libyaml takes a line of tabs behind a plain scalar, not behind others
            raise CannotEdit("a blank line or comment with a tab before it stands below; take the tab out first")
    if tree.json and _EMPTIED_BEHIND_TAB.fullmatch(_edited(tree.text, found, document.range)):
        # brackets with something in them are JSON, empty ones may be YAML, which has no tabs there
        raise CannotEdit("nothing would be left behind a tab at the start of the document; take the tab out first")
    return found


def _at_anchors(tree: Tree, edits: list[Edit]) -> tuple[list[Edit], frozenset[int]]:
    """The edits, those that are shared once at their anchors; and the ids of the nodes of the anchors that nothing but
    shared edits changes."""
    if not tree.aliases or not any(getattr(edit, "shared", False) for edit in edits):
        return edits, frozenset()
    from batten.formats.yaml.shares import Shares

    shares = Shares(tree)
    made: list[Edit] = []
    allowed: set[int] = set()
    others: set[int] = set()
    for edit in edits:
        anchor = shares.anchor_of(edit.pointer)
        if isinstance(edit, Set | Append | Remove) and edit.shared and anchor is not None:
            places = shares.of(edit)
            edit = replace(edit, pointer=places[0]) if places else edit
            allowed.add(anchor)
        elif anchor is not None:
            others.add(anchor)
        if edit not in made:
            made.append(edit)
    return made, frozenset(allowed - others)


def _edited(text: str, found: list[Splice], span: tuple[int, int]) -> str:
    """The document as it will be; only its beginning where much of it is left."""
    pieces, start = [], span[0]
    for one in found:
        pieces.append(text[start : min(one.start, start + _BEGINNING)] + one.text[:_BEGINNING])
        start = one.end
    return "".join(pieces) + text[start : min(span[1], start + _BEGINNING)]


_BEGINNING = 64
_EMPTIED_BEHIND_TAB = pattern(r"(?:---)?[ \r\n]*\t[ \t\r\n]*(?:\{\s*\}|\[\s*\])\s*(?:\.\.\.\s*)?")


class _Writer:
    def __init__(self, document: TreeDocument, tree: Tree, allowed: frozenset[int]) -> None:
        self.document = document
        self.tree = tree
        self.allowed = allowed
        """The ids of anchors that may be changed, for all that repeat them."""
        style = style_of(tree, None if tree.json else getattr(document, "schema", None))
        self.block = Block(tree, style)
        self.flow = Flow(tree, style)
        self.shared: dict[int, Node] = {}
        for alias in reversed(tree.aliases):
            self.shared[id(target(alias))] = alias

    def write(self, here: Plan, parent: Node | None, index: int) -> list[Splice]:
        """What a plan for the value at `index` of `parent` means for the text."""
        if not here.changed():
            return []
        node = here.node
        if node.kind != ALIAS and id(node) in self.shared and id(node) not in self.allowed:
            alias = self.shared[id(node)]
            raise CannotEdit(
                f"the anchor &{node.anchor} shares it with the alias on line {self._line(alias.start)}; "
                "a change would go there, too"
            )
        if here.text is not None:
            self._refuse_lost_anchors(node.body, node.end)
            return [Splice(node.body, node.end, " " + here.text if node.empty else here.text)]
        if here.value is not NOTHING:
            self._refuse_lost_anchors(node.start, node.end)
            if node.start < node.body < node.end and not self.tree.text[node.body - 1].isspace():
                raise CannotEdit(f"no space stands behind its anchor &{node.anchor}; write one first")
            if self.tree.json or (parent is not None and parent.flow) or _stays_flow(node, here.value):
                return self.flow.replace(parent, index, node, here.value)
            return self.block.replace(self._slot(node, parent, index), node, here.value)
        found = [
            splice
            for place, child in sorted(here.children.items())
            if place not in here.removed
            for splice in self.write(child, node, place)
        ]
        if not (here.removed or here.added or here.appended):
            return found
        for place in here.removed:
            first = node.items[place - 1] if node.kind == MAP else node.items[place]
            self._refuse_lost_anchors(first.start, node.items[place].end)
        if node.flow:
            return found + self.flow.change(node, here.removed, here.added, here.appended)
        if here.removed:
            found += self.block.remove(node, here.removed)
        if here.added or here.appended:
            found += self.block.add(node, parent, here.added, here.appended)
        return found

    def _slot(self, node: Node, parent: Node | None, index: int) -> Slot:
        if parent is not None:
            return self.block.slot(parent, index)
        text = self.tree.text[self.tree.start : node.start]
        return Slot(None, self.tree.start + len(text.rstrip(" ")), 0)

    def _refuse_lost_anchors(self, start: int, end: int) -> None:
        for alias in self.tree.aliases:
            anchor = target(alias)
            if start <= anchor.start < end and not start <= alias.start < end:
                raise CannotEdit(f"it holds the anchor &{anchor.anchor}, which line {self._line(alias.start)} repeats")

    def _line(self, offset: int) -> int:
        return self.document.line + self.tree.text.count("\n", self.document.range[0], offset)


def _refuse_odd_lines(document: TreeDocument, text: str) -> None:
    """Columns counted from the last line feed would not be those that libyaml counts."""
    begin, end = document.range
    odd = _ODD_CHARACTER.search(text, begin, end)
    if odd is not None:
        line = document.line + text.count("\n", begin, odd.start())
        what = "a byte order mark in it" if odd[0] == "\ufeff" else "a line end other than LF or CRLF"
        raise CannotEdit(f"line {line} has {what}; take it out first")
    if text.endswith("...", 0, begin) and not _BLANK.match(text, begin, end):
        raise CannotEdit(f"line {document.line} has content behind `...`; put it on a line of its own first")


def _stays_flow(node: Node, value: Any) -> bool:
    """A flow collection with content that becomes another one of its kind keeps its style."""
    kind = dict if node.kind == MAP else list
    return node.style in ("{", "[") and bool(node.items) and isinstance(value, kind) and bool(value)


def _combined(document_text: str, found: list[Splice]) -> list[Splice]:
    """Sorted; insertions at one place become one, in the order they were found; an insertion into what is
    removed moves to its end. Raises `CannotEdit` where two changes touch the same text."""
    ranges = sorted(splice for splice in found if splice.start < splice.end)
    for one, other in pairwise(ranges):
        if other.start < one.end:
            raise CannotEdit(_OVERLAP)
    starts = [one.start for one in ranges]
    inserted: dict[int, str] = {}
    for splice in found:
        if splice.start == splice.end and splice.text:
            at, text = splice.start, splice.text
            before = bisect_left(starts, at) - 1
            if before >= 0 and at < ranges[before].end:
                if ranges[before].text:
                    raise CannotEdit(_OVERLAP)
                at = ranges[before].end
                text = _after_removed_end(document_text, ranges[before], text)
            inserted[at] = inserted.get(at, "") + text
    return sorted([*ranges, *(Splice(at, at, text) for at, text in inserted.items())])


def _apart(text: str, splice: Splice) -> Splice:
    """Behind a quote, a bracket or the mark of a block (`{}# why`, `|# why`) a comment needs no space before it, behind
    other values and a colon it does."""
    before = splice.text[-1:] or text[max(0, splice.start - 1) : splice.start]
    if text.startswith("#", splice.end) and before.strip():
        return Splice(splice.start, splice.end, splice.text + " ")
    return splice


def _after_removed_end(text: str, removed: Splice, new: str) -> str:
    """New lines behind lines that are removed from the end of a file without a final line break: the break
    before those goes with them, so the new ones bring it and leave theirs."""
    if removed.end < len(text) or text[removed.start] not in "\r\n" or new.startswith(("\r", "\n")):
        return new
    line_break = "\r\n" if new.endswith("\r\n") else "\n"
    return line_break + new.removesuffix(line_break)


def _refuse_template(text: str, splice: Splice) -> None:
    """Lines with template markers are not touched; whole new lines touch none."""
    begin = text.rfind("\n", 0, splice.start) + 1
    if splice.start == splice.end and splice.start == begin:
        return
    last = splice.end - 1 if splice.end > splice.start else splice.end
    end = text.find("\n", last)
    if is_template(text[begin : end if end >= 0 else len(text)]):
        raise CannotEdit("a template stands in the lines to be changed")
