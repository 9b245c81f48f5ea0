from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import pickle
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from batten import limits
from batten.model.source import Unreadable
from batten.sources import Options, TargetError, open_target
from batten.sources.interface import Target
from batten.sources.oci import ImageData, OpenImage, platforms
from batten.sources.oci.archives import (
    looks_like_image_archive,
    looks_like_layout,
    open_archive_stream,
    open_stored,
    split_name,
)
from batten.sources.oci.unpack import Peeked, is_archive
from sources.oci.made import (
    Made,
    docker_save,
    image,
    index_entry,
    index_of,
    layout_files,
    sha256,
    tar_of,
    written,
)

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "gzip in two members": lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]),
    "zstd after a skippable frame": lambda data: b"\x5a\x2a\x4d\x18\x03\x00\x00\x00abc" + zstandard.compress(data),
}


@pytest.fixture(autouse=True)
def without_a_wish(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_DEFAULT_PLATFORM", raising=False)


def opened(path: Path, platform: str = "", name: str = "") -> OpenImage:
    return open_stored(Target(f"image:{path}", "image", str(path)), str(path), platform, name)


def images(path: Path, platform: str = "", name: str = "") -> list[ImageData]:
    with opened(path, platform, name) as target:
        return list(target.images())


def layers(data: ImageData) -> list[bytes]:
    """The unpacked layers, read through the blobs."""
    found = []
    for blob in data.layers:
        with blob.open() as stream:
            stored = stream.read()
        assert blob.size == len(stored)
        assert blob.digest in ("", sha256(stored))
        if blob.extent:
            with open(blob.extent.path, "rb") as file:
                file.seek(blob.extent.offset)
                assert file.read(blob.extent.size) == stored
        found.append(gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored)
        assert sha256(found[-1]) == blob.diff_id
    return found


def as_layout(tmp_path: Path, made: Made, **entry: Any) -> Path:
    return written(tmp_path / "layout", layout_files(index_of(made.descriptor | entry), made.blobs))


def as_saved(tmp_path: Path, *made: Made, tags: list[list[str]] | None = None) -> Path:
    files, links = docker_save(*made, tags=tags)
    path = tmp_path / "saved.tar"
    path.write_bytes(tar_of(files, links))
    return path


def test_a_layout_an_archive_of_it_and_docker_save_give_the_same_image(tmp_path: Path) -> None:
    made = image()
    folder = as_layout(tmp_path, made)
    packed = tmp_path / "layout.tar"
    packed.write_bytes(tar_of(layout_files(index_of(made.descriptor), made.blobs)))
    for path in (folder, packed, as_saved(tmp_path, made)):
        with opened(path) as target:
            (found,) = target.images()
            assert layers(found) == made.layers
            assert (found.config, found.config_digest) == (made.config, sha256(made.config))
            assert found.platform == "linux/amd64"
            assert target.problems == []
        assert found.manifest_digest == ("" if path.name == "saved.tar" else made.digest)


@pytest.mark.parametrize("packing", PACKINGS)
def test_a_packed_archive_is_read_like_a_plain_one(tmp_path: Path, packing: str) -> None:
    made = image()
    plain = as_saved(tmp_path, made).read_bytes()
    path = tmp_path / "image.packed"
    path.write_bytes(PACKINGS[packing](plain))
    with opened(path) as target:
        (found,) = target.images()
        assert layers(found) == made.layers
        assert (found.layers[0].extent is None) == (packing != "plain")
        assert found.names == ["shop/web:1"]


def test_an_archive_on_a_pipe_is_read_to_its_end_once() -> None:
    made = image()
    files, links = docker_save(made)
    read, write = os.pipe()
    with os.fdopen(write, "wb") as out:
        out.write(gzip.compress(tar_of(files, links)))
    with os.fdopen(read, "rb") as pipe:
        stream = Peeked(pipe)
        assert is_archive(stream.head)
        with open_archive_stream(stream) as target:
            (found,) = target.images()
            assert layers(found) == made.layers
            assert target.target == Target("image:-", "image", "-")


def test_what_is_no_archive_on_a_pipe_can_still_be_read_as_text() -> None:
    stream = Peeked(io.BytesIO(b"kind: Pod\n" * 200))
    assert not is_archive(stream.head)
    assert stream.all(limits.FILE_BYTES) == b"kind: Pod\n" * 200
    with pytest.raises(TargetError, match=r"^-: expected an image archive"):
        open_archive_stream(Peeked(io.BytesIO(b"kind: Pod\n")))


def test_several_images_of_one_archive_come_with_their_tags_or_one_by_its_tag(tmp_path: Path) -> None:
    base = tar_of({"base": b"1"})
    one, two = image(base, tar_of({"one": b"1"})), image(base, tar_of({"two": b"2"}))
    path = as_saved(tmp_path, one, two, tags=[["shop/web:1", "shop/web:latest"], ["ghcr.io/shop/db:2"]])
    with opened(path) as target:
        found = list(target.images())
        assert [layers(each) for each in found] == [one.layers, two.layers]  # the second's base is a link
        assert [each.names for each in found] == [["shop/web:1", "shop/web:latest"], ["ghcr.io/shop/db:2"]]
    for name in ("ghcr.io/shop/db:2", "2"):
        with opened(path, name=name) as target:
            assert [each.config for each in target.images()] == [two.config]
    with pytest.raises(TargetError, match=r"holds no image 'shop/api', but shop/web:1, shop/web:latest"):
        images(path, name="shop/api")


def test_links_of_every_kind_stay_inside_and_end(tmp_path: Path) -> None:
    made = image(tar_of({"a": b"1"}))
    config = sha256(made.config)[7:] + ".json"
    other = {"Config": config, "RepoTags": None}
    for links, hard, name, fails in (
        ({"l.tar": "real.tar"}, {}, "l.tar", ""),
        ({}, {"d/l.tar": "real.tar"}, "d/l.tar", ""),
        ({"d/l.tar": "../real.tar"}, {}, "./d/l.tar", ""),
        ({"l.tar": "/etc/passwd"}, {}, "l.tar", "l.tar is not in the archive"),
        ({"l.tar": "../../etc/passwd"}, {}, "l.tar", "l.tar is not in the archive"),
        ({"l.tar": "m.tar", "m.tar": "l.tar"}, {}, "l.tar", "l.tar is not in the archive"),
        ({}, {}, "../real.tar", "expected the name of a file of the archive, found '../real.tar'"),
        ({}, {}, "/real.tar", "expected the name of a file of the archive"),
    ):
        path = tmp_path / "linked.tar"
        files = {
            config: made.config,
            "real.tar": made.layers[0],
            "manifest.json": json.dumps([other | {"Layers": [name]}]).encode(),
        }
        path.write_bytes(tar_of(files, links, hard))
        with opened(path) as target:
            if not fails:
                assert layers(next(target.images())) == made.layers
                continue
            with pytest.raises((TargetError, Unreadable), match=fails):
                next(target.images()).layers[0].open()


def test_a_layout_in_docker_save_gives_the_manifest_digest_and_the_tags(tmp_path: Path) -> None:
    """As Docker 25 writes it."""
    made = image()
    made.annotations = {"io.containerd.image.name": "docker.io/shop/web:1", "org.opencontainers.image.ref.name": "1"}
    saved = [{
        "Config": "blobs/" + sha256(made.config).replace(":", "/"),
        "RepoTags": ["shop/web:1"],
        "Layers": ["blobs/" + digest.replace(":", "/") for digest in list(made.blobs)[2:]],
    }]  # fmt: skip
    path = tmp_path / "new.tar"
    path.write_bytes(
        tar_of(layout_files(index_of(made.descriptor), made.blobs) | {"manifest.json": json.dumps(saved).encode()})
    )
    (found,) = images(path)
    assert found.manifest_digest == made.digest
    assert found.names == ["docker.io/shop/web:1", "shop/web:1"]


def many(tmp_path: Path, *platforms: str, stored: tuple[str, ...] | None = None) -> tuple[Path, dict[str, Made]]:
    """A layout with an index; only the images of `stored` lie in it."""
    made = {platform: image(platform=platform) for platform in platforms}
    attestation = image(platform="unknown/unknown").descriptor | {
        "annotations": {"vnd.docker.reference.type": "attestation-manifest"}
    }
    inner = index_of(*(one.descriptor for one in made.values()), attestation)
    outer = index_of(index_entry(inner, annotations={"org.opencontainers.image.ref.name": "1.4"}))
    blobs = [one.blobs for name, one in made.items() if stored is None or name in stored]
    return written(tmp_path / "many", layout_files(outer, {sha256(inner): inner}, *blobs)), made


def test_one_platform_of_an_index_is_chosen_and_the_others_are_named(tmp_path: Path) -> None:
    path, made = many(tmp_path, "linux/arm64/v8", "linux/amd64", "linux/arm/v7", "windows/amd64")
    (found,) = images(path, "linux/arm64")
    assert (found.config, found.platform) == (made["linux/arm64/v8"].config, "linux/arm64/v8")
    assert found.other_platforms == ["linux/amd64", "linux/arm/v7", "windows/amd64"]
    assert found.index_digest.startswith("sha256:")
    assert [one.platform for one in images(path, "all")] == list(made)
    with pytest.raises(TargetError, match=r"expected the platform linux/s390x, found linux/arm64/v8, linux/amd64, "):
        images(path, "s390x")
    with pytest.raises(TargetError, match=r"expected a platform such as linux/amd64 or linux/arm/v7, found 'linux/'"):
        opened(path, "linux/")


def test_the_platform_may_come_from_dockers_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = many(tmp_path, "linux/amd64", "linux/arm64")
    monkeypatch.setenv("DOCKER_DEFAULT_PLATFORM", "linux/arm64")
    assert images(path)[0].platform == "linux/arm64"
    assert images(path, "linux/amd64")[0].platform == "linux/amd64"


def test_an_image_for_one_other_machine_alone_is_read(tmp_path: Path) -> None:
    path, _ = many(tmp_path, "linux/mips64le")
    assert images(path)[0].platform == "linux/mips64le"


def test_linux_amd64_instead_of_a_build_for_this_machine_is_told(tmp_path: Path) -> None:
    here = platforms.text(platforms.of_this_machine())
    path, _ = many(
        tmp_path, "linux/mips64le", "linux/riscv64", "linux/amd64" if here != "linux/amd64" else "linux/ppc64"
    )
    with opened(path) as target:
        if here == "linux/amd64":
            with pytest.raises(TargetError, match="no build for this machine, but for linux/mips64le, linux/riscv64"):
                list(target.images())
        else:
            assert [one.platform for one in target.images()] == ["linux/amd64"]
            assert [one.severe for one in target.problems] == [False]


def test_platforms_that_a_layout_does_not_hold_are_passed_over(tmp_path: Path) -> None:
    """`docker save --platform` and `ctr images export` write the whole index."""
    path, made = many(tmp_path, "linux/amd64", "linux/arm64", stored=("linux/arm64",))
    (found,) = images(path)
    assert (found.platform, found.config, found.other_platforms) == ("linux/arm64", made["linux/arm64"].config, [])


def test_a_platform_whose_manifest_alone_is_there_is_passed_over(tmp_path: Path) -> None:
    path, made = many(tmp_path, "linux/amd64", "linux/arm64", stored=("linux/arm64",))
    other = made["linux/amd64"]
    (path / "blobs" / other.digest.replace(":", "/")).write_bytes(other.manifest)
    assert [one.platform for one in images(path, "all")] == ["linux/arm64"]


def test_names_that_no_image_has_are_not_kept(tmp_path: Path) -> None:
    made = image()
    files, links = docker_save(made)
    path = tmp_path / "long.tar"
    path.write_bytes(tar_of({"x" * 5000 + str(number): b"" for number in range(50)} | files, links))
    with opened(path) as target:
        assert [one.config for one in target.images()] == [made.config]
        assert max(len(name) for name in target._files.names()) < 100  # type: ignore[attr-defined]


def test_manifests_per_platform_at_the_top_of_a_layout_are_one_image(tmp_path: Path) -> None:
    made = [image(platform="linux/amd64"), image(platform="linux/arm64")]
    path = written(tmp_path, layout_files(index_of(*(one.descriptor for one in made)), *(one.blobs for one in made)))
    assert [one.platform for one in images(path, "linux/arm64")] == ["linux/arm64"]


def test_names_of_a_layout_part_its_images(tmp_path: Path) -> None:
    made = [image(tar_of({"1": b""})), image(tar_of({"2": b""}))]
    named = [
        one.descriptor | {"annotations": {"org.opencontainers.image.ref.name": tag}}
        for one, tag in zip(made, ("1.0", "ghcr.io/shop/web:2.0"), strict=True)
    ]
    again = made[0].descriptor | {"annotations": {"org.opencontainers.image.ref.name": "stable"}}
    path = written(tmp_path, layout_files(index_of(*named, again), *(one.blobs for one in made)))
    assert [one.names for one in images(path)] == [["1.0", "stable"], ["ghcr.io/shop/web:2.0"]]
    assert [one.config for one in images(path, name="stable")] == [made[0].config]
    assert [one.config for one in images(path, name="2.0")] == [made[1].config]
    assert [one.config for one in images(path, name=made[1].digest)] == [made[1].config]


def test_annotations_of_index_and_manifest_are_joined_the_manifests_winning(tmp_path: Path) -> None:
    base = "org.opencontainers.image.base.name"
    made = image(manifest={"annotations": {base: "manifest", "own": "1", "odd": 3}})
    path = as_layout(tmp_path, made, annotations={base: "index", "entry": "1"})
    (found,) = images(path)
    assert found.annotations == {base: "manifest", "own": "1", "entry": "1"}


def broken_layout(**change: Any) -> Callable[[Path], Path]:
    return lambda tmp_path: as_layout(tmp_path, image(**change))


def layout_with(change: Callable[[dict[str, bytes], Made], None]) -> Callable[[Path], Path]:
    def make(tmp_path: Path) -> Path:
        made = image()
        files = layout_files(index_of(made.descriptor), made.blobs)
        change(files, made)
        return written(tmp_path / "broken", files)

    return make


def tampered(files: dict[str, bytes], made: Made) -> None:
    name = "blobs/" + sha256(made.config).replace(":", "/")
    files[name] = files[name].replace(b"/app/run", b"/app/not")


def deep(files: dict[str, bytes], made: Made) -> None:
    entry = made.descriptor
    for _ in range(8):
        data = index_of(entry)
        files["blobs/" + sha256(data).replace(":", "/")] = data
        entry = index_entry(data)
    files["index.json"] = index_of(entry)


def wide(files: dict[str, bytes], made: Made) -> None:
    for number in range(limits.IMAGE_INDEX_MANIFESTS + 1):
        data = index_of(made.descriptor, annotations={"n": str(number)})
        files["blobs/" + sha256(data).replace(":", "/")] = data
        made.blobs[sha256(data)] = data
    files["index.json"] = index_of(*(index_entry(data) for data in made.blobs.values() if b'"n"' in data))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            layout_with(lambda f, m: f.update({"oci-layout": b'{"imageLayoutVersion": "2.0"}'})),
            "imageLayoutVersion 1.0.0, found '2.0'",
        ),
        (
            layout_with(lambda f, m: f.update({"index.json": b"{"})),
            "index.json: expected JSON of that kind, found other data",
        ),
        (layout_with(lambda f, m: f.update({"index.json": b"[" * 100_000})), "index.json: expected JSON"),
        (
            layout_with(lambda f, m: f.update({"index.json": b"\n<!DOCTYPE html><p>Sign in"})),
            "index.json: expected JSON of that kind, found a page of HTML or XML",
        ),
        (layout_with(lambda f, m: f.update({"index.json": b'"\xff"'})), "index.json: expected JSON"),
        (layout_with(lambda f, m: f.update({"index.json": b"{}"})), "expected an index with manifests"),
        (
            layout_with(lambda f, m: f.update({"index.json": b" " * (limits.IMAGE_MANIFEST_BYTES + 1)})),
            "expected at most 4 MiB",
        ),
        (
            layout_with(lambda f, m: f.update({"index.json": index_of({"digest": "sha256:../../etc/passwd"})})),
            "expected the digest of an entry of index.json",
        ),
        (
            layout_with(
                lambda f, m: f.update({"index.json": index_of(m.descriptor | {"digest": "sha256:" + "0" * 64})})
            ),
            "names no image that is stored",
        ),
        (
            layout_with(tampered),
            "configuration: expected sha256:[0-9a-f]{64}, found bytes with sha256:[0-9a-f]{64}: damaged or tampered",
        ),
        (layout_with(deep), "expected at most 4 indexes in one another"),
        (layout_with(wide), "expected at most 1,000 manifests"),
        (broken_layout(manifest={"schemaVersion": 1, "fsLayers": []}), "found schema 1; push the image anew"),
        (broken_layout(manifest={"manifests": []}), "expected a manifest or an index, found both in one document"),
        (
            broken_layout(manifest={"mediaType": "application/vnd.oci.image.index.v1+json"}),
            "calls itself .*index.* and is the other kind",
        ),
        (broken_layout(manifest={"layers": []}), "the configuration names 2 layers and the manifest 0"),
        (broken_layout(manifest={"layers": [{"digest": "sha256:" + "a" * 64, "size": -5}]}), "expected the size of"),
        (
            broken_layout(manifest={"artifactType": "application/vnd.cncf.helm\x1b[31m"}),
            r"found an artifact \(application/vnd.cncf.helm\\u001b\[31m\)",
        ),
        (
            broken_layout(
                manifest={"layers": [{"digest": f"sha256:{n:064x}", "size": 1} for n in range(limits.IMAGE_LAYERS + 1)]}
            ),
            "expected at most 1,000 layers",
        ),
        (broken_layout(config={"rootfs": {"diff_ids": ["a", "b"]}}), "expected the digest of a layer"),
        (broken_layout(config={"rootfs": 5}), "the image's configuration: expected JSON"),
    ],
)
def test_a_broken_layout_is_one_clear_error(tmp_path: Path, make: Callable[[Path], Path], message: str) -> None:
    path = make(tmp_path)
    with pytest.raises(TargetError, match=message) as caught:
        images(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_a_layer_that_the_layout_does_not_hold_is_told_when_it_is_opened(tmp_path: Path) -> None:
    made = image()
    path = as_layout(tmp_path, made)
    layer = list(made.blobs)[2]
    (path / "blobs" / layer.replace(":", "/")).unlink()
    (found,) = images(path)
    with pytest.raises(Unreadable, match=f"blobs/sha256/{layer[7:]} is not in the layout"):
        found.layers[0].open()


def test_links_out_of_a_layout_are_not_followed(tmp_path: Path) -> None:
    made = image()
    path = as_layout(tmp_path, made)
    outside = tmp_path / "outside"
    layer = path / "blobs" / list(made.blobs)[2].replace(":", "/")
    layer.rename(outside)
    layer.symlink_to(outside)
    (found,) = images(path)
    with pytest.raises(Unreadable, match="is not in the layout"):
        found.layers[0].open()


@pytest.mark.parametrize(
    ("saved", "message"),
    [
        ([], "manifest.json names no image"),
        ([{"Config": "gone.json", "Layers": []}], "gone.json is not in the archive"),
        ([{"Config": "../c.json", "Layers": []}], "expected the name of a file of the archive, found '../c.json'"),
        ([{"Config": "c.json", "Layers": ["l"] * (limits.IMAGE_LAYERS + 1)}], "expected at most 1,000 layers"),
        ([{"Config": "c.json", "Layers": []}], "names 1 layers and the manifest 0"),
        ([{"Config": "0" * 64 + ".json", "Layers": []}], "configuration: expected sha256:0000"),
        ({"Config": "c.json"}, "manifest.json: expected JSON of that kind"),
        ([{"Config": "c.json", "Layers": []}] * (limits.IMAGE_INDEX_MANIFESTS + 1), "expected at most 1,000 images"),
    ],
)
def test_a_broken_docker_archive_is_one_clear_error(tmp_path: Path, saved: Any, message: str) -> None:
    config = image(tar_of({"a": b""})).config
    path = tmp_path / "broken.tar"
    files = {"c.json": config, "0" * 64 + ".json": config, "l": b"", "manifest.json": json.dumps(saved).encode()}
    path.write_bytes(tar_of(files))
    with pytest.raises(TargetError, match=message):
        images(path)


def test_other_archives_are_no_image(tmp_path: Path) -> None:
    path = tmp_path / "other.tar"
    path.write_bytes(tar_of({"readme": b"1"}))
    with pytest.raises(TargetError, match=r"expected an image .* found neither oci-layout nor manifest.json"):
        opened(path)
    path.write_bytes(tar_of({"repositories": b"{}", "0" * 64 + "/layer.tar": b""}))
    with pytest.raises(TargetError, match=r"a Docker before 1\.10"):
        opened(path)
    path.write_bytes(b"PK\x03\x04" + bytes(1000))
    with pytest.raises(TargetError, match="expected an image archive"):
        opened(path)


def test_an_archive_that_is_cut_off_gives_what_it_holds_and_says_so(tmp_path: Path) -> None:
    files, links = docker_save(image())
    ordered = {"manifest.json": files.pop("manifest.json"), **files}
    path = tmp_path / "cut.tar"
    data = tar_of(ordered, links)
    path.write_bytes(data[:3000])
    with opened(path) as target:
        assert [problem.message for problem in target.problems] != []
        with pytest.raises(TargetError, match="is not in the archive: it is cut off"):
            list(target.images())
    path.write_bytes(gzip.compress(data)[:300])
    with pytest.raises(TargetError, match="ends too early: the archive is cut off"):
        opened(path)


def test_a_packed_bomb_is_refused_before_it_fills_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "bomb.tar.zst"
    path.write_bytes(tar_of({"a": b""})[:512] and zstandard.compress(tar_of({"a": bytes(64 * limits.MIB)})))
    with pytest.raises(TargetError, match="a bomb"):
        opened(path)


def test_the_last_of_two_members_of_one_name_counts(tmp_path: Path) -> None:
    made = image(tar_of({"a": b"1"}))
    files, _ = docker_save(made)
    path = tmp_path / "twice.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in [("manifest.json", b"[]"), *files.items()]:
            member = tarfile.TarInfo("./" + name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    with opened(path) as target:
        assert layers(next(target.images())) == made.layers


def test_image_archives_and_layouts_are_told_from_others_at_a_glance(tmp_path: Path) -> None:
    made = image()
    layout = as_layout(tmp_path, made)
    assert looks_like_layout(str(layout))
    assert not looks_like_layout(str(tmp_path))
    saved = as_saved(tmp_path, made)
    as_tar = tar_of(layout_files(index_of(made.descriptor), made.blobs))
    for packing, pack in PACKINGS.items():
        path = tmp_path / "looked-at"
        for data in (saved.read_bytes(), as_tar):
            path.write_bytes(pack(data))
            assert looks_like_image_archive(str(path)), packing
        path.write_bytes(pack(tar_of({"k8s/web.yaml": b"kind: Pod", "manifest.json": b"{}"})))
        assert not looks_like_image_archive(str(path)), packing
        path.write_bytes(pack(tar_of({"manifest.json": b'{"name": "web extension"}'})))
        assert not looks_like_image_archive(str(path)), packing
    big = tar_of(
        {"0" * 64 + "/layer.tar": os.urandom(limits.IMAGE_SNIFF_BYTES + limits.MIB), "manifest.json": b'"Layers"'}
    )
    path.write_bytes(gzip.compress(big, 1))
    assert looks_like_image_archive(str(path))
    path.write_bytes(b"text")
    assert not looks_like_image_archive(str(path))
    assert not looks_like_image_archive(str(tmp_path))
    assert not looks_like_image_archive(str(tmp_path / "gone"))


def test_schemes_open_what_they_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    made = image()
    as_layout(tmp_path, made)
    as_saved(tmp_path, made)
    (tmp_path / "root/etc").mkdir(parents=True)
    for text, identity in (
        ("oci:layout", "image:layout"),
        ("oci:./layout/:" + made.digest, f"image:layout:{made.digest}"),
        ("docker-archive:saved.tar", "image:saved.tar"),
        ("docker-archive:saved.tar:shop/web:1", "image:saved.tar:shop/web:1"),
    ):
        with open_target(text) as target:
            assert isinstance(target, OpenImage)
            assert target.target.id == identity
            assert [layers(one) for one in target.images()] == [made.layers]
            assert list(target.entries()) == []
    with open_target("rootfs:root") as target:
        assert isinstance(target, OpenImage)
        assert target.root == str(tmp_path / "root")
        assert list(target.images()) == []
    for text, message in (
        ("oci:gone", "expected an OCI layout .* after oci:, found nothing at 'gone'"),
        ("oci:", "found nothing at ''"),
        ("rootfs:saved.tar", "expected a folder after rootfs:, found a file"),
    ):
        with pytest.raises(TargetError, match=message):
            open_target(text)


def test_a_name_follows_the_longest_path_that_exists() -> None:
    there = {"a:b", "a"}.__contains__
    assert split_name("a:b", there) == ("a:b", "")
    assert split_name("a:b:1.4", there) == ("a:b", "1.4")
    assert split_name("a:shop/web:1.4", there) == ("a", "shop/web:1.4")
    assert split_name("a@sha256:00", there) == ("a", "sha256:00")
    assert split_name("c:d", there) == ("c:d", "")


def test_options_carry_the_platform(tmp_path: Path) -> None:
    from batten.sources.oci_layout import SOURCE

    path, _ = many(tmp_path, "linux/amd64", "linux/arm64")
    target = SOURCE.open(str(path), Options(platform="linux/arm64"))
    assert isinstance(target, OpenImage)
    assert next(target.images()).platform == "linux/arm64"


def test_where_a_blob_lies_can_be_told_to_another_process(tmp_path: Path) -> None:
    (found,) = images(as_saved(tmp_path, image()))
    extent = found.layers[0].extent
    assert pickle.loads(pickle.dumps(extent)) == extent
