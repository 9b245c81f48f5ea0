"""Templates with what `${ }` and `%{ }` print in them (HCL Native Syntax Specification 2, "Templates").

A template is printed part by part; a directive whose condition or collection is not known leaves the text so, too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from batten.formats.hcl.nodes import Directive, Expression, Interpolation, Text
from batten.formats.nodes import Node
from batten.formats.terraform.values import as_text, is_unknown, truth, unknown
from batten.limits import HCL_DEPTH, TERRAFORM_ITEMS, TERRAFORM_TEXT
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.terraform.evaluate import Evaluator

_LINES: Final = pattern(r"[^\n]*\n|[^\n]+")
_CLOSES: Final = {"if": "endif", "for": "endfor"}


class NotWorkedOut(Exception):
    """The template is none of HCL, or prints too much; the message is a word for it."""


def plain_parts(parts: Sequence[Expression], *, indented: bool) -> list[Expression]:
    """The parts with texts line by line, without what `<<-` and `~` take away.

    As HCL does it: `~` takes the blanks of one line, with its end, on its side.
    """
    found: list[Expression] = []
    for part in parts:
        if isinstance(part, Text):
            found += [Text(part.start, part.end, line) for line in _LINES.findall(part.value)]
        else:
            found.append(part)
    found = _trimmed(_joined_lines(found))
    if indented:
        _unindent(found)
    return found


def _joined_lines(parts: list[Expression]) -> list[Expression]:
    """Texts of one line that stand in several parts, such as `$${` and what is before it, as one."""
    found: list[Expression] = []
    for part in parts:
        last = found[-1] if found else None
        if isinstance(part, Text) and isinstance(last, Text) and not last.value.endswith("\n"):
            found[-1] = Text(last.start, part.end, last.value + part.value)
        else:
            found.append(part)
    return found


def _unindent(parts: list[Expression]) -> None:
    margin: int | None = None
    begins = True
    first: list[int] = []
    for n, part in enumerate(parts):
        if begins:
            begins = False
            if isinstance(part, Text):
                if part.value.strip() or not part.value.endswith("\n"):
                    blank = len(part.value) - len(part.value.lstrip())
                    margin = blank if margin is None else min(margin, blank)
                    first.append(n)
            else:
                margin = 0
        begins = isinstance(part, Text) and part.value.endswith("\n")
    for n in first:
        text = parts[n]
        assert isinstance(text, Text)
        parts[n] = Text(text.start, text.end, text.value[margin or 0 :])


def _trimmed(parts: list[Expression]) -> list[Expression]:
    for n, part in enumerate(parts):
        if not isinstance(part, Interpolation | Directive) or not part.trims:
            continue
        before = parts[n - 1] if n else None
        after = parts[n + 1] if n + 1 < len(parts) else None
        if "<" in part.trims and isinstance(before, Text):
            parts[n - 1] = Text(before.start, before.end, before.value.rstrip())
        if ">" in part.trims and isinstance(after, Text):
            parts[n + 1] = Text(after.start, after.end, after.value.lstrip())
    return parts


def printed(evaluator: Evaluator, parts: Sequence[Expression]) -> tuple[str, bool]:
    """(the text, whether all of it is known). Raises `NotWorkedOut`, `TooMuch`."""
    printer = _Printer(parts)
    printer.until(evaluator, 0, ())
    return "".join(printer.texts), printer.known


class _Printer:
    def __init__(self, parts: Sequence[Expression]) -> None:
        self.parts = parts
        self.texts: list[str] = []
        self.known = True
        self._size = 0
        self._depth = 0

    def until(self, evaluator: Evaluator, at: int, ends: tuple[str, ...], *, quiet: bool = False) -> int:
        """Print from a part on, up to a directive of these words (the end without any): the index of that one.
        `quiet`: only go over it."""
        while at < len(self.parts):
            part = self.parts[at]
            evaluator.module.steps.spend()
            if not isinstance(part, Directive):
                if not quiet:
                    self._print(evaluator, part)
                at += 1
            elif part.word in ends:
                return at
            elif part.word == "if":
                at = self._if(evaluator, part, at, quiet)
            elif part.word == "for":
                at = self._for(evaluator, part, at, quiet)
            else:
                raise NotWorkedOut(part.word)
        if ends:
            raise NotWorkedOut(ends[-1])
        return at

    def _print(self, evaluator: Evaluator, part: Expression) -> None:
        text: str | None = None
        if isinstance(part, Text):
            text = part.value
        elif isinstance(part, Interpolation):
            node = evaluator.node(part.value, ())
            text = as_text(node)
            if text is None or is_unknown(node):
                self.known = False
            if text is None:
                text = str(unknown(evaluator.source(part.value), node.place).plain)
        self._add(text or "")

    def _add(self, text: str) -> None:
        self._size += len(text)
        if self._size > TERRAFORM_TEXT:
            raise NotWorkedOut("long")
        self.texts.append(text)

    def _not_known(self, evaluator: Evaluator, value: Expression) -> None:
        self.known = False
        self._add(str(unknown(evaluator.source(value), evaluator.place(())).plain))

    def _if(self, evaluator: Evaluator, part: Directive, at: int, quiet: bool) -> int:
        assert part.value is not None
        self._enter()
        test = None if quiet else truth(evaluator.node(part.value, ()))
        if test is None and not quiet:
            self._not_known(evaluator, part.value)
        end = self.until(evaluator, at + 1, ("else", "endif"), quiet=test is not True)
        directive = self.parts[end]
        if isinstance(directive, Directive) and directive.word == "else":
            end = self.until(evaluator, end + 1, ("endif",), quiet=test is not False)
        self._depth -= 1
        return end + 1

    def _enter(self) -> None:
        self._depth += 1
        if self._depth > HCL_DEPTH:
            raise NotWorkedOut("deep")

    def _for(self, evaluator: Evaluator, part: Directive, at: int, quiet: bool) -> int:
        from batten.formats.terraform.evaluate import entries

        assert part.value is not None
        self._enter()
        collection: Node | None = None if quiet else evaluator.node(part.value, ())
        known = collection is not None and not is_unknown(collection) and (collection.is_map or collection.is_list)
        if collection is not None and not known:
            self._not_known(evaluator, part.value)
        pairs = entries(collection) if collection is not None and known else []
        if len(pairs) > TERRAFORM_ITEMS:
            raise NotWorkedOut("for")
        for key, value in pairs:
            given = (key, value) if len(part.names) == 2 else (value,)
            self.until(evaluator.with_names(dict(zip(part.names, given, strict=True))), at + 1, ("endfor",))
        end = self.until(evaluator, at + 1, ("endfor",), quiet=True)
        self._depth -= 1
        return end + 1
