"""What cataloguers of language packages share: JSON, headers and names that may be hostile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

import msgspec

from batten import limits
from batten.images.cataloguers._told import one_line
from batten.model.source import Unreadable
from batten.pattern import pattern

_ODD: Final = pattern(r"(?:^|/)\.{0,2}(?:/|\Z)")  # a part that leads elsewhere, or nowhere


def json_object(data: bytes | memoryview) -> dict[str, Any]:
    """The object in `data`; Unreadable where there is none, or where it is larger than metadata can be."""
    found = json_value(data)
    if not isinstance(found, dict):
        raise Unreadable("expected a JSON object, found another value")
    return found


def json_value(data: bytes | memoryview) -> Any:
    """The value in `data`; Unreadable where it is no JSON, or larger than metadata can be."""
    if len(data) > limits.LANGUAGE_JSON_BYTES:
        raise Unreadable(f"larger than {limits.LANGUAGE_JSON_BYTES // limits.MIB} MiB; it is not read")
    if bytes(data[:3]) == b"\xef\xbb\xbf":
        data = data[3:]
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        raise Unreadable("expected JSON, found something else") from None


def word(value: object) -> str:
    """A text without blanks around it; "" for every other value."""
    return value.strip() if isinstance(value, str) else ""


def mapping(value: object) -> dict[str, Any]:
    """`value` where it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def items(value: object) -> list[Any]:
    """`value` where it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def names(values: Iterable[str]) -> tuple[str, ...]:
    """Names of packages that one depends on, each once, as many as may be kept."""
    found = dict.fromkeys(one for one in values if 0 < len(one) <= limits.PACKAGE_NAME and one.isprintable())
    return tuple(found)[: limits.PACKAGE_DEPENDS]


def licenses(values: Iterable[object]) -> tuple[str, ...]:
    """Licences as one-line texts, each once."""
    found = dict.fromkeys(one_line(one) for one in values if isinstance(one, str))
    return tuple(one for one in found if one)[: limits.PACKAGE_LICENSES]


def headers(text: str) -> Iterator[tuple[str, str]]:
    """(name in lower case, value) of each header up to the first empty line (RFC 822, with continued lines)."""
    name, value = "", ""
    for line in text.splitlines():
        if not line.strip():
            break
        if line[0] in " \t":
            value += "\n" + line.strip()
            continue
        if name:
            yield name, value
        name, colon, value = line.partition(":")
        name, value = (name.strip().lower(), value.strip()) if colon else ("", "")
    if name:
        yield name, value


def joined(folder: str, path: str) -> str:
    """`path` from `folder`, without `.` and `..`; "" where it leads out of the root."""
    if not _ODD.search(path) and folder[:1] not in ("", "/") and folder[-1] != "/" and "//" not in folder:
        return f"{folder}/{path}"
    parts = [] if path.startswith("/") else folder.split("/")
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return ""
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(filter(None, parts))
