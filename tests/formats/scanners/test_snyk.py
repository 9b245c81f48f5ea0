"""Snyk's JSON: one project, a list, an image."""

import json

from batten.model.imported import ImportedReport
from batten.model.package import Distribution, SourcePackage
from formats.scanners.support import of, read, row

XMLSEC = {
    "CVSSv3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:L",
    "cvssScore": 6.5,
    "exploit": "Not Defined",
    "fixedIn": ["2.1.4"],
    "id": "SNYK-JAVA-ORGAPACHESANTUARIO-460281",
    "identifiers": {"CVE": ["CVE-2019-12400"], "CWE": ["CWE-611"]},
    "packageManager": "maven",
    "packageName": "org.apache.santuario:xmlsec",
    "severity": "medium",
    "title": "XML External Entity (XXE) Injection",
    "from": ["com.test:myframework@1.0.0-SNAPSHOT", "org.apache.santuario:xmlsec@2.1.1"],
    "upgradePath": [False, "org.apache.santuario:xmlsec@2.1.4"],
    "name": "org.apache.santuario:xmlsec",
    "version": "2.1.1",
}
PROJECT = {
    "vulnerabilities": [XMLSEC, {**XMLSEC, "from": ["a", "b", "c"]}],
    "packageManager": "maven",
    "projectName": "com.test:myframework",
    "displayTargetFile": "pom.xml",
}


def test_a_flaw_of_a_project_told_twice_is_one_row() -> None:
    found = of(PROJECT)
    (one,) = found.rows
    assert (one.id, one.aliases) == ("SNYK-JAVA-ORGAPACHESANTUARIO-460281", ("CVE-2019-12400",))
    assert one.package.purl == "pkg:maven/org.apache.santuario/xmlsec@2.1.1"
    assert (one.fixed, one.severity, one.cwes) == ("2.1.4", "medium", ("CWE-611",))
    assert [score.score for score in one.scores] == [6.5]
    assert one.package.paths == ("pom.xml",)
    assert one.package.direct is True
    assert found.target.name == "com.test:myframework (pom.xml)"


def test_a_list_of_projects_gives_a_report_for_each() -> None:
    other = {**PROJECT, "projectName": "other", "vulnerabilities": []}
    found = [noun for noun in read(json.dumps([PROJECT, other])).nouns if isinstance(noun, ImportedReport)]
    assert [(one.target.name, len(one.rows)) for one in found] == [
        ("com.test:myframework (pom.xml)", 1),
        ("other (pom.xml)", 0),
    ]


def test_an_image_names_source_and_binary_and_its_applications() -> None:
    flaw = {
        "id": "SNYK-DEBIAN11-OPENSSL-1",
        "identifiers": {"CVE": ["CVE-2022-4450"]},
        "packageManager": "debian:11",
        "language": "linux:debian:11",
        "packageName": "openssl",
        "name": "openssl/libssl1.1",
        "version": "1.1.1n-0+deb11u3",
        "nearestFixedInVersion": "1.1.1n-0+deb11u4",
        "severityWithCritical": "critical",
        "severity": "high",
        "cvssScore": None,
    }
    licence = {"id": "snyk:lic:npm:a:GPL-3.0", "type": "license", "packageName": "a", "version": "1"}
    found = of(
        {
            "vulnerabilities": [flaw, licence],
            "packageManager": "deb",
            "path": "shop:1.2",
            "docker": {"baseImage": "debian:11"},
            "applications": [
                {
                    "packageManager": "npm",
                    "vulnerabilities": [{**XMLSEC, "packageManager": "npm", "packageName": "a", "name": "a"}],
                }
            ],
        }
    )
    libssl, application = found.rows
    assert libssl.package.purl == "pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3"
    assert libssl.package.source is not None
    assert libssl.package.source.name == "openssl"
    assert (libssl.fixed, libssl.severity, libssl.scores) == ("1.1.1n-0+deb11u4", "critical", ())
    assert application.package.type == "npm"
    assert found.target.name == "shop:1.2"


def test_the_package_manager_alone_names_the_distribution() -> None:
    flaw = {
        "id": "SNYK-DEBIAN12-OPENSSL-1",
        "packageManager": "debian:12",
        "packageName": "openssl",
        "name": "openssl/libssl3",
        "version": "3.0.9-1",
    }
    (one,) = of({"vulnerabilities": [flaw], "packageManager": "deb", "path": "shop:1", "docker": {}}).rows
    assert one.package.distribution == Distribution("debian", "12")
    assert (one.package.namespace, one.package.name) == ("debian", "libssl3")
    assert one.package.source == SourcePackage("openssl", "3.0.9-1")


def test_null_in_every_field_is_nothing() -> None:
    found = of(
        {
            "packageManager": "npm",
            "vulnerabilities": [
                {
                    "id": "SNYK-1",
                    "packageName": "a",
                    "version": "1",
                    "identifiers": None,
                    "fixedIn": None,
                    "cvssScore": None,
                    "severity": None,
                }
            ],
        }
    )
    assert row(found, "SNYK-1").severity == "unknown"
