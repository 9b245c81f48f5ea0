"""Neutral changes as edits of a Compose file or a Swarm stack.

A field is edited where it is decided. Where that is another file than the service's own (`extends`, an
override, an env file), or where the platform has no way to say it, `CannotEdit` gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, count
from typing import Any, Final

from batten.formats import docker_values
from batten.formats.compose import units
from batten.formats.compose.defaults import STACK_KEYS
from batten.formats.compose.interpolation import InvalidTemplate, Variable, parse
from batten.formats.volume_edits import in_volume, mounts_of, read_only, volume_name
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Document, Pointer
from batten.model.verdict import Change
from batten.model.workload import Container, Port, Volume, Workload

_RECORD: Final = "this is a record of a service that exists; change it with docker service update or deploy it again"
_NOT_HERE: Final = {
    "host_process": "Compose has no HostProcess containers",
    "share_process_namespace": "containers of a project share no processes unless pid: says so",
    "automount_token": "Compose mounts no service account token",
}
_GAIN: Final = "no-new-privileges"
_NO_GAIN: Final = "no-new-privileges:true"
_NO_ADDRESS: Final = (
    "a swarm publishes a port on every address of every node; restrict it in the firewall, or publish it "
    "through a proxy that is bound to one"
)


class ComposeWriter:
    """Implements `batten.formats.interface.Writer`."""

    platforms: tuple[str, ...] = ("compose", "swarm")

    def edits(self, change: Change) -> list[Edit]:
        """Edits on the document of `change.target`; raises `CannotEdit` with the reason."""
        if change.target.pointer[:1] not in (("services",), ("jobs",)):
            raise CannotEdit(_RECORD)
        if change.field in _NOT_HERE:
            raise CannotEdit(_NOT_HERE[change.field])
        service = _Service(change.target)
        method: Callable[[Any], list[Edit]] | None = getattr(_Changes(service), change.field, None)
        if method is None or change.field.startswith("_"):
            raise CannotEdit(f"Compose has no way to change {change.field}")
        edits = method(change.value)
        if not edits:
            raise CannotEdit("nothing in the file has to be changed for that")
        return edits

    def inherits(self, target: Container | Workload) -> Pointer | None:
        """The service of the same document that this one extends."""
        if target.pointer[:1] != ("services",):
            return None
        extends = _Service(target).raw((*target.pointer, "extends"))
        if isinstance(extends, dict) and "file" not in extends:
            extends = extends.get("service")
        return ("services", extends) if isinstance(extends, str) and "$" not in extends else None


class _Service:
    """The service that is changed: its place, and the value as it stands in its own document."""

    def __init__(self, target: Container | Workload) -> None:
        self.target = target
        self.document = target.document
        self.pointer = target.pointer
        self.is_swarm = target.platform == "swarm"

    def raw(self, pointer: Pointer) -> Any:
        """The document's own value at `pointer`, None where there is nothing."""
        value: Any = self.document.value  # type: ignore[attr-defined]
        for part in pointer:
            if isinstance(value, dict):
                value = value.get(part)
            elif isinstance(value, list) and isinstance(part, int) and part < len(value):
                value = value[part]
            else:
                return None
        return value

    def at(self, *keys: str) -> Pointer:
        """Where `keys` of the service stand or will stand; raises where a stack takes no notice of them."""
        if self.is_swarm and keys[0] not in STACK_KEYS:
            raise CannotEdit(f"docker stack deploy ignores {keys[0]}")
        return (*self.pointer, *keys)

    def place(self, field: str) -> Pointer | None:
        """Where the field is set, None where it is not; raises where that is another document."""
        if not self.target.is_set(field):
            return None
        where = self.target.where(field)
        self.own(where.document)
        return where.pointer

    def own(self, document: Document | None) -> None:
        """Raises where `document` is another than the service's."""
        if document is not None and document is not self.document:
            path = document.file.path
            same = path == self.document.file.path
            raise CannotEdit(f"it is decided in {'another document of ' if same else ''}{path}; change it there")

    def remove_set(self, field: str, otherwise: Any = None) -> list[Edit]:
        """Takes away what sets the field; `otherwise` is written over what comes from a merge key."""
        pointer = self.place(field)
        if pointer is None:
            return []
        if otherwise is not None and not self.can([Remove(pointer)]):
            return [Set(pointer, otherwise)]
        return [Remove(pointer)]

    def remove_items(self, pointer: Pointer, unwanted: Callable[[str], bool]) -> list[Edit]:
        """Takes texts out of the list at `pointer`; a list that comes from a merge key is written out without."""
        listed = self.raw(pointer)
        items = listed if isinstance(listed, list) else []
        gone = [index for index, item in enumerate(items) if isinstance(item, str) and unwanted(item)]
        edits: list[Edit] = [Remove((*pointer, index)) for index in gone]
        if edits and not self.can(edits):
            return [Set(pointer, [item for index, item in enumerate(items) if index not in gone])]
        return edits

    def can(self, edits: list[Edit]) -> bool:
        """Whether the document lets itself be edited so."""
        try:
            self.document.splices(edits)
        except CannotEdit:
            return False
        return True


class _Changes:
    """One method per neutral field (see `batten.formats.interface.Writer`)."""

    def __init__(self, service: _Service) -> None:
        self._service = service
        self._target = service.target

    # ------------------------------------------------------------------ privileges

    def privileged(self, value: bool) -> list[Edit]:
        return self._service.remove_set("privileged", otherwise=False)

    def privilege_escalation(self, value: bool) -> list[Edit]:
        pointer = self._service.at("security_opt")
        place = self._service.place("privilege_escalation")
        edits: list[Edit] = []
        if place is not None:
            # `no-new-privileges:true` may stand there already, before one that takes it back
            edits = self._service.remove_items(place[:-1], lambda item: _option(item) == _GAIN and item != _NO_GAIN)
        return [*edits, Append(pointer, _NO_GAIN)]

    def drop_capabilities(self, value: Iterable[str]) -> list[Edit]:
        pointer = self._service.at("cap_drop")
        return [Append(pointer, name) for name in value]

    def remove_capabilities(self, value: Iterable[str]) -> list[Edit]:
        names = set(value)
        pointer = self._service.place("capabilities.add")
        edits: list[Edit] = []
        if pointer is not None:
            edits = self._service.remove_items(pointer, lambda item: docker_values.capability(item) in names)
        if not edits:
            raise CannotEdit("it is added in another file of the project, or by a variable")
        return edits

    def user(self, value: int) -> list[Edit]:
        return [Set(self._service.place("user") or self._service.at("user"), f"{value}:{value}")]

    def read_only_root(self, value: bool) -> list[Edit]:
        return [Set(self._service.place("read_only_root") or self._service.at("read_only"), True)]

    def memory_mounts(self, value: Iterable[str]) -> list[Edit]:
        mounted = {mount.target.rstrip("/") for mount in getattr(self._target, "mounts", ())}
        paths = [path for path in value if path.rstrip("/") not in mounted]
        if self._service.is_swarm:
            pointer = self._service.at("volumes")
            return [Append(pointer, {"type": "tmpfs", "target": path}) for path in paths]
        pointer = self._service.at("tmpfs")
        written = self._service.raw(pointer)
        if isinstance(written, str) and paths:
            return [Set(pointer, [written, *paths])]
        return [Append(pointer, path) for path in paths]

    # ------------------------------------------------------------------ profiles

    def seccomp(self, value: str) -> list[Edit]:
        return self._without_options("seccomp", "seccomp")

    def apparmor(self, value: str) -> list[Edit]:
        return self._without_options("apparmor", "apparmor")

    def selinux(self, value: None) -> list[Edit]:
        return self._without_options("selinux", "label")

    def proc_mount(self, value: str) -> list[Edit]:
        return self._without_options("proc_mount", "systempaths")

    def _without_options(self, field: str, name: str) -> list[Edit]:
        """Takes every `security_opt` of that name out of the list that decides the field."""
        place = self._service.place(field)
        if place is None:
            return []
        return self._service.remove_items(place[:-1], lambda item: _option(item) == name)

    # ------------------------------------------------------------------ limits

    def memory_limit(self, value: int) -> list[Edit]:
        return self._limit("memory_limit", "mem_limit", "memory", units.size_text(value), units.size_text(value))

    def pids_limit(self, value: int) -> list[Edit]:
        return self._limit("pids_limit", "pids_limit", "pids", value, value)

    def cpu_limit(self, value: float) -> list[Edit]:
        return self._limit("cpu_limit", "cpus", "cpus", value, f"{value:g}")

    def _limit(self, field: str, key: str, name: str, short: Any, long: Any) -> list[Edit]:
        """Where the limit stands, else in the style that the service uses for limits already.

        Compose refuses a service that sets both differently, so both are set where both are there.
        """
        service = self._service
        below = service.at("deploy", "resources", "limits", name)
        place = service.place(field)
        edits: list[Edit] = []
        if place is not None:
            edits.append(Set(place, long if "deploy" in place else short))
            other = (*service.pointer, key)
            if "deploy" in place and not service.is_swarm and service.raw(other) is not None:
                edits.append(Set(other, short))
            return edits
        used = [self._target.places.get(one, ()) for one in ("memory_limit", "pids_limit", "cpu_limit")]
        if service.is_swarm or any("limits" in one for one in used) or service.raw(below[:-1]) is not None:
            return [Set(below, long)]
        return [Set(service.at(key), short)]

    # ------------------------------------------------------------------ image, ports, entries

    def image(self, value: str) -> list[Edit]:
        pointer = self._service.place("image")
        if pointer is None:
            raise CannotEdit("the image is built, not named")
        if "$" in str(self._service.raw(pointer)):
            raise CannotEdit("the image is put together from variables; pin it where they are set")
        return [Set(pointer, value)]

    def bind_port(self, value: tuple[Port, str]) -> list[Edit]:
        port, address = value
        if self._service.is_swarm:
            raise CannotEdit(_NO_ADDRESS)
        self._service.own(port.document)
        written = self._service.raw(port.pointer)
        if isinstance(written, dict):
            return [Set((*port.pointer, "host_ip"), address)]
        return [Set(port.pointer, _bound(str(written), address))]

    def remove(self, value: Any) -> list[Edit]:
        if isinstance(value, Volume) and isinstance(self._target, Workload):
            return self._without_volume(self._target, value)
        self._service.own(value.document)
        return [Remove(value.pointer)] if value.pointer else []

    def _without_volume(self, workload: Workload, volume: Volume) -> list[Edit]:
        mounts = mounts_of(workload, volume)
        for mount in mounts:
            self._service.own(mount.document)
        return [Remove(pointer) for pointer in dict.fromkeys(mount.pointer for mount in mounts)]

    def read_only_mounts(self, value: Volume) -> list[Edit]:
        edits: list[Edit] = []
        for mount in mounts_of(self._target, value):
            self._service.own(mount.document)
            written = self._service.raw(mount.pointer)
            if isinstance(written, dict):
                edits.append(Set((*mount.pointer, "read_only"), True))
            else:
                edits.append(Set(mount.pointer, read_only(str(written), mount.target)))
        return edits

    def named_volume(self, value: Volume) -> list[Edit]:
        self._alone(value)
        name = self._free_name(volume_name(value.source))
        edits: list[Edit] = []
        for mount in mounts_of(self._target, value):
            self._service.own(mount.document)
            written = self._service.raw(mount.pointer)
            if not isinstance(written, dict):
                edits.append(Set(mount.pointer, in_volume(str(written), mount.target, name)))
                continue
            if "$" in str(written.get("source")):
                raise CannotEdit("a variable says what is mounted; change it by hand")
            edits += [Set((*mount.pointer, "type"), "volume"), Set((*mount.pointer, "source"), name)]
            edits += [Remove((*mount.pointer, key)) for key in ("bind", "consistency") if key in written]
        return [*edits, Set(("volumes", name), {})]

    def _alone(self, volume: Volume) -> None:
        """Raises where another service of the file mounts the same path: they would share it no more."""
        services = self._service.raw(("services",))
        source = volume.source.rstrip("/")
        for name, one in services.items() if isinstance(services, dict) else ():
            mounts = one.get("volumes") if isinstance(one, dict) and ("services", name) != self._target.pointer else ()
            for mount in mounts if isinstance(mounts, list) else ():
                path = mount.get("source") if isinstance(mount, dict) else str(mount).partition(":")[0]
                if str(path).rstrip("/") == source:
                    raise CannotEdit(f"service {name} mounts it, too: give both of them one volume by hand")

    def _free_name(self, name: str) -> str:
        there = self._service.raw(("volumes",))
        taken = there.keys() if isinstance(there, dict) else ()
        return next(one for one in chain((name,), (f"{name}-{n}" for n in count(2))) if one not in taken)

    # ------------------------------------------------------------------ namespaces

    def host_network(self, value: bool) -> list[Edit]:
        return self._service.remove_set("host_network")

    def host_pid(self, value: bool) -> list[Edit]:
        return self._service.remove_set("host_pid")

    def host_ipc(self, value: bool) -> list[Edit]:
        return self._service.remove_set("host_ipc")

    def user_namespace(self, value: bool) -> list[Edit]:
        edits = self._service.remove_set("user_namespace")
        if not edits:
            raise CannotEdit("user namespaces are a setting of the Docker daemon (userns-remap), not of a service")
        return edits


def _option(text: str) -> str:
    """The name of a `security_opt`."""
    return text.replace("=", ":").partition(":")[0].strip().lower()


def _bound(text: str, address: str) -> str:
    """The short mapping `text`, published on `address` only."""
    try:
        parts = parse(text)
    except InvalidTemplate as error:
        raise CannotEdit(f"the port cannot be read: {error}") from None
    # a variable is one character, so that the colons inside of it do not count
    outline = "".join("$" if isinstance(part, Variable) else part for part in parts)
    colons = outline.count(":")
    if colons == 0:
        return f"{address}::{text}"
    if colons == 1:
        return f"{address}:{text}"
    for everywhere in ("0.0.0.0:", "[::]:", ":::"):
        if text.startswith(everywhere):
            return f"{address}:{text.removeprefix(everywhere)}"
    raise CannotEdit("the port has an address already")


WRITER = ComposeWriter()
