from __future__ import annotations

import gzip
import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from batten import limits
from batten.model.source import Unreadable
from batten.sources import TargetError
from batten.sources.oci import ImageData
from batten.sources.oci.client import RegistryClient, RegistryError, Repository
from batten.sources.oci.manifests import Descriptor
from batten.sources.oci.registry import open_reference
from batten.sources.oci.transport import Patience, retry_after
from sources.oci.made import Made, image, index_entry, index_of, sha256, tar_of
from sources.oci.registry import OCI_INDEX, Fault, Registry, silent

WEB = "shop/web"
M = "/manifests/"
PACKED = {"Content-Encoding": "gzip"}
TEAPOT = b'{"errors":[{"code":"TEA\\u001b[1m","message":"short\\nand stout"}]}'
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
QUICK = Patience(connect=2, read=1, backoff=0.01, longest_wait=2, answer=1.5, slow_seconds=0.3)


def client(tmp_path: Path, config: dict[str, Any] | None = None, **environ: str) -> RegistryClient:
    """A client of a user with this Docker configuration and nothing else on the machine."""
    home = tmp_path / "home"
    (home / ".docker").mkdir(parents=True, exist_ok=True)
    (home / ".docker/config.json").write_text(json.dumps(config or {}))
    empty = home / "registries.conf"
    empty.touch()
    return RegistryClient.from_environment({"CONTAINERS_REGISTRIES_CONF": str(empty), **environ}, str(home), QUICK)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as one:
        yield one


def pulled(tmp_path: Path, reference: str, platform: str = "", **more: Any) -> list[ImageData]:
    """The images behind `reference`, every layer read and checked."""
    with open_reference(reference, platform, client(tmp_path, **more)) as target:
        found = list(target.images())
        for one in found:
            for blob in one.layers:
                with blob.open() as stream:
                    data = stream.read()
                assert (sha256(data), len(data)) == (blob.digest, blob.size)
                assert sha256(gzip.decompress(data)) == blob.diff_id
        return found


def descriptor(data: bytes) -> Descriptor:
    return Descriptor(digest=sha256(data), size=len(data))


def read(opened: RegistryClient, registry: Registry, data: bytes) -> bytes:
    with opened, opened.blob(Repository(registry.host, WEB), descriptor(data)) as stream:
        return stream.read()


@pytest.mark.parametrize("docker", [False, True])
def test_an_image_is_pulled_by_tag_and_by_digest(tmp_path: Path, registry: Registry, docker: bool) -> None:
    made = image(docker=docker)
    digest = registry.store(WEB, made, "1.4")
    (by_tag,) = pulled(tmp_path, f"{registry.host}/{WEB}:1.4")
    (by_digest,) = pulled(tmp_path, f"{registry.host}/{WEB}@{digest}")
    assert (
        (by_tag.config, by_tag.manifest_digest)
        == (by_digest.config, by_digest.manifest_digest)
        == (made.config, digest)
    )
    assert by_tag.names == [f"{registry.host}/{WEB}:1.4", f"{registry.host}/{WEB}@{digest}"]
    assert by_tag.reference == f"{registry.host}/{WEB}:1.4"


def test_platforms_of_an_index_are_fetched_only_where_they_are_asked_for(tmp_path: Path, registry: Registry) -> None:
    made = [image(platform=one) for one in ("linux/amd64", "linux/arm64/v8", "linux/s390x")]
    attestation = image(platform="unknown/unknown").descriptor
    digest = registry.store_index(WEB, made, "latest", more=[attestation])
    (found,) = pulled(tmp_path, f"{registry.host}/{WEB}", "linux/arm64")
    assert (found.config, found.index_digest, found.manifest_digest) == (made[1].config, digest, made[1].digest)
    assert found.other_platforms == ["linux/amd64", "linux/s390x"]
    assert [one.path.rpartition("/")[2] for one in registry.asked("/manifests/")] == ["latest", made[1].digest]
    assert [one.platform for one in pulled(tmp_path, f"{registry.host}/{WEB}", "all")] == [
        "linux/amd64", "linux/arm64/v8", "linux/s390x",
    ]  # fmt: skip


def test_indexes_may_hold_indexes(tmp_path: Path, registry: Registry) -> None:
    made = image()
    registry.store(WEB, made)
    inner = index_of(made.descriptor)
    registry.put(WEB, inner, OCI_INDEX)
    registry.put(WEB, index_of(index_entry(inner)), OCI_INDEX, "latest")
    assert [one.config for one in pulled(tmp_path, f"{registry.host}/{WEB}")] == [made.config]


def test_a_pull_keeps_no_whole_blob_in_memory(tmp_path: Path, registry: Registry) -> None:
    import tracemalloc

    data = bytes(64 * limits.MIB)
    registry.blobs[sha256(data)] = data
    with client(tmp_path) as opened, opened.blob(Repository(registry.host, WEB), descriptor(data)) as stream:
        stream.read(1)
        tracemalloc.start()
        total = 1
        while part := stream.read(limits.MIB):
            total += len(part)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert total == len(data)
    assert peak < 8 * limits.MIB


def test_several_blobs_are_read_at_the_same_time(tmp_path: Path, registry: Registry) -> None:
    blobs = [bytes([number]) * limits.MIB for number in range(8)]
    registry.blobs = {sha256(one): one for one in blobs}
    found: dict[int, bytes] = {}
    with client(tmp_path) as opened:

        def pull(number: int) -> None:
            with opened.blob(Repository(registry.host, WEB), descriptor(blobs[number])) as stream:
                found[number] = stream.read()

        threads = [threading.Thread(target=pull, args=(number,)) for number in range(8)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
    assert found == dict(enumerate(blobs))


# broken connections, busy and lying registries


@pytest.mark.parametrize("ranges", [True, False])
def test_a_blob_goes_on_where_a_broken_connection_left_it(tmp_path: Path, registry: Registry, ranges: bool) -> None:
    data = bytes(range(256)) * 4096
    registry.blobs[sha256(data)] = data
    registry.ranges = ranges
    registry.faults = [
        Fault("/blobs/", truncate=300_000),
        Fault("/blobs/", truncate=400_000),
        Fault("/blobs/", status=503),
    ]
    assert read(client(tmp_path), registry, data) == data
    asked = [one.headers.get("range", "") for one in registry.asked("/blobs/")]
    assert asked[0] == ""
    assert asked[1].startswith("bytes=")
    assert len(asked) == 4


def test_a_blob_that_always_breaks_off_is_given_up(tmp_path: Path, registry: Registry) -> None:
    data = bytes(100_000)
    registry.blobs[sha256(data)] = data
    registry.faults = [Fault("/blobs/", times=99, truncate=10)]
    with pytest.raises(RegistryError, match=r"broke off 5 times, the last after \d+ of 100,000 bytes"):
        read(client(tmp_path), registry, data)
    assert len(registry.asked("/blobs/")) == 5


def test_the_wrong_part_of_a_blob_is_noticed_at_once(tmp_path: Path, registry: Registry) -> None:
    data = bytes(range(256)) * 1000
    registry.blobs[sha256(data)] = data
    registry.faults = [
        Fault("/blobs/", truncate=1000),
        Fault("/blobs/", status=206, headers={"Content-Range": "bytes 5-9/256000"}, body=b"12345"),
    ]
    with pytest.raises(RegistryError, match="asked for the bytes from 1,000 on, got others"):
        read(client(tmp_path), registry, data)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda data: b"x" + data[1:], r"found bytes with sha256:[0-9a-f]{64}: damaged or tampered with"),
        (lambda data: data + b"more", "expected 256,000 bytes, found more"),
        (lambda data: data[:-1], "broke off 5 times"),
    ],
)
def test_a_blob_that_is_not_what_its_digest_says_is_refused(
    tmp_path: Path, registry: Registry, change: Callable[[bytes], bytes], message: str
) -> None:
    data = bytes(range(256)) * 1000
    registry.blobs[sha256(data)] = data
    registry.ranges = False
    registry.faults = [Fault("/blobs/", times=99, change=change)]
    with pytest.raises(Unreadable, match=message):
        read(client(tmp_path), registry, data)


def test_a_manifest_that_is_not_what_its_digest_says_is_refused(tmp_path: Path, registry: Registry) -> None:
    digest = registry.store(WEB, image(), "1")
    for reference in ("1", digest):
        registry.faults = [Fault("/manifests/", change=lambda data: data.replace(b"layer", b"lazer"))]
        with (
            client(tmp_path) as opened,
            pytest.raises(Unreadable, match=f"expected {digest}, found bytes with sha256:"),
        ):
            opened.manifest(Repository(registry.host, WEB), reference)


def test_a_busy_registry_is_asked_again_after_the_time_it_names(tmp_path: Path, registry: Registry) -> None:
    made = image()
    registry.store(WEB, made, "1")
    registry.faults = [
        Fault("/manifests/", status=429, headers={"Retry-After": "1"}),
        Fault("/manifests/", status=500),
        Fault("/manifests/", truncate=20),
    ]
    began = time.monotonic()
    assert [one.config for one in pulled(tmp_path, f"{registry.host}/{WEB}:1")] == [made.config]
    assert time.monotonic() - began >= 1
    assert len(registry.asked("/manifests/")) == 4


BOMB = gzip.compress(bytes(99 * limits.MIB))


@pytest.mark.parametrize(
    ("fault", "message", "times"),
    [
        (Fault(M, 99, status=429), r"allows no more requests for now \(429\); log in, use a mirror", 5),
        (Fault(M, 99, status=500, body=b"<html>"), r"answered 500$", 5),
        (
            Fault(M, 99, status=503, headers={"Retry-After": "3600"}),
            r"answered 503 and asks to come back in 3,600 s",
            1,
        ),
        (Fault(M, 99, status=418, body=TEAPOT), r"answered 418 \(TEA\\u001b\[1m short and stout\)", 1),
        (Fault(M, 99, truncate=3), r"127.0.0.1:[0-9]+: the answer breaks off", 5),
        (Fault(M, 99, pause=1.5), "127.0.0.1:[0-9]+: no answer within 1 s", 2),
        (Fault(M, 99, drip=0.1), r"the answer took longer than \d s", 1),
        (Fault(M, 99, change=lambda _: bytes(5 * limits.MIB)), "expected an answer of at most 4,096 KiB", 1),
        (Fault(M, 99, change=lambda _: BOMB, headers=PACKED), "expected an answer of at most 4,096 KiB", 1),
        (Fault(M, 99, headers=PACKED), "packed in a damaged way", 1),
        (Fault(M, 99, change=lambda _: b"{}", headers={}), "expected sha256:.*, found bytes with", 1),
    ],
)
def test_a_registry_that_fails_is_one_clear_error(
    tmp_path: Path, registry: Registry, fault: Fault, message: str, times: int
) -> None:
    registry.store(WEB, image(), "1")
    registry.faults = [fault]
    with pytest.raises(TargetError, match=message) as caught:
        pulled(tmp_path, f"{registry.host}/{WEB}:1")
    assert "\n" not in str(caught.value)
    assert len(registry.asked("/manifests/")) == times


def test_a_manifest_that_is_packed_on_the_way_is_unpacked(tmp_path: Path, registry: Registry) -> None:
    made = image()
    registry.store(WEB, made, "1")
    registry.faults = [Fault("/manifests/", change=gzip.compress, headers={"Content-Encoding": "gzip"})]
    assert [one.config for one in pulled(tmp_path, f"{registry.host}/{WEB}:1")] == [made.config]


def test_a_host_that_never_answers_is_given_up(tmp_path: Path) -> None:
    with silent() as host, pytest.raises(TargetError, match=f"{host}: no answer within 1 s"):
        pulled(tmp_path, f"{host}/{WEB}:1")


def test_a_blob_that_drips_is_given_up(tmp_path: Path, registry: Registry) -> None:
    data = bytes(2000)
    registry.blobs[sha256(data)] = data
    registry.faults = [Fault("/blobs/", 99, drip=0.05)]
    with pytest.raises(RegistryError, match="broke off 5 times"):
        read(client(tmp_path), registry, data)


def test_a_blob_that_never_comes_is_given_up_after_the_attempts_of_one_request(
    tmp_path: Path, registry: Registry
) -> None:
    data = bytes(2000)
    registry.blobs[sha256(data)] = data
    registry.faults = [Fault("/blobs/", 99, pause=1.5)]
    with pytest.raises(RegistryError, match="no answer within 1 s"):
        read(client(tmp_path), registry, data)
    assert len(registry.asked("/blobs/")) == 2


def test_a_registry_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with Registry() as gone:
        host = gone.host
    for name in (host, "no-such-host.invalid"):
        with pytest.raises(TargetError, match=f"{name}: (cannot be reached|no such host, or no network)"):
            pulled(tmp_path, f"{name}/{WEB}:1")


def test_what_is_not_there_and_what_is_no_image_are_told_apart(tmp_path: Path, registry: Registry) -> None:
    registry.store(
        WEB,
        image(
            manifest={
                "config": {
                    "mediaType": "application/vnd.cncf.helm.config.v1+json",
                    "digest": "sha256:" + "0" * 64,
                    "size": 2,
                }
            }
        ),
        "chart",
    )
    registry.put(WEB, b'{"schemaVersion": 1, "fsLayers": []}', MANIFEST, "old")
    for reference, message in (
        (
            f"{registry.host}/{WEB}:2",
            f"{registry.host}/{WEB}:2: {registry.host} has no such thing \\(MANIFEST_UNKNOWN manifest unknown\\)",
        ),
        (
            f"{registry.host}/{WEB}:chart",
            "expected a container image, found an artifact \\(application/vnd.cncf.helm.config",
        ),
        (f"{registry.host}/{WEB}:old", "found schema 1; push the image anew"),
    ):
        with pytest.raises(TargetError, match=message):
            pulled(tmp_path, reference)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "UPPER/case",
        "user:pass@host/x",
        "host/..",
        "a//b",
        "web@sha256:12",
        "x\ny",
        "host:99999999/x",
        "web:" + "t" * 129,
    ],
)
def test_what_is_no_reference_is_refused_before_anything_is_asked(text: str) -> None:
    with pytest.raises(TargetError, match=r"expected an image reference such as nginx:1\.25") as caught:
        open_reference(text)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "seconds"), [("5", 5), ("", None), ("soon", None), ("-1", None), ("9" * 400, 999_999_999)]
)
def test_the_time_to_wait_is_read(text: str, seconds: float | None) -> None:
    assert retry_after(text) == seconds


def test_the_time_to_wait_may_be_a_date() -> None:
    wait = retry_after(format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True))
    assert wait is not None
    assert 25 < wait <= 30
    assert retry_after("Sun, 06 Nov 1994 08:49:37 GMT") == 0


# redirects and layers elsewhere


def test_a_blob_on_another_host_is_fetched_without_our_credentials(tmp_path: Path) -> None:
    made = image()
    with Registry("basic", {"ann": "sesame-street"}) as registry, Registry() as other:
        registry.store(WEB, made, "1")
        registry.redirect_blobs, other.blobs = other.origin, made.blobs
        config = {"auths": {registry.host: {"username": "ann", "password": "sesame-street"}}}
        assert len(pulled(tmp_path, f"{registry.host}/{WEB}:1", config=config)) == 1
        assert registry.asked("/blobs/")[0].headers["authorization"].startswith("Basic ")
        assert len(other.asked("/elsewhere/")) == 3
        assert all("authorization" not in one.headers and "cookie" not in one.headers for one in other.seen)


def test_storage_that_refuses_is_named_and_not_the_registry_or_its_credentials(tmp_path: Path) -> None:
    made = image()
    with Registry("basic", {"ann": "sesame-street"}) as registry, Registry() as storage:
        registry.store(WEB, made, "1")
        registry.redirect_blobs, storage.blobs = storage.origin, made.blobs
        storage.faults = [Fault("/elsewhere/", 99, status=403)]
        config = {"auths": {registry.host: {"username": "ann", "password": "sesame-street"}}}
        with pytest.raises(TargetError) as caught:
            pulled(tmp_path, f"{registry.host}/{WEB}:1", config=config)
    said = str(caught.value)
    assert f"{storage.host} (where {registry.host} redirects to) denies access: answered 403" in said
    assert "may have expired" in said
    assert "credentials" not in said
    assert "signature" not in said


def test_redirects_in_a_circle_end(tmp_path: Path, registry: Registry) -> None:
    registry.store(WEB, image(), "1")
    registry.faults = [Fault("/manifests/", 99, status=302, headers={"Location": "?again"})]
    with pytest.raises(TargetError, match=f"{registry.host}: expected at most 5 redirects"):
        pulled(tmp_path, f"{registry.host}/{WEB}:1")
    registry.faults = [Fault("/manifests/", 99, status=302, headers={"Location": "ftp://[::"})]
    with pytest.raises(TargetError, match="the answer breaks off or is no HTTP"):
        pulled(tmp_path, f"{registry.host}/{WEB}:1")
    registry.faults = [Fault("/manifests/", 99, status=302, headers={"Location": "file:///etc/passwd"})]
    with pytest.raises(TargetError, match="redirects to what is neither https: nor http:"):
        pulled(tmp_path, f"{registry.host}/{WEB}:1")


def test_a_foreign_layer_is_taken_from_the_registry_or_over_tls_alone(tmp_path: Path, registry: Registry) -> None:
    base = image()
    kind = "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    layers = json.loads(base.manifest)["layers"]
    layers[0] |= {"mediaType": kind, "urls": [f"{registry.origin}/elsewhere/x"]}
    made = image(manifest={"layers": layers})
    registry.store(WEB, made, "1")
    assert len(pulled(tmp_path, f"{registry.host}/{WEB}:1")) == 1
    del registry.blobs[layers[0]["digest"]]
    with pytest.raises(RegistryError, match="lies outside of the registry and not behind https:; not fetched"):
        pulled(tmp_path, f"{registry.host}/{WEB}:1")


# tags, referrers, pushing


def test_tags_come_page_by_page(tmp_path: Path, registry: Registry) -> None:
    data = index_of()
    tags = [f"v{number}" for number in range(25)]
    registry.put(WEB, data, OCI_INDEX, *tags)
    registry.page = 10
    with client(tmp_path) as opened:
        assert opened.tags(Repository(registry.host, WEB)) == tags
        assert len(registry.asked("/tags/")) == 3
        with pytest.raises(RegistryError, match="has no such thing"):
            opened.tags(Repository(registry.host, "shop/none"))


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/v2/shop/web/tags/list?last=1", "/v2/other/tags/list"])
def test_pages_elsewhere_are_not_asked_for(tmp_path: Path, registry: Registry, place: str) -> None:
    registry.put(WEB, index_of(), OCI_INDEX, "1")
    registry.faults = [Fault("/tags/", headers={"Link": f'<{place}>; rel="next"'})]
    with client(tmp_path) as opened, pytest.raises(RegistryError, match="the next page is said to lie elsewhere"):
        opened.tags(Repository(registry.host, WEB))


def test_lists_without_an_end_are_given_up(tmp_path: Path, registry: Registry) -> None:
    registry.put(WEB, index_of(), OCI_INDEX, *(f"v{number}" for number in range(99)))
    registry.page = 1
    page = json.dumps({"tags": ["t" * 3 * limits.MIB]}).encode()
    registry.faults = [Fault("/tags/", 99, change=lambda _: page)]
    with (
        client(tmp_path) as opened,
        pytest.raises(RegistryError, match="expected a list of at most 16 MiB, found more"),
    ):
        opened.tags(Repository(registry.host, WEB))


def test_pages_in_a_circle_end(tmp_path: Path, registry: Registry) -> None:
    registry.put(WEB, index_of(), OCI_INDEX, "1")
    registry.faults = [Fault("/tags/", 99, headers={"Link": '</v2/shop/web/tags/list?n=1>; rel="next"'})]
    with client(tmp_path) as opened:
        assert opened.tags(Repository(registry.host, WEB)) == ["1"]


@pytest.mark.parametrize("has_api", [True, False])
def test_an_image_is_pushed_with_what_refers_to_it(tmp_path: Path, registry: Registry, has_api: bool) -> None:
    made = image()
    registry.referrers_api = has_api
    where = Repository(registry.host, WEB)
    with client(tmp_path) as opened:
        for digest, data in made.blobs.items():
            if digest != made.digest:
                opened.push_blob(where, digest, len(data), lambda data=data: io.BytesIO(data))
        assert opened.push_manifest(where, "1.4", made.manifest, MANIFEST) == made.digest
        assert opened.digest(where, "1.4") == made.digest
        assert opened.digest(where, "1.5") is None
        opened.push_blob(where, sha256(made.config), len(made.config), lambda: io.BytesIO(made.config))
        assert len(registry.asked("/blobs/uploads/", "PUT")) == 3  # what is there is not sent again
        assert opened.referrers(where, made.digest) == []
        signatures = []
        for kind in ("application/x.signature", "application/x.sbom", "application/x.signature"):
            document = {
                "schemaVersion": 2, "mediaType": MANIFEST, "artifactType": kind,
                "config": {"mediaType": "application/vnd.oci.empty.v1+json", "digest": sha256(b"{}"), "size": 2},
                "layers": [], "subject": {"mediaType": MANIFEST, "digest": made.digest, "size": len(made.manifest)},
                "annotations": {"n": str(len(signatures))},
            }  # fmt: skip
            data = json.dumps(document).encode()
            signatures.append(opened.push_manifest(where, sha256(data), data, MANIFEST))
        assert [one.digest for one in opened.referrers(where, made.digest)] == signatures
        assert [one.digest for one in opened.referrers(where, made.digest, "application/x.sbom")] == [signatures[1]]
    assert [one.config for one in pulled(tmp_path, f"{registry.host}/{WEB}:1.4")] == [made.config]


def test_a_blob_that_breaks_on_its_way_up_is_sent_again(tmp_path: Path, registry: Registry) -> None:
    data = bytes(range(256)) * 9000
    registry.faults = [Fault("/blobs/uploads/", method="PUT", status=503)]
    with client(tmp_path) as opened:
        opened.push_blob(Repository(registry.host, WEB), sha256(data), len(data), lambda: io.BytesIO(data))
    assert registry.blobs[sha256(data)] == data


def test_an_upload_elsewhere_gets_no_credentials(tmp_path: Path) -> None:
    data = b"blob"
    with Registry("bearer", {"ann": "sesame-street"}) as registry, Registry() as other:
        registry.upload_origin = other.origin
        config = {"auths": {registry.host: {"username": "ann", "password": "sesame-street"}}}
        with client(tmp_path, config) as opened:
            opened.push_blob(Repository(registry.host, WEB), sha256(data), 4, lambda: io.BytesIO(data))
        assert other.blobs == {sha256(data): data}
        assert all("authorization" not in one.headers for one in other.seen)


def test_a_push_that_is_refused_is_told(tmp_path: Path, registry: Registry) -> None:
    where = Repository(registry.host, WEB)
    with client(tmp_path) as opened:
        with pytest.raises(RegistryError, match=r"answered 400 \(DIGEST_INVALID"):
            opened.push_blob(where, sha256(b"other"), 4, lambda: io.BytesIO(b"blob"))
        registry.faults = [Fault("/blobs/uploads/", method="POST", status=403)]
        with pytest.raises(RegistryError, match="denies access: no credentials were found for it; log in with"):
            opened.push_blob(where, sha256(b"blob"), 4, lambda: io.BytesIO(b"blob"))


def test_images_are_the_same_from_a_registry_an_archive_and_a_layout(tmp_path: Path, registry: Registry) -> None:
    from batten.sources import open_target
    from batten.sources.oci import OpenImage
    from sources.oci.made import docker_save, layout_files, written

    made: Made = image()
    registry.store(WEB, made, "1")
    written(tmp_path / "layout", layout_files(index_of(made.descriptor), made.blobs))
    files, links = docker_save(made)
    (tmp_path / "saved.tar").write_bytes(tar_of(files, links))
    found = pulled(tmp_path, f"{registry.host}/{WEB}:1")
    for text in (f"image:{tmp_path}/layout", f"image:{tmp_path}/saved.tar"):
        with open_target(text) as target:
            assert isinstance(target, OpenImage)
            found += target.images()
    assert {(one.config_digest, one.platform, *(blob.diff_id for blob in one.layers)) for one in found} == {
        (sha256(made.config), "linux/amd64", *map(sha256, made.layers))
    }
    assert [one.manifest_digest for one in found] == [made.digest, made.digest, ""]
