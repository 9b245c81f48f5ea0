"""Microsoft's "Package versioning": four numbers, then the labels of SemVer 2.0.0 without regard to case."""

from __future__ import annotations

import re

from versions.slow_semver import labels_fit


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _parse(left), _parse(right)
    if one is None or other is None:
        return None
    for number, other_number in zip(one[0], other[0], strict=True):
        if number != other_number:
            return -1 if number < other_number else 1
    if not one[1] or not other[1]:
        return bool(other[1]) - bool(one[1])
    for label, other_label in zip(one[1], other[1], strict=False):
        result = _labels(label, other_label)
        if result:
            return result
    return (len(one[1]) > len(other[1])) - (len(one[1]) < len(other[1]))


def _parse(text: str) -> tuple[list[int], list[str]] | None:
    text, plus, build = text.strip().partition("+")
    numbers_text, hyphen, labels = text.partition("-")
    numbers = numbers_text.removeprefix("v").split(".")
    if len(numbers) > 4 or not all(re.fullmatch(r"[0-9]+", number) and _integer(number) for number in numbers):
        return None
    if (plus and not labels_fit(build)) or (hyphen and not labels_fit(labels)):
        return None
    return [int(number) for number in numbers] + [0] * (4 - len(numbers)), labels.split(".") if hyphen else []


def _integer(text: str) -> bool:
    """What a 32-bit integer takes."""
    return re.fullmatch(r"-?[0-9]+", text) is not None and -(2**31) <= int(text) < 2**31


def _labels(left: str, right: str) -> int:
    if _integer(left) and _integer(right):
        return (int(left) > int(right)) - (int(left) < int(right))
    if _integer(left) != _integer(right):
        return -1 if _integer(left) else 1
    return (left.upper() > right.upper()) - (left.upper() < right.upper())
