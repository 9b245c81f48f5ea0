"""Text from files inside GitHub-flavoured Markdown: shown, never obeyed.

Backslashes stop Markdown itself. Mentions, references to issues and bare addresses are found by the
platforms in the rendered text, where a backslash no longer stands: a zero-width space breaks them.
"""

from __future__ import annotations

import html
import re
from typing import Final

from batten.pattern import pattern
from batten.report.text import one_line, printable

_SPECIAL: Final = pattern(r"([\\`*_\[\]~$])")
_BREAK: Final = "&#8203;"  # zero-width space
_MENTION: Final = pattern(r"(?<![0-9A-Za-z_])@(?=[0-9A-Za-z])")
_REFERENCE: Final = pattern(r"(#|!|\bGH-|%|\$|~)(?=\d)|(?<=[0-9A-Za-z])#(?=\d)", re.IGNORECASE)
_ADDRESS: Final = pattern(r"(\b[A-Za-z][A-Za-z0-9+.-]{0,30}):(?=//)|\b(www)\.", re.IGNORECASE)
_TICKS: Final = pattern("`+")


def escape(text: str) -> str:
    """`text` on one line as inline Markdown that renders as `text`; never put it first on a line."""
    return "".join(part if part == _BREAK else _escaped(part) for part in _split(one_line(text)))


def _escaped(part: str) -> str:
    part = _SPECIAL.sub(r"\\\1", part.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return part.replace("|", "&#124;")  # a table's own escape differs between platforms


def _split(text: str) -> list[str]:
    """`text` in pieces with a break where a platform would make a link of it."""
    marked = _MENTION.sub("@\0", text)
    marked = _REFERENCE.sub(lambda match: match[0] + "\0", marked)
    marked = _ADDRESS.sub(lambda match: f"{match[1]}:\0" if match[1] else f"{match[2]}\0.", marked)
    pieces: list[str] = []
    for index, piece in enumerate(marked.split("\0")):  # `one_line` left no NUL in the text
        pieces += [_BREAK, piece] if index else [piece]
    return pieces


def code(text: str) -> str:
    """`text` as a code span, in which no mention, link or HTML is seen. Not for tables: see `cell`."""
    text = one_line(text)
    if not text:
        return ""
    fence = "`" * (max((len(run) for run in _TICKS.findall(text)), default=0) + 1)
    space = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{space}{text}{space}{fence}"


def cell(text: str) -> str:
    """`text` as code in a table, where a code span could not hold a pipe."""
    return f"<code>{escape(text)}</code>"


def code_html(text: str) -> str:
    """`text` as code where Markdown is not read (`<summary>`)."""
    return f"<code>{html.escape(printable(text))}</code>"


def block(text: str, language: str = "") -> str:
    """Lines of source in a fence that they cannot close."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
