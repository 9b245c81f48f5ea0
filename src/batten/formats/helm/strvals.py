"""The syntax of Helm's `--set`: `a.b=1,c[0].d=x,e={x,y},f\\.g=h`.

Source: https://helm.sh/docs/intro/using_helm/#the-format-and-limitations-of---set
"""

from __future__ import annotations

from typing import Any, Final

from batten.limits import HELM_LIST, HELM_PATH

Path = tuple[str | int, ...]
_INT64: Final = 2**63


class MalformedSet(Exception):
    """One line: what was expected, what was found."""


def parse(text: str, *, strings: bool = False) -> list[tuple[Path, Any]]:
    """The paths that a `--set` (`strings`: `--set-string`) sets, in order, with their values. Raises `MalformedSet`."""
    found: list[tuple[Path, Any]] = []
    at = 0
    while at < len(text):
        path, at = _path(text, at)
        if text[at : at + 1] == "{":
            items, at = _list(text, at + 1)
            found.append((path, [_typed(item, strings) for item in items]))
        else:
            value, at = _until(text, at, ",")
            found.append((path, _typed(value, strings)))
        if at < len(text) and text[at] != ",":
            raise MalformedSet(f"expected a comma after the list in {text[:80]!r}")
        at += 1
    if not found:
        raise MalformedSet(f"expected KEY=VALUE, found {text[:80]!r}")
    return found


def put(values: dict[str, Any], path: Path, value: Any) -> None:
    """Sets the value at a path, making what is missing on the way; null takes a key away from a chart's defaults.
    Raises `MalformedSet` where a list is asked for a key."""
    here: Any = values
    for part, after in zip(path, (*path[1:], None), strict=True):
        made: Any = value if after is None else [] if isinstance(after, int) else {}
        if isinstance(part, int):
            if not isinstance(here, list):
                raise MalformedSet(f"expected a list for [{part}], found {type(here).__name__}")
            here += [None] * (part + 1 - len(here))
            inner = here[part]
        else:
            if not isinstance(here, dict):
                raise MalformedSet(f"expected a mapping for {part[:80]!r}, found a list")
            inner = here.get(part)
        fits = isinstance(inner, list if isinstance(after, int) else dict)
        if after is None or not fits:
            here[part] = made
            inner = made
        here = inner


def _path(text: str, at: int) -> tuple[Path, int]:
    path: list[str | int] = []
    word: list[str] = []
    ended = False  # after an index: a key begins with a dot
    while at < len(text):
        character = text[at]
        at += 1
        if character == "\\" and at < len(text) and not ended:
            word.append(text[at])
            at += 1
        elif character in ".=[":
            if not ended:
                path.append("".join(word))
            word, ended = [], False
            if character == "[":
                digits, at = _until(text, at, "]")
                if not digits.isdecimal() or int(digits) > HELM_LIST:
                    raise MalformedSet(f"expected an index of at most {HELM_LIST}, found [{digits[:20]}]")
                path.append(int(digits))
                at += 1
                ended = True
            elif character == "=":
                if "" in path or len(path) > HELM_PATH:
                    break
                return tuple(path), at
        elif character == "," or ended:
            break
        else:
            word.append(character)
    raise MalformedSet(f"expected KEY=VALUE, found {text[:80]!r}")


def _until(text: str, at: int, stop: str) -> tuple[str, int]:
    word: list[str] = []
    while at < len(text) and text[at] not in stop:
        if text[at] == "\\":
            at += 1
            if at == len(text):  # Helm drops it there
                break
        word.append(text[at])
        at += 1
    return "".join(word), at


def _list(text: str, at: int) -> tuple[list[str], int]:
    items: list[str] = []
    while True:
        item, at = _until(text, at, ",}")
        if at >= len(text):
            raise MalformedSet(f"expected a closing brace, found none in {text[:80]!r}")
        items.append(item)
        at += 1
        if text[at - 1] == "}":
            return items, at


def _typed(word: str, strings: bool) -> Any:
    if strings:
        return word
    if word.lower() in ("true", "false"):
        return word.lower() == "true"
    if word.lower() == "null":
        return None
    if word in ("0", "-0") or (
        word.removeprefix("-").isdecimal() and word.isascii() and not word.startswith(("0", "-0"))
    ):
        number = int(word) if len(word) < 25 else _INT64
        return number if -_INT64 <= number < _INT64 else word
    return word
