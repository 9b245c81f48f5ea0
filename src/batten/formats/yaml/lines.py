"""The lines around an offset of a text."""

from __future__ import annotations

from batten.formats.yaml.style import column_of


class Lines:
    """Line arithmetic on one text; `\\r\\n` and `\\n` end a line, a byte order mark belongs to none."""

    def __init__(self, text: str) -> None:
        self.text = text

    def begin(self, offset: int) -> int:
        """Where the line starts that `offset` stands on."""
        begin = self.text.rfind("\n", 0, offset) + 1
        return 1 if begin == 0 and self.text.startswith("\ufeff") else begin

    def end(self, offset: int) -> int:
        """Where it ends, its line break left out."""
        end = self.text.find("\n", offset)
        if end < 0:
            return len(self.text)
        return end - 1 if end > offset and self.text[end - 1] == "\r" else end

    def next(self, offset: int) -> int:
        """Where the next line starts; the end of the text where there is none."""
        end = self.text.find("\n", offset)
        return len(self.text) if end < 0 else end + 1

    def column(self, offset: int) -> int:
        return column_of(self.text, offset)

    def is_first(self, offset: int) -> bool:
        """Does nothing but spaces stand before `offset` on its line?"""
        return not self.text[self.begin(offset) : offset].strip(" ")

    def rest(self, offset: int) -> str:
        """What follows on the line, without the space around it."""
        return self.text[offset : self.end(offset)].strip(" \t")
