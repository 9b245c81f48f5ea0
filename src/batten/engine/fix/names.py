"""How a patch names its files, so that `git apply` and `patch -p1` find them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, field

from batten.engine.fix.patches import Patch
from batten.engine.fix.write import WRITABLE
from batten.sources.names import native

_GIT_SECONDS = 20


class PatchNames(Struct, frozen=True):
    """`folder`: where the patch is to be applied, "" for the current one. `names`: each patch's path below it,
    as it is written between `a/` and the line's end; `left_out`: files that no patch can name."""

    folder: str
    names: tuple[str | None, ...]
    left_out: tuple[str, ...] = field(default=())


def patch_names(patches: Sequence[Patch]) -> PatchNames:
    """Names below the current directory where all files lie there; else below the top level of their Git tree, or
    of the folder that holds them all: Git takes no absolute path and none with `..`.

    What lies in an archive is named as in the archive.
    """
    places = [_place(patch) for patch in patches]
    files = [place for place in places if place]
    here = os.path.realpath(".")
    outside = [place for place in files if _below(here, place) is None]
    base = here
    if outside:
        top = _top_level(Path(outside[0]).parent)
        base = top if top and all(_below(top, place) for place in files) else _common(files)
    names: list[str | None] = []
    left_out: list[str] = []
    for patch, place in zip(patches, places, strict=True):
        name = (_below(base, place) if base else None) if place else native(patch.path).lstrip("/")
        names.append(name)
        if not name:
            left_out.append(patch.reading.opened.shown(patch.path))
    return PatchNames("" if base == here else base, tuple(names), tuple(left_out))


def _place(patch: Patch) -> str:
    """The file's own path, links followed: Git edits none through a link. "" for what is no file here."""
    opened = patch.reading.opened
    place = opened.native(patch.path) if opened.target.kind in WRITABLE else None
    return os.path.realpath(place) if place else ""


def _below(folder: str, path: str) -> str | None:
    start = folder.rstrip(os.sep) + os.sep
    return path[len(start) :].replace(os.sep, "/") if path.startswith(start) else None


def _common(files: list[str]) -> str:
    """The folder that holds all the files; "" where there is none (two drives)."""
    try:
        return os.path.commonpath([Path(file).parent for file in files])
    except ValueError:
        return ""


def _top_level(folder: Path) -> str:
    """The top of the Git work tree that a folder lies in; "" outside of any."""
    command = ["git", "-C", str(folder), "rev-parse", "--show-toplevel"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_GIT_SECONDS, check=False)  # noqa: S603
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return os.path.realpath(os.fsdecode(done.stdout.removesuffix(b"\n"))) if done.returncode == 0 else ""
