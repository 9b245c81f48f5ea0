"""Who we are to a registry: challenges (RFC 9110, section 11.6.1), basic authentication, bearer tokens.

Tokens: "Token Authentication Specification" and "OAuth2 Token Authentication" of the distribution project.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode, urlsplit

import msgspec
from msgspec import Struct

from batten import limits
from batten.pattern import pattern
from batten.sources.oci.credentials import Credentials, Keychain
from batten.sources.oci.references import Repository
from batten.sources.oci.transport import RegistryError, Request, Transport, netloc

if TYPE_CHECKING:
    import httpx

_CHALLENGE: Final = pattern(r"\s*,?\s*([A-Za-z][A-Za-z0-9-]{0,31})(?=\s|,|\Z)[ \t]*")
_PARAMETER: Final = pattern(r"\s*,?\s*([A-Za-z][A-Za-z0-9_-]{0,31})[ \t]*=[ \t]*(?:\"((?:[^\"\\]|\\.)*)\"|([^\s,\"]+))")
_TOKEN: Final = pattern(r"[\x21-\x7e]+\Z")
_HEADER_CHARACTERS: Final = 8 * limits.KIB
_CLIENT: Final = "batten"
# "If expires_in is omitted, this defaults to 60 seconds"; asked anew a little before.
_LIFETIME: Final = 60.0
_MARGIN: Final = 5.0


class Challenge(Struct, frozen=True):
    scheme: str
    """In lower case."""
    parameters: dict[str, str]


class _Answer(Struct):
    token: str = ""
    access_token: str = ""
    refresh_token: str = ""
    expires_in: float | None = None

    def __repr__(self) -> str:
        return "_Answer(…)"


def challenges(headers: Iterable[str]) -> list[Challenge]:
    """What `WWW-Authenticate` offers; the parts that cannot be read are left out."""
    found: list[Challenge] = []
    for header in headers:
        text = header[:_HEADER_CHARACTERS]
        position = 0
        while begun := _CHALLENGE.match(text, position):
            position = begun.end()
            parameters: dict[str, str] = {}
            while one := _PARAMETER.match(text, position):
                quoted = one[2]
                value = one[3] if quoted is None else pattern(r"\\(.)").sub(r"\1", quoted)
                parameters.setdefault(one[1].lower(), value)
                position = one.end()
            found.append(Challenge(begun[1].lower(), parameters))
    return found


class Authenticator:
    """Answers challenges, and remembers what was answered: one token for each repository and set of actions."""

    def __init__(self, transport: Transport, keychain: Keychain) -> None:
        self._transport = transport
        self._keychain = keychain
        self._tokens: dict[tuple[str, str], tuple[str, float]] = {}
        self._lock = threading.Lock()

    def known(self, origin: str, repository: Repository, actions: str) -> str:
        """The value for `Authorization` that was good before; "" where there is none."""
        with self._lock:
            value, until = self._tokens.get((origin, _scope(repository, actions)), ("", 0.0))
        return value if time.monotonic() < until else ""

    def answer(self, response: httpx.Response, origin: str, repository: Repository, actions: str) -> str:
        """The value for `Authorization` that answers the refusal `response`; "" where there is nothing to say.

        Raises `RegistryError`.
        """
        offered = challenges(response.headers.get_list("www-authenticate"))
        credentials = self._keychain.find(repository)
        if credentials is not None:
            self._transport.keep_secret(credentials.secrets())
        value, lifetime = "", _LIFETIME
        bearer = next((one for one in offered if one.scheme == "bearer" and one.parameters.get("realm")), None)
        if bearer is not None and credentials is not None and credentials.registry_token:
            value = f"Bearer {_sound(credentials.registry_token, origin)}"
        elif bearer is not None:
            value, lifetime = self._bearer(bearer, origin, _scope(repository, actions), credentials)
        elif credentials is not None and credentials.password and any(one.scheme == "basic" for one in offered):
            value, lifetime = credentials.basic, 3600.0
        if value:
            with self._lock:
                self._tokens[origin, _scope(repository, actions)] = (value, time.monotonic() + lifetime)
        return value

    def denied(self, repository: Repository) -> str:
        """What to do about a refusal, as the end of a sentence."""
        credentials = self._keychain.find(repository)
        notes = f" ({'; '.join(self._keychain.notes)})" if self._keychain.notes else ""
        if credentials is None:
            return f"no credentials were found for it{notes}; log in with `docker login` or `podman login`"
        return f"the credentials that were found for it are not good for that{notes}"

    def _bearer(
        self, challenge: Challenge, origin: str, wanted: str, credentials: Credentials | None
    ) -> tuple[str, float]:
        realm = _realm(challenge.parameters["realm"], origin)
        # The registry may know the repository by another name; for reading, its word counts.
        scope = challenge.parameters.get("scope") or wanted
        if "push" in wanted and "push" not in scope:
            scope = wanted
        fields = {"service": challenge.parameters.get("service", ""), "scope": scope}
        if credentials is not None and credentials.identity_token:
            answer = self._post(
                realm, fields | {"grant_type": "refresh_token", "refresh_token": credentials.identity_token}
            )
        else:
            answer = self._get(realm, fields, credentials)
        token = _sound(answer.token or answer.access_token, origin)
        self._transport.keep_secret([token, answer.refresh_token])
        lifetime = _LIFETIME if answer.expires_in is None else min(max(answer.expires_in, _MARGIN), 86_400.0)
        return f"Bearer {token}", lifetime - _MARGIN

    def _get(self, realm: str, fields: dict[str, str], credentials: Credentials | None) -> _Answer:
        pairs = [(key, value) for key, value in fields.items() if value and key != "scope"]
        pairs += [("scope", one) for one in fields["scope"].split(" ") if one]
        basic = credentials.basic if credentials is not None and credentials.password else ""
        if credentials is not None and basic:
            pairs.append(("account", credentials.username))
        query = urlencode(pairs)
        url = f"{realm}{'&' if urlsplit(realm).query else '?'}{query}"
        request = Request(method="GET", url=url, headers={"Accept": "application/json"}, authorization=basic)
        response, body = self._transport.fetch(request, limits.REGISTRY_ANSWER_BYTES)
        if response.status_code in (404, 405) and credentials is not None and basic:
            return self._post(
                realm,
                fields | {"grant_type": "password", "username": credentials.username, "password": credentials.password},
            )
        return self._read(response, body)

    def _post(self, realm: str, fields: dict[str, str]) -> _Answer:
        body = urlencode({"client_id": _CLIENT, **fields}).encode()
        headers = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
        request = Request(method="POST", url=realm, headers=headers, body=lambda: body)
        return self._read(*self._transport.fetch(request, limits.REGISTRY_ANSWER_BYTES))

    def _read(self, response: httpx.Response, body: bytes) -> _Answer:
        host = netloc(response.request.url)
        if response.status_code != 200:
            status = response.status_code
            if status in (400, 401, 403):
                raise RegistryError(f"{host}: gives no token (answered {status})", 401)
            raise RegistryError(f"{host}: expected a token, found the answer {status}", status)
        try:
            return msgspec.json.decode(body, type=_Answer)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise RegistryError(f"{host}: expected a token as JSON, found other data") from None


def _scope(repository: Repository, actions: str) -> str:
    return f"repository:{repository.name}:{actions}"


def _realm(text: str, origin: str) -> str:
    """Where tokens are given. A registry that speaks TLS must not send passwords over plain HTTP."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username and parts.port != 0
    except ValueError:
        sound = False
    if not sound or not text.isascii() or not text.isprintable():
        raise RegistryError(f"{urlsplit(origin).netloc}: names no URL where tokens are given")
    if parts.scheme == "http" and origin.startswith("https:"):
        raise RegistryError(f"{urlsplit(origin).netloc}: wants tokens asked over plain HTTP; that was not done")
    return text.partition("#")[0]


def _sound(token: str, origin: str) -> str:
    """`token`, which becomes part of a header."""
    if not token or len(token) > limits.REGISTRY_TOKEN_BYTES or not _TOKEN.match(token):
        raise RegistryError(f"{urlsplit(origin).netloc}: expected a token of printable characters, found none")
    return token
