"""Anchore Engine and Enterprise."""

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
