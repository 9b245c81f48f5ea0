"""Ports and networks of a service, and the networks that a project declares."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace

from batten.formats.compose import ports as syntax
from batten.formats.compose.draft import Draft
from batten.formats.compose.tree import Node
from batten.model.source import Document
from batten.model.values import Absent
from batten.model.workload import Port


def fill(draft: Draft, declared: Mapping[str, Node]) -> None:
    """`declared` are the project's own `networks:`."""
    _ports(draft)
    _networks(draft, declared)


def _ports(draft: Draft) -> None:
    found: dict[tuple[Any, ...], Port] = {}
    for item in draft.items("ports"):
        port = _long(item) if item.is_mapping else _short(item)
        if port is None:
            continue
        # a service of a swarm listens on every node and address, whatever the file says
        address = "" if draft.is_swarm else port.host_ip
        port = replace(port, host_ip=address, pointer=item.pointer, document=draft.away(item))
        found[port.host_ip, port.host, port.host_end, port.container, port.container_end, port.protocol] = port
    published = {port.container for port in found.values()}
    for item in draft.items("expose"):
        text = item.text()
        both = syntax.span(text.partition("/")[0]) if isinstance(text, str) else None
        if both is not None and isinstance(text, str) and both[0] not in published:
            protocol = text.partition("/")[2] or "tcp"
            port = Port(both[0], 0, "", protocol, both[1], 0, item.pointer, draft.away(item))
            found["expose", both, protocol] = port
    node = draft.get("ports") or draft.get("expose")
    if node is not None:
        draft.container.put("ports", tuple(found.values()), node)


def _short(item: Node) -> Port | None:
    if not item.is_scalar:
        item.problem(f"expected a port mapping, found {item.found()}")
        return None
    text = item.template().text
    if item.is_foreign(text):
        return None
    port = syntax.parse_short(text)
    if isinstance(port, str):
        if port:
            item.problem(port)
        return None
    return port


def _long(item: Node) -> Port | None:
    texts: dict[str, str] = {}
    for key in ("target", "published", "host_ip", "protocol"):
        node = item.get(key)
        texts[key] = "" if node is None else node.template().text
    if "${" in texts["target"]:
        return None
    inside = syntax.span(texts["target"])
    outside = syntax.published_span(texts["published"])
    if inside is None or outside is None:
        item.problem("expected a target and a published port from 1 to 65535")
        return None
    address = syntax.clean_address(texts["host_ip"])
    return Port(inside[0], outside[0], address, (texts["protocol"] or "tcp").lower(), inside[1], outside[1])


def _networks(draft: Draft, declared: Mapping[str, Node]) -> None:
    node = draft.get("networks")
    mode = draft.get("network_mode")
    names: dict[str, Node] = {}
    if node is not None and node.is_mapping:
        names = node.entries()
    elif node is not None:
        for item in node.sequence():
            text = item.text()
            if isinstance(text, str):
                names[text] = item
    if node is not None and names:
        draft.workload.put("networks", tuple(names), node)
    elif mode is None and draft.node.get("provider") is None:
        draft.workload.values["networks"] = ("default",)
    for name, item in names.items():
        real = real_name(name, declared.get(name))
        if real == "host":
            draft.workload.put("host_network", True, item)
            draft.workload.put("network_mode", "host", item)


def is_external(node: Node | None) -> bool:
    """`external: true`, or the older `external: {name: x}`."""
    external = None if node is None else node.get("external")
    if external is None:
        return False
    if external.is_mapping:
        return True
    value = external.flag()
    return isinstance(value, Absent) or value is True


def real_name(name: str, node: Node | None) -> str:
    """The engine's own name of an external network; "" for one that the project makes."""
    if node is None or not is_external(node):
        return ""
    for written in (node.path("external", "name"), node.get("name")):
        if written is not None:
            return written.template().text
    return name


def driver_options(node: Node | None) -> dict[str, str]:
    options = None if node is None else node.get("driver_opts")
    return {} if options is None else {key: entry.template().text for key, entry in options.entries().items()}


def document_of(node: Node | None, otherwise: Document) -> Document:
    return otherwise if node is None else node.source.document
