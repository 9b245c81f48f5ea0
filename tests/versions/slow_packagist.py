"""Composer normalises a version to a text, PHP's version_compare compares two texts: both as their manuals say."""

from __future__ import annotations

import re

_ORDER = ["dev", "alpha", "beta", "RC", "#", "patch"]
_NAMES = {"a": "alpha", "b": "beta", "rc": "RC", "p": "patch", "pl": "patch"}


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = normalised(left), normalised(right)
    return None if one is None or other is None else version_compare(one, other)


def normalised(text: str) -> str | None:
    """`1.2b3` -> `1.2.0.0-beta3`; None for a branch and for what is no version."""
    text = text.strip()
    alias = re.fullmatch(r"([^,\s]+) +as +[^,\s]+", text)
    text = alias[1] if alias else text
    text = re.sub(r"@(stable|rc|beta|alpha|dev)$", "", text, flags=re.I)
    if text.lower().startswith("dev-") or text in ("master", "trunk", "default"):
        return None
    build = re.fullmatch(r"([^,\s+]+)\+\S+", text)
    text = build[1] if build else text
    for numbers in (r"[0-9]{1,5}(?:\.[0-9]+){0,3}", r"[0-9]{4}(?:[.:-]?[0-9]{2}){1,6}(?:[.:-]?[0-9]{1,3})?"):
        match = re.fullmatch(
            rf"v?({numbers})[._-]?(?:(stable|beta|b|rc|alpha|a|patch|pl|p)((?:[.-]?[0-9]+)*))?([.-]?dev)?",
            text,
            re.I | re.A,
        )
        if match:
            found = re.findall("[0-9]+", match[1])
            if numbers.startswith("[0-9]{1,5}"):
                found += ["0"] * (4 - len(found))
            return ".".join(found) + _modifier(match[2], match[3], match[4])
    branch = re.fullmatch(r"v?([0-9]+)((?:\.(?:[0-9]+|[x*])){0,3})[.-]?dev", text, re.I | re.A)
    if branch is None:
        return None
    numbers = [branch[1], *(part for part in branch[2].split(".") if part)]
    numbers += ["x"] * (4 - len(numbers))
    return ".".join("9999999" if number in "xX*" else number for number in numbers) + "-dev"


def _modifier(stability: str | None, counts: str | None, dev: str | None) -> str:
    name = (stability or "").lower()
    if name == "stable":
        return ""
    text = f"-{_NAMES.get(name, name)}{(counts or '').lstrip('.-')}" if name else ""
    return text + ("-dev" if dev else "")


def version_compare(left: str, right: str) -> int:
    """PHP: any other text < dev < alpha < beta < RC < # < patch, a number being `#` to a text."""
    one, other = _canonical(left), _canonical(right)
    for mine, theirs in zip(one, other, strict=False):
        if mine.isdigit() and theirs.isdigit():
            result = (int(mine) > int(theirs)) - (int(mine) < int(theirs))
        else:
            result = _special("#" if mine.isdigit() else mine, "#" if theirs.isdigit() else theirs)
        if result:
            return result
    if len(one) == len(other):
        return 0
    longer, sign = (one, 1) if len(one) > len(other) else (other, -1)
    following = longer[min(len(one), len(other))]
    return sign * (1 if following.isdigit() else _special(following, "#"))


def _canonical(text: str) -> list[str]:
    return re.findall(r"[0-9]+|[a-zA-Z]+", text)


def _special(left: str, right: str) -> int:
    return (_ORDER.index(left) > _ORDER.index(right)) - (_ORDER.index(left) < _ORDER.index(right))
