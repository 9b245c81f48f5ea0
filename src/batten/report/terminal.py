"""A terminal's abilities: colours of the 16-colour palette, Unicode or ASCII, width."""

from __future__ import annotations

from typing import Final

from batten.report import Options
from batten.report.text import ascii_only

_WIDTHS: Final = (60, 400)  # less leaves no room beside a finding's place and severity
_SEVERITY_CODES: Final = {"critical": "1;35", "high": "1;31", "medium": "33", "low": "34", "info": "2"}
_RESET: Final = "\x1b[0m"
_TRANSLITERATED: Final = str.maketrans(
    {"·": "-", "…": "...", "–": "-", "—": "-", "’": "'", "“": '"', "”": '"', "→": "->"}
)


class Terminal:
    """Paints and chooses symbols. `safe` must be applied to all text before it is painted."""

    def __init__(self, options: Options) -> None:
        self.color = options.color
        self.unicode = options.unicode
        self.width = min(_WIDTHS[1], max(_WIDTHS[0], options.width))

    def safe(self, text: str) -> str:
        """Printable text in the characters that this terminal shows."""
        return text if self.unicode else ascii_only(text.translate(_TRANSLITERATED))

    def symbol(self, unicode: str, plain: str) -> str:
        return unicode if self.unicode else plain

    def severity(self, word: str) -> str:
        """The word, eight columns wide, in its colour."""
        return self._paint(f"{word:<8}", _SEVERITY_CODES[word])

    def paint(self, text: str, severity: str) -> str:
        return self._paint(text, _SEVERITY_CODES[severity])

    def bold(self, text: str) -> str:
        return self._paint(text, "1")

    def dim(self, text: str) -> str:
        return self._paint(text, "2")

    def cyan(self, text: str) -> str:
        return self._paint(text, "36")

    def yellow(self, text: str) -> str:
        return self._paint(text, "33")

    def green(self, text: str) -> str:
        return self._paint(text, "32")

    def red(self, text: str) -> str:
        return self._paint(text, "31")

    def command(self, text: str) -> str:
        return self._paint(text, "36")

    def _paint(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}{_RESET}" if self.color and text else text
