"""Debian Policy 5.6.12, sentence by sentence."""

from __future__ import annotations

from string import ascii_letters, digits

_SIGNS = "+.~"


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _split(left), _split(right)
    if one is None or other is None:
        return None
    if one[0] != other[0]:
        return -1 if one[0] < other[0] else 1
    return _part(one[1], other[1]) or _part(one[2], other[2])


def _split(text: str) -> tuple[int, str, str] | None:
    epoch = "0"
    has_epoch = ":" in text
    if has_epoch:
        epoch, text = text.split(":", 1)
        if not epoch or any(sign not in digits for sign in epoch):
            return None
    revision = "0"
    if "-" in text:
        text, revision = text.rsplit("-", 1)
    if not text or any(sign not in ascii_letters + digits + _SIGNS + "-" + (":" if has_epoch else "") for sign in text):
        return None
    if not revision or any(sign not in ascii_letters + digits + _SIGNS for sign in revision):
        return None
    return int(epoch), text, revision


def _order(sign: str) -> int:
    """`~` below the end of the part, letters above it, other signs above letters."""
    if sign == "~":
        return -1
    if sign == "":
        return 0
    return ord(sign) if sign in ascii_letters else ord(sign) + 256


def _part(left: str, right: str) -> int:
    while left or right:
        words = _head(left, False), _head(right, False)
        left, right = left[len(words[0]) :], right[len(words[1]) :]
        for place in range(max(map(len, words))):
            one, other = _order(words[0][place : place + 1]), _order(words[1][place : place + 1])
            if one != other:
                return -1 if one < other else 1
        numbers = _head(left, True), _head(right, True)
        left, right = left[len(numbers[0]) :], right[len(numbers[1]) :]
        if int(numbers[0] or 0) != int(numbers[1] or 0):
            return -1 if int(numbers[0] or 0) < int(numbers[1] or 0) else 1
    return 0


def _head(text: str, number: bool) -> str:
    end = 0
    while end < len(text) and (text[end] in digits) == number:
        end += 1
    return text[:end]
