"""`-` - standard input, read as one file."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from batten import limits
from batten.sources.confined import too_large
from batten.sources.interface import Entry, NoFiles, OpenTarget, Options, Source, Target, TargetError, Wanted

_CHUNK_BYTES = 1 * limits.MIB


class StandardInput(OpenTarget):
    """Reads what is piped in, at most `limits.FILE_BYTES`."""

    def __init__(self) -> None:
        super().__init__(Target("stdin:-", "stdin", "-"))
        self.files = NoFiles()

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        """One entry with the path `-`."""
        chunks: list[bytes] = []
        total = 0
        try:
            while total <= limits.FILE_BYTES and (chunk := sys.stdin.buffer.read(_CHUNK_BYTES)):
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
    return StandardInput()


SOURCE = Source(scheme="stdin", summary="standard input, also written -", example="-", open=open_stdin)
