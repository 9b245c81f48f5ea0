"""What an engine is asked for before its records are read one by one: lists, and the facts that they rest on.

Docker's API and Podman's differ in paths and in the shape of a few answers; what comes out is the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from msgspec import Struct, field

from batten import limits
from batten.formats.inspect.engine import EngineFacts
from batten.formats.part import as_text
from batten.model.source import Unreadable
from batten.model.values import Profile
from batten.sources.engine.api import Api, Broken, Refused

_STOPPED: Final = frozenset({"created", "configured", "exited", "stopped", "dead", "removing"})
_SANDBOX: Final = "podsandbox"
_FORBIDDEN: Final = (401, 403, 405, 501)
_PREDEFINED: Final = frozenset({"bridge", "host", "none", "podman", "docker_gwbridge"})

Tell = Callable[[str, bool], None]
"""Notes a problem of the target; False: nothing that is judged is missing."""


class Listed(Struct):
    """A record of the engine: its name, and how to ask for it, or the record itself."""

    name: str
    identifier: str
    labels: dict[str, str] = field(default_factory=dict)
    record: Any = None


class Survey(Struct):
    """What is there."""

    containers: list[Listed] = field(default_factory=list)
    pods: list[Listed] = field(default_factory=list)
    networks: list[Listed] = field(default_factory=list)
    services: list[Listed] = field(default_factory=list)
    configurations: list[tuple[str, Listed]] = field(default_factory=list)
    """`secret` or `config`; names alone."""
    stopped: int = 0
    """Containers that do not run and were not asked for."""
    pods_of_kubernetes: int = 0
    """Containers that a kubelet has made."""


class Surveyor:
    """Asks one engine. Raises `Broken` where it cannot be asked any more."""

    def __init__(self, api: Api, facts: EngineFacts, tell: Tell) -> None:
        self._api = api
        self._facts = facts
        self._tell = tell
        self._refused: set[str] = set()

    def survey(self, *, stopped: bool) -> Survey:
        """Everything but the records of containers and pods. `stopped`: also those that do not run."""
        found = Survey()
        swarm = self._info()
        listed = self._list("containers", "/containers/json", query="?all=true")
        self._networks(found)
        self._volumes()
        if self._api.is_podman:
            found.pods = [one for record in self._list("pods", "/pods/json") if (one := _listed(record)) is not None]
            found.configurations += self._names("secret", "/secrets")
        elif swarm:
            self._swarm(found)
        self._containers(found, listed, stopped)
        self._images(listed, found)
        return found

    # ------------------------------------------------------------------------------- asking

    def _try(self, what: str, path: str, *names: str, query: str = "", severe: bool = True) -> Any:
        """The answer, or None and a problem."""
        try:
            return self._api.get(path, *names, query=query)
        except Broken:
            raise
        except Refused as error:
            self._tell(refusal(error, what), severe)
        except Unreadable as error:
            self._tell(f"{what}: {error.message}", severe)
        return None

    def _list(self, what: str, path: str, *, query: str = "", severe: bool = True) -> list[dict[str, Any]]:
        found = self._try(what, path, query=query, severe=severe)
        if found is None:
            return []
        if not isinstance(found, list):
            self._tell(f"{what}: expected a list from the engine, found other", severe)
            return []
        if len(found) > limits.ENGINE_RECORDS:
            self._tell(
                f"{what}: expected at most {limits.ENGINE_RECORDS:,}, found {len(found):,}; the rest is left out", True
            )
        return [one for one in found[: limits.ENGINE_RECORDS] if isinstance(one, dict)]

    def _info(self) -> bool:
        """Reads what holds for every container; whether services of a swarm can be asked for."""
        info = self._try("what holds for every container (user namespace, seccomp)", "/info")
        if not isinstance(info, dict):
            return True
        if self._api.is_podman:
            _podman_facts(info, self._facts)
            return False
        _docker_facts(info, self._facts)
        for warning in _texts(info.get("Warnings")):
            if "API is accessible on" in warning:  # over TCP, without TLS or without asking for certificates
                self._tell(f"the engine says: {' '.join(warning.split())[:200]}", False)
        swarm = info.get("Swarm")
        if not isinstance(swarm, dict) or swarm.get("LocalNodeState") in (None, "", "inactive"):
            return False
        if swarm.get("ControlAvailable") is not True:
            self._tell("a worker of a swarm: its tasks are read; a manager tells the services", False)
            return False
        return True

    # ---------------------------------------------------------------------------- the parts

    def _networks(self, found: Survey) -> None:
        records = self._list("networks", "/networks/json" if self._api.is_podman else "/networks")
        for record in records:
            listed = _listed(record)
            if listed is None:
                continue
            self._facts.networks[listed.identifier] = listed.name
            if listed.name not in _PREDEFINED and record.get("Ingress") is not True:
                listed.record = record
                found.networks.append(listed)

    def _volumes(self) -> None:
        path = "/volumes/json" if self._api.is_podman else "/volumes"
        answer = self._try("volumes", path)
        records = answer.get("Volumes") if isinstance(answer, dict) else answer
        for record in records[: limits.ENGINE_RECORDS] if isinstance(records, list) else ():
            if isinstance(record, dict) and record.get("Driver") in ("local", "", None):
                self._facts.volumes[as_text(record.get("Name"))] = record.get("Options")

    def _swarm(self, found: Survey) -> None:
        for record in self._list("services of the swarm", "/services"):
            listed = _listed(record)
            if listed is not None:
                record.pop("PreviousSpec", None)  # what is no more
                listed.record = record
                found.services.append(listed)
        systems = set()
        for node in self._list("nodes of the swarm", "/nodes", severe=False):
            description = node.get("Description")
            platform = description.get("Platform") if isinstance(description, dict) else None
            systems.add(as_text(platform.get("OS")) if isinstance(platform, dict) else "")
        self._facts.systems = frozenset(systems)
        found.configurations += self._names("config", "/configs")
        found.configurations += self._names("secret", "/secrets")

    def _names(self, kind: str, path: str) -> list[tuple[str, Listed]]:
        """Names alone: what the engine sends of their content goes no further."""
        path = f"{path}/json" if self._api.is_podman else path
        records = self._list(f"names of {kind}s", path, severe=False)
        return [(kind, one) for record in records if (one := _listed(record)) is not None]

    def _containers(self, found: Survey, records: list[dict[str, Any]], stopped: bool) -> None:
        """Each once: replicas of one service, of a swarm or a Compose project, are the first of them."""
        services = {one.identifier for one in found.services}
        seen: set[tuple[str, ...]] = set()
        for record in sorted(records, key=_order):
            listed = _listed(record)
            if listed is None or record.get("IsInfra") is True:
                continue
            labels = listed.labels
            if labels.get("com.docker.swarm.service.id") in services or _is_sandbox(labels):
                continue
            if not stopped and as_text(record.get("State")).lower() in _STOPPED:
                found.stopped += 1
                continue
            alike = _alike(labels, as_text(record.get("ImageID")))
            if alike and alike in seen:
                continue
            seen.add(alike)
            found.pods_of_kubernetes += "io.kubernetes.pod.name" in labels
            found.containers.append(listed)

    def _images(self, records: list[dict[str, Any]], found: Survey) -> None:
        """Those that containers and services run: whom they run as where those are silent."""
        wanted = {one.identifier for one in found.containers}
        names = dict.fromkeys(as_text(one.get("ImageID")) for one in records if as_text(one.get("Id")) in wanted)
        for service in found.services:
            names[_image_of(service.record)] = None
        for name in names:
            if not name or len(name) > limits.IMAGE_NAME or "images" in self._refused:
                continue
            try:
                self._facts.add_image(self._api.get("/images/%/json", name))
            except Broken:
                raise
            except Refused as error:
                if error.status == 404:
                    continue  # removed from under its containers, or on another node of the swarm
                if error.status in _FORBIDDEN:
                    self._refused.add("images")
                self._tell(refusal(error, "images"), True)
            except Unreadable as error:
                self._tell(f"images: {error.message}", True)


def refusal(error: Refused, what: str) -> str:
    """What a refusal means, and what to do."""
    if error.status in _FORBIDDEN:
        return f"{what}: {error.message}; let GET requests for it through the proxy or plug-in that guards the engine"
    return f"{what}: {error.message}"


# -------------------------------------------------------------------------------------- facts


def _docker_facts(info: dict[str, Any], facts: EngineFacts) -> None:
    """`SecurityOptions` of Docker's info: `name=seccomp,profile=builtin`, `name=userns`, `name=rootless`."""
    if not isinstance(info.get("SecurityOptions"), list):
        return
    options: dict[str, str] = {}
    for text in _texts(info["SecurityOptions"]):
        pairs = dict(part.partition("=")[::2] for part in text.split(","))
        options[pairs.get("name", "")] = pairs.get("profile", "")
    facts.rootless, facts.remapped = "rootless" in options, "userns" in options
    facts.no_new_privileges = "no-new-privileges" in options
    if as_text(info.get("OSType")) == "windows":
        return
    profile = options.get("seccomp")
    if profile in (None, "unconfined"):
        facts.seccomp = Profile("unconfined")
    elif profile not in ("", "default", "builtin"):
        facts.seccomp = Profile("localhost", profile)


def _podman_facts(info: dict[str, Any], facts: EngineFacts) -> None:
    host = info.get("host")
    security = host.get("security") if isinstance(host, dict) else None
    if isinstance(security, dict):
        facts.rootless = security.get("rootless") is True
        if security.get("seccompEnabled") is False:
            facts.seccomp = Profile("unconfined")


# ------------------------------------------------------------------------------------ records


def _listed(record: dict[str, Any]) -> Listed | None:
    """A record of any list: None where it has no identifier."""
    identifier = as_text(record.get("Id") or record.get("ID") or record.get("id"))
    spec = record.get("Spec")
    inner = spec if isinstance(spec, dict) else record
    names = _texts(record.get("Names"))
    # a linked container of Docker has the names that others know it by, too: `/other/alias`
    name = next((one for one in names if "/" not in one[1:]), names[0] if names else "")
    name = name or as_text(inner.get("Name") or record.get("name"))
    labels = inner.get("Labels") or record.get("labels")
    found = {key: as_text(value) for key, value in labels.items()} if isinstance(labels, dict) else {}
    return Listed(name.removeprefix("/"), identifier, found) if identifier else None


def _order(record: dict[str, Any]) -> tuple[str, int, str]:
    """By name, replicas by their number."""
    listed = _listed(record)
    labels = listed.labels if listed is not None else {}
    number = labels.get("com.docker.compose.container-number", "")
    place = int(number) if number.isascii() and number.isdigit() and len(number) < 7 else 0
    service = labels.get("com.docker.compose.service", "") if place else ""
    return service or (listed.name if listed is not None else ""), place, listed.name if listed is not None else ""


def _alike(labels: dict[str, str], image: str) -> tuple[str, ...]:
    """What containers made from one and the same service have in common; () where nothing says so."""
    if service := labels.get("com.docker.swarm.service.id"):
        return ("swarm", service, image)
    project, service = labels.get("com.docker.compose.project"), labels.get("com.docker.compose.service", "")
    made = labels.get("com.docker.compose.config-hash")
    if project and made and labels.get("com.docker.compose.oneoff", "").lower() != "true":
        return ("compose", project, service, made, image)
    return ()


def _is_sandbox(labels: dict[str, str]) -> bool:
    """The container that holds the namespaces of a pod of Kubernetes and does nothing."""
    if labels.get("io.kubernetes.docker.type") == _SANDBOX:
        return True
    return labels.get("io.kubernetes.container.name") == "POD"


def _image_of(service: Any) -> str:
    found = service
    for key in ("Spec", "TaskTemplate", "ContainerSpec", "Image"):
        found = found.get(key) if isinstance(found, dict) else None
    return as_text(found)


def _texts(value: Any) -> list[str]:
    return [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
