"""Clair's report, version 4."""

import json

from formats.scanners.support import of, read, row

FOUND = of(
    {
        "manifest_hash": "sha256:" + "d" * 64,
        "packages": {
            "10": {
                "id": "10",
                "name": "libssl1.1",
                "version": "1.1.1n-0+deb11u3",
                "kind": "binary",
                "arch": "amd64",
                "source": {"id": "11", "name": "openssl", "version": "1.1.1n-0+deb11u3", "kind": "source"},
            },
            "20": {"id": "20", "name": "requests", "version": "2.20.0", "kind": "binary"},
            "30": {"id": "30", "name": "tar", "version": "1.34", "kind": "binary"},
        },
        "distributions": {"1": {"id": "1", "did": "debian", "name": "Debian GNU/Linux", "version_id": "11"}},
        "environments": {
            "10": [
                {"package_db": "var/lib/dpkg/status", "introduced_in": "sha256:" + "9" * 64, "distribution_id": "1"}
            ],
            "20": [{"package_db": "python:usr/lib/python3/dist-packages", "repository_ids": ["5"]}],
        },
        "vulnerabilities": {
            "100": {
                "id": "100",
                "updater": "debian/updater",
                "name": "CVE-2022-4450",
                "description": "double free",
                "issued": "0001-01-01T00:00:00Z",
                "links": "https://security-tracker.debian.org/tracker/CVE-2022-4450",
                "severity": "unimportant",
                "normalized_severity": "High",
                "fixed_in_version": "1.1.1n-0+deb11u4",
            },
            "101": {"id": "101", "name": "RHSA-2023:0946: openssl (Important)", "links": "CVE-2023-0215 CVE-2023-0286"},
            "200": {"id": "200", "name": "GHSA-x84v-xcm2-53pg", "fixed_in_version": "introduced=0&fixed=2.20.1"},
        },
        "package_vulnerabilities": {"10": ["100", "101", "gone"], "20": ["200"]},
        "enrichments": {
            "message/vnd.clair.map.vulnerability; enricher=clair.cvss schema=x": [
                {
                    "100": [
                        {
                            "version": "3.1",
                            "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H",
                            "baseScore": 7.5,
                        }
                    ]
                }
            ],
            "message/vnd.clair.map.vulnerability; enricher=clair.epss schema=x": [
                {
                    "100": [
                        {
                            "modelVersion": "v2025.03.14",
                            "date": "2026-08-16T00:00:00+0000",
                            "cve": "CVE-2022-4450",
                            "epss": 0.25,
                            "percentile": 0.9,
                        }
                    ],
                    "101": [{"cve": "CVE-2023-0215", "epss": 0.5}, {"cve": "CVE-2023-0286", "epss": 0.7}],
                }
            ],
            "message/vnd.clair.map.vulnerability; enricher=clair.kev schema=x": [
                {
                    "100": [
                        {
                            "cve": "CVE-2022-4450",
                            "vulnerability_name": "Double free",
                            "catalog_version": "2026.08.21",
                            "date_added": "2026-01-01",
                            "due_date": "2026-01-22",
                            "known_ransomware_campaign_use": "Known",
                        }
                    ]
                }
            ],
        },
    }
)


def test_a_package_of_the_distribution_has_its_source_and_database() -> None:
    package = row(FOUND, "CVE-2022-4450").package
    assert package.purl == "pkg:deb/debian/libssl1.1@1.1.1n-0%2Bdeb11u3?arch=amd64"
    assert package.source is not None
    assert package.source.name == "openssl"
    assert package.paths == ("var/lib/dpkg/status",)
    assert package.distribution is not None
    assert package.distribution.version == "11"


def test_severity_fix_and_score_are_taken_over() -> None:
    found = row(FOUND, "CVE-2022-4450")
    assert (found.severity, found.fixed, found.published) == ("high", "1.1.1n-0+deb11u4", "")
    assert [one.score for one in found.scores] == [7.5]


def test_an_advisory_of_several_flaws_is_a_row_for_each() -> None:
    found = row(FOUND, "CVE-2023-0215")
    assert (found.advisory, found.aliases) == ("RHSA-2023:0946", ())
    assert row(FOUND, "CVE-2023-0286").advisory == "RHSA-2023:0946"


def test_a_package_of_a_language_is_told_by_its_database() -> None:
    found = row(FOUND, "GHSA-x84v-xcm2-53pg")
    assert found.package.purl == "pkg:pypi/requests@2.20.0"
    assert found.fixed == "2.20.1"


def test_packages_without_flaws_are_listed_and_the_image_is_known_by_its_manifest() -> None:
    assert [one.name for one in FOUND.packages] == ["libssl1.1", "requests", "tar"]
    assert FOUND.target.digest == "sha256:" + "d" * 64


def test_probability_and_exploitation_are_taken_from_the_enrichers_where_one_flaw_is_meant() -> None:
    one = row(FOUND, "CVE-2022-4450")
    assert (one.epss, one.epss_date) == (0.25, "2026-08-16")
    assert (one.kev, one.kev_due, one.ransomware, one.exploit) == (True, "2026-01-22", True, "active")
    several = row(FOUND, "CVE-2023-0215")
    assert (several.epss, several.kev) == (None, False)


def test_databases_of_rpm_name_their_kind_and_modules_are_kept() -> None:
    found = of(
        {
            "manifest_hash": "sha256:" + "d" * 64,
            "packages": {
                "1": {"name": "nodejs", "version": "1:18.20.4-1.module+el9", "kind": "binary", "module": "nodejs:18"},
                "2": {"name": "commons-text", "version": "1.9", "kind": "binary"},
            },
            "distributions": {"1": {"did": "rhel", "version_id": "9"}},
            "environments": {
                "1": [{"package_db": "sqlite:var/lib/rpm", "distribution_id": "1"}],
                "2": [{"package_db": "file:opt/app/commons-text-1.9.jar"}],
            },
            "package_vulnerabilities": {},
        }
    )
    node, text = sorted(found.packages, key=lambda one: one.name, reverse=True)
    assert (node.type, node.module, node.paths) == ("rpm", "nodejs:18", ("var/lib/rpm",))
    assert (text.type, text.paths) == ("maven", ("opt/app/commons-text-1.9.jar",))


def test_a_distribution_whose_number_is_its_version() -> None:
    """As Clair 4.0 writes Alpine."""
    found = of(
        {
            "manifest_hash": "sha256:" + "a" * 64,
            "packages": {
                "548": {
                    "id": "548",
                    "name": "busybox",
                    "version": "1.27.2-r7",
                    "kind": "binary",
                    "source": {"id": "547", "name": "busybox", "version": "1.27.2-r7", "kind": "source", "cpe": ""},
                    "normalized_version": "",
                    "arch": "x86_64",
                    "cpe": "",
                },
                "652": {
                    "id": "652",
                    "name": "mitmproxy",
                    "version": "4.0.1",
                    "kind": "binary",
                    "source": {"id": "33", "name": "", "version": "", "normalized_version": "", "cpe": ""},
                    "normalized_version": "pep440:0.4.0.1.0.0.0.0.0.0",
                    "cpe": "",
                },
            },
            "distributions": {
                "4": {
                    "id": "4",
                    "did": "alpine",
                    "name": "Alpine Linux",
                    "version": "3.7",
                    "version_code_name": "",
                    "version_id": "",
                    "arch": "",
                    "cpe": "",
                    "pretty_name": "Alpine Linux v3.7",
                }
            },
            "repository": {"1": {"id": "1", "name": "pypi", "uri": "https://pypi.org/simple", "cpe": ""}},
            "environments": {
                "548": [{"package_db": "lib/apk/db/installed", "distribution_id": "4", "repository_ids": None}],
                "652": [
                    {
                        "package_db": "python:usr/lib/python3.6/site-packages",
                        "distribution_id": "",
                        "repository_ids": ["1"],
                    }
                ],
            },
            "vulnerabilities": {"1": {"id": "1", "name": "CVE-2021-39214", "fixed_in_version": "fixed=7.0.3"}},
            "package_vulnerabilities": {"652": ["1"]},
            "enrichments": {},
        }
    )
    one = row(found, "CVE-2021-39214")
    assert (one.package.purl, one.fixed, one.package.distribution) == ("pkg:pypi/mitmproxy@4.0.1", "7.0.3", None)
    (busybox,) = [package for package in found.packages if package.name == "busybox"]
    assert busybox.distribution is not None
    assert (busybox.type, busybox.distribution.version) == ("apk", "3.7")


def test_flaws_of_a_package_that_the_report_does_not_list_are_counted() -> None:
    report = {"packages": {}, "package_vulnerabilities": {"194": ["1"]}, "vulnerabilities": {"1": {"name": "CVE-1"}}}
    (problem,) = read(json.dumps(report)).problems
    assert problem.message.startswith("1 entries name no package")


def test_what_the_first_reports_of_version_4_say_in_other_words() -> None:
    """Cut from reports that Clair's own tests keep: Debian's `0:0` is no update, Safety DB has a dot in its names."""
    found = of(
        {
            "manifest_hash": "sha256:" + "d" * 64,
            "packages": {
                "1": {"id": "1", "name": "gzip", "version": "1.9-3", "kind": "binary"},
                "2": {"id": "2", "name": "cryptography", "version": "2.2.2", "kind": "binary"},
            },
            "distributions": {"1": {"did": "debian", "version": "10 (buster)", "version_id": "10"}},
            "environments": {
                "1": [{"package_db": "var/lib/dpkg/status", "distribution_id": "1"}],
                "2": [{"package_db": "python:usr/lib/python3.6/site-packages"}],
            },
            "vulnerabilities": {
                "34568": {"name": "CVE-2004-0603", "normalized_severity": "Unknown", "fixed_in_version": "0:0"},
                "7": {"name": "pyup.io-39252", "fixed_in_version": ""},
                "8": {"name": "pyup.io-39606 (CVE-2020-36242)", "fixed_in_version": ""},
            },
            "package_vulnerabilities": {"1": ["34568"], "2": ["7", "8"]},
        }
    )
    assert row(found, "CVE-2004-0603").fixed == ""
    assert row(found, "pyup.io-39252").package.purl == "pkg:pypi/cryptography@2.2.2"
    assert row(found, "pyup.io-39606").aliases == ("CVE-2020-36242",)
