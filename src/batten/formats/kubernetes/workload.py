"""Pods and what makes pods: a pod template as the neutral workload."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from batten.formats.kubernetes.complete import absent, complete_pod
from batten.formats.kubernetes.container import Pod, read_container, read_resources
from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.kinds import CONTROLLER_GROUPS
from batten.formats.kubernetes.security import PodSecurity
from batten.formats.kubernetes.source import Json, Source
from batten.formats.kubernetes.volumes import read_volumes
from batten.formats.windows import is_windows_image
from batten.model.source import Pointer
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Container, ContainerKind, Resource, Sysctl, Workload

_FLAGS: Final = (
    ("host_network", "hostNetwork"),
    ("host_pid", "hostPID"),
    ("host_ipc", "hostIPC"),
    ("share_process_namespace", "shareProcessNamespace"),
)
_INJECTED: Final = frozenset({"istio-proxy", "istio-init", "linkerd-proxy", "linkerd-init", "daprd", "vault-agent"})
"""Containers that webhooks complete: what stands in a manifest changes a part of them."""
_POD_OF_JOB: Final = ("spec", "template", "metadata")
_POD_FIELDS: Final = ("user", "seccomp", "apparmor", "selinux", "host_process")


class Template(Struct, frozen=True, eq=False, kw_only=True):
    """A pod spec with what stands around it in its object."""

    spec: Json
    pointer: Pointer
    metadata: Json
    """Metadata of the pod or pod template; empty where there is none."""
    metadata_pointer: Pointer
    label: str = ""
    """Tells several templates of one object apart (`Worker`)."""
    containers: tuple[tuple[ContainerKind, Json, Pointer], ...] | None = None
    """Containers that do not stand in the pod spec's own lists."""
    partial: bool = False
    """The rest of the pod is made by a controller: only what is written is known (see `partial`)."""


def listed_containers(src: Source, spec: Json, pointer: Pointer) -> list[tuple[ContainerKind, Json, Pointer]]:
    """The containers of a pod spec in the order in which the kubelet starts them."""
    found: list[tuple[ContainerKind, Json, Pointer]] = []
    for own, raw in src.items(spec, "initContainers", pointer) if "initContainers" in spec else ():
        found.append(("sidecar" if raw.get("restartPolicy") == "Always" else "init", raw, own))
    for own, raw in src.items(spec, "containers", pointer):
        found.append(("main", raw, own))
    for own, raw in src.items(spec, "ephemeralContainers", pointer) if "ephemeralContainers" in spec else ():
        found.append(("ephemeral", raw, own))
    return found


def read_workload(src: Source, head: Head, value: Json, template: Template, identifier: str) -> Workload:
    """The workload that an object makes from one of its pod templates."""
    spec, pointer, own = template.spec, template.pointer, template.metadata_pointer
    is_pod = own == (*head.pointer, "metadata")
    annotations = head.annotations if is_pod else src.strings(template.metadata, "annotations", own)
    labels = head.labels if is_pod else src.strings(template.metadata, "labels", own)
    security = PodSecurity(src, spec, pointer, annotations)
    places: dict[str, Pointer] = {f"pod_{field}": place for field, place in security.places.items()}
    fields = _pod_fields(src, spec, pointer, security, places)
    if annotations:
        places["annotations"] = (*own, "annotations")
    name = f"{head.name}/{template.label}" if template.label else head.name
    resource = Resource("kubernetes", head.kind, name, head.namespace)
    listed = listed_containers(src, spec, pointer) if template.containers is None else template.containers
    facts = _facts(src, spec, pointer)
    system = src.text(src.mapping(spec, "os", pointer), "name", (*pointer, "os"))
    if not system and (found := _system(facts, listed)):
        system, facts["os-by"] = found
    pod = Pod(
        src=src,
        identifier=identifier,
        resource=resource,
        os="linux" if system == "linux" else "windows" if system == "windows" else "",
        security=security,
        resources=_pod_resources(src, spec, pointer),
        restart=src.text(spec, "restartPolicy", pointer),
        restart_place=(*pointer, "restartPolicy") if "restartPolicy" in spec else None,
        annotations=(*own, "annotations"),
    )
    alone = template.label or head.name  # the one container that Knative lets go without a name
    containers: list[Container] = []
    for kind, raw, at in listed:
        called = src.text(raw, "name", at) or (alone if len(listed) == 1 else str(at[-1]))
        containers.append(read_container(pod, raw, at, kind, called))
    if not template.partial:
        for container in containers:
            if container.image is None and container.name not in _INJECTED:
                absent(src, f"an image for the container {container.name}", (*container.pointer, "image"))
        if head.group in CONTROLLER_GROUPS:
            complete_pod(src, spec, pointer)
    replicas = _replicas(src, head, value, places)
    return Workload(
        id=identifier,
        platform="kubernetes",
        kind=head.kind,
        name=name,
        document=src.document,
        pointer=pointer,
        resource=resource,
        scope=src.scope,
        namespace=head.namespace,
        containers=tuple(containers),
        places=places,
        object_pointer=head.pointer,
        metadata_pointer=(*head.pointer, "metadata"),
        template_pointer=() if is_pod else own,
        labels=labels,
        annotations=annotations if is_pod else {**head.annotations, **_of_job(src, head, value, own), **annotations},
        pod_annotations=annotations,
        os=pod.os,
        replicas=replicas,
        volumes=read_volumes(src, spec, pointer) if spec.get("volumes") is not None else (),
        facts=facts,
        **fields,
    )


def _of_job(src: Source, head: Head, value: Json, own: Pointer) -> dict[str, str]:
    """The annotations of the job that a CronJob, or a set of jobs, makes of the pod template at `own`."""
    job = own[: -len(_POD_OF_JOB)]
    if own[-len(_POD_OF_JOB) :] != _POD_OF_JOB or len(job) <= len(head.pointer):
        return {}
    found: Any = value
    for part in (*job[len(head.pointer) :], "metadata"):
        try:
            found = found[part]
        except (KeyError, IndexError, TypeError):
            return {}
    return src.strings(found, "annotations", (*job, "metadata")) if isinstance(found, dict) else {}


def _pod_fields(
    src: Source, spec: Json, pointer: Pointer, security: PodSecurity, places: dict[str, Pointer]
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for field, key in _FLAGS:
        value = src.flag(spec, key, pointer) if key in spec else None
        if value is not None:
            places[field] = (*pointer, key)
        fields[field] = False if value is None else value
    users = src.flag(spec, "hostUsers", pointer)
    if users is not None:
        places["user_namespace"] = (*pointer, "hostUsers")
    fields["user_namespace"] = users if isinstance(users, Absent) else users is False
    automount = src.flag(spec, "automountServiceAccountToken", pointer)
    if automount is not None:
        places["automount_token"] = (*pointer, "automountServiceAccountToken")
    fields["automount_token"] = automount
    fields["service_account"] = "default"
    for key in ("serviceAccountName", "serviceAccount"):  # the second is the first one's old name
        account = src.word(spec, key, pointer)
        if account:
            places["service_account"] = (*pointer, key)
            fields["service_account"] = account
            break
    fields["sysctls"] = UNKNOWN if security.hidden else _sysctls(src, spec, pointer, places)
    for field in _POD_FIELDS:
        value = getattr(security, field)
        fields[f"pod_{field}"] = None if isinstance(value, Absent) else value
    fields["pod_run_as_non_root"] = None if isinstance(security.non_root, Absent) else security.non_root
    if security.non_root is not None:
        places["pod_run_as_non_root"] = (*pointer, "securityContext", "runAsNonRoot")
    return fields


def _sysctls(src: Source, spec: Json, pointer: Pointer, places: dict[str, Pointer]) -> tuple[Sysctl, ...]:
    context = spec.get("securityContext")
    if type(context) is not dict or context.get("sysctls") is None:
        return ()
    at = (*pointer, "securityContext")
    places["sysctls"] = (*at, "sysctls")
    return tuple(
        Sysctl(src.text(item, "name", own), src.text(item, "value", own), own)
        for own, item in src.items(context, "sysctls", at)
    )


def _pod_resources(src: Source, spec: Json, pointer: Pointer) -> tuple[dict[str, Any], dict[str, Pointer]]:
    places: dict[str, Pointer] = {}
    return read_resources(src, spec, pointer, places, None), places


def _replicas(src: Source, head: Head, value: Json, places: dict[str, Pointer]) -> int | None:
    own = (*head.pointer, "spec")
    spec = value.get("spec")
    replicas = src.integer(spec, "replicas", own) if type(spec) is dict else None
    if type(replicas) is not int:
        return None
    places["replicas"] = (*own, "replicas")
    return replicas


def _system(facts: dict[str, str], listed: Sequence[tuple[ContainerKind, Json, Pointer]]) -> tuple[str, str] | None:
    """Windows where the pod does not name it itself, and what does: its node selector, the names of its images."""
    if facts.get("node-os") == "windows":
        return "windows", "node selector"
    images = (raw.get("image") for _, raw, _ in listed)
    if any(type(image) is str and is_windows_image(image) for image in images):
        return "windows", "image"
    return None


def _facts(src: Source, spec: Json, pointer: Pointer) -> dict[str, str]:
    """`runtime-class`: the sandbox that the pod asks for; `node-os`: what its node selector asks for (`os-by` comes
    where that, or an image, says what it runs on, and the pod itself does not)."""
    facts: dict[str, str] = {}
    if spec.get("runtimeClassName") is not None:
        facts["runtime-class"] = src.text(spec, "runtimeClassName", pointer)
    selector = spec.get("nodeSelector")
    if type(selector) is dict:
        system = selector.get("kubernetes.io/os", selector.get("beta.kubernetes.io/os"))
        if type(system) is str:
            facts["node-os"] = system
    return facts
