"""JSON in a heredoc: a tree with the places of the file's own text.

What is interpolated stands for something that is not known here: of the same length, so that all places hold.
"""

from __future__ import annotations

from typing import Any

from batten.formats.hcl.nodes import Directive, Interpolation, Template
from batten.formats.tree import Node, Tree
from batten.model.source import Unreadable

_FILLER = "x"


def json_tree(text: str, template: Template) -> tuple[Tree, Any] | None:
    """The tree and the plain value of the JSON in a heredoc of `text`; None where it holds none.

    What is interpolated is filled up in the value; `interpolated` says of which nodes that is so.
    """
    from batten.formats.json.scan import compose, parse

    body = text[template.body : template.body_end]
    if body.lstrip()[:1] not in ("{", "[") or any(isinstance(part, Directive) for part in template.parts):
        return None
    filled = _filled(body, template)
    try:
        value = parse(filled).value
        tree = compose(filled, 0, len(filled))
    except Unreadable:
        return None
    _shift(tree.root, template.body)
    return Tree(text, template.body, template.body_end, tree.root, json=True), value


def _shift(root: Node, by: int) -> None:
    waiting = [root]
    while waiting:
        node = waiting.pop()
        node.start, node.body, node.end = node.start + by, node.body + by, node.end + by
        waiting += node.items


def interpolated(template: Template, node: Node) -> bool:
    """Whether something is interpolated in the text of a node."""
    return any(
        isinstance(part, Interpolation) and part.start < node.end and part.end > node.body for part in template.parts
    )


def _filled(body: str, template: Template) -> str:
    """The text with fillers of the same length: within quotes as they are, elsewhere with quotes of their own."""
    pieces = []
    at = template.body
    quoted = False
    for part in template.parts:
        start, end = part.start, part.end
        written = body[start - template.body : end - template.body]
        if isinstance(part, Interpolation):
            pieces.append(body[at - template.body : start - template.body])
            quoted = _in_quotes(pieces[-1], quoted)
            length = end - start
            pieces.append(_FILLER * length if quoted else f'"{_FILLER * (length - 2)}"')
            at = end
        elif written in ("$${", "%%{"):  # stands for `${`, which JSON takes as it is
            continue
    pieces.append(body[at - template.body :])
    return "".join(pieces)


def _in_quotes(text: str, quoted: bool) -> bool:
    """Whether a JSON text ends within quotes that began within (`quoted`) or without them."""
    at = 0
    while at < len(text):
        if quoted and text[at] == "\\":
            at += 2
            continue
        if text[at] == '"':
            quoted = not quoted
        at += 1
    return quoted
