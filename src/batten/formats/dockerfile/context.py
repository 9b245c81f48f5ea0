"""What the build context holds of the sources of ADD: files, folders, or archives that the builder unpacks.

Which folder is the context stands in no Dockerfile. Most often it is the Dockerfile's own or one further up, so a
source is looked for in all of these, and is plain where each of them that has it says so.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final, Literal

from batten.formats.dockerfile.nodes import Dockerfile
from batten.limits import DOCKERFILE_CONTEXT
from batten.model.source import Files, Heads

Held = Literal["plain", "archive", "unseen"]
"""`plain`: files and folders that ADD copies as COPY does. `archive`: one that it unpacks is among them."""

_DEPTH: Final = 64  # folders in a pattern that is followed
_TAR_BLOCK: Final = 512
_CHECKSUM: Final = slice(148, 156)
# what the builder takes for compressed: gzip, bzip2, xz, zstd. What no archive comes out of is copied, which the
# first bytes do not tell. https://docs.docker.com/reference/dockerfile/#adding-local-tar-archives
_COMPRESSED: Final = (b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")


def is_archive(head: bytes) -> bool:
    """May the builder unpack a file that begins with `head`: a compressed one, or a tar archive, whose oldest form has
    no magic but a checksum as all have."""
    if head.startswith(_COMPRESSED):
        return True
    block = head[:_TAR_BLOCK]
    if len(block) < _TAR_BLOCK:
        return False
    digits = block[_CHECKSUM].strip(b" \0")
    if not digits or not all(byte in b"01234567" for byte in digits):
        return False
    rest = block[: _CHECKSUM.start] + b" " * 8 + block[_CHECKSUM.stop :]
    # some old programs added the bytes up as signed
    return int(digits, 8) in (sum(rest), sum(byte - 256 if byte > 127 else byte for byte in rest))


def held(dockerfile: Dockerfile, files: Files) -> dict[str, Held]:
    """What the context has of each source of an ADD that is a path without variables, by the source as written."""
    found: dict[str, Held] = {}
    context = _Context(files, files, dockerfile.file.directory) if isinstance(files, Heads) else None
    for instruction in dockerfile.instructions:
        for word in instruction.sources if instruction.keyword == "ADD" else ():
            if word.value in found or "$" in word.value or "://" in word.value:
                continue
            found[word.value] = context.look(word.value) if context is not None else "unseen"
    return found


class _Context:
    """The folders that may be the context: that of the Dockerfile and all above it."""

    def __init__(self, files: Files, heads: Heads, directory: str) -> None:
        parts = directory.split("/") if directory else []
        self.folders = ["/".join(parts[:length]) for length in range(len(parts), -1, -1)]
        self.files, self.heads = files, heads
        self.left = DOCKERFILE_CONTEXT
        self.known: dict[str, frozenset[str]] = {}
        """The folders in a folder."""

    def look(self, written: str) -> Held:
        """What a source is."""
        path = posixpath.normpath(written.lstrip("/") or ".")
        if path == ".":
            return "plain"
        if path.startswith("..") or "\\" in path or "**" in path or path.count("/") > _DEPTH:
            return "unseen"
        found: Held = "unseen"
        for folder in self.folders:
            for match in self._matches(folder, path.split("/")):
                head = self._head(match)
                if head is None and not self._is_folder(match):
                    return "unseen"
                if head is not None and is_archive(head):
                    return "archive"
                found = "plain"
        return found if self.left > 0 else "unseen"

    def _matches(self, folder: str, parts: list[str]) -> Iterator[str]:
        """Files and folders below `folder` that a pattern leads to; of a path without signs, what it leads to."""
        below = f"{folder}/" if folder else ""
        if not any(sign in part for part in parts for sign in "*?["):
            path = below + "/".join(parts)
            if self._head(path) is not None or self._is_folder(path):
                yield path
            return
        pattern = parts[0].replace("[^", "[!")
        if len(parts) == 1:
            self.left -= 1
            names = [*self.files.names(folder), *self._folders(folder)] if self.left > 0 else []
            yield from (below + name for name in names if fnmatchcase(name, pattern))
            return
        for name in self._folders(folder):
            if fnmatchcase(name, pattern):
                yield from self._matches(below + name, parts[1:])

    def _head(self, path: str) -> bytes | None:
        self.left -= 1
        return self.heads.head(path) if self.left > 0 else None

    def _folders(self, folder: str) -> frozenset[str]:
        found = self.known.get(folder)
        if found is None:
            self.left -= 1
            found = frozenset(self.files.folders(folder)) if self.left > 0 else frozenset()
            self.known[folder] = found
        return found

    def _is_folder(self, path: str) -> bool:
        parent, _, name = path.rpartition("/")
        return name in self._folders(parent)
