"""What is in a container image: its configuration, layers, packages' surroundings and notable files."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct, field

from batten.model.objects import Declared
from batten.model.package import Distribution, Package


class Layer(Struct, frozen=True):
    """One layer, lowest first in `Image.layers`."""

    diff_id: str
    """Digest of the unpacked archive."""
    digest: str = ""
    """Digest of the blob as stored; "" in archives without compression."""
    size: int = 0
    """Bytes of the blob."""
    unpacked: int = 0
    """Bytes of the unpacked archive; 0 where only its cached facts were read."""
    files: int = 0
    created_by: str = ""
    """The step of the history that made it."""
    in_base: bool = False
    """Belongs to the recognised base image."""


class Step(Struct, frozen=True):
    """One entry of the image's history. `layer` is the index in `Image.layers`, None for empty ones."""

    created_by: str
    created: str = ""
    layer: int | None = None
    comment: str = ""


class ImageFile(Struct, frozen=True):
    """A file of the final file system, or of a lower layer (`deleted_in`), that a check may blame."""

    path: str
    kind: str
    """`setuid`, `setgid`, `world-writable`, `shell`, `package-manager`, `compiler`, `interpreter`, `network-tool`,
    `ssh-daemon`, `cache`, `secret`, `key`, `executable` (of the entry point) …"""
    mode: int = 0
    uid: int = 0
    size: int = 0
    layer: int = 0
    """Index of the layer that holds it."""
    deleted_in: int | None = None
    """Index of the layer that removes or replaces it: it is still in the image's blobs."""
    detail: str = ""
    """For secrets: what kind, already redacted; for caches the number of files."""
    line: int = 1
    confidence: Literal["high", "medium", "low"] = "high"


class BaseImage(Struct, frozen=True):
    """The image that this one was built on, and how that is known."""

    reference: str
    digest: str = ""
    layers: int = 0
    """How many of the lowest layers are its."""
    evidence: Literal["annotation", "label", "layers", "history"] = "layers"


class Minimality(Struct, frozen=True, kw_only=True):
    """How far an image is from what its program needs, told from the files that its entry point runs, links and
    imports. Names are followed, code is not run: what is loaded by a name made at run time counts as not needed."""

    target: str = ""
    """As in `packages`."""
    image: str
    """As the user named it."""
    size: int = 0
    """Unpacked bytes of all layers; 0 where unknown."""
    program: str = ""
    """The file that the container begins with; "" where it is not known, and then nothing is held for superfluous."""
    packages: int = 0
    """Of the distribution's package manager."""
    bytes: int = 0
    """That they take, as the package manager counts."""
    superfluous_packages: int | None = None
    """Of them those with programs or libraries, of which none is run or linked; None where that is not known."""
    superfluous_bytes: int = 0
    shells: tuple[str, ...] = ()
    package_managers: tuple[str, ...] = ()
    compilers: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    network_tools: tuple[str, ...] = ()
    """Paths of programs of each kind that are not part of what the program needs."""
    base: str = ""
    """A base that has what the program needs and little else; "" where it is built on nothing larger, or not known."""
    reason: str = ""
    """Why that base, and what else it takes."""


class BaseState(Struct, frozen=True, kw_only=True):
    """What a registry has today under the name of a base."""

    reference: str
    """`docker.io/library/debian:12-slim`."""
    image: str = ""
    """`Image.id` of what is built on it; "" for a Dockerfile."""
    asked: str = ""
    """Digest that the image or the Dockerfile names; "" where it names none."""
    digest: str
    """Of the index or manifest that the name leads to."""
    is_current: bool
    newer: str = ""
    """A higher patch release of the same line (`3.11.9-slim` of `3.11.4-slim`): its tag."""
    newer_digest: str = ""
    created: str = ""
    packages: tuple[Package, ...] | None = None
    """Of the newer tag, else of the image under the name now; None where they were not read."""
    layers: int = 0
    """How many of the image's layers, from the lowest on, are those of the base that it was built on; 0: not known."""

    @property
    def best(self) -> str:
        """What to build on: `TAG@DIGEST` of the newer tag, else the digest; "" where it is built on that."""
        if self.newer:
            return f"{self.newer}@{self.newer_digest}"
        return "" if self.is_current else self.digest


class Image(Declared, frozen=True, eq=False, kw_only=True):
    """One image of one platform. `document` locates ("file", PATH), ("layer", N), ("step", N), ("config", KEY)."""

    id: str
    """Digest of the configuration, `sha256:…`; of the file list for a root directory."""
    reference: str
    """As the user named it."""
    digest: str = ""
    """Digest of the manifest; "" where it came without one."""
    repository_digests: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    """Other names that its place knows it by: `RepoTags` of an archive."""
    architecture: str = ""
    os: str = "linux"
    variant: str = ""
    created: str = ""
    user: str = ""
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    ports: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    image_labels: dict[str, str] = field(default_factory=dict)
    """Labels of the configuration (`labels` of the other nouns are selectors' labels)."""
    working_directory: str = ""
    healthcheck: bool = False
    layers: tuple[Layer, ...] = ()
    history: tuple[Step, ...] = ()
    distribution: Distribution | None = None
    base: BaseImage | None = None
    files: tuple[ImageFile, ...] = ()
    size: int = 0
    """Unpacked bytes of all layers; 0 where unknown."""
    entry_files: tuple[str, ...] = ()
    """Files that the entry point runs, links or imports, resolved inside the image."""
    minimality: Minimality | None = None
    """None outside of `batten.images.readers`."""
    raw_config: dict[str, Any] = field(default_factory=dict)

    @property
    def built_for(self) -> str:
        """`linux/arm64/v8`."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)
