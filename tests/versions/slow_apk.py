"""apk-package(5) and the order of apk-tools 3: both versions are read part by part until the parts differ."""

from __future__ import annotations

import re

_PARTS = (  # (what may follow, kind): the kinds in the order in which they may stand, the earlier the newer
    ("number", r"\.([0-9]+)"),
    ("letter", r"([a-z])"),
    ("suffix", r"_(alpha|beta|pre|rc|cvs|svn|git|hg|p)(?![a-z])"),
    ("suffix number", r"([0-9]+)"),
    ("hash", r"~([0-9a-f]+)"),
    ("revision", r"-r([0-9]+)"),
)
_KINDS = [kind for kind, _ in _PARTS] + ["end"]
_SUFFIXES = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"]
_BEFORE = _SUFFIXES[:4]


def compare(left: str, right: str) -> int | None:
    """-1, 0 or 1; None where one is no version."""
    one, other = _parts(left), _parts(right)
    if one is None or other is None:
        return None
    for (kind, value), (other_kind, other_value) in zip(one, other, strict=False):
        if kind != other_kind:
            if kind == "suffix" and value in _BEFORE:
                return -1
            if other_kind == "suffix" and other_value in _BEFORE:
                return 1
            return -1 if _KINDS.index(kind) > _KINDS.index(other_kind) else 1
        result = _values(kind, value, other_value)
        if result:
            return result
    return 0


def _parts(text: str) -> list[tuple[str, str]] | None:
    first = re.match(r"[0-9]+", text)
    if first is None:
        return None
    found = [("first", first[0])]
    text = text[first.end() :]
    while text:
        for kind, pattern in _PARTS:
            match = re.match(pattern, text)
            if match and _may_follow(kind, found[-1][0]):
                found.append((kind, match[1]))
                text = text[match.end() :]
                break
        else:
            return None
    return [*found, ("end", "")]


def _may_follow(kind: str, before: str) -> bool:
    if kind == "suffix number":
        return before == "suffix"
    if kind in ("number", "letter"):
        return before in ("first", "number")
    if kind == "suffix":
        return before not in ("hash", "revision")
    return before not in ("hash", "revision") if kind == "hash" else before != "revision"


def _values(kind: str, left: str, right: str) -> int:
    if kind in ("first", "suffix number", "revision"):
        return (int(left) > int(right)) - (int(left) < int(right))
    if kind == "number" and left[0] != "0" and right[0] != "0":
        return (int(left) > int(right)) - (int(left) < int(right))
    if kind == "suffix":
        return (_SUFFIXES.index(left) > _SUFFIXES.index(right)) - (_SUFFIXES.index(left) < _SUFFIXES.index(right))
    return (left > right) - (left < right)
