"""Which product an installed package is."""

from __future__ import annotations

import pytest

from batten.model.package import Distribution, Package
from batten.patching.endoflife import is_known, support_ended
from batten.patching.installed import Product, distribution_product, products


def told(*packages: Package, **environment: str) -> list[tuple[str, str]]:
    return [(one.name, one.version) for one in products(packages, environment.items())]


@pytest.mark.parametrize(
    ("type_", "name", "version", "expected"),
    [
        ("generic", "node", "20.1.0", ("nodejs", "20.1.0")),
        ("generic", "openjdk", "1.8.0_392", ("eclipse-temurin", "8")),
        ("generic", "openjdk", "17.0.9", ("eclipse-temurin", "17")),
        ("golang", "stdlib", "1.20.3", ("go", "1.20.3")),
        ("maven", "spring-boot", "2.7.18", ("spring-boot", "2.7.18")),
        ("nuget", "Microsoft.NETCore.App.Runtime.linux-x64", "6.0.1", ("dotnet", "6.0.1")),
        ("nuget", "Microsoft.AspNetCore.App.Runtime.linux-musl-arm64", "8.0.4", ("dotnet", "8.0.4")),
        ("deb", "postgresql-13", "13.14-1.pgdg120+1", ("postgresql", "13.14-1.pgdg120+1")),
        (
            "deb",
            "php8.0-fpm",
            "1:8.0.30-1+0~20230904.61+debian12~1.gbp+sury",
            ("php", "8.0.30-1+0~20230904.61+debian12~1.gbp+sury"),
        ),
    ],
)
def test_what_no_distribution_keeps_alive(type_: str, name: str, version: str, expected: tuple[str, str]) -> None:
    assert told(Package(type=type_, name=name, version=version)) == [expected]


@pytest.mark.parametrize(
    "package",
    [
        Package(type="deb", name="nodejs", version="18.19.0+dfsg-6~deb12u1"),
        Package(type="generic", name="python", version="3.9.2", owner="pkg:deb/debian/python3.9@3.9.2-1"),
        Package(type="npm", name="node", version="16.0.0"),
    ],
)
def test_what_the_distribution_mends_or_nobody_dates(package: Package) -> None:
    assert told(package) == []


def test_variables_speak_where_no_package_does() -> None:
    assert told(NODE_VERSION="16.1.0", PATH="/bin") == [("nodejs", "16.1.0")]
    assert told(Package(type="generic", name="node", version="20.1.0"), NODE_VERSION="16.1.0") == [("nodejs", "20.1.0")]
    assert products((), [("JAVA_VERSION", "jdk8u392-b08")]) == [
        Product("eclipse-temurin", "8", variable="JAVA_VERSION")
    ]


def test_each_version_is_one_product() -> None:
    two = [Package(type="golang", name="stdlib", version="1.20.3", paths=(path,)) for path in ("a", "b")]
    (one,) = products(two, ())
    assert [package.paths for package in one.packages] == [("a",), ("b",)]


def test_distributions() -> None:
    assert distribution_product(Distribution("rhel", "9.4")) == "rhel"
    assert distribution_product(Distribution("centos", "9", name="CentOS Stream 9")) == "centos-stream"
    assert distribution_product(Distribution("wolfi", "20230201")) == ""
    assert distribution_product(Distribution("alpine", "3.21_alpha20240923")) == ""  # edge
    assert distribution_product(Distribution("alpine", "3.23.0_rc1")) == "alpine-linux"


def test_the_end_of_support() -> None:
    ended = support_ended("alpine-linux", "3.12.1_alpha", "2026-11-01")
    assert ended is not None
    assert (ended.cycle, ended.day) == ("3.12", "2022-05-01")
    assert support_ended("alpine-linux", "3.12.1", "2022-04-30") is None
    assert support_ended("debian", "99", "2026-11-01") is None
    assert is_known("rhel", "9.4")
    assert not is_known("debian", "sid")
