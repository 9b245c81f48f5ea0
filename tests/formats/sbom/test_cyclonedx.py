"""CycloneDX of other tools."""

import json
from pathlib import Path
from typing import Any

import pytest

from batten.formats.sbom import READER
from batten.model.source import File, Unreadable
from formats.sbom.support import packages, read, reports

DATA = Path(__file__).parents[2] / "data" / "scanners"


def cyclonedx(**fields: Any) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", **fields}).encode()


def test_nested_components_and_the_subject_of_the_document() -> None:
    inner = {"type": "library", "name": "log4j-core", "purl": "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1"}
    outer = {"type": "application", "name": "shop.jar", "components": [inner]}
    found = packages(read(cyclonedx(components=[outer], metadata={"component": {"name": "shop", "purl": "pkg:a/b@1"}})))
    assert list(found) == ["log4j-core 2.14.1"]


def test_trivys_properties_give_source_layer_and_file() -> None:
    properties = {
        "aquasecurity:trivy:SrcName": "openssl",
        "aquasecurity:trivy:SrcVersion": "3.0.15",
        "aquasecurity:trivy:SrcRelease": "1~deb12u1",
        "aquasecurity:trivy:LayerDiffID": "sha256:" + "1" * 64,
        "aquasecurity:trivy:FilePath": "/usr/lib/x",
    }
    component = {
        "type": "library",
        "name": "libssl3",
        "purl": "pkg:deb/debian/libssl3@3.0.15-1~deb12u1?arch=amd64&distro=debian-12.5",
        "properties": [{"name": name, "value": value} for name, value in properties.items()],
    }
    (one,) = packages(read(cyclonedx(components=[component]))).values()
    assert one.source is not None
    assert (one.source.name, one.source.version) == ("openssl", "3.0.15-1~deb12u1")
    assert one.layer == "sha256:" + "1" * 64
    assert one.paths == ("usr/lib/x",)
    assert one.distribution is not None
    assert one.distribution.version == "12.5"


def test_syfts_upstream_qualifier_is_the_source_package() -> None:
    purls = (
        "pkg:deb/debian/libssl3@3.0.15-1?upstream=openssl&distro=debian-12",
        "pkg:deb/debian/libgcc-s1@12.2.0-14?upstream=gcc-12%4012.2.0-13&distro=debian-12",
        "pkg:rpm/rhel/openssl-libs@3.0.7-1.el9?epoch=1&upstream=openssl-3.0.7-1.el9.src.rpm&distro=rhel-9.2",
        "pkg:apk/alpine/libcrypto3@3.1.4-r5?upstream=openssl&distro=alpine-3.18.4",
    )
    found = packages(read(cyclonedx(components=[{"type": "library", "name": "x", "purl": purl} for purl in purls])))
    told = {one.name: (one.source.name, one.source.version) for one in found.values() if one.source}
    assert told == {
        "libssl3": ("openssl", "3.0.15-1"),
        "libgcc-s1": ("gcc-12", "12.2.0-13"),
        "openssl-libs": ("openssl", "1:3.0.7-1.el9"),
        "libcrypto3": ("openssl", "3.1.4-r5"),
    }


def test_components_without_version_or_package_url_are_counted() -> None:
    components = [
        {"type": "library", "name": "a", "purl": "pkg:npm/a"},
        {"type": "library", "name": "b", "version": "1"},
        {"type": "library", "name": "c", "purl": "no package URL"},
    ]
    reading = read(cyclonedx(components=components))
    assert reading.nouns == []
    assert [one.message for one in reading.problems] == [
        "2 components without a version are no packages and were passed over",
        "1 components without a package URL are no packages and were passed over",
    ]


def test_flaws_that_the_document_carries_become_a_report() -> None:
    reading = read((DATA / "grype-cyclonedx.json").read_bytes())
    (report,) = reports(reading)
    bare, one = report.rows
    assert (bare.id, bare.package.purl) == ("CVE-1999-0001", "pkg:generic/package-1@1.1.1")  # no package URL there
    assert (report.source, one.id, one.severity) == ("grype", "CVE-1999-0002", "critical")
    assert one.package.purl == "pkg:deb/package-2@2.2.2"
    assert [score.score for score in one.scores] == [8.5]
    assert one.epss == 0.08


def test_the_analysis_of_a_flaw_is_its_status() -> None:
    flaw = {
        "id": "CVE-2021-44228",
        "analysis": {"state": "not_affected", "justification": "code_not_reachable"},
        "ratings": [{"severity": "critical", "vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
        "affects": [{"ref": "one"}, {"ref": "nowhere"}],
        "cwes": [502],
    }
    component = {"bom-ref": "one", "type": "library", "name": "a", "purl": "pkg:npm/a@1"}
    (report,) = reports(read(cyclonedx(components=[component], vulnerabilities=[flaw])))
    (one,) = report.rows
    assert (one.status, one.reason, one.severity, one.cwes) == (
        "not_affected",
        "code_not_reachable",
        "critical",
        ("CWE-502",),
    )
    assert [score.score for score in one.scores] == [10.0]


def test_a_version_that_is_not_known_is_refused() -> None:
    with pytest.raises(Unreadable, match=r"expected CycloneDX 1\.2 to 1\.7, found specVersion '9'"):
        read(b'{"bomFormat": "CycloneDX", "specVersion": "9"}')


def test_components_nested_without_end_are_refused() -> None:
    nested: dict[str, Any] = {"name": "x"}
    for _ in range(60):
        nested = {"name": "x", "components": [nested]}
    with pytest.raises(Unreadable, match="expected at most 40 components in one another"):
        read(cyclonedx(components=[nested]))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"bomFormat", b'["bomFormat"]', b"<bom/>"])
def test_other_files_are_left_to_other_readers(data: bytes) -> None:
    assert not READER.wants(File("bom.json", data))


_NODE = "pkg:rpm/almalinux/nodejs@18.19.1-1.module_el9.3.0+66?arch=x86_64&distro=almalinux-9.3"
_LABEL = "nodejs:18:9030020240301110609:a75119d5"


@pytest.mark.parametrize(
    ("purl", "properties"),
    [
        (f"{_NODE}&rpmmod={_LABEL}", {}),
        (f"{_NODE}&rpmmod=nodejs%3A18%3A9030020240301110609%3Aa75119d5", {}),
        (f"{_NODE}&modularitylabel={_LABEL}", {}),
        (_NODE, {"aquasecurity:trivy:Modularitylabel": _LABEL}),
        (_NODE, {"syft:metadata:modularityLabel": _LABEL}),
    ],
)
def test_the_stream_of_a_module_is_read_however_it_is_told(purl: str, properties: dict[str, str]) -> None:
    told = [{"name": name, "value": value} for name, value in properties.items()]
    reading = read(cyclonedx(components=[{"type": "library", "name": "nodejs", "purl": purl, "properties": told}]))
    [package] = packages(reading).values()
    assert package.module == "nodejs:18"
    assert not reading.problems


def test_rpms_of_a_module_without_its_stream_are_told() -> None:
    plain = "pkg:rpm/almalinux/bash@5.1.8-9.el9?arch=x86_64&distro=almalinux-9.3"
    reading = read(cyclonedx(components=[{"type": "library", "name": "x", "purl": one} for one in (_NODE, plain)]))
    [problem] = reading.problems
    assert problem.message.startswith("1 rpm is built for a module whose stream the document does not name")
    assert "nodejs 18.19.1-1.module_el9.3.0+66" in problem.message
    assert not problem.severe


def test_the_name_of_the_subject_holds_no_credentials() -> None:
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "application", "name": "https://u:Secret1@git.example/x.git"}},
        "components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1"}],
    }
    (report,) = reports(read(json.dumps(bom).encode()))
    assert report.target.name == "https://…@git.example/x.git"


def _with_flaws(*flaws: dict[str, Any]) -> bytes:
    bom = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
        "components": [{"type": "library", "name": "a", "version": "1", "purl": "pkg:npm/a@1", "bom-ref": "a b"}],
        "vulnerabilities": list(flaws),
    }
    return json.dumps(bom).encode()


def test_flaws_of_what_is_no_component_are_told() -> None:
    own = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#a%20b"
    other = "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1#componentA"
    reading = read(
        _with_flaws(
            {"id": "CVE-2026-1", "affects": [{"ref": own}]},
            {"id": "CVE-2026-2", "affects": [{"ref": other}]},
            {"id": "CVE-2026-3", "affects": [{"ref": "gone"}, {"ref": "a b"}]},
        )
    )
    (report,) = reports(reading)
    assert [one.id for one in report.rows] == ["CVE-2026-1", "CVE-2026-3"]
    (problem,) = reading.problems
    assert problem.message == (
        f"2 vulnerabilities affect what is no package of this document, passed over: CVE-2026-2 in {other} and 1 more"
    )


def test_a_flaw_that_affects_nothing_is_told() -> None:
    (problem,) = read(_with_flaws({"id": "CVE-2021-33203"})).problems
    assert problem.message.endswith("passed over: CVE-2021-33203 in nothing")


# what Grype and jake wrote, shortened from DefectDojo's samples
@pytest.mark.parametrize(
    ("source", "purl"),
    [
        ("github:language:python", "pkg:pypi/django@2.2.18"),
        ("vulnerabilities:debian:10", "pkg:deb/debian/django@2.2.18"),
        ("nvd:cpe", "pkg:generic/Django@2.2.18"),
        ("", "pkg:generic/Django@2.2.18"),
    ],
)
def test_the_source_of_a_flaw_tells_the_kind_of_a_component_without_a_package_url(source: str, purl: str) -> None:
    component = {"type": "library", "bom-ref": "one", "name": "Django", "version": "2.2.18"}
    flaw = {"id": "GHSA-xgxc-v2qg-chmh", "source": {"name": source}, "affects": [{"ref": "one"}]}
    (report,) = reports(read(cyclonedx(components=[component], vulnerabilities=[flaw])))
    assert [one.package.purl for one in report.rows] == [purl]


@pytest.mark.parametrize(("method", "version"), [("CVSSv3", "3.0"), ("CVSSv31", "3.1")])
def test_a_vector_may_lack_its_prefix(method: str, version: str) -> None:
    rating = {"score": 7.5, "severity": "high", "method": method, "vector": "AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}
    (report,) = reports(read(_with_flaws({"id": "CVE-2026-1", "ratings": [rating], "affects": [{"ref": "a b"}]})))
    assert [(score.version, score.score) for score in report.rows[0].scores] == [(version, 7.5)]


# shortened from a report of Grype 0.7 among DefectDojo's samples
def test_flaws_of_the_extension_before_1_4_stand_in_the_components() -> None:
    data = b"""<bom xmlns="http://cyclonedx.org/schema/bom/1.2"
      xmlns:v="http://cyclonedx.org/schema/ext/vulnerability/1.0"><components>
    <component type="library"><name>apt</name><version>1.8.2.1</version><v:vulnerabilities>
      <v:vulnerability ref="urn:uuid:a388c416-8e36-4cb8-87b0-28cbc9ebc86e"><v:id>CVE-2011-3374</v:id>
        <v:source name="vulnerabilities:debian:10"><v:url>http://cve.example/CVE-2011-3374</v:url></v:source>
        <v:ratings><v:rating><v:score><v:base>4.3</v:base><v:impact>0</v:impact></v:score><v:severity>Low</v:severity>
          <v:method>CVSSv2</v:method><v:vector>AV:N/AC:M/Au:N/C:N/I:P/A:N</v:vector></v:rating></v:ratings>
        <v:advisories><v:advisory>https://tracker.example/CVE-2011-3374</v:advisory></v:advisories>
      </v:vulnerability></v:vulnerabilities></component>
    <component type="application"><name>shop</name><components>
      <component type="library" bom-ref="b"><name>b</name><version>1</version><purl>pkg:npm/b@1</purl>
        <v:vulnerabilities><v:vulnerability><v:id>CVE-2026-1</v:id></v:vulnerability></v:vulnerabilities>
      </component></components></component>
    </components></bom>"""
    (report,) = reports(read(data, "bom.xml"))
    apt, inner = report.rows
    assert (apt.id, apt.package.purl, apt.severity) == ("CVE-2011-3374", "pkg:deb/debian/apt@1.8.2.1", "low")
    assert [(score.version, score.score) for score in apt.scores] == [("2.0", 4.3)]
    assert apt.urls == ("http://cve.example/CVE-2011-3374", "https://tracker.example/CVE-2011-3374")
    assert (inner.id, inner.package.purl) == ("CVE-2026-1", "pkg:npm/b@1")


@pytest.mark.parametrize(
    ("analysis", "status"),
    [
        ({"state": "exploitable", "response": ["will_not_fix"]}, "will_not_fix"),
        ({"response": ["can_not_fix", "workaround_available"]}, "will_not_fix"),
        ({"state": "exploitable", "response": ["will_not_fix", "update"]}, "affected"),
        ({"state": "not_affected", "response": ["will_not_fix"]}, "not_affected"),
        ({"state": "exploitable"}, "affected"),
    ],
)
def test_a_response_says_that_nothing_will_be_mended(analysis: dict[str, Any], status: str) -> None:
    flaw = {"id": "CVE-2026-1", "affects": [{"ref": "a b"}], "analysis": analysis}
    (report,) = reports(read(_with_flaws(flaw)))
    assert [one.status for one in report.rows] == [status]


def test_a_response_in_xml_says_that_nothing_will_be_mended() -> None:
    data = b"""<bom xmlns="http://cyclonedx.org/schema/bom/1.6"><components>
    <component type="library" bom-ref="a"><name>a</name><version>1</version><purl>pkg:npm/a@1</purl></component>
    </components><vulnerabilities><vulnerability><id>CVE-2026-1</id>
    <analysis><state>exploitable</state><responses><response>will_not_fix</response></responses></analysis>
    <affects><target><ref>a</ref></target></affects></vulnerability></vulnerabilities></bom>"""
    (report,) = reports(read(data, "bom.xml"))
    assert [one.status for one in report.rows] == ["will_not_fix"]


@pytest.mark.parametrize(
    ("recommendation", "fixed"),
    [
        ("Upgrade flask to version 2.3.2, 2.2.5", "2.2.5"),
        ("Upgrade org.example:web to version 2.3.2.Final", "2.3.2.Final"),
        ("Update to 2.4.", "2.4"),
        ("Upgrade to a supported release", ""),
        ("Rotate all keys", ""),
    ],
)
def test_the_version_that_mends_may_stand_in_the_recommendation(recommendation: str, fixed: str) -> None:
    component = {
        "bom-ref": "one",
        "type": "library",
        "name": "flask",
        "version": "2.2.2",
        "purl": "pkg:pypi/flask@2.2.2",
    }
    flaw = {"id": "CVE-2023-30861", "recommendation": recommendation, "affects": [{"ref": "one"}]}
    (report,) = reports(read(cyclonedx(components=[component], vulnerabilities=[flaw])))
    assert [row.fixed for row in report.rows] == [fixed]
