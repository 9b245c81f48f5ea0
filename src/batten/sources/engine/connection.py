"""A connection to an engine: over its socket, or TCP with TLS. What goes wrong is one line that says what to do."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from batten.model.source import Unreadable
from batten.sources.engine.where import Engine
from batten.sources.names import printable

if TYPE_CHECKING:
    import httpx

_CONNECT_SECONDS: Final = 10
_PORTS: Final = 65_535
_PORT, _TLS_PORT = 2375, 2376  # registered for Docker with IANA


def client(engine: Engine, seconds: float) -> httpx.Client:
    """A client for paths of the API. `seconds`: without a byte. Raises `Unreadable`, `OSError`."""
    import httpx

    scheme, _, rest = engine.address.partition("://")
    timeout = httpx.Timeout(seconds, connect=_CONNECT_SECONDS)
    headers = {"User-Agent": "batten", "Accept-Encoding": "identity"}
    if scheme == "unix":
        _knock(rest)
        transport = httpx.HTTPTransport(uds=rest)
        return httpx.Client(
            transport=transport, base_url="http://engine", timeout=timeout, headers=headers, trust_env=False
        )
    check(engine)
    encrypted = bool(engine.certificates) or scheme == "https"
    url = _base(rest, "https" if encrypted else "http")
    verify: Any = _tls(engine) if encrypted else True
    return httpx.Client(verify=verify, base_url=url, timeout=timeout, headers=headers, trust_env=False)


def check(engine: Engine) -> None:
    """Raises `Unreadable` for an address that is none, or of a kind that is not spoken."""
    scheme, _, rest = engine.address.partition("://")
    if scheme == "unix":
        return
    if scheme not in ("tcp", "http", "https"):
        forward = "`ssh -nNT -L /tmp/engine.sock:SOCKET HOST` brings its socket here, " if scheme == "ssh" else ""
        raise Unreadable(
            f"expected the engine's address as unix:// or tcp://, found {printable(scheme)}://; {forward}"
            f"`{engine.name} save NAME | batten scan -` works for an image"
        )
    _base(rest, "http")


def is_plain(engine: Engine) -> bool:
    """Whether it is spoken to over a network without TLS."""
    scheme = engine.address.partition("://")[0]
    return scheme in ("tcp", "http") and not engine.certificates


def _base(rest: str, scheme: str) -> Any:
    import httpx

    host = rest.partition("/")[0].rpartition("@")[2]
    try:
        url = httpx.URL(f"{scheme}://{host}")
    except (httpx.InvalidURL, ValueError):
        url = None
    if url is None or not url.host or (url.port or 0) > _PORTS:
        raise Unreadable(f"expected the engine's address as tcp://HOST:PORT, found {printable(host)!r}")
    port = url.port or (_TLS_PORT if scheme == "https" else _PORT)
    return url.copy_with(port=port)


def _knock(path: str) -> None:
    """Raises `OSError` where nobody listens: the HTTP library would leave a socket open then."""
    import socket

    if not hasattr(socket, "AF_UNIX"):
        raise Unreadable("unix sockets are not to be had on this system; set the engine's address as tcp://")
    with socket.socket(socket.AF_UNIX) as knocking:
        knocking.settimeout(_CONNECT_SECONDS)
        try:
            knocking.connect(path)
        except (ValueError, UnicodeError):  # a NUL in it
            raise Unreadable(f"expected the path of a socket, found {printable(path)!r}") from None


def _tls(engine: Engine) -> ssl.SSLContext:
    folder = engine.certificates
    authority, own = os.path.join(folder, "ca.pem"), os.path.join(folder, "cert.pem")
    try:
        # a context of Docker may hold the one or the other
        known = authority if folder and os.path.exists(authority) else None
        if folder and known is None and not os.path.exists(own):
            raise OSError
        context = ssl.create_default_context(cafile=known)
        if folder and os.path.exists(own):
            context.load_cert_chain(own, os.path.join(folder, "key.pem"))
    except (OSError, ssl.SSLError):
        raise Unreadable(f"expected ca.pem, cert.pem and key.pem in {printable(folder)} (DOCKER_CERT_PATH)") from None
    if not engine.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def failure(engine: Engine, error: Exception, seconds: float) -> str:
    """What an error of the connection means."""
    import httpx

    causes = list(_causes(error))
    shown = engine.shown
    if any(isinstance(one, PermissionError) for one in causes):
        group = " (`docker` for Docker's own)" if engine.name == "docker" else ""
        return f"{shown}: permission denied; join the group that the socket belongs to{group}, or use sudo"
    if any(isinstance(one, ssl.SSLError) for one in causes) or "SSL" in str(error):
        return f"{shown}: {_of_tls(causes, error)}"
    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | OSError):
        return f"{shown} does not answer; is {engine.name} running?"
    if isinstance(error, httpx.TimeoutException):
        return f"{shown}: no answer within {seconds:g} s"
    return f"{shown}: the connection broke"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__


def _of_tls(causes: list[BaseException], error: Exception) -> str:
    untrusted = next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None)
    if untrusted is not None:
        why = printable(untrusted.verify_message or "not trusted")
        return f"its certificate cannot be verified ({why}); DOCKER_CERT_PATH names the folder with its ca.pem"
    text = str(error).upper()
    if "CERTIFICATE_REQUIRED" in text or "CERTIFICATE REQUIRED" in text:
        return "it asks for the certificate of a client; DOCKER_CERT_PATH names the folder with cert.pem and key.pem"
    if "ALERT" in text and ("CERTIFICATE" in text or "UNKNOWN_CA" in text):
        return f"it refuses the certificate of this client ({printable(str(error)[:120])}); see DOCKER_CERT_PATH"
    if "WRONG_VERSION_NUMBER" in text or "RECORD LAYER" in text:
        return "it does not speak TLS there; unset DOCKER_TLS_VERIFY, or name its port for TLS (2376)"
    return f"TLS failed ({printable(str(error)[:120])})"
