"""What lies where a database is to be written: nothing, a database that may be replaced, or what must stay."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Final

from batten.vulnerabilities.db.rows import DatabaseError
from batten.vulnerabilities.db.schema import APPLICATION, VERSION

# https://www.sqlite.org/fileformat.html#the_database_header
SQLITE: Final = b"SQLite format 3\0"
_USER_VERSION: Final = slice(60, 64)
_APPLICATION_ID: Final = slice(68, 72)
_HEADER: Final = 100


def check_replaceable(path: Path) -> None:
    """Raises DatabaseError where `path` is anything but free, empty, or a database of batten of this format or older.

    A damaged database is replaced as long as its header says whose it is.
    """
    if not check_regular(path):
        return
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER)
    except OSError as error:
        raise DatabaseError(f"the database cannot be replaced: {path}: {error.strerror or error}") from error
    if header[: len(SQLITE)] != SQLITE or int.from_bytes(header[_APPLICATION_ID], "big") != APPLICATION:
        raise DatabaseError(
            f"expected a vulnerability database of batten or no file, found another file, which stays: {path}; "
            "name another place, or remove it"
        )
    version = int.from_bytes(header[_USER_VERSION], "big")
    if version > VERSION:
        raise DatabaseError(
            f"expected a database of format {VERSION} at most, found a newer one ({version}), which stays: {path}; "
            "use the batten that made it, name another place, or remove it"
        )


def check_regular(path: Path) -> int:
    """Bytes of the file at `path`, 0 without one. Raises DatabaseError where it is a folder, a device, a pipe …"""
    try:
        found = path.stat()
    except OSError:
        return 0  # nothing there; what else is wrong with the path is told when it is written
    if not stat.S_ISREG(found.st_mode):
        what = "a folder" if stat.S_ISDIR(found.st_mode) else "a device, pipe or socket"
        raise DatabaseError(f"expected a file to write the database to, found {what}: {path}")
    return found.st_size
