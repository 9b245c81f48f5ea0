"""Which product of endoflife.date an installed package, a distribution or a variable of an official image is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from batten.engine.image_parts import SYSTEM
from batten.model.package import Distribution, Package
from batten.pattern import pattern

# ID of os-release(5) -> product
_DISTRIBUTIONS: Final = {
    "almalinux": "almalinux", "alpine": "alpine-linux", "amzn": "amazon-linux", "centos": "centos",
    "debian": "debian", "fedora": "fedora", "ol": "oracle-linux", "opensuse-leap": "opensuse", "rhel": "rhel",
    "rocky": "rocky-linux", "sles": "sles", "ubuntu": "ubuntu",
}  # fmt: skip

# (type, name) of a package URL -> product
_PACKAGES: Final = {
    ("golang", "stdlib"): "go", ("maven", "spring-boot"): "spring-boot", ("pypi", "django"): "django",
    ("generic", "elasticsearch"): "elasticsearch", ("generic", "envoy"): "envoy", ("generic", "etcd"): "etcd",
    ("generic", "haproxy"): "haproxy", ("generic", "httpd"): "apache-http-server", ("generic", "mariadb"): "mariadb",
    ("generic", "mongodb"): "mongodb", ("generic", "mysql"): "mysql", ("generic", "nginx"): "nginx",
    ("generic", "node"): "nodejs", ("generic", "openjdk"): "eclipse-temurin", ("generic", "openssl"): "openssl",
    ("generic", "perl"): "perl", ("generic", "php"): "php", ("generic", "postgresql"): "postgresql",
    ("generic", "postgres"): "postgresql", ("generic", "python"): "python", ("generic", "rabbitmq"): "rabbitmq",
    ("generic", "redis"): "redis", ("generic", "ruby"): "ruby", ("generic", "rust"): "rust",
    ("generic", "tomcat"): "tomcat", ("generic", "traefik"): "traefik", ("generic", "valkey"): "valkey",
    ("generic", "wordpress"): "wordpress", ("maven", "tomcat-catalina"): "tomcat",
    ("maven", "tomcat-embed-core"): "tomcat",
}  # fmt: skip

# packages of others' repositories for a distribution: what they hold ends when its makers say so
_FOREIGN: Final = pattern(r"nodesource|pgdg|sury|\.remi\b|~(?:bookworm|bullseye|buster|trixie|jammy|focal|noble)$")
_FOREIGN_NAMES: Final = pattern(
    r"(?P<nodejs>nodejs)|(?P<postgresql>postgresql-\d+|postgresql\d+-server)|(?P<php>php\d\.\d(?:-(?:cli|fpm|common))?"
    r"|php-common)|(?P<nginx>nginx)"
)

# variables that the official images set for themselves -> product
_VARIABLES: Final = {
    "DOTNET_VERSION": "dotnet", "GOLANG_VERSION": "go", "HTTPD_VERSION": "apache-http-server",
    "JAVA_VERSION": "eclipse-temurin", "MARIADB_VERSION": "mariadb", "MONGO_VERSION": "mongodb",
    "MYSQL_VERSION": "mysql", "NGINX_VERSION": "nginx", "NODE_VERSION": "nodejs", "PG_VERSION": "postgresql",
    "PHP_VERSION": "php", "PYTHON_VERSION": "python", "RABBITMQ_VERSION": "rabbitmq", "REDIS_VERSION": "redis",
    "RUBY_VERSION": "ruby", "RUST_VERSION": "rust", "TOMCAT_VERSION": "tomcat", "VALKEY_VERSION": "valkey",
}  # fmt: skip
_JAVA: Final = pattern(r"(?:jdk-?)?(?:1\.(?=8))?(\d+)")
_DOTNET: Final = pattern(r"microsoft\.(?:netcore|aspnetcore)\.app\.runtime\.")
"""The shared framework, and what a program that brings its own was published with."""
_EPOCH: Final = pattern(r"\d+:")


class Product(Struct, frozen=True):
    """One product in one version, and how it is known."""

    name: str
    """Of endoflife.date."""
    version: str
    packages: tuple[Package, ...] = ()
    variable: str = ""
    """The variable of the image's configuration that says so, where no package does."""


def distribution_product(distribution: Distribution) -> str:
    """The product of a distribution; "" where endoflife.date is not asked about it (a rolling release)."""
    if distribution.id == "centos" and "stream" in distribution.name.lower():
        return "centos-stream"
    if distribution.id == "alpine" and "_alpha" in distribution.version:  # edge, which never ends
        return ""
    return _DISTRIBUTIONS.get(distribution.id, "")


def products(packages: Iterable[Package], environment: Iterable[tuple[str, str]]) -> list[Product]:
    """The runtimes, servers and frameworks that no distribution keeps alive, each version once."""
    found: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        name = _product(package)
        if name:
            found.setdefault((name, _version(name, package.version)), []).append(package)
    named = [Product(name, version, tuple(some)) for (name, version), some in sorted(found.items())]
    return [*named, *_told(environment, {name for name, _ in found})]


def _told(environment: Iterable[tuple[str, str]], known: set[str]) -> Iterator[Product]:
    for variable, value in environment:
        name = _VARIABLES.get(variable)
        if name and name not in known and value:
            yield Product(name, _version(name, value), variable=variable)


def _product(package: Package) -> str:
    if package.type in SYSTEM:
        if not _FOREIGN.search(package.version):
            return ""
        named = _FOREIGN_NAMES.fullmatch(package.name)
        return (named.lastgroup or "") if named else ""
    if package.owner:  # the distribution mends it for as long as the distribution lives
        return ""
    if package.type == "nuget" and _DOTNET.match(package.name.lower()):
        return "dotnet"
    return _PACKAGES.get((package.type, package.name.lower()), "")


def _version(product: str, version: str) -> str:
    if product == "eclipse-temurin" and (number := _JAVA.match(version)):
        return number[1]
    epoch = _EPOCH.match(version)
    return (version[epoch.end() :] if epoch else version).removeprefix("go").removeprefix("v")
