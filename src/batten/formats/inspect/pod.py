"""Records of `podman pod inspect` (podman-pod-inspect(1)): what all containers of a pod share.

Its own container, the infra container, holds the namespaces, the ports and the mounts; what the others run as
stands in their own records.
"""

from __future__ import annotations

from typing import Any

from batten.formats import docker_values as values
from batten.formats.inspect.common import Record
from batten.formats.part import Part
from batten.model.values import UNKNOWN


class PodRecord(Record):
    """A pod of Podman."""

    mounts_key = "mounts"

    def __init__(self, part: Part) -> None:
        super().__init__(part)
        self.host = part.part("InfraConfig")

    def read(self) -> None:
        """The namespaces, ports, devices and security options of the infra container."""
        shares = self.host.flag("HostNetwork")
        self.put_workload("host_network", shares, self.host, "HostNetwork")
        self.put_workload("network_mode", "host" if shares is True else "", self.host, "HostNetwork")
        self.put_workload("host_pid", self.host.text("pid_ns") == "host", self.host, "pid_ns")
        self.workload["networks"] = tuple(self.host.texts("Networks"))
        self.container["image"] = UNKNOWN
        self.container["ports"] = tuple(self._ports())
        self.container["devices"] = tuple(self._devices(self.part.parts("devices")))
        self._security()

    def _security(self) -> None:
        read = values.security_options(self.part.texts("security_opt"))
        found: dict[str, Any] = {
            "privilege_escalation": None if read.no_new_privileges is None else not read.no_new_privileges,
            "seccomp": read.seccomp,
            "apparmor": read.apparmor,
            "selinux": read.selinux,
            "proc_mount": "unmasked" if read.unmasked else None,
        }
        keys = {"privilege_escalation": "no_new_privileges", "proc_mount": "unmasked"}
        for field, value in found.items():
            if value is not None:
                self.container[field] = value
                index = read.at[keys.get(field, field)][-1]
                self.container_places[field] = (*self.part.at("security_opt"), index)
