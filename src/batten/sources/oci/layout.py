"""OCI image layouts (image specification 1.1, "Image Layout"): a folder, or the same in a tar archive."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from batten import limits
from batten.model.image import parse_reference
from batten.model.source import Unreadable
from batten.sources.names import printable
from batten.sources.oci import Blob, ImageData, digests
from batten.sources.oci.files import ImageFiles, read
from batten.sources.oci.manifests import MANIFESTS, Descriptor, Manifest, decode, parse_manifest, texts
from batten.sources.oci.resolve import Asked, images

_MARKER = "oci-layout"
_INDEX = "index.json"
# Who names an image in an index: the specification; containerd, with the registry before it.
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


class _Marker(msgspec.Struct, rename="camel"):
    image_layout_version: str = ""


def is_layout(files: ImageFiles) -> bool:
    return files.has(_MARKER) and files.has(_INDEX)


def layout_images(
    files: ImageFiles,
    reference: str,
    platform: str,
    *,
    name: str = "",
    more_names: dict[str, list[str]] | None = None,
    note: Callable[[str], None] = lambda _: None,
) -> Iterator[ImageData]:
    """The images of a layout, one for each name (and each chosen platform).

    `name` is a tag, a reference or a digest of its index; "" takes all. `more_names` are what else is
    known, by digest of the configuration. Raises `Unreadable`.
    """
    _check_version(files)
    index = _index(files)
    store = _LayoutStore(files)
    groups = _groups([one for one in index.manifests or () if not one.is_attestation and store.has(one)])
    if name:
        groups = [group for group in groups if _is_meant(group, name)]
        if not groups:
            raise Unreadable(f"holds no image {printable(name)!r}, but {_known(index)}")
    if not groups:
        raise Unreadable("the index names no image that is stored in the layout")
    for names, roots in groups:
        asked = Asked(reference=reference, platform=platform, names=tuple(names), note=note)
        for image in images(store, roots, asked):
            image.names += [one for one in (more_names or {}).get(image.config_digest, ()) if one not in image.names]
            yield image


def _check_version(files: ImageFiles) -> None:
    if not files.has(_MARKER):
        raise Unreadable(f"expected an OCI layout, found no file {_MARKER}")
    marker = decode(read(files, _MARKER, limits.IMAGE_MANIFEST_BYTES), _Marker, _MARKER, limits.IMAGE_MANIFEST_BYTES)
    if not marker.image_layout_version.startswith("1."):
        found = printable(marker.image_layout_version[:40])
        raise Unreadable(f"{_MARKER}: expected imageLayoutVersion 1.0.0, found {found!r}")


def _index(files: ImageFiles) -> Manifest:
    data = read(files, _INDEX, limits.IMAGE_MANIFEST_BYTES)
    index = decode(data, Manifest, _INDEX, limits.IMAGE_MANIFEST_BYTES)
    if index.manifests is None:
        raise Unreadable(f"{_INDEX}: expected an index with manifests, found none")
    if len(index.manifests) > limits.IMAGE_INDEX_MANIFESTS:
        raise Unreadable(f"{_INDEX}: expected at most {limits.IMAGE_INDEX_MANIFESTS:,} manifests, found more")
    for entry in index.manifests:
        digests.checked(entry.digest, f"an entry of {_INDEX}")
    return index


def _groups(entries: list[Descriptor]) -> list[tuple[list[str], list[Descriptor]]]:
    """The entries that are one image each: (names, manifests or indexes).

    Some tools put one manifest per platform into the index of the layout; those under one name, or
    without any, are one image as long as their platforms differ. One digest under two names is one image.
    """
    named: dict[str, list[Descriptor]] = {}
    for entry in entries:
        named.setdefault(_names(entry)[0] if _names(entry) else "", []).append(entry)
    groups: dict[tuple[str, ...], tuple[list[str], list[Descriptor]]] = {}
    for members in named.values():
        platforms = [one.platform for one in members]
        is_one = None not in platforms and len(set(platforms)) == len(platforms)
        for part in [members] if is_one else [[one] for one in members]:
            names, _ = groups.setdefault(tuple(one.digest for one in part), ([], part))
            names += [name for one in part for name in _names(one) if name not in names]
    return list(groups.values())


def _names(entry: Descriptor) -> list[str]:
    annotations = texts(entry.annotations)
    return [annotations[key] for key in _NAMES if annotations.get(key)][:1]


def _is_meant(group: tuple[list[str], list[Descriptor]], name: str) -> bool:
    names, roots = group
    return any(same_name(one, name) for one in names) or any(root.digest == name.lstrip("@") for root in roots)


def same_name(known: str, wanted: str) -> bool:
    """Do both name one image: written alike, in the same normal form, or `wanted` is the tag of `known`?"""
    if known == wanted:
        return True
    one, other = parse_reference(known), parse_reference(wanted)
    if one is None or other is None:
        return False
    if (one.name, one.tag or "latest") == (other.name, other.tag or "latest"):
        return True
    return "/" not in wanted and ":" not in wanted and one.tag == wanted


def _known(index: Manifest) -> str:
    names = [printable(name) for entry in index.manifests or () for name in _names(entry)[:1]]
    return ", ".join(dict.fromkeys(names[:20])) or "images without a name"


class _LayoutStore:
    """`batten.sources.oci.resolve.Store` over the blobs of a layout."""

    def __init__(self, files: ImageFiles) -> None:
        self._files = files
        self._manifests = 0

    def has(self, descriptor: Descriptor) -> bool:
        """Writers of one platform may leave the manifests of the others in, without what they name."""
        if not digests.is_digest(descriptor.digest) or not self._files.has(_path(descriptor)):
            return False
        if descriptor.media_type not in MANIFESTS:
            return True
        try:
            config = parse_manifest(self.manifest(descriptor), "manifest").config
        except Unreadable:
            return True  # said where it is read
        return config is None or self._files.has(_path(config))

    def manifest(self, descriptor: Descriptor) -> bytes:
        self._manifests += 1
        if self._manifests > 4 * limits.IMAGE_INDEX_MANIFESTS:
            raise Unreadable(f"expected at most {limits.IMAGE_INDEX_MANIFESTS:,} manifests in the layout, found more")
        return self._verified(descriptor, limits.IMAGE_MANIFEST_BYTES, "manifest")

    def config(self, descriptor: Descriptor) -> bytes:
        return self._verified(descriptor, limits.IMAGE_CONFIG_BYTES, "configuration")

    def _verified(self, descriptor: Descriptor, limit: int, what: str) -> bytes:
        return digests.verify(read(self._files, _path(descriptor), limit), descriptor.digest, what)

    def blob(self, descriptor: Descriptor, diff_id: str) -> Blob:
        path = _path(descriptor)
        return Blob(
            digest=descriptor.digest,
            diff_id=diff_id,
            media_type=descriptor.media_type,
            size=self._files.size(path) if self._files.has(path) else descriptor.size,
            open=lambda: self._files.open(path),
            extent=self._files.extent(path),
        )


def _path(descriptor: Descriptor) -> str:
    digest = digests.checked(descriptor.digest, "a blob")
    return "blobs/" + digest.replace(":", "/")
