"""Maven's order as its documentation nests it: items in a list, a hyphen or a change of kind opens a list inside.

Numbers > lists > words between items; against nothing, a number is compared with 0, a word with the release, a list
by its first item that is not like nothing.
"""

from __future__ import annotations

import re

_WORDS = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"]
_ALIASES = {"ga": "", "final": "", "release": "", "cr": "rc"}
_SHORT = {"a": "alpha", "b": "beta", "m": "milestone"}


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    if not _valid(left) or not _valid(right):
        return None
    return _items(_parse(left), _parse(right))


def _valid(text: str) -> bool:
    return bool(text) and "${" not in text and not any(sign.isspace() or sign in "[](),:" for sign in text)


def _parse(text: str) -> list:  # type: ignore[type-arg]
    text = text.lower()
    items: list = []  # type: ignore[type-arg]
    current = items
    lists = [items]

    def deeper() -> None:
        nonlocal current
        inner: list = []  # type: ignore[type-arg]
        current.append(inner)
        lists.append(inner)
        current = inner

    while text:
        separator = re.match(r"[.-]", text)
        if separator:  # nothing stands before it
            current.append(0)
            text = text[1:]
            if separator[0] == "-":
                deeper()
            continue
        number = re.match(r"[0-9]+", text)
        word = re.match(r"[^0-9.-]+", text)
        run = (number or word)[0]  # type: ignore[index]
        text = text[len(run) :]
        following = text[:1]
        if number:
            current.append(int(run))
            if following and following not in ".-":
                deeper()
        else:
            before_number = bool(following) and following not in ".-"
            if current and (before_number or not following):
                deeper()
            if before_number:
                run = _SHORT.get(run, run)
            current.append(_ALIASES.get(run, run))
            if before_number:
                deeper()
        if following and following in ".-":
            text = text[1:]
            if following == "-":
                deeper()
    for inner in reversed(lists):
        _normalise(inner)
    return items


def _normalise(items: list) -> None:  # type: ignore[type-arg]
    for place in range(len(items) - 1, -1, -1):
        if items[place] in (0, "", []):
            del items[place]
        elif not isinstance(items[place], list):
            break


def _word(word: str) -> str:
    return str(_WORDS.index(word)) if word in _WORDS else f"{len(_WORDS)}-{word}"


def _sign(left: object, right: object) -> int:
    return (left > right) - (left < right)  # type: ignore[operator]


def _nothing(item: object) -> int:
    if isinstance(item, int):
        return 1 if item else 0
    if isinstance(item, str):
        return _sign(_word(item), _word(""))
    assert isinstance(item, list)
    return next((result for result in map(_nothing, item) if result), 0)


def _item(left: object, right: object) -> int:
    kinds = [str, list, int]
    mine, theirs = (next(kind for kind in kinds if isinstance(item, kind)) for item in (left, right))
    if mine is not theirs:
        return _sign(kinds.index(mine), kinds.index(theirs))
    if mine is list:
        return _items(left, right)  # type: ignore[arg-type]
    return _sign(_word(left), _word(right)) if mine is str else _sign(left, right)  # type: ignore[arg-type]


def _items(left: list, right: list) -> int:  # type: ignore[type-arg]
    for place in range(max(len(left), len(right))):
        if place >= len(left):
            result = -_nothing(right[place])
        elif place >= len(right):
            result = _nothing(left[place])
        else:
            result = _item(left[place], right[place])
        if result:
            return result
    return 0
