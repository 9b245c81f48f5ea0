"""When the support of what an image carries ends: a dated table that is shipped with the package."""

from __future__ import annotations

import os
from functools import cache

import msgspec
from msgspec import Struct

from batten.model.image import ImageReference
from batten.pattern import pattern

# repository on Docker Hub (library/ and well-known mirrors) -> product of endoflife.date
_PRODUCTS = {
    "almalinux": "almalinux", "alpine": "alpine-linux", "amazonlinux": "amazon-linux", "centos": "centos",
    "debian": "debian", "elasticsearch": "elasticsearch", "etcd": "etcd", "fedora": "fedora", "golang": "go",
    "haproxy": "haproxy", "httpd": "apache-http-server", "mariadb": "mariadb", "mongo": "mongodb", "mysql": "mysql",
    "nginx": "nginx", "node": "nodejs", "oraclelinux": "oracle-linux", "perl": "perl", "php": "php",
    "postgres": "postgresql", "python": "python", "rabbitmq": "rabbitmq", "redis": "redis",
    "rockylinux": "rocky-linux", "ruby": "ruby", "rust": "rust", "tomcat": "tomcat", "traefik": "traefik",
    "ubuntu": "ubuntu", "valkey": "valkey", "wordpress": "wordpress", "eclipse-temurin": "eclipse-temurin",
    "ubi7": "rhel", "ubi8": "rhel", "ubi9": "rhel", "ubi10": "rhel",
}  # fmt: skip
# those of vendors, by their whole name, where the tag begins with the product's version
_VENDORS = {
    **{f"mcr.microsoft.com/dotnet/{part}{name}": "dotnet"
       for part in ("", "core/", "nightly/")
       for name in ("aspnet", "runtime", "runtime-deps", "sdk")},
    "docker.elastic.co/elasticsearch/elasticsearch": "elasticsearch",
    "docker.io/envoyproxy/envoy": "envoy",
    "docker.io/mysql/mysql-server": "mysql",
    "container-registry.oracle.com/mysql/community-server": "mysql",
    "container-registry.oracle.com/os/oraclelinux": "oracle-linux",
    "docker.io/mongodb/mongodb-community-server": "mongodb",
    "docker.io/postgis/postgis": "postgresql",
    "docker.io/valkey/valkey": "valkey",
    "docker.io/rockylinux/rockylinux": "rocky-linux",
    "gcr.io/etcd-development/etcd": "etcd", "k8s.gcr.io/etcd": "etcd", "registry.k8s.io/etcd": "etcd",
    "registry.fedoraproject.org/fedora": "fedora",
    "docker.io/opensuse/leap": "opensuse", "registry.opensuse.org/opensuse/leap": "opensuse",
    **{f"registry.suse.com/{name}": "sles"
       for name in ("suse/sle15", "bci/bci-base", "bci/bci-minimal", "bci/bci-micro", "bci/bci-init")},
    "public.ecr.aws/lambda/nodejs": "nodejs", "public.ecr.aws/lambda/dotnet": "dotnet",
}  # fmt: skip
# what Bitnami packs, in the version of its makers
_BITNAMI = {
    "apache": "apache-http-server", "elasticsearch": "elasticsearch", "etcd": "etcd", "golang": "go",
    "haproxy": "haproxy", "mariadb": "mariadb", "mongodb": "mongodb", "mysql": "mysql", "nginx": "nginx",
    "node": "nodejs", "php-fpm": "php", "postgresql": "postgresql", "python": "python", "rabbitmq": "rabbitmq",
    "redis": "redis", "ruby": "ruby", "tomcat": "tomcat", "valkey": "valkey", "wordpress": "wordpress",
}  # fmt: skip
_BITNAMI_NAMES = ("docker.io/bitnami/", "docker.io/bitnamilegacy/", "public.ecr.aws/bitnami/")
_REDHAT = ("registry.access.redhat.com", "registry.redhat.io")
_UBI = pattern(r"(?:ubi|rhel)(\d+)(?:/|\Z)")
_AMAZON_FIRST = "2018.03"
"""The last release of what is called Amazon Linux 1."""
_FIRST_OF_ORACLE = 12
"""From here on openjdk images have Oracle's builds, whose support the table knows."""
_MIRRORS = ("public.ecr.aws", "registry.access.redhat.com", "mcr.microsoft.com", "mirror.gcr.io", "quay.io")
_VERSION = pattern(r"v?(\d+(?:\.\d+)*)")
_ALPINE = pattern(r"alpine(\d+\.\d+)")
_WORD = pattern(r"[a-z]+")


class Ended(Struct, frozen=True):
    """A release whose support has ended. `day` is "" where only that is known."""

    product: str
    cycle: str
    day: str


class _Table(Struct, frozen=True):
    source: str
    dated: str
    products: dict[str, dict[str, tuple[str, str | bool]]]


@cache
def table() -> _Table:
    """The shipped table, read once."""
    with open(os.path.join(os.path.dirname(__file__), "endoflife.json"), "rb") as file:
        return msgspec.json.decode(file.read(), type=_Table)


def _ended(product: str, cycle: str, as_of: str) -> Ended | None:
    found = table().products.get(product, {}).get(cycle)
    if found is None:
        return None
    day = found[1]
    if day is True:
        return Ended(product, cycle, "")
    return Ended(product, cycle, str(day)) if day and str(day) <= as_of else None


def _cycle(product: str, version: str) -> str | None:
    """The longest cycle that the version belongs to: 3.8.10 -> 3.8, 18.19 -> 18. A version that names less
    than a cycle means the newest of them: 5 -> 5.7."""
    cycles = table().products.get(product, {})
    parts = version.split(".")
    for length in range(len(parts), 0, -1):
        candidate = ".".join(parts[:length])
        if candidate in cycles:
            return candidate
    below = [cycle for cycle in cycles if cycle.startswith(version + ".") and cycle.replace(".", "").isdecimal()]
    return max(below, key=lambda cycle: [int(part) for part in cycle.split(".")], default=None)


def support_ended(product: str, version: str, as_of: str) -> Ended | None:
    """The release that `version` belongs to, where its support has ended on that day (`YYYY-MM-DD`).

    `product` is a name of endoflife.date. None: it is supported, or the table does not know it.
    """
    number = _VERSION.match(version)
    cycle = _cycle(product, number[1]) if number else None
    return _ended(product, cycle, as_of) if cycle is not None else None


def is_known(product: str, version: str) -> bool:
    """Does the table speak of the release that `version` belongs to?"""
    number = _VERSION.match(version)
    return number is not None and _cycle(product, number[1]) is not None


def ended(image: ImageReference, as_of: str) -> list[Ended]:
    """What in the image, as far as its name and tag tell, has no support on that day (`YYYY-MM-DD`)."""
    name = image.repository.rpartition("/")[2]
    tag = image.tag.lower()
    official = image.repository.startswith("library/") or image.registry in _MIRRORS
    found: list[Ended] = []
    product = _VENDORS.get(image.name) or (_PRODUCTS.get(name) if official else None)
    if image.name.startswith(_BITNAMI_NAMES):
        product = _BITNAMI.get(name)
    if image.registry in _REDHAT and (system := _UBI.match(image.repository)):
        found += _one("rhel", system[1], as_of)
    elif name == "centos" and official and tag.startswith("stream"):
        found += _one("centos-stream", tag.removeprefix("stream"), as_of)
    elif name == "amazonlinux" and official and (tag == "1" or tag.startswith("1.")):
        found += _one("amazon-linux", _AMAZON_FIRST, as_of)
    elif image.repository == "library/openjdk":
        number = _VERSION.match(tag)
        if number and int(number[1].partition(".")[0]) >= _FIRST_OF_ORACLE:
            cycle = _cycle("openjdk-builds-from-oracle", number[1])
            found += _one("openjdk-builds-from-oracle", cycle, as_of)
    elif product == "rhel":
        found += _one("rhel", name.removeprefix("ubi"), as_of)
    elif product is not None:
        version = _VERSION.match(tag)
        if version:
            found += _one(product, _cycle(product, version[1]), as_of)
        else:
            found += _by_codename(product, tag, as_of)
    if official and product not in ("debian", "ubuntu", "alpine-linux"):
        if alpine := _ALPINE.search(tag):
            found += _one("alpine-linux", alpine[1], as_of)
        for distribution in ("debian", "ubuntu"):
            found += _by_codename(distribution, tag, as_of)
    return found


def _one(product: str, cycle: str | None, as_of: str) -> list[Ended]:
    one = _ended(product, cycle, as_of) if cycle is not None else None
    return [one] if one is not None else []


def _by_codename(product: str, tag: str, as_of: str) -> list[Ended]:
    words = set(_WORD.findall(tag))
    for cycle, (codename, _) in table().products.get(product, {}).items():
        if codename and codename.split()[0] in words:
            return _one(product, cycle, as_of)
    return []
