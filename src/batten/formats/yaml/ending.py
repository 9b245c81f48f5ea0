"""What a YAML file ends in: a file that was cut off is most often valid YAML still, with a key that has no value."""

from __future__ import annotations

from typing import Any, Final

from batten.formats.lines import text_of
from batten.formats.yaml.document import YamlDocument
from batten.model.source import Pointer
from batten.pattern import pattern

AT_THE_END: Final = "found the end of the file: was it cut off?"
_LAST: Final = pattern(r"(?:(?:\A|[\n\s-])[\"']?([\w./-]+)[\"']?:|\n\s*-)\s*\Z")
_WINDOW: Final = 300
_DEPTH: Final = 200


def open_end(document: YamlDocument) -> Pointer:
    """The pointer of the key or item that is the last thing in the document's file and has no value; empty where the
    file ends as it should, or in another document."""
    text = text_of(document.file)
    window = text[-_WINDOW:]
    tail = window.rstrip()
    if not tail.endswith((":", "-")) or document.range[1] < len(text) - len(window) + len(tail):
        return ()
    found = _LAST.search(tail)
    if found is None:
        return ()
    # it may be a line of a text, which is no key
    value: Any = document.value
    pointer: Pointer = ()
    for _ in range(_DEPTH):
        if type(value) is dict and value:
            key, value = next(reversed(value.items()))
        elif type(value) is list and value:
            key, value = len(value) - 1, value[-1]
        else:
            break
        pointer = (*pointer, key)
    if value is not None or not pointer:
        return ()
    last = pointer[-1]
    return pointer if (last == found[1] if found[1] else isinstance(last, int)) else ()


def expected_value(pointer: Pointer) -> str:
    """The message for what `open_end` found."""
    last = pointer[-1]
    what = f"the last item of {pointer[-2]}" if isinstance(last, int) and len(pointer) > 1 else f"the last key, {last}"
    return f"expected a value of {what}, {AT_THE_END}"
