"""JSON syntax of HCL files (`.tf.json`): the same parts, made from a tree of JSON.

What stands in a text is a template, as in the native syntax; its parts have the place of the whole text.
"""

from __future__ import annotations

from typing import Any

from batten.formats.hcl.expressions import template_parts
from batten.formats.hcl.nodes import (
    Attribute,
    Block,
    Body,
    Expression,
    Item,
    List,
    Literal,
    Object,
    Template,
    Text,
)
from batten.formats.tree import MAP, SEQ, Node
from batten.model.source import Unreadable

_LABELS = {"resource": 2, "data": 2, "variable": 1, "output": 1, "module": 1, "provider": 1}


def parse_json(text: str) -> Body:
    """The body of the file `text`. Raises `Unreadable`."""
    from batten.formats.json.scan import compose, parse

    start = 1 if text.startswith("\ufeff") else 0
    value = parse(text[start:]).value
    if not isinstance(value, dict):
        raise Unreadable("expected an object, as all of a file in JSON syntax is", 1)
    tree = compose(text, start, len(text))
    body = Body(start, len(text), {}, [])
    for key, node in _pairs(tree.root):
        name = key.text
        if name in _LABELS or name in ("locals", "terraform"):
            _blocks(body, name, [], key, node, _LABELS.get(name, 0), text)
        else:
            body.attributes[name] = Attribute(name, key.body, key.end, _expression(node, text))
    return body


def _pairs(node: Node) -> list[tuple[Node, Node]]:
    return list(zip(node.items[::2], node.items[1::2], strict=True)) if node.kind == MAP else []


def _blocks(body: Body, type: str, labels: list[str], key: Node, node: Node, left: int, text: str) -> None:
    """The blocks of a type: a mapping by label for each label, then a body or a list of bodies."""
    if node.kind == SEQ:
        for item in node.items:
            _blocks(body, type, labels, key, item, left, text)
    elif left:
        for inner, value in _pairs(node):
            _blocks(body, type, [*labels, inner.text], inner, value, left - 1, text)
    elif node.kind == MAP:
        inside = Body(node.body, node.end, {}, [])
        for inner, value in _pairs(node):
            if inner.text != "//":  # a comment
                inside.attributes[inner.text] = Attribute(inner.text, inner.body, inner.end, _expression(value, text))
        body.blocks.append(Block(type, labels, key.body, key.end, inside))


def _expression(node: Node, text: str) -> Expression:
    if node.kind == MAP:
        items: list[Item] = []
        for key, inner in _pairs(node):
            items.append(Item(key.text, key.body, key.end, _expression(inner, text)))
        return Object(node.body, node.end, items)
    if node.kind == SEQ:
        return List(node.body, node.end, [_expression(item, text) for item in node.items])
    from json import loads

    value: Any = loads(text[node.body : node.end])
    if not isinstance(value, str):
        return Literal(node.body, node.end, value)
    return _text(value, node)


def _text(value: str, node: Node) -> Expression:
    """A text as a template. One that is no template for HCL counts as it is written."""
    whole = Text(node.body, node.end, value)
    parts: list[Expression] = [whole]
    if "${" in value or "%{" in value:
        try:
            parts = template_parts(value)
        except Unreadable:
            parts = [whole]
        for part in parts:
            part.start, part.end = node.body, node.end
    return Template(node.body, node.end, node.body, node.end, parts)
