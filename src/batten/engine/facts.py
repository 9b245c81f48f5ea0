"""The facts of an inventory as plain text (`batten.model.facts`): what a saved report keeps, what `diff` compares."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from batten.engine.facts_cloud import CLOUD
from batten.engine.facts_commands import command_facts, value_marks
from batten.formats.kubernetes.live import RUNNING
from batten.model.facts import ResourceFacts
from batten.model.image import ImageReference
from batten.model.inventory import Inventory
from batten.model.objects import (
    Configuration,
    Declared,
    Grant,
    Identity,
    LabelSelector,
    Namespace,
    Network,
    Permission,
    Role,
    Route,
    Service,
    TrafficPolicy,
    TrafficRule,
)
from batten.model.scope import in_target
from batten.model.source import Place
from batten.model.values import Absent, Capabilities, Profile, SELinux, User
from batten.model.workload import Container, EnvSource, EnvVar, Mount, Port, Resource, Workload

Facts = dict[str, str | list[str]]
_Noun = Workload | Container | Declared

_CONTAINER: Final = (
    "user", "privileged", "privilege_escalation", "capabilities", "seccomp", "apparmor", "selinux", "proc_mount",
    "host_process", "read_only_root", "memory_limit", "cpu_limit", "pids_limit", "healthcheck", "devices", "ports",
    "environment", "environment_from",
)  # fmt: skip
_WORKLOAD: Final = (
    "replicas", "host_network", "host_pid", "host_ipc", "user_namespace", "share_process_namespace", "sysctls",
    "networks", "network_mode", "service_account", "automount_token", "task_role", "execution_role",
)  # fmt: skip
_ALIASES: Final = ("com.docker.compose.service", "com.docker.swarm.service.name", "io.podman.compose.service")
_POD_SECURITY: Final = "pod-security.kubernetes.io/"


def facts_of(inventory: Inventory, *, compared: bool = False) -> list[ResourceFacts]:
    """Every resource of the inventory that has facts, in the order read. `compared`: they are compared at once and
    never kept, so that marks of secrets may be among them."""
    found: list[ResourceFacts] = []
    for workload in inventory.of(Workload):
        aliases = [workload.labels[label] for label in _ALIASES if label in workload.labels]
        found.append(_entry(workload.resource, workload, _fields(workload, _WORKLOAD), aliases))
        for container in workload.containers:
            facts = _of_container(container, workload)
            marks = value_marks(container, compared=compared)
            found.append(_entry(container.resource, container, facts, aliases, marks))
    for kind, read in _DECLARED.items():
        found += [_entry(noun.resource, noun, read(noun), []) for noun in inventory.of(kind)]
    return found


def _entry(
    resource: Resource, noun: _Noun, facts: Facts, aliases: list[str], values: dict[str, str] | None = None
) -> ResourceFacts:
    location = Place(noun.document, noun.pointer).location()
    name = type(noun).__name__.lower()
    return ResourceFacts(
        noun=name,
        resource=resource,
        scope=in_target(noun.scope),
        location=location,
        facts=facts,
        aliases=aliases,
        values=values or {},
    )


def _fields(noun: Workload | Container, names: Iterable[str]) -> Facts:
    facts: Facts = {}
    for name in names:
        value = getattr(noun, name)
        if not isinstance(value, Absent):
            facts.update(_told(name, value))
    return facts


def _of_container(container: Container, workload: Workload) -> Facts:
    facts = _fields(container, _CONTAINER)
    image = container.image
    if isinstance(image, ImageReference):
        facts["image"] = f"{image.name}:{image.tag}" if image.tag or not image.digest else image.name
        if image.digest:
            facts["digest"] = image.digest
    if running := workload.facts.get(f"{RUNNING}{container.name}"):
        facts["running_digest"] = running.split(" ")
    facts.update(command_facts(container))
    facts["mounts"] = sorted(_mount(mount, workload) for mount in container.mounts)
    return facts


def _told(name: str, value: Any) -> Iterator[tuple[str, str | list[str]]]:
    """A field in words; nothing where there is nothing to compare (the number of replicas is not written)."""
    match value:
        case None:
            if name.endswith("_limit"):
                yield name, "none"
        case bool():
            yield name, "yes" if value else "no"
        case User():
            yield name, _user(value)
        case Capabilities():
            yield "capabilities_added", sorted(value.add)
            yield "capabilities_dropped", sorted(value.drop)
        case Profile():
            yield name, f"{value.kind} {value.name}".strip()
        case SELinux():
            parts = ("user", "role", "type", "level")
            texts = [f"{part}:{getattr(value, part)}" for part in parts if getattr(value, part)]
            yield name, "disabled" if value.disabled else " ".join(texts)
        case tuple():
            yield name, sorted(map(_item, value))
        case float():
            yield name, f"{value:g}"
        case _:
            yield name, str(value)


def _user(user: User) -> str:
    who = user.name if user.uid is None else str(user.uid)
    if who is None:
        return "not root" if user.must_not_be_root else "not set"
    return f"{who}:{user.group}" if user.group else who


def _item(item: Any) -> str:
    match item:
        case Port():
            end = f"-{item.container_end}" if item.container_end > item.container else ""
            host = "" if not item.host else f" on {item.host_ip or '*'}:{'random' if item.host < 0 else item.host}"
            return f"{item.container}{end}/{item.protocol.lower()}{host}"
        case EnvVar():
            return f"{item.name} from {item.source} {item.reference}".rstrip() if item.value is None else item.name
        case EnvSource():
            return f"{item.kind} {item.reference}"
        case str():
            return item
    names = (getattr(item, name, "") for name in ("name", "path", "target", "value"))
    return " ".join(str(one) for one in names if one)


def _mount(mount: Mount, workload: Workload) -> str:
    volume = next((one for one in workload.volumes if one.name == mount.volume), None)
    source = mount.volume if volume is None else f"{volume.kind} {volume.source or volume.name}"
    read_only = mount.read_only or (volume is not None and volume.read_only)
    return f"{source} at {mount.target}{' read-only' if read_only else ''}"


# ------------------------------------------------------------------------------------ what is declared


def _service(noun: Service) -> Facts:
    ports = [f"{port.port}/{port.protocol.lower()}" for port in noun.ports]
    facts: Facts = {"type": noun.type, "ports": sorted(ports), "selector": _pairs(noun.selector or {})}
    on_nodes = [f"{port.port}/{port.protocol.lower()} on {port.node_port}" for port in noun.ports if port.node_port]
    if on_nodes:  # the server chooses those that nobody names
        facts["node_ports"] = sorted(on_nodes)
    facts["external_ips"] = sorted(noun.external_ips)
    facts["source_ranges"] = sorted(noun.source_ranges)
    return facts


def _route(noun: Route) -> Facts:
    facts: Facts = {"hosts": sorted(noun.hosts), "backends": sorted({one.service for one in noun.backends})}
    if noun.tls is not None:
        facts["tls"] = "yes" if noun.tls else "no"
    return facts


def _permission(permission: Permission) -> str:
    what = [*permission.resources, *permission.non_resource_urls]
    groups = ",".join(group or "core" for group in permission.api_groups)
    names = f" named {','.join(permission.resource_names)}" if permission.resource_names else ""
    return f"{','.join(sorted(permission.verbs))} {','.join(sorted(what))}{f' of {groups}' if groups else ''}{names}"


def _role(noun: Role) -> Facts:
    if noun.aggregated:  # a controller fills in what it permits
        return {"aggregated": "yes"}
    return {"permissions": sorted(map(_permission, noun.permissions)), "aggregated": "no"}


def _grant(noun: Grant) -> Facts:
    subjects = (f"{one.kind} {one.namespace + '/' if one.namespace else ''}{one.name}" for one in noun.subjects)
    return {"role": f"{noun.role_kind} {noun.role_name}", "subjects": sorted(subjects)}


def _policy(noun: TrafficPolicy) -> Facts:
    facts: Facts = {"selector": _selector(noun.selector)}
    for name, rules in (("ingress", noun.ingress), ("egress", noun.egress)):
        facts[name] = "not restricted" if rules is None else sorted(map(_traffic, rules))
    return facts


def _traffic(rule: TrafficRule) -> str:
    peers = []
    for peer in rule.peers:
        parts = [f"namespaces {_selector(peer.namespaces)}"] if peer.namespaces is not None else []
        parts += [f"pods {_selector(peer.pods)}"] if peer.pods is not None else []
        parts += [peer.cidr + (f" but {','.join(sorted(peer.excluded))}" if peer.excluded else "")] if peer.cidr else []
        peers.append(" ".join(parts))
    return f"{' or '.join(sorted(peers)) or 'anybody'}, {','.join(sorted(rule.ports)) or 'any port'}"


def _selector(selector: LabelSelector) -> str:
    terms = [f"{one.key} {one.operator} {','.join(sorted(one.values))}".rstrip() for one in selector.terms]
    return ", ".join([*_pairs(selector.match_labels), *sorted(terms)]) or "all"


def _pairs(labels: dict[str, str]) -> list[str]:
    return sorted(f"{key}={value}" for key, value in labels.items())


_DECLARED: Final[dict[type[Any], Callable[[Any], Facts]]] = {
    Namespace: lambda noun: {"labels": [one for one in _pairs(noun.labels) if one.startswith(_POD_SECURITY)]},
    Identity: lambda noun: dict(_told("automount_token", noun.automount_token)),
    Role: _role,
    Grant: _grant,
    Service: _service,
    Route: _route,
    TrafficPolicy: _policy,
    Network: lambda noun: {
        "driver": noun.driver,
        **{name: "yes" if getattr(noun, name) else "no" for name in ("encrypted", "internal", "attachable")},
    },
    Configuration: lambda noun: {"keys": sorted(entry.key for entry in noun.entries)},
    **CLOUD,
}
