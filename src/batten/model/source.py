"""Where things were read: files, documents in them, and places in those documents.

A `Place` costs two references and no computation; only when a finding is reported does
`Place.location()` ask the document to work out lines and columns.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from msgspec import Struct
from msgspec.structs import force_setattr

from batten.model.packed import Packed, pack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from batten.model.edits import Edit, Splice

_PACK_BYTES: Final = 16 * 1024  # what is shorter takes less memory than it costs to pack and unpack it

_POINTERS: Final = 2048  # whose texts are kept: most findings stand at the same few places of their documents

Pointer = tuple[str | int, ...]
"""A route into a document: mapping keys and sequence indexes (RFC 6901 when joined)."""


@lru_cache(_POINTERS)
def pointer_text(pointer: Pointer) -> str:
    """The RFC 6901 form of `pointer`, e.g. `/spec/containers/0`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in pointer)


class Location(Struct, frozen=True, omit_defaults=True, gc=False):
    """A range of text. Lines and columns count from 1; `end_column` is one past the last character.

    Columns are Unicode code points, as SARIF's `unicodeCodePoints`.
    """

    path: str
    line: int
    column: int = 1
    end_line: int = 0
    end_column: int = 0
    pointer: str = ""


class Problem(Struct, frozen=True, omit_defaults=True, gc=False):
    """Something that could not be read or judged: what was expected, what was found, what to do."""

    path: str
    message: str
    line: int | None = None
    severe: bool = True
    """False: worth telling, but everything was read (a duplicate key); does not make the scan partial."""


class Unreadable(Exception):
    """Raised by readers for input they cannot read; becomes a `Problem`."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


class File(Struct, frozen=True, eq=False, gc=False):
    """The bytes of one file of a target.

    `path` is relative to the target's root with `/` separators ("" never; "-" for standard input).
    """

    path: str
    content: bytes | Packed
    """For `data` alone."""
    directory: str = ""
    """The folder part of `path`, "" at the root: the default scope of what is read from it."""
    encoding: str = ""
    """`UTF-16` where `content` is the UTF-8 of what the file holds in that encoding."""

    @property
    def data(self) -> bytes:
        """The bytes as they were read."""
        content = self.content
        return content if isinstance(content, bytes) else content.unpack()

    @property
    def packed(self) -> bool:
        return not isinstance(self.content, bytes)

    def pack(self) -> None:
        """Keeps a large file in a tenth of its memory, for the few looks at it that findings ask for."""
        content = self.content
        if isinstance(content, bytes) and len(content) >= _PACK_BYTES:
            force_setattr(self, "content", pack(content))

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def text(self) -> str:
        """The text, a byte order mark kept as its first character, line ends untouched.

        Raises `Unreadable` where the bytes are no UTF-8.
        """
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            line = self.data.count(b"\n", 0, error.start) + 1
            found = self.data[error.start]
            raise Unreadable(f"expected UTF-8 text, found byte 0x{found:02x}; save the file as UTF-8", line) from None


_OTHER_MARKS: Final = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_TEXTS: Final = (".yaml", ".yml", ".json")


def file_of(path: str, data: bytes) -> File:
    """The file at `path`. YAML and JSON in UTF-16 with its byte order mark, which Kubernetes and Compose read, too
    (the `>` of PowerShell writes it), becomes UTF-8. Raises `Unreadable` for UTF-32, which they do not read."""
    directory = path.rpartition("/")[0]
    if not data.startswith(_OTHER_MARKS) or not (path == "-" or path.lower().endswith(_TEXTS)):
        return File(path, data, directory)
    if data.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        raise Unreadable("expected UTF-8 or UTF-16 text, found UTF-32; save the file as UTF-8", 1)
    encoding = "utf-16-le" if data.startswith(b"\xff\xfe") else "utf-16-be"
    try:
        return File(path, data.decode(encoding).encode(), directory, "UTF-16")
    except UnicodeError as error:
        line = data[: getattr(error, "start", 0)].decode(encoding, "replace").count("\n") + 1
        raise Unreadable(
            "expected UTF-16 text as the byte order mark says, found other; save the file as UTF-8", line
        ) from None


class Files(Protocol):
    """Through which a reader asks for a second file of the same target (never out of its root)."""

    def get(self, path: str) -> File | None:
        """The file at `path` (relative to the root, `..` resolved), or None where there is none."""

    def names(self, directory: str) -> Sequence[str]:
        """Names of the plain files in `directory`, sorted."""

    def folders(self, directory: str) -> Sequence[str]:
        """Names of the folders in `directory`, sorted."""


@runtime_checkable
class Heads(Protocol):
    """Files that are asked what they begin with, too: those of a build context are of any size and kind."""

    def head(self, path: str) -> bytes | None:
        """The first `limits.SNIFF_BYTES` bytes of the file at `path`; None where there is none, it cannot be read
        or it lies outside of the root. No problem is told."""


class Document(Protocol):
    """One document of a file: knows where its parts stand and how to edit them."""

    @property
    def file(self) -> File:
        """The file that it is a document of."""

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The text of the value at `pointer` (`key=True`: of its key).

        A pointer that leads to nothing gives the nearest parent that exists.
        """

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """`edits` as replacements of ranges of `file.text()`; raises `batten.model.edits.CannotEdit`."""


class Place(Struct, frozen=True, eq=False, gc=False):
    """A value in a document, not yet turned into lines."""

    document: Document
    pointer: Pointer = ()
    key: bool = False
    """Points at the key (`privileged:`) rather than the value."""

    def location(self) -> Location:
        return self.document.locate(self.pointer, key=self.key)

    def written(self) -> Place:
        """The place itself; of a document that was built from others, where its value was written."""
        whose = getattr(self.document, "written", None)
        found: Place = self if whose is None else whose(self.pointer, key=self.key)
        return found

    def is_made(self) -> bool:
        """Is the value made anew whenever its document is (a key that a chart draws), so that no file holds it?"""
        asked = getattr(self.document, "is_made", None)
        return asked is not None and bool(asked(self.pointer))

    def __truediv__(self, part: str | int) -> Place:
        return Place(self.document, (*self.pointer, part), self.key)
