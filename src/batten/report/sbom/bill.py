"""What all formats share: components in their order, with identifiers and what they need."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Final
from uuid import UUID, uuid5

from msgspec.structs import replace

from batten.model.image_content import Image
from batten.model.package import Distribution, Package
from batten.report.sbom import SbomInput

NAMESPACE: Final = UUID("6f1c6b0e-6a2a-5b57-9f0a-2f3f6b6d7a11")  # of identifiers made of content
NAMESPACE_URL: Final = "https://spdx.org/spdxdocs"
_DISTRIBUTED: Final = ("deb", "apk", "rpm")
_SEPARATORS: Final = re.compile(r"[-_.]+")
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
ALGORITHMS: Final = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "sha384": 96,
    "sha512": 128,
}
"""Name of a digest -> its hexadecimal digits."""


class Component:
    """One package with its place in the document."""

    __slots__ = ("key", "needs", "package", "purl", "reference")

    def __init__(self, package: Package, purl: str, key: str) -> None:
        self.package = package
        self.purl = purl
        self.key = key
        """Digest of everything that tells it from other packages."""
        self.reference = purl
        """Unique in the document."""
        self.needs: list[Component] = []

    @property
    def name(self) -> str:
        """With its namespace, as its ecosystem writes it."""
        return full_name(self.package)


class Bill:
    """The document as data: sorted, so that the order of reading makes no difference."""

    def __init__(self, document: SbomInput) -> None:
        self.document = document
        self.image: Image | None = document.image
        self.components = _components(document.packages)
        _connect(self.components)

    @cached_property
    def distribution(self) -> Distribution | None:
        if self.image is not None and self.image.distribution is not None:
            return self.image.distribution
        return next((one.package.distribution for one in self.components if one.package.distribution), None)

    @cached_property
    def serial(self) -> UUID:
        """UUID (version 5) of the content, without the time."""
        digest = hashlib.sha256()
        subject = self.image.id if self.image is not None else ""
        for text in (self.document.name, subject, self.version, str(self.document.complete)):
            digest.update(text.encode("utf-8", "replace") + b"\0")
        for one in self.components:
            licences = "\0".join(one.package.licenses)
            digest.update(f"{one.reference}\0{one.key}\0{licences}\1".encode("utf-8", "replace"))
            digest.update("\0".join(need.reference for need in one.needs).encode("utf-8", "replace"))
        return uuid5(NAMESPACE, digest.hexdigest())

    @property
    def name(self) -> str:
        return clean(self.document.name) or "target"

    @property
    def version(self) -> str:
        """Digest of the manifest, else of the configuration."""
        return "" if self.image is None else self.image.digest or self.image.id

    @cached_property
    def roots(self) -> list[Component]:
        """What the target itself asks for: packages that no other needs, and those asked for directly."""
        needed = {id(need) for one in self.components for need in one.needs if need is not one}
        return [one for one in self.components if id(one) not in needed or one.package.direct]

    @property
    def image_purl(self) -> str:
        """`pkg:oci/NAME@DIGEST?repository_url=…` where both are known (purl-spec, type oci)."""
        from packageurl import PackageURL

        image = self.image
        if image is None or not image.digest or not image.repository_digests:
            return ""
        repository = image.repository_digests[0].partition("@")[0]
        qualifiers = {"repository_url": repository}
        if image.architecture:
            qualifiers["arch"] = image.architecture
        name = repository.rpartition("/")[2].lower()
        return PackageURL("oci", None, name, image.digest, qualifiers).to_string() if name else ""

    def properties(self, one: Component) -> Iterator[tuple[str, str]]:
        """Facts that the formats have no field of their own for: (name, value), in a fixed order."""
        package = one.package
        yield "origin", package.origin
        if package.source is not None:
            yield "source:name", package.source.name
            yield "source:version", package.source.version
        yield "layer", package.layer
        yield "instruction", package.instruction
        if package.from_base is not None:
            yield "from_base", "true" if package.from_base else "false"
        for path in package.paths:
            yield "path", path
        yield "owner", package.owner
        yield "module", package.module
        if package.direct is not None:
            yield "direct", "true" if package.direct else "false"
        yield "scope", package.scope
        yield "evidence", package.evidence

    def facts(self) -> Iterator[tuple[str, str]]:
        """The same of the image."""
        image = self.image
        if image is None:
            return
        yield "image:id", image.id
        yield "image:digest", image.digest
        yield "image:reference", image.reference
        for text in image.repository_digests:
            yield "image:repository_digest", text
        yield "image:platform", "/".join(part for part in (image.os, image.architecture, image.variant) if part)
        yield "image:created", image.created
        for layer in image.layers:
            yield "image:layer", layer.diff_id
        if image.base is not None:
            yield "image:base", image.base.reference
            yield "image:base:digest", image.base.digest


def clean(text: str) -> str:
    """Without characters that XML and JSON Schema validators refuse."""
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def full_name(package: Package) -> str:
    """`org.example:library`, `@scope/name`; of packages of distributions the bare name."""
    if not package.namespace or package.type in _DISTRIBUTED:
        return package.name
    return f"{package.namespace}{':' if package.type == 'maven' else '/'}{package.name}"


def checksums(package: Package) -> list[tuple[str, str]]:
    """(algorithm as in `ALGORITHMS`, lower-case hexadecimal) of those that are well formed, sorted, no duplicates."""
    found = set()
    for name, value in package.checksums:
        plain, digits = name.lower().replace("-", ""), value.lower()
        if len(digits) == ALGORITHMS.get(plain, 0) and all(digit in "0123456789abcdef" for digit in digits):
            found.add((plain, digits))
    return sorted(found)


def _components(packages: Sequence[Package]) -> list[Component]:
    """One for each instance; the same instance told twice is one."""
    found: dict[str, Component] = {}
    for package in packages:
        purl = _purl(package)
        parts = (purl, package.origin, package.layer, *sorted(package.paths), "", *_where(package))
        key = hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()
        found.setdefault(key, Component(package, purl, key))
    ordered = sorted(found.values(), key=lambda one: (one.purl, one.package.paths, one.key))
    seen: dict[str, int] = defaultdict(int)
    for one in ordered:
        seen[one.purl] += 1
    for one in ordered:
        if seen[one.purl] > 1:
            one.reference = f"{one.purl}#{one.key[:16]}"
    return ordered


def _purl(package: Package) -> str:
    """Its package URL; where a part cannot be written as one (half a surrogate pair), that of what can."""
    try:
        return package.purl
    except ValueError:
        return replace(
            package,
            namespace=clean(package.namespace),
            name=clean(package.name),
            version=clean(package.version),
            qualifiers=(),
            subpath="",
        ).purl


def _where(package: Package) -> tuple[str, ...]:
    if package.place is None:
        return ()
    location = package.place.location()
    return (location.path, str(location.line))


def _connect(components: Sequence[Component]) -> None:
    """Names that packages need, as packages of the document. A name that several versions have is that of the
    nearest path; one that nothing has is left out."""
    by_name: dict[tuple[str, str], list[Component]] = defaultdict(list)
    for one in components:
        by_name[one.package.type, _plain(one.package.type, one.name)].append(one)
    for some in by_name.values():
        some.sort(key=_path)
    for one in components:
        kind = one.package.type
        chosen: dict[int, Component] = {}
        for name in one.package.depends:
            named = by_name.get((kind, _plain(kind, name)))
            if named:
                best = named[0] if len(named) == 1 else _nearest(one, named)
                if best is not one:
                    chosen[id(best)] = best
        one.needs = sorted(chosen.values(), key=lambda other: other.reference)


def _plain(kind: str, name: str) -> str:
    if kind == "pypi":
        return _SEPARATORS.sub("-", name).lower()
    return name.lower() if kind in ("nuget", "composer") else name


def _path(one: Component) -> str:
    return one.package.paths[0] if one.package.paths else ""


def _nearest(one: Component, some: Sequence[Component]) -> Component:
    """Of components sorted by path the one that shares most with that of `one`: it stands next to where that would."""
    place = bisect_left(some, _path(one), key=_path)
    return max(some[max(place - 1, 0) : place + 1], key=lambda other: _nearness(one, other))


def _nearness(one: Component, other: Component) -> int:
    """Characters that their paths share from the left: a module finds the copy next to it first."""
    if not one.package.paths or not other.package.paths:
        return 0
    count = 0
    for left, right in zip(one.package.paths[0], other.package.paths[0], strict=False):
        if left != right:
            break
        count += 1
    return count
