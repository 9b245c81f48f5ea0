"""An object of the API as YAML, as `kubectl get -o yaml` writes it: a line for each value, texts of several lines as
they are, so that what is looked for in texts is found in them as it is in files.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import msgspec

from batten.formats.yaml import KUBERNETES
from batten.formats.yaml.emit import Style
from batten.limits import YAML_DEPTH
from batten.model.edits import CannotEdit
from batten.pattern import pattern

_STYLE: Final = Style(KUBERNETES)
_KNOWN: Final = 8_192  # texts whose form is kept: most stand in many objects
_SHORT: Final = 200
# what may not stand in a block of text as it is: unprintable, or a line break for some reader
_BREAKS: Final = pattern("[^\t\n -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def as_yaml(value: dict[str, Any]) -> bytes:
    """The text of an object. What YAML cannot hold in that style is written as JSON, which is YAML as well."""
    lines: list[str] = []
    try:
        _mapping(lines, value, "", 0)
    except (CannotEdit, RecursionError):
        return msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n"
    lines.append("")
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _mapping(lines: list[str], value: dict[str, Any], pad: str, depth: int) -> None:
    if depth > YAML_DEPTH:
        raise CannotEdit("the value is nested too deeply")
    for key, item in value.items():
        head = f"{pad}{_key(key)}:"
        kind = item.__class__
        if kind is dict and item:
            lines.append(head)
            _mapping(lines, item, f"{pad}  ", depth + 1)
        elif kind is list and item:
            lines.append(head)
            _list(lines, item, pad, depth + 1)
        else:
            _scalar(lines, item, head, pad)


def _list(lines: list[str], items: list[Any], pad: str, depth: int) -> None:
    """Flush with its key."""
    if depth > YAML_DEPTH:
        raise CannotEdit("the value is nested too deeply")
    inner = f"{pad}  "
    for item in items:
        kind = item.__class__
        if (kind is dict or kind is list) and item:
            first = len(lines)
            if kind is dict:
                _mapping(lines, item, inner, depth + 1)
            else:
                _list(lines, item, inner, depth + 1)
            lines[first] = f"{pad}- {lines[first][len(inner) :]}"
        else:
            _scalar(lines, item, f"{pad}-", pad)


def _scalar(lines: list[str], value: Any, head: str, pad: str) -> None:
    if value.__class__ is not str:
        lines.append(f"{head} {_STYLE.scalar(value)}")
    elif len(value) <= _SHORT and "\n" not in value:
        lines.append(f"{head} {_short(value)}")
    elif "\n" not in value or not value.strip() or _BREAKS.search(value):
        lines.append(f"{head} {_STYLE.string(value)}")
    else:
        _literal(lines, value, head, f"{pad}  ")


def _literal(lines: list[str], text: str, head: str, inner: str) -> None:
    """A block of text (YAML 1.2, section 8.1): with the number of columns where it begins with white space."""
    columns = "2" if text[0] in " \t\n" else ""
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    lines.append(f"{head} |{columns}{chomping}")
    body = text[:-1] if text.endswith("\n") else text
    lines.extend(f"{inner}{line}" if line else "" for line in body.split("\n"))


@lru_cache(_KNOWN)
def _short(text: str) -> str:
    return _STYLE.string(text)


@lru_cache(_KNOWN)
def _key(key: str) -> str:
    return _STYLE.key(key)
