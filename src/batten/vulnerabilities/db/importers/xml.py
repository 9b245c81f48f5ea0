"""XML feeds as a stream of small trees: no document type, no entities, no file held whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO, Final
from xml.parsers import expat

from batten import limits
from batten.vulnerabilities.db.importers.common import Unreadable

_CHUNK: Final = 256 * limits.KIB


class Node:
    """An element by its local name, with its text and its children."""

    __slots__ = ("attributes", "children", "tag", "text")

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.text = ""
        self.children: list[Node] = []

    def all(self, tag: str) -> Iterator[Node]:
        """Every element of that name below this one, in document order."""
        for child in self.children:
            if child.tag == tag:
                yield child
            yield from child.all(tag)

    def first(self, tag: str) -> str:
        """The text of the first such element, "" without one."""
        return next((node.text.strip() for node in self.all(tag)), "")


def trees(stream: BinaryIO, depth: int) -> Iterator[tuple[str, Node]]:
    """Every element that lies `depth` elements below the root, with the name of its parent, as soon as it is whole.

    Raises Unreadable for what is no well-formed XML, has a document type or a tree that is too large.
    """
    found: list[tuple[str, Node]] = []
    open_names: list[str] = []
    open_nodes: list[Node] = []
    count = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal count
        local = name.rpartition(":")[2]
        open_names.append(local)
        if len(open_names) > limits.ADVISORY_DEPTH:
            raise Unreadable(f"expected at most {limits.ADVISORY_DEPTH} elements in one another, found more")
        if open_nodes or len(open_names) == depth + 1:
            count += 1
            if count > limits.ADVISORY_NODES:
                raise Unreadable(f"expected at most {limits.ADVISORY_NODES} elements in one entry, found more")
            node = Node(local, attributes)
            if open_nodes:
                open_nodes[-1].children.append(node)
            open_nodes.append(node)

    def end(name: str) -> None:
        nonlocal count
        open_names.pop()
        if open_nodes:
            node = open_nodes.pop()
            if not open_nodes:
                found.append((open_names[-1] if open_names else "", node))
                count = 0

    def text(data: str) -> None:
        if open_nodes and len(open_nodes[-1].text) < limits.ADVISORY_NODES:
            open_nodes[-1].text += data

    def refuse(*_: Any) -> None:
        raise Unreadable("expected XML without a document type, found one")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    while chunk := stream.read(_CHUNK):
        _parse(parser, chunk, False)
        yield from found
        found.clear()
    _parse(parser, b"", True)
    yield from found


def _parse(parser: expat.XMLParserType, chunk: bytes, last: bool) -> None:
    try:
        parser.Parse(chunk, last)
    except expat.ExpatError as error:
        raise Unreadable(f"expected XML, found {error}") from error
