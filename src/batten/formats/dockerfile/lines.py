"""Lines of a Dockerfile: parser directives, comments, continued lines joined, heredocs cut out.

The rules are those of BuildKit's parser, which is what builds run; the judge in tests/judges/dockerfile
compares them. Reference: https://docs.docker.com/reference/dockerfile/#format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten.formats.dockerfile.lex import SPACE, Lexer, LexError
from batten.formats.dockerfile.nodes import Comment, Heredoc, Pieces
from batten.limits import DOCKERFILE_INSTRUCTION, DOCKERFILE_LINES
from batten.model.source import Problem, Unreadable
from batten.pattern import pattern

_DIRECTIVE: Final = pattern(r"([A-Za-z][A-Za-z0-9]*+)[ \t\f\r\n]*+=[ \t\f\r\n]*+([^ \t\f\r\n].*)", re.DOTALL)
_DIRECTIVES: Final = frozenset(("escape", "syntax", "check"))
_HEREDOC: Final = pattern(r"(\d*+)<<(-?)[ \t\n\f\r]*+([^<]*+)\Z", re.ASCII)
_BUILDKIT_LINE: Final = 64 * 1024 - 1
"""BuildKit refuses longer lines."""


def is_directive(comment: str) -> bool:
    """Would the text of a comment be a parser directive at the head of a file?"""
    match = _DIRECTIVE.match(comment.lstrip(SPACE))
    return match is not None and match[1].lower() in _DIRECTIVES


class Logical(Struct, frozen=True, eq=False):
    """One instruction's line, continuations joined; `text` begins with the keyword (or with blanks)."""

    text: str
    pieces: Pieces
    line: int
    start: int
    """Where the first line begins in the file; a lone continuation character may stand there."""
    open: bool
    """The file ended after a line that asked for another one."""


class Lines:
    """Cuts the text of a file into logical lines. The caller asks for heredoc bodies in between."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text
        self.at = 1 if text.startswith("\ufeff") else 0
        self.line = 0
        """Lines read so far: the number of the line read last."""
        self.end = self.at
        """Where the line read last ends, its line break left out."""
        self.escape = "\\"
        self.directives: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self.directives_open = True

    def problem(self, message: str, line: int, *, severe: bool = True) -> None:
        self.problems.append(Problem(self.path, message, line, severe))

    def _next(self) -> str:
        """The next line without its line break; `at` moves behind it. Call only while `at` is inside."""
        start = self.at
        newline = self.text.find("\n", start)
        stop = len(self.text) if newline < 0 else newline
        self.at = stop if newline < 0 else newline + 1
        self.line += 1
        if self.line > DOCKERFILE_LINES:
            raise Unreadable(f"expected at most {DOCKERFILE_LINES} lines, found more", self.line)
        if stop - start > _BUILDKIT_LINE:
            self._check_length(stop - start, self.line)
            self.problem(
                f"expected lines of at most {_BUILDKIT_LINE} bytes (BuildKit refuses more), found {stop - start}",
                self.line,
                severe=False,
            )
        content = self.text[start:stop].rstrip("\r")
        self.end = start + len(content)
        return content

    def _check_length(self, length: int, line: int) -> None:
        if length > DOCKERFILE_INSTRUCTION:
            raise Unreadable(f"expected instructions of at most {DOCKERFILE_INSTRUCTION} characters", line)

    def __iter__(self) -> Iterator[Logical]:
        while self.at < len(self.text):
            start = self.at
            content = self._next()
            stripped = content.lstrip(SPACE)
            start += len(content) - len(stripped)
            if stripped.startswith("#"):
                self._comment(stripped, start, inside=False)
                if self.directives_open:
                    self._directive(stripped)
                continue
            self.directives_open = False
            if stripped:
                yield self._logical(stripped, start)

    def _logical(self, content: str, start: int) -> Logical:
        line, first = self.line, start
        body, more = self._continued(content)
        if not more:
            return Logical(content, ((0, start),), line, start, False)
        parts, pieces, length, empty = [body], [(0, start)] if body else [], len(body), 0
        while more and self.at < len(self.text):
            start = self.at
            content = self._next()
            stripped = content.lstrip(SPACE)
            if stripped.startswith("#"):
                self._comment(stripped, start + len(content) - len(stripped), inside=True)
                continue
            if not stripped:
                empty = empty or self.line
                continue
            body, more = self._continued(content)
            if body:
                pieces.append((length, start))
                parts.append(body)
                length += len(body)
                self._check_length(length, line)
        if empty and not more:
            self.problem(
                "expected the continued instruction, found an empty line, which later builders will refuse",
                empty,
                severe=False,
            )
        if more:
            message = "expected the continued instruction, found the end of the file: was it cut off?"
            self.problem(message, self.line)
        return Logical("".join(parts), tuple(pieces) or ((0, first),), line, first, more)

    def _continued(self, content: str) -> tuple[str, bool]:
        """The line without its continuation character, and whether it has one."""
        body = content.rstrip(" \t")
        if body.endswith(self.escape) and not body.endswith(self.escape * 2):
            return body[:-1], True
        return content, False

    def _comment(self, stripped: str, start: int, *, inside: bool) -> None:
        text = stripped[1:].strip(SPACE)
        self.comments.append(Comment(self.line, text, (start, start + len(stripped)), inside))

    def _directive(self, stripped: str) -> None:
        if self.line == 1 and stripped.startswith("#!"):
            return
        match = _DIRECTIVE.match(stripped[1:].lstrip(SPACE))
        name = match[1].lower() if match else ""
        if match is None or name not in _DIRECTIVES:
            self.directives_open = False
            return
        value = match[2].rstrip(" \t\f\r\n")
        if name in self.directives:
            self.problem(f"expected one {name} directive, found a second", self.line)
        elif name == "escape" and value not in ("\\", "`"):
            self.problem(f"expected the escape directive to be \\ or `, found {value[:20]!r}", self.line)
        else:
            self.directives[name] = value
            if name == "escape":
                self.escape = value

    def heredocs(self, logical: str, line: int) -> tuple[Heredoc, ...]:
        """The heredocs that the logical line opens, read from the lines after it."""
        try:
            lexer = Lexer(logical, raw_quotes=True, raw_escapes=True, keep_unset=True, split=True)
            lexer.text()
        except LexError:
            return ()  # as BuildKit: a line that cannot be split into words opens no heredoc
        found = []
        for word in lexer.words:
            match = _HEREDOC.match(word)
            if match is None or not match[3]:
                continue
            try:
                name, expand = _heredoc_name(match[3])
            except LexError as error:
                self.problem(f"expected a word after <<, found {match[3][:40]!r}: {error}", line)
                continue
            if name is not None:
                found.append(self._heredoc(name, expand, bool(match[2]), int((match[1] or "0")[:9]), line))
        return tuple(found)

    def _heredoc(self, name: str, expand: bool, chomp: bool, fd: int, line: int) -> Heredoc:
        start = self.at
        while self.at < len(self.text):
            before = self.at
            content = self._next()
            if (content.lstrip("\t") if chomp else content) == name:
                return Heredoc(name, self.text[start:before], expand, chomp, fd, (start, before))
        self.problem(f"expected a line {name[:40]!r} that ends the heredoc, found the end of the file", line)
        return Heredoc(name, self.text[start:], expand, chomp, fd, (start, len(self.text)), False)


def _heredoc_name(word: str) -> tuple[str | None, bool]:
    """The terminator that `word` (quotes included) names, and whether the body is expanded."""
    plain = Lexer(word, keep_unset=True, split=True)
    plain.text()
    if len(plain.words) != 1:
        return None, False
    raw = Lexer(word, raw_quotes=True, keep_unset=True, split=True)
    raw.text()
    name = plain.words[0]
    kept = raw.words[0] if raw.words else name
    return name, name.count("'") + name.count('"') == kept.count("'") + kept.count('"')
