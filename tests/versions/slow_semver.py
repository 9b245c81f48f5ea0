"""Semantic Versioning 2.0.0, items 9 to 11, after what npm's loose mode and advisories allow is taken away."""

from __future__ import annotations

from string import ascii_letters, digits

Version = tuple[list[int], list[str]]


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = parse(left), parse(right)
    return None if one is None or other is None else precedence(one, other)


def precedence(one: Version, other: Version) -> int:
    """Item 11."""
    for number, other_number in zip(one[0], other[0], strict=True):
        if number != other_number:
            return -1 if number < other_number else 1
    if not one[1] or not other[1]:  # 11.3: a pre-release is below the release
        return bool(other[1]) - bool(one[1])
    for label, other_label in zip(one[1], other[1], strict=False):
        if label.isdigit() and other_label.isdigit():
            if int(label) != int(other_label):
                return -1 if int(label) < int(other_label) else 1
        elif label.isdigit() != other_label.isdigit():
            return -1 if label.isdigit() else 1
        elif label != other_label:
            return -1 if label < other_label else 1
    return (len(one[1]) > len(other[1])) - (len(one[1]) < len(other[1]))


def parse(text: str) -> Version | None:
    """(three numbers, labels of the pre-release)."""
    text = text.strip().lstrip("v= \t")
    text, plus, build = text.partition("+")
    if plus and not labels_fit(build):
        return None
    end = 0
    while end < len(text) and text[end] in digits + ".":
        end += 1
    numbers, pre = text[:end].split("."), text[end:]
    if len(numbers) > 3 or "" in numbers:
        return None
    if pre:
        if pre[0] == "-" and labels_fit(pre[1:]):
            pre = pre[1:]
        elif not labels_fit(pre):  # npm's loose mode needs no hyphen
            return None
    return [int(number) for number in numbers] + [0] * (3 - len(numbers)), pre.split(".") if pre else []


def labels_fit(text: str) -> bool:
    """Item 9 and 10: identifiers of letters, digits and hyphens, none empty."""
    return all(label and all(sign in ascii_letters + digits + "-" for sign in label) for label in text.split("."))
