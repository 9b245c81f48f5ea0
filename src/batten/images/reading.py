"""Gets the facts of all layers of an image: from the cache, else by reading, several at once where it pays.

Layers that lie in files of this machine are read in processes of their own: the walk over headers and the
cataloguers hold Python's lock, so threads would wait for each other. What comes over a network is read in
threads, which wait for the network side by side.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from io import RawIOBase
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from batten import limits
from batten.images.cache import LayerCache
from batten.images.cataloguers import Cataloguer
from batten.images.cataloguers import cataloguers as known_cataloguers
from batten.images.facts import LayerFacts, LayerProblem
from batten.images.layers import read_layer
from batten.model.source import Unreadable
from batten.sources.oci import Blob, Extent

if TYPE_CHECKING:
    from concurrent.futures import Future

    from _typeshed import WriteableBuffer

_WORTH_A_PROCESS: Final = 48 * limits.MIB
"""Stored bytes besides the largest layer; below that starting a process takes longer than it saves."""


class _ExtentFile(RawIOBase):
    """The bytes of an extent."""

    def __init__(self, extent: Extent) -> None:
        super().__init__()
        self._file = open(extent.path, "rb", buffering=0)  # noqa: PTH123, SIM115  # closed with this object
        self._file.seek(extent.offset)
        self._left = extent.size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")[: max(0, self._left)]
        try:
            read = self._file.readinto(view) or 0
        except OSError as error:
            raise Unreadable(f"cannot be read: {(error.strerror or 'input/output error').lower()}") from None
        self._left -= read
        return read

    def read(self, size: int = -1, /) -> bytes:
        """As `RawIOBase.read`, without its second copy."""
        size = self._left if size < 0 else min(size, self._left)
        try:
            data = self._file.read(size) or b""
        except OSError as error:
            raise Unreadable(f"cannot be read: {(error.strerror or 'input/output error').lower()}") from None
        self._left -= len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()


def open_extent(extent: Extent) -> BinaryIO:
    """The bytes of `extent`. Raises `Unreadable`."""
    try:
        return cast("BinaryIO", _ExtentFile(extent))
    except OSError as error:
        raise Unreadable(f"cannot be read: {(error.strerror or 'input/output error').lower()}") from None


def read_layers(
    blobs: Sequence[Blob], cataloguers: Sequence[Cataloguer], *, cache: LayerCache | None, jobs: int | None
) -> Iterator[LayerFacts]:
    """The facts of each blob, in their order.

    `jobs` None: as many at once as there are processors, where that is worth it; 1: one after the other.
    """
    wanted = [_position(blobs, index) for index in range(len(blobs))]
    cached: dict[int, LayerFacts] = {}
    if cache is not None:
        for index in dict.fromkeys(wanted):
            if blobs[index].diff_id and (found := cache.get(blobs[index].diff_id, cataloguers)) is not None:
                cached[index] = found
    missing = [index for index in dict.fromkeys(wanted) if index not in cached]
    last = {source: position for position, source in enumerate(wanted)}
    read = _read_all([blobs[index] for index in missing], cataloguers, _jobs(jobs))
    got: dict[int, LayerFacts] = {}
    try:
        for position, index in enumerate(wanted):
            if index in cached:
                yield cached[index]
            else:
                if index not in got:
                    got[index] = next(read)
                    if cache is not None and _may_be_kept(got[index], blobs[index]):
                        cache.put(got[index], cataloguers)
                yield got[index]
            if last[index] == position:  # columns of many layers are much to hold for nothing
                cached.pop(index, None)
                got.pop(index, None)
    finally:
        read.close()
        if cache is not None:
            cache.prune()


def _position(blobs: Sequence[Blob], index: int) -> int:
    """The first layer with the same content: builders repeat empty ones."""
    blob = blobs[index]
    if blob.diff_id:
        for earlier in range(index):
            if (blobs[earlier].diff_id, blobs[earlier].digest) == (blob.diff_id, blob.digest):
                return earlier
    return index


def _may_be_kept(facts: LayerFacts, blob: Blob) -> bool:
    """Only what is what it was said to be; the key is what was said."""
    return facts.diff_id == blob.diff_id and (not blob.digest or blob.digest == facts.digest)


def _jobs(jobs: int | None) -> int:
    if jobs is not None:
        return max(1, jobs)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _read_all(blobs: Sequence[Blob], cataloguers: Sequence[Cataloguer], jobs: int) -> Generator[LayerFacts]:
    """The facts of each blob, in order."""
    deadline = time.monotonic() + limits.IMAGE_SECONDS
    local = sorted(blob.extent.size for blob in blobs if blob.extent is not None)
    processes = min(jobs, len(local)) if sum(local[:-1]) >= _WORTH_A_PROCESS and _are_known(cataloguers) else 1
    remote = len(blobs) - len(local)
    if jobs < 2 or (processes < 2 and remote < 2):
        for blob in blobs:
            yield _late(deadline) or _read_here(blob, cataloguers)
        return
    from concurrent.futures import ThreadPoolExecutor
    from queue import SimpleQueue

    from batten.images.workers import Worker

    # One local layer at a time is read by this process itself, the others by one process each.
    workers = [Worker([one.name for one in cataloguers]) for _ in range(processes - 1)]
    free: SimpleQueue[Worker | None] = SimpleQueue()
    for worker in (None, *workers):
        free.put(worker)

    def read(blob: Blob) -> LayerFacts:
        if late := _late(deadline):
            return late
        if blob.extent is None:
            return _read_here(blob, cataloguers)
        worker = free.get()
        try:
            return _read_here(blob, cataloguers) if worker is None else worker.read(blob)
        finally:
            free.put(worker)

    pool = ThreadPoolExecutor(min(jobs, len(blobs)), thread_name_prefix="batten-layer")
    try:
        # The largest first, so that none of them is begun last.
        order = sorted(range(len(blobs)), key=lambda index: -blobs[index].size)
        futures: dict[int, Future[LayerFacts]] = {index: pool.submit(read, blobs[index]) for index in order}
        for index in range(len(blobs)):
            yield futures.pop(index).result()
    finally:
        for one in workers:
            one.close()  # whoever waits for its answer stops waiting
        pool.shutdown(cancel_futures=True)
        for one in workers:
            one.close()  # one may have been started in between


def _are_known(cataloguers: Sequence[Cataloguer]) -> bool:
    """Can another process find them by their names?"""
    return set(map(id, cataloguers)) <= set(map(id, known_cataloguers()))


def _late(deadline: float) -> LayerFacts | None:
    """The facts of a layer that is not read any more; None while there is time."""
    if time.monotonic() <= deadline:
        return None
    message = f"not read: the layers before it took more than {limits.IMAGE_SECONDS:,} s"
    return LayerFacts(complete=False, problems=[LayerProblem("", message)])


def _read_here(blob: Blob, cataloguers: Sequence[Cataloguer]) -> LayerFacts:
    return read_layer(opener(blob), cataloguers, digest=blob.digest, diff_id=blob.diff_id)


def opener(blob: Blob) -> Callable[[], BinaryIO]:
    """How the bytes of `blob` are opened, as often as need be."""
    extent = blob.extent
    return blob.open if extent is None else lambda: open_extent(extent)
