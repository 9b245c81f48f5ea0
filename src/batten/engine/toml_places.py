"""Where the tables of an array of tables stand in TOML text: `tomllib` gives values without places."""

from __future__ import annotations

import re
from typing import Final

_SPACE: Final = re.compile(r"[ \t]*")
_GAP: Final = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_IN_ARRAY: Final = re.compile(r"(?:[ \t\r\n,]|#[^\n]*)*")
_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE: Final = re.compile(r"[^,\]}\n#]*")
_STRING: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")'
    r"|'''.*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'",
    re.DOTALL,
)

Key = tuple[str, ...]


def table_spans(text: str, key: Key) -> list[tuple[int, int]]:
    """(start, end) in characters of each table of the array at `key`, in order: the header `[[waiver]]`, or
    the inline table `{…}`. `text` is TOML that `tomllib` has read; of anything else the result is a guess.
    """
    scanner = _Scanner(text, key)
    scanner.document()
    return scanner.spans


def key_lines(text: str) -> list[tuple[Key, int]]:
    """(key, line from 1) of every table's header and every key with a value, in order, the key from the top of the
    document; items of arrays are not told apart. `text` as for `table_spans`."""
    scanner = _Scanner(text, ())
    scanner.document()
    return [(key, text.count("\n", 0, start) + 1) for key, start in scanner.keys]


class _Scanner:
    """Walks over keys and values; a place is remembered, nothing is evaluated."""

    def __init__(self, text: str, wanted: Key) -> None:
        self.text = text
        self.wanted = wanted
        self.at = 0
        self.spans: list[tuple[int, int]] = []
        self.keys: list[tuple[Key, int]] = []

    def skip(self, pattern: re.Pattern[str]) -> str:
        found = pattern.match(self.text, self.at)
        if found is None:
            return ""
        self.at = found.end()
        return found[0]

    def document(self) -> None:
        table: Key = ()
        while True:
            self.skip(_GAP)
            start = self.at
            if start >= len(self.text):
                return
            if self.text.startswith("[[", start):
                self.at += 2
                table = self.key()
                self.keys.append((table, start))
                self.at += 2
                if table == self.wanted:
                    self.spans.append((start, self.at))
            elif self.text[start] == "[":
                self.at += 1
                table = self.key()
                self.keys.append((table, start))
                self.at += 1
            else:
                self.pair(table)
            if self.at <= start:
                return  # not TOML

    def key(self) -> Key:
        parts: list[str] = []
        while True:
            self.skip(_SPACE)
            part = self.skip(_BARE_KEY)
            parts.append(part or _unquoted(self.skip(_STRING)))
            self.skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return tuple(parts)
            self.at += 1

    def pair(self, table: Key) -> None:
        start = self.at
        name = (*table, *self.key())
        self.keys.append((name, start))
        self.at += 1  # the equals sign
        self.skip(_SPACE)
        self.value(name)

    def value(self, name: Key, *, item: bool = False) -> None:
        start = self.at
        if self.text.startswith("[", start):
            self.at += 1
            while self.skip(_IN_ARRAY) is not None and self.inside("]"):
                self.value(name, item=True)
        elif self.text.startswith("{", start):
            self.at += 1
            while self.skip(_IN_ARRAY) is not None and self.inside("}"):
                self.pair(name)
            if item and name == self.wanted:
                self.spans.append((start, self.at))
        elif not self.skip(_STRING):
            self.skip(_BARE_VALUE)

    def inside(self, closing: str) -> bool:
        """False at the closing bracket, which is passed over, and at the end of the text."""
        if self.text.startswith(closing, self.at):
            self.at += 1
            return False
        return self.at < len(self.text) and self.text[self.at] not in "]}"


def _unquoted(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    import tomllib

    try:
        return str(tomllib.loads(f"x = {token}")["x"])
    except tomllib.TOMLDecodeError:
        return token
