"""Where a cluster is asked, and with which credentials: never part of a message, a report or a cache."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from batten.pattern import pattern
from batten.sources.names import printable


class Credentials(Struct, frozen=True, kw_only=True):
    """As whom the API server is asked. Its text shows nothing of it."""

    token: str = ""
    basic: str = ""
    """`user:password`."""
    certificate: bytes = b""
    """PEM, as the key."""
    key: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()
    """`Impersonate-User` and the like."""

    def is_any(self) -> bool:
        return bool(self.token or self.basic or (self.certificate and self.key))

    def with_headers(self, headers: tuple[tuple[str, str], ...]) -> Credentials:
        return replace(self, headers=headers)

    def __repr__(self) -> str:
        return "Credentials(…)"


class Access(Struct, frozen=True, kw_only=True):
    """One cluster."""

    name: str
    """Of its context."""
    server: str
    """`https://host:6443`, perhaps with a path."""
    authority: bytes = b""
    """PEM; empty: what the system trusts."""
    verified: bool = True
    """False: the kubeconfig says `insecure-skip-tls-verify`."""
    server_name: str = ""
    """That its certificate is made for, where that is not the host's."""
    proxy: str = ""
    credentials: Credentials = Credentials()

    @property
    def shown(self) -> str:
        """The address without credentials, printable."""
        scheme, separator, rest = self.server.partition("://")
        host = (rest if separator else scheme).partition("/")[0].rpartition("@")[2]
        return printable(f"{scheme}://{host}" if separator else host)[:255]

    @property
    def is_loopback(self) -> bool:
        host = pattern(r":\d+\Z").sub("", self.shown.partition("://")[2]).strip("[]")
        return host in ("localhost", "::1") or host.startswith("127.")
