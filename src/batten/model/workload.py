"""Workloads and their containers, the same two nouns for every platform (DESIGN section 2).

A field is *set* (it has a place), a *platform default* (the reader resolved it from its table; it has
no place), or `Absent`. `container.where("privileged")` gives the place, or the container's own.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from batten.model.image import ImageReference
from batten.model.source import Document, Place, Pointer
from batten.model.values import NOT_EXPRESSIBLE, Absent, Capabilities, Profile, SELinux, User, nothing

Platform = Literal["kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet", "dockerfile"]
VolumeKind = Literal["host", "volume", "memory", "secret", "config", "projected", "image", "other"]
ContainerKind = Literal["main", "init", "sidecar", "ephemeral"]


class Resource(Struct, frozen=True, omit_defaults=True, gc=False):
    """What a finding is about, as its platform names it."""

    platform: str
    kind: str
    name: str
    namespace: str = ""
    container: str = ""


class Volume(Struct, frozen=True, gc=False):
    """Something that containers may mount. `type` is the platform's own word (`hostPath`, `bind`).

    `source` is the host path for `host`, else the name of the volume, secret or config map. `document`
    (of all the small structs here) is set where the entry stands in another document than its container.
    """

    name: str
    kind: VolumeKind
    type: str
    source: str = ""
    pointer: Pointer = ()
    read_only: bool = False
    document: Document | None = None


class Mount(Struct, frozen=True, gc=False):
    """A volume seen from inside a container."""

    volume: str
    target: str
    read_only: bool = False
    pointer: Pointer = ()
    document: Document | None = None


class Port(Struct, frozen=True, gc=False):
    """A port of a container. `host` is 0 where it is not published on the host, -1 for a random one.

    `host_ip` "" means all interfaces. Ranges are one entry with `container_end`/`host_end`.
    """

    container: int
    host: int = 0
    host_ip: str = ""
    protocol: str = "tcp"
    container_end: int = 0
    host_end: int = 0
    pointer: Pointer = ()
    document: Document | None = None


class EnvVar(Struct, frozen=True, gc=False):
    """An environment variable. `value` is None where it comes from elsewhere (`source` says where; `build`: an ARG of
    a Dockerfile, whose value the image keeps)."""

    name: str
    value: str | None = None
    source: Literal["literal", "secret", "config", "field", "file", "host", "build", "unknown"] = "literal"
    reference: str = ""
    pointer: Pointer = ()
    document: Document | None = None


class EnvSource(Struct, frozen=True, gc=False):
    """Many variables at once: `envFrom`, `env_file`."""

    kind: Literal["secret", "config", "file"]
    reference: str
    pointer: Pointer = ()
    document: Document | None = None


class Device(Struct, frozen=True, gc=False):
    """A device of the host mapped into the container."""

    path: str
    target: str = ""
    permissions: str = "rwm"
    pointer: Pointer = ()
    document: Document | None = None


class Sysctl(Struct, frozen=True, gc=False):
    name: str
    value: str = ""
    pointer: Pointer = ()
    document: Document | None = None


class ProbeHost(Struct, frozen=True, gc=False):
    """A probe or lifecycle hook that names a host (PSS `hostProbesAndHostLifecycle`)."""

    where: str
    host: str
    pointer: Pointer = ()
    document: Document | None = None


class Ulimit(Struct, frozen=True, gc=False):
    """Soft and hard limit; -1 is unlimited."""

    name: str
    soft: int
    hard: int
    pointer: Pointer = ()
    document: Document | None = None


class BuildRight(Struct, frozen=True, gc=False):
    """What the steps of a build may have of the machine that builds; `name` is BuildKit's word for it.

    `used`: every step has it; else those that ask for it. `written`: how the file says so.
    """

    name: Literal["security.insecure", "network.host", "device"]
    written: str
    used: bool = False
    pointer: Pointer = ()
    document: Document | None = None


class Build(Struct, frozen=True, gc=False):
    """How an image is built beside the manifest: paths relative to the target's root."""

    context: str
    dockerfile: str
    target: str = ""
    args: tuple[tuple[str, str | None], ...] = ()
    pointer: Pointer = ()
    document: Document | None = None
    rights: tuple[BuildRight, ...] = ()
    only_rights: bool = False
    """The file says nothing else of the build: without them, that it is built must stay."""
    contexts: tuple[tuple[str, str], ...] = ()
    """What the build is given by name, and where that is: `("base", "docker-image://alpine:3.22")`."""


class Container(Struct, frozen=True, eq=False, kw_only=True, gc=False):
    """One container of a workload. Units: bytes, cores, counts."""

    name: str
    platform: Platform
    workload: str
    """`Workload.id`."""
    document: Document
    pointer: Pointer
    resource: Resource
    scope: str
    kind: ContainerKind = "main"
    os: Literal["linux", "windows", ""] = ""
    places: dict[str, Pointer] = field(default_factory=nothing)
    """Where each *set* field stands; a field without an entry is a platform default or absent."""
    documents: dict[str, Document] = field(default_factory=nothing)
    """Set fields that stand in another document than this one (Compose `extends`, overrides)."""

    image: ImageReference | Absent | None = None
    """None: nothing is written (it is built beside the manifest, see `build`)."""
    build: Build | None = None
    command: tuple[str, ...] | None = None
    """Overrides the image's entry point; None: not written."""
    args: tuple[str, ...] | None = None

    user: User | Absent = NOT_EXPRESSIBLE
    privileged: bool | Absent = NOT_EXPRESSIBLE
    privilege_escalation: bool | Absent = NOT_EXPRESSIBLE
    """True: the process may gain privileges (`no_new_privs` is off)."""
    capabilities: Capabilities | Absent = NOT_EXPRESSIBLE
    seccomp: Profile | Absent = NOT_EXPRESSIBLE
    apparmor: Profile | Absent = NOT_EXPRESSIBLE
    selinux: SELinux | Absent = NOT_EXPRESSIBLE
    proc_mount: str | Absent = NOT_EXPRESSIBLE
    """`default` or `unmasked`, else the word that is written."""
    host_process: bool | Absent = NOT_EXPRESSIBLE
    """Windows HostProcess container."""
    read_only_root: bool | Absent = NOT_EXPRESSIBLE
    memory_limit: int | Absent | None = NOT_EXPRESSIBLE
    """Bytes; None: unlimited."""
    memory_request: int | Absent | None = NOT_EXPRESSIBLE
    cpu_limit: float | Absent | None = NOT_EXPRESSIBLE
    """Cores; None: unlimited."""
    cpu_request: float | Absent | None = NOT_EXPRESSIBLE
    pids_limit: int | Absent | None = NOT_EXPRESSIBLE
    healthcheck: bool | Absent = NOT_EXPRESSIBLE
    """A health check or probe is there."""
    restart: str | Absent = NOT_EXPRESSIBLE
    """The platform's word; "" where nothing is written."""
    log_driver: str | Absent = NOT_EXPRESSIBLE

    mounts: tuple[Mount, ...] = ()
    devices: tuple[Device, ...] | Absent = NOT_EXPRESSIBLE
    ports: tuple[Port, ...] = ()
    environment: tuple[EnvVar, ...] = ()
    environment_from: tuple[EnvSource, ...] = ()
    probe_hosts: tuple[ProbeHost, ...] = ()
    ulimits: tuple[Ulimit, ...] | Absent = NOT_EXPRESSIBLE

    def is_set(self, name: str) -> bool:
        """The field is written in the file (not a platform default)."""
        return name in self.places

    def where(self, name: str = "") -> Place:
        """The place of field `name`; the container's own where the field is not written."""
        return Place(self.documents.get(name, self.document), self.places.get(name, self.pointer))

    def at(self, part: Mount | Device | Port | EnvVar | EnvSource | ProbeHost | Ulimit | Build | BuildRight) -> Place:
        """The place of one entry of a list field."""
        return Place(part.document or self.document, part.pointer or self.pointer)


class Workload(Struct, frozen=True, eq=False, kw_only=True, gc=False):
    """What is scheduled as one: a pod or its controller, a service, a task definition, a container."""

    id: str
    """Unique in a scan: scope, platform, namespace, kind, name."""
    platform: Platform
    kind: str
    name: str
    document: Document
    pointer: Pointer
    """The pod spec, the service, the task definition."""
    resource: Resource
    scope: str
    namespace: str = ""
    containers: tuple[Container, ...] = ()
    places: dict[str, Pointer] = field(default_factory=nothing)
    documents: dict[str, Document] = field(default_factory=nothing)
    """As in `Container`; entries of list fields (`Mount.document`) say it themselves."""
    object_pointer: Pointer = ()
    """The whole object (Kubernetes: the document or the list item)."""
    metadata_pointer: Pointer = ()
    """Metadata of the object; `template_pointer` that of the pod template ("" for plain pods)."""
    template_pointer: Pointer = ()
    labels: dict[str, str] = field(default_factory=nothing)
    """Labels of the pods (what selectors match)."""
    annotations: dict[str, str] = field(default_factory=nothing)
    """Annotations of the object and, winning, of the pod template."""
    os: Literal["linux", "windows", ""] = ""
    """What the manifest says it runs on; "" where it does not say."""
    replicas: int | None = None

    host_network: bool | Absent = NOT_EXPRESSIBLE
    host_pid: bool | Absent = NOT_EXPRESSIBLE
    host_ipc: bool | Absent = NOT_EXPRESSIBLE
    user_namespace: bool | Absent = NOT_EXPRESSIBLE
    """True: uid 0 inside is not uid 0 on the host (`hostUsers: false`)."""
    share_process_namespace: bool | Absent = NOT_EXPRESSIBLE
    sysctls: tuple[Sysctl, ...] | Absent = NOT_EXPRESSIBLE
    volumes: tuple[Volume, ...] = ()
    claimed: tuple[Volume, ...] = ()
    """Of its claims of persistent volumes the folders of the host that they are bound to (the link step)."""
    networks: tuple[str, ...] = ()
    """Names of the networks it joins (Compose, Swarm, Docker)."""
    network_mode: str | Absent = NOT_EXPRESSIBLE
    """The platform's word: `bridge`, `awsvpc`, `container:x`, `service:x`, `none`; "" unset."""

    service_account: str | Absent = NOT_EXPRESSIBLE
    """Kubernetes: its name (`default` where not written)."""
    automount_token: bool | Absent | None = NOT_EXPRESSIBLE
    """None: the pod does not say (the service account decides, see the link step)."""
    task_role: str | Absent = NOT_EXPRESSIBLE
    execution_role: str | Absent = NOT_EXPRESSIBLE

    pod_user: User | None = None
    """Kubernetes: what the pod's own security context says, before containers override it."""
    pod_seccomp: Profile | None = None
    pod_apparmor: Profile | None = None
    pod_selinux: SELinux | None = None
    pod_host_process: bool | None = None
    pod_run_as_non_root: bool | None = None
    """Kubernetes: `runAsNonRoot` of the pod as written; a written false is not the same as silence."""
    pod_annotations: dict[str, str] = field(default_factory=nothing)
    """Kubernetes: annotations of the pod (template) alone; those of a controller do not reach its pods."""
    facts: dict[str, str] = field(default_factory=nothing)
    """Platform facts that one check needs and no other platform has, e.g. `exec`, `launch-type`."""

    def is_set(self, name: str) -> bool:
        return name in self.places

    def where(self, name: str = "") -> Place:
        """The place of field `name`; the workload's own where the field is not written."""
        return Place(self.documents.get(name, self.document), self.places.get(name, self.pointer))

    def at(self, part: Volume | Sysctl) -> Place:
        return Place(part.document or self.document, part.pointer or self.pointer)
