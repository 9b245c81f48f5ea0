"""SARIF's plain text messages: braces and links mean something there (sections 3.11.5 and 3.11.6)."""

from __future__ import annotations

from batten.report.text import one_line, printable_lines


def message(text: str) -> str:
    """`text` on one line as a SARIF message string that is shown as it is."""
    return _escaped(one_line(text)) or "(no message)"


def paragraphs(text: str) -> str:
    """As `message`, with its line breaks."""
    return _escaped(printable_lines(text)) or "(no text)"


def _escaped(text: str) -> str:
    """Doubled braces are braces and no placeholder; `](` would make an embedded link."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "\\](")
