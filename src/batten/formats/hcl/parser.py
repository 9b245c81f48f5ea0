"""Text -> the body of a file. Nothing is evaluated here."""

from __future__ import annotations

from batten.formats.hcl.expressions import Expressions
from batten.formats.hcl.nodes import Attribute, Block, Body


def parse(text: str) -> Body:
    """The body of the file `text`. Raises `Unreadable` with the line where it is no HCL."""
    return _Parser(text).file()


class _Parser(Expressions):
    """Bodies: attributes and blocks."""

    def file(self) -> Body:
        start = self.at
        body = self._body()
        if self.at < self.limit:
            self.fail("an attribute or a block")
        body.start, body.end = start, self.limit
        return body

    def _body(self) -> Body:
        """Up to a closing brace or the end."""
        body = Body(self.at, self.at, {}, [])
        while True:
            self.blanks(lines=True)
            if self.at >= self.limit or self.peek("}"):
                body.end = self.at
                return body
            start = self.at
            name = self.name()
            if not name:
                self.fail("the name of an attribute or a block")
            end = self.at
            self.blanks(lines=False)
            if self.peek("=") and not self.peek("=="):
                self.at += 1
                self.blanks(lines=False)
                body.attributes[name] = Attribute(name, start, end, self.expression(lines=False))
                self._ended()
            else:
                body.blocks.append(self._block(name, start))

    def _ended(self) -> None:
        """What comes after an attribute or block of a body: a new line, or the end of the body."""
        self.blanks(lines=False)
        if self.at < self.limit and not self.peek("\n", "}"):
            self.fail("a new line")

    def _block(self, type: str, start: int) -> Block:
        labels = []
        while not self.peek("{"):
            if self.peek('"'):
                labels.append(self._label())
            elif name := self.name():
                labels.append(name)
            else:
                self.fail(f"`=`, or a label and `{{` of the block {type}")
            self.blanks(lines=False)
        head = self.at
        self.at += 1
        self.enter()
        body = self._body()
        self.leave()
        if not self.take("}"):
            self.fail(f"the closing brace of the block {type}")
        body.start = head + 1
        self._ended()
        return Block(type, labels, start, head, body)

    def _label(self) -> str:
        template = self.quoted()
        return self.text[template.body : template.body_end]
