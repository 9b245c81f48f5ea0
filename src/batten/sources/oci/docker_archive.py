"""What `docker save` and `podman save` write: `manifest.json` and the files that it names.

Source: moby's image specification 1.2 and the writers themselves. Since Docker 25 the archive is an OCI
layout too; since 1.10 `manifest.json` is always there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from batten import limits
from batten.model.source import Unreadable
from batten.sources.names import printable
from batten.sources.oci import Blob, ImageData, digests, platforms
from batten.sources.oci.files import ImageFiles, inside, read
from batten.sources.oci.layout import same_name
from batten.sources.oci.manifests import Descriptor, decode, parse_config
from batten.sources.oci.resolve import layer_pairs

_MANIFEST = "manifest.json"


class _Saved(msgspec.Struct, rename="pascal"):
    """One image of the archive."""

    config: str
    layers: list[str] | None = None
    repo_tags: list[str] | None = None
    layer_sources: dict[str, Any] | None = None


def is_docker_archive(files: ImageFiles) -> bool:
    return files.has(_MANIFEST)


def is_before_manifests(files: ImageFiles) -> bool:
    """Written by Docker before 1.10, without `manifest.json`."""
    return files.has("repositories") and not files.has(_MANIFEST)


def saved_names(files: ImageFiles) -> dict[str, list[str]]:
    """Tags by digest of the configuration, as far as they can be told from names alone."""
    found: dict[str, list[str]] = {}
    try:
        for saved in _saved(files):
            digits = saved.config.removesuffix(".json").rpartition("/")[2]
            found.setdefault(f"sha256:{digits}", []).extend(saved.repo_tags or ())
    except Unreadable:
        return {}
    return found


def saved_images(files: ImageFiles, reference: str, wanted: str, *, name: str = "") -> Iterator[ImageData]:
    """The images of the archive; `name` takes one by its tag, `wanted` is a platform. Raises `Unreadable`."""
    found = _saved(files)
    if name:
        meant = [one for one in found if any(same_name(tag, name) for tag in one.repo_tags or ())]
        if not meant:
            known = ", ".join(printable(tag) for one in found[:20] for tag in one.repo_tags or ())
            raise Unreadable(f"holds no image {printable(name)!r}, but {known or 'images without a name'}")
        found = meant
    if not found:
        raise Unreadable(f"{_MANIFEST} names no image")
    mismatched = []
    count = 0
    for saved in found:
        image = _image(files, saved, reference)
        if wanted and wanted != platforms.ALL and not _suits(image.platform, wanted):
            mismatched.append(image.platform)
            continue
        count += 1
        yield image
    if not count:
        raise Unreadable(f"expected the platform {wanted}, found {', '.join(dict.fromkeys(mismatched))}")


def _suits(platform: str, wanted: str) -> bool:
    try:
        return bool(platforms.choose([platforms.parse(platform)], wanted))
    except Unreadable:
        return False


def _saved(files: ImageFiles) -> list[_Saved]:
    data = read(files, _MANIFEST, limits.IMAGE_MANIFEST_BYTES)
    found = decode(data, list[_Saved], _MANIFEST, limits.IMAGE_MANIFEST_BYTES)
    if len(found) > limits.IMAGE_INDEX_MANIFESTS:
        raise Unreadable(f"expected at most {limits.IMAGE_INDEX_MANIFESTS:,} images, found {len(found):,}")
    return found


def _image(files: ImageFiles, saved: _Saved, reference: str) -> ImageData:
    name = inside(saved.config)
    config = read(files, name, limits.IMAGE_CONFIG_BYTES)
    digest = digests.digest_of(config)
    stated = _digest_in(name)
    if stated and stated != digest:
        raise digests.lie("configuration", stated, digest)
    layers = saved.layers or []
    if len(layers) > limits.IMAGE_LAYERS:
        raise Unreadable(f"expected at most {limits.IMAGE_LAYERS:,} layers, found {len(layers):,}")
    parsed = parse_config(config, "the image's configuration")
    pairs = layer_pairs([_descriptor(files, inside(one)) for one in layers], config)
    blobs = [
        _blob(files, inside(path), descriptor, diff_id)
        for path, (descriptor, diff_id) in zip(layers, pairs, strict=True)
    ]
    return ImageData(
        reference=reference,
        config=config,
        config_digest=digest,
        layers=blobs,
        platform="/".join(part for part in (parsed.os or "linux", parsed.architecture, parsed.variant) if part),
        names=list(saved.repo_tags or ()),
    )


def _digest_in(name: str) -> str:
    """The digest that a name states: `blobs/sha256/HEX`, `HEX.json`, `sha256:HEX`."""
    stem = name.rpartition("/")[2].removesuffix(".json").removeprefix("sha256:")
    digest = f"sha256:{stem}"
    return digest if digests.is_digest(digest) else ""


def _descriptor(files: ImageFiles, name: str) -> Descriptor:
    """Only names below `blobs/` are digests of the stored bytes; `HEX.tar` is a diff id, `HEX/layer.tar` neither."""
    digest = name.removeprefix("blobs/").replace("/", ":") if name.startswith("blobs/") else ""
    return Descriptor(digest=digest if digests.is_digest(digest) else "", size=files.size(name))


def _blob(files: ImageFiles, name: str, descriptor: Descriptor, diff_id: str) -> Blob:
    return Blob(
        digest=descriptor.digest,
        diff_id=diff_id,
        media_type="",
        size=descriptor.size,
        open=lambda: files.open(name),
        extent=files.extent(name),
    )
