"""One question to a registry: at which host, over which scheme, with which credentials, and what a refusal means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.oci.auth import Authenticator
from batten.sources.oci.credentials import Keychain
from batten.sources.oci.hosts import Endpoint, Hosts
from batten.sources.oci.manifests import decode
from batten.sources.oci.references import Repository
from batten.sources.oci.transport import Patience, RegistryError, Request, Transport, UntrustedError, joined, netloc

if TYPE_CHECKING:
    import httpx

PULL: Final = "pull"
PUSH: Final = "pull,push"
_NEXT: Final = pattern(r"\s*<([^<>]{1,4096})>\s*;[^,]*?\brel=\"?next\"?")

_T = TypeVar("_T")


class _Error(Struct):
    code: str = ""
    message: str = ""


class _Errors(Struct):
    errors: list[_Error] | None = None


class Connection:
    """What the client's verbs are made of. Everything raises `RegistryError`."""

    def __init__(self, hosts: Hosts, keychain: Keychain, patience: Patience) -> None:
        self.hosts = hosts
        self.transport = Transport(hosts, patience)
        self.auth = Authenticator(self.transport, keychain)
        self._schemes: dict[str, str] = {}
        self._gone: set[str] = set()
        """Mirrors that could not be reached."""

    def home(self, repository: Repository) -> Endpoint:
        """The registry itself, no mirror."""
        return self.hosts.endpoints(repository, by_digest=True, pushing=True)[-1]

    def first(self, repository: Repository, by_digest: bool, get: Callable[[Endpoint], _T]) -> _T:
        """What the first endpoint gives that has it: a mirror that fails is passed over."""
        for endpoint in self.hosts.endpoints(repository, by_digest=by_digest):
            if endpoint.host in self._gone and endpoint.is_mirror:
                continue
            try:
                return get(endpoint)
            except Unreadable as error:
                if not endpoint.is_mirror:
                    raise
                if isinstance(error, RegistryError) and error.broken:
                    self._gone.add(endpoint.host)
        raise AssertionError("the registry itself is the last endpoint")

    def fetch(
        self,
        endpoint: Endpoint,
        repository: Repository,
        path: str,
        limit: int,
        what: str,
        headers: dict[str, str] | None = None,
    ) -> tuple[httpx.Response, bytes]:
        """A whole small answer with the status 200."""
        patience = self.transport.patience
        for attempt in range(1, patience.attempts + 1):
            response = self.send(endpoint, repository, "GET", path, PULL, headers or {})
            try:
                if response.status_code != 200:
                    body = self.transport.read(response, limits.REGISTRY_ERROR_BYTES)
                    raise self.refused(response, endpoint, repository, what, body)
                return response, self.transport.read(response, limit)
            except RegistryError as error:
                if not error.broken or attempt == patience.attempts or endpoint.is_mirror:
                    raise
                self.transport.pause(attempt)
        raise AssertionError("unreachable")

    def pages(self, endpoint: Endpoint, repository: Repository, path: str, kind: type[_T]) -> Iterator[_T]:
        """Follows `Link: <…>; rel="next"` (RFC 8288) within the registry."""
        seen = {path}
        total = 0
        for _ in range(limits.REGISTRY_PAGES):
            response, data = self.fetch(endpoint, repository, path, limits.REGISTRY_ANSWER_BYTES, str(repository))
            total += len(data)
            if total > limits.REGISTRY_LIST_BYTES:
                allowed = limits.REGISTRY_LIST_BYTES // limits.MIB
                raise RegistryError(f"{repository}: expected a list of at most {allowed} MiB, found more")
            yield decode(data, kind, str(repository), limits.REGISTRY_ANSWER_BYTES)
            link = _NEXT.search(response.headers.get("link", "")[:8192])
            if link is None:
                return
            base = str(response.request.url)
            target = joined(base, link[1])
            prefix = f"/v2/{endpoint.repository}/"
            if target[:2] != urlsplit(base)[:2] or not target.path.startswith(prefix):
                raise RegistryError(f"{endpoint.host}: the next page is said to lie elsewhere; it was not asked for")
            path = target.path[len(prefix) :] + (f"?{target.query}" if target.query else "")
            if path in seen:
                return
            seen.add(path)
        raise RegistryError(f"{repository}: expected at most {limits.REGISTRY_PAGES:,} pages, found more")

    def send(
        self,
        endpoint: Endpoint,
        repository: Repository,
        method: str,
        path: str,
        actions: str,
        headers: dict[str, str],
        body: Callable[[], bytes | Iterable[bytes]] | None = None,
    ) -> httpx.Response:
        """One question, asked again with credentials where the registry wants them."""
        origin = self.origin(endpoint)
        attempts = self.transport.patience.connect_attempts if endpoint.is_mirror else 0
        url = f"{origin}/v2/{endpoint.repository}/{path}"
        authorization = self.auth.known(origin, endpoint.account, actions)
        for last in (False, True):
            request = Request(method=method, url=url, headers=headers, authorization=authorization, body=body)
            response = self.transport.send(request, attempts=attempts)
            if response.status_code != 401 or last:
                return response
            self.transport.drain(response)
            try:
                authorization = self.auth.answer(response, origin, endpoint.account, actions)
            except RegistryError as error:
                if error.status != 401:
                    raise
                reason = self.auth.denied(endpoint.account)
                raise RegistryError(f"{repository}: {error.message}: {reason}", 401) from None
            if not authorization:
                return response
        raise AssertionError("unreachable")

    def origin(self, endpoint: Endpoint) -> str:
        """`https://host`, or `http://host` where that is allowed and TLS is not spoken."""
        if endpoint.plain:
            return f"http://{endpoint.host}"
        if not endpoint.may_be_plain:
            return f"https://{endpoint.host}"
        if endpoint.host not in self._schemes:
            self._schemes[endpoint.host] = "https" if self._speaks_tls(endpoint.host) else "http"
        return f"{self._schemes[endpoint.host]}://{endpoint.host}"

    def _speaks_tls(self, host: str) -> bool:
        try:
            request = Request(method="GET", url=f"https://{host}/v2/", headers={})
            self.transport.drain(self.transport.send(request, attempts=1))
        except UntrustedError:
            raise
        except RegistryError:
            return False
        return True

    def refused(
        self, response: httpx.Response, endpoint: Endpoint, repository: Repository, what: str, body: bytes
    ) -> RegistryError:
        """What an answer other than the one hoped for means."""
        import httpx

        status, said = response.status_code, self._said(body)
        host, answering = endpoint.host, netloc(response.request.url)
        is_home = answering == netloc(httpx.URL(self.origin(endpoint)))
        if not is_home:
            host = f"{answering} (where {host} redirects to)"
        if status in (401, 403):
            reason = self.auth.denied(endpoint.account)
            if not is_home:  # storage never sees the credentials: the redirect itself is the permission
                reason = (
                    f"answered {status}{said}; the redirect may have expired, or this network is refused: try again"
                )
            return RegistryError(f"{what}: {host} denies access: {reason}", status)
        if status == 404:
            return RegistryError(f"{what}: {host} has no such thing{said}; see the name and the tag", status)
        if status == 429:
            message = f"{what}: {host} allows no more requests for now (429){said}"
            return RegistryError(f"{message}; log in, use a mirror, or try again later", status)
        return RegistryError(f"{what}: {host} answered {status}{said}", status)

    def _said(self, body: bytes) -> str:
        try:
            errors = msgspec.json.decode(body, type=_Errors).errors or []
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return ""
        text = self.transport.clean(" ".join(part for one in errors[:1] for part in (one.code, one.message) if part))
        return f" ({text})" if text else ""
