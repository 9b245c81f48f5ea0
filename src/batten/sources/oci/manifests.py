"""Manifests, indexes and descriptors: OCI image specification 1.1 and Docker's schema 2."""

from __future__ import annotations

from typing import Any, Final, TypeVar

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.source import Unreadable
from batten.sources.names import printable
from batten.sources.oci import digests

OCI_INDEX: Final = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST: Final = "application/vnd.oci.image.manifest.v1+json"
OCI_CONFIG: Final = "application/vnd.oci.image.config.v1+json"
OCI_EMPTY: Final = "application/vnd.oci.empty.v1+json"
OCI_LAYER: Final = "application/vnd.oci.image.layer.v1.tar"
DOCKER_INDEX: Final = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST: Final = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"
DOCKER_LAYER: Final = "application/vnd.docker.image.rootfs.diff.tar"
SCHEMA_1: Final = (
    "application/vnd.docker.distribution.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
)

INDEXES: Final = (OCI_INDEX, DOCKER_INDEX)
MANIFESTS: Final = (OCI_MANIFEST, DOCKER_MANIFEST)
ACCEPT: Final = ", ".join((*INDEXES, *MANIFESTS))

# The first pushes of schema 2 called every configuration so.
_CONFIGS: Final = ("", OCI_CONFIG, DOCKER_CONFIG, "application/octet-stream")
# BuildKit's attestations: docs.docker.com/build/metadata/attestations/attestation-storage
_ATTESTATION: Final = "vnd.docker.reference.type"

_T = TypeVar("_T")


class Platform(Struct, frozen=True, omit_defaults=True):
    os: str = ""
    architecture: str = ""
    variant: str = ""


class Descriptor(Struct, frozen=True, rename="camel", omit_defaults=True):
    """What a manifest, an index or a layout says of a blob or another manifest."""

    media_type: str = ""
    digest: str = ""
    size: int = -1
    platform: Platform | None = None
    annotations: dict[str, Any] | None = None
    artifact_type: str = ""
    urls: list[str] | None = None

    @property
    def is_attestation(self) -> bool:
        """Says something about another manifest of the same index and holds no file system."""
        platform = self.platform
        unknown = platform is not None and platform.os == "unknown" and platform.architecture == "unknown"
        return unknown or (self.annotations or {}).get(_ATTESTATION) == "attestation-manifest"


class Manifest(Struct, frozen=True, rename="camel"):
    """A manifest or an index, told apart by what it holds and not by what it is called."""

    schema_version: int = 2
    media_type: str = ""
    config: Descriptor | None = None
    layers: list[Descriptor] | None = None
    manifests: list[Descriptor] | None = None
    annotations: dict[str, Any] | None = None
    subject: Descriptor | None = None
    artifact_type: str = ""
    fs_layers: list[Any] | None = None

    @property
    def is_index(self) -> bool:
        return self.manifests is not None

    @property
    def is_image(self) -> bool:
        """Holds layers of a file system, not a chart, a signature or another artifact."""
        return not self.artifact_type and self.config is not None and self.config.media_type in _CONFIGS

    @property
    def kind(self) -> str:
        """What an artifact calls itself."""
        return printable((self.artifact_type or (self.config.media_type if self.config else "") or "unknown")[:120])


class RootFs(Struct, frozen=True):
    diff_ids: list[str] | None = None


class Config(Struct, frozen=True):
    """The part of an image's configuration that finds its layers."""

    os: str = ""
    architecture: str = ""
    variant: str = ""
    rootfs: RootFs | None = None


def parse_manifest(data: bytes, what: str) -> Manifest:
    """Raises `Unreadable` for schema 1, for what is neither manifest nor index, and for what is both.

    Something that is both reads differently in different programs: CVE-2021-41190.
    """
    found = decode(data, Manifest, what, limits.IMAGE_MANIFEST_BYTES)
    if found.fs_layers is not None or found.schema_version == 1 or found.media_type in SCHEMA_1:
        raise Unreadable(f"{what}: expected an OCI or Docker schema 2 manifest, found schema 1; push the image anew")
    has_image = found.config is not None or found.layers is not None
    if has_image == found.is_index:
        kind = "both in one document" if has_image else "neither"
        raise Unreadable(f"{what}: expected a manifest or an index, found {kind}")
    wrong = MANIFESTS if found.is_index else INDEXES
    if found.media_type in wrong:
        raise Unreadable(f"{what}: calls itself {found.media_type} and is the other kind; it was not used")
    for descriptor in (*(found.manifests or ()), *(found.layers or ()), *([found.config] if found.config else ())):
        digests.checked(descriptor.digest, f"an entry of {what}")
        if descriptor.size < 0:
            raise Unreadable(f"{what}: expected the size of {descriptor.digest}, found {descriptor.size}")
    if len(found.layers or ()) > limits.IMAGE_LAYERS:
        raise Unreadable(f"{what}: expected at most {limits.IMAGE_LAYERS:,} layers, found {len(found.layers or ()):,}")
    return found


def parse_config(data: bytes, what: str) -> Config:
    """Raises `Unreadable`."""
    return decode(data, Config, what, limits.IMAGE_CONFIG_BYTES)


def decode(data: bytes, kind: type[_T], what: str, limit: int) -> _T:
    """`data` as JSON of the shape `kind`; raises `Unreadable`."""
    if len(data) > limit:
        raise Unreadable(f"{what}: expected at most {limit // limits.MIB} MiB, found more")
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        if data[:64].lstrip()[:1] == b"<":
            raise Unreadable(
                f"{what}: expected JSON of that kind, found a page of HTML or XML; did a proxy or a login page answer?"
            ) from None
        reason = printable(str(error).removeprefix("JSON is malformed: ")[:160])
        raise Unreadable(f"{what}: expected JSON of that kind, found other data: {reason}") from None


def texts(annotations: dict[str, Any] | None) -> dict[str, str]:
    """Annotations whose value is a text, as they ought to be."""
    return {key: value for key, value in (annotations or {}).items() if isinstance(value, str)}
