"""From a manifest or an index to images of chosen platforms, the same for registries and layouts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources.names import printable
from batten.sources.oci import Blob, ImageData, digests, platforms
from batten.sources.oci.manifests import (
    MANIFESTS,
    Descriptor,
    Manifest,
    Platform,
    decode,
    parse_config,
    parse_manifest,
    texts,
)

__all__ = ["Asked", "Store", "decode", "images", "layer_pairs"]


class Store(Protocol):
    """Where manifests and blobs are had by digest. Everything raises `Unreadable`."""

    def has(self, descriptor: Descriptor) -> bool:
        """False where it is known to be missing, as in a layout that holds one platform of its index."""

    def manifest(self, descriptor: Descriptor) -> bytes:
        """Verified."""

    def config(self, descriptor: Descriptor) -> bytes:
        """Verified."""

    def blob(self, descriptor: Descriptor, diff_id: str) -> Blob: ...


class Asked(Struct, frozen=True, kw_only=True):
    """What is looked for, and what is known of it already."""

    reference: str
    platform: str = ""
    """`linux/arm64`, `all`, or "" for what suits this machine."""
    names: tuple[str, ...] = ()
    note: Callable[[str], None] = lambda _: None
    """Told, in one line, what a user should know of the choice."""


class _Candidate(Struct, frozen=True):
    descriptor: Descriptor
    annotations: dict[str, str]
    index_digest: str
    """Of the outermost index."""
    manifest: Manifest | None
    """None where it was not needed yet."""


def images(store: Store, roots: Sequence[Descriptor], asked: Asked) -> Iterator[ImageData]:
    """The images of the chosen platforms among `roots` and the indexes below them.

    Raises `Unreadable` where there is none.
    """
    found = _Walk(store).candidates(roots)
    if not found:
        raise Unreadable("holds no image: only attestations, or manifests that are not stored here")
    known = [_platform(store, one) for one in found]
    fitting = [index for index, platform in enumerate(known) if platform is not None]
    if not fitting:
        kinds = sorted({one.manifest.kind for one in found if one.manifest is not None})
        raise Unreadable(f"expected a container image, found an artifact ({', '.join(kinds)})")
    offered = [platform for platform in known if platform is not None]
    chosen = platforms.choose(offered, asked.platform)
    _tell(asked, offered, chosen)
    named = [platforms.text(one) for one in offered]
    for number in chosen:
        others = [name for index, name in enumerate(named) if index not in chosen and name]
        yield _image(store, found[fitting[number]], asked, named[number], others)


def _tell(asked: Asked, offered: Sequence[Platform], chosen: Sequence[int]) -> None:
    """A build for another machine is worth a word where nobody asked for it."""
    if asked.platform or len(offered) < 2 or len(chosen) != 1:
        return
    here = platforms.of_this_machine()
    platform = offered[chosen[0]]
    if (platform.os, platform.architecture) != (here.os, here.architecture):
        message = f"has no build for {platforms.text(here)}; {platforms.text(platform)} was read (--platform chooses)"
        asked.note(message)


class _Walk:
    """Goes through indexes, which may hold indexes."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: set[str] = set()
        self._looked_at = 0

    def candidates(self, roots: Sequence[Descriptor]) -> list[_Candidate]:
        found: list[_Candidate] = []
        for root in roots:
            found += self._below(root, {}, "", 0)
        return found

    def _below(self, one: Descriptor, inherited: dict[str, str], outermost: str, depth: int) -> list[_Candidate]:
        if one.digest in self._seen or one.is_attestation or not self._store.has(one):
            return []
        self._seen.add(one.digest)
        self._looked_at += 1
        if self._looked_at > limits.IMAGE_INDEX_MANIFESTS:
            raise Unreadable(f"expected at most {limits.IMAGE_INDEX_MANIFESTS:,} manifests in an index, found more")
        annotations = inherited | texts(one.annotations)
        if one.media_type in MANIFESTS and one.platform is not None and depth:
            return [_Candidate(one, annotations, outermost, None)]
        manifest = parse_manifest(self._store.manifest(one), _what(one))
        if not manifest.is_index:
            return [_Candidate(one, annotations, outermost, manifest)]
        if depth >= limits.IMAGE_INDEX_DEPTH:
            raise Unreadable(f"expected at most {limits.IMAGE_INDEX_DEPTH} indexes in one another, found more")
        found: list[_Candidate] = []
        for entry in manifest.manifests or ():
            annotations = texts(manifest.annotations)
            found += self._below(entry, annotations, outermost or one.digest, depth + 1)
        return found


def _platform(store: Store, candidate: _Candidate) -> Platform | None:
    """None for artifacts. What an index does not say stands in the configuration."""
    stated = candidate.descriptor.platform
    manifest = candidate.manifest
    if manifest is not None and not manifest.is_image:
        return None
    if stated is not None and stated.os and stated.architecture:
        return stated
    if manifest is None:
        manifest = parse_manifest(store.manifest(candidate.descriptor), _what(candidate.descriptor))
    if not manifest.is_image or manifest.config is None:
        return None
    config = parse_config(store.config(manifest.config), "the image's configuration")
    return Platform(config.os or "linux", config.architecture, config.variant)


def _image(store: Store, candidate: _Candidate, asked: Asked, platform: str, others: list[str]) -> ImageData:
    one = candidate.descriptor
    manifest = candidate.manifest or parse_manifest(store.manifest(one), _what(one))
    if manifest.is_index or manifest.config is None or not manifest.is_image:
        raise Unreadable(f"{_what(one)}: expected a container image, found an artifact ({manifest.kind})")
    config = store.config(manifest.config)
    pairs = layer_pairs(manifest.layers or [], config)
    return ImageData(
        reference=asked.reference,
        config=config,
        config_digest=manifest.config.digest,
        manifest_digest=one.digest,
        index_digest=candidate.index_digest,
        layers=[store.blob(descriptor, diff_id) for descriptor, diff_id in pairs],
        platform=platform,
        other_platforms=others,
        annotations=candidate.annotations | texts(manifest.annotations),
        names=list(asked.names),
    )


def layer_pairs(layers: Sequence[Descriptor], config: bytes) -> list[tuple[Descriptor, str]]:
    """Each layer with its diff id; raises `Unreadable` where the configuration has not as many."""
    parsed = parse_config(config, "the image's configuration")
    diff_ids = (parsed.rootfs.diff_ids if parsed.rootfs else None) or []
    if len(diff_ids) != len(layers):
        raise Unreadable(f"the configuration names {len(diff_ids):,} layers and the manifest {len(layers):,}")
    return [(layer, digests.checked(diff_id, "a layer")) for layer, diff_id in zip(layers, diff_ids, strict=True)]


def _what(descriptor: Descriptor) -> str:
    return f"manifest {printable(descriptor.digest)}"
