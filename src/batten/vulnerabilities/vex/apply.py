"""VEX statements held against rows: who is meant, and what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from msgspec.structs import replace

from batten.model.image import DOCKER_HUB, ImageReference, parse_reference
from batten.model.image_content import Image
from batten.model.package import Distribution, Package, SourcePackage
from batten.model.vulnerability import Statement, Vulnerability
from batten.vulnerabilities.db.ecosystems import (
    debian_release,
    of_distribution,
    package_name,
    redhat_release,
    suse_product,
    ubuntu_release,
)
from batten.vulnerabilities.vex.statements import Named, Purl, Subject, VexStatement, parse_purl
from batten.vulnerabilities.written import with_status

_IMAGES: Final = ("oci", "docker")
_HUBS: Final = ("index.docker.io", "registry-1.docker.io", "registry.hub.docker.com")
_SOURCE: Final = ("source", "src")
_OPEN: Final = "under_investigation"
_SHOWN: Final = 16  # statements that are kept beside one row, the latest


def apply_vex(
    rows: Sequence[Vulnerability],
    statements: Sequence[VexStatement],
    images: Mapping[str, Sequence[Image]] | None = None,
    packages: Iterable[Package] = (),
) -> tuple[list[Vulnerability], list[VexStatement]]:
    """(the rows as the statements leave them, the statements that matched no row or were refused).

    The latest statement on a row holds. `under_investigation` is told and changes nothing: a row that a source
    holds for affected stays so until somebody knows better. What will not be mended is affected: a statement that
    says no more than that leaves it so. A statement on an image holds for all packages in it;
    one on a package wherever the package is. `images` by target; `packages` give the sources of binary packages.
    """
    by_flaw: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for name in dict.fromkeys((row.id, *row.aliases)):
            by_flaw[name].append(index)
    targets = _Targets(images or {}, packages)
    stated: dict[int, list[VexStatement]] = defaultdict(list)
    unmatched = []
    for statement in sorted(statements, key=lambda one: _moment(one.timestamp)):
        indexes = dict.fromkeys(index for name in statement.flaws for index in by_flaw.get(name, ()))
        matched = False
        if indexes and not statement.refused:
            subjects = _Subjects(statement, targets)
            for index in indexes:
                if subjects.hold(rows[index]):
                    stated[index].append(statement)
                    matched = True
        if not matched:
            unmatched.append(statement)
    order = {id(one): number for number, one in enumerate(statements)}
    found = [_stated(row, stated[index]) if index in stated else row for index, row in enumerate(rows)]
    return found, sorted(unmatched, key=lambda one: order[id(one)])


def _moment(text: str) -> datetime:
    """A point in time; what is none is before all others."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _stated(row: Vulnerability, statements: Sequence[VexStatement]) -> Vulnerability:
    """The row with what is said of it, the latest first."""
    said = [_said(row, one) for one in statements[-_SHOWN:]]
    for one in said:
        says_less = one.status == _OPEN or (one.status, row.status) == ("affected", "will_not_fix")
        row = replace(row, statements=(*row.statements, one)) if says_less else with_status(row, one)
    return row


def _said(row: Vulnerability, statement: VexStatement) -> Statement:
    reason = ": ".join(part for part in (statement.justification, statement.note) if part)
    status = "will_not_fix" if statement.is_unmended else statement.status
    return Statement(source=f"vex:{statement.origin}", id=row.id, status=status, reason=reason)


class _Subjects:
    """Whom one statement means. What it names is looked up: documents name thousands of packages."""

    def __init__(self, statement: VexStatement, targets: _Targets) -> None:
        self._targets = targets
        self._packages: dict[tuple[str, str, str], list[Subject]] = defaultdict(list)
        self._images: list[Named] = []
        self._known: dict[tuple[str, str], bool] = {}
        for subject in dict.fromkeys(statement.subjects):
            named = subject.component or subject.product
            purl = named.purl
            if purl is not None and purl.type not in _IMAGES:
                self._packages[purl.type, _normal(purl), purl.version or named.version].append(subject)
            elif subject.component is None:
                self._images.append(subject.product)

    def hold(self, row: Vulnerability) -> bool:
        """Whether the package of `row`, or the image that it is in, is meant."""
        key = (row.target, row.package)
        if key not in self._known:
            self._known[key] = self._means(row)
        return self._known[key]

    def _means(self, row: Vulnerability) -> bool:
        have = parse_purl(row.package)
        if have is not None:
            source = self._targets.source(row.target, have)
            keys = {(_normal(have), version) for version in ("", have.version, _without_epoch(have))}
            if source is not None:
                keys |= {(source.name, ""), (source.name, source.version)}
            for subject in (one for key in sorted(keys) for one in self._packages.get((have.type, *key), ())):
                named = subject.component or subject.product
                if not _is_package(named, have, source):
                    continue
                if subject.component is None or self._targets.is_image(subject.product, row.target):
                    return True
                if _is_distribution(subject.product, have):
                    return True
        return any(self._targets.is_image(product, row.target) for product in self._images)


class _Targets:
    """The images that rows are in, under every name, and what their packages were built from."""

    def __init__(self, images: Mapping[str, Sequence[Image]], packages: Iterable[Package]) -> None:
        self._images = images
        self._names: dict[str, list[ImageReference]] = {}
        self._is: dict[tuple[Named, str], bool] = {}
        self._sources = {
            (package.target, package.name, package.version): package.source
            for package in packages
            if package.source is not None
        }

    def source(self, target: str, have: Purl) -> SourcePackage | None:
        return self._sources.get((target, have.name, have.version))

    def is_image(self, named: Named, target: str) -> bool:
        """Whether `named` is the image that is scanned as `target`."""
        key = (named, target)
        if key not in self._is:
            self._is[key] = self._is_image(named, target)
        return self._is[key]

    def _is_image(self, named: Named, target: str) -> bool:
        names = self._names_of(target)
        digests = {digest for image in self._images.get(target, ()) for digest in (image.digest, image.id) if digest}
        digests.update(name.digest for name in names if name.digest)
        if any(digest.partition(":")[2] in named.hashes for digest in digests):
            return True
        purl = named.purl
        if purl is None:
            reference = parse_reference(named.text) if named.text else None
            return reference is not None and any(_covers(reference, name, digests) for name in names)
        if purl.type not in _IMAGES:
            return False
        return any(_covers(wanted, name, digests) for wanted in _image_references(purl) for name in names)

    def _names_of(self, target: str) -> list[ImageReference]:
        found = self._names.get(target)
        if found is None:
            texts = [target.partition(":")[2]]
            for image in self._images.get(target, ()):
                texts += [image.reference, *image.repository_digests, *image.tags]
            known = (parse_reference(text) for text in dict.fromkeys(texts))
            found = self._names[target] = [one for one in known if one is not None]
        return found


def _is_package(named: Named, have: Purl, source: SourcePackage | None) -> bool:
    """Whether `named` is the package `have`, or the source that it was built from."""
    wanted = named.purl
    if wanted is None or (wanted.type, wanted.namespace) != (have.type, have.namespace):
        return False
    version = wanted.version or named.version
    qualifiers = dict(wanted.qualifiers)
    if "distro" in qualifiers and not _same_release(qualifiers["distro"], have):
        return False
    if source is not None and qualifiers.get("arch", "source") in _SOURCE and wanted.name == source.name:
        return version in ("", source.version)
    if _normal(wanted) != _normal(have) or version not in ("", have.version, _without_epoch(have)):
        return False
    known = dict(have.qualifiers)
    return all(_same(name, value, known) for name, value in qualifiers.items() if name not in _SOFT)


_SOFT: Final = ("distro", "epoch", "upstream", "vcs_url", "download_url", "checksum", "file_name")
"""Qualifiers that tools write in ways of their own: they tell no package from another."""


def _same(name: str, value: str, known: Mapping[str, str]) -> bool:
    if name not in known:
        return name != "arch"  # a package of every architecture is not the one of this
    return known[name] == value


def _normal(purl: Purl) -> str:
    return package_name(purl.type, purl.name)


def _without_epoch(purl: Purl) -> str:
    """The version of an rpm or deb whose epoch stands in a qualifier, or is left out."""
    return purl.version.partition(":")[2] if ":" in purl.version else purl.version


def _distribution(have: Purl) -> Distribution | None:
    """Out of `distro=debian-12`."""
    identity, dash, version = dict(have.qualifiers).get("distro", "").rpartition("-")
    return Distribution(identity, version) if dash else None


def _is_distribution(product: Named, have: Purl) -> bool:
    """Whether the product is the distribution that the package is of: `Red Hat Enterprise Linux 9`, by its CPE."""
    distribution = _distribution(have)
    if distribution is None:
        return False
    meant = redhat_release(product.cpe) if "redhat" in product.cpe else suse_product(product.text)
    return meant in of_distribution(distribution)


def _same_release(wanted: str, have: Purl) -> bool:
    """`debian-12`, `bookworm`, `jammy` … against the release of the package's own distribution."""
    own = dict(have.qualifiers).get("distro", "")
    if wanted == own:
        return True
    distribution = _distribution(have)
    if distribution is None:
        return False
    names = {debian_release(wanted), ubuntu_release(wanted), wanted.rpartition("-")[2], wanted.rpartition(":")[2]}
    release = distribution.version
    return bool(names & {release, *(release.partition(".")[:1] if distribution.id == "debian" else ())})


def _image_references(purl: Purl) -> list[ImageReference]:
    """What `pkg:oci/nginx@sha256:…?repository_url=docker.io/library/nginx&tag=1.25` names: with or without the
    name at the end of `repository_url`, as tools differ in that."""
    qualifiers = dict(purl.qualifiers)
    version = purl.version
    digest = f"@{version}" if ":" in version else ""
    tag = f":{qualifiers['tag']}" if "tag" in qualifiers else f":{version}" if version and not digest else ""
    name = f"{purl.namespace}/{purl.name}" if purl.namespace else purl.name
    place = qualifiers.get("repository_url", "").removeprefix("https://").removeprefix("http://").strip("/")
    names = [name]
    if place:
        names = [place if place.rpartition("/")[2] == purl.name else f"{place}/{name}"]
    elif purl.type == "oci":
        names = [f"*/{name}"]
    found = []
    for one in names:
        if one.startswith("*/"):
            found.append(ImageReference(one, "*", one[2:], tag[1:], digest[1:]))
        elif (reference := parse_reference(f"{one}{tag}{digest}")) is not None:
            found.append(reference)
    return found


def _covers(wanted: ImageReference, have: ImageReference, digests: set[str]) -> bool:
    """Whether the image called `have` is one that `wanted` names; without tag and digest it names every version."""
    if wanted.registry == "*":
        if have.repository.rpartition("/")[2] != wanted.repository.rpartition("/")[2]:
            return False
    elif (_hub(wanted.registry), wanted.repository) != (_hub(have.registry), have.repository):
        return False
    if wanted.digest:
        return wanted.digest in digests
    return not wanted.tag or wanted.tag == (have.tag or "latest")


def _hub(registry: str) -> str:
    return DOCKER_HUB if registry in _HUBS else registry
