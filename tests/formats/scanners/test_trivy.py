"""Trivy's JSON."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from batten.formats.interface import Reading
from batten.model.imported import ImportedReport
from batten.model.package import Distribution
from formats.scanners.support import of, read, report, row

FOUND = report("trivy-image.json")


def test_the_image_is_known_by_its_digests() -> None:
    target = FOUND.target
    assert target.name == "registry.example/team/shop:1.2"
    assert target.image_id == "sha256:" + "c" * 64
    assert target.repository_digests == ("registry.example/team/shop@sha256:" + "d" * 64,)
    assert target.diff_ids == ("sha256:" + "1" * 64,)
    assert target.distribution is not None
    assert (target.distribution.id, target.distribution.version) == ("debian", "12.5")


def test_a_package_carries_its_source_layer_and_distribution() -> None:
    (libc,) = FOUND.packages
    assert libc.purl == "pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12.5"
    assert libc.source is not None
    assert (libc.source.name, libc.source.version) == ("glibc", "2.36-9+deb12u9")
    assert row(FOUND, "CVE-2024-9143").package.layer == "sha256:" + "1" * 64


def test_deferred_is_affected_with_the_reason_and_an_advisory_of_several_flaws_is_no_alias() -> None:
    found = row(FOUND, "CVE-2024-9143")
    assert (found.status, found.reason, found.fixed, found.severity) == ("affected", "fix_deferred", "", "low")
    assert found.aliases == ()
    assert [(one.source, one.version, one.score) for one in found.scores] == [("redhat", "3.1", 3.7)]


def test_trivys_fixed_means_affected_with_the_lowest_fix_above_the_installed_version() -> None:
    found = row(FOUND, "CVE-2024-29041")
    assert (found.status, found.fixed) == ("affected", "4.19.2")
    assert found.package.paths == ("app/node_modules/express/package.json",)
    assert found.place is not None
    assert found.place.location().line == 57


def test_findings_that_vex_took_away_are_kept_with_their_status() -> None:
    found = row(FOUND, "CVE-2017-16137")
    assert (found.status, found.reason) == ("not_affected", "vulnerable_code_not_in_execute_path")


def test_a_report_without_package_urls_and_digests_is_read_by_names() -> None:
    found = of(
        {
            "SchemaVersion": 2,
            "ArtifactName": "alpine:3.14.0",
            "Metadata": {"OS": {"Family": "alpine", "Name": "3.14.0"}},
            "Results": [
                {
                    "Class": "os-pkgs",
                    "Type": "alpine",
                    "Vulnerabilities": [
                        {
                            "VulnerabilityID": "CVE-2021-36159",
                            "PkgName": "apk-tools",
                            "InstalledVersion": "2.12.5-r1",
                            "FixedVersion": "2.12.6-r0",
                        }
                    ],
                }
            ],
        }
    )
    (one,) = found.rows
    assert one.package.purl == "pkg:apk/alpine/apk-tools@2.12.5-r1"
    assert one.package.distribution == found.target.distribution
    assert one.fixed == "2.12.6-r0"


def test_an_empty_report_still_says_what_was_scanned() -> None:
    found = of({"SchemaVersion": 2, "ArtifactName": "shop", "Results": None})
    assert (found.target.name, found.rows) == ("shop", ())


# families of Trivy's own constants whose packages older versions report without a package URL
@pytest.mark.parametrize(
    ("family", "kind", "identifier"),
    [
        ("alma", "rpm", "almalinux"),
        ("cbl-mariner", "rpm", "mariner"),
        ("azurelinux", "rpm", "azurelinux"),
        ("amazon", "rpm", "amzn"),
        ("opensuse-tumbleweed", "rpm", "opensuse-tumbleweed"),
        ("redhat", "rpm", "rhel"),
        ("chainguard", "apk", "chainguard"),
        ("ubuntu", "deb", "ubuntu"),
    ],
)
def test_every_family_of_distributions_has_its_kind_of_package(family: str, kind: str, identifier: str) -> None:
    flaw = {"VulnerabilityID": "CVE-2024-1000", "PkgName": "curl", "InstalledVersion": "8.0-1"}
    result = {"Target": "x", "Class": "os-pkgs", "Type": family, "Vulnerabilities": [flaw]}
    metadata = {"OS": {"Family": family, "Name": "9"}}
    (one,) = of({"SchemaVersion": 2, "ArtifactName": "x", "Metadata": metadata, "Results": [result]}).rows
    assert (one.package.type, one.package.namespace) == (kind, identifier)


def test_a_report_of_a_clean_image_has_no_results() -> None:
    found = of({"SchemaVersion": 2, "ArtifactName": "web:1", "ArtifactType": "container_image"})
    assert (found.source, found.target.name, found.rows, found.packages) == ("trivy", "web:1", (), ())


FLAW = {"VulnerabilityID": "CVE-2024-9143", "PkgName": "libssl3", "InstalledVersion": "3.0.9-1", "Severity": "LOW"}
RESULT = {"Class": "os-pkgs", "Type": "debian", "Target": "shop (debian 12.5)", "Vulnerabilities": [FLAW]}
IMAGE = {
    "OS": {"Family": "debian", "Name": "12.5"},
    "ImageID": "sha256:" + "c" * 64,
    "DiffIDs": ["sha256:" + "1" * 64],
    "RepoTags": ["registry.example/shop:1"],
}


def cluster(*resources: dict[str, Any], key: str = "Resources") -> Reading:
    return read(json.dumps({"ClusterName": "kind", key: list(resources)}))


@pytest.mark.parametrize("metadata", [IMAGE, [IMAGE]], ids=["one", "list"])
@pytest.mark.parametrize("key", ["Resources", "Findings"])
def test_what_is_said_of_a_cluster_is_a_report_for_each_image(metadata: object, key: str) -> None:
    workload = {"Namespace": "shop", "Kind": "Deployment", "Name": "web", "Metadata": metadata, "Results": [RESULT]}
    role = {"Kind": "ClusterRole", "Name": "view", "Results": [{"Class": "config", "Misconfigurations": [{}]}]}
    (found,) = [noun for noun in cluster(workload, role, key=key).nouns if isinstance(noun, ImportedReport)]
    assert (found.target.name, found.target.image_id) == ("registry.example/shop:1", "sha256:" + "c" * 64)
    assert row(found, "CVE-2024-9143").package.purl == "pkg:deb/debian/libssl3@3.0.9-1"


def test_a_workload_of_several_images_is_known_by_its_name() -> None:
    workload = {"Namespace": "shop", "Kind": "Pod", "Name": "web", "Metadata": [IMAGE, IMAGE], "Results": [RESULT]}
    (found,) = [noun for noun in cluster(workload).nouns if isinstance(noun, ImportedReport)]
    assert (found.target.name, found.target.image_id) == ("Pod shop/web", "")


def test_what_trivy_could_not_scan_in_a_cluster_is_a_problem() -> None:
    (problem,) = cluster({"Kind": "Pod", "Namespace": "shop", "Name": "web", "Error": "no such image"}).problems
    assert problem.message == "Trivy could not scan Pod shop/web: no such image"
    assert problem.severe


# shortened from the legacy report among DefectDojo's samples (Trivy before 0.20)
def test_a_list_of_results_is_a_report_of_an_old_trivy() -> None:
    found = of(
        [
            {"Target": "php-app/composer.lock", "Type": "composer", "Vulnerabilities": [{"PkgName": "a/elliptic"}]},
            {
                "Target": "node-app/package-lock.json",
                "Type": "npm",
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": "CVE-2018-16487",
                        "PkgName": "lodash",
                        "InstalledVersion": "4.17.4",
                        "FixedVersion": ">=4.17.11",
                        "Severity": "HIGH",
                    }
                ],
            },
            {
                "Target": "trivy-ci-test (alpine 3.7.1)",
                "Type": "alpine",
                "Vulnerabilities": [
                    {
                        "VulnerabilityID": "CVE-2018-16840",
                        "PkgName": "curl",
                        "InstalledVersion": "7.61.0-r0",
                        "FixedVersion": "7.61.1-r1",
                    }
                ],
            },
            {"Target": "python-app/Pipfile.lock", "Type": "pip", "Vulnerabilities": None},
        ]
    )
    lodash, curl = found.rows
    assert found.target.name == "trivy-ci-test"
    assert (lodash.package.purl, lodash.fixed) == ("pkg:npm/lodash@4.17.4", "4.17.11")
    assert lodash.package.paths == ("node-app/package-lock.json",)
    assert curl.package.purl == "pkg:apk/alpine/curl@7.61.0-r0"
    assert curl.package.distribution is not None
    assert curl.package.distribution.version == "3.7.1"


def test_an_old_report_of_a_cluster_tells_image_and_distribution_in_the_result_alone() -> None:
    result = RESULT | {"Target": "docker.io/redis:6.0.5 (debian 10.4)"}
    workload = {"Namespace": "default", "Kind": "Deployment", "Name": "redis-leader", "Results": [result]}
    reading = read(
        json.dumps({"ClusterName": "c", "Vulnerabilities": [workload], "Misconfigurations": [{"Results": [SETTINGS]}]})
    )
    (found,) = [noun for noun in reading.nouns if isinstance(noun, ImportedReport)]
    assert found.target.name == "docker.io/redis:6.0.5"
    assert row(found, "CVE-2024-9143").package.purl == "pkg:deb/debian/libssl3@3.0.9-1"
    assert [problem.message.partition(": ")[2] for problem in reading.problems] == ["1 misconfigurations"]


SETTINGS = {
    "Target": "web.yaml",
    "Class": "config",
    "Misconfigurations": [{"ID": "KSV001", "Status": "FAIL"}, {"ID": "KSV002", "Status": "PASS"}],
}


def test_what_is_no_flaw_in_a_package_is_counted() -> None:
    secrets = {"Target": "deploy.sh", "Class": "secret", "Secrets": [{"RuleID": "a"}, {"RuleID": "b"}]}
    licenses = {"Target": "OS Packages", "Class": "license", "Licenses": [{"Name": "GPL-2.0"}]}
    reading = read(json.dumps({"SchemaVersion": 2, "ArtifactName": "shop", "Results": [SETTINGS, secrets, licenses]}))
    (problem,) = reading.problems
    assert not problem.severe
    assert problem.message == (
        "only flaws in packages are taken over from a report, not what else it holds: "
        "1 licences, 1 misconfigurations, 2 secrets"
    )


# `Name` of the family and distribution of the package URL, as Trivy's own recorded reports have them
@pytest.mark.parametrize(
    ("name", "version"), [("2 (Karoo)", "2"), ("AMI release 2018.03", "2018.03"), ("2023 (Amazon Linux)", "2023")]
)
def test_releases_of_amazon_carry_words(name: str, version: str) -> None:
    purl = f"pkg:rpm/amazon/curl@7.61.1-9.amzn2.0.1?arch=x86_64&distro=amazon-{quote(name)}"
    flaw = {
        "VulnerabilityID": "CVE-2019-5481",
        "PkgName": "curl",
        "PkgIdentifier": {"PURL": purl},
        "InstalledVersion": "7.61.1-9.amzn2.0.1",
    }
    result = {"Target": f"x (amazon {name})", "Class": "os-pkgs", "Type": "amazon", "Vulnerabilities": [flaw]}
    metadata = {"OS": {"Family": "amazon", "Name": name}}
    found = of({"SchemaVersion": 2, "ArtifactName": "x", "Metadata": metadata, "Results": [result]})
    assert found.target.distribution == Distribution("amzn", version)
    assert found.rows[0].package.distribution == Distribution("amzn", version)


@pytest.mark.parametrize(
    ("target", "paths"), [("go.mod", ("go.mod",)), ("sub/go.mod", ("sub/go.mod",)), ("Node.js", ())]
)
def test_a_lock_file_is_where_its_packages_are(target: str, paths: tuple[str, ...]) -> None:
    flaw = {"VulnerabilityID": "CVE-2021-38561", "PkgName": "golang.org/x/text", "InstalledVersion": "v0.3.6"}
    result = {"Target": target, "Class": "lang-pkgs", "Type": "gomod", "Vulnerabilities": [flaw]}
    found = of({"SchemaVersion": 2, "ArtifactName": "x", "Results": [result]})
    assert found.rows[0].package.paths == paths
