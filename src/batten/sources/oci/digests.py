"""Digests: what they look like, and bytes that are checked against them while they are read."""

from __future__ import annotations

import hashlib
import io
from typing import TYPE_CHECKING, BinaryIO, Final

from batten.model.source import Unreadable
from batten.sources.names import printable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_HEX: Final = frozenset("0123456789abcdef")
# OCI image specification, "Registered algorithms"; blake3 is registered and not in the standard library.
_LENGTHS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}


def is_digest(text: str) -> bool:
    """`sha256:` and 64 lower-case hexadecimal digits, or another algorithm that can be computed here."""
    algorithm, _, digits = text.partition(":")
    return len(digits) == _LENGTHS.get(algorithm) and _HEX.issuperset(digits)


def checked(text: str, what: str) -> str:
    """`text`; raises `Unreadable` where it is no digest."""
    if not is_digest(text):
        found = printable(text[:80])
        raise Unreadable(f"expected the digest of {what} as sha256:… (64 hexadecimal digits), found {found!r}")
    return text


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def verify(data: bytes, digest: str, what: str) -> bytes:
    """`data`; raises `Unreadable` where they do not have `digest`."""
    found = digest_of(data, checked(digest, what).partition(":")[0])
    if found != digest:
        raise lie(what, digest, found)
    return data


def lie(what: str, digest: str, found: str) -> Unreadable:
    return Unreadable(f"{what}: expected {digest}, found bytes with {found}: damaged or tampered with; not used")


class Verified(io.RawIOBase):
    """A stream that raises `Unreadable` at its end where the bytes do not have the digest.

    Whoever stops before the end has verified nothing.
    """

    def __init__(self, source: BinaryIO, digest: str, what: str) -> None:
        super().__init__()
        self._source = source
        self._digest = checked(digest, what)
        self._what = what
        self._hash = hashlib.new(digest.partition(":")[0])

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        data = self._source.read(len(view))
        if not data and len(view):
            found = f"{self._hash.name}:{self._hash.hexdigest()}"
            if found != self._digest:
                raise lie(self._what, self._digest, found)
            return 0
        view[: len(data)] = data
        self._hash.update(data)
        return len(data)

    def close(self) -> None:
        self._source.close()
        super().close()
