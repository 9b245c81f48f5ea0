"""rpm-version(7), step by step: a label is epoch, version and release, each compared segment by segment."""

from __future__ import annotations

from string import ascii_letters, digits


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _split(left), _split(right)
    if one is None or other is None:
        return None
    if one[0] != other[0]:
        return -1 if one[0] < other[0] else 1
    result = _segments(one[1], other[1])
    if result:
        return result
    if one[2] is None or other[2] is None:
        return (one[2] is not None) - (other[2] is not None)
    return _segments(one[2], other[2])


def _split(text: str) -> tuple[int, str, str | None] | None:
    if not text or any(sign.isspace() for sign in text):
        return None
    epoch = 0
    if ":" in text:
        before, after = text.split(":", 1)
        if all(sign in digits for sign in before):
            epoch, text = int(before or 0), after
    release = None
    if "-" in text:
        text, release = text.rsplit("-", 1)
    return (epoch, text, release) if any(sign in ascii_letters + digits for sign in text) else None


def _segments(left: str, right: str) -> int:
    while left or right:
        left, right = _without_separators(left), _without_separators(right)
        if left[:1] == "~" or right[:1] == "~":  # lower than anything, the end too
            if left[:1] != right[:1]:
                return -1 if left[:1] == "~" else 1
            left, right = left[1:], right[1:]
            continue
        if left[:1] == "^" or right[:1] == "^":  # higher than the end, lower than any segment
            if not left:
                return -1
            if not right:
                return 1
            if left[:1] != right[:1]:
                return -1 if left[:1] == "^" else 1
            left, right = left[1:], right[1:]
            continue
        if not left or not right:
            break
        kind = digits if left[0] in digits else ascii_letters
        one, other = _head(left, kind), _head(right, kind)
        if not other:  # of different kinds: the number is the newer
            return 1 if kind == digits else -1
        left, right = left[len(one) :], right[len(other) :]
        if kind == digits and int(one) != int(other):
            return -1 if int(one) < int(other) else 1
        if kind == ascii_letters and one != other:
            return -1 if one < other else 1
    return bool(left) - bool(right)


def _without_separators(text: str) -> str:
    while text and text[0] not in ascii_letters + digits + "~^":
        text = text[1:]
    return text


def _head(text: str, kind: str) -> str:
    end = 0
    while end < len(text) and text[end] in kind:
        end += 1
    return text[:end]
