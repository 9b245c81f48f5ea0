"""HTTP as registries need it: patience with busy ones, none with those that hang, credentials kept at home."""

from __future__ import annotations

import random
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import SplitResult, urljoin, urlsplit

from msgspec import Struct

from batten import __version__, limits
from batten.model.source import Unreadable
from batten.sources.names import printable
from batten.sources.oci.hosts import Hosts, is_loopback

if TYPE_CHECKING:
    import httpx

# RFC 9110: too many requests, and what a gateway says while a registry restarts
_BUSY: Final = frozenset({408, 429, 500, 502, 503, 504})
_DRAINED: Final = "batten.drained"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class RegistryError(Unreadable):
    """A registry did not give what was asked; the message is one line and holds no credentials."""

    def __init__(self, message: str, status: int = 0, *, broken: bool = False) -> None:
        super().__init__(message)
        self.status = status
        """Of HTTP; 0 where there was no answer."""
        self.broken = broken
        """The connection failed; another try may work."""


class UntrustedError(RegistryError):
    """The registry's certificate is not trusted."""


class Patience(Struct, frozen=True, kw_only=True):
    """How long a registry is waited for, in seconds, and how often it is asked."""

    connect: float = 10
    read: float = 30
    """Without a single byte."""
    attempts: int = 5
    connect_attempts: int = 2
    backoff: float = 0.5
    """Before the second attempt; doubled each time."""
    longest_wait: float = limits.REGISTRY_WAIT_SECONDS
    answer: float = limits.REGISTRY_ANSWER_SECONDS
    slow_seconds: float = limits.REGISTRY_SLOW_SECONDS


class Request(Struct, frozen=True, kw_only=True):
    """What is asked of one URL."""

    method: str
    url: str
    headers: dict[str, str]
    authorization: str = ""
    """Sent to the origin of `url` alone, never where it redirects to."""
    body: Callable[[], bytes | Iterable[bytes]] | None = None
    """Called for each attempt."""

    def __repr__(self) -> str:
        return f"Request({self.method!r}, …)"


class Transport:
    """One for each client; connections are kept and shared between threads."""

    def __init__(self, hosts: Hosts, patience: Patience) -> None:
        self._hosts = hosts
        self.patience = patience
        self._clients: dict[tuple[str, bool], httpx.Client] = {}
        self._secrets: set[str] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        for client in self._clients.values():
            client.close()
        self._clients.clear()

    def keep_secret(self, texts: Iterable[str]) -> None:
        """None of these is ever shown, even where a registry repeats it in its answer."""
        self._secrets.update(text for text in texts if len(text) > 3)

    def clean(self, text: str) -> str:
        """What a registry says, as one short printable line without credentials."""
        for secret in sorted(self._secrets, key=len, reverse=True):
            text = text.replace(secret, "…")
        return printable(" ".join(text.split())[:200])

    def send(self, request: Request, *, attempts: int = 0) -> httpx.Response:
        """The answer, its body unread; the caller closes it. Busy registries are asked again.

        Raises `RegistryError` where there is no answer, or none but that the registry is busy.
        """
        import httpx

        allowed = attempts or self.patience.attempts
        attempt = 0
        while True:
            attempt += 1
            try:
                response = self._redirected(request)
            except (httpx.HTTPError, httpx.InvalidURL, ssl.SSLError, OSError, ValueError) as error:
                failure, times = self._failure(error, request.url)
                if attempt >= min(allowed, times):
                    raise failure from None
                self._sleep(attempt, None)
                continue
            if response.status_code not in _BUSY or attempt >= allowed:
                return response
            response.close()
            self._sleep(attempt, self._retry_after(response))

    def read(self, response: httpx.Response, limit: int) -> bytes:
        """The body of a small answer, which is closed; raises `RegistryError`."""
        import httpx

        if _DRAINED in response.extensions:
            return cast("bytes", response.extensions[_DRAINED])
        deadline = time.monotonic() + self.patience.answer
        host = netloc(response.request.url)
        parts = []
        total = 0
        try:
            for part in _plain(response, limit):
                parts.append(part)
                total += len(part)
                if total > limit:
                    allowed = f"{limit // limits.KIB:,} KiB"
                    raise RegistryError(f"{host}: expected an answer of at most {allowed}, found more")
                if time.monotonic() > deadline:
                    raise RegistryError(f"{host}: the answer took longer than {self.patience.answer:.0f} s")
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            raise self._failure(error, str(response.request.url))[0] from None
        except zlib.error:
            raise RegistryError(f"{host}: the answer is packed in a damaged way") from None
        finally:
            response.close()
        return b"".join(parts)

    def fetch(self, request: Request, limit: int) -> tuple[httpx.Response, bytes]:
        """`send` and `read`, again where the connection breaks in the middle. Raises `RegistryError`."""
        for attempt in range(1, self.patience.attempts + 1):
            response = self.send(request)
            try:
                return response, self.read(response, limit)
            except RegistryError as error:
                if not error.broken or attempt == self.patience.attempts:
                    raise
                self._sleep(attempt, None)
        raise AssertionError("unreachable")

    def drain(self, response: httpx.Response) -> None:
        """Reads what little a refusal says, so that the connection can be used again; `read` gives it."""
        try:
            response.extensions[_DRAINED] = self.read(response, limits.REGISTRY_ERROR_BYTES)
        except RegistryError:
            response.extensions[_DRAINED] = b""

    def pause(self, attempt: int) -> None:
        """Waits before attempt `attempt` + 1."""
        self._sleep(attempt, None)

    def _redirected(self, request: Request) -> httpx.Response:
        import httpx

        url = httpx.URL(request.url)
        at_home = True
        method = request.method
        for _ in range(limits.REGISTRY_REDIRECTS + 1):
            headers = dict(request.headers)
            if at_home and request.authorization:
                headers["Authorization"] = request.authorization
            client = self._client(url)
            content = request.body() if request.body is not None else None
            built = client.build_request(method, url, headers=headers, content=content)
            response = client.send(built, stream=True, follow_redirects=False)
            client.cookies.clear()
            location = response.headers.get("location", "")
            if response.status_code not in _REDIRECTS or not location or method not in ("GET", "HEAD"):
                return response
            response.close()
            target = url.join(location)
            if target.scheme not in ("https", "http"):
                raise RegistryError(
                    f"{netloc(url)}: redirects to what is neither https: nor http:; it was not followed"
                )
            if url.scheme == "https" and target.scheme != "https":
                raise RegistryError(f"{netloc(url)}: redirects from TLS to plain HTTP; it was not followed")
            # RFC 9110, section 15.4: fields that authenticate are for the origin they were made for
            at_home = at_home and _origin(target) == _origin(url)
            url = target.copy_with(userinfo=b"") if target.userinfo else target
        raise RegistryError(f"{netloc(url)}: expected at most {limits.REGISTRY_REDIRECTS} redirects, found more")

    def _client(self, url: httpx.URL) -> httpx.Client:
        """A client with the certificates for this host; none goes through a proxy to this machine itself."""
        import httpx

        host = url.netloc.decode("ascii", "replace")
        folders = self._hosts.folders(host) if url.scheme == "https" else []
        key = (host if folders else "", is_loopback(url.host))
        with self._lock:
            if key not in self._clients:
                try:
                    self._clients[key] = httpx.Client(
                        verify=_tls(folders),
                        trust_env=not key[1],
                        timeout=httpx.Timeout(self.patience.read, connect=self.patience.connect),
                        headers={"User-Agent": f"batten/{__version__}", "Accept-Encoding": "identity"},
                    )
                except ImportError:
                    raise RegistryError(
                        f"{host}: SOCKS proxies need the package socksio: pip install socksio"
                    ) from None
            return self._clients[key]

    def _failure(self, error: BaseException, url: str) -> tuple[RegistryError, int]:
        """What went wrong in words, and how many attempts it is worth. Never the error's own text, which
        may hold a URL with a signature or the password of a proxy."""
        import socket

        import httpx

        host = _host(url)
        patience = self.patience
        causes = _causes(error)
        if found := next((one for one in causes if isinstance(one, ssl.SSLCertVerificationError)), None):
            reason = f"its certificate is not trusted ({printable(str(found.verify_message)[:120])})"
            remedy = f"put its authority into SSL_CERT_FILE or certs.d/{host}/ca.crt"
            return UntrustedError(f"{host}: {reason}; {remedy}"), 1
        attempts = patience.attempts
        if any(isinstance(one, ssl.SSLError) for one in causes):
            text, attempts = f"does not speak TLS as it should; for plain HTTP set BATTEN_PLAIN_HTTP={host}", 1
        elif isinstance(error, httpx.ConnectTimeout):
            text, attempts = f"no connection within {patience.connect:g} s", patience.connect_attempts
        elif isinstance(error, httpx.TimeoutException):
            text, attempts = f"no answer within {patience.read:g} s", patience.connect_attempts
        elif isinstance(error, httpx.ProxyError):
            text, attempts = "the proxy refused the connection; see HTTPS_PROXY and NO_PROXY", 1
        elif any(isinstance(one, socket.gaierror) for one in causes):
            text, attempts = "no such host, or no network", patience.connect_attempts
        elif isinstance(error, httpx.ConnectError):
            text, attempts = "cannot be reached; see the name, the network and HTTPS_PROXY", patience.connect_attempts
        elif isinstance(error, ValueError | httpx.InvalidURL | httpx.UnsupportedProtocol):
            text, attempts = "a URL or header on the way (a redirect, a proxy) is none", 1
        elif isinstance(error, httpx.RemoteProtocolError):
            text = "the answer breaks off or is no HTTP"
        else:
            text = "the connection broke"
        return RegistryError(f"{host}: {text}", broken=True), attempts

    def _sleep(self, attempt: int, asked: float | None) -> None:
        wait = self.patience.backoff * 2 ** (attempt - 1)
        wait *= 0.75 + random.random() / 2  # noqa: S311 - so that many clients do not come back together
        time.sleep(min(max(wait, asked or 0), self.patience.longest_wait))

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds; raises `RegistryError` where they are more than one waits for."""
        wait = retry_after(response.headers.get("retry-after", ""))
        if wait is not None and wait > self.patience.longest_wait:
            host = netloc(response.request.url)
            message = f"{host}: answered {response.status_code} and asks to come back in {wait:,.0f} s"
            raise RegistryError(message, response.status_code)
        return wait


def retry_after(text: str) -> float | None:
    """Seconds or a date (RFC 9110, section 10.2.3)."""
    if text.isascii() and text.isdigit():
        return float(text[:9])
    if not text:
        return None
    from datetime import UTC, datetime
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(text[:64])
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    then = then if then.tzinfo else then.replace(tzinfo=UTC)
    return max(0.0, (then - datetime.now(UTC)).total_seconds())


def _plain(response: httpx.Response, limit: int) -> Iterator[bytes]:
    """The body, unpacked where a server packs it although nobody asked for that."""
    if response.headers.get("content-encoding", "identity").lower() not in ("gzip", "x-gzip"):
        yield from response.iter_raw()
        return
    decoder = zlib.decompressobj(wbits=31)
    for part in response.iter_raw():
        data = decoder.decompress(part, limit + 1)
        yield data
        if decoder.unconsumed_tail:
            yield decoder.decompress(decoder.unconsumed_tail, limit + 1)


def netloc(url: httpx.URL) -> str:
    """`host:port`, without the port that the scheme stands for: never with the credentials of a user."""
    return printable(url.netloc.decode("ascii", "replace").rpartition("@")[2][:255])


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _host(url: str) -> str:
    rest = url.partition("://")[2] or url
    return printable(rest.partition("/")[0].partition("?")[0].rpartition("@")[2][:255])


def _causes(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None and len(found) < 16:
        found.append(current)
        current = current.__cause__ or current.__context__
    return found


def _tls(folders: list[str]) -> ssl.SSLContext:
    """Trusts what the system trusts (or SSL_CERT_FILE and SSL_CERT_DIR say), and the host's own authority."""
    import os

    context = ssl.create_default_context()
    if not os.environ.get("SSL_CERT_FILE") and not os.environ.get("SSL_CERT_DIR"):
        import certifi

        context.load_verify_locations(certifi.where())  # small containers bring no authorities of their own
    for folder in folders:
        names = sorted(os.listdir(folder))
        try:
            for name in names:
                if name.endswith(".crt"):
                    context.load_verify_locations(os.path.join(folder, name))
                elif name.endswith(".cert") and f"{name[:-5]}.key" in names:
                    context.load_cert_chain(os.path.join(folder, name), os.path.join(folder, f"{name[:-5]}.key"))
        except (OSError, ssl.SSLError):
            raise UntrustedError(f"{printable(folder)}: {printable(name)} is no certificate that can be read") from None
    return context


def joined(base: str, location: str) -> SplitResult:
    """`location` as an absolute URL, seen from `base`; raises `RegistryError` where it is none."""
    try:
        found = urlsplit(urljoin(base, location))
        found.port  # noqa: B018 - says whether it is a number
    except ValueError:
        raise RegistryError(f"{_host(base)}: names a URL that is none") from None
    return found
