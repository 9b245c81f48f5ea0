"""What is written as UTF-8 or JSON, without lone surrogates (bytes of a name that are no UTF-8, PEP 383)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any, Final

from batten.pattern import pattern

_SURROGATE: Final = pattern("[\ud800-\udfff]")
# What JSON may hold raw and a terminal obeys (`--format json` on a screen): DEL, C1, directions, invisible characters
_OBEYED: Final = pattern(
    rb"\x7f|\xc2[\x80-\x9f\xad]|\xd8\x9c|\xe1\xa0\x8e|\xe2\x80[\x8b\x8e\x8f\xa8-\xae]|\xe2\x81[\xa0-\xaf]"
    rb"|\xef\xbb\xbf|\xef\xbf[\xb9-\xbb]|\xf3\xa0[\x80\x81][\x80-\xbf]"
)
_DEPTH: Final = 100  # the report's own nesting stays below 10; what is deeper is cut off


def encodable(text: str) -> str:
    """`text` with lone surrogates written as escapes: `\\xff`, `\\ud800`."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return _SURROGATE.sub(_escape, text)
    return text


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code - 0xDC00:02x}" if 0xDC80 <= code <= 0xDCFF else f"\\u{code:04x}"


def json_bytes(value: Any) -> bytes:
    """`value` (structs, lists, mappings) as compact JSON, whatever its strings are.

    Characters that a terminal would obey are written as JSON's own escapes: the value is the same.
    """
    import msgspec

    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        data = msgspec.json.encode(_cleaned(msgspec.to_builtins(value), _DEPTH))
    return data if data.isascii() and b"\x7f" not in data else _OBEYED.sub(_json_escape, data)


def indented(value: Any) -> bytes:
    """`json_bytes` for people to read, without a line feed at the end."""
    import msgspec

    return msgspec.json.format(json_bytes(value), indent=1)


def with_list(whole: Callable[[], Any], name: str, items: Iterable[Any], depth: int = 1) -> Iterator[bytes]:
    """The text of `indented(whole())` and a line feed, part by part, with `items` in its only empty list `name`, which
    stands in so many mappings and lists. Of the items only some are held as text at a time.

    `whole` is asked again when all items are written: what comes behind them may be known only then.
    """
    # a string holds no raw line break: this stands once in the text
    opened, closed = b"\n" + b" " * depth + f'"{name}": ['.encode(), b"\n" + b" " * depth + b"]"
    head, empty, _ = indented(whole()).partition(opened + b"]")
    assert empty
    yield head
    waiting, written = iter(items), False
    while part := list(islice(waiting, _AT_ONCE)):
        value: Any = {name: part}
        for _ in range(depth // 2):
            value = {"": [value]}
        text = memoryview(indented(value))
        begin, end = bytes(text[: 16 * depth + len(opened)]).index(opened) + len(opened), len(text)
        for back in range(depth):
            end -= len(b"\n") + back + len(b"}")
        yield b"," if written else opened
        yield bytes(text[begin : end - len(closed)])
        written = True
    yield closed if written else empty
    yield indented(whole()).partition(empty)[2] + b"\n"


_AT_ONCE: Final = 500


def _json_escape(match: re.Match[bytes]) -> bytes:
    units = match[0].decode("utf-8").encode("utf-16-be")
    return b"".join(b"\\u" + units[index : index + 2].hex().encode() for index in range(0, len(units), 2))


def _cleaned(value: Any, depth: int) -> Any:
    if isinstance(value, str):
        return encodable(value)
    if not depth:
        return None
    if isinstance(value, list):
        return [_cleaned(one, depth - 1) for one in value]
    if isinstance(value, dict):
        return {_cleaned(key, depth - 1): _cleaned(one, depth - 1) for key, one in value.items()}
    return value
