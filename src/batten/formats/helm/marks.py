"""Marks in templates that tell, in what Helm makes of them, which text and which action each character is from.

The marked templates are rendered beside the true ones. What is printed of a marked one, less its marks, is held
against what is printed of the true one, so that a mark that changed something (a name that is cut to a length, a
checksum) misleads nobody: what differs has no origin.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct, field

from batten.formats.helm.expressions import Call, Constant, Expression, Field
from batten.formats.helm.syntax import Node, Segment, Template, walk
from batten.pattern import pattern

# printable, so that `quote` leaves them alone; in no chart that was ever seen
_OPEN: Final = "⦗"
_CLOSE: Final = "⦘"
_MARK: Final = pattern(f"{_OPEN}([tpi])([0-9]{{1,9}}){_CLOSE}|{_OPEN}(e){_CLOSE}")
_KEEP: Final = ("indent", "nindent", "trim", "toString", "print", "trimPrefix", "trimSuffix")
_SPACES: Final = " \t\r\n"


class Frame(Struct, eq=False):
    """An action that printed. `outer`: the one that included the text in which it stands."""

    path: str
    node: Node
    outer: Frame | None
    turns: dict[int, int]
    """`id` of the ranges around it -> how often each had gone round, from 0."""


class Run(Struct, eq=False):
    """A range of what was printed, with its origin: literal text, or what `frame` printed itself."""

    start: int
    end: int
    frame: Frame | None
    """Of literal text: the action that included it."""
    path: str = ""
    segment: Segment | None = None
    turns: dict[int, int] = field(default_factory=dict)


class Marker:
    """Marks all templates of a chart; the marks are numbers into what it remembers."""

    def __init__(self, templates: dict[str, Template], *, bodies: bool) -> None:
        """`bodies`: also what stands in a `define`, where that is included only to be printed."""
        self._known: list[tuple[str, Segment]] = []
        judged = _judged(templates) if bodies else set()
        self._silent = {
            id(define)
            for template in templates.values()
            for name, define in template.defines.items()
            if not bodies or name in judged
        }
        self.texts = {path: self._marked(path, template) for path, template in templates.items()}

    def _marked(self, path: str, template: Template) -> str:
        parts: list[str] = []
        silent = 0
        for segment in template.segments:
            node = segment.node
            if segment.kind == "text":
                text = template.text[slice(*segment.shown)]
                rest = text.lstrip(_SPACES)
                parts.append(text[: len(text) - len(rest)])
                if rest and not silent:
                    parts.append(self._mark("t", path, segment))
                parts.append(rest)
                continue
            if segment.kind == "other":
                if not segment.inner.lstrip().startswith("/*"):
                    parts.append(_action(segment.inner, parts))
                continue
            action = _action(segment.inner, parts)
            if segment.kind in ("print", "template") and not silent:
                parts += [self._mark("p", path, segment), _action(segment.inner, ()), f"{_OPEN}e{_CLOSE}"]
            else:
                parts.append(action)
            if node is not None and id(node) in self._silent:
                silent += {"open": 1, "end": -1}.get(segment.kind, 0)
            elif segment.kind == "open" and node is not None and node.kind == "range" and not silent:
                parts.append(self._mark("i", path, segment))
        return "".join(parts)

    def _mark(self, kind: str, path: str, segment: Segment) -> str:
        self._known.append((path, segment))
        return f"{_OPEN}{kind}{len(self._known) - 1}{_CLOSE}"

    def read(self, printed: str) -> tuple[str, list[Run]]:
        """What was printed without its marks, and the runs of it that have an origin, in order."""
        parts: list[str] = []
        runs: list[Run] = []
        stack: list[tuple[Frame, dict[int, int]]] = []
        turns: dict[int, int] = {}
        length = position = 0
        now: Run | None = None
        for found in _MARK.finditer(printed):
            text = printed[position : found.start()]
            position = found.end()
            parts.append(text)
            length += len(text)
            if now is not None and length > now.start:
                now.end = length
                runs.append(now)
            now = None
            frame = stack[-1][0] if stack else None
            if found[3]:
                if stack:
                    turns = stack.pop()[1]
                continue
            number = int(found[2])
            if number >= len(self._known):
                continue
            path, segment = self._known[number]
            if found[1] == "t":
                now = Run(length, length, frame, path, segment, dict(turns))
            elif segment.node is not None and found[1] == "i":
                mine = segment.node
                turns[id(mine)] = turns.get(id(mine), -1) + 1
                for inner in list(turns):  # what stands in it begins anew
                    if inner != id(mine) and inner in _ranges_in(mine):
                        del turns[inner]
            elif segment.node is not None:
                frame = Frame(path, segment.node, frame, dict(turns))
                stack.append((frame, turns))
                turns = {}
                now = Run(length, length, frame)
        parts.append(printed[position:])
        if now is not None:
            now.end = length + len(parts[-1])
            runs.append(now)
        return "".join(parts), runs


def _action(inner: str, before: Sequence[str]) -> str:
    """An action whose dashes have taken theirs, behind these texts: `{` of a text and it must not become `{{{`."""
    apart = bool(before) and before[-1].endswith("{")
    return f" {{{{- {inner}}}}}" if apart else f"{{{{{inner}}}}}"


def _ranges_in(node: Node) -> frozenset[int]:
    return frozenset(id(one) for body in node.bodies for one in walk(body) if one.kind == "range")


def _judged(templates: dict[str, Template]) -> set[str]:
    """The names whose text is compared, cut, decoded or kept somewhere: a mark in it would change what is printed."""
    judged: set[str] = set()
    within: dict[str, set[str]] = {}
    for template in templates.values():
        for name, nodes in (("", template.body), *((one.name, [one]) for one in template.defines.values())):
            for node in walk(nodes):
                printing = node.kind in ("print", "template")
                if node.kind == "template":
                    within.setdefault(name, set()).add(node.name)
                expressions = _expressions(node)
                for expression in expressions:
                    for included, kept in _included(expression, printing):
                        within.setdefault(name, set()).add(included)
                        if not kept:
                            judged.add(included)
    waiting = list(judged)
    while waiting:
        for name in within.get(waiting.pop(), ()):
            if name not in judged:
                judged.add(name)
                waiting.append(name)
    return judged


def _expressions(node: Node) -> list[Expression]:
    from batten.formats.helm.expressions import parse_pipeline

    pipelines = [parse_pipeline(one) for one in node.conditions[1:]] if node.kind != "text" else []
    if node.kind not in ("text", "define"):
        pipelines.append(node.pipeline)
    return [one.value for one in pipelines if one.value is not None]


def _included(expression: Expression, printing: bool) -> Iterable[tuple[str, bool]]:
    """The names that an expression includes, and whether what they print reaches the page as it is."""
    if isinstance(expression, Call):
        if expression.function == "include" and expression.arguments:
            first = expression.arguments[0]
            if isinstance(first, Constant) and isinstance(first.value, str):
                yield first.value, printing
            for argument in expression.arguments[1:]:
                yield from _included(argument, False)
            return
        kept = printing and expression.function in _KEEP
        for argument in expression.arguments:
            yield from _included(argument, kept)
    elif isinstance(expression, Field) and expression.of is not None:
        yield from _included(expression.of, False)


def can_mark(texts: Iterable[str]) -> bool:
    """The marks are in none of these texts."""
    return not any(_OPEN in text or _CLOSE in text for text in texts)
