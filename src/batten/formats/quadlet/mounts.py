"""Volumes and mounts from the options of `podman run`: `--volume`, `--mount`, `--tmpfs`, `--secret`."""

from __future__ import annotations

from collections.abc import Callable

from msgspec.structs import replace

from batten.formats import docker_values as values
from batten.formats.quadlet.options import Option, Options, is_true
from batten.formats.quadlet.podman import secret_fields
from batten.model.source import Pointer
from batten.model.workload import Mount, Volume, VolumeKind

_KINDS: dict[str, VolumeKind] = {
    "bind": "host",
    "glob": "host",
    "volume": "volume",
    "tmpfs": "memory",
    "ramfs": "memory",
    "image": "image",
    "artifact": "image",
}
NamedVolume = Callable[[str], str]
"""From the name of a volume to the path of the host that it stands for, "" where it is a real one."""


class Mounts:
    """Collects volumes (one per source) and the mounts of them."""

    def __init__(self, named: NamedVolume = lambda name: "") -> None:
        self.named = named
        self.volumes: dict[str, Volume] = {}
        self.mounts: list[Mount] = []

    def add(self, kind: VolumeKind, type_: str, source: str, target: str, read_only: bool, pointer: Pointer) -> None:
        name = source or f"{type_}:{target}"
        known = self.volumes.get(name)
        if known is None:
            self.volumes[name] = Volume(name, kind, type_, source, pointer, read_only)
        elif known.read_only and not read_only:
            self.volumes[name] = replace(known, read_only=False)
        self.mounts.append(Mount(name, target, read_only, pointer))

    def add_source(self, type_: str, source: str, target: str, read_only: bool, pointer: Pointer) -> None:
        """A bind or a volume, told apart by how the source is written."""
        path = host_path(source)
        if not path and source:
            path = self.named(source)
        if path:
            self.add("host", type_ if type_ == "glob" else "bind", path, target, read_only, pointer)
        else:
            self.add("volume", "volume", source, target, read_only, pointer)


def host_path(source: str) -> str:
    """The path of the host that a source names, "" where it is the name of a volume.

    A volume's name has no slash. systemd's `%t` is `/run` for the system manager; other specifiers stay.
    """
    if source.startswith("%t"):
        return "/run" + source[2:]
    if "/" in source or source[:1] in (".", "~") or (source[:1] == "%" and source[1:2].isalpha()):
        return source.replace("%%", "%")
    return ""


def mounts_of(options: Options, named: NamedVolume = lambda name: "") -> Mounts:
    """All volumes and mounts that the options ask for."""
    found = Mounts(named)
    for option in options.every("volume"):
        source, target, flags = values.bind(option.value)
        found.add_source("bind", source, target, "ro" in flags, option.pointer)
    for option in options.every("mount"):
        _mount(found, option)
    for option in options.every("tmpfs"):
        target, _, written = option.value.partition(":")
        found.add("memory", "tmpfs", "", target, "ro" in written.split(","), option.pointer)
    for option in options.every("secret"):
        name, given = secret_fields(option.value)
        if given.get("type", "mount") == "mount":
            target = given.get("target") or name
            path = target if target.startswith("/") else f"/run/secrets/{target}"
            found.add("secret", "secret", name, path, True, option.pointer)
    return found


def _mount(found: Mounts, option: Option) -> None:
    given = values.mount_fields(option.value)
    type_ = given.get("type", "volume")
    source, target = given.get("source", ""), given.get("target", "")
    read_only = is_true(given.get("readonly", "")) or given.get("rw") == "false"
    kind = _KINDS.get(type_, "other")
    if kind in ("host", "volume"):
        found.add_source(type_, source, target or source, read_only, option.pointer)
    else:
        found.add(kind, type_, "" if kind == "memory" else source, target, read_only, option.pointer)
