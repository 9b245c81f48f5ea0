"""Takes heredocs out of a script before it is parsed: the grammar loses what follows `<<WORD` on its line."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

_ENDS_WORD: Final = frozenset(" \t\r\n;|&<>()")


class Body(Struct, frozen=True, eq=False):
    """A heredoc: where its `<<` stands, and its body, in the script."""

    at: int
    start: int
    end: int
    quoted: bool


def take_out(text: str) -> tuple[str, list[Body]]:
    """`text` with operators and bodies blanked (length and lines kept), and the heredocs."""
    if "<<" not in text:
        return text, []
    found: list[Body] = []
    blanks: list[tuple[int, int]] = []
    waiting: list[tuple[int, str, bool, bool]] = []
    at, length = 0, len(text)
    while at < length:
        char = text[at]
        if char == "\\":
            at += 2
        elif char in "'\"":
            at = _after_quote(text, at)
        elif char == "#" and (not at or text[at - 1] in _ENDS_WORD):
            newline = text.find("\n", at)
            at = length if newline < 0 else newline
        elif text.startswith("((", at):
            close = text.find("))", at, at + 4096)
            at = at + 2 if close < 0 or "\n" in text[at:close] else close + 2
        elif text.startswith("<<", at):
            after = _operator(text, at, waiting)
            if after is None:
                at += 3 if text.startswith("<<<", at) else 2
            else:
                blanks.append((at, after))
                at = after
        elif char == "\n" and waiting:
            at = _bodies(text, at + 1, waiting, found, blanks)
        else:
            at += 1
    return _blanked(text, blanks), found


def _after_quote(text: str, at: int) -> int:
    quote = text[at]
    at += 1
    while at < len(text):
        if text[at] == quote:
            return at + 1
        at += 2 if quote == '"' and text[at] == "\\" else 1
    return at


def _operator(text: str, at: int, waiting: list[tuple[int, str, bool, bool]]) -> int | None:
    """Reads `<<-WORD` at `at`; where it ends, None where it is none."""
    start = at
    at += 2
    if text.startswith("<", at):
        return None
    dash = text.startswith("-", at)
    at += dash
    while at < len(text) and text[at] in " \t":
        at += 1
    name, quoted = [], False
    while at < len(text) and text[at] not in _ENDS_WORD:
        char = text[at]
        if char in "'\"":
            end = text.find(char, at + 1)
            if end < 0:
                return None
            name.append(text[at + 1 : end])
            quoted = True
            at = end + 1
        else:
            if char == "\\":
                quoted = True
                at += 1
            name.append(text[at : at + 1])
            at += 1
    if not "".join(name):
        return None
    while start and text[start - 1].isdecimal():
        start -= 1
    waiting.append((start, "".join(name), dash, quoted))
    return at


def _bodies(
    text: str,
    at: int,
    waiting: list[tuple[int, str, bool, bool]],
    found: list[Body],
    blanks: list[tuple[int, int]],
) -> int:
    for operator, name, dash, quoted in waiting:
        start = at
        while True:
            newline = text.find("\n", at)
            stop = len(text) if newline < 0 else newline
            line = text[at:stop].rstrip("\r")
            end, at = at, min(stop + 1, len(text))
            if (line.lstrip("\t") if dash else line) == name:
                break
            if newline < 0:
                end = len(text)
                break
        found.append(Body(operator, start, end, quoted))
        blanks.append((start, stop))
        at = stop
        if stop == len(text):
            break
        at = stop + 1
    waiting.clear()
    return max(at - 1, 0) if at <= len(text) else len(text)


def _blanked(text: str, blanks: list[tuple[int, int]]) -> str:
    parts = []
    at = 0
    for start, end in blanks:
        parts.append(text[at:start])
        parts.append("".join(["\n" if char == "\n" else " " for char in text[start:end]]))
        at = end
    return "".join(parts) + text[at:]
