"""Records of `podman inspect` (podman-container-inspect(1)).

They look like Docker's but are not: `CapAdd` and `CapDrop` are differences to the default set with `CAP_`
before the names (`--cap-drop all` appears as every name of the set), an unset `NetworkMode` is `bridge`,
`PidsLimit` 2048 and the limits of the user are written out, and some options show nowhere but in
`Config.CreateCommand`: host IPC (shown as `shareable`), kernel parameters, unmasked paths, dropping all
capabilities. So that command is read, too.
"""

from __future__ import annotations

from typing import Any

from batten.formats import docker_values as values
from batten.formats.inspect.common import Record
from batten.formats.part import Part
from batten.formats.quadlet.options import Options, parse
from batten.formats.quadlet.podman import container_fields, workload_fields
from batten.model.values import UNKNOWN, Capabilities
from batten.pattern import pattern

_PATHS = ("ConmonPidFile", "PidFile", "StaticDir", "HostsPath", "ResolvConfPath")
_ROOTLESS = pattern(r"^/run/user/[1-9]|/\.local/share/containers/")
_ROOTFUL = pattern(r"^/run/(?:containers|libpod)/|^/var/lib/containers/")
_VERBS = ("create", "run")


class PodmanRecord(Record):
    """A container of Podman."""

    def read(self) -> None:
        super().read()
        self.command = self._command()
        written = container_fields(self.command)
        self._capabilities()
        options = values.security_options(self.host.texts("SecurityOpt"))

        def put(field: str, value: Any, key: str) -> None:
            self.container[field] = value
            if key in options.at:
                self.container_places[field] = (*self.host.at("SecurityOpt"), options.at[key][-1])
            elif value is None:
                self.container[field] = written.values[field]
                if field in written.places:
                    self.container_places[field] = written.places[field]

        self.put("privilege_escalation", not options.no_new_privileges, self.host, "SecurityOpt")
        put("seccomp", options.seccomp, "seccomp")
        if options.seccomp is None and self.engine.seccomp is not None:
            self.put("seccomp", self.engine.seccomp, self.host, "SecurityOpt")
        put("selinux", options.selinux, "selinux")
        put("apparmor", options.apparmor or UNKNOWN, "apparmor")
        put("proc_mount", "unmasked" if options.unmasked else None, "unmasked")
        profile = self.part.text("AppArmorProfile")
        if profile:
            self.put("apparmor", values.profile(profile), self.part, "AppArmorProfile")
        self._from_command(written.places, written.values)
        self._user_namespace()

    def _command(self) -> Options:
        """The options of the command that made the container, each with its place."""
        words = self.config.texts("CreateCommand")
        verb = next((n for n, word in enumerate(words) if word in _VERBS), None)
        if verb is None:
            return Options(())
        pointer = self.config.at("CreateCommand")
        return Options(
            parse([(word, (*pointer, n)) for n, word in enumerate(words) if n > verb], until_positional=True)
        )

    def _capabilities(self) -> None:
        """All are dropped where the command says so, or where hardly anything is left."""
        bounding = [values.capability(name) for name in self.part.texts("BoundingCaps")]
        added, dropped = self.host.texts("CapAdd"), self.host.texts("CapDrop")
        said = [values.capability(option.value) for option in self.command.every("cap-drop")]
        privileged = self.host.flag("Privileged") is True
        listed = _has_list(self.part, "BoundingCaps")
        if not privileged and ("ALL" in said or (listed and dropped and set(bounding) <= {"NET_BIND_SERVICE"})):
            kept = bounding if listed else [values.capability(name) for name in added]
            read = Capabilities(tuple(kept), ("ALL",))
        else:
            # what the host itself lacks shows as dropped in a privileged container
            read = values.capabilities(added, () if privileged else dropped)
        self.put("capabilities", read, self.host, "CapAdd" if added else "CapDrop")

    def _from_command(self, places: dict[str, Any], written: dict[str, Any]) -> None:
        """What the record itself does not show."""
        if not self.container["devices"] and written["devices"]:
            self.container["devices"] = written["devices"]
        namespaces = workload_fields(self.command)
        if not self.workload["sysctls"]:
            self.workload["sysctls"] = namespaces.values["sysctls"]
        for field in ("host_ipc", "host_pid", "host_network"):
            if namespaces.values[field] and not self.workload[field]:
                self.workload[field] = True
                self.workload_places[field] = namespaces.places[field]

    def _user_namespace(self) -> None:
        """Mapped ids, a mode that maps them, or a user's own Podman."""
        mode = self.host.text("UsernsMode").partition(":")[0]
        mapped = isinstance(self.host.part("IDMappings").value, dict)
        paths = [self.part.text(name) for name in _PATHS]
        value: Any = UNKNOWN
        if (
            self.engine.rootless
            or mapped
            or mode in ("private", "auto", "keep-id", "nomap")
            or any(_ROOTLESS.search(path) for path in paths)
        ):
            value = True
        elif any(_ROOTFUL.search(path) for path in paths):
            value = False
        self.put_workload("user_namespace", value, self.host, "IDMappings" if mapped else "UsernsMode")


def _has_list(part: Part, name: str) -> bool:
    return isinstance(part.get(name), list)
