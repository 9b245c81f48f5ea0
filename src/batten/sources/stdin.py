"""`-` - standard input, read as one file, as an archive of files, or as the image that `docker save` writes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator

from batten import limits
from batten.model.source import Unreadable
from batten.sources.confined import too_large
from batten.sources.interface import Entry, NoFiles, OpenTarget, Options, Source, Target, TargetError, Wanted
from batten.sources.oci.unpack import Peeked, is_archive

_CHUNK_BYTES = 1 * limits.MIB


class StandardInput(OpenTarget):
    """Reads what is piped in, at most `limits.FILE_BYTES`."""

    def __init__(self, stream: Peeked) -> None:
        super().__init__(Target("stdin:-", "stdin", "-"))
        self.files = NoFiles()
        self._stream = stream

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """One entry with the path `-`."""
        chunks: list[bytes] = []
        total = 0
        try:
            while total <= limits.FILE_BYTES and (chunk := self._stream.read(_CHUNK_BYTES)):
                chunks.append(chunk)
                total += len(chunk)
        except (OSError, ValueError) as error:
            self.problem("-", f"standard input cannot be read: {error}")
            return
        if not total:
            self.problem("-", "standard input is empty; expected the text of one file")
            return
        if total > limits.FILE_BYTES:
            self.problem("-", too_large(total).message)
            return
        yield Entry("-", total, b"".join(chunks))

    def shown(self, path: str) -> str:
        return "-"


def open_stdin(ref: str, options: Options) -> OpenTarget:
    if ref not in ("", "-"):
        raise TargetError(f"expected nothing after stdin:, found {ref!r}")
    if sys.stdin is None:
        raise TargetError("expected standard input, found none: it is closed")
    try:
        stream = Peeked(sys.stdin.buffer)
    except (OSError, ValueError) as error:
        raise TargetError(f"standard input cannot be read: {error}") from None
    if is_archive(stream.head) or _may_be_zip(stream.head):
        return _open_archive(stream, options)
    return StandardInput(stream)


def _may_be_zip(head: bytes) -> bool:
    if not head.startswith(b"PK"):
        return False
    from batten.sources._zip import is_zip

    return is_zip(head)


def _open_archive(stream: Peeked, options: Options) -> OpenTarget:
    """The image in an archive; where there is none, the files. Either is read from a temporary file without a name."""
    from batten.sources._zip import is_zip
    from batten.sources.archive import ArchiveTarget
    from batten.sources.oci import platforms
    from batten.sources.oci.archives import NO_IMAGE, open_spooled
    from batten.sources.oci.unpack import spool

    try:
        wanted = platforms.wish(options.platform, os.environ)
        file = spool(stream)
        if is_zip(stream.head):
            with file:
                return ArchiveTarget("-", "", options, descriptor=os.dup(file.fileno()))
        again = os.dup(file.fileno())
        try:
            opened: OpenTarget = open_spooled(Target("image:-", "image", "-"), file, wanted)
        except Unreadable as error:
            if error.message != NO_IMAGE:
                os.close(again)
                raise
            return ArchiveTarget("-", "", options, descriptor=again)
        os.close(again)
        return opened
    except Unreadable as error:
        raise TargetError(f"-: {error.message}") from None


SOURCE = Source(
    scheme="stdin",
    summary="standard input: one file, an archive or an image, also written -",
    example="-",
    open=open_stdin,
)
