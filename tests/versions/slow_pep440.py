"""PEP 440 by hand: the version is normalised part by part, then the parts are compared in the order it gives."""

from __future__ import annotations

import re


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _parts(left), _parts(right)
    if one is None or other is None:
        return None
    for compared in (_epoch, _release, _before, _after, _development, _local):
        result = compared(one, other)
        if result:
            return result
    return 0


class _Version:
    def __init__(self) -> None:
        self.epoch = 0
        self.release: list[int] = []
        self.pre: tuple[str, int] | None = None
        self.post: int | None = None
        self.dev: int | None = None
        self.local: list[str] = []


def _parts(text: str) -> _Version | None:
    text = text.strip().lower()
    text = text[1:] if text.startswith("v") else text
    version = _Version()
    text, plus, local = text.partition("+")
    if plus:
        version.local = re.split(r"[._-]", local)
        if not all(re.fullmatch(r"[a-z0-9]+", part) for part in version.local):
            return None
    match = re.match(r"([0-9]+)!", text)
    if match:
        version.epoch, text = int(match[1]), text[match.end() :]
    match = re.match(r"[0-9]+(\.[0-9]+)*", text)
    if not match:
        return None
    version.release, text = [int(number) for number in match[0].split(".")], text[match.end() :]
    match = re.match(r"[._-]?(alpha|beta|preview|pre|rc|a|b|c)([._-]?[0-9]*)", text)
    if match:
        name = {"alpha": "a", "beta": "b", "preview": "rc", "pre": "rc", "c": "rc"}.get(match[1], match[1])
        version.pre, text = (name, _number(match[2])), text[match.end() :]
    match = re.match(r"-([0-9]+)|[._-]?(post|rev|r)([._-]?[0-9]*)", text)
    if match:
        version.post, text = int(match[1]) if match[1] else _number(match[3]), text[match.end() :]
    match = re.match(r"[._-]?dev([._-]?[0-9]*)", text)
    if match:
        version.dev, text = _number(match[1]), text[match.end() :]
    return version if not text else None


def _number(text: str) -> int:
    return int(text.strip("._-") or 0)


def _sign(left: object, right: object) -> int:
    return (left > right) - (left < right)  # type: ignore[operator]


def _epoch(one: _Version, other: _Version) -> int:
    return _sign(one.epoch, other.epoch)


def _release(one: _Version, other: _Version) -> int:
    length = max(len(one.release), len(other.release))
    return _sign(one.release + [0] * (length - len(one.release)), other.release + [0] * (length - len(other.release)))


def _before(one: _Version, other: _Version) -> int:
    """A development release of the final version is before its alphas."""

    def place(version: _Version) -> tuple[int, str, int]:
        if version.pre is not None:
            return (1, *version.pre)
        return (0, "", 0) if version.dev is not None and version.post is None else (2, "", 0)

    return _sign(place(one), place(other))


def _after(one: _Version, other: _Version) -> int:
    return _sign(-1 if one.post is None else one.post, -1 if other.post is None else other.post)


def _development(one: _Version, other: _Version) -> int:
    return _sign(float("inf") if one.dev is None else one.dev, float("inf") if other.dev is None else other.dev)


def _local(one: _Version, other: _Version) -> int:
    """Numbers above words, more parts above fewer, any above none."""
    for left, right in zip(one.local, other.local, strict=False):
        if left.isdigit() != right.isdigit():
            return 1 if left.isdigit() else -1
        result = _sign(int(left), int(right)) if left.isdigit() else _sign(left, right)
        if result:
            return result
    return _sign(len(one.local), len(other.local))
