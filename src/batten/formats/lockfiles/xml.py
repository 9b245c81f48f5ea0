"""XML with the places of its texts, without document types (and so without entities of their own)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct, field

from batten import limits
from batten.model.source import Pointer, Unreadable


class Element(Struct, eq=False, gc=False):
    """An element: its name without prefix, its attributes, its text, and where that stands in the file's text."""

    name: str
    attributes: dict[str, str]
    children: list[Element] = field(default_factory=list)
    text: str = ""
    place: Pointer = (0, 0)
    start: int = 0
    """Where its tag begins."""

    def child(self, name: str) -> Element | None:
        """The first one of this name."""
        return next((one for one in self.children if one.name == name), None)

    def of(self, name: str) -> str:
        """The text of the first child of this name; "" where there is none."""
        found = self.child(name)
        return found.text.strip() if found is not None else ""

    def all(self, name: str) -> Iterator[Element]:
        """Every element of this name below, in order."""
        waiting = self.children[::-1]
        while waiting:
            one = waiting.pop()
            if one.name == name:
                yield one
            waiting += one.children[::-1]


def parse(text: str) -> Element:
    """The root; raises `Unreadable`. Places are those of the text as it is written, without blanks around it."""
    from xml.parsers import expat

    data = text.removeprefix("\ufeff").encode()
    parser = expat.ParserCreate("utf-8")
    run = _Run(text, len(text.encode()) - len(data), data, lambda: parser.CurrentByteIndex)
    parser.buffer_text = False
    parser.StartElementHandler = run.start
    parser.EndElementHandler = run.end
    parser.CharacterDataHandler = run.characters
    parser.StartDoctypeDeclHandler = run.doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise Unreadable(f"expected XML: {expat.errors.messages[error.code]}", error.lineno) from None
    return run.root.children[0]


class _Run:
    """The handlers. Byte offsets only grow, so characters are counted along."""

    def __init__(self, text: str, mark: int, data: bytes, position: Callable[[], int]) -> None:
        self.root = Element("", {})
        self._text = text
        self._data = data
        self._position = position
        self._stack = [self.root]
        self._count = 0
        self._byte, self._character = 0, 1 if mark else 0
        self._begin = 0
        """Where the content of the innermost element began, as far as it has no elements of its own."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1 + len(attributes)
        if self._count > limits.LOCK_XML_ELEMENTS or len(self._stack) > limits.LOCK_DEPTH:
            raise Unreadable("more elements than any real file has, or nested deeper; not read")
        element = Element(name.rpartition(":")[2], attributes, start=self._offset())
        self._stack[-1].children.append(element)
        self._stack.append(element)
        self._begin = -1

    def characters(self, text: str) -> None:
        element = self._stack[-1]
        if self._begin < 0 and not element.children and not element.text:
            self._begin = self._offset()
        element.text += text
        if len(element.text) > limits.PACKAGE_FIELD:
            element.text = element.text[: limits.PACKAGE_FIELD]

    def end(self, _: str) -> None:
        element = self._stack.pop()
        if element.text and not element.children and self._begin >= 0:
            end = self._offset()
            written = self._text[self._begin : end]
            start = self._begin + len(written) - len(written.lstrip())
            element.place = (start, start + len(written.strip()))
        self._begin = -2  # a text behind an element has no place

    def doctype(self, *_: Any) -> None:
        raise Unreadable("expected no document type in this file, found one; it is not read")

    def _offset(self) -> int:
        byte = self._position()
        self._character += len(self._data[self._byte : byte].decode("utf-8", "replace"))
        self._byte = byte
        return self._character
