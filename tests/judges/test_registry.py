"""Real registries on loopback and a client that is not ours (`make judges`): what they write we read, and back."""

from __future__ import annotations

import io
import json
import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from batten import limits
from batten.model.source import Unreadable
from batten.sources.interface import Target
from batten.sources.oci import ImageData
from batten.sources.oci.archives import open_stored
from batten.sources.oci.client import RegistryClient, RegistryError, Repository
from batten.sources.oci.manifests import Descriptor
from batten.sources.oci.registry import open_reference
from sources.oci.made import Made, docker_save, image, index_of, sha256, tar_of
from sources.oci.registry import OCI_INDEX, OCI_MANIFEST
from sources.oci.test_client import client
from sources.oci.test_hosts import TLS

JUDGE = Path(__file__).parents[2] / ".judges" / "registry"
PASSWORD = "open-sesame-9"
BCRYPT = "ann:$2a$05$T146AqH1WMCa3NXolQs9XOwFYTGqC.0B5bG0/Olh8dJGVkjvKDh76\n"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not built: make judges"),
]


def free() -> str:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def serving(host: str, *command: str) -> Iterator[str]:
    process = subprocess.Popen([JUDGE, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", int(host.rpartition(":")[2])), 1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield host
    finally:
        process.kill()
        process.wait()


@contextmanager
def distribution(tmp_path: Path, more: str = "", http: str = "") -> Iterator[str]:
    host = free()
    config = tmp_path / "registry.yml"
    config.write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {tmp_path}/blobs}}}}\n"
        f"http:\n  addr: {host}\n{http}{more}"
    )
    with serving(host, "distribution", str(config)) as address:
        yield address


@contextmanager
def memory(tmp_path: Path) -> Iterator[str]:
    host = free()
    with serving(host, "memory", host) as address:
        yield address


REGISTRIES = {"distribution": distribution, "memory": memory}


def judge(*arguments: str) -> str:
    done = subprocess.run([JUDGE, *arguments], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def push(opened: RegistryClient, where: Repository, made: Made, tag: str) -> None:
    for digest, data in made.blobs.items():
        if digest != made.digest:
            opened.push_blob(where, digest, len(data), lambda data=data: io.BytesIO(data))  # type: ignore[misc]
    opened.push_manifest(where, tag, made.manifest, OCI_MANIFEST)


def facts(data: ImageData) -> tuple[str, list[str]]:
    for blob in data.layers:
        with blob.open() as stream:
            stored = stream.read()
        assert blob.digest in ("", sha256(stored))
    return data.config_digest, [blob.diff_id for blob in data.layers]


def from_registry(tmp_path: Path, reference: str, platform: str = "") -> list[ImageData]:
    with open_reference(reference, platform, client(tmp_path)) as target:
        found = list(target.images())
        for one in found:
            facts(one)
        return found


@pytest.mark.parametrize("name", REGISTRIES)
def test_what_we_push_the_other_client_reads_and_we_read_what_it_writes(tmp_path: Path, name: str) -> None:
    made = image(tar_of({"etc/os-release": b"ID=made\n", "big": os.urandom(3 * limits.MIB)}), tar_of({"app": b"1"}))
    with REGISTRIES[name](tmp_path) as host:
        reference = f"{host}/shop/web:1"
        with client(tmp_path) as opened:
            push(opened, Repository(host, "shop/web"), made, "1")
            assert judge("digest", reference) == opened.digest(Repository(host, "shop/web"), "1") == made.digest
        (pulled,) = from_registry(tmp_path, reference)
        expected = (sha256(made.config), [sha256(layer) for layer in made.layers])
        assert (facts_of(pulled), pulled.manifest_digest) == (expected, made.digest)
        judge("save", f"{tmp_path}/saved.tar", reference)
        judge("layout", f"{tmp_path}/layout", reference)
    for path in ("saved.tar", "layout"):
        with open_stored(Target("image:x", "image", path), str(tmp_path / path)) as target:
            (found,) = target.images()
            assert facts(found) == expected
            assert target.problems == []


def facts_of(data: ImageData) -> tuple[str, list[str]]:
    return data.config_digest, [blob.diff_id for blob in data.layers]


@pytest.mark.parametrize("name", REGISTRIES)
def test_an_archive_that_the_other_client_pushes_is_the_same_image(tmp_path: Path, name: str) -> None:
    made = image()
    files, links = docker_save(made)
    (tmp_path / "saved.tar").write_bytes(tar_of(files, links))
    with REGISTRIES[name](tmp_path) as host:
        judge("push", f"{tmp_path}/saved.tar", f"{host}/shop/web:1")
        (pulled,) = from_registry(tmp_path, f"{host}/shop/web:1")
    with open_stored(Target("image:x", "image", "x"), f"{tmp_path}/saved.tar") as target:
        assert [facts(one) for one in target.images()] == [facts_of(pulled)]


@pytest.mark.parametrize("name", REGISTRIES)
def test_indexes_tags_referrers_and_ranges(tmp_path: Path, name: str) -> None:
    made = [image(platform=one) for one in ("linux/amd64", "linux/arm64")]
    with REGISTRIES[name](tmp_path) as host, client(tmp_path) as opened:
        where = Repository(host, "shop/web")
        for one in made:
            push(opened, where, one, one.digest)
        opened.push_manifest(where, "latest", index_of(*(one.descriptor for one in made)), OCI_INDEX)
        found = from_registry(tmp_path, f"{host}/shop/web", "all")
        assert [(one.platform, one.config) for one in found] == [
            ("linux/amd64", made[0].config),
            ("linux/arm64", made[1].config),
        ]
        for number in range(12):
            opened.push_manifest(where, f"v{number:02}", made[0].manifest, OCI_MANIFEST)
        assert sorted(opened.tags(where)) == ["latest", *(f"v{number:02}" for number in range(12))]
        opened.push_blob(where, sha256(b"{}"), 2, lambda: io.BytesIO(b"{}"))
        signature = json.dumps({
            "schemaVersion": 2, "mediaType": OCI_MANIFEST, "artifactType": "application/x.signature", "layers": [],
            "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2},
            "subject": {"mediaType": OCI_MANIFEST, "digest": made[0].digest, "size": len(made[0].manifest)},
        }).encode()  # fmt: skip
        assert opened.referrers(where, made[0].digest) == []
        digest = opened.push_manifest(where, sha256(signature), signature, OCI_MANIFEST)
        assert [one.digest for one in opened.referrers(where, made[0].digest)] == [digest]
        assert opened.referrers(where, made[0].digest, "application/x.other") == []
        with pytest.raises(RegistryError, match="has no such thing"):
            opened.manifest(where, "none")


def test_a_real_registry_gives_the_rest_of_a_blob(tmp_path: Path) -> None:
    data = os.urandom(5 * limits.MIB)
    with distribution(tmp_path) as host, client(tmp_path) as opened:
        where = Repository(host, "shop/web")
        opened.push_blob(where, sha256(data), len(data), lambda: io.BytesIO(data))
        response = opened._ask(
            opened._connection.home(where), where, sha256(data), {"Range": "bytes=4000000-"}, "the blob"
        )
        assert (response.status_code, b"".join(response.iter_raw())) == (206, data[4_000_000:])
        response.close()
        with opened.blob(where, Descriptor(digest=sha256(data), size=len(data))) as stream:
            assert stream.read() == data
        with pytest.raises(Unreadable):
            opened.push_blob(where, sha256(b"other"), len(data), lambda: io.BytesIO(data))


def test_passwords_over_tls_with_a_private_authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.crt"))
    (tmp_path / "users").write_text(BCRYPT)
    tls = f"  tls: {{certificate: {TLS}/server.crt, key: {TLS}/server.key}}\n"
    users = f"auth: {{htpasswd: {{realm: judged, path: {tmp_path}/users}}}}\n"
    made = image()
    with distribution(tmp_path, users, tls) as host:
        config = {"auths": {host: {"username": "ann", "password": PASSWORD}}}
        with client(tmp_path, config) as opened:
            push(opened, Repository(host, "shop/web"), made, "1")
            assert opened.manifest(Repository(host, "shop/web"), "1").data == made.manifest
        for wrong in ({}, {"auths": {host: {"username": "ann", "password": "wrong-word"}}}):
            with client(tmp_path, wrong) as opened, pytest.raises(RegistryError, match="denies access") as caught:
                opened.manifest(Repository(host, "shop/web"), "1")
            assert "wrong-word" not in str(caught.value)
