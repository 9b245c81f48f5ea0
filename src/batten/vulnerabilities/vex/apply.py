"""VEX statements held against rows: who is meant, and what follows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from batten.model.image import DOCKER_HUB, ImageReference, parse_reference
from batten.model.image_content import Image
from batten.model.package import Distribution, Package
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


def apply_vex(
    rows: Sequence[Vulnerability],
    statements: Sequence[VexStatement],
    images: Mapping[str, Sequence[Image]] | None = None,
    packages: Iterable[Package] = (),
) -> tuple[list[Vulnerability], list[VexStatement]]:
    """(the rows as the statements leave them, the statements that matched no row or were refused).

    The latest statement on a row holds. `under_investigation` is told and changes nothing: a row that a source
    holds for affected stays so until somebody knows better. A statement on an image holds for all packages in it;
    one on a package wherever the package is. `images` by target; `packages` give the sources of binary packages.
    """
    by_flaw: dict[str, list[int]] = defaultdict(list)
    for index, row in enumerate(rows):
        for name in dict.fromkeys((row.id, *row.aliases)):
            by_flaw[name].append(index)
    subjects = _Subjects(images or {}, packages)
    found = list(rows)
    unmatched = []
    for statement in sorted(statements, key=lambda one: one.timestamp):
        indexes = dict.fromkeys(index for name in statement.flaws for index in by_flaw.get(name, ()))
        matched = False
        for index in () if statement.refused else indexes:
            if subjects.holds(statement, rows[index]):
                found[index] = _stated(found[index], statement)
                matched = True
        if not matched:
            unmatched.append(statement)
    order = {id(one): number for number, one in enumerate(statements)}
    return found, sorted(unmatched, key=lambda one: order[id(one)])


def _stated(row: Vulnerability, statement: VexStatement) -> Vulnerability:
    from msgspec.structs import replace

    reason = ": ".join(part for part in (statement.justification, statement.note) if part)
    said = Statement(source=f"vex:{statement.origin}", id=row.id, status=statement.status, reason=reason)
    if statement.status == "under_investigation":
        return replace(row, statements=(*row.statements, said))
    return with_status(row, said)


class _Subjects:
    """Whom statements mean."""

    def __init__(self, images: Mapping[str, Sequence[Image]], packages: Iterable[Package]) -> None:
        self._images = images
        self._names: dict[str, list[ImageReference]] = {}
        self._sources = {
            (package.target, package.name, package.version): package.source
            for package in packages
            if package.source is not None
        }

    def holds(self, statement: VexStatement, row: Vulnerability) -> bool:
        return any(self._is(subject, row) for subject in statement.subjects)

    def _is(self, subject: Subject, row: Vulnerability) -> bool:
        if subject.component is None:
            return self._is_package(subject.product, row) or self._is_image(subject.product, row.target)
        if not self._is_package(subject.component, row):
            return False
        return self._is_image(subject.product, row.target) or _is_distribution(subject.product, row)

    def _is_package(self, named: Named, row: Vulnerability) -> bool:
        wanted, have = named.purl, parse_purl(row.package)
        if wanted is None or have is None or wanted.type != have.type or wanted.type in _IMAGES:
            return False
        if wanted.namespace != have.namespace:
            return False
        version = wanted.version or named.version
        qualifiers = dict(wanted.qualifiers)
        if "distro" in qualifiers and not _same_release(qualifiers["distro"], have):
            return False
        source = self._sources.get((row.target, have.name, have.version))
        if source is not None and qualifiers.get("arch", "source") in _SOURCE and wanted.name == source.name:
            return version in ("", source.version)
        if _normal(wanted) != _normal(have) or version not in ("", have.version, _without_epoch(have)):
            return False
        known = dict(have.qualifiers)
        return all(_same(name, value, known) for name, value in qualifiers.items() if name not in _SOFT)

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


def _is_distribution(product: Named, row: Vulnerability) -> bool:
    """Whether the product is the distribution that the package is of: `Red Hat Enterprise Linux 9`, by its CPE."""
    have = parse_purl(row.package)
    distribution = _distribution(have) if have is not None else None
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
