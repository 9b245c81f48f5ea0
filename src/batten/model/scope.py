"""Scopes: the folders in which names are joined (DESIGN section 2).

A reader counts a scope from the root of its target. Where several targets are read at once, `.` of one is not `.` of
another: there a scope is compared from a common point, and still told as it is called in its own target.
"""

from __future__ import annotations


class AnchoredScope(str):
    """A scope as it is compared among several targets."""

    __slots__ = ("in_target",)
    in_target: str
    """As it is called in its own target."""

    def __new__(cls, compared: str, in_target: str) -> AnchoredScope:
        made = super().__new__(cls, compared)
        made.in_target = in_target
        return made


def in_target(scope: str) -> str:
    """The scope as it is called in its target: what fingerprints, reports and messages are made of."""
    return scope.in_target if isinstance(scope, AnchoredScope) else scope


def below(anchor: str, scope: str) -> str:
    """A scope of the target whose root is at `anchor`, as it is called from where that is counted."""
    folder, colon, rest = scope.partition(":")
    return (anchor if folder in ("", ".") else f"{anchor}/{folder}") + colon + rest
