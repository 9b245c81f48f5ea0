from __future__ import annotations

import io
import zipfile

import pytest

from batten import limits
from batten.images.cataloguers.java import CATALOGUER
from batten.model.source import Unreadable
from images.cataloguers.reading import read, wants


def _jar(members: dict[str, str | bytes], method: int = zipfile.ZIP_DEFLATED, before: bytes = b"") -> bytes:
    packed = io.BytesIO()
    packed.write(before)
    with zipfile.ZipFile(packed, "a", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


def _pom(group: str, artifact: str, version: str) -> dict[str, str]:
    text = f"#Created by Apache Maven 3.6.3\r\ngroupId={group}\r\nartifactId={artifact}\r\nversion={version}\r\n"
    return {f"META-INF/maven/{group}/{artifact}/pom.properties": text}


def _manifest(**attributes: str) -> dict[str, str]:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in attributes.items())
    return {"META-INF/MANIFEST.MF": f"Manifest-Version: 1.0\r\n{lines}\r\n"}


LOG4J = _pom("org.apache.logging.log4j", "log4j-core", "2.14.1")
CODEC = _pom("commons-codec", "commons-codec", "1.15")


def _purls(path, data):
    return [one.purl for one in read(CATALOGUER, path, data).packages]


def test_maven_properties_are_believed():
    (package,) = read(CATALOGUER, "app/log4j-core-2.14.1.jar", _jar(LOG4J)).packages
    assert package.purl == "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"
    assert package.paths == ("app/log4j-core-2.14.1.jar",)
    assert package.confidence == "high"


def test_what_was_packed_into_a_shaded_archive_is_told_apart_from_it():
    packages = read(CATALOGUER, "app/log4j-core-2.14.1.jar", _jar({**CODEC, **LOG4J})).packages
    assert [(one.name, one.paths) for one in packages] == [
        ("log4j-core", ("app/log4j-core-2.14.1.jar",)),
        ("commons-codec", ("app/log4j-core-2.14.1.jar!META-INF/maven/commons-codec/commons-codec",)),
    ]


def test_one_foreign_pom_does_not_name_the_archive():
    jar = _jar(
        {**_manifest(Bundle_Name="guice", Bundle_SymbolicName="com.google.inject", Bundle_Version="4.2.3"), **CODEC}
    )
    assert _purls("usr/share/java/guice.jar", jar) == [
        "pkg:maven/com.google/guice@4.2.3",
        "pkg:maven/commons-codec/commons-codec@1.15",
    ]


def test_an_artifact_whose_name_begins_with_its_group_is_told_once():
    name = "jakarta.enterprise.cdi-api"
    jar = _jar(
        {
            f"META-INF/maven/jakarta.enterprise/{name}/pom.properties": "version=4.0.1\n",
            **_manifest(Bundle_SymbolicName=name, Bundle_Version="4.0.1"),
        }
    )
    (package,) = read(CATALOGUER, f"lib/{name}-4.0.1.jar", jar).packages
    assert package.purl == f"pkg:maven/jakarta.enterprise/{name}@4.0.1"


def test_a_lone_pom_names_an_archive_that_was_renamed():
    assert _purls(
        "app.jar", _jar({**_manifest(Implementation_Title="Shop"), **_pom("com.example", "shop", "1.0")})
    ) == ["pkg:maven/com.example/shop@1.0"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_archives_in_archives_are_read_where_they_lie(method):
    war = _jar({"WEB-INF/lib/log4j-core-2.14.1.jar": _jar(LOG4J)}, method)
    ear = _jar({"shop.war": war, **_manifest(Implementation_Version="3")}, method, before=b"#!/bin/sh\nexec java\n")
    packages = read(CATALOGUER, "opt/shop-3.1.ear", ear).packages
    assert [one.paths[0] for one in packages] == [
        "opt/shop-3.1.ear",
        "opt/shop-3.1.ear!shop.war!WEB-INF/lib/log4j-core-2.14.1.jar",
    ]


@pytest.mark.parametrize(
    ("name", "attributes", "purl", "confidence"),
    [
        (
            "spring-core-5.3.18.jar",
            {"Implementation_Title": "spring-core"},
            "org.springframework/spring-core@5.3.18",
            "medium",
        ),
        ("spring-boot-2.7.0.jar", {}, "org.springframework.boot/spring-boot@2.7.0", "medium"),
        ("hibernate-core-6.4.1.Final.jar", {}, "org.hibernate.orm/hibernate-core@6.4.1.Final", "medium"),
        (
            "x.jar",
            {"Bundle_SymbolicName": "org.acme.x;singleton:=true", "Bundle_Version": "1.2.0"},
            "org.acme/x@1.2.0",
            "medium",
        ),
        ("unheard-of-1.0.jar", {}, "unheard-of/unheard-of@1.0", "low"),
        ("asm-3.3.1.jar", {}, "asm/asm@3.3.1", "medium"),
        ("asm-4.0.jar", {}, "org.ow2.asm/asm@4.0", "medium"),
        ("hibernate-core-5.6.1.Final.jar", {}, "org.hibernate/hibernate-core@5.6.1.Final", "medium"),
        (
            "commons-chain-1.1.jar",
            {"Implementation_Vendor_Id": "org.apache"},
            "commons-chain/commons-chain@1.1",
            "medium",
        ),
        ("strange-1.1.jar", {"Implementation_Vendor_Id": "org.apache"}, "strange/strange@1.1", "low"),
        ("junit-3.8.1.jar", {}, "junit/junit@3.8.1", "medium"),
        ("jsr250-api-1.0.jar", {}, "javax.annotation/jsr250-api@1.0", "medium"),
        (
            "tomcat-embed-core-9.0.55.jar",
            {"Bundle_SymbolicName": "org.apache.tomcat-embed-core"},
            "org.apache.tomcat.embed/tomcat-embed-core@9.0.55",
            "medium",
        ),
        (
            "catalina.jar",
            {"Bundle_SymbolicName": "org.apache.tomcat-catalina", "Implementation_Version": "9.0.70"},
            "org.apache.tomcat/tomcat-catalina@9.0.70",
            "medium",
        ),
        (
            "websocket-api.jar",
            {"Bundle_SymbolicName": "org.apache.tomcat-websocket-api", "Implementation_Version": "10.1.16"},
            "org.apache.tomcat/tomcat-websocket-api@10.1.16",
            "medium",
        ),
        ("kafka_2.13-3.4.0.jar", {}, "org.apache.kafka/kafka_2.13@3.4.0", "medium"),
        (
            "akka-protobuf-v3_2.13-2.6.20.jar",
            {"Implementation_Vendor_Id": "com.typesafe.akka"},
            "com.typesafe.akka/akka-protobuf-v3_2.13@2.6.20",
            "medium",
        ),
        (
            "jackson-module-scala_3-2.15.3.jar",
            {"Implementation_Vendor_Id": "com.fasterxml.jackson.module"},
            "com.fasterxml.jackson.module/jackson-module-scala_3@2.15.3",
            "medium",
        ),
        ("rxjava-2.2.21.jar", {}, "io.reactivex.rxjava2/rxjava@2.2.21", "medium"),
    ],
)
def test_file_name_and_manifest_must_do_without_properties(name, attributes, purl, confidence):
    (package,) = read(CATALOGUER, f"lib/{name}", _jar(_manifest(**attributes))).packages
    assert package.purl == f"pkg:maven/{purl}"
    assert package.confidence == confidence
    assert ("guess" in package.evidence) == (confidence == "low")


@pytest.mark.parametrize(
    ("path", "purl"),
    [
        ("root/.m2/repository/asm/asm/3.3.1/asm-3.3.1.jar", "asm/asm@3.3.1"),
        ("root/.m2/repository/org/acme/deep/shop/1.0/shop-1.0-runtime.jar", "org.acme.deep/shop@1.0"),
        ("opt/maven2/javax/inject/javax.inject/1/javax.inject-1.jar", "javax.inject/javax.inject@1"),
        (
            f"root/.gradle/caches/modules-2/files-2.1/org.acme/shop/1.0/{'a' * 40}/shop-1.0.jar",
            "org.acme/shop@1.0",
        ),
    ],
)
def test_the_folders_of_a_repository_name_group_artifact_and_version(path, purl):
    (package,) = read(CATALOGUER, path, _jar(_manifest(Implementation_Vendor_Id="com.other"))).packages
    assert (package.purl, package.confidence, package.evidence) == (f"pkg:maven/{purl}", "high", "")


@pytest.mark.parametrize(
    "path",
    [
        "root/.m2/repository/org/acme/other/1.0/shop-1.0.jar",
        "srv/repository/shop-1.0.jar",
        "root/.m2/repository/org/acme/shop/2.0/shop-1.0.jar",
    ],
)
def test_folders_that_do_not_fit_the_name_say_nothing(path):
    (package,) = read(CATALOGUER, path, _jar(_manifest())).packages
    assert (package.purl, package.confidence) == ("pkg:maven/shop/shop@1.0", "low")


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("plain.jar", {"A.class": b"\xca\xfe\xba\xbe"}),
        ("a.jar", {"META-INF/maven/g/a/pom.properties": "version=${project.version}"}),
        ("a-1.0-sources.jar", {"A.java": "class A {}"}),
    ],
)
def test_without_a_version_it_is_no_package(name, members):
    assert read(CATALOGUER, f"lib/{name}", _jar(members)).packages == []


def test_nesting_is_bounded():
    jar = _jar(LOG4J)
    for _ in range(50):
        jar = _jar({"log4j-core-2.14.1.jar": jar})
    catalogue = read(CATALOGUER, "deep.jar", jar)
    assert f"more than {limits.JAVA_DEPTH} deep" in catalogue.problem


def test_unpacked_bytes_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "JAVA_UNPACKED_BYTES", 5_000)
    inner = _jar({"zeros": bytes(100_000)}, zipfile.ZIP_STORED)
    catalogue = read(CATALOGUER, "bomb.jar", _jar({"a-1.0.jar": inner, "b-1.0.jar": inner}))
    assert catalogue.packages == []
    assert catalogue.problem.startswith("2 packages could not be read (the first: 'a-1.0.jar'")


def test_packages_of_one_archive_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "PACKAGES_PER_FILE", 1)
    catalogue = read(CATALOGUER, "log4j-core-2.14.1.jar", _jar({**LOG4J, **CODEC}))
    assert [one.name for one in catalogue.packages] == ["log4j-core"]
    assert "more than 1 packages" in catalogue.problem


def test_other_formats_with_such_names_are_no_archives():
    assert read(CATALOGUER, "srv/backup.rar", b"Rar!\x1a\x07\x00" + bytes(40)).packages == []


def test_members_of_all_archives_are_bounded(monkeypatch):
    monkeypatch.setattr(limits, "JAVA_MEMBERS", 3)
    jar = _jar({"log4j-core-2.14.1.jar": _jar(LOG4J), "b-1.0.jar": _jar(LOG4J)}, zipfile.ZIP_STORED)
    catalogue = read(CATALOGUER, "app.jar", jar)
    assert [one.name for one in catalogue.packages] == ["log4j-core"]
    assert "members in all archives" in catalogue.problem


def test_broken_archives_are_told_and_the_good_part_kept():
    with pytest.raises(Unreadable, match="expected a zip archive"):
        read(CATALOGUER, "a-1.0.jar", b"PK\x03\x04" + b"\0" * 40)
    catalogue = read(
        CATALOGUER,
        "app.war",
        _jar({"WEB-INF/lib/a-1.jar": b"x" * 40, "WEB-INF/lib/log4j-core-2.14.1.jar": _jar(LOG4J)}),
    )
    assert [one.name for one in catalogue.packages] == ["log4j-core"]
    assert "a-1.jar" in catalogue.problem


def test_other_files_are_not_wanted():
    assert not wants(CATALOGUER, "usr/lib/jvm/jre/lib/modules")
    assert not wants(CATALOGUER, "app/a.zip")
