"""A connection to an API server: TLS as the kubeconfig says. What goes wrong is one line that says what to do."""

from __future__ import annotations

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from batten import __version__, limits
from batten.model.source import Unreadable
from batten.sources.cluster.access import Access, Credentials
from batten.sources.names import printable

if TYPE_CHECKING:
    import httpx

_PORTS: Final = 65_535


def check(access: Access) -> None:
    """Raises `Unreadable` for a server that is no address, and for credentials that are no header."""
    address(access)
    credentials = access.credentials
    for text in (credentials.token, credentials.basic):
        if not text.isascii() or not text.isprintable():
            raise Unreadable("expected a token or password of printable ASCII in your kubeconfig, found other")


def address(access: Access) -> httpx.URL:
    """The server as an `httpx.URL`, without what stands before an `@`. Raises `Unreadable`."""
    import httpx

    server = access.server if "://" in access.server else f"https://{access.server}"
    try:
        url = httpx.URL(server)
        fits = url.scheme in ("https", "http") and bool(url.host) and (url.port or 0) <= _PORTS
    except (httpx.InvalidURL, ValueError):
        fits = False
    if not fits:
        raise Unreadable(f"expected the server as https://HOST:PORT in your kubeconfig, found {access.shown!r}")
    return url.copy_with(userinfo=b"", query=None, fragment=None)


def client(access: Access) -> httpx.Client:
    """A client for paths of the API, which follows no redirect: its credentials are for this server alone. Raises
    `Unreadable`."""
    import httpx

    url = address(access)
    headers = [("User-Agent", f"batten/{__version__}"), ("Accept", "application/json"), ("Accept-Encoding", "gzip")]
    if url.scheme == "https" or access.is_loopback:
        headers += _headers(access.credentials)
    proxy = access.proxy or None
    try:
        return httpx.Client(
            base_url=url,
            verify=_tls(access) if url.scheme == "https" else True,
            proxy=proxy,
            # the variables that kubectl knows; nothing goes through a proxy to this machine itself
            trust_env=proxy is None and not access.is_loopback,
            timeout=httpx.Timeout(limits.CLUSTER_ANSWER_SECONDS, connect=limits.CLUSTER_CONNECT_SECONDS),
            headers=headers,
            follow_redirects=False,
        )
    except ImportError:
        raise Unreadable("SOCKS proxies need the package socksio: pip install socksio") from None
    except (ValueError, httpx.InvalidURL):
        raise Unreadable("expected the proxy as http://HOST:PORT in proxy-url or HTTPS_PROXY, found other") from None


def _headers(credentials: Credentials) -> Iterator[tuple[str, str]]:
    if credentials.token:
        yield "Authorization", f"Bearer {credentials.token}"
    elif credentials.basic:
        from base64 import b64encode

        yield "Authorization", f"Basic {b64encode(credentials.basic.encode()).decode()}"
    yield from credentials.headers


def _tls(access: Access) -> ssl.SSLContext:
    context = _trusting(access)
    if not access.verified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    credentials = access.credentials
    if credentials.certificate and credentials.key:
        try:
            with _as_file(credentials.certificate) as certificate, _as_file(credentials.key) as key:
                context.load_cert_chain(certificate, key, password="")  # without one it would ask at the terminal
        except (OSError, ValueError):  # an SSLError is an OSError
            raise Unreadable("expected a certificate and its key in PEM as the client's own, found other") from None
    return context


def _trusting(access: Access) -> ssl.SSLContext:
    if access.authority:
        try:
            text = access.authority.decode("ascii")
            return ssl.create_default_context(cadata=text)
        except (ValueError, OSError):
            raise Unreadable("expected certificates in PEM as the authority of the cluster, found other") from None
    context = ssl.create_default_context()
    if not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
        import certifi

        context.load_verify_locations(certifi.where())  # small containers bring no authorities of their own
    return context


@contextmanager
def _as_file(data: bytes) -> Iterator[str]:
    """A path under which OpenSSL finds `data`, which it takes from files alone: in memory where the system can."""
    in_memory = getattr(os, "memfd_create", None)
    if in_memory is not None:
        descriptor = in_memory("batten")
        try:
            os.write(descriptor, data)
            yield f"/proc/self/fd/{descriptor}"
        finally:
            os.close(descriptor)
        return
    descriptor, path = tempfile.mkstemp(prefix="batten-")  # readable by its owner alone
    try:
        os.write(descriptor, data)
        os.close(descriptor)
        yield path
    finally:
        os.unlink(path)


# ------------------------------------------------------------------------------------ failures


def failure(access: Access, error: BaseException) -> str:
    """What an error of the connection means. Never its own text, which may hold the password of a proxy."""
    import socket

    import httpx

    causes = list(_causes(error))
    shown = access.shown
    if found := next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None):
        why = printable(str(found.verify_message or "not trusted")[:120])
        return f"{shown}: its certificate cannot be verified ({why}); see certificate-authority of your kubeconfig"
    if any(isinstance(one, ssl.SSLError) for one in causes) or "SSL" in str(error):
        text = str(error).upper()
        if "CERTIFICATE" in text or "UNKNOWN_CA" in text:
            return f"{shown}: it refuses the certificate of this client; see the user of the context"
        return f"{shown}: it does not speak TLS as it should; see `server` of your kubeconfig"
    if isinstance(error, httpx.ProxyError):
        return f"{shown}: the proxy refused the connection; see proxy-url, HTTPS_PROXY and NO_PROXY"
    if any(isinstance(one, socket.gaierror) for one in causes):
        return f"{shown}: no such host, or no network"
    if isinstance(error, httpx.ConnectTimeout):
        return f"{shown}: no connection within {limits.CLUSTER_CONNECT_SECONDS:g} s"
    if isinstance(error, httpx.ConnectError):
        return f"{shown} does not answer; is the cluster running, and is this the network to reach it from?"
    if isinstance(error, httpx.TimeoutException):
        return f"{shown}: no answer within {limits.CLUSTER_ANSWER_SECONDS:g} s"
    if isinstance(error, httpx.RemoteProtocolError):
        return f"{shown}: the answer breaks off or is no HTTP"
    return f"{shown}: the connection broke"


def is_worth_another_try(error: BaseException) -> bool:
    """Whether the connection broke, and did not fail for a reason that stays."""
    import httpx

    causes = list(_causes(error))
    if any(isinstance(one, ssl.SSLError) for one in causes) or "SSL" in str(error):
        return False
    return isinstance(error, httpx.ReadError | httpx.WriteError | httpx.RemoteProtocolError | httpx.CloseError)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    for _ in range(8):
        if error is None:
            return
        yield error
        error = error.__cause__ or error.__context__
