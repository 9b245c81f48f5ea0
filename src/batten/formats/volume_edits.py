"""Mounts as Docker and Podman write them in short (`source:target[:options]`), written anew."""

from __future__ import annotations

import re
from typing import Final

from batten.model.edits import CannotEdit
from batten.model.workload import Container, Mount, Volume, Workload
from batten.pattern import pattern

_NOT_IN_NAMES: Final = pattern(r"[^A-Za-z0-9_.-]+")
_OF_VOLUMES: Final = frozenset({"rw", "z", "Z", "U", "nocopy"})
"""Options that a volume has, too."""


def mounts_of(target: Container | Workload, volume: Volume) -> list[Mount]:
    """The mounts of a volume of the workload."""
    containers = target.containers if isinstance(target, Workload) else (target,)
    return [mount for one in containers for mount in one.mounts if mount.volume == volume.name]


def read_only(text: str, target: str) -> str:
    """The mount with `ro` among its options."""
    source, inside, options = _parts(text, target)
    kept = [one for one in options if one not in ("rw", "ro")]
    return ":".join((source, inside, ",".join([*kept, "ro"])))


def in_volume(text: str, target: str, name: str) -> str:
    """The mount with the volume `name` in place of the path."""
    source, inside, options = _parts(text, target)
    if "$" in source or "%" in source:
        raise CannotEdit("a variable says what is mounted; change it by hand")
    strange = [one for one in options if one not in _OF_VOLUMES]
    if strange:
        raise CannotEdit(f"a volume has no option {strange[0]}; change it by hand")
    return ":".join((name, inside, *([",".join(options)] if options else [])))


def volume_name(source: str) -> str:
    """The name of a volume for what lies at a path: `./db/data` -> `db-data`. Other paths have other names."""
    return _NOT_IN_NAMES.sub("-", source.replace("\\", "/")).strip("-.") or "data"


def _parts(text: str, target: str) -> tuple[str, str, list[str]]:
    """Source, target and options; raises `CannotEdit` where a variable stands for more than one of them."""
    found = re.fullmatch(rf"(.+):({re.escape(target.rstrip('/'))}/?)(?::([^:$]*))?", text)
    if found is None:
        raise CannotEdit("a variable says where it is mounted, or how; change it by hand")
    return found[1], found[2], [one for one in (found[3] or "").split(",") if one]
