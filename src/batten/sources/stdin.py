"""`-` - standard input, read as one file, or as the image that `docker save` writes."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from batten import limits
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
    if is_archive(stream.head):
        from batten.sources.oci.archives import open_archive_stream

        return open_archive_stream(stream, platform=options.platform)
    return StandardInput(stream)


SOURCE = Source(
    scheme="stdin", summary="standard input, one file or image archive, also written -", example="-", open=open_stdin
)
