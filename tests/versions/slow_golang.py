"""go.dev/ref/mod#versions and go.dev/doc/toolchain#version, one after the other."""

from __future__ import annotations

import re

from versions import slow_semver
from versions.slow_semver import Version


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _module(left) or _toolchain(left), _module(right) or _toolchain(right)
    if one is None or other is None:
        return None
    if one[0] == other[0] and ([""] in (one[1], other[1])):  # a language version is below all releases of it
        return (other[1] == [""]) - (one[1] == [""])
    return slow_semver.precedence(one, other)


def _number(text: str) -> bool:
    return text.isascii() and text.isdigit() and (text == "0" or text[0] != "0")


def _module(text: str) -> Version | None:
    text = text.removeprefix("v")
    text, plus, build = text.partition("+")
    if plus and not slow_semver.labels_fit(build):
        return None
    text, hyphen, before = text.partition("-")
    numbers = text.split(".")
    if not all(map(_number, numbers)) or len(numbers) > 3 or ((hyphen or plus) and len(numbers) < 3):
        return None
    labels = before.split(".") if hyphen else []
    if hyphen and not slow_semver.labels_fit(before):
        return None
    if any(label.isdigit() and not _number(label) for label in labels):
        return None
    return [int(number) for number in numbers] + [0] * (3 - len(numbers)), labels


def _toolchain(text: str) -> Version | None:
    with_go = text.startswith("go")
    text = re.split(r"[- ]", text.removeprefix("go"), maxsplit=1)[0]
    match = re.fullmatch(r"([0-9]+)(?:\.([0-9]+)(?:\.([0-9]+)|([a-z]+)([0-9]+)?)?)?", text)
    if match is None or not (with_go or match[4]) or not all(_number(n) for n in match.group(1, 2, 3, 5) if n):
        return None
    numbers = [int(number or 0) for number in match.group(1, 2, 3)]
    if match[4]:
        return numbers, [match[4], match[5]] if match[5] else [match[4]]
    if match[2] and not match[3] and numbers[1] >= 21:
        return numbers, [""]
    return numbers, []
