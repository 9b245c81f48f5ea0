"""Shell-like words of Dockerfiles: quotes, escapes, `$NAME` and `${NAME…}`.

This is the language that the build itself understands (in ENV, COPY, USER …, and in the word after `<<`),
not that of the shell in RUN. Reference: https://docs.docker.com/reference/dockerfile/#environment-replacement
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batten.limits import DOCKERFILE_EXPANSION, INTERPOLATION_DEPTH

SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u2028\u2029\u202f\u205f\u3000"
)
"""Unicode White_Space: what the reference implementation trims; `str.strip()` would take more."""
_SPACES = frozenset(SPACE)
_SPECIAL = frozenset("@*#?-$!0")

SET: Final = 0
UNSET: Final = 1
"""Nobody sets it: expands to nothing."""
NO_DEFAULT: Final = 2
"""An ARG without a default: unset unless the builder is given a value."""
UNKNOWN: Final = 3

Lookup = Callable[[str], tuple[int, str]]
"""name -> (SET, UNSET, NO_DEFAULT or UNKNOWN, value)."""


class LexError(ValueError):
    """A quote or a substitution that is not closed, or a modifier that Dockerfiles do not have."""


def _nothing_set(_name: str) -> tuple[int, str]:
    return UNSET, ""


class Lexer:
    """Reads one string once: `text()` gives it expanded; with `split`, `words` then holds it split at blanks.

    raw_quotes, raw_escapes: quotes and escapes stay in the result. keep_unset: variables that are not set
    stay as written. quotes=False: quotes mean nothing (bodies of heredocs).
    """

    def __init__(
        self,
        source: str,
        lookup: Lookup = _nothing_set,
        escape: str = "\\",
        *,
        raw_quotes: bool = False,
        raw_escapes: bool = False,
        keep_unset: bool = False,
        quotes: bool = True,
        split: bool = False,
    ) -> None:
        self.source = source
        self.at = 1 if source.startswith("\ufeff") else 0  # the reference's scanner passes over it
        self.lookup = lookup
        self.escape = escape
        self.raw_quotes = raw_quotes
        self.raw_escapes = raw_escapes
        self.keep_unset = keep_unset
        self.quotes = quotes
        self.split = split
        self.known = True
        self.words: list[str] = []
        self._word: list[str] = []
        self.size = 0
        """Characters that the expansion has cost."""

    def text(self) -> str:
        """The whole source, expanded. Raises `LexError`."""
        return self._until("", self.raw_escapes, False, 0)

    def _emit(self, out: list[str], part: str) -> None:
        self.size += len(part)
        if self.size > DOCKERFILE_EXPANSION:
            raise LexError(f"expands to more than {DOCKERFILE_EXPANSION} characters")
        out.append(part)

    def _until(self, stop: str, raw_escapes: bool, pattern: bool, depth: int) -> str:
        """Up to the unquoted character `stop` ("" is the end). `pattern`: quoted escapes are doubled."""
        if depth > INTERPOLATION_DEPTH:
            raise LexError(f"${{…}} nested more than {INTERPOLATION_DEPTH} deep")
        source, escape, length = self.source, self.escape, len(self.source)
        out: list[str] = []
        word = self._word
        word.clear()  # also within a word: the reference loses what stood before ${A:-b} there, and heredocs with it
        outer, self.raw_escapes = self.raw_escapes, raw_escapes
        while self.at < length:
            char = source[self.at]
            if char == stop:
                self.at += 1
                self.raw_escapes = outer
                word.clear()
                return "".join(out)
            if char == "$":
                part = self._dollar(depth)
                self._emit(out, part)
                if self.split and not depth:
                    for piece in part:
                        self._split(word, piece)
                continue
            if char == "<":
                part = self._less()
            elif char == "'" and self.quotes:
                part = self._single(pattern)
            elif char == '"' and self.quotes:
                part = self._double(pattern, depth)
            elif char == escape:
                self.at += 1
                part = char if raw_escapes else ""
                if self.at < length:
                    part += source[self.at]
                    self.at += 1
            else:
                self.at += 1
                self._emit(out, char)
                if self.split and not depth:
                    self._split(word, char)
                continue
            self._emit(out, part)
            word.append(part)
        if stop:
            raise LexError(f"{stop} is missing")
        if not depth and "".join(word):
            self.words.append("".join(word))
        self.raw_escapes = outer
        return "".join(out)

    def _split(self, word: list[str], char: str) -> None:
        if char not in _SPACES:
            word.append(char)
        elif any(word):
            self.words.append("".join(word))
            word.clear()

    def _less(self) -> str:
        """`<`, or `<<` with the blanks after it: a heredoc's word may stand apart from its operator."""
        start = self.at
        self.at += 1
        if self.source.startswith("<", self.at):
            self.at += 1
            while self.at < len(self.source) and self.source[self.at] in "\t\r ":
                self.at += 1
        return self.source[start : self.at]

    def _single(self, pattern: bool) -> str:
        end = self.source.find("'", self.at + 1)
        if end < 0:
            raise LexError("closing ' is missing")
        body = self.source[self.at + 1 : end]
        self.at = end + 1
        if pattern:
            body = body.replace(self.escape, self.escape * 2)
        return f"'{body}'" if self.raw_quotes else body

    def _double(self, pattern: bool, depth: int) -> str:
        source, escape = self.source, self.escape
        out = ['"'] if self.raw_quotes else []
        self.at += 1
        while self.at < len(source):
            char = source[self.at]
            if char == '"':
                self.at += 1
                if self.raw_quotes:
                    out.append('"')
                return "".join(out)
            if char == "$":
                self._emit(out, self._dollar(depth))
                continue
            self.at += 1
            if char == escape:
                following = source[self.at : self.at + 1]
                if not following:
                    break
                if following in ('"', "$", escape):
                    if self.raw_escapes:
                        out.append(char)
                    char = following
                    self.at += 1
                elif self.raw_escapes and (not self.raw_quotes or pattern):
                    out.append(char)
            out.append(char)
        raise LexError('closing " is missing')

    def _name(self) -> str:
        source, start = self.source, self.at
        first = source[start : start + 1]
        if first.isdecimal():
            while self.at < len(source) and source[self.at].isdecimal():
                self.at += 1
        elif first and first in _SPECIAL:
            self.at += 1
        else:
            while self.at < len(source) and (
                source[self.at].isalpha() or source[self.at].isdecimal() or source[self.at] == "_"
            ):
                self.at += 1
        return source[start : self.at]

    def _value(self, name: str, written: str) -> str:
        status, value = self.lookup(name)
        if status in (NO_DEFAULT, UNKNOWN):
            self.known = False
            return written
        return written if status == UNSET and self.keep_unset else value

    def _dollar(self, depth: int) -> str:
        start = self.at
        self.at += 1
        if not self.source.startswith("{", self.at):
            name = self._name()
            return self._value(name, "$" + name) if name else "$"
        self.at += 1
        following = self.source[self.at : self.at + 1]
        if not following:
            raise LexError("} is missing")
        if following in "{}:":
            raise LexError("bad substitution")
        name = self._name()
        operator = self.source[self.at : self.at + 1]
        self.at += 1
        if operator == "}":
            return self._value(name, f"${{{name}}}")
        empty_counts = operator == ":"
        if empty_counts:
            operator = self.source[self.at : self.at + 1]
            self.at += 1
        if operator == "/" and not empty_counts:
            return self._replace(name, start, depth)
        if not operator or (operator in "#%" if empty_counts else operator not in "+-?#%"):
            raise LexError(f"${{{name}{':' * empty_counts}{operator}…}} is no substitution that Dockerfiles have")
        is_pattern = operator in "#%"
        word = self._until("}", is_pattern, is_pattern, depth + 1)
        status, value = self.lookup(name)
        if self.keep_unset and status != SET:
            return f"${{{name}{':' if empty_counts else ''}{operator}{word}}}"
        if status == UNKNOWN or (status == NO_DEFAULT and operator in "?#%"):
            self.known = False
            return self.source[start : self.at]
        if operator not in "+-?#%":  # the reference complains only now, and so not where unset names stay
            raise LexError(f"${{{name}:{operator}…}} is no substitution that Dockerfiles have")
        missing = status != SET or (empty_counts and not value)
        if operator == "-":
            return word if missing else value
        if operator == "+":
            return "" if missing else word
        if operator == "?":
            if missing:
                raise LexError(f"{name}: {word or 'must be set'}")
            return value
        return self._trim(operator, word, value, start)

    def _trim(self, operator: str, word: str, value: str, start: int) -> str:
        from batten.formats.dockerfile.globs import remove_prefix, remove_suffix

        self.size += len(value)
        greedy = word.startswith(operator)
        cut = remove_prefix if operator == "#" else remove_suffix
        result = cut(word[1:] if greedy else word, value, greedy)
        if result is None:
            self.known = False
            return self.source[start : self.at]
        return result

    def _replace(self, name: str, start: int, depth: int) -> str:
        from batten.formats.dockerfile.globs import replace

        everywhere = self.source.startswith("/", self.at)
        self.at += everywhere
        pattern = self._until("/", True, True, depth + 1)
        replacement = self._until("}", True, False, depth + 1)
        status, value = self.lookup(name)
        if self.keep_unset and status != SET:
            return f"${{{name}/{pattern}/{replacement}}}"
        self.size += len(value) ** 2
        result = replace(pattern, replacement, value, everywhere) if status in (SET, UNSET) else None
        if result is None:
            self.known = False
            return self.source[start : self.at]
        return result


def unquote(raw: str, escape: str) -> str:
    """`raw` without quotes and escapes, variables as written; as written where a quote is not closed."""
    if "'" not in raw and '"' not in raw and escape not in raw:
        return raw
    try:
        return Lexer(raw, escape=escape, keep_unset=True).text()
    except LexError:
        return raw
