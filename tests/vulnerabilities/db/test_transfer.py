"""An exported database is one file whose every part is verified; a registry takes it as it is."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from batten.vulnerabilities.db import DatabaseError, open_database, registry
from batten.vulnerabilities.db.transfer import export_file, import_address, import_file
from sources.oci.registry import Registry

from .conftest import Built
from .feed_server import FeedServer

Make = Callable[..., Built]


@pytest.fixture
def exported(built: Make, tmp_path: Path) -> Path:
    source = built("osv/GHSA-838r-hvwh-24h8.json", "secdb/wolfi.json")
    output = tmp_path / "advisories.tar"
    digest = export_file(source.db.path, output)
    with tarfile.open(output) as archive:
        assert f"blobs/{digest.replace(':', '/')}" in archive.getnames()
    return output


def members(path: Path) -> dict[str, bytes]:
    with tarfile.open(path) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


def written(path: Path, parts: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as archive:
        for name, data in parts.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return path


def test_a_database_comes_back_byte_for_byte(exported: Path, built: Make, tmp_path: Path) -> None:
    target = tmp_path / "elsewhere" / "db.sqlite"
    import_file(exported, target)
    assert target.read_bytes() == (tmp_path / "0.sqlite").read_bytes()
    with open_database(target) as db:
        assert db.counts()["advisories"] > 1
    assert [entry.name for entry in target.parent.iterdir()] == ["db.sqlite"]


def test_the_same_database_is_exported_as_the_same_bytes(exported: Path, tmp_path: Path) -> None:
    export_file(tmp_path / "0.sqlite", tmp_path / "again.tar")
    assert (tmp_path / "again.tar").read_bytes() == exported.read_bytes()


def test_every_part_is_verified(exported: Path, tmp_path: Path) -> None:
    target = tmp_path / "kept.sqlite"
    import_file(exported, target)
    before = target.read_bytes()
    parts = members(exported)
    for name, data in parts.items():
        if name == "oci-layout":
            continue
        changed = bytearray(data)
        changed[len(data) // 2] ^= 1
        path = written(tmp_path / "changed.tar", parts | {name: bytes(changed)})
        if name != "index.json":  # only points to the rest
            with pytest.raises(DatabaseError) as raised:
                import_file(path, target)
            assert "\n" not in str(raised.value)
        missing = {other: content for other, content in parts.items() if other != name}
        with pytest.raises(DatabaseError):
            import_file(written(tmp_path / "missing.tar", missing), target)
    assert target.read_bytes() == before
    assert {entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".")} == set()


@pytest.mark.parametrize("cut", [10, 600, 3000])
def test_a_file_that_is_cut_off_is_refused(exported: Path, tmp_path: Path, cut: int) -> None:
    data = exported.read_bytes()
    (tmp_path / "cut.tar").write_bytes(data[:cut])
    with pytest.raises(DatabaseError):
        import_file(tmp_path / "cut.tar", tmp_path / "target.sqlite")
    assert not (tmp_path / "target.sqlite").exists()


def test_a_ready_database_is_taken_as_it_is_if_it_is_whole(exported: Path, tmp_path: Path) -> None:
    import_file(tmp_path / "0.sqlite", tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").read_bytes() == (tmp_path / "0.sqlite").read_bytes()
    damaged = bytearray((tmp_path / "0.sqlite").read_bytes())
    damaged[4096:8192] = os.urandom(4096)
    (tmp_path / "damaged.sqlite").write_bytes(damaged)
    with pytest.raises(DatabaseError, match=r"damaged .*what was to replace"):
        import_file(tmp_path / "damaged.sqlite", tmp_path / "copy.sqlite")
    assert (tmp_path / "copy.sqlite").read_bytes() == (tmp_path / "0.sqlite").read_bytes()


def test_another_artefact_is_refused(exported: Path, tmp_path: Path) -> None:
    parts = members(exported)
    name = next(one for one, data in parts.items() if b'"artifactType"' in data and one.startswith("blobs"))
    manifest = json.loads(parts[name]) | {"artifactType": "application/vnd.other"}
    import hashlib

    data = json.dumps(manifest).encode()
    digest = hashlib.sha256(data).hexdigest()
    index = json.dumps({"manifests": [{"digest": f"sha256:{digest}"}]}).encode()
    path = written(tmp_path / "other.tar", parts | {"index.json": index, f"blobs/sha256/{digest}": data})
    with pytest.raises(DatabaseError, match="expected a vulnerability database"):
        import_file(path, tmp_path / "target.sqlite")


def test_a_registry_takes_and_gives_a_database(exported: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    with Registry() as server:
        name = f"{server.host}/security/advisories:v1"
        digest = registry.push(tmp_path / "0.sqlite", name)
        registry.pull(name, tmp_path / "pulled.sqlite")
        registry.pull(f"{server.host}/security/advisories@{digest}", tmp_path / "pinned.sqlite")
        with pytest.raises(DatabaseError, match="security/none"):
            registry.pull(f"{server.host}/security/none:v1", tmp_path / "pulled.sqlite")
        for key in server.blobs:
            server.blobs[key] = server.blobs[key][:-1] + b"x"
        with pytest.raises(DatabaseError):
            registry.pull(name, tmp_path / "pulled.sqlite")
    for copy in ("pulled.sqlite", "pinned.sqlite"):
        assert (tmp_path / copy).read_bytes() == (tmp_path / "0.sqlite").read_bytes()


def test_an_exported_file_can_be_fetched(exported: Path, tmp_path: Path) -> None:
    with FeedServer() as server:
        server.files["/advisories.tar"] = exported.read_bytes()
        import_address(f"{server.url}/advisories.tar", tmp_path / "target.sqlite")
        with pytest.raises(DatabaseError, match="the server answered 404"):
            import_address(f"{server.url}/none.tar", tmp_path / "target.sqlite")
    assert (tmp_path / "target.sqlite").read_bytes() == (tmp_path / "0.sqlite").read_bytes()
