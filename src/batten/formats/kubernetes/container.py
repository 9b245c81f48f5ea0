"""One container of a pod: the API's `Container` and `EphemeralContainer` as the neutral noun."""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct

from batten.formats.kubernetes.quantity import whole_bytes
from batten.formats.kubernetes.security import PodSecurity, container_security, windows_user
from batten.formats.kubernetes.source import EMPTY, OBJECT_WEIGHT, Json, Source
from batten.formats.kubernetes.volumes import read_mounts
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Pointer
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Absent
from batten.model.workload import Container, ContainerKind, EnvSource, EnvVar, Port, ProbeHost, Resource

_PROBES: Final = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS: Final = ("postStart", "preStop")
_RESOURCES: Final = (
    ("memory_limit", "limits", "memory"),
    ("memory_request", "requests", "memory"),
    ("cpu_limit", "limits", "cpu"),
    ("cpu_request", "requests", "cpu"),
)


class Pod(Struct, frozen=True, eq=False, kw_only=True):
    """What the containers of one pod have in common while they are read."""

    src: Source
    identifier: str
    resource: Resource
    os: Literal["linux", "windows", ""]
    security: PodSecurity
    resources: tuple[dict[str, Any], dict[str, Pointer]]
    """Fields and places of the pod's own `resources`, which hold for all of its containers together."""
    restart: str
    restart_place: Pointer | None
    annotations: Pointer
    """Where the pod's annotations stand."""


def read_container(pod: Pod, raw: Json, pointer: Pointer, kind: ContainerKind, name: str) -> Container:
    """The container that `raw` at `pointer` describes."""
    src = pod.src
    src.budget.spend(OBJECT_WEIGHT)
    fields, places = container_security(src, pod.security, raw, pointer, name)
    if pod.os == "windows":
        named = windows_user(src, pod.security, raw, pointer, places)
        fields = fields if named is None else {**fields, "user": named}
    apparmor = places.get("apparmor")
    if apparmor is not None and apparmor[0] == "annotations":
        places["apparmor"] = (*pod.annotations, apparmor[1])
    image = _image(src, raw, pointer)
    if image is not None:
        places["image"] = (*pointer, "image")
    command = raw.get("command")
    if command is not None:
        places["command"] = (*pointer, "command")
    args = raw.get("args")
    if args is not None:
        places["args"] = (*pointer, "args")
    restart = raw.get("restartPolicy")
    if type(restart) is str:
        places["restart"] = (*pointer, "restartPolicy")
    elif pod.restart_place is not None:
        places["restart"] = pod.restart_place
    if kind == "ephemeral":
        amounts: dict[str, Any] = dict.fromkeys([field for field, _, _ in _RESOURCES], NOT_EXPRESSIBLE)
    else:
        amounts = read_resources(src, raw, pointer, places, pod.resources)
    resource = pod.resource
    return Container(
        name=name,
        platform="kubernetes",
        workload=pod.identifier,
        document=src.document,
        pointer=pointer,
        resource=Resource("kubernetes", resource.kind, resource.name, resource.namespace, name),
        scope=src.scope,
        kind=kind,
        os=pod.os,
        places=places,
        image=image,
        command=None if command is None else src.words(raw, "command", pointer),
        args=None if args is None else src.words(raw, "args", pointer),
        healthcheck=NOT_EXPRESSIBLE if kind in ("init", "ephemeral") else _is_probed(raw, pointer, places),
        restart=restart if type(restart) is str else pod.restart,
        mounts=read_mounts(src, raw, pointer),
        ports=_ports(src, raw, pointer),
        environment=_environment(src, raw, pointer),
        environment_from=_environment_from(src, raw, pointer),
        probe_hosts=_probe_hosts(src, raw, pointer),
        **fields,
        **amounts,
    )


def _image(src: Source, raw: Json, pointer: Pointer) -> ImageReference | Absent | None:
    word = src.word(raw, "image", pointer)
    if not isinstance(word, str) or not word:
        return word or None
    reference = parse_reference(word)
    if reference is None:
        where = (*pointer, "image")
        src.complain(f"expected an image reference, found {word[:80]!r}; the image is not judged", where, severe=False)
        return UNKNOWN
    return reference


def _is_probed(raw: Json, pointer: Pointer, places: dict[str, Pointer]) -> bool:
    for key in _PROBES:
        if raw.get(key):
            places["healthcheck"] = (*pointer, key)
            return True
    return False


def read_resources(
    src: Source,
    raw: Json,
    pointer: Pointer,
    places: dict[str, Pointer],
    above: tuple[dict[str, Any], dict[str, Pointer]] | None,
) -> dict[str, Any]:
    """Limits and requests of a container (or, with `above` None, of a pod).

    Where a container has no limit the pod's own (`spec.resources`) still holds it; a request that is not
    written is as high as the container's limit, as the API server fills it in.
    """
    section = src.section(raw, "resources", pointer) if raw.get("resources") is not None else EMPTY
    if section is EMPTY and above is not None:
        places.update(above[1])
        return above[0]
    fields: dict[str, Any] = {}
    for field, part, key in _RESOURCES:
        value = _amount(src, section, part, key, (*pointer, "resources"))
        if value is not None:
            places[field] = (*pointer, "resources", part, key)
        fields[field] = value
    for kind in ("memory", "cpu"):
        if fields[f"{kind}_request"] is None:
            fields[f"{kind}_request"] = fields[f"{kind}_limit"]
    if above is not None:
        for field, value in above[0].items():
            if fields[field] is None:
                fields[field] = value
                if field in above[1]:
                    places[field] = above[1][field]
    return fields


def _amount(src: Source, section: Json | Absent, part: str, key: str, pointer: Pointer) -> int | float | Absent | None:
    if not section:
        return None
    if isinstance(section, Absent):
        return UNKNOWN
    amounts = src.section(section, part, pointer) if section.get(part) is not None else EMPTY
    if isinstance(amounts, Absent):
        return UNKNOWN
    value = src.quantity(amounts, key, (*pointer, part))
    if value is None or isinstance(value, Absent):
        return value
    return whole_bytes(value) if key == "memory" else value[0] / value[1]


def _ports(src: Source, raw: Json, pointer: Pointer) -> tuple[Port, ...]:
    if raw.get("ports") is None:
        return ()
    found: list[Port] = []
    for own, item in src.items(raw, "ports", pointer):
        found.append(
            Port(
                src.number(item, "containerPort", own),
                src.number(item, "hostPort", own),
                src.text(item, "hostIP", own),
                (src.text(item, "protocol", own) or "TCP").lower(),
                pointer=own,
            )
        )
    return tuple(found)


def _environment(src: Source, raw: Json, pointer: Pointer) -> tuple[EnvVar, ...]:
    if raw.get("env") is None:
        return ()
    found: list[EnvVar] = []
    for own, item in src.items(raw, "env", pointer):
        name = src.text(item, "name", own)
        origin = item.get("valueFrom")
        if origin is None or type(origin) is not dict:
            if origin is not None:
                src.wrong(origin, "a mapping", (*own, "valueFrom"))
            found.append(EnvVar(name, src.text(item, "value", own), pointer=own))
        else:
            found.append(_referring(src, name, origin, own))
    return tuple(found)


def _referring(src: Source, name: str, origin: Json, own: Pointer) -> EnvVar:
    """A variable that takes its value from elsewhere; `reference` is `object/key` or the field's path."""
    at = (*own, "valueFrom")
    for key, kind in (("secretKeyRef", "secret"), ("configMapKeyRef", "config")):
        if origin.get(key) is not None:
            section = src.mapping(origin, key, at)
            reference = f"{src.text(section, 'name', (*at, key))}/{src.text(section, 'key', (*at, key))}"
            return EnvVar(name, None, "secret" if kind == "secret" else "config", reference, own)
    for key, label in (("fieldRef", "fieldPath"), ("resourceFieldRef", "resource")):
        if origin.get(key) is not None:
            return EnvVar(name, None, "field", src.text(src.mapping(origin, key, at), label, (*at, key)), own)
    if origin.get("fileKeyRef") is not None:
        section = src.mapping(origin, "fileKeyRef", at)
        return EnvVar(name, None, "file", src.text(section, "path", (*at, "fileKeyRef")), own)
    return EnvVar(name, None, "unknown", pointer=own)


def _environment_from(src: Source, raw: Json, pointer: Pointer) -> tuple[EnvSource, ...]:
    if raw.get("envFrom") is None:
        return ()
    found: list[EnvSource] = []
    for own, item in src.items(raw, "envFrom", pointer):
        for key, kind in (("secretRef", "secret"), ("configMapRef", "config")):
            if item.get(key) is not None:
                name = src.text(src.mapping(item, key, own), "name", (*own, key))
                found.append(EnvSource("secret" if kind == "secret" else "config", name, own))
    return tuple(found)


def _probe_hosts(src: Source, raw: Json, pointer: Pointer) -> tuple[ProbeHost, ...]:
    """Hosts that probes and lifecycle hooks name; an empty one is the pod itself."""
    found: list[ProbeHost] = []
    for key in _PROBES:
        if raw.get(key) is not None:
            _add_hosts(src, src.mapping(raw, key, pointer), (*pointer, key), key, found)
    if raw.get("lifecycle") is not None:
        lifecycle = src.mapping(raw, "lifecycle", pointer)
        for key in _HOOKS:
            if lifecycle.get(key) is not None:
                own = (*pointer, "lifecycle", key)
                _add_hosts(src, src.mapping(lifecycle, key, own[:-1]), own, f"lifecycle.{key}", found)
    return tuple(found)


def _add_hosts(src: Source, handler: Json, pointer: Pointer, where: str, found: list[ProbeHost]) -> None:
    for key in ("httpGet", "tcpSocket"):
        if handler.get(key) is not None:
            own = (*pointer, key)
            host = src.text(src.mapping(handler, key, pointer), "host", own)
            if host:
                found.append(ProbeHost(f"{where}.{key}", host, (*own, "host")))
