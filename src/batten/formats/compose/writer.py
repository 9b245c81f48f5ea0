"""Neutral changes as edits of a Compose file or a Swarm stack.

A field is edited where it is decided, also where that is another file than the service's own (`extends`, an
override). Where that is an env file, or the platform has no way to say it, `CannotEdit` gives the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import chain, count
from typing import Any, Final

from batten.formats import docker_values
from batten.formats.compose import units
from batten.formats.compose.interpolation import InvalidTemplate, Variable, parse
from batten.formats.compose.spots import Placed, Service, Spot
from batten.formats.volume_edits import in_volume, mounts_of, read_only, volume_name
from batten.model.edits import CannotEdit, Edit
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

    def placed(self, change: Change) -> list[Placed]:
        """Edits, each on the document that decides; raises `CannotEdit` with the reason."""
        if change.target.pointer[:1] not in (("services",), ("jobs",)):
            raise CannotEdit(_RECORD)
        if change.field in _NOT_HERE:
            raise CannotEdit(_NOT_HERE[change.field])
        method: Callable[[Any], list[Placed]] | None = getattr(_Changes(Service(change.target)), change.field, None)
        if method is None or change.field.startswith("_"):
            raise CannotEdit(f"Compose has no way to change {change.field}")
        edits = method(change.value)
        if not edits:
            raise CannotEdit("nothing in the file has to be changed for that")
        return edits

    def edits(self, change: Change) -> list[Edit]:
        """Those on the document of `change.target`; raises `CannotEdit` also where another one decides."""
        placed = self.placed(change)
        for document, _ in placed:
            if document is not change.target.document:
                raise CannotEdit(f"it is decided in {document.file.path}")
        return [edit for _, edit in placed]

    def inherits(self, target: Container | Workload) -> Pointer | None:
        """The service of the same document that this one extends."""
        if target.pointer[:1] != ("services",):
            return None
        extends = Service(target).at("extends", known=False).raw()
        if isinstance(extends, dict) and "file" not in extends:
            extends = extends.get("service")
        return ("services", extends) if isinstance(extends, str) and "$" not in extends else None


class _Changes:
    """One method per neutral field (see `batten.formats.interface.Writer`)."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._target = service.target

    def _removed(self, field: str, otherwise: Any = None) -> list[Placed]:
        """Without what sets the field."""
        place = self._service.place(field)
        return place.take_away(otherwise) if place is not None else []

    def _added(self) -> list[Spot]:
        """The lists of the project's files that add capabilities."""
        place = self._service.place("capabilities.add")
        items = [name for name in self._target.places if name.startswith("capabilities.add@")]
        others = [spot.parent for name in items if (spot := self._service.place(name)) is not None]
        return [*([place] if place is not None else []), *others]

    # ------------------------------------------------------------------ privileges

    def privileged(self, value: bool) -> list[Placed]:
        return self._removed("privileged", otherwise=False)

    def privilege_escalation(self, value: bool) -> list[Placed]:
        place = self._service.place("privilege_escalation")
        if place is None:
            return [self._service.at("security_opt").append(_NO_GAIN)]
        # `no-new-privileges:true` may stand there already, before one that takes it back
        options = place.parent
        return [
            *options.without(lambda item: _option(item) == _GAIN and item != _NO_GAIN),
            options.append(_NO_GAIN),
        ]

    def drop_capabilities(self, value: Iterable[str]) -> list[Placed]:
        spot = self._service.at("cap_drop")
        return [spot.append(name) for name in value]

    def remove_capabilities(self, value: Iterable[str]) -> list[Placed]:
        names = set(value)
        edits: list[Placed] = []
        for spot in self._added():
            edits += spot.without(lambda item: docker_values.capability(item) in names)
        if not edits:
            raise CannotEdit("it is added by a variable, or in a file that cannot be edited")
        return edits

    def user(self, value: int) -> list[Placed]:
        return [(self._service.place("user") or self._service.at("user")).set(f"{value}:{value}")]

    def read_only_root(self, value: bool) -> list[Placed]:
        return [(self._service.place("read_only_root") or self._service.at("read_only")).set(True)]

    def memory_mounts(self, value: Iterable[str]) -> list[Placed]:
        mounted = {mount.target.rstrip("/") for mount in getattr(self._target, "mounts", ())}
        paths = [path for path in value if path.rstrip("/") not in mounted]
        if self._service.is_swarm:
            spot = self._service.at("volumes")
            return [spot.append({"type": "tmpfs", "target": path}) for path in paths]
        spot = self._service.at("tmpfs")
        written = spot.raw()
        if isinstance(written, str) and paths:
            return [spot.set([written, *paths])]
        return [spot.append(path) for path in paths]

    # ------------------------------------------------------------------ profiles

    def seccomp(self, value: str) -> list[Placed]:
        return self._without_options("seccomp", "seccomp")

    def apparmor(self, value: str) -> list[Placed]:
        return self._without_options("apparmor", "apparmor")

    def selinux(self, value: None) -> list[Placed]:
        return self._without_options("selinux", "label")

    def proc_mount(self, value: str) -> list[Placed]:
        return self._without_options("proc_mount", "systempaths")

    def _without_options(self, field: str, name: str) -> list[Placed]:
        """Takes every `security_opt` of that name out of the list that decides the field."""
        place = self._service.place(field)
        if place is None:
            return []
        return place.parent.without(lambda item: _option(item) == name)

    # ------------------------------------------------------------------ limits

    def memory_limit(self, value: int) -> list[Placed]:
        return self._limit("memory_limit", "mem_limit", "memory", units.size_text(value), units.size_text(value))

    def pids_limit(self, value: int) -> list[Placed]:
        return self._limit("pids_limit", "pids_limit", "pids", value, value)

    def cpu_limit(self, value: float) -> list[Placed]:
        return self._limit("cpu_limit", "cpus", "cpus", value, f"{value:g}")

    def _limit(self, field: str, key: str, name: str, short: Any, long: Any) -> list[Placed]:
        """Where the limit stands, else in the style that the service uses for limits already.

        Compose refuses a service that sets both differently, so both are set where both are there.
        """
        service = self._service
        place = service.place(field)
        edits: list[Placed] = []
        if place is not None:
            below = "deploy" in place.pointer
            edits.append(place.set(long if below else short))
            other = Spot(place.document, (*place.pointer[:2], key))
            if below and not service.is_swarm and other.raw() is not None:
                edits.append(other.set(short))
            return edits
        used = [self._target.places.get(one, ()) for one in ("memory_limit", "pids_limit", "cpu_limit")]
        limits = service.at("deploy", "resources", "limits")
        if service.is_swarm or any("limits" in one for one in used) or limits.raw() is not None:
            return [(limits / name).set(long)]
        return [service.at(key).set(short)]

    # ------------------------------------------------------------------ image, ports, entries

    def image(self, value: str) -> list[Placed]:
        place = self._service.place("image")
        if place is None:
            raise CannotEdit("the image is built, not named")
        if "$" in str(place.raw()):
            raise CannotEdit("the image is put together from variables; pin it where they are set")
        return [place.set(value)]

    def bind_port(self, value: tuple[Port, str]) -> list[Placed]:
        port, address = value
        if self._service.is_swarm:
            raise CannotEdit(_NO_ADDRESS)
        spot = self._service.entry(port)
        written = spot.raw()
        if isinstance(written, dict):
            return [(spot / "host_ip").set(address)]
        return [spot.set(_bound(str(written), address))]

    def remove(self, value: Any) -> list[Placed]:
        if isinstance(value, Volume) and isinstance(self._target, Workload):
            return self._without_volume(self._target, value)
        return [self._service.entry(value).remove()] if value.pointer else []

    def _without_volume(self, workload: Workload, volume: Volume) -> list[Placed]:
        spots = [self._service.entry(mount) for mount in mounts_of(workload, volume)]
        return [one.remove() for one in {(id(one.document), one.pointer): one for one in spots}.values()]

    def read_only_mounts(self, value: Volume) -> list[Placed]:
        edits: list[Placed] = []
        for mount in mounts_of(self._target, value):
            spot = self._service.entry(mount)
            written = spot.raw()
            if isinstance(written, dict):
                edits.append((spot / "read_only").set(True))
            else:
                edits.append(spot.set(read_only(str(written), mount.target)))
        return edits

    def named_volume(self, value: Volume) -> list[Placed]:
        spots = [(self._service.entry(mount), mount.target) for mount in mounts_of(self._target, value)]
        documents = {id(one): one for one in (self._service.own.document, *(spot.document for spot, _ in spots))}
        for document in documents.values():
            self._alone(document, value)
        name = self._free_name(documents.values(), volume_name(value.source))
        edits: list[Placed] = []
        for spot, target in spots:
            written = spot.raw()
            if not isinstance(written, dict):
                edits.append(spot.set(in_volume(str(written), target, name)))
                continue
            if "$" in str(written.get("source")):
                raise CannotEdit("a variable says what is mounted; change it by hand")
            edits += [(spot / "type").set("volume"), (spot / "source").set(name)]
            edits += [(spot / key).remove() for key in ("bind", "consistency") if key in written]
        return [*edits, *(Spot(spot.document, ("volumes", name)).set({}) for spot, _ in spots[:1])]

    def _alone(self, document: Document, volume: Volume) -> None:
        """Raises where another service of the file mounts the same path: they would share it no more."""
        services = Spot(document, ("services",)).raw()
        source = volume.source.rstrip("/")
        mine = self._target.pointer
        for name, one in services.items() if isinstance(services, dict) else ():
            mounts = one.get("volumes") if isinstance(one, dict) and ("services", name) != mine else ()
            for mount in mounts if isinstance(mounts, list) else ():
                path = mount.get("source") if isinstance(mount, dict) else str(mount).partition(":")[0]
                if str(path).rstrip("/") == source:
                    raise CannotEdit(f"service {name} mounts it, too: give both of them one volume by hand")

    def _free_name(self, documents: Iterable[Document], name: str) -> str:
        declared = [Spot(one, ("volumes",)).raw() for one in documents]
        taken = {each for one in declared if isinstance(one, dict) for each in one}
        return next(one for one in chain((name,), (f"{name}-{n}" for n in count(2))) if one not in taken)

    # ------------------------------------------------------------------ namespaces

    def host_network(self, value: bool) -> list[Placed]:
        return self._removed("host_network")

    def host_pid(self, value: bool) -> list[Placed]:
        return self._removed("host_pid")

    def host_ipc(self, value: bool) -> list[Placed]:
        return self._removed("host_ipc")

    def user_namespace(self, value: bool) -> list[Placed]:
        edits = self._removed("user_namespace")
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
    address = f"[{address}]" if ":" in address else address
    if colons == 0:
        return f"{address}::{text}"
    if colons == 1:
        return f"{address}:{text}"
    for everywhere in ("0.0.0.0:", "[::]:", ":::"):
        if text.startswith(everywhere):
            return f"{address}:{text.removeprefix(everywhere)}"
    raise CannotEdit("the port has an address already")


WRITER = ComposeWriter()
