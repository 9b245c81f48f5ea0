"""Mounts, devices, secrets and configs of a service.

A Compose service mounts straight into its only container: every mount makes its volume, and two mounts
of one source share it.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Final

from msgspec.structs import replace

from batten.formats.compose import volumes as syntax
from batten.formats.compose.draft import Draft
from batten.formats.compose.tree import Node
from batten.model.source import Document, Pointer
from batten.model.workload import Device, Mount, Volume, VolumeKind

DOCKER_SOCKET: Final = "/var/run/docker.sock"
_KINDS: Final[dict[str, VolumeKind]] = {
    "bind": "host",
    "npipe": "host",
    "volume": "volume",
    "tmpfs": "memory",
    "image": "image",
}


class Storage:
    """Collects what a service mounts; a later mount on the same target takes the place of the first."""

    def __init__(self, draft: Draft, declared: Mapping[str, Node]) -> None:
        self.draft = draft
        self.declared = declared
        """The project's own `volumes:`."""
        self.volumes: dict[str, Volume] = {}
        self.mounts: dict[str, Mount] = {}

    def fill(self) -> None:
        for item in self.draft.items("volumes"):
            self._mount(item)
        node = self.draft.get("tmpfs")
        for item in node.sequence() if node is not None else []:
            path = item.template().text.partition(":")[0]
            self._add("tmpfs", f"tmpfs {path}", "", path, item, read_only=False)
        for key, folder in (("secrets", "/run/secrets/"), ("configs", "/")):
            for item in self.draft.items(key):
                self._file(item, "secret" if key == "secrets" else "config", folder)
        self._socket()
        used = {mount.volume for mount in self.mounts.values()}
        self.draft.workload.values["volumes"] = tuple(one for name, one in self.volumes.items() if name in used)
        self.draft.container.values["mounts"] = tuple(self.mounts.values())

    def _mount(self, item: Node) -> None:
        if item.is_mapping:
            self._long(item)
            return
        if not item.is_scalar:
            item.problem(f"expected a volume, found {item.found()}")
            return
        text = item.template().text
        if item.is_foreign(text):
            return
        spec = syntax.parse_short(text)
        if isinstance(spec, str):
            item.problem(spec)
            return
        name = spec.source or f"anonymous {spec.target}"
        self._add(spec.type, name, spec.source, spec.target, item, read_only=spec.read_only)

    def _long(self, item: Node) -> None:
        texts: dict[str, str] = {}
        for key in ("type", "source", "target"):
            node = item.get(key)
            texts[key] = "" if node is None else node.template().text
        flag = item.get("read_only")
        target, source = texts["target"], texts["source"]
        if not target:
            item.problem("expected a target in the volume, found none")
            return
        kind = texts["type"] or (syntax.source_type(source) if source else "volume")
        name = source or (f"{kind} {target}" if kind == "tmpfs" else f"anonymous {target}")
        self._add(kind, name, source, target, item, read_only=flag is not None and flag.flag() is True)

    def _add(self, kind: str, name: str, source: str, target: str, node: Node, *, read_only: bool) -> None:
        away = self.draft.away(node)
        volume = Volume(name, _KINDS.get(kind, "other"), kind, source, node.pointer, document=away)
        if kind == "volume":
            volume = self._declared(volume)
        self._keep(volume, Mount(name, posixpath.normpath(target), read_only, node.pointer, away))

    def _keep(self, volume: Volume, mount: Mount) -> None:
        self.volumes.setdefault(volume.name, volume)
        self.mounts[mount.target] = mount

    def _declared(self, volume: Volume) -> Volume:
        """A named volume may be a path of the host in disguise, or lie on another machine."""
        if volume.source.startswith("${"):
            return replace(volume, kind="other")
        node = self.declared.get(volume.source)
        driver = None if node is None else node.get("driver")
        options = None if node is None else node.get("driver_opts")
        if node is None or options is None or (driver is not None and driver.template().text != "local"):
            return volume
        texts = {key: entry.template().text for key, entry in options.entries().items()}
        device = options.get("device")
        flags = texts.get("o", "").split(",")
        if device is not None and ("bind" in flags or "rbind" in flags):
            source: Document | None = self.draft.away(device)
            return Volume(volume.name, "host", "bind", texts["device"], device.pointer, "ro" in flags, source)
        if texts.get("type") == "tmpfs":
            return replace(volume, kind="memory", type="tmpfs")
        return replace(volume, kind="other", type=texts["type"]) if "type" in texts else volume

    def _file(self, item: Node, kind: VolumeKind, folder: str) -> None:
        """`secrets: [db]` or `{source: db, target: /etc/db}`."""
        source = item.get("source") if item.is_mapping else item
        target = item.get("target") if item.is_mapping else None
        name = "" if source is None else source.template().text
        if not name:
            item.problem(f"expected the name of a {kind}, found {item.found()}")
            return
        path = folder + name if target is None else target.template().text
        if not path.startswith("/"):
            path = folder + path
        away = self.draft.away(item)
        volume = Volume(f"{kind} {name}", kind, kind, name, item.pointer, read_only=True, document=away)
        self._keep(volume, Mount(volume.name, path, True, item.pointer, away))

    def _socket(self) -> None:
        """`use_api_socket: true` mounts the engine's socket and the user's registry credentials."""
        node = self.draft.get("use_api_socket")
        if node is not None and node.flag() is True:
            self._add("bind", DOCKER_SOCKET, DOCKER_SOCKET, DOCKER_SOCKET, node, read_only=False)


def fill_devices(draft: Draft) -> None:
    """`devices`, and the rules that allow a container to make device files itself."""
    found: dict[str, Device] = {}
    places: list[Node] = []
    for key in ("devices", "device_cgroup_rules"):
        node = draft.get(key)
        if node is not None:
            places.append(node)
        for item in draft.items(key):
            device = _rule(draft, item) if key == "device_cgroup_rules" else _device(draft, item)
            if device is not None:
                found[device.target or device.path] = device
    if places:
        draft.container.put("devices", tuple(found.values()), places[0])


def _device(draft: Draft, item: Node) -> Device | None:
    pointer: Pointer = item.pointer
    if item.is_mapping:
        texts = {key: entry.template().text for key, entry in item.entries().items()}
        source = texts.get("source", "")
        if not source:
            item.problem("expected a source in the device, found none")
            return None
        path, target = source, texts.get("target") or source
        return Device(path, target, texts.get("permissions") or "rwm", pointer, draft.away(item))
    text = item.text()
    if not isinstance(text, str):
        return None
    return Device(*syntax.parse_device(text), pointer, draft.away(item))


def _rule(draft: Draft, item: Node) -> Device | None:
    """`c 13:* rmw` gives no device file, but the right to make one and use it (`MKNOD` is there by default)."""
    text = item.text()
    if not isinstance(text, str):
        return None
    words = text.split()
    permissions = words[2] if len(words) > 2 else "rwm"
    return Device(" ".join(words[:2]), "", permissions, item.pointer, draft.away(item))
