"""Reads templates in Go's `text/template` as far as their lines and values are to be traced.

    template = parse(text)
    [segment.kind for segment in template.segments]

What a template prints is Helm's to say; here it is only known which text is literal, which actions print, and in
which blocks they stand. Source: https://pkg.go.dev/text/template
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

from msgspec import Struct, field

from batten.formats.helm.expressions import Pipeline, parse_pipeline
from batten.limits import HELM_BLOCKS
from batten.pattern import pattern

Kind = Literal["text", "print", "template", "assign", "open", "else", "end", "other"]

# a comment, or anything in which quoted texts may hold the end; without a way back, however hostile the text
_ACTION: Final = pattern(
    r"\{\{(?P<left>-(?=[ \t\r\n]))?"
    r"(?P<inner>[ \t\r\n]*+/\*(?s:.*?)\*/[ \t\r\n]*?"
    r"|(?![ \t\r\n]*+/\*)(?:[^\"`'}\-]|\"(?:[^\"\\\n]|\\.)*+\"|`[^`]*+`|'(?:[^'\\\n]|\\.)*+'|-(?!\}\})|\}(?!\}))*+)"
    r"(?P<right>-)?\}\}"
)
_SPACES: Final = " \t\r\n"
_WORD: Final = pattern(r"\s*([a-z]+)\b")
_ASSIGNS: Final = pattern(r"\s*\$\w*\s*:?=")
_OPENS: Final = ("if", "with", "range", "define", "block")


class MalformedTemplate(Exception):
    """The text is no template that can be followed; Helm says what is wrong with it."""


class Segment(Struct, eq=False):
    """A piece of literal text, or one action. `start` and `end`: its characters in the text."""

    kind: Kind
    start: int
    end: int
    inner: str = ""
    """Of an action: what stands between the braces, without the dashes."""
    shown: tuple[int, int] = (0, 0)
    """Of a text: the characters that are left when the dashes beside it have taken theirs."""
    node: Node | None = None


class Node(Struct, eq=False):
    """An action with what it holds."""

    kind: str
    """`print`, `template`, `assign`, `if`, `with`, `range`, `define`, `block`, `text`."""
    start: int
    end: int
    inner: str = ""
    bodies: list[list[Node]] = field(default_factory=list)
    """Of a block: what stands after it, and after each `else`."""
    conditions: list[str] = field(default_factory=list)
    """The pipeline of each body; "" of the last `else`."""
    parent: Node | None = None
    name: str = ""
    """Of `define`, `block` and `template`."""
    known: Pipeline | None = None

    @property
    def pipeline(self) -> Pipeline:
        """What it prints, assigns or asks."""
        if self.known is None:
            self.known = parse_pipeline(self.conditions[0] if self.conditions else self.inner)
        return self.known


class Template(Struct, eq=False):
    """One file of a chart. `body`: what stands outside of every `define`."""

    text: str
    segments: list[Segment]
    body: list[Node]
    defines: dict[str, Node]
    texts: list[Node] = field(default_factory=list)
    """Its literal texts, wherever they stand, in their order."""


@lru_cache(256)  # a chart is rendered again for every edit of one of its files
def parse(text: str) -> Template:
    """Raises `MalformedTemplate` where blocks do not close."""
    segments = list(_segments(text))
    template = Template(text, segments, [], {})
    root = Node("root", 0, len(text), bodies=[template.body])
    here = root
    depth = 0
    for segment in segments:
        if segment.kind == "text":
            if segment.shown[0] < segment.shown[1]:
                here.bodies[-1].append(Node("text", *segment.shown, parent=here))
            continue
        word = _word(segment.inner)
        if segment.kind == "open":
            rest = segment.inner.strip()[len(word) :].strip()
            node = Node(word, segment.start, segment.end, segment.inner, [[]], [rest], here)
            if word in ("define", "block"):
                node.name, node.conditions[0] = _named(rest)
                template.defines.setdefault(node.name, node)
            if word != "define":
                here.bodies[-1].append(node)
            segment.node = here = node
            depth += 1
            if depth > HELM_BLOCKS:
                raise MalformedTemplate("blocks are nested deeper than in any real template")
        elif segment.kind == "else":
            if here is root:
                raise MalformedTemplate("an else stands outside of every block")
            rest = segment.inner.strip()[4:].strip()
            for chained in ("if", "with"):
                if rest.startswith(chained) and rest[len(chained) : len(chained) + 1].strip() == "":
                    rest = rest[len(chained) :].strip()
            here.bodies.append([])
            here.conditions.append(rest)
            segment.node = here
        elif segment.kind == "end":
            if here.parent is None:
                raise MalformedTemplate("an end closes nothing")
            segment.node, here = here, here.parent
            depth -= 1
        elif segment.kind != "other":
            node = Node(segment.kind, segment.start, segment.end, segment.inner, parent=here)
            if segment.kind == "template":
                node.name, node.inner = _named(segment.inner.strip()[len(word) :].strip())
            here.bodies[-1].append(node)
            segment.node = node
    if here is not root:
        raise MalformedTemplate(f"a {here.kind} is not closed")
    for node in template.body:
        node.parent = None
    for define in template.defines.values():
        define.parent = None if define.kind == "define" else define.parent
    texts = {id(node): node for node in walk([*template.body, *template.defines.values()]) if node.kind == "text"}
    template.texts = sorted(texts.values(), key=start_of)
    return template


def start_of(node: Node) -> int:
    """Where a node begins: by it lists of nodes are searched."""
    return node.start


def walk(nodes: list[Node]) -> Iterator[Node]:
    """All nodes below, in the order of the text."""
    waiting = list(reversed(nodes))
    while waiting:
        node = waiting.pop()
        yield node
        for body in reversed(node.bodies):
            waiting += reversed(body)


def _word(inner: str) -> str:
    found = _WORD.match(inner)
    return found[1] if found else ""


def _named(rest: str) -> tuple[str, str]:
    """The quoted name at the front, and what follows."""
    quote = rest[:1]
    end = rest.find(quote, 1) if quote in ('"', "`") else -1
    return (rest[1:end], rest[end + 1 :].strip()) if end > 0 else ("", rest)


def _kind(inner: str) -> Kind:
    word = _word(inner)
    if word in _OPENS:
        return "open"
    if word in ("else", "end", "template"):
        return word  # type: ignore[return-value]
    if word in ("break", "continue") or not inner.strip() or inner.lstrip().startswith("/*"):
        return "other"
    return "assign" if _ASSIGNS.match(inner) else "print"


def _segments(text: str) -> Iterator[Segment]:
    position = 0
    trim = False  # the action before has a dash at its end
    while True:
        opens = text.find("{{", position)
        found = _ACTION.match(text, opens) if opens >= 0 else None
        if opens >= 0 and found is None:
            raise MalformedTemplate("an action is not closed")
        end = opens if opens >= 0 else len(text)
        if end > position:
            first, last = position, end
            if trim:
                first = last - len(text[first:last].lstrip(_SPACES))
            if found is not None and found["left"]:
                last = first + len(text[first:last].rstrip(_SPACES))
            yield Segment("text", position, end, shown=(first, last))
        if found is None:
            return
        yield Segment(_kind(found["inner"]), found.start(), found.end(), found["inner"])
        trim = found["right"] is not None
        position = found.end()
