"""One document's text -> its tree of nodes with places. Only documents that could be read come here."""

from __future__ import annotations

from typing import Any, Final

from yaml import events

from batten.formats.tree import ALIAS, MAP, MERGE, SCALAR, SEQ, Node, Tree
from batten.formats.yaml.events import NextEvent, consume
from batten.formats.yaml.schema import CORE, Schema, key_text
from batten.pattern import pattern

_PROPERTIES = pattern(r"(?:(?:&[0-9A-Za-z_-]+|![^ \t\r\n,\[\]{}]*)[ \t\r\n]*(?:#[^\n]*\n[ \t\r\n]*)*)+")
_COLON: Final = pattern(r"[ \t\r\n]*:")
_BLOCK_HEADER: Final = pattern(r"[|>]([-+0-9]*)")


def compose(text: str, start: int, end: int, schema: Schema) -> Tree:
    """The tree of the document between `start` and `end` of `text`."""
    return consume(text[start:end], lambda next_event: _Composer(text, start, end, schema).run(next_event))


class _Composer:
    def __init__(self, text: str, start: int, end: int, schema: Schema) -> None:
        self.text = text
        self.base = start
        self.end = end
        self.schema = schema
        self.anchors: dict[str, Node] = {}
        self.aliases: list[Node] = []

    def run(self, next_event: NextEvent) -> Tree:
        starts = {events.MappingStartEvent: MAP, events.SequenceStartEvent: SEQ}
        next_event()
        next_event()
        stack: list[Node] = []
        while True:
            event = next_event()
            kind = event.__class__
            if kind is events.ScalarEvent:
                node = self.scalar(event, stack[-1] if stack else None)
            elif kind is events.AliasEvent:
                node = self.alias(event)
            elif kind in starts:
                node = self.collection(event, starts[kind])
            elif kind is events.MappingEndEvent or kind is events.SequenceEndEvent:
                node = stack.pop()
                node.end = self.base + event.end_mark.index if node.style in ("{", "[") else node.items[-1].end
                if not stack:
                    break
                continue
            else:  # the end of an empty document
                node = Node(SCALAR, self.end, self.end, self.end)
                stack.clear()
                break
            if stack:
                parent = stack[-1]
                if parent.kind == MAP and len(parent.items) % 2 == 0:
                    self.make_key(node, event)
                parent.items.append(node)
            if kind in starts:
                stack.append(node)
            elif not stack:
                break
        return Tree(
            self.text,
            self.base,
            self.end,
            node,
            json=False,
            own_keys_win=self.schema.own_keys_win,
            aliases=self.aliases,
        )

    def collection(self, event: Any, kind: int) -> Node:
        start = self.base + event.start_mark.index
        body = self.base + event.end_mark.index
        style = ""
        if event.flow_style:
            style = "{" if kind == MAP else "["
            body -= 1
            if self.text[body : body + 1] != style:  # [a: b]
                style, body = ":", start
        elif kind == SEQ and self.text[body - 1 : body] == "-" and body > start:
            body -= 1  # a list flush with its key: the event covers the first dash
        node = Node(kind, start, body, body, style, items=[], anchor=event.anchor, tag=event.tag)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def alias(self, event: Any) -> Node:
        start, end = self.base + event.start_mark.index, self.base + event.end_mark.index
        node = Node(ALIAS, start, start, end, text=event.anchor, target=self.anchors[event.anchor])
        self.aliases.append(node)
        return node

    def scalar(self, event: Any, parent: Node | None) -> Node:
        start = body = self.base + event.start_mark.index
        end = self.base + event.end_mark.index
        if event.anchor is not None or event.tag is not None:
            properties = _PROPERTIES.match(self.text, start, end)
            body = min(properties.end(), end) if properties else start
            if body == end:  # nothing but properties
                body = end = start + len(self.text[start:end].rstrip())
        elif start == end and parent is not None:
            start = body = end = self.place_of_nothing(start, parent)
        if event.style in ("|", ">"):
            end = end_of_block(self.text, body, end)
        is_key = parent is not None and parent.kind == MAP and not len(parent.items) % 2
        text = event.value if is_key or event.anchor is not None else ""
        node = Node(SCALAR, start, body, end, event.style or "", text, anchor=event.anchor, tag=event.tag)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def place_of_nothing(self, position: int, parent: Node) -> int:
        """Where an empty value stands: behind its colon or dash; libyaml may put it at the next token."""
        if parent.kind == MAP and len(parent.items) % 2:
            key = parent.items[-1]
            colon = _COLON.match(self.text, key.end, position + 1)
            return colon.end() if colon is not None else key.end
        if self.text[position - 1 : position] == "-" or not parent.items:
            return position
        return parent.items[-1].end

    def make_key(self, node: Node, event: Any) -> None:
        """Turns the text of a scalar in the place of a key into the key."""
        if node.kind == ALIAS:
            node.text = self._value_text(node.target, plain=True) if node.target is not None else ""
            return
        plain = bool(event.implicit[0])
        if node.text == "<<" and ((plain and node.tag is None) or node.tag == CORE + "merge"):
            node.text = MERGE
        else:
            node.text = self._value_text(node, plain=plain)

    def _value_text(self, node: Node, *, plain: bool) -> str:
        if node.tag is not None:
            return key_text(self.schema.tagged(node.tag, node.text, plain=not node.style))
        return self.schema.keys[node.text] if plain and not node.style else node.text


def end_of_block(text: str, start: int, end: int) -> int:
    """The end of a block scalar's last line (`end`: with all blank lines after it), its line break left out."""
    header = _BLOCK_HEADER.match(text, start, end)
    first = text.find("\n", start, end) + 1
    if header is None or first == 0:
        return start + len(text[start:end].rstrip())
    if "+" in header[1] or any(c.isdigit() for c in header[1]):
        cut = end
        if text[cut - 1] == "\n":
            cut -= 2 if text[cut - 2] == "\r" else 1
        return max(cut, start + len(header[0]))
    lines = text[first:end].split("\n")
    indents = (len(line) - len(line.lstrip(" ")) for line in lines if line.strip(" \r"))
    indent = next(indents, None)
    if indent is None:
        return start + len(text[start:first].rstrip())
    while lines and len(lines[-1].rstrip("\r")) <= indent and not lines[-1].strip(" \r"):
        lines.pop()
    return first + len("\n".join(lines).removesuffix("\r"))
