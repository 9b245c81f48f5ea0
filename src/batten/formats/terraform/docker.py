"""`docker_container` of the provider kreuzwerker/docker, by the names of the Docker Engine API."""

from __future__ import annotations

from typing import Final

from batten.formats.docker_values import is_template
from batten.formats.inspect.docker import DockerRecord
from batten.formats.inspect.reader import workload_of
from batten.formats.nodes import Node
from batten.formats.part import Part
from batten.formats.terraform.shapes import first
from batten.formats.terraform.values import as_text, is_null, is_unknown, listing, mapping
from batten.model.image import parse_reference
from batten.model.source import Document, Pointer
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, User
from batten.model.workload import Resource, Workload

_CONFIG: Final = {"image": "Image", "user": "User", "command": "Cmd", "entrypoint": "Entrypoint", "env": "Env"}
_HOST: Final = {
    "privileged": "Privileged", "read_only": "ReadonlyRootfs", "network_mode": "NetworkMode", "pid_mode": "PidMode",
    "ipc_mode": "IpcMode", "userns_mode": "UsernsMode", "security_opts": "SecurityOpt", "sysctls": "Sysctls",
    "tmpfs": "Tmpfs",
}  # fmt: skip
_DEVICE: Final = {"host_path": "PathOnHost", "container_path": "PathInContainer", "permissions": "CgroupPermissions"}
_ULIMIT: Final = {"name": "Name", "soft": "Soft", "hard": "Hard"}
_NANO: Final = 1_000_000_000


def record_of(node: Node) -> Node:
    """The container as `docker inspect` would show it."""
    config, host = _renamed(node, _CONFIG), _renamed(node, _HOST)
    health = first(node.get("healthcheck"))
    if health is not None:
        config["Healthcheck"] = mapping(_renamed(health, {"test": "Test"}), health.place)
    capabilities = first(node.get("capabilities"))
    if capabilities is not None:
        host.update(
            {"CapAdd": capabilities, "CapDrop": capabilities}
            if is_unknown(capabilities)
            else _renamed(capabilities, {"add": "CapAdd", "drop": "CapDrop"})
        )
    _scaled(node, "memory", host, "Memory", 1 << 20)
    _scaled(node, "cpus", host, "NanoCpus", _NANO)
    for name, key, inner in (("restart", "RestartPolicy", "Name"), ("log_driver", "LogConfig", "Type")):
        found = node.get(name)
        if found is not None and not is_null(found):
            host[key] = mapping({inner: found}, found.place)
    for name, key, names in (("devices", "Devices", _DEVICE), ("ulimit", "Ulimits", _ULIMIT)):
        blocks = node.get(name)
        if blocks is not None and blocks.is_list:
            host[key] = listing([mapping(_renamed(one, names), one.place) for one in blocks.items], blocks.place)
    ports = node.get("ports")
    if ports is not None and ports.is_list:
        host["PortBindings"] = _bindings(ports)
    place = node.place
    fields = {"Config": mapping(config, place), "HostConfig": mapping(host, place), "Mounts": _mounts(node)}
    return mapping({**fields, **_renamed(node, {"name": "Name"})}, place)


def _renamed(node: Node, names: dict[str, str]) -> dict[str, Node]:
    found = [(key, node.get(name)) for name, key in names.items()]
    return {key: one for key, one in found if one is not None and not is_null(one)}


def _scaled(node: Node, name: str, into: dict[str, Node], key: str, factor: int) -> None:
    """A number in another unit."""
    found = node.get(name)
    if found is None or is_null(found):
        return
    try:
        into[key] = Node(int(float(as_text(found) or "") * factor), found.place)
    except (ValueError, OverflowError):
        into[key] = found


def _bindings(ports: Node) -> Node:
    fields: dict[str, Node] = {}
    for one in ports.items:
        inside, protocol = one.get("internal"), one.text("protocol") or "tcp"
        if inside is None:
            continue
        outside, address = one.get("external"), one.get("ip")
        made = {"HostPort": Node("" if outside is None else as_text(outside) or "", one.place)}
        if address is not None and not is_null(address):
            made["HostIp"] = address
        listed = fields.setdefault(f"{as_text(inside)}/{protocol}", listing([], one.place))
        listed.items.append(mapping(made, one.place))
    return mapping(fields, ports.place)


def _mounts(node: Node) -> Node:
    made = listing([], node.place)
    volumes, mounts = node.get("volumes"), node.get("mounts")
    for one in volumes.items if volumes is not None and volumes.is_list else []:
        path = one.get("host_path")
        kind, source = ("bind", path) if path is not None and path.plain else ("volume", one.get("volume_name"))
        made.items.append(_mount(one, kind, source, one.get("container_path")))
    for one in mounts.items if mounts is not None and mounts.is_list else []:
        made.items.append(_mount(one, one.text("type"), one.get("source"), one.get("target")))
    return made


def _mount(block: Node, kind: str, source: Node | None, target: Node | None) -> Node:
    read_only = block.get("read_only")
    fields = {
        "Type": Node(kind, block.place),
        "RW": Node(read_only is None or read_only.plain is not True, block.place),
    }
    if source is not None and not is_null(source):
        fields["Name" if kind == "volume" else "Source"] = source
    if target is not None:
        fields["Destination"] = target
    return mapping(fields, block.place)


class _Declared(DockerRecord):
    """What is asked for, of which no engine and no image has had its say yet."""

    def _user_of_image(self) -> User:
        return User(decided_by="default")


def read_container(document: Document, part: Part, address: str, scope: str) -> tuple[Workload, list[Pointer]]:
    """(the container, fields that are judged and not known yet)."""
    record = _Declared(part)
    record.read()
    image = record.config.text("Image")
    known = None if not image or is_template(image) or image.startswith("sha256:") else parse_reference(image)
    record.put("image", known or UNKNOWN, record.config, "Image")
    for owner, key, field in (
        (record.host, "CapAdd", "capabilities"),
        (record.host, "CapDrop", "capabilities"),
        (record.host, "SecurityOpt", "privilege_escalation"),
    ):
        if isinstance(owner.get(key), str):
            record.put(field, UNKNOWN, owner, key)
    record.container["pids_limit"] = NOT_EXPRESSIBLE  # the provider has no argument for it
    volumes, record.container["mounts"] = record.mounts()
    record.workload["volumes"] = volumes
    name = part.text("Name")
    resource = Resource("docker", "Container", address if not name or is_template(name) else name)
    hidden = [
        place
        for field, place in record.container_places.items()
        if record.container[field] is UNKNOWN and field != "apparmor"
    ]
    return workload_of(document, record, resource, scope, "linux", {}), list(dict.fromkeys(hidden))
