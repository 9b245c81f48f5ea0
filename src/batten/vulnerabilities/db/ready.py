"""Taking a database that somebody else has built, from wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from batten.detect.addresses import without_credentials
from batten.vulnerabilities.db.rows import DatabaseError


def take_ready(where: str, path: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Puts the database at `where` in place of the one at `path`; nothing changes before every digest holds.

    `where` is an address, a file that `batten db export` wrote, or an OCI reference. `progress` is told the bytes of
    an address. Raises DatabaseError.
    """
    from batten.vulnerabilities.db import transfer
    from batten.vulnerabilities.db.place import check_replaceable

    check_replaceable(path)
    if where.startswith(("https://", "http://")):
        transfer.import_address(where, path, progress=progress)
    elif Path(where).is_file():
        transfer.import_file(Path(where), path)
    elif names_registry(where):
        from batten.vulnerabilities.db import registry

        registry.pull(where, path)
    else:
        shown = without_credentials(where)
        raise DatabaseError(f"expected an exported database or an OCI reference, found neither: {shown}")


def names_registry(text: str) -> bool:
    """Whether it is an OCI reference that names its registry; a bare word is a file."""
    first, slash, _ = text.partition("/")
    if not slash or text.endswith((".tar", ".sqlite")) or first in (".", "..", "~", ""):
        return False
    if not ("." in first or ":" in first or first == "localhost"):
        return False
    from batten.vulnerabilities.db import registry

    return registry.is_reference(text)
