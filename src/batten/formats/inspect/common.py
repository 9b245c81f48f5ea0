"""What records of Docker and Podman have in common: the shape of the Docker Engine API's container inspect."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from batten.formats import docker_values as values
from batten.formats.inspect.engine import EngineFacts
from batten.formats.part import Part, as_text
from batten.model.source import Pointer
from batten.model.values import UNKNOWN, User
from batten.model.workload import Device, EnvVar, Mount, Port, Sysctl, Ulimit, Volume, VolumeKind

_CPU_PERIOD = 100_000  # microseconds; the engines' default
_NANO = 1_000_000_000
_KINDS: dict[str, VolumeKind] = {
    "bind": "host",
    "volume": "volume",
    "tmpfs": "memory",
    "image": "image",
    "npipe": "host",
    "cluster": "volume",
}


class Record:
    """A container's record, read into the fields of a `Container` and of its `Workload`.

    A field that the record has a key for is set there, whatever the value: the record says what is.
    """

    mounts_key = "Mounts"

    def __init__(self, part: Part, engine: EngineFacts | None = None) -> None:
        self.part = part
        self.engine = EngineFacts() if engine is None else engine
        self.config = part.part("Config")
        self.host = part.part("HostConfig")
        self.container: dict[str, Any] = {}
        self.workload: dict[str, Any] = {}
        self.container_places: dict[str, Pointer] = {}
        self.workload_places: dict[str, Pointer] = {}

    def put(self, field: str, value: Any, owner: Part, key: str) -> None:
        self.container[field] = value
        if _has(owner, key):
            self.container_places[field] = owner.at(key)

    def put_workload(self, field: str, value: Any, owner: Part, key: str) -> None:
        self.workload[field] = value
        if _has(owner, key):
            self.workload_places[field] = owner.at(key)

    def read(self) -> None:
        """The fields that both engines write alike."""
        self.read_image()
        self.put("privileged", self.host.flag("Privileged"), self.host, "Privileged")
        self.put("read_only_root", self.host.flag("ReadonlyRootfs"), self.host, "ReadonlyRootfs")
        self._limits()
        self.put("log_driver", self.host.part("LogConfig").text("Type"), self.host, "LogConfig")
        restart = self.host.part("RestartPolicy").text("Name")
        self.put("restart", "" if restart == "no" else restart, self.host, "RestartPolicy")
        self._namespaces()
        self.container["ports"] = tuple(self._ports())
        self.container["devices"] = tuple(self._devices(self.host.parts("Devices")))

    def read_image(self) -> None:
        """The fields that an image has, too."""
        text = self.config.text("User")
        # the image's user was merged in when the container was made: none means root
        user = values.user(text) if text else self._user_of_image()
        self.put("user", user, self.config, "User")
        self._commands()
        self._environment()
        self._health()

    def _user_of_image(self) -> User:
        found = self.engine.user_of(self.part.text("Image"))
        if found is None and isinstance(self.config.value, dict):
            found = User(uid=0)
        return User(decided_by="image") if found is None else replace(found, decided_by="image")

    def _limits(self) -> None:
        for field, key in (("memory_limit", "Memory"), ("memory_request", "MemoryReservation")):
            self.put(field, _positive(self.host.integer(key)), self.host, key)
        nano, quota = self.host.integer("NanoCpus"), self.host.integer("CpuQuota")
        if isinstance(nano, int) and nano > 0:
            self.put("cpu_limit", nano / _NANO, self.host, "NanoCpus")
        elif isinstance(quota, int) and quota > 0:
            period = self.host.integer("CpuPeriod")
            length = period if isinstance(period, int) and period > 0 else _CPU_PERIOD
            self.put("cpu_limit", quota / length, self.host, "CpuQuota")
        else:
            self.put("cpu_limit", None, self.host, "NanoCpus")
        # null, 0 and -1 are all unlimited
        self.put("pids_limit", _positive(self.host.integer("PidsLimit")), self.host, "PidsLimit")
        ulimits = []
        for part in self.host.parts("Ulimits"):
            soft, hard = part.integer("Soft"), part.integer("Hard")
            if isinstance(soft, int) and isinstance(hard, int):
                name = part.text("Name").lower().removeprefix("rlimit_")
                ulimits.append(Ulimit(name, soft, hard, part.pointer))
        self.put("ulimits", tuple(ulimits), self.host, "Ulimits")

    def _commands(self) -> None:
        entry = self.config.get("Entrypoint")
        # Podman before 5 wrote the entry point as one text
        command = tuple(entry.split()) if isinstance(entry, str) else tuple(self.config.texts("Entrypoint"))
        self.put("command", command or None, self.config, "Entrypoint")
        self.put("args", tuple(self.config.texts("Cmd")) or None, self.config, "Cmd")

    def _environment(self) -> None:
        variables = []
        for index, text in enumerate(self.config.texts("Env")):
            name, equals, value = text.partition("=")
            variables.append(EnvVar(name, value if equals else "", pointer=(*self.config.at("Env"), index)))
        self.container["environment"] = tuple(variables)

    def _health(self) -> None:
        for key in ("Healthcheck", "HealthCheck"):
            test = self.config.part(key).texts("Test")
            if test:
                self.put("healthcheck", test[0] != "NONE", self.config, key)
                return
        self.container["healthcheck"] = False

    def _namespaces(self) -> None:
        mode = self.host.text("NetworkMode")
        self.put_workload("host_network", mode == "host", self.host, "NetworkMode")
        self.put_workload("network_mode", "" if mode == "default" else mode, self.host, "NetworkMode")
        self.put_workload("host_pid", self.host.text("PidMode") == "host", self.host, "PidMode")
        self.put_workload("host_ipc", self.host.text("IpcMode") == "host", self.host, "IpcMode")
        networks = self.part.part("NetworkSettings").get("Networks")
        # `none` and `host` are ways to have no network of one's own, which `network_mode` says already
        own = [name for name in networks if name not in ("none", "host")] if isinstance(networks, dict) else ()
        self.workload["networks"] = tuple(own)
        sysctls = self.host.part("Sysctls")
        found = sysctls.value if isinstance(sysctls.value, dict) else {}
        self.put_workload(
            "sysctls",
            tuple(Sysctl(name, as_text(value), sysctls.at(name)) for name, value in found.items()),
            self.host,
            "Sysctls",
        )

    def _ports(self) -> list[Port]:
        ports = []
        bindings = self.host.part("PortBindings")
        for name in bindings.value if isinstance(bindings.value, dict) else {}:
            number, _, protocol = name.partition("/")
            inside = values.port_range(number)
            for part in bindings.parts(name) if inside is not None else ():
                outside = values.port_range(part.text("HostPort"))
                host = outside.first if outside is not None and outside.first else -1
                end = outside.last if outside is not None and outside.last > outside.first else 0
                address = part.text("HostIp")
                assert inside is not None
                ports.append(Port(inside.first, host, address, protocol or "tcp", 0, end, part.pointer))
        return ports

    def _devices(self, parts: list[Part]) -> list[Device]:
        return [
            Device(
                part.text("PathOnHost"),
                part.text("PathInContainer") or part.text("PathOnHost"),
                part.text("CgroupPermissions") or "rwm",
                part.pointer,
            )
            for part in parts
        ]

    def mounts(self) -> tuple[tuple[Volume, ...], tuple[Mount, ...]]:
        """Mounts as the engine made them; memory that stands in `HostConfig.Tmpfs` alone is added."""
        volumes: dict[str, Volume] = {}
        mounts: list[Mount] = []

        def add(kind: VolumeKind, type_: str, source: str, target: str, read_only: bool, pointer: Pointer) -> None:
            name = source or f"{type_}:{target}"
            volumes.setdefault(name, Volume(name, kind, type_, source, pointer, read_only))
            mounts.append(Mount(name, target, read_only, pointer))

        for part in self.part.parts(self.mounts_key):
            type_ = part.text("Type")
            source = part.text("Name") if type_ == "volume" else "" if type_ == "tmpfs" else part.text("Source")
            kind = _KINDS.get(type_, "other")
            if type_ == "volume" and (bound := self.engine.bound(source)):
                kind, source = "host", bound
            add(kind, type_, source, part.text("Destination"), part.flag("RW") is False, part.pointer)
        if not mounts:
            self._declared(add)
        known = {mount.target for mount in mounts}
        tmpfs = self.host.part("Tmpfs")
        for target, options in (tmpfs.value if isinstance(tmpfs.value, dict) else {}).items():
            if target not in known:
                add("memory", "tmpfs", "", target, "ro" in as_text(options).split(","), tmpfs.at(target))
        return tuple(volumes.values()), tuple(mounts)

    def _declared(self, add: Any) -> None:
        """Binds that were asked for, where the record has no list of mounts."""
        for index, text in enumerate(self.host.texts("Binds")):
            source, target, options = values.bind(text)
            host = "/" in source or "\\" in source
            pointer = (*self.host.at("Binds"), index)
            add("host" if host else "volume", "bind" if host else "volume", source, target, "ro" in options, pointer)


def _has(owner: Part, key: str) -> bool:
    return isinstance(owner.value, dict) and key in owner.value


def _positive(number: Any) -> Any:
    return number if number is UNKNOWN or (isinstance(number, int) and number > 0) else None
