"""Anchore Engine and Enterprise."""

import pytest

from formats.scanners.support import of, row


def test_none_as_a_word_is_nothing() -> None:
    found = of(
        {
            "imageDigest": "sha256:" + "d" * 64,
            "vulnerabilities": [
                {
                    "feed": "vulnerabilities",
                    "feed_group": "debian:9",
                    "fix": "None",
                    "package": "libgnutls30-3.5.8-5+deb9u4",
                    "package_cpe": "None",
                    "package_name": "libgnutls30",
                    "package_path": "None",
                    "package_type": "dpkg",
                    "package_version": "3.5.8-5+deb9u4",
                    "severity": "Medium",
                    "url": "https://security-tracker.debian.org/tracker/CVE-2011-3389",
                    "vuln": "CVE-2011-3389",
                }
            ],
            "vulnerability_type": "os",
        }
    )
    one = row(found, "CVE-2011-3389")
    assert one.package.purl == "pkg:deb/debian/libgnutls30@3.5.8-5%2Bdeb9u4"
    assert (one.fixed, one.package.paths, one.severity) == ("", (), "medium")
    assert one.package.distribution is not None
    assert (one.package.distribution.id, one.package.distribution.version) == ("debian", "9")
    assert found.target.digest == "sha256:" + "d" * 64


def test_camel_case_fields_scores_and_refusal_to_fix() -> None:
    flaw = {
        "vulnerabilityId": "CVE-2021-1",
        "packageName": "lodash",
        "packageVersion": "4.17.20",
        "packageType": "npm",
        "packagePath": "/app/node_modules/lodash/package.json",
        "feedGroup": "github:npm",
        "willNotFix": True,
        "fix": "None",
        "nvdData": [
            {
                "id": "CVE-2021-1",
                "cvssV3": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8},
            }
        ],
    }
    one = row(of({"imageDigest": "sha256:1", "vulnerabilities": [flaw]}), "CVE-2021-1")
    assert one.status == "will_not_fix"
    assert one.package.paths == ("app/node_modules/lodash/package.json",)
    assert [score.score for score in one.scores] == [9.8]


def test_the_exported_report_joins_name_and_version() -> None:
    entries = [
        {
            "vulnerabilityId": "CVE-2024-47175",
            "cves": "CVE-2024-47175",
            "severity": "High",
            "packageType": "RPM",
            "path": "pkgdb",
            "package": "cups-libs-1:2.2.6-61.el8_10",
            "fixAvailable": "1:2.2.6-62.el8_10",
        },
        {
            "vulnerabilityId": "GHSA-5j33-cvvr-w245",
            "cves": "CVE-2024-50379",
            "severity": "High",
            "packageType": "Java",
            "path": "/aci/base/lib/tomcat-embed-core-9.0.97.jar",
            "package": "tomcat-embed-core-9.0.97",
            "fixAvailable": "10.1.34,11.0.2,9.0.98",
        },
    ]
    metadata = {"registry": "docker.io", "repository": "myimage", "tag": "new", "imageDigest": "sha256:" + "1" * 64}
    found = of({"metadata": metadata, "securityEvaluation": entries})
    cups, tomcat = found.rows
    assert (cups.package.type, cups.package.name, cups.package.version) == ("rpm", "cups-libs", "1:2.2.6-61.el8_10")
    assert cups.package.paths == ()
    assert (tomcat.package.type, tomcat.package.name, tomcat.package.version) == (
        "maven",
        "tomcat-embed-core",
        "9.0.97",
    )
    assert (tomcat.fixed, tomcat.aliases) == ("9.0.98", ("CVE-2024-50379",))
    assert (found.target.name, found.target.digest) == ("docker.io/myimage:new", "sha256:" + "1" * 64)


@pytest.mark.parametrize(
    ("kind", "text", "name", "version"),
    [
        ("RPM", "java-1.8.0-openjdk-1:1.8.0.432.b06-2.el8", "java-1.8.0-openjdk", "1:1.8.0.432.b06-2.el8"),
        ("RPM", "nss-softokn-freebl-3.101.0-7.el8_8", "nss-softokn-freebl", "3.101.0-7.el8_8"),
        ("dpkg", "gcc-10-base-10.2.1-6", "gcc-10-base", "10.2.1-6"),
        ("dpkg", "libgnutls30-3.5.8-5+deb9u4", "libgnutls30", "3.5.8-5+deb9u4"),
        ("dpkg", "tzdata-2021a-1", "tzdata", "2021a-1"),
        ("APKG", "libcrypto1.1-1.1.1k-r0", "libcrypto1.1", "1.1.1k-r0"),
        ("Java", "guava-27.0-jre", "guava", "27.0-jre"),
        ("Java", "log4j-1.2-api-2.17.1", "log4j-1.2-api", "2.17.1"),
        ("Java", "jgroups-kubernetes-1.0.17.Final", "jgroups-kubernetes", "1.0.17.Final"),
        ("go", "golang.org/x/net-v0.7.0", "net", "v0.7.0"),
    ],
)
def test_a_name_may_hold_what_looks_like_a_version(kind: str, text: str, name: str, version: str) -> None:
    entry = {"vulnerabilityId": "CVE-2024-1000", "packageType": kind, "package": text}
    (one,) = of({"metadata": {"imageDigest": "sha256:1"}, "securityEvaluation": [entry]}).rows
    assert (one.package.name, one.package.version) == (name, version)


# what anchorectl wrote, from DefectDojo's samples
def test_a_bare_list_is_read_in_either_spelling() -> None:
    new = {
        "feedGroup": "debian:9",
        "fix": "None",
        "package": "libgnutls30-3.5.8-5+deb9u4",
        "packageName": "libgnutls30",
        "packageType": "dpkg",
        "packageVersion": "3.5.8-5+deb9u4",
        "severity": "Medium",
        "vuln": "CVE-2011-3389",
    }
    names = {"feedGroup": "feed_group", "packageName": "package_name", "packageType": "package_type"}
    old = {names.get(name, name): value for name, value in new.items()}
    old["package_version"] = old.pop("packageVersion")
    for spelling in (new, old):
        (one,) = of([spelling]).rows
        assert (one.id, one.package.purl) == ("CVE-2011-3389", "pkg:deb/debian/libgnutls30@3.5.8-5%2Bdeb9u4")
        assert one.package.distribution is not None
        assert one.package.distribution.version == "9"
