"""pom.xml, gradle.lockfile, and the files of NuGet."""

from __future__ import annotations

import pytest
from tests.formats.lockfiles.conftest import Read, by_name, purls, stands_at

from batten.model.edits import CannotEdit, ReplaceText
from batten.model.source import Unreadable

POM = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- Zubehör für den Laden -->
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <groupId>org.example</groupId><artifactId>shop</artifactId><version>1.0</version>
  <properties><spring.version>6.1.1</spring.version><log4j>${log4j.real}</log4j><log4j.real>2.14.1</log4j.real></properties>
  <dependencyManagement><dependencies>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId><version>4.12</version><scope>test</scope></dependency>
    <dependency><groupId>not</groupId><artifactId>used</artifactId><version>1</version></dependency>
  </dependencies></dependencyManagement>
  <dependencies>
    <dependency>
      <groupId>org.springframework</groupId><artifactId>spring-core</artifactId><version>${spring.version}</version>
    </dependency>
    <dependency>
      <groupId>org.springframework</groupId><artifactId>spring-web</artifactId><version>${spring.version}</version>
    </dependency>
    <dependency>
      <groupId>org.apache.logging.log4j</groupId><artifactId>log4j-core</artifactId><version>${log4j}</version>
    </dependency>
    <dependency><groupId>junit</groupId><artifactId>junit</artifactId></dependency>
    <dependency><groupId>ü.org</groupId><artifactId>guava</artifactId><version> 31.0-jre </version></dependency>
    <dependency><groupId>a</groupId><artifactId>ranged</artifactId><version>[1,2)</version></dependency>
    <dependency><groupId>a</groupId><artifactId>of-the-parent</artifactId></dependency>
    <dependency>
      <groupId>${project.groupId}</groupId><artifactId>other</artifactId><version>${project.version}</version>
    </dependency>
  </dependencies>
</project>
"""
GRADLE = """\
# This is a Gradle generated file for dependency locking.
com.google.guava:guava:32.0.0-jre=compileClasspath,runtimeClasspath
org.junit.jupiter:junit-jupiter:5.9.2=testCompileClasspath,testRuntimeClasspath
empty=annotationProcessor
"""
NUGET = """\
{"version": 1, "dependencies": {"net8.0": {
  "Newtonsoft.Json": {"type": "Direct", "requested": "[13.0.1, )", "resolved": "13.0.1",
    "dependencies": {"System.Text": "4.0.0"}},
  "System.Text": {"type": "Transitive", "resolved": "4.0.0"},
  "other": {"type": "Project"}
}}}
"""
DEPS = """\
{"targets": {".NETCoreApp,Version=v8.0": {
  "Shop/1.0.0": {"dependencies": {"Serilog": "2.12.0"}},
  "Serilog/2.12.0": {"dependencies": {"System.Text": "4.0.0"}}}},
 "libraries": {"Shop/1.0.0": {"type": "project"}, "Serilog/2.12.0": {"type": "package", "sha512": ""}}}
"""
PROJECT = """\
<Project Sdk="Microsoft.NET.Sdk">
  <ItemGroup>
    <PackageReference Include="Serilog" Version="2.12.0" />
    <PackageReference Include="Analyzer"><Version>1.0.0</Version><PrivateAssets>all</PrivateAssets></PackageReference>
    <PackageReference Include="Floating" Version="1.*" />
    <PackageReference Include="Ranged" Version="[1.0,2.0)" />
    <PackageReference Include="Exact" Version="[3.0.0]" />
    <PackageReference Include="Central" />
  </ItemGroup>
</Project>
"""


def test_maven_tells_what_stands_in_the_file(read: Read) -> None:
    reading = read("pom.xml", POM)
    assert purls(reading) == [
        "pkg:maven/org.springframework/spring-core@6.1.1",
        "pkg:maven/org.springframework/spring-web@6.1.1",
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        "pkg:maven/junit/junit@4.12",
        "pkg:maven/%C3%BC.org/guava@31.0-jre",
    ]
    assert {one.confidence for one in reading.nouns} == {"low"}
    assert by_name(reading)["junit"].scope == "development"


def test_maven_versions_are_replaced_where_one_package_has_them(read: Read) -> None:
    found = by_name(read("pom.xml", POM))
    for name, before in (("guava", "<version> "), ("log4j-core", "<log4j.real>"), ("junit", "<version>")):
        place = found[name].place
        assert place is not None
        [splice] = place.document.splices([ReplaceText(place.pointer, "9.9")])
        assert POM[: splice.start].endswith(before)
        assert POM[splice.start : splice.end] == found[name].version
    shared = found["spring-web"].place
    assert shared is not None
    with pytest.raises(CannotEdit, match=r"the property spring\.version is the version of other packages"):
        shared.document.splices([ReplaceText(shared.pointer, "6.2.0")])


def test_a_version_that_is_not_written_plainly_is_left_alone(read: Read) -> None:
    place = by_name(read("pom.xml", POM.replace("<version>4.12<", "<version>4&#46;12<")))["junit"].place
    assert place is not None
    command = r"run `mvn versions:use-dep-version -Dincludes=junit:junit -DdepVersion=4\.13`"
    with pytest.raises(CannotEdit, match=command):
        place.document.splices([ReplaceText(place.pointer, "4.13")])


def test_xml_with_a_document_type_is_refused(read: Read) -> None:
    with pytest.raises(Unreadable, match="expected no document type"):
        read("pom.xml", '<!DOCTYPE a [<!ENTITY b "c">]><project>&b;</project>')
    with pytest.raises(Unreadable, match="expected XML: mismatched tag"):
        read("pom.xml", "<project></a>")


def test_gradle(read: Read) -> None:
    reading = read("gradle.lockfile", GRADLE)
    assert purls(reading) == [
        "pkg:maven/com.google.guava/guava@32.0.0-jre",
        "pkg:maven/org.junit.jupiter/junit-jupiter@5.9.2",
    ]
    assert [one.scope for one in reading.nouns] == ["runtime", "development"]
    assert stands_at(reading.nouns[0]) == (2, 24)


def test_nuget_lock(read: Read) -> None:
    reading = read("packages.lock.json", NUGET)
    assert purls(reading) == ["pkg:nuget/Newtonsoft.Json@13.0.1", "pkg:nuget/System.Text@4.0.0"]
    assert [one.direct for one in reading.nouns] == [True, False]


def test_what_a_build_put_together(read: Read) -> None:
    [found] = read("bin/Shop.deps.json", DEPS).nouns
    assert (found.purl, found.direct, found.depends) == ("pkg:nuget/Serilog@2.12.0", True, ("System.Text",))


def test_project_files_give_exact_versions_alone(read: Read) -> None:
    reading = read("Shop.csproj", PROJECT)
    assert purls(reading) == ["pkg:nuget/Serilog@2.12.0", "pkg:nuget/Analyzer@1.0.0", "pkg:nuget/Exact@3.0.0"]
    assert [one.scope for one in reading.nouns] == ["", "development", ""]
    assert stands_at(reading.nouns[0]) == (3, 50)
    assert not read("Shop.csproj", PROJECT, {"packages.lock.json": NUGET}).nouns
