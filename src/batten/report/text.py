"""Text for people: made harmless, measured in terminal columns, cut and wrapped.

Everything that comes from a scanned file or from a saved report is hostile. What a terminal, a
spreadsheet or a browser would obey rather than show becomes a visible escape such as `\\x1b`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final

from batten.pattern import pattern

# Controls (C0, C1, DEL), directions and marks (Trojan Source, CVE-2021-42574), separators of lines,
# invisible characters, lone surrogates, interlinear annotation, tags. The two joiners stay: scripts need them.
_INVISIBLE: Final = (
    "\x7f-\x9f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f"
)
_PLAIN_ARGUMENT: Final = pattern(r"[A-Za-z0-9_./:=,%+@-]+")


@cache
def _unsafe(controls: str) -> re.Pattern[str]:
    """Compiled at the first text that needs it: most reports hold none, and it costs 2 ms."""
    return re.compile(f"[{controls}{_INVISIBLE}]")


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code in (9, 10, 13):
        return {9: "\\t", 10: "\\n", 13: "\\r"}[code]
    if 0xDC80 <= code <= 0xDCFF:  # PEP 383: a byte of a file name that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def printable(text: str) -> str:
    """`text` on one line, with every character that would not be shown as itself escaped."""
    return text if text.isprintable() else _unsafe("\x00-\x1f").sub(_escape, text)


def printable_lines(text: str) -> str:
    """As `printable`, but tabs and line feeds stay; CRLF becomes a line feed."""
    return text if text.isprintable() else _unsafe("\x00-\x08\x0b-\x1f").sub(_escape, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Paragraphs joined into one line, white space collapsed, the rest as `printable`."""
    return printable(" ".join(text.split()))


def ascii_only(text: str) -> str:
    """What is no ASCII as an escape, for terminals that show nothing else."""
    return text if text.isascii() else text.encode("ascii", "backslashreplace").decode()


@lru_cache(4096)
def _character_width(character: str) -> int:
    from unicodedata import category, east_asian_width

    if character in "\u200c\u200d" or category(character) in ("Mn", "Me") or "\u1160" <= character <= "\u11ff":
        return 0  # joiners, combining marks, medial and final Hangul jamo
    return 2 if east_asian_width(character) in "WF" else 1  # Unicode Standard Annex 11


def width(text: str) -> int:
    """Columns that `text` (printable) takes on a terminal."""
    return len(text) if text.isascii() else sum(map(_character_width, text))


def cut(text: str, columns: int, mark: str = "…") -> str:
    """`text` in at most `columns`, ending in `mark` where something was cut off."""
    if columns <= 0:
        return ""
    text = text[: 4 * columns + 16] if len(text) > 4 * columns + 16 else text
    if width(text) <= columns:
        return text
    used, room = 0, columns - width(mark)
    for index, character in enumerate(text):
        used += _character_width(character)
        if used > room:
            return text[:index].rstrip() + mark
    return text


def wrap(text: str, columns: int) -> list[str]:
    """Lines of at most `columns`, broken at spaces; a longer word stands alone on its line, uncut."""
    lines: list[str] = []
    current, used = "", 0
    for word in text.split():
        size = width(word)
        if current and used + 1 + size > columns:
            lines.append(current)
            current, used = word, size
        else:
            current, used = (f"{current} {word}", used + 1 + size) if current else (word, size)
    return [*lines, current] if current else lines


def join_wrapped(parts: list[str], separator: str, columns: int) -> list[str]:
    """`parts` joined by `separator` in lines of at most `columns`, broken between parts where that is enough."""
    lines: list[str] = []
    for part in parts:
        if lines and width(lines[-1]) + width(separator) + width(part) <= columns:
            lines[-1] += separator + part
        else:
            lines += wrap(part, columns)
    return lines


def plural(number: int, noun: str, nouns: str = "") -> str:
    """`1 finding`, `1,234 findings`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def shell_argument(text: str) -> str:
    """`text` quoted for a POSIX shell, so that the command beside a finding can be copied.

    What a terminal would obey rather than show stands as an escape in `$'…'` (POSIX.1-2024), which the shell turns
    back: the command names the very file, and shows nothing but printable characters.
    """
    if text.startswith("-"):
        text = "./" + text
    if _PLAIN_ARGUMENT.fullmatch(text):
        return text
    if printable(text) == text:
        return "'" + text.replace("'", "'\"'\"'") + "'"
    return "$'" + "".join(_shell_escape(character) for character in text) + "'"


def _shell_escape(character: str) -> str:
    if character in "\\'":
        return "\\" + character
    if printable(character) == character:
        return character
    # octal, three digits each: nothing that follows can be taken for a part of it
    errors = "surrogateescape" if "\udc80" <= character <= "\udcff" else "surrogatepass"
    return "".join(f"\\{byte:03o}" for byte in character.encode("utf-8", errors))
