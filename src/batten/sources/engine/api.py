"""Questions to an engine's API: nothing but GET, answers bounded in size, shape and time, the version agreed on.

Sources: Docker Engine API 1.24 to 1.51; the libpod API of Podman 3 to 5.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

import msgspec

from batten import limits
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.engine.connection import client, failure
from batten.sources.engine.where import Engine
from batten.sources.names import printable

if TYPE_CHECKING:
    import httpx

_NEWEST: Final = (1, 51)
"""Of Docker's API, whose answers are known here."""
_OLDEST: Final = (1, 24)
_LIBPOD: Final = (4, 0, 0)
"""Podman 4 and 5 speak it."""
_OLDEST_LIBPOD: Final = (3, 0, 0)
_VERSION: Final = pattern(r"(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?(?:[-+.].{0,64})?\Z")
_SAID: Final = 200


class Refused(Unreadable):
    """The engine, or a proxy before it, answered something else than what was asked for."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class Broken(Unreadable):
    """The engine cannot be asked any more."""


class Api:
    """One engine. A context manager; everything raises `Refused`, `Broken`, or `Unreadable` for one answer."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_podman = engine.name == "podman"
        self.note = ""
        """What was found out about its version that is worth telling."""
        self._until = time.monotonic() + limits.ENGINE_SECONDS
        self._left = limits.ENGINE_BYTES
        self._prefix = ""
        try:
            self._client: httpx.Client = client(engine, limits.ENGINE_ANSWER_SECONDS)
        except OSError as error:
            raise Broken(failure(engine, error, limits.ENGINE_ANSWER_SECONDS)) from None

    def __enter__(self) -> Api:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def agree(self) -> None:
        """Finds out who answers, and in which version to ask. Raises `Unreadable` where there is none for both."""
        try:
            found = self.ask("/version")
        except Refused as error:
            self._not_the_engine(error)
            # a proxy that lets nothing of it through: the engine's own newest version answers
            self._prefix = "/v4.0.0/libpod" if self.is_podman else ""
            self.note = f"{error.message}; asked without knowing its version"
            return
        if not isinstance(found, dict):
            raise Unreadable(f"{self.engine.shown}: expected the version of an engine, found other; is it one?")
        components = found.get("Components")
        parts = [one for one in components if isinstance(one, dict)] if isinstance(components, list) else []
        podman = next((one for one in parts if one.get("Name") == "Podman Engine"), None)
        self.is_podman = podman is not None
        if podman is not None:
            details = podman.get("Details")
            self._prefix = self._libpod(details if isinstance(details, dict) else {})
        else:
            self._prefix = self._docker(found)

    def _docker(self, found: dict[str, Any]) -> str:
        highest, lowest = _parsed(found.get("ApiVersion")), _parsed(found.get("MinAPIVersion"))
        if highest is None:
            raise Unreadable(f"{self.engine.shown}: expected the version of an engine, found other; is it one?")
        if highest[:2] < _OLDEST:
            spoken = _text(highest[:2])
            raise Unreadable(f"{self.engine.shown} speaks API {spoken}; expected 1.24 (Docker 1.12) or later")
        chosen = min(highest[:2], _NEWEST)
        if lowest is not None and chosen < lowest[:2]:
            chosen = lowest[:2]
            self.note = f"it speaks API {_text(chosen)} and later, newer than what is known here ({_text(_NEWEST)})"
        return f"/v{_text(chosen)}"

    def _libpod(self, details: dict[str, Any]) -> str:
        highest, lowest = _parsed(details.get("APIVersion")), _parsed(details.get("MinAPIVersion"))
        if highest is None:
            return f"/v{_text(_LIBPOD)}/libpod"
        if highest < _OLDEST_LIBPOD:
            raise Unreadable(f"{self.engine.shown} speaks libpod {_text(highest)}; expected Podman 3 or later")
        chosen = min(highest, _LIBPOD)
        if lowest is not None and chosen < lowest:
            chosen = lowest
            self.note = f"it speaks libpod {_text(chosen)} and later, newer than what is known here ({_text(_LIBPOD)})"
        return f"/v{_text(chosen)}/libpod"

    def _not_the_engine(self, error: Refused) -> None:
        if error.status == 400 and "HTTPS" in error.message.upper():
            raise Unreadable(f"{self.engine.shown} speaks TLS; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH") from None
        if error.status not in (401, 403, 404, 405, 501):
            raise error

    def get(self, path: str, *names: str, query: str = "") -> Any:
        """The answer to one question of the API; a `%` in `path` stands for a name."""
        for name in names:
            path = path.replace("%", quote(name, safe=":@"), 1)
        return self.ask(f"{self._prefix}{path}{query}")

    def ask(self, path: str) -> Any:
        """The JSON at a path, checked: not larger, longer or deeper than any that is real."""
        import httpx

        if time.monotonic() > self._until:
            raise Broken(
                f"{self.engine.shown}: expected an end within {limits.ENGINE_SECONDS:,} s; the rest is not read"
            )
        try:
            with self._client.stream("GET", path) as response:
                data = self._body(response, limits.ENGINE_ANSWER_BYTES)
                if response.status_code != 200:
                    raise self._refused(path, response.status_code, data)
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            raise Broken(failure(self.engine, error, limits.ENGINE_ANSWER_SECONDS)) from None
        return self._decoded(path, data)

    def _body(self, response: httpx.Response, limit: int) -> bytes:
        data = bytearray()
        for piece in response.iter_raw():
            data += piece
            self._left -= len(piece)
            if len(data) > limit:
                raise Unreadable(f"expected an answer of at most {limit // limits.MIB} MiB, found more")
            if self._left < 0:
                whole = limits.ENGINE_BYTES // limits.MIB
                raise Broken(f"{self.engine.shown}: expected at most {whole} MiB in all; the rest is not read")
            if time.monotonic() > self._until:
                seconds = limits.ENGINE_SECONDS
                raise Broken(f"{self.engine.shown}: expected an end within {seconds:,} s; the rest is not read")
        return bytes(data)

    def _decoded(self, path: str, data: bytes) -> Any:
        try:
            found = msgspec.json.decode(data)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            raise Unreadable(f"expected JSON from {_name(path)}, found other") from None
        if not is_sane(found):
            raise Unreadable(
                f"expected an answer as engines give it from {_name(path)}, found one too large or too deep"
            )
        return found

    def _refused(self, path: str, status: int, body: bytes) -> Refused:
        said: Any = None
        try:
            said = msgspec.json.decode(body[: limits.REGISTRY_ERROR_BYTES])
        except (msgspec.MsgspecError, ValueError, RecursionError):
            said = body[: limits.REGISTRY_ERROR_BYTES].decode("utf-8", "replace")
        if isinstance(said, dict):
            said = said.get("message") or said.get("cause") or ""
        text = printable(" ".join(str(said).split()))[:_SAID]
        return Refused(f"it answers {status} to GET {_name(path)}{f' ({text})' if text else ''}", status)


def is_sane(value: Any) -> bool:
    """Whether a decoded value has no more members and levels than any real answer."""
    count, waiting = 0, [(value, 0)]
    while waiting:
        one, depth = waiting.pop()
        inner = one.values() if isinstance(one, dict) else one if isinstance(one, list) else ()
        count += len(inner)
        if count > limits.ENGINE_VALUES or depth > limits.ENGINE_DEPTH:
            return False
        waiting += [(member, depth + 1) for member in inner if isinstance(member, dict | list)]
    return True


def _parsed(version: object) -> tuple[int, int, int] | None:
    found = _VERSION.match(version) if isinstance(version, str) else None
    return (int(found[1]), int(found[2]), int(found[3] or 0)) if found is not None else None


def _text(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _name(path: str) -> str:
    """A path without its version: as rules of a proxy name it."""
    bare = path.partition("?")[0]
    return pattern(r"^/v[0-9.]+").sub("", bare) or bare
