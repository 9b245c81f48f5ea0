"""Lone surrogates (bytes of a file name that are no UTF-8, PEP 383) out of what is written as UTF-8."""

from __future__ import annotations

import re
from typing import Any, Final

_SURROGATE: Final = re.compile("[\ud800-\udfff]")
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
    """`value` (structs, lists, mappings) as compact JSON, whatever its strings are."""
    import msgspec

    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_cleaned(msgspec.to_builtins(value), _DEPTH))


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
