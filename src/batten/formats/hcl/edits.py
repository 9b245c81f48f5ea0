"""Edits of HCL files as replacements of text. What stands outside of an edit is kept as it is.

Names of new arguments and blocks are made of the API's; in objects (`jsonencode({…})`) keys are kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from batten.formats.document import TreeDocument
from batten.formats.hcl import write
from batten.formats.hcl.embedded import interpolated, json_tree
from batten.formats.hcl.nodes import (
    Attribute,
    Block,
    Body,
    Conditional,
    Directive,
    Expression,
    Interpolation,
    Item,
    List,
    Literal,
    Object,
    Operation,
    Template,
)
from batten.formats.hcl.places import Found, find, json_within, name_of, unwrapped
from batten.formats.lines import text_of
from batten.formats.tree import Tree
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set, Splice
from batten.model.source import File, Pointer
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.hcl.document import HclDocument

_DECIDED: Final = "an expression decides it; edit it by hand"
_REST: Final = pattern(r"[ \t]*,?[ \t]*(?:(?:#|//)[^\n]*)?(?:\r?\n|\Z)")


class _Change(Struct, eq=False):
    """What is new and what goes in one part of the file."""

    found: Found
    new: dict[str, Any] = field(default_factory=dict)
    items: list[Any] = field(default_factory=list)
    """Appended to a list."""
    gone: list[Found] = field(default_factory=list)


def splices(document: HclDocument, edits: Iterable[Edit]) -> list[Splice]:
    """The replacements; raises `CannotEdit`."""
    return _Editor(document).splices(edits)


class _Editor:
    def __init__(self, document: HclDocument) -> None:
        self.document = document
        self.text = text_of(document.file)
        self.newline = "\r\n" if "\r\n" in self.text else "\n"
        self._changes: dict[int, _Change] = {}
        self._found: list[Splice] = []
        self._heredocs: dict[int, tuple[Template, list[Edit]]] = {}

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        for edit in edits:
            self._plan(edit)
        for change in self._changes.values():
            self._write(change)
        for template, inside in self._heredocs.values():
            self._found += _in_json(self.document.file, self.text, template, inside)
        return sorted(self._found)

    # -------------------------------------------------------------------------------- planning

    def _plan(self, edit: Edit) -> None:
        found = find(self.document.body, edit.pointer)
        above = found.above
        while above is not None:
            if isinstance(above.part, Expression) and isinstance(unwrapped(above.part), Conditional):
                raise CannotEdit("a condition chooses between two values; edit both by hand")
            above = above.above
        heredoc = json_within(found)
        if heredoc is not None and (found.rest or isinstance(edit, Append)):
            from msgspec.structs import replace

            inside = self._heredocs.setdefault(heredoc.start, (heredoc, []))[1]
            inside.append(replace(edit, pointer=found.rest))
        elif isinstance(edit, Set):
            self._set(found, edit.value)
        elif isinstance(edit, Append):
            self._append(found, edit.value)
        elif isinstance(edit, Remove):
            self._remove(found, edit.prune)
        else:
            raise CannotEdit("files of Terraform have no such edit")

    def _change(self, found: Found) -> _Change:
        part = found.part if isinstance(found.part, Body) else unwrapped(found.part)
        return self._changes.setdefault(id(part), _Change(found))

    def _set(self, found: Found, value: Any) -> None:
        if found.rest:
            self._add(found, found.rest, value, append=False)
            return
        if isinstance(found.part, Body) or isinstance(value, dict):
            raise CannotEdit("it is a block; edit it by hand")
        part = found.part
        if not _is_literal(part):
            raise CannotEdit(_DECIDED)
        written = write.expression(value, self._indent(part.start), self.newline)
        self._found.append(Splice(part.start, part.end, written))

    def _append(self, found: Found, value: Any) -> None:
        if found.rest:
            self._add(found, found.rest, value, append=True)
        elif isinstance(found.part, Body):
            owner = found.owner
            if found.above is None or not isinstance(owner, Block):
                raise CannotEdit(_DECIDED)
            self._change(found.above).new.setdefault(owner.type, []).append(value)
        else:
            inner = unwrapped(found.part)
            if not isinstance(inner, List):
                raise CannotEdit(_DECIDED)
            self._change(found).items.append(value)

    def _add(self, found: Found, rest: Pointer, value: Any, *, append: bool) -> None:
        """Something new under a part that is there."""
        part = found.part if isinstance(found.part, Body) else unwrapped(found.part)
        if not isinstance(part, Body | Object) or not all(isinstance(key, str) for key in rest):
            raise CannotEdit(_DECIDED)
        _refuse_hidden(part, str(rest[0]))
        here = self._change(found).new
        for step in rest[:-1]:
            here = here.setdefault(str(step), {})
            if not isinstance(here, dict):
                raise CannotEdit("two edits touch the same place; apply one, then the other")
        last = str(rest[-1])
        if append:
            here.setdefault(last, []).append(value)
        else:
            here[last] = value

    def _remove(self, found: Found, prune: bool) -> None:
        above = found.above
        if found.rest or above is None:
            raise CannotEdit(_DECIDED)
        whole = above.part if isinstance(above.part, Body) else unwrapped(above.part)
        # what stands at the top of a file is there for more than what it holds
        emptied = prune and above.above is not None and above.above.above is not None and _count(whole) == 1
        if emptied and isinstance(above.owner, Block | Attribute | Item):
            self._remove(above, prune)
            return
        self._change(above).gone.append(found)

    # --------------------------------------------------------------------------------- writing

    def _write(self, change: _Change) -> None:
        part = change.found.part if isinstance(change.found.part, Body) else unwrapped(change.found.part)
        if isinstance(part, Body):
            for one in change.gone:
                self._cut(*_range(one))
            if change.new:
                self._into_body(part, change)
        elif isinstance(part, Object):
            self._into_collection(part, [_range(one) for one in change.gone], self._entries(part, change.new))
        elif isinstance(part, List):
            gone = [(one.start, one.end) for one in change.gone]
            self._into_collection(part, gone, [("", value) for value in change.items])
        else:
            raise CannotEdit(_DECIDED)

    def _entries(self, part: Object, new: dict[str, Any]) -> list[tuple[str, Any]]:
        """Keys as the others of the object are written."""
        quoted = bool(part.items) and all(isinstance(item.key, Template) for item in part.items)
        sign, width = self._sign(part), self._width(part)
        keys = [write.text(name) if quoted else write.key(name) for name in new]
        return [(f"{key.ljust(width)}{sign}", value) for key, value in zip(keys, new.values(), strict=True)]

    def _sign(self, part: Object) -> str:
        """What stands between keys and values."""
        if part.items:
            item = part.items[0]
            between = self.text[item.end : item.value.start].strip()
            if between == ":":
                return ": " if self.text[item.end] == ":" else " : "
        return " = "

    def _width(self, part: Object) -> int:
        """Of keys with the blanks behind them, where the signs of the last entries stand in one column."""
        if not part.items or "\n" not in self.text[part.start : part.end]:
            return 0
        columns = {self.text.find("=", one.end, one.value.start) - one.start - 1 for one in part.items[-2:]}
        return max(columns.pop(), 0) if len(columns) == 1 else 0

    def _into_body(self, body: Body, change: _Change) -> None:
        owner = change.found.owner
        if body is self.document.body or not isinstance(owner, Block):
            raise CannotEdit("it stands in no block; edit it by hand")
        base = self._indent(owner.start)
        inner = self.text[body.start : body.end]
        step = self._step(body, base)
        lines = [f"{one}{self.newline}" for one in write.elements(change.new, step, self.newline)]
        if "\n" in inner:
            last = self.text.rfind("\n", body.start, body.end) + 1
            if self.text[last : body.end].strip():  # the brace stands behind something
                raise CannotEdit("its closing brace stands on no line of its own; edit it by hand")
            self._found.append(Splice(last, last, self._aligned(body, lines, step)))
            return
        kept = f"{step}{inner.strip()}{self.newline}" if inner.strip() else ""
        self._found.append(Splice(body.start, body.end, f"{self.newline}{kept}{''.join(lines)}{base}"))

    def _aligned(self, body: Body, lines: list[str], step: str) -> str:
        """New arguments have their `=` below that of the argument above them, where that is the style."""
        if not body.attributes:
            return "".join(lines)
        last = max(body.attributes.values(), key=lambda one: one.start)
        several = "\n" in self.text[last.start : last.value.end]
        if several or any(block.start > last.start for block in body.blocks):
            return "".join(lines)
        gap = self.text.find("=", last.end) - self.text.rfind("\n", 0, last.start) - 1
        found = []
        for line in lines:
            name, sign, rest = line.partition(" = ")
            if sign and "\n" not in name and len(name) < gap:
                name = name.ljust(gap - 1)
            found.append(f"{name}{sign}{rest}")
        return "".join(found)

    def _step(self, body: Body, base: str) -> str:
        starts = [one.start for one in body.attributes.values()] + [one.start for one in body.blocks]
        indent = self._indent(min(starts)) if starts else ""
        return indent if len(indent) > len(base) else base + "  "

    def _into_collection(self, part: Object | List, gone: list[tuple[int, int]], new: list[tuple[str, Any]]) -> None:
        """Items of an object or a list: those that go, and those that come at its end."""
        spans = [(one.start, one.value.end) for one in part.items] if isinstance(part, Object) else [
            (one.start, one.end) for one in part.items
        ]  # fmt: skip
        inner = self.text[part.start + 1 : part.end - 1]
        if "\n" not in inner:
            kept = [self.text[start:end] for start, end in spans if (start, end) not in gone]
            kept += [f"{head}{write.inline(value)}" for head, value in new]
            blank = " " if inner[:1] == " " or (isinstance(part, Object) and not spans) else ""
            body = ", ".join(dict.fromkeys(kept)) if isinstance(part, List) else ", ".join(kept)
            self._found.append(Splice(part.start + 1, part.end - 1, f"{blank}{body}{blank}" if body else ""))
            return
        for start, end in gone:
            self._cut(start, end)
        if new:
            self._lines_into(part, spans, new)

    def _lines_into(self, part: Object | List, spans: list[tuple[int, int]], new: list[tuple[str, Any]]) -> None:
        last = self.text.rfind("\n", 0, part.end - 1) + 1
        if self.text[last : part.end - 1].strip():
            raise CannotEdit("its closing bracket stands on no line of its own; edit it by hand")
        indent = self._indent(spans[0][0]) if spans else self._indent(part.start) + "  "
        follows = self.text[spans[-1][1] : part.end - 1].lstrip(" \t")[:1] if spans else ""
        if isinstance(part, List) and spans and follows != ",":
            self._found.append(Splice(spans[-1][1], spans[-1][1], ","))
        lines = [f"{indent}{head}{write.expression(value, indent, self.newline)}" for head, value in new]
        comma = "," if isinstance(part, List) or follows == "," else ""
        last_comma = comma if follows == "," or not spans else ""
        written = f"{comma}{self.newline}".join(lines)
        self._found.append(Splice(last, last, f"{written}{last_comma}{self.newline}"))

    def _cut(self, start: int, end: int) -> None:
        """Takes whole lines away."""
        line = self.text.rfind("\n", 0, start) + 1
        rest = _REST.match(self.text, end)
        if self.text[line:start].strip() or rest is None:
            raise CannotEdit("it shares its lines with something else; edit it by hand")
        self._found.append(Splice(line, rest.end(), ""))

    def _indent(self, at: int) -> str:
        line = self.text[self.text.rfind("\n", 0, at) + 1 : at]
        return line[: len(line) - len(line.lstrip(" \t"))]


def _refuse_hidden(part: Body | Object, name: str) -> None:
    """What is new may be there already, where an expression says what is there."""
    if isinstance(part, Object):
        if any(name_of(item.key) is None for item in part.items):
            raise CannotEdit("expressions make keys of the object; edit it by hand")
        return
    names = {write.argument(name), write.singular(write.argument(name))}
    if any(block.type == "dynamic" and names.intersection(block.labels) for block in part.blocks):
        raise CannotEdit("a dynamic block makes it; edit it by hand")


def _is_literal(part: Expression) -> bool:
    """Nothing but what is written decides it."""
    if isinstance(part, Template):
        return not any(isinstance(one, Interpolation | Directive) for one in part.parts)
    if isinstance(part, Operation):
        return part.left is None and _is_literal(part.right)
    return isinstance(part, Literal) or (isinstance(part, List) and all(map(_is_literal, part.items)))


def _count(part: Body | Expression) -> int:
    if isinstance(part, Body):
        return len(part.attributes) + len(part.blocks)
    return len(part.items) if isinstance(part, Object | List) else 0


def _range(found: Found) -> tuple[int, int]:
    """A whole argument, entry or block."""
    owner = found.owner
    if isinstance(owner, Block):
        return owner.start, owner.body.end + 1
    return (owner.start, found.end) if owner is not None else (found.start, found.end)


class _Embedded(TreeDocument):
    """The JSON of a heredoc, edited as JSON."""

    __slots__ = ("tree",)

    def __init__(self, file: File, tree: Tree, value: Any) -> None:
        super().__init__(file, 0, tree.start, tree.end, 1)
        self.tree = tree
        self.value = value

    def compose(self) -> Tree:
        return self.tree


def _in_json(file: File, text: str, template: Template, edits: list[Edit]) -> list[Splice]:
    read = json_tree(text, template)
    if read is None:
        raise CannotEdit(_DECIDED)
    tree, value = read
    for edit in edits:
        steps = list(tree.children(edit.pointer))
        if len(steps) > len(edit.pointer) and isinstance(edit, Set) and interpolated(template, steps[-1][1]):
            raise CannotEdit(_DECIDED)
    from batten.formats.yaml.splice import splices as of_tree

    return of_tree(_Embedded(file, tree, value), tree, edits)
