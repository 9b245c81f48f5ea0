"""One service of a swarm, as the Engine API describes it (moby/api, types/swarm), as a workload.

The API knows no privileged containers, no devices and no namespaces of the host for services. What it
leaves out of a record is the default.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from batten.formats import docker_values
from batten.formats.compose.defaults import SWARM_CONTAINER, SWARM_WORKLOAD
from batten.formats.inspect.engine import EngineFacts
from batten.formats.part import Part, as_text
from batten.formats.windows import constrained_os
from batten.model.image import parse_reference
from batten.model.objects import Configuration
from batten.model.source import File, Pointer
from batten.model.values import UNKNOWN, Absent, Profile, SELinux
from batten.model.workload import (
    Container,
    EnvVar,
    Mount,
    Port,
    Resource,
    Sysctl,
    Ulimit,
    Volume,
    VolumeKind,
    Workload,
)

if TYPE_CHECKING:
    from batten.formats.document import TreeDocument

_NANO: Final = 1_000_000_000
_KINDS: Final[dict[str, VolumeKind]] = {
    "bind": "host",
    "npipe": "host",
    "volume": "volume",
    "tmpfs": "memory",
    "image": "image",
    "cluster": "volume",
}
_SECCOMP: Final = {"unconfined": Profile("unconfined"), "custom": Profile("localhost")}
# the API can say these where a stack file cannot
_DEFAULTS: Final[dict[str, Any]] = {
    **SWARM_CONTAINER,
    "privilege_escalation": True,
    "seccomp": Profile("runtime-default"),
    "apparmor": Profile("runtime-default"),
    "selinux": SELinux(),
}


def workload_of(document: TreeDocument, part: Part, file: File, engine: EngineFacts | None = None) -> Workload:
    """The workload of the service in `part`, an object with `Spec.TaskTemplate.ContainerSpec`."""
    return _Service(document, part, file, engine).workload()


def configuration_of(document: TreeDocument, part: Part, file: File) -> Configuration:
    """A secret or config of a swarm, of which an engine has told the name alone."""
    kind = "secret" if part.text("Kind") == "secret" else "config"
    spec = part.part("Spec")
    labels = {key: as_text(value) for key, value in _mapping(spec.get("Labels")).items()}
    return Configuration(
        document=document,
        pointer=part.pointer,
        resource=Resource("swarm", kind, spec.text("Name")),
        scope=_scope(file, labels),
        name=spec.text("Name"),
        labels=labels,
        secret=kind == "secret",
    )


def _scope(file: File, labels: dict[str, Any]) -> str:
    stack = as_text(labels.get("com.docker.stack.namespace"))
    return ":".join(one for one in (file.directory or ".", stack) if one)


class _Service:
    def __init__(self, document: TreeDocument, part: Part, file: File, engine: EngineFacts | None) -> None:
        self.engine = EngineFacts() if engine is None else engine
        self.document = document
        self.part = part
        self.spec = part.part("Spec")
        self.task = self.spec.part("TaskTemplate")
        self.box = self.task.part("ContainerSpec")
        self.name = self.spec.text("Name") or part.text("ID") or "service"
        self.scope = _scope(file, _mapping(self.spec.get("Labels")))
        self.id = f"{self.scope}/swarm//service/{self.name}"
        self.values: dict[str, Any] = {}
        self.places: dict[str, Pointer] = {}
        self.volumes: dict[str, Volume] = {}
        self.mounts: list[Mount] = []

    def put(self, field: str, value: Any, owner: Part, key: str) -> None:
        """The field is written in the record under `key` of `owner`."""
        if owner.get(key) is not None:
            self.values[field] = value
            self.places[field] = owner.at(key)

    def workload(self) -> Workload:
        resource = Resource("swarm", "service", self.name)
        container = self._container(resource)
        values, places = self._shared()
        return Workload(
            id=self.id,
            platform="swarm",
            kind="service",
            name=self.name,
            document=self.document,
            pointer=self.task.pointer,
            object_pointer=self.part.pointer,
            metadata_pointer=self.spec.pointer,
            resource=resource,
            scope=self.scope,
            containers=(container,),
            places=places,
            labels={key: as_text(value) for key, value in _mapping(self.box.get("Labels")).items()},
            annotations={key: as_text(value) for key, value in _mapping(self.spec.get("Labels")).items()},
            os=container.os,
            volumes=tuple(self.volumes.values()),
            **values,
        )

    def _container(self, resource: Resource) -> Container:
        self._privileges()
        self._limits()
        self._run()
        self._mounts()
        return Container(
            name=self.name,
            platform="swarm",
            workload=self.id,
            document=self.document,
            pointer=self.box.pointer,
            resource=resource,
            scope=self.scope,
            os=self._os(),
            places=self.places,
            environment=tuple(self._environment()),
            ports=tuple(self._ports()),
            mounts=tuple(self.mounts),
            **{**_DEFAULTS, **self.values},
        )

    def _privileges(self) -> None:
        box, privileges = self.box, self.box.part("Privileges")
        self.put("user", docker_values.user(box.text("User")), box, "User")
        self.put("read_only_root", box.flag("ReadOnly"), box, "ReadOnly")
        added, dropped = box.texts("CapabilityAdd"), box.texts("CapabilityDrop")
        capabilities = docker_values.capabilities(added, dropped)
        for key, part in (("CapabilityDrop", "drop"), ("CapabilityAdd", "add")):
            self.put("capabilities", capabilities, box, key)
            if box.get(key) is not None:
                self.places[f"capabilities.{part}"] = box.at(key)
        flag = privileges.flag("NoNewPrivileges")
        may_gain: bool | Absent = flag if isinstance(flag, Absent) else not flag
        self.put("privilege_escalation", may_gain, privileges, "NoNewPrivileges")
        seccomp = privileges.part("Seccomp")
        self.put("seccomp", _SECCOMP.get(seccomp.text("Mode"), Profile("runtime-default")), seccomp, "Mode")
        apparmor = privileges.part("AppArmor")
        word = apparmor.text("Mode")
        self.put("apparmor", Profile("unconfined" if word == "disabled" else "runtime-default"), apparmor, "Mode")
        selinux = privileges.part("SELinuxContext")
        texts = (selinux.text("Type"), selinux.text("User"), selinux.text("Role"), selinux.text("Level"))
        self.put("selinux", SELinux(*texts, selinux.flag("Disable") is True), privileges, "SELinuxContext")

    def _limits(self) -> None:
        for side, suffix in (("Limits", "limit"), ("Reservations", "request")):
            part = self.task.part("Resources").part(side)
            self.put(f"memory_{suffix}", _positive(part.integer("MemoryBytes")), part, "MemoryBytes")
            cores = _positive(part.integer("NanoCPUs"))
            self.put(f"cpu_{suffix}", cores / _NANO if isinstance(cores, int) else cores, part, "NanoCPUs")
        limits = self.task.part("Resources").part("Limits")
        self.put("pids_limit", _positive(limits.integer("Pids")), limits, "Pids")
        ulimits = [
            Ulimit(one.text("Name"), _limit(one, "Soft"), _limit(one, "Hard"), one.pointer)
            for one in self.box.parts("Ulimits")
        ]
        self.put("ulimits", tuple(ulimits), self.box, "Ulimits")

    def _run(self) -> None:
        image = parse_reference(self.box.text("Image"))
        self.put("image", image or UNKNOWN, self.box, "Image")
        known = self.engine.user_of(image) if image is not None and self.box.get("User") is None else None
        if known is not None:
            self.values["user"] = replace(known, decided_by="image")
        self.put("command", tuple(self.box.texts("Command")), self.box, "Command")
        self.put("args", tuple(self.box.texts("Args")), self.box, "Args")
        health = self.box.part("Healthcheck")
        self.put("healthcheck", health.texts("Test")[:1] not in ([], ["NONE"]), health, "Test")
        restart = self.task.part("RestartPolicy")
        attempts = restart.integer("MaxAttempts")
        more = f":{attempts}" if isinstance(attempts, int) and attempts > 0 else ""
        self.put("restart", restart.text("Condition") + more, restart, "Condition")
        driver = self.task.part("LogDriver")
        self.put("log_driver", driver.text("Name"), driver, "Name")

    def _mounts(self) -> None:
        for part in self.box.parts("Mounts"):
            kind, source, target = part.text("Type") or "volume", part.text("Source"), part.text("Target")
            name = source or f"{'tmpfs' if kind == 'tmpfs' else 'anonymous'} {target}"
            volume = Volume(name, _KINDS.get(kind, "other"), kind, source, part.pointer)
            if kind == "volume":
                volume = _declared(volume, part.part("VolumeOptions").part("DriverConfig"))
            self._mount(volume, Mount(name, target, part.flag("ReadOnly") is True, part.pointer))
        for key, folder in (("Secret", "/run/secrets/"), ("Config", "/")):
            for part in self.box.parts(f"{key}s"):
                name = part.text(f"{key}Name")
                path = part.part("File").text("Name") or name
                kind = key.lower()
                volume = Volume(
                    f"{kind} {name}",
                    "secret" if kind == "secret" else "config",
                    kind,
                    name,
                    part.pointer,
                    read_only=True,
                )
                target = path if path.startswith("/") else folder + path
                self._mount(volume, Mount(volume.name, target, True, part.pointer))

    def _mount(self, volume: Volume, mount: Mount) -> None:
        self.volumes.setdefault(volume.name, volume)
        self.mounts.append(mount)

    def _environment(self) -> list[EnvVar]:
        found = []
        for index, text in enumerate(self.box.texts("Env")):
            name, equals, value = text.partition("=")
            pointer = (*self.box.at("Env"), index)
            found.append(EnvVar(name, value if equals else None, "literal" if equals else "host", pointer=pointer))
        return found

    def _ports(self) -> list[Port]:
        """Every node listens on every address, in `ingress` mode and where the task runs in `host` mode."""
        endpoint = self.spec.part("EndpointSpec")
        parts = endpoint.parts("Ports") or self.part.part("Endpoint").parts("Ports")
        found = []
        for part in parts:
            inside, outside = part.integer("TargetPort"), part.integer("PublishedPort")
            if isinstance(inside, int):
                host = outside if isinstance(outside, int) and outside else -1
                found.append(Port(inside, host, "", part.text("Protocol") or "tcp", pointer=part.pointer))
        return found

    def _os(self) -> Any:
        asked = constrained_os(self.task.part("Placement").texts("Constraints"))
        if asked:
            return asked
        systems = {one.text("OS") for one in self.task.part("Placement").parts("Platforms")} - {""}
        systems = systems or set(self.engine.systems)
        if self.box.text("Isolation") in ("hyperv", "process") or systems == {"windows"}:
            return "windows"
        return "linux" if systems == {"linux"} else ""

    def _shared(self) -> tuple[dict[str, Any], dict[str, Pointer]]:
        """Fields of the workload, and their places."""
        values: dict[str, Any] = dict(SWARM_WORKLOAD)
        places: dict[str, Pointer] = {}
        networks = self.task if self.task.get("Networks") is not None else self.spec
        targets = [one.text("Target") for one in networks.parts("Networks")]
        known = bool(targets) and self.engine.networks.keys() >= set(targets)
        targets = [self.engine.networks.get(one, one) for one in targets]
        if targets:
            values["networks"] = tuple(targets)
            places["networks"] = networks.at("Networks")
            values["host_network"] = "host" in targets if known else self._host_network(targets)
        sysctls = self.box.part("Sysctls")
        if self.box.get("Sysctls") is not None:
            items = _mapping(sysctls.value).items()
            values["sysctls"] = tuple(Sysctl(key, as_text(value), sysctls.at(key)) for key, value in items)
            places["sysctls"] = sysctls.pointer
        replicas = self.spec.part("Mode").part("Replicated")
        count = replicas.integer("Replicas")
        if isinstance(count, int):
            values["replicas"] = count
            places["replicas"] = replicas.at("Replicas")
        return values, places

    def _host_network(self, targets: list[str]) -> bool | Absent:
        """Records name networks by identifier; one that gave the service no virtual address may be the host's."""
        if "host" in targets:
            return True
        addresses = {one.text("NetworkID") for one in self.part.part("Endpoint").parts("VirtualIPs")}
        return UNKNOWN if addresses and not addresses.issuperset(targets) else False


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _declared(volume: Volume, driver: Part) -> Volume:
    """A named volume may be a folder of the host in disguise, memory, or lie on another machine."""
    options = {key: as_text(value) for key, value in _mapping(driver.get("Options")).items()}
    name, type_ = driver.text("Name"), options.get("type", "")
    folder = docker_values.bound_folder(name, options)
    if folder:
        read_only = "ro" in options["o"].split(",")
        return replace(volume, kind="host", type="bind", source=folder, read_only=read_only)
    if not type_ or name not in ("", "local"):
        return volume
    return replace(volume, kind="memory" if type_ == "tmpfs" else "other", type=type_)


def _positive(number: int | Absent | None) -> int | Absent | None:
    """0 and below are no limit."""
    return number if isinstance(number, Absent) or (number is not None and number > 0) else None


def _limit(part: Part, name: str) -> int:
    number = part.integer(name)
    return number if isinstance(number, int) else -1
