"""What Groovy is read into, and the walk over its tokens."""

from __future__ import annotations

from msgspec import Struct, field

from batten.formats.pipelines.groovy_lex import Token
from batten.limits import GROOVY_DEPTH
from batten.model.source import Unreadable


class Node(Struct, eq=False):
    """One value or statement.

    `kind`: `call` (`name` is its path: `docker.image.inside`), `name`, `string`, `number`, `list`, `map`, `closure`,
    `block` (what follows `if`, `try` …), `assign` (`name`), `expression` (operands between operators).
    """

    kind: str
    start: int
    end: int = 0
    name: str = ""
    arguments: list[Node] = field(default_factory=list)
    """Of a call, the positional ones; operands, items, statements, of anything else."""
    named: dict[str, Node] = field(default_factory=dict)
    closure: Node | None = None
    base: Node | None = None
    """Of a call in a chain, the call before it."""

    def argument(self, name: str, position: int = -1) -> Node | None:
        """A named argument, or the one at the position."""
        found = self.named.get(name)
        if found is None and 0 <= position < len(self.arguments):
            return self.arguments[position]
        return found


class Cursor:
    """Where the parser stands."""

    def __init__(self, text: str, found: list[Token]) -> None:
        self.text = text
        self.tokens = found
        self.at = 0
        self.depth = 0

    # ------------------------------------------------------------------------------------ tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token.kind != "end":
            self.at += 1
        return token

    def skip(self) -> None:
        """Passes over line ends."""
        while self.token.kind == "newline":
            self.at += 1

    def expect(self, kind: str) -> Token:
        if self.token.kind != kind:
            raise self.unreadable(f"expected `{kind}`")
        return self.take()

    def unreadable(self, expected: str) -> Unreadable:
        found = self.token
        what = "the end of the file" if found.kind == "end" else repr(self.text[found.start : found.end][:40])
        return Unreadable(f"{expected}, found {what}", self.text.count("\n", 0, found.start) + 1)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > GROOVY_DEPTH:
            raise self.unreadable(f"expected brackets at most {GROOVY_DEPTH} deep in one another")
