"""Where an engine listens: what the user wrote, the environment, contexts of Docker, connections of Podman, sockets.

Sources: docker(1) (`DOCKER_HOST`, `DOCKER_CONTEXT`, `DOCKER_TLS_VERIFY`, `DOCKER_CERT_PATH`), the store of contexts of
the Docker CLI, podman(1) (`CONTAINER_HOST`), podman-system-connection(1).
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.names import printable
from batten.sources.oci.hosts import read_bounded

_ADDRESS: Final = pattern(r"[a-z][a-z0-9+.-]*://")
_PATHS: Final = ("/", "./", "../", "~/", "\\\\")


class Engine(Struct, frozen=True):
    """What is asked, and where."""

    name: str
    """`docker` or `podman`, the scheme and the program."""
    address: str
    """`unix:///run/docker.sock`, `tcp://host:2376`."""
    certificates: str = ""
    """Folder with ca.pem, cert.pem, key.pem, each where it is needed; "" for no TLS."""
    verified: bool = True
    """False: a context says `SkipTLSVerify`."""

    @property
    def shown(self) -> str:
        """The address without credentials, printable."""
        scheme, _, rest = self.address.partition("://")
        return printable(f"{scheme}://{rest if scheme == 'unix' else rest.rpartition('@')[2]}")


class NoSocket(Unreadable):
    """Nothing names an engine, and none of the usual sockets is there: it does not run."""


def is_place(reference: str) -> bool:
    """Whether what follows `docker:` names an engine: nothing, an address, a socket's path, `@CONTEXT`. No name of
    an image begins so."""
    return not reference or reference[0] == "@" or reference.startswith(_PATHS) or bool(_ADDRESS.match(reference))


def engine_at(scheme: str, reference: str, environ: Mapping[str, str], home: str) -> Engine:
    """The engine that a reference names (`is_place`). Raises `Unreadable`: what was looked for, and what to do."""
    if reference.startswith("@"):
        name = reference[1:]
        if not name:
            kind = "context" if scheme == "docker" else "connection"
            raise Unreadable(f"expected the name of a {kind} after @; `{scheme} {_LISTS[scheme]}` lists them")
        return _context(name, environ, home) if scheme == "docker" else _connection(name, environ, home)
    if not reference:
        return docker(environ, home) if scheme == "docker" else podman(environ, home)
    address = reference if _ADDRESS.match(reference) else f"unix://{_absolute(reference, home)}"
    return Engine(scheme, address, _certificates(environ, home) if scheme == "docker" else "")


_LISTS: Final = {"docker": "context ls", "podman": "system connection list"}


def _absolute(path: str, home: str) -> str:
    return os.path.abspath(os.path.join(home, path[2:]) if path.startswith("~/") else path)


def docker(environ: Mapping[str, str], home: str) -> Engine:
    """DOCKER_HOST, the chosen context, or the first socket that is there. Raises `Unreadable`."""
    certificates = _certificates(environ, home)
    if address := environ.get("DOCKER_HOST", ""):
        return Engine("docker", address, certificates)
    chosen = environ.get("DOCKER_CONTEXT", "") or _current_context(environ, home)
    if chosen not in ("", "default"):
        return _context(chosen, environ, home)
    runtime = environ.get("XDG_RUNTIME_DIR") or os.path.join(home, ".docker", "run")
    sockets = [
        "/var/run/docker.sock",
        os.path.join(runtime, "docker.sock"),
        *(
            os.path.join(home, *parts)
            for parts in (
                (".docker", "run", "docker.sock"),
                (".docker", "desktop", "docker.sock"),
                (".colima", "default", "docker.sock"),
                (".orbstack", "run", "docker.sock"),
                (".rd", "docker.sock"),
            )
        ),
    ]
    return Engine("docker", _first(sockets, "docker", "DOCKER_HOST"), certificates)


def podman(environ: Mapping[str, str], home: str) -> Engine:
    """CONTAINER_HOST, or the first socket that is there: the user's own, then the machine's. Raises `Unreadable`."""
    address = environ.get("CONTAINER_HOST", "")
    machine = os.path.join(home, ".local", "share", "containers", "podman", "machine", "podman.sock")
    sockets = ["/run/podman/podman.sock", machine]
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        sockets.insert(0, os.path.join(runtime, "podman", "podman.sock"))
    return Engine("podman", address or _first(sockets, "podman", "CONTAINER_HOST"))


def _certificates(environ: Mapping[str, str], home: str) -> str:
    if not environ.get("DOCKER_TLS_VERIFY"):
        return ""
    return environ.get("DOCKER_CERT_PATH") or os.path.join(home, ".docker")


def _first(sockets: list[str], name: str, variable: str) -> str:
    found = next((path for path in dict.fromkeys(sockets) if os.path.exists(path)), None)
    if found is None:
        remedy = "start `podman system service` or its socket" if name == "podman" else "start it"
        raise NoSocket(f"{name}'s socket was not found; {remedy}, or set {variable}")
    return f"unix://{found}"


# ---------------------------------------------------------------------------------- contexts


def _current_context(environ: Mapping[str, str], home: str) -> str:
    """What `docker context use` chose; "" where that is not known."""
    try:
        found = _decoded(os.path.join(_folder(environ, home), "config.json"))
    except Unreadable:
        return ""
    name = found.get("currentContext", "")
    return name if isinstance(name, str) else ""


def _folder(environ: Mapping[str, str], home: str) -> str:
    return environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker")


def _context(name: str, environ: Mapping[str, str], home: str) -> Engine:
    """The engine of a context, by name: never another one where that is not to be had."""
    if name == "default":
        return docker({**environ, "DOCKER_CONTEXT": "default"}, home)
    folder = os.path.join(_folder(environ, home), "contexts")
    digest = hashlib.sha256(name.encode("utf-8", "surrogateescape")).hexdigest()
    place = os.path.join(folder, "meta", digest, "meta.json")
    listed = "`docker context ls` lists those that are there"
    if not os.path.exists(place):
        raise Unreadable(f"no context {printable(name)!r} in {printable(folder)}; {listed}")
    endpoint: Any = _decoded(place)
    for key in ("Endpoints", "docker"):
        endpoint = endpoint.get(key) if isinstance(endpoint, dict) else None
    address = endpoint.get("Host") if isinstance(endpoint, dict) else None
    if not isinstance(address, str) or not address:
        raise Unreadable(f"the context {printable(name)!r} names no host of an engine; {listed}")
    material = os.path.join(folder, "tls", digest, "docker")
    certificates = material if os.path.isdir(material) else ""
    return Engine("docker", address, certificates, endpoint.get("SkipTLSVerify") is not True)


def _decoded(path: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(read_bounded(path) or b"{}", type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise Unreadable(f"expected JSON in {printable(path)}, found other") from None


def _connection(name: str, environ: Mapping[str, str], home: str) -> Engine:
    """A connection of Podman: those of `podman-connections.json` (Podman 5), else of `containers.conf`."""
    folder = os.path.join(environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config"), "containers")
    known = _decoded(os.path.join(folder, "podman-connections.json")).get("Connection")
    found: Any = known.get("Connections") if isinstance(known, dict) else None
    entry = found.get(name) if isinstance(found, dict) else None
    address = entry.get("URI") if isinstance(entry, dict) else None
    if address is None:
        address = _service_destination(os.path.join(folder, "containers.conf"), name)
    if not isinstance(address, str) or not address:
        listed = "`podman system connection list` lists those that are there"
        raise Unreadable(f"no connection {printable(name)!r} in {printable(folder)}; {listed}")
    return Engine("podman", address)


def _service_destination(path: str, name: str) -> Any:
    import tomllib

    try:
        found: Any = tomllib.loads((read_bounded(path) or b"").decode())
    except (ValueError, RecursionError):
        raise Unreadable(f"expected TOML in {printable(path)}, found other") from None
    for key in ("engine", "service_destinations", name, "uri"):
        found = found.get(key) if isinstance(found, dict) else None
    return found
