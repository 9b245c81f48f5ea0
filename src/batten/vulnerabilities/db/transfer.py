"""A database as one file, and back: an OCI image layout in a tar, so that registries and their tools take it as it is.

The file holds `oci-layout`, `index.json` and `blobs/sha256/…`: a manifest, what the database is made of (JSON), and
the database itself (SQLite, zstd). Every part stands under the SHA-256 of its bytes and is verified.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, BinaryIO, Final, Protocol

import msgspec
from msgspec import Struct

from batten import __version__, limits
from batten.detect.addresses import without_credentials
from batten.model.source import Unreadable
from batten.model.vulnerability import SourceState
from batten.sources import _tar
from batten.sources._streams import PlainStream, read_at
from batten.vulnerabilities.db.lookup import Database
from batten.vulnerabilities.db.place import SQLITE, check_regular, check_replaceable, remove_abandoned
from batten.vulnerabilities.db.rows import DatabaseError
from batten.vulnerabilities.db.schema import VERSION
from batten.vulnerabilities.db.writer import swap

ARTIFACT: Final = "application/vnd.batten.advisories.v1"
_CONFIG: Final = ARTIFACT + "+json"
_LAYER: Final = ARTIFACT + ".sqlite+zstd"
_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
_INDEX: Final = "application/vnd.oci.image.index.v1+json"
_LEVEL: Final = 9
_CHUNK: Final = 1 * limits.MIB


class _Descriptor(Struct, rename="camel", omit_defaults=True):
    media_type: str = ""
    digest: str = ""
    size: int = -1
    artifact_type: str = ""


class _Manifest(Struct, rename="camel"):
    config: _Descriptor
    layers: list[_Descriptor]
    artifact_type: str = ""


class _Index(Struct):
    manifests: list[_Descriptor]


class _Contents(Struct, rename="camel"):
    """What the database is made of."""

    format: int
    digest: str
    """Of the unpacked database."""
    size: int
    built: str = ""
    batten: str = ""
    sources: list[SourceState] = []


class Registry(Protocol):
    """A repository of a registry that artefacts are put into and taken from."""

    def push(self, digest: str, size: int, body: Callable[[], BinaryIO]) -> None: ...

    def push_manifest(self, data: bytes, media_type: str) -> str: ...

    def manifest(self) -> bytes: ...

    def blob(self, digest: str, size: int) -> BinaryIO: ...


class _Parts(Struct):
    manifest: bytes
    config: bytes
    layer: Path
    layer_digest: str
    layer_size: int


def export_file(path: Path, output: Path) -> str:
    """Writes the database at `path` into one file; the digest of its manifest. Raises DatabaseError."""
    if output.exists() and path.exists() and output.samefile(path):
        raise DatabaseError(f"expected a file to export to, found the database itself: {output}")
    with _packed(path) as parts, _replacing(output) as temporary:
        with temporary.open("wb") as file, tarfile.open(fileobj=file, mode="w", format=tarfile.USTAR_FORMAT) as archive:
            _add(archive, "oci-layout", b'{"imageLayoutVersion":"1.0.0"}')
            _add(archive, "index.json", _index(parts.manifest))
            _add(archive, _blob(_digest(parts.manifest)), parts.manifest)
            _add(archive, _blob(_digest(parts.config)), parts.config)
            with parts.layer.open("rb") as layer:
                member = _member(_blob(parts.layer_digest), parts.layer_size)
                archive.addfile(member, layer)
        return _digest(parts.manifest)


def export_registry(path: Path, registry: Registry) -> str:
    """Pushes the database at `path`; the digest of its manifest. Raises DatabaseError, and what `registry` raises."""
    with _packed(path) as parts:
        registry.push(_digest(parts.config), len(parts.config), lambda: io.BytesIO(parts.config))
        registry.push(parts.layer_digest, parts.layer_size, lambda: parts.layer.open("rb"))
        return registry.push_manifest(parts.manifest, _MANIFEST)


def import_file(source: Path, path: Path) -> None:
    """Puts an exported file, or a database as it is, in place of the one at `path`. Raises DatabaseError.

    Nothing changes before every digest holds and the database can be opened.
    """
    try:
        with source.open("rb") as file:
            head = read_at(file.fileno(), 0, len(SQLITE))
            os.lseek(file.fileno(), 0, os.SEEK_SET)
            if head == SQLITE:
                with _replacing(path, check=True) as temporary, temporary.open("wb") as output:
                    _copy(file, output, limits.DATABASE_BYTES)
                return
            members = _members(file, source)
            index = _decoded(_read(file, members, "index.json", source), _Index, source)
            wanted = [one for one in index.manifests if one.digest]
            if len(wanted) != 1:
                raise DatabaseError(f"expected one artefact in {source}, found {len(wanted)}")
            manifest = _read(file, members, _blob(wanted[0].digest), source, digest=wanted[0].digest)
            _take(manifest, path, source, lambda one: _Slice(file, *_place(members, _blob(one.digest), source)))
    except OSError as error:
        raise DatabaseError(f"{source}: {error.strerror or error}") from error


def import_address(url: str, path: Path, *, progress: Callable[[int, int], None] | None = None) -> None:
    """Fetches an exported file in place of the database at `path`; `progress` as in Fetcher. Raises DatabaseError."""
    from batten.vulnerabilities.db.addresses import Address
    from batten.vulnerabilities.db.fetch import Fetcher, FetchError

    shown = without_credentials(url)
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent, ignore_cleanup_errors=True) as folder:
        try:
            with Fetcher(Path(folder)) as fetcher:
                found = fetcher.fetch(Address(url), progress=progress)
        except FetchError as error:
            raise DatabaseError(f"the database cannot be fetched: {error}: {shown}") from error
        if found.path is not None:
            try:
                import_file(found.path, path)
            except DatabaseError as error:
                raise DatabaseError(str(error).replace(str(found.path), shown)) from None


def import_registry(registry: Registry, path: Path, name: str) -> None:
    """Pulls a database in place of the one at `path`; `name` is the reference as it was asked for."""
    _take(registry.manifest(), path, name, lambda one: registry.blob(one.digest, one.size))


def _take(data: bytes, path: Path, source: object, blob: Callable[[_Descriptor], Any]) -> None:
    manifest = _decoded(data, _Manifest, source)
    if manifest.artifact_type != ARTIFACT or len(manifest.layers) != 1:
        raise DatabaseError(
            f"expected a vulnerability database ({ARTIFACT}), found {_told(manifest.artifact_type)}: {source}"
        )
    if not 0 <= manifest.config.size <= limits.DATABASE_MANIFEST_BYTES:
        raise _too_large("contents", limits.DATABASE_MANIFEST_BYTES, source)
    config = _exactly(blob(manifest.config), manifest.config, source)
    contents = _decoded(config, _Contents, source)
    if contents.format != VERSION:
        which = "an older" if contents.format < VERSION else "a newer"
        raise DatabaseError(f"expected a database of format {VERSION}, found {which} one ({contents.format}): {source}")
    if not 0 <= contents.size <= limits.DATABASE_BYTES:
        raise _too_large("database", limits.DATABASE_BYTES, source)
    with _replacing(path, check=True) as temporary, temporary.open("wb") as output:
        _unpack(blob(manifest.layers[0]), manifest.layers[0], contents, output, source)


def _unpack(stream: Any, layer: _Descriptor, contents: _Contents, output: IO[bytes], source: object) -> None:
    """Verifies the packed and the unpacked bytes while they pass."""
    import zstandard

    packed, plain = hashlib.sha256(), hashlib.sha256()
    size = total = 0
    decoder = zstandard.ZstdDecompressor(max_window_size=limits.FEED_WINDOW).decompressobj()
    try:
        while chunk := stream.read(_CHUNK):
            packed.update(chunk)
            size += len(chunk)
            if size > layer.size:
                break
            # a chunk of zstd can unpack to any size, so it is fed in pieces
            for start in range(0, len(chunk), limits.KIB):
                data = decoder.decompress(chunk[start : start + limits.KIB])
                total += len(data)
                if total > contents.size:
                    raise DatabaseError(f"expected {contents.size:,} bytes of database, found more: {source}")
                plain.update(data)
                output.write(data)
    except zstandard.ZstdError as error:
        raise DatabaseError(f"the database is damaged ({error}): {source}") from None
    finally:
        stream.close()
    if size != layer.size or f"sha256:{packed.hexdigest()}" != layer.digest:
        raise DatabaseError(f"expected {layer.digest}, found other bytes: {source} is damaged or was changed")
    if total != contents.size or f"sha256:{plain.hexdigest()}" != contents.digest:
        raise DatabaseError(f"expected {contents.digest}, found other bytes: {source} is damaged or was changed")


@contextmanager
def _packed(path: Path) -> Iterator[_Parts]:
    """The parts of an artefact, the large one in a temporary file."""
    import zstandard

    with Database(path) as database:
        states, meta = database.states(), database.meta()
        if database.holds_credentials():
            raise DatabaseError(f"{path}: addresses of feeds hold credentials; `batten db update` takes them out")
    handle, name = tempfile.mkstemp(prefix="batten-db-")
    layer = Path(name)
    try:
        packed, plain, size, total = hashlib.sha256(), hashlib.sha256(), 0, 0
        encoder = zstandard.ZstdCompressor(level=_LEVEL).compressobj()
        with os.fdopen(handle, "wb") as output, path.open("rb") as file:
            while True:
                chunk = file.read(_CHUNK)
                plain.update(chunk)
                total += len(chunk)
                data = encoder.compress(chunk) if chunk else encoder.flush()
                packed.update(data)
                size += output.write(data)
                if not chunk:
                    break
        digest = f"sha256:{packed.hexdigest()}"
        contents = _Contents(
            format=VERSION,
            digest=f"sha256:{plain.hexdigest()}",
            size=total,
            built=meta.get("built", ""),
            batten=__version__,
            sources=states,
        )
        config = msgspec.json.encode(contents)
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "artifactType": ARTIFACT,
            "config": {"mediaType": _CONFIG, "digest": _digest(config), "size": len(config)},
            "layers": [{"mediaType": _LAYER, "digest": digest, "size": size}],
            "annotations": {"org.opencontainers.image.created": meta.get("built", "")},
        }
        yield _Parts(msgspec.json.encode(manifest), config, layer, digest, size)
    except OSError as error:
        raise DatabaseError(f"the database cannot be exported: {error.strerror or error}") from error
    finally:
        layer.unlink(missing_ok=True)


@contextmanager
def _replacing(path: Path, *, check: bool = False) -> Iterator[Path]:
    """A temporary file that takes the place of `path` at the end, with `check` if it is a database that opens."""
    (check_replaceable if check else check_regular)(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_abandoned(path)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        if check:
            _check(temporary, path)
        swap(temporary, path)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _check(temporary: Path, path: Path) -> None:
    try:
        with Database(temporary) as database:
            database.check()
    except DatabaseError as error:
        raise DatabaseError(str(error).replace(str(temporary), f"what was to replace {path}")) from None


def _members(file: BinaryIO, source: Path) -> dict[str, tuple[int, int]]:
    """Name -> (offset, size) of the files in the archive."""
    if not _tar.is_header(read_at(file.fileno(), 0, _tar.BLOCK)):
        raise DatabaseError(f"expected an exported database, found another kind of file: {source}")
    stream = PlainStream(file.fileno(), source.stat().st_size)
    found: dict[str, tuple[int, int]] = {}
    try:
        for member in _tar.members(stream):
            if len(found) > limits.IMAGE_INDEX_MANIFESTS:
                raise DatabaseError(f"expected an exported database, found an archive of many files: {source}")
            if member.kind == "file":
                found[member.name.removeprefix("./")] = (stream.position, member.size)
    except Unreadable as error:
        raise DatabaseError(f"expected an exported database, found: {error}: {source}") from None
    return found


def _place(members: dict[str, tuple[int, int]], name: str, source: object) -> tuple[int, int]:
    if name not in members:
        raise DatabaseError(f"expected {name} in {source}, found none: it is no exported database, or damaged")
    return members[name]


def _read(file: BinaryIO, members: dict[str, tuple[int, int]], name: str, source: Path, *, digest: str = "") -> bytes:
    offset, size = _place(members, name, source)
    if size > limits.DATABASE_MANIFEST_BYTES:
        raise _too_large(name, limits.DATABASE_MANIFEST_BYTES, source)
    data = read_at(file.fileno(), offset, size)
    if digest and _digest(data) != digest:
        raise DatabaseError(f"expected {digest}, found other bytes: {source} is damaged or was changed")
    return data


class _Slice:
    """A part of a file that is read forwards."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        self._descriptor = file.fileno()
        self._offset = offset
        self._end = offset + size

    def read(self, size: int) -> bytes:
        data = read_at(self._descriptor, self._offset, min(size, self._end - self._offset))
        self._offset += len(data)
        return data

    def close(self) -> None:
        """The file belongs to who opened it."""


def _exactly(stream: Any, one: _Descriptor, source: object) -> bytes:
    try:
        data = bytes(stream.read(one.size + 1))
    finally:
        stream.close()
    if _digest(data) != one.digest:
        raise DatabaseError(f"expected {one.digest}, found other bytes: {source} is damaged or was changed")
    return data


def _decoded(data: bytes, kind: Any, source: object) -> Any:
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DatabaseError(f"expected an exported database, found: {error}: {source}") from None


def _copy(file: BinaryIO, output: IO[bytes], most: int) -> None:
    total = 0
    while chunk := file.read(_CHUNK):
        total += output.write(chunk)
        if total > most:
            raise DatabaseError(f"expected at most {most // limits.MIB:,} MiB of database, found more")


def _index(manifest: bytes) -> bytes:
    one = {"mediaType": _MANIFEST, "artifactType": ARTIFACT, "digest": _digest(manifest), "size": len(manifest)}
    return msgspec.json.encode({"schemaVersion": 2, "mediaType": _INDEX, "manifests": [one]})


def _add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    archive.addfile(_member(name, len(data)), io.BytesIO(data))


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o644
    return member


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/', 1)}"


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _too_large(what: str, most: int, source: object) -> DatabaseError:
    return DatabaseError(f"expected at most {most // limits.MIB:,} MiB of {what}, found more: {source}")


def _told(text: str) -> str:
    return repr(text[:60]) if text else "something else"
