"""Records of `docker inspect` (Docker Engine API, ContainerInspect).

A user namespace shows in the paths of the engine's files: with `userns-remap` they lie in a folder named
for the first ids (`/var/lib/docker/165536.165536/…`), and a rootless engine keeps them in a home directory.
"""

from __future__ import annotations

from batten.formats import docker_values as values
from batten.formats.inspect.common import Record
from batten.formats.part import Part
from batten.model.values import UNKNOWN, Profile, SELinux
from batten.pattern import pattern

_PATHS = ("HostsPath", "ResolvConfPath", "HostnamePath", "LogPath")
_REMAPPED = pattern(r"/[0-9]+\.[0-9]+/containers/")
_ROOTLESS = pattern(r"/\.local/share/docker/containers/|^/run/user/[1-9]")


class DockerRecord(Record):
    """A container of Docker. A container that was never started has no AppArmor profile yet."""

    def read(self) -> None:
        super().read()
        options = self.host.texts("SecurityOpt")
        read = values.security_options(options)
        host = self.host

        def put(field: str, value: object, key: str) -> None:
            self.container[field] = value
            if key in read.at:
                self.container_places[field] = (*host.at("SecurityOpt"), read.at[key][-1])

        self.put("capabilities", values.capabilities(host.texts("CapAdd"), host.texts("CapDrop")), host, _caps(host))
        restricted = read.no_new_privileges or (self.engine.no_new_privileges and "no_new_privileges" not in read.at)
        self.put("privilege_escalation", not restricted, host, "SecurityOpt")
        put("seccomp", read.seccomp or Profile("runtime-default"), "seccomp")
        if read.seccomp is None and self.engine.seccomp is not None:
            self.put("seccomp", self.engine.seccomp, host, "SecurityOpt")  # that nothing stands there decides
        put("selinux", read.selinux or SELinux(), "selinux")
        put("apparmor", read.apparmor or UNKNOWN, "apparmor")
        profile = self.part.text("AppArmorProfile")
        if profile:
            self.put("apparmor", values.profile(profile), self.part, "AppArmorProfile")
        # an empty list is `systempaths=unconfined`; null is what privileged containers have
        masked = host.get("MaskedPaths")
        self.put("proc_mount", "unmasked" if masked == [] else "default", host, "MaskedPaths")
        self.put_workload("user_namespace", self._user_namespace(), host, "UsernsMode")

    def _user_namespace(self) -> bool:
        if self.engine.rootless:
            return True  # `host` is the user's own namespace there
        if self.host.text("UsernsMode") == "host":
            return False
        return self.engine.remapped or any(
            _REMAPPED.search(path) or _ROOTLESS.search(path) for path in map(self.part.text, _PATHS)
        )


def _caps(host: Part) -> str:
    return "CapAdd" if host.get("CapAdd") else "CapDrop"
