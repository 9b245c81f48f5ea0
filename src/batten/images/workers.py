"""Processes that read layers: started as programs, spoken to in msgpack over their pipes.

Not `multiprocessing`: its children import the main module of whoever uses batten as a library, and speak
pickle. A child gets nothing but the place of a blob, its digests, and the names of the cataloguers.
"""

from __future__ import annotations

import contextlib
import os
import signal
import struct
import subprocess
import sys
from typing import IO, BinaryIO, Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.images.facts import LayerFacts, LayerProblem
from batten.sources.oci import Blob, Extent

_LENGTH: Final = struct.Struct("<I")
_ANSWER: Final = limits.LAYER_CACHE_ENTRY * 2
# The child finds the modules where this process found them, and nothing in the current folder.
_PROGRAM: Final = "import sys; sys.path[:] = sys.argv[1:]; from batten.images.workers import serve; serve()"


class Request(Struct, array_like=True):
    extent: Extent
    digest: str
    diff_id: str
    cataloguers: list[str]


class Worker:
    """One child; started when it is first needed."""

    def __init__(self, cataloguers: list[str]) -> None:
        self._cataloguers = cataloguers
        self._process: subprocess.Popen[bytes] | None = None
        self._closed = False

    def read(self, blob: Blob) -> LayerFacts:
        """The facts of a blob with an extent. A child that dies costs its layer, not the image."""
        assert blob.extent is not None
        request = Request(blob.extent, blob.digest, blob.diff_id, self._cataloguers)
        try:
            process = self._started()
            answer = _asked(process, msgspec.msgpack.encode(request))
        except (OSError, ValueError):  # the pipe is broken, or closed by `close` in between
            answer = None
        if answer is None:
            code = self._end()
            message = f"the process that read it ended early (exit code {code})"
            return LayerFacts(complete=False, problems=[LayerProblem("", message)])
        return msgspec.msgpack.decode(answer, type=LayerFacts)

    def close(self) -> None:
        """Ends the child, for good."""
        self._closed = True
        if self._process is not None:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise BrokenPipeError
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603  # this very interpreter, no shell, fixed words
                [sys.executable, "-P", "-c", _PROGRAM, *map(os.path.abspath, sys.path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
        return self._process

    def _end(self) -> int:
        process, self._process = self._process, None
        if process is None:
            return 0
        with contextlib.suppress(OSError):
            if process.stdin is not None:
                process.stdin.close()
        try:
            code = process.wait(0.2)
        except subprocess.TimeoutExpired:
            process.kill()
            code = process.wait()
        if process.stdout is not None:
            process.stdout.close()
        return code


def serve() -> None:
    """What a child does: reads requests from standard input until it ends, answers on standard output."""
    from batten.images.cataloguers import cataloguers
    from batten.images.layers import read_layer
    from batten.images.reading import open_extent

    # Who started this process decides when it ends: by closing the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    # Whatever a library prints must not come between the answers.
    sys.stdout = sys.stderr
    while (data := _receive(requests)) is not None:
        request = msgspec.msgpack.decode(data, type=Request)
        chosen = [one for one in cataloguers() if one.name in request.cataloguers]
        extent = request.extent

        def opened(extent: Extent = extent) -> BinaryIO:
            return open_extent(extent)

        facts = read_layer(opened, chosen, digest=request.digest, diff_id=request.diff_id)
        try:
            _send(answers, msgspec.msgpack.encode(facts))
        except BrokenPipeError:
            os._exit(1)  # nobody listens any more; not even a flush at the end would be heard


def _asked(process: subprocess.Popen[bytes], data: bytes) -> bytes | None:
    if process.stdin is None or process.stdout is None:
        return None
    _send(process.stdin, data)
    return _receive(process.stdout)


def _send(stream: IO[bytes], data: bytes) -> None:
    stream.write(_LENGTH.pack(len(data)))
    stream.write(data)
    stream.flush()


def _receive(stream: IO[bytes]) -> bytes | None:
    """The next message; None at the end of the stream."""
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (size,) = _LENGTH.unpack(head)
    if size > _ANSWER:
        return None
    data = stream.read(size)
    return data if len(data) == size else None
