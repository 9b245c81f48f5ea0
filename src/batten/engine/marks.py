"""Fingerprints: what a finding is known by when it was found before.

A fingerprint counts folders from the root of its target. The one that baselines are matched with counts them from the
top of the tree that the target is a part of: so a baseline holds whichever part of the tree is scanned, and never for
another part in which things are called alike.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from batten.engine.check import Check
from batten.engine.config import configuration_in
from batten.model.scope import below
from batten.model.workload import Resource
from batten.sources import OpenTarget
from batten.sources.gitignore import repository_of

if TYPE_CHECKING:
    from hashlib import sha256
else:
    # `hashlib` loads OpenSSL, which takes longer than all digests of a small scan: the interpreter's own
    # implementation where it has one, as `random` of the standard library does it.
    try:
        from _sha2 import sha256
    except ImportError:
        try:
            from _sha256 import sha256  # Python 3.11
        except ImportError:
            from hashlib import sha256

_ANY: Final = "x"  # a name in the root of a target
BY_PATH: Final = ("dockerfile", "file")
"""Platforms whose resources are called by the path of their file."""


def fingerprint(check: str, scope: str, resource: Resource, subject: str, repeat: int) -> str:
    """Stable under moved lines, renamed files and reordered documents: nothing of them is in it.

    `repeat` counts findings that are alike in all else (the same name twice in one scope).
    """
    parts = [
        check,
        scope,
        resource.platform,
        resource.kind,
        resource.namespace,
        resource.name,
        resource.container,
        subject,
    ]
    if repeat:
        parts.append(str(repeat))
    return digest(parts)[:32]


def digest(parts: Iterable[str]) -> str:
    """Hexadecimal digits that stand for texts in order."""
    return sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()


class Tops:
    """Fingerprints from the top. One per scan: it counts repeats, and looks for each target's top once."""

    def __init__(self) -> None:
        self._prefixes: dict[int, str] = {}
        self._repeats: dict[str, int] = {}

    def marks(
        self, opened: OpenTarget | None, check: Check, scope: str, resource: Resource, subject: str
    ) -> tuple[str, tuple[str, ...]]:
        """The fingerprint, "" where it is the same as from the target's root, and those that would mask it."""
        if opened is None:
            return "", ()
        prefix = self._prefixes.get(id(opened))
        if prefix is None:
            prefix = self._prefixes[id(opened)] = prefix_of(opened)
        if not prefix:
            return "", ()
        named = from_top(prefix, scope, resource)
        mark = fingerprint(check.id, *named, subject, 0)
        repeat = self._repeats[mark] = self._repeats.get(mark, -1) + 1
        masked = tuple(fingerprint(graver, *named, "", 0) for graver in check.masked_by)
        return (fingerprint(check.id, *named, subject, repeat) if repeat else mark), masked


def prefix_of(opened: OpenTarget) -> str:
    """The path of the target's root from the top of its tree (see `top_of`); "" where it is the top."""
    if opened.target.kind not in ("directory", "file"):
        return ""
    native = opened.native(_ANY)
    if native is None:
        return ""
    root = os.path.realpath(os.path.dirname(native))  # noqa: PTH120 - a scan does without pathlib
    return root[len(top_of(root)) :].strip(os.sep).replace(os.sep, "/")


def top_of(root: str) -> str:
    """The top of the tree around a folder (a real path): of its Git work tree; outside of one the nearest folder with
    a configuration, else the current directory where the folder lies in it, else the folder itself."""
    top = repository_of(root)
    if top is not None:
        return top
    folder = root
    while configuration_in(folder) is None:
        above = os.path.dirname(folder)  # noqa: PTH120
        if above == folder:
            here = os.path.realpath(os.curdir)
            return here if f"{root}{os.sep}".startswith(here.rstrip(os.sep) + os.sep) else root
        folder = above
    return folder


def from_top(prefix: str, scope: str, resource: Resource) -> tuple[str, Resource]:
    """A scope and a resource as they are called from the top."""
    scope = below(prefix, scope)
    if resource.platform in BY_PATH:
        resource = replace(resource, name=f"{prefix}/{resource.name}")
    return scope, resource
