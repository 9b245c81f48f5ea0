"""Container definitions of a task (ContainerDefinition of the ECS API, 2014-11-13).

Defaults are what Docker gives on a container instance: its seccomp profile and, where the instance has
AppArmor, its AppArmor profile; the default capabilities; privileges that may be gained; the image's user.
"""

from __future__ import annotations

from typing import Any

from batten.formats import docker_values as values
from batten.formats.ecs.platform import TEMPLATE, Platform
from batten.formats.part import Part, as_text
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Pointer
from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Absent, Capabilities, Profile, SELinux, User
from batten.model.workload import Device, EnvSource, EnvVar, Mount, Port, Ulimit

CPU_UNITS = 1024  # of one core
_PERMISSIONS = {"read": "r", "write": "w", "mknod": "m"}


class Definition:
    """One container definition: the fields of a `Container`, and the places of those that are written."""

    def __init__(self, part: Part, task: Part, platform: Platform) -> None:
        self.part = part
        self.task = task
        self.platform = platform
        self.linux = part.part("linuxParameters")
        self.values: dict[str, Any] = {}
        self.places: dict[str, Pointer] = {}
        self.templates: list[Pointer] = []
        """Judged fields that a template fills in."""

    def read(self) -> None:
        """Fill `values` and `places`; mounts are the task's to read."""
        self._put("image", "image", self._image())
        self._put("command", "entryPoint", self._words("entryPoint"))
        self._put("args", "command", self._words("command"))
        self._privileges()
        self._security_options()
        self._limits()
        self._ports()
        self._environment()
        self._devices()
        check = self.part.part("healthCheck").texts("command")
        self._put("healthcheck", "healthCheck", bool(check) and check[0] != "NONE")
        self._put("log_driver", "logConfiguration", self.part.part("logConfiguration").text("logDriver"))
        restart = self.part.part("restartPolicy").flag("enabled")
        self._put("restart", "restartPolicy", "enabled" if restart is True else "")
        for name in self.platform.inexpressible:
            if name in self.values:
                self.values[name] = NOT_EXPRESSIBLE
                self.places.pop(name, None)

    def refused(self) -> list[str]:
        """What is written although the platform refuses it, by its name in the definition."""
        names = {
            "privileged": self.part.get("privileged"),
            "dockerSecurityOptions": self.part.get("dockerSecurityOptions"),
            "devices": self.linux.get("devices"),
        }
        fields = {"privileged": "privileged", "dockerSecurityOptions": "privilege_escalation", "devices": "devices"}
        return [name for name, value in names.items() if value and fields[name] in self.platform.inexpressible]

    def _put(self, field: str, name: str, value: Any, part: Part | None = None) -> None:
        part = part if part is not None else self.part
        self.values[field] = value
        written = part.get(name)
        if written is not None:
            self.places[field] = part.at(name)
            if value is UNKNOWN and isinstance(written, str) and values.is_template(written):
                self.templates.append(part.at(name))

    def _image(self) -> ImageReference | Absent:
        text = self.part.text("image")
        return UNKNOWN if not text or values.is_template(text) else parse_reference(text) or UNKNOWN

    def _words(self, name: str) -> tuple[str, ...] | None:
        return tuple(self.part.texts(name)) if isinstance(self.part.get(name), list) else None

    def _privileges(self) -> None:
        text = self.part.text("user")
        self._put("user", "user", values.user(text) if text else User(decided_by="default"))
        self._put("privileged", "privileged", self.part.flag("privileged"))
        self._put("read_only_root", "readonlyRootFilesystem", self.part.flag("readonlyRootFilesystem"))
        listed = self.linux.part("capabilities")
        read: Capabilities | Absent = Capabilities()
        hidden = _hidden(self.part, "linuxParameters") or _hidden(self.linux, "capabilities")
        if hidden or _hidden(listed, "add") or _hidden(listed, "drop"):
            read = UNKNOWN
        elif listed.get("add") or listed.get("drop"):
            read = values.capabilities(listed.texts("add"), listed.texts("drop"))
        self._put("capabilities", "capabilities", read, self.linux)
        if read is UNKNOWN:
            place = (
                self.part.at("linuxParameters")
                if _hidden(self.part, "linuxParameters")
                else self.linux.at("capabilities")
            )
            if place not in self.templates:
                self.templates.append(place)

    def _security_options(self) -> None:
        name = "dockerSecurityOptions"
        read = values.security_options(self.part.texts(name))

        def put(field: str, value: Any, key: str) -> None:
            self.values[field] = value
            if key in read.at:
                self.places[field] = (*self.part.at(name), read.at[key][-1])

        if _hidden(self.part, name):
            for field in ("privilege_escalation", "apparmor", "selinux"):
                self.values[field] = UNKNOWN
            self.templates.append(self.part.at(name))
        else:
            put("privilege_escalation", not read.no_new_privileges, "no_new_privileges")
            put("apparmor", read.apparmor or Profile("runtime-default"), "apparmor")
            put("selinux", read.selinux or SELinux(), "selinux")
        # the API has no field for a seccomp profile: it is always the engine's own
        put("seccomp", Profile("runtime-default"), "")

    def _limits(self) -> None:
        """A task's own limits bound every container of it, except on instances of Windows, which ignore them."""
        whole = self.platform.task_memory(self.task), self.platform.task_cpu(self.task)
        memory, reserved = (_mebibytes(self.part.integer(name)) for name in ("memory", "memoryReservation"))
        if memory is None and whole[0] is not None:
            self._put("memory_limit", "memory", whole[0], self.task)
        else:
            self._put("memory_limit", "memory", memory)
        self._put("memory_request", "memoryReservation", reserved)
        shares = _cores(self.part.integer("cpu"))
        if self.platform.windows and (shares is not None or whole[1] is None):
            self._put("cpu_limit", "cpu", shares)
        elif whole[1] is not None:
            self._put("cpu_limit", "cpu", whole[1], self.task)
        else:
            # on Linux a container's units are a weight, not a limit
            self.values["cpu_limit"] = None
        self._put("cpu_request", "cpu", shares)
        ulimits = []
        for part in self.part.parts("ulimits"):
            soft, hard = part.integer("softLimit"), part.integer("hardLimit")
            if isinstance(soft, int) and isinstance(hard, int):
                ulimits.append(Ulimit(part.text("name"), soft, hard, part.pointer))
        self.values["ulimits"] = tuple(ulimits)

    def _ports(self) -> None:
        ports = []
        for part in self.part.parts("portMappings"):
            first, last = part.integer("containerPort"), 0
            ranged = values.port_range(part.text("containerPortRange"))
            if ranged is not None:
                first, last = ranged.first, ranged.last
            if isinstance(first, int) and 0 <= first <= 65535:
                host = self._host_port(part, ranged is not None)
                # the API takes anything but udp for tcp
                protocol = "udp" if part.text("protocol").lower() == "udp" else "tcp"
                ports.append(Port(first, host, "", protocol, last, 0, part.pointer))
        self.values["ports"] = tuple(ports)

    def _host_port(self, part: Part, ranged: bool) -> int:
        """On which port of the instance it is published: 0 none, -1 one that the agent chooses."""
        mode = self.platform.network_mode
        if mode in ("awsvpc", "none", TEMPLATE):
            return 0  # the task's own network interface, guarded by its security groups; or nobody knows
        port = part.integer("hostPort")
        if isinstance(port, int) and 0 < port <= 65535 and not ranged:
            return port
        # in the host's network nothing is published: every port of the process is the host's anyway
        return 0 if mode == "host" else -1

    def _environment(self) -> None:
        variables = []
        for part in self.part.parts("environment"):
            value = as_text(part.get("value"))
            if values.is_template(value):
                variables.append(EnvVar(part.text("name"), None, "unknown", value, part.pointer))
            else:
                variables.append(EnvVar(part.text("name"), value, "literal", "", part.pointer))
        for part in self.part.parts("secrets"):
            variables.append(EnvVar(part.text("name"), None, "secret", part.text("valueFrom"), part.pointer))
        self.values["environment"] = tuple(variables)
        self.values["environment_from"] = tuple(
            EnvSource("file", part.text("value"), part.pointer) for part in self.part.parts("environmentFiles")
        )

    def _devices(self) -> None:
        devices = []
        for part in self.linux.parts("devices"):
            path = part.text("hostPath")
            permissions = "".join(_PERMISSIONS.get(word, "") for word in part.texts("permissions"))
            devices.append(Device(path, part.text("containerPath") or path, permissions or "rwm", part.pointer))
        self._put("devices", "devices", tuple(devices), self.linux)

    def own_mounts(self) -> list[Mount]:
        """Mounts of the task's volumes and of memory."""
        found = []
        for part in self.part.parts("mountPoints"):
            read_only = part.flag("readOnly") is True
            found.append(Mount(part.text("sourceVolume"), part.text("containerPath"), read_only, part.pointer))
        for part in self.linux.parts("tmpfs"):
            target = part.text("containerPath")
            read_only = "ro" in part.texts("mountOptions")
            found.append(Mount(f"tmpfs:{self.part.text('name')}:{target}", target, read_only, part.pointer))
        return found


def _hidden(part: Part, name: str) -> bool:
    """A template stands for a mapping or a list, or for one of its items."""
    found = part.get(name)
    texts = found if isinstance(found, list) else [found]
    return any(isinstance(text, str) and values.is_template(text) for text in texts)


def _mebibytes(number: int | Absent | None) -> int | Absent | None:
    return number << 20 if isinstance(number, int) and 0 < number < 1 << 40 else number if number is UNKNOWN else None


def _cores(number: int | Absent | None) -> float | Absent | None:
    return number / CPU_UNITS if isinstance(number, int) and number > 0 else number if number is UNKNOWN else None
