"""Images in the storage of Docker or Podman, asked for over the engine's own API (Docker Engine API 1.24 and later).

The engine sends what `docker save` writes; it is put into a temporary file without a name.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from urllib.parse import quote, urlencode

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.interface import Target, TargetError
from batten.sources.names import printable
from batten.sources.oci import ImageData, OpenImage, platforms
from batten.sources.oci.archives import open_spooled
from batten.sources.oci.hosts import read_bounded
from batten.sources.oci.manifests import decode
from batten.sources.oci.unpack import Peeked, spool

if TYPE_CHECKING:
    import httpx

_NAME: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9._/:@-]{0,511}\Z")
_CONNECT_SECONDS: Final = 10
# Podman writes the whole archive before it sends the first byte.
_SECONDS: Final = 600


class Engine(Struct, frozen=True):
    """What is asked, and where."""

    name: str
    """`docker` or `podman`, the scheme and the program."""
    address: str
    """`unix:///run/docker.sock`, `tcp://host:2376`."""
    certificates: str = ""
    """Folder with ca.pem, cert.pem, key.pem; "" for no TLS."""


class _Inspected(Struct, rename="pascal"):
    repo_tags: list[str] | None = None
    repo_digests: list[str] | None = None


def docker(environ: Mapping[str, str], home: str) -> Engine:
    """DOCKER_HOST, the chosen context, or the first socket that is there. Raises `Unreadable`."""
    address = environ.get("DOCKER_HOST", "") or _context(environ, home)
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
    certificates = ""
    if environ.get("DOCKER_TLS_VERIFY"):
        certificates = environ.get("DOCKER_CERT_PATH") or os.path.join(home, ".docker")
    return Engine("docker", address or _first(sockets, "docker", "DOCKER_HOST"), certificates)


def podman(environ: Mapping[str, str], home: str) -> Engine:
    """CONTAINER_HOST, or the first socket that is there: the user's own, then the machine's. Raises `Unreadable`."""
    address = environ.get("CONTAINER_HOST", "")
    machine = os.path.join(home, ".local", "share", "containers", "podman", "machine", "podman.sock")
    sockets = ["/run/podman/podman.sock", machine]
    if runtime := environ.get("XDG_RUNTIME_DIR"):
        sockets.insert(0, os.path.join(runtime, "podman", "podman.sock"))
    return Engine("podman", address or _first(sockets, "podman", "CONTAINER_HOST"))


class EngineImages(OpenImage):
    """An image of an engine, by name or identifier."""

    def __init__(self, target: Target, engine: Engine, name: str, platform: str) -> None:
        super().__init__(target)
        self._engine = engine
        self._name = name
        self._platform = platform
        self._stored: OpenImage | None = None

    def images(self) -> Iterator[ImageData]:
        try:
            known = self._saved()
        except Unreadable as error:
            raise TargetError(f"{self._engine.name}:{printable(self._name)}: {error.message}") from None
        assert self._stored is not None
        for image in self._stored.images():
            image.names = list(dict.fromkeys([*image.names, *(known.repo_tags or ()), *(known.repo_digests or ())]))
            yield image

    def _saved(self) -> _Inspected:
        """Has the image sent and opened."""
        import httpx

        try:
            with _client(self._engine) as client:
                path = "/images/" + quote(self._name, safe="/:@")
                with client.stream("GET", f"{path}/json") as response:
                    known = self._inspect(response)
                query = _platform_query(self._platform)
                with client.stream("GET", f"{path}/get{query}") as response:
                    if response.status_code != 200:
                        raise self._refused(response)
                    file = spool(Peeked(cast("BinaryIO", _Body(response))))
        except (httpx.HTTPError, OSError) as error:
            raise Unreadable(_failure(self._engine, error)) from None
        target = Target(self.target.id, self.target.kind, self.target.ref)
        self._stored = open_spooled(target, file, self._platform)
        self.problems += self._stored.problems
        return known

    def _inspect(self, response: httpx.Response) -> _Inspected:
        if response.status_code != 200:
            raise self._refused(response)
        limit = limits.IMAGE_CONFIG_BYTES
        return decode(_Body(response).start(limit), _Inspected, f"{self._engine.name}'s answer", limit)

    def _refused(self, response: httpx.Response) -> Unreadable:
        engine, name = self._engine.name, printable(self._name)
        if response.status_code == 404:
            remedy = f"`{engine} pull {name}` brings it, image:{name} asks its registry"
            return Unreadable(f"{engine} holds no such image; {remedy}")
        try:
            said = msgspec.json.decode(_Body(response).start(limits.REGISTRY_ERROR_BYTES), type=dict[str, Any])
            reason = f" ({printable(str(said.get('message', ''))[:200])})"
        except (msgspec.MsgspecError, ValueError, RecursionError):
            reason = ""
        return Unreadable(f"{engine} answered {response.status_code}{reason}")

    def close(self) -> None:
        if self._stored is not None:
            self._stored.close()


def open_in(connect: Callable[[Mapping[str, str], str], Engine], scheme: str, ref: str, platform: str) -> OpenImage:
    """The image `ref` of this user's engine, which `connect` (`docker`, `podman`) finds. Raises `TargetError`."""
    try:
        engine = connect(os.environ, os.path.expanduser("~"))
    except Unreadable as error:
        raise TargetError(f"{scheme}:{ref}: {error.message}") from None
    return open_engine_image(engine, ref, platform)


def open_engine_image(engine: Engine, name: str, platform: str = "") -> OpenImage:
    """The image that an engine knows under `name` (or an identifier). Raises `TargetError`."""
    target = Target(f"{engine.name}:{printable(name)}", "image", printable(name))
    if not _NAME.match(name) or ".." in name:
        raise TargetError(
            f"expected the name or identifier of an image after {engine.name}:, found {printable(name)!r}"
        )
    try:
        return EngineImages(target, engine, name, platforms.wish(platform, os.environ))
    except Unreadable as error:
        raise TargetError(error.message) from None


class _Body:
    """The body of an answer as a stream."""

    def __init__(self, response: httpx.Response) -> None:
        self._pieces = response.iter_raw()
        self._rest = b""

    def start(self, limit: int) -> bytes:
        """The first bytes, one more than `limit` where there are more."""
        data = b""
        while len(data) <= limit and (piece := self.read(limit + 1 - len(data))):
            data += piece
        return data

    def read(self, size: int) -> bytes:
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._rest = piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data


def _client(engine: Engine) -> httpx.Client:
    import httpx

    scheme, _, rest = engine.address.partition("://")
    timeout = httpx.Timeout(_SECONDS, connect=_CONNECT_SECONDS)
    if scheme == "unix":
        _knock(rest)
        return httpx.Client(transport=httpx.HTTPTransport(uds=rest), base_url="http://engine", timeout=timeout)
    if scheme not in ("tcp", "http", "https"):
        raise Unreadable(
            f"expected the engine's address as unix:// or tcp://, found {printable(scheme)}://; "
            f"`{engine.name} save NAME | batten scan -` works too"
        )
    host = rest.partition("/")[0].rpartition("@")[2]
    if engine.certificates or scheme == "https":
        return httpx.Client(
            verify=_tls(engine.certificates), base_url=f"https://{host}", timeout=timeout, trust_env=False
        )
    return httpx.Client(base_url=f"http://{host}", timeout=timeout, trust_env=False)


def _knock(path: str) -> None:
    """Raises `OSError` where nobody listens: the HTTP library would leave a socket open then."""
    import socket

    if not hasattr(socket, "AF_UNIX"):
        raise Unreadable("unix sockets are not to be had on this system; set the engine's address as tcp://")
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(_CONNECT_SECONDS)
        knocking.connect(path)


def _tls(folder: str) -> Any:
    import ssl

    try:
        context = ssl.create_default_context(cafile=os.path.join(folder, "ca.pem") if folder else None)
        if folder and os.path.exists(os.path.join(folder, "cert.pem")):
            context.load_cert_chain(os.path.join(folder, "cert.pem"), os.path.join(folder, "key.pem"))
    except (OSError, ssl.SSLError):
        raise Unreadable(f"expected ca.pem, cert.pem and key.pem in {printable(folder)} (DOCKER_CERT_PATH)") from None
    return context


def _platform_query(platform: str) -> str:
    """Engines since API 1.48 send one platform where several are stored; older ones pass over the question."""
    if platform in ("", platforms.ALL):
        return ""
    wanted = platforms.parse(platform)
    fields = {"os": wanted.os, "architecture": wanted.architecture, "variant": wanted.variant}
    asked = msgspec.json.encode({key: value for key, value in fields.items() if value})
    return "?" + urlencode({"platform": asked.decode()})


def _failure(engine: Engine, error: Exception) -> str:
    import httpx

    causes = [error, error.__cause__, getattr(error.__cause__, "__cause__", None)]
    shown = printable(engine.address.rpartition("@")[2])
    if any(isinstance(one, PermissionError) for one in causes):
        return f"{shown}: permission denied; join the group that may use it, or run as root"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | OSError):
        return f"{shown} does not answer; is {engine.name} running?"
    if isinstance(error, httpx.TimeoutException):
        return f"{shown}: no answer within {_SECONDS} s"
    return f"{shown}: the connection broke"


def _first(sockets: list[str], name: str, variable: str) -> str:
    found = next((path for path in dict.fromkeys(sockets) if os.path.exists(path)), None)
    if found is None:
        remedy = "start `podman system service` or its socket" if name == "podman" else "start it"
        raise Unreadable(f"{name}'s socket was not found; {remedy}, or set {variable}")
    return f"unix://{found}"


def _context(environ: Mapping[str, str], home: str) -> str:
    """The address in the context that `docker context use` chose; "" where there is none."""
    folder = environ.get("DOCKER_CONFIG") or os.path.join(home, ".docker")
    try:
        config = msgspec.json.decode(read_bounded(os.path.join(folder, "config.json")) or b"{}", type=dict[str, Any])
        name = environ.get("DOCKER_CONTEXT") or config.get("currentContext", "")
        if not isinstance(name, str) or name in ("", "default"):
            return ""
        place = os.path.join(folder, "contexts", "meta", hashlib.sha256(name.encode()).hexdigest(), "meta.json")
        meta: Any = msgspec.json.decode(read_bounded(place) or b"{}", type=dict[str, Any])
        address = meta["Endpoints"]["docker"]["Host"]
    except (Unreadable, msgspec.MsgspecError, ValueError, RecursionError, KeyError, TypeError):
        return ""
    return address if isinstance(address, str) else ""
