"""Where a part of a text stands that is a value in a YAML file."""

from __future__ import annotations

from batten.formats.lines import lines_of, text_of
from batten.formats.yaml.document import YamlDocument
from batten.model.source import Pointer


def place_in(document: YamlDocument, pointer: Pointer, value: str, at: int) -> tuple[int, int]:
    """Line and column of character `at` of the text at `pointer`, whose value is `value`."""
    start, end = document.span(pointer, key=False)
    raw = text_of(document.file)[start:end]
    return lines_of(document.file).place(start + offset_in(raw, value, at))


def offset_in(raw: str, value: str, at: int) -> int:
    """The character of `raw`, a YAML scalar as it is written, that character `at` of its value is.

    The value's visible characters are looked for in their order: what YAML adds or folds is white space, quotes and
    backslashes.
    """
    begin = 0
    if raw[:1] in ("|", ">"):
        begin = raw.find("\n") + 1
    elif raw[:1] in ("'", '"'):
        begin = 1
    position = begin
    for char in value[:at]:
        if not char.isspace():
            found = raw.find(char, position)
            if found < 0:
                return position
            position = found + 1
    if at < len(value) and not value[at].isspace():
        found = raw.find(value[at], position)
        return found if found >= 0 else position
    return min(position, max(len(raw) - 1, 0))
