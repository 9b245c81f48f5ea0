"""Credentials for registries, from where `docker login` and `podman login` leave them.

Files, the first that knows the registry: REGISTRY_AUTH_FILE (which replaces the others), Podman's
`$XDG_RUNTIME_DIR/containers/auth.json` and `~/.config/containers/auth.json` (containers-auth.json(5)),
Docker's `config.json` in DOCKER_CONFIG or `~/.docker`. Helpers are programs (docker-credential-helpers);
they run without a shell and are waited for `limits.CREDENTIAL_HELPER_SECONDS`.
"""

from __future__ import annotations

import base64
import binascii
import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.image import DOCKER_HUB
from batten.model.source import Unreadable
from batten.pattern import pattern
from batten.sources.names import printable
from batten.sources.oci.hosts import DOCKER_HUB_HOST, read_bounded
from batten.sources.oci.references import Repository

# Under this name Docker keeps what it knows of Docker Hub.
_HUB_KEY: Final = "https://index.docker.io/v1/"
_HUB_HOSTS: Final = frozenset({"index.docker.io", DOCKER_HUB_HOST, "registry.hub.docker.com", DOCKER_HUB})
_HELPER: Final = pattern(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")
# What a helper gives as the user name where its secret is a refresh token.
_TOKEN_USER: Final = "<token>"  # noqa: S105
_NOT_FOUND: Final = b"credentials not found"


class Credentials(Struct, frozen=True, kw_only=True):
    """Who to be at a registry. Never shown: not by `repr`, not in a message."""

    username: str = ""
    password: str = ""
    identity_token: str = ""
    """An OAuth2 refresh token."""
    registry_token: str = ""
    """A bearer token, to be sent as it is."""

    def __repr__(self) -> str:
        return "Credentials(…)"

    def __rich_repr__(self) -> Any:
        return iter(())

    @property
    def basic(self) -> str:
        """For the header of HTTP's basic authentication (RFC 7617)."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()

    def secrets(self) -> list[str]:
        """Every text that must not be seen."""
        found = [self.password, self.identity_token, self.registry_token]
        return [*found, self.basic.removeprefix("Basic ")] if self.password else found


class _Helped(Struct, rename="pascal"):
    username: str = ""
    secret: str = ""

    def __repr__(self) -> str:
        return "_Helped(…)"


class Keychain:
    """Finds credentials; every file is read once, every helper asked once per registry."""

    def __init__(
        self, environ: Mapping[str, str], home: str, helper_seconds: float = limits.CREDENTIAL_HELPER_SECONDS
    ) -> None:
        self._environ = environ
        self._helper_seconds = helper_seconds
        self._paths = _paths(environ, home)
        self._configs: list[dict[str, Any]] | None = None
        self._helped: dict[tuple[str, str], Credentials | None] = {}
        self.notes: list[str] = []
        """Why credentials that are there were not taken: for the message when access is denied."""

    def find(self, repository: Repository) -> Credentials | None:
        """For `repository`, the most special entry; None: nobody logged in."""
        for config in self._read():
            found = self._from_helpers(config, repository.registry) or self._from_file(config, repository)
            if found is not None:
                return found
        return None

    def _read(self) -> list[dict[str, Any]]:
        if self._configs is None:
            self._configs = []
            for path in self._paths:
                try:
                    data = read_bounded(path)
                    if data:
                        self._configs.append(msgspec.json.decode(data, type=dict[str, Any]))
                except (Unreadable, msgspec.MsgspecError, ValueError, RecursionError):
                    self._note(f"{printable(path)} is no JSON object of at most 4 MiB that can be read")
        return self._configs

    def _from_file(self, config: dict[str, Any], repository: Repository) -> Credentials | None:
        auths = config.get("auths")
        if not isinstance(auths, dict):
            return None
        entries = {_key(key): value for key, value in auths.items() if isinstance(value, dict) and value}
        name = str(repository)
        while name:
            if (entry := entries.get(name)) and (found := self._entry(entry, name)):
                return found
            name = name.rpartition("/")[0]
        return None

    def _entry(self, entry: dict[str, Any], name: str) -> Credentials | None:
        username, password = entry.get("username"), entry.get("password")
        if isinstance(auth := entry.get("auth"), str) and auth:
            try:
                username, _, password = base64.b64decode(auth, validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                self._note(f"the entry of {printable(name)} is no base64 of USER:PASSWORD")
        found = Credentials(
            username=_text(username),
            password=_text(password).rstrip("\0"),
            identity_token=_text(entry.get("identitytoken")),
            registry_token=_text(entry.get("registrytoken")),
        )
        return found if any(found.secrets()) else None

    def _from_helpers(self, config: dict[str, Any], registry: str) -> Credentials | None:
        named = config.get("credHelpers")
        helpers = {_key(key): value for key, value in named.items()} if isinstance(named, dict) else {}
        helper = helpers.get(registry, config.get("credsStore"))
        if not isinstance(helper, str) or not helper:
            return None
        key = (helper, registry)
        if key not in self._helped:
            self._helped[key] = self._ask(helper, _HUB_KEY if registry == DOCKER_HUB else registry)
        return self._helped[key]

    def _ask(self, helper: str, server: str) -> Credentials | None:
        program = (
            shutil.which(f"docker-credential-{helper}", path=self._environ.get("PATH"))
            if _HELPER.match(helper)
            else None
        )
        shown = f"docker-credential-{printable(helper[:64])}"
        if program is None:
            self._note(f"{shown} is not installed")
            return None
        status, output = _run(program, server, self._environ, self._helper_seconds)
        if status != 0:
            if _NOT_FOUND not in output:
                self._note(f"{shown} {'did not answer in time' if status is None else f'failed (exit {status})'}")
            return None
        try:
            answer = msgspec.json.decode(output, type=_Helped)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            self._note(f"{shown} did not answer with credentials")
            return None
        if not answer.secret:
            return None
        if answer.username == _TOKEN_USER:
            return Credentials(identity_token=answer.secret)
        return Credentials(username=answer.username, password=answer.secret)

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)


def _run(program: str, server: str, environ: Mapping[str, str], seconds: float) -> tuple[int | None, bytes]:
    """Exit status (None: it took too long or could not start) and the beginning of what it printed."""
    # A file and no pipe: whatever the helper leaves running cannot keep us waiting for its end.
    with tempfile.TemporaryFile(prefix="batten-") as output:
        try:
            done = subprocess.run(  # noqa: S603 - the user's own program, without a shell
                [program, "get"],
                input=server.encode() + b"\n",
                stdout=output,
                stderr=subprocess.DEVNULL,
                timeout=seconds,
                env=dict(environ),
                check=False,
            )
        except (OSError, subprocess.SubprocessError):
            return None, b""
        output.seek(0)
        return done.returncode, output.read(limits.REGISTRY_TOKEN_BYTES)


def _paths(environ: Mapping[str, str], home: str) -> list[str]:
    docker = environ.get("DOCKER_CONFIG", "")
    own = os.path.join(docker or os.path.join(home, ".docker"), "config.json")
    if chosen := environ.get("REGISTRY_AUTH_FILE", ""):
        return [chosen, own] if docker else [chosen]
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    runtime = environ.get("XDG_RUNTIME_DIR", "")
    found = [os.path.join(folder, "containers", "auth.json") for folder in (runtime, config) if folder]
    return [own, *found] if docker else [*found, own]


def _key(key: str) -> str:
    """`https://index.docker.io/v1/` -> `docker.io`; containers/image adds repositories to the host."""
    name = key.partition("://")[2] or key
    name = name.rstrip("/").removesuffix("/v1").removesuffix("/v2")
    host, slash, rest = name.partition("/")
    return (DOCKER_HUB if host in _HUB_HOSTS else host.lower()) + slash + rest


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
