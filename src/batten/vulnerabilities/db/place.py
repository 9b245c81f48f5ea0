"""What lies where a database is to be written: nothing, a database that may be replaced, or what must stay."""

from __future__ import annotations

import os
import re
import shutil
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from batten.vulnerabilities.db.rows import DatabaseError
from batten.vulnerabilities.db.schema import APPLICATION, VERSION

# https://www.sqlite.org/fileformat.html#the_database_header
SQLITE: Final = b"SQLite format 3\0"
_USER_VERSION: Final = slice(60, 64)
_APPLICATION_ID: Final = slice(68, 72)
_HEADER: Final = 100
_ABANDONED: Final = 24 * 3600  # seconds without a change: longer than anything is written or fetched


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


def remove_abandoned(path: Path) -> None:
    """Removes what runs that were killed left beside the database at `path`: a half-made copy is as large as that.

    Only files and folders of the names that `tempfile` gives there, of this user, and untouched for a day.
    """
    name = re.compile(rf"\.{re.escape(path.name)}\.[a-z0-9_]{{8}}(?:\.new)?")
    before = time.time() - _ABANDONED
    with suppress(OSError):
        for one in [one for one in path.parent.iterdir() if name.fullmatch(one.name)]:
            found = one.lstat()
            if found.st_mtime > before or (hasattr(os, "geteuid") and found.st_uid != os.geteuid()):
                continue
            if stat.S_ISDIR(found.st_mode):
                shutil.rmtree(one, ignore_errors=True)
            elif stat.S_ISREG(found.st_mode):
                one.unlink(missing_ok=True)
