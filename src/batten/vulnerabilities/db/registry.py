"""Databases in registries, as OCI artefacts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from batten import limits
from batten.model.source import Unreadable
from batten.sources.oci.client import RegistryClient, RegistryError
from batten.sources.oci.manifests import Descriptor
from batten.sources.oci.references import is_reference, reference, repository
from batten.vulnerabilities.db import transfer
from batten.vulnerabilities.db.rows import DatabaseError

__all__ = ["is_reference", "pull", "push"]


class _Repository:
    """One tag or digest of a repository, as `transfer` wants it."""

    def __init__(self, client: RegistryClient, text: str) -> None:
        parsed = reference(text)
        self._client = client
        self._repository = repository(parsed)
        self._reference = parsed.digest or parsed.tag or "latest"

    def push(self, digest: str, size: int, body: Callable[[], BinaryIO]) -> None:
        self._client.push_blob(self._repository, digest, size, body)

    def push_manifest(self, data: bytes, media_type: str) -> str:
        return self._client.push_manifest(self._repository, self._reference, data, media_type)

    def manifest(self) -> bytes:
        return self._client.manifest(self._repository, self._reference).data

    def blob(self, digest: str, size: int) -> BinaryIO:
        if not 0 <= size <= limits.DATABASE_BYTES:
            raise DatabaseError(f"expected at most {limits.DATABASE_BYTES // limits.MIB:,} MiB, found more")
        return self._client.blob(self._repository, Descriptor(digest=digest, size=size))


def push(path: Path, text: str) -> str:
    """Pushes the database at `path` to the reference `text`; the digest. Raises DatabaseError."""
    try:
        with RegistryClient.from_environment() as client:
            return transfer.export_registry(path, _Repository(client, text))
    except (RegistryError, Unreadable) as error:
        raise DatabaseError(str(error)) from error


def pull(text: str, path: Path) -> None:
    """Puts the database at the reference `text` in place of the one at `path`. Raises DatabaseError."""
    try:
        with RegistryClient.from_environment() as client:
            transfer.import_registry(_Repository(client, text), path, text)
    except (RegistryError, Unreadable) as error:
        raise DatabaseError(str(error)) from error
