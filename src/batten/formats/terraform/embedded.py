"""Texts that hold JSON or YAML, as nodes: of a heredoc and of a file every part has its own place."""

from __future__ import annotations

from typing import Any

from batten.formats.hcl.embedded import interpolated, json_tree
from batten.formats.hcl.nodes import Interpolation
from batten.formats.lines import text_of
from batten.formats.nodes import Node
from batten.formats.terraform.evaluate import HeredocText
from batten.formats.terraform.values import (
    JsonText,
    Steps,
    Unknown,
    as_text,
    is_unknown,
    listing,
    mapping,
    unknown,
)
from batten.formats.tree import MAP, SEQ
from batten.formats.tree import Node as Part
from batten.model.source import File, Place, Pointer, Problem, Unreadable


class FileText(Node):
    """The text of a file of the target."""

    __slots__ = ("file",)

    def __init__(self, file: File, text: str, place: Place) -> None:
        super().__init__(text, place)
        self.file = file


def decoded(node: Node, steps: Steps) -> Node | None:
    """What the JSON or YAML in a text means; None where it is not known or is none."""
    if isinstance(node, JsonText):
        return node.inner
    if isinstance(node, HeredocText) and (found := _heredoc(node)) is not None:
        return found
    if is_unknown(node) or not isinstance(node.plain, str):
        return node if node.is_map or node.is_list else None
    steps.spend(len(node.plain) // 8)
    if isinstance(node, FileText):
        return _file(node)
    value = _plain(node.plain)
    return None if value is None else Node(value, node.place)


def _plain(text: str) -> Any:
    from batten.formats.json.scan import parse

    if text.lstrip()[:1] in ("{", "["):
        try:
            return parse(text).value
        except Unreadable:
            return None
    from batten.formats.yaml import KUBERNETES, read_documents

    documents = list(read_documents(File("-", text.encode("utf-8", "replace")), KUBERNETES))
    if len(documents) != 1 or isinstance(documents[0], Problem):
        return None
    return documents[0].value


def _file(node: FileText) -> Node | None:
    """The document in a file, which has the places."""
    document: Any
    if node.file.path.endswith(".json"):
        from batten.formats.json import read_json

        try:
            document = read_json(node.file)
        except Unreadable:
            return None
    else:
        from batten.formats.yaml import KUBERNETES, read_documents

        found = list(read_documents(node.file, KUBERNETES))
        if len(found) != 1 or isinstance(found[0], Problem):
            return None
        document = found[0]
    return Node(document.value, Place(document))


def _heredoc(node: HeredocText) -> Node | None:
    evaluator, template = node.evaluator, node.template
    text = text_of(evaluator.document.file)
    if evaluator.document.json:
        return None
    read = json_tree(text, template)
    if read is None:
        return None
    tree, value = read

    def scalar(part: Part, plain: Any, place: Place) -> Node:
        if not interpolated(template, part):
            # the escapes of HCL stand in the text as they are written
            undone = plain.replace("$${", "${").replace("%%{", "%{") if isinstance(plain, str) else plain
            return Node(undone, place)
        inside = [one for one in template.parts if isinstance(one, Interpolation) and part.body <= one.start < part.end]
        # where one value is all of it, with quotes or without, it is decided where that stands
        alone = inside[0] if len(inside) == 1 else None
        if alone is not None and (alone.start, alone.end) == (part.body, part.end):
            found = evaluator.node(alone.value, node.place.pointer)
            return _unquoted(found, _decided(found, node, place))
        if alone is not None and (alone.start, alone.end) == (part.body + 1, part.end - 1):
            found = evaluator.node(alone.value, node.place.pointer)
            written = as_text(found)
            if written is not None:
                return Node(Unknown(written) if is_unknown(found) else written, _decided(found, node, place))
        pieces, at, whole = [], part.body, True
        for one in inside:
            found = evaluator.node(one.value, ())
            written = as_text(found)
            if written is None:
                return unknown("template", place)
            pieces += [text[at : one.start], written]
            whole = whole and not is_unknown(found)
            at = one.end
        pieces.append(text[at : part.end])
        joined = "".join(pieces)
        return Node(joined[1:-1] if whole else Unknown(joined[1:-1]), place)

    def built(part: Part, plain: Any, pointer: Pointer) -> Node:
        evaluator.module.steps.spend()
        place = Place(node.place.document, pointer)
        if part.kind == MAP and isinstance(plain, dict):
            keys, values = part.items[::2], part.items[1::2]
            pairs = zip(keys, values, strict=True)
            return mapping({key.text: built(one, plain[key.text], (*pointer, key.text)) for key, one in pairs}, place)
        if part.kind == SEQ and isinstance(plain, list):
            pairs_ = zip(part.items, plain, strict=True)
            return listing([built(one, item, (*pointer, n)) for n, (one, item) in enumerate(pairs_)], place)
        return scalar(part, plain, place)

    return built(tree.root, value, node.place.pointer)


def _decided(found: Node, heredoc: Node, place: Place) -> Place:
    """Where a value was written; in the heredoc where it is decided there."""
    same = found.place.document is heredoc.place.document and found.place.pointer == heredoc.place.pointer
    return place if same else found.place


def _unquoted(node: Node, place: Place) -> Node:
    """What an interpolation without quotes comes to: a number, a word, or whole JSON."""
    text = as_text(node)
    if text is None or is_unknown(node):
        return Node(Unknown("${template}") if text is None else node.plain, place)
    value = _plain(text) if text[:1] in ("{", "[") else None
    if value is None and text in ("true", "false"):
        value = text == "true"
    if value is None and text.isascii() and text.isdigit() and len(text) < 19:
        value = int(text)
    return Node(text if value is None else value, place)
