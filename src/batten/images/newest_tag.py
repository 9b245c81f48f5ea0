"""Which tag of a repository is the newest patch release of the line that another tag names."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batten.pattern import pattern

# `3.11.4`, `v1.2.3-alpine3.20`, `17.0.9_9-jre`: three numbers at least, so that the last one is a patch
_TAG: Final = pattern(
    r"(?P<v>v?)(?P<line>\d{1,6}\.\d{1,6}(?:\.\d{1,6})*?)\.(?P<patch>\d{1,6})(?P<rest>(?:[-_+][\w.+-]{1,100})?)\Z"
)


def newest_tag(tag: str, tags: Iterable[str]) -> str:
    """The tag of the highest patch release of the same line and variant; "" where none is above `tag`.

    A tag of fewer numbers (`12`, `3.11-slim`) moves with the releases by itself: only its digest can be behind.
    """
    mine = _TAG.match(tag)
    if mine is None:
        return ""
    best, found = int(mine["patch"]), ""
    for other in tags:
        match = _TAG.match(other)
        if match is None or any(match[part] != mine[part] for part in ("v", "line", "rest")):
            continue
        if int(match["patch"]) > best:
            best, found = int(match["patch"]), other
    return found
