"""TOML: values by the standard library, which tells no places, and where the versions of the entries stand."""

from __future__ import annotations

import re
from typing import Any, Final

from batten import limits
from batten.formats.lockfiles.lock import Lock, items, mapping, word
from batten.model.source import Pointer, Unreadable
from batten.pattern import pattern

_DOTTED: Final = pattern(r"(?:[ \t]*\.[ \t]*[\"']?[\w-]*[\"']?){64}")
"""More dots than any key has; the standard library takes quadratic time for them."""
_HEADER: Final = pattern(r"^\[\[[ \t]*(\w+)[ \t]*\]\]", re.MULTILINE)
_NEXT: Final = pattern(r"^\[", re.MULTILINE)
_FIELD: Final = pattern(r"^(name|version)[ \t]*=[ \t]*([\"'])([^\"'\n\\]*)\2", re.MULTILINE)
_AT_LINE: Final = pattern(r"at line (\d+)")


class Tables:
    """The `[[key]]` tables of a document."""

    def __init__(self, lock: Lock, key: str) -> None:
        """Raises `Unreadable`."""
        self.document = parse(lock.text)
        self.entries = [mapping(one) for one in items(self.document.get(key))]
        self._places = _places(lock.text, key)

    def place(self, entry: dict[str, Any]) -> Pointer:
        """Of the version of an entry, each asked for once, in their order; the beginning of the file if unknown."""
        found = self._places.get((word(entry.get("name")), word(entry.get("version"))))
        return found.pop(0) if found else (0, 0)


def parse(text: str) -> dict[str, Any]:
    """The values of `text`; raises `Unreadable`."""
    import tomllib

    if len(text) > limits.LOCK_TOML_CHARACTERS:
        raise Unreadable(f"expected at most {limits.LOCK_TOML_CHARACTERS:,} characters of TOML, found more")
    if dotted := _DOTTED.search(text):
        raise Unreadable(
            "expected keys of fewer parts, found one of more than 64", 1 + text.count("\n", 0, dotted.start())
        )
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except RecursionError:
        raise Unreadable("nested deeper than any real file; not read") from None
    except ValueError as error:
        at = _AT_LINE.search(str(error))
        raise Unreadable(f"expected TOML: {str(error)[:100]}", int(at[1]) if at else None) from None


def _places(text: str, key: str) -> dict[tuple[str, str], list[Pointer]]:
    """(name, version) -> places of the version, in order. Values only say where to look: they decide nothing."""
    found: dict[tuple[str, str], list[Pointer]] = {}
    for header in _HEADER.finditer(text):
        if header[1] != key:
            continue
        following = _NEXT.search(text, header.end())
        fields = {
            one[1]: one for one in _FIELD.finditer(text, header.end(), following.start() if following else len(text))
        }
        if "name" in fields:
            name, version = fields["name"], fields.get("version")
            place = version.span(3) if version else name.span(3)
            found.setdefault((name[3], version[3] if version else ""), []).append(place)
    return found
