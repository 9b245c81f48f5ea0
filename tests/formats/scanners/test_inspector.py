"""Amazon Inspector: its own findings, and those in Security Hub's format."""

import json
from typing import Any

import pytest

from batten.formats.scanners.inspector import system_of
from batten.model.imported import ImportedReport
from formats.scanners.support import of, read, row


def finding(**changed: Any) -> dict[str, Any]:
    vulnerable = {
        "arch": "AMD64",
        "epoch": 0,
        "fixedInVersion": "0:4.19.232-1",
        "name": "linux",
        "packageManager": "OS",
        "release": "2",
        "sourceLayerHash": "sha256:" + "1" * 64,
        "version": "4.19.118",
    }
    return {
        "epss": {"score": 0.00075},
        "exploitAvailable": "NO",
        "packageVulnerabilityDetails": {
            "cvss": [
                {"baseScore": 5.5, "scoringVector": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", "source": "NVD"}
            ],
            "source": "DEBIAN_CVE",
            "vendorSeverity": "unimportant",
            "vulnerabilityId": "CVE-2021-3744",
            "vulnerablePackages": [vulnerable | changed],
        },
        "resources": [
            {
                "details": {
                    "awsEcrContainerImage": {
                        "imageHash": "sha256:" + "d" * 64,
                        "imageTags": ["2.3.0"],
                        "platform": "DEBIAN_10",
                        "repositoryName": "shop",
                    }
                },
                "type": "AWS_ECR_CONTAINER_IMAGE",
            }
        ],
        "severity": "MEDIUM",
        "status": "ACTIVE",
        "type": "PACKAGE_VULNERABILITY",
    }


def test_version_release_and_epoch_are_joined_and_the_distributions_word_counts() -> None:
    found = of({"findings": [finding()]})
    one = row(found, "CVE-2021-3744")
    assert one.package.purl == "pkg:deb/debian/linux@4.19.118-2?arch=amd64"
    assert one.fixed == "4.19.232-1"
    assert one.severity == "negligible"
    assert one.epss == 0.00075
    assert [score.score for score in one.scores] == [5.5]
    assert (found.target.name, found.target.digest) == ("shop:2.3.0", "sha256:" + "d" * 64)


def test_an_epoch_counts_for_rpms_and_languages_have_their_manager() -> None:
    rpm = finding(epoch=1)
    rpm["resources"][0]["details"]["awsEcrContainerImage"]["platform"] = "AMAZON_LINUX_2"
    assert row(of({"findings": [rpm]}), "CVE-2021-3744").package.version == "1:4.19.118-2"
    jar = finding(
        packageManager="JAR", name="org.eclipse.jetty:jetty-util", version="8.1", release=None, filePath="/a.jar"
    )
    package = row(of({"findings": [jar]}), "CVE-2021-3744").package
    assert package.purl == "pkg:maven/org.eclipse.jetty/jetty-util@8.1"
    assert package.paths == ("a.jar",)


def test_the_standard_library_of_go_has_its_own_name() -> None:
    library = finding(packageManager="GENERIC", name="go/stdlib", version="1.24.4", release=None)
    assert row(of({"findings": [library]}), "CVE-2021-3744").package.purl == "pkg:golang/stdlib@1.24.4"
    other = finding(packageManager="GENERIC", name="redis", version="7.2.4", release=None)
    assert row(of({"findings": [other]}), "CVE-2021-3744").package.purl == "pkg:generic/redis@7.2.4"


def test_a_machine_is_told_from_an_image() -> None:
    machine = finding()
    machine["resources"] = [
        {"type": "AWS_EC2_INSTANCE", "id": "i-0", "details": {"awsEc2Instance": {"platform": "DEBIAN_10"}}}
    ]
    found = of({"findings": [machine]})
    assert (found.target.name, found.target.machine) == ("i-0", True)
    assert found.rows[0].package.distribution == system_of("DEBIAN_10")
    assert not of({"findings": [finding()]}).target.machine


@pytest.mark.parametrize(
    ("platform", "identifier", "version"),
    [
        ("DEBIAN_10", "debian", "10"),
        ("UBUNTU_20_04", "ubuntu", "20.04"),
        ("AMAZON_LINUX_2", "amzn", "2"),
        ("ALPINE_LINUX_3_14", "alpine", "3.14"),
        ("RED_HAT_ENTERPRISE_LINUX_8", "rhel", "8"),
    ],
)
def test_platforms_are_distributions(platform: str, identifier: str, version: str) -> None:
    found = system_of(platform)
    assert found is not None
    assert (found.id, found.version) == (identifier, version)


def test_security_hubs_format() -> None:
    flaw = {
        "Id": "CVE-2017-9735",
        "VulnerablePackages": [
            {
                "Name": "org.eclipse.jetty:jetty-server",
                "Version": "8.1.14.v20131031",
                "Epoch": "0",
                "PackageManager": "JAR",
                "FilePath": "/usr/lib/jetty.server.jar",
                "FixedInVersion": "9.4.6.v20170531",
            },
            {"Name": "openssl", "Version": "1.1.1f", "Release": "1ubuntu2", "PackageManager": "OS"},
        ],
        "Cvss": [{"Version": "2.0", "BaseScore": 5, "BaseVector": "AV:N/AC:L/Au:N/C:P/I:N/A:N", "Source": "NVD"}],
        "Vendor": {"Name": "NVD", "VendorSeverity": "HIGH"},
        "ExploitAvailable": "YES",
    }
    found = of(
        [
            {
                "SchemaVersion": "2018-10-08",
                "ProductFields": {
                    "aws/inspector/resources/1/resourceDetails/awsEc2InstanceDetails/platform": "UBUNTU_20_04"
                },
                "Resources": [{"Type": "AwsEc2Instance", "Id": "arn:aws:ec2:eu-west-1:1:instance/i-0"}],
                "Workflow": {"Status": "NEW"},
                "RecordState": "ACTIVE",
                "Severity": {"Label": "LOW"},
                "Vulnerabilities": [flaw],
            },
            {"SchemaVersion": "2018-10-08", "Title": "An IAM user has no second factor"},
        ]
    )
    assert found.target.machine
    jetty, openssl = found.rows
    assert jetty.package.purl == "pkg:maven/org.eclipse.jetty/jetty-server@8.1.14.v20131031"
    assert (jetty.fixed, jetty.severity, jetty.exploit) == ("9.4.6.v20170531", "high", "poc")
    assert [score.version for score in jetty.scores] == ["2.0"]
    assert openssl.package.purl == "pkg:deb/ubuntu/openssl@1.1.1f-1ubuntu2"


# the enumeration `PackageManager` of the service's own model
@pytest.mark.parametrize(
    ("manager", "kind"),
    [
        *[(name, "pypi") for name in ("PIP", "PIPENV", "POETRY", "PYTHONPKG")],
        *[(name, "npm") for name in ("NPM", "YARN", "NODEPKG")],
        *[(name, "golang") for name in ("GOBINARY", "GOMOD")],
        *[(name, "maven") for name in ("JAR", "POM")],
        *[(name, "gem") for name in ("BUNDLER", "GEMSPEC")],
        *[(name, "nuget") for name in ("NUGET", "DOTNET_CORE")],
        ("CARGO", "cargo"),
        ("COMPOSER", "composer"),
        ("OS", "deb"),
    ],
)
def test_every_package_manager_is_known(manager: str, kind: str) -> None:
    (one,) = of({"findings": [finding(packageManager=manager)]}).rows
    assert one.package.type == kind


def test_the_package_url_of_a_language_is_taken_as_it_is() -> None:
    purl = "pkg:maven/org.example/web@1.2.3"
    (one,) = of({"findings": [finding(packageManager="JAR", name="web", purl=purl)]}).rows
    assert one.package.purl == purl


def test_an_image_of_another_cloud_s_registry_is_known_by_its_digest() -> None:
    one = finding()
    image = {
        "repositoryName": "shop",
        "registry": "shop.azurecr.io",
        "imageTags": ["2.3.0"],
        "imageDigest": "sha256:" + "e" * 64,
        "platform": "DEBIAN_12",
    }
    kind = "Microsoft.ContainerRegistry/registry/containerImage"
    one["resources"] = [{"type": kind, "id": "x", "details": {"image": image}}]
    found = of({"findings": [one]})
    assert found.target.digest == "sha256:" + "e" * 64
    assert found.target.name == "shop:2.3.0"
    assert found.target.distribution is not None
    assert found.target.distribution.version == "12"


# shortened from a recorded report of Trivy's template `asff.tpl`
def test_trivys_findings_name_the_package_among_other_details() -> None:
    other = {
        "CVE ID": "CVE-2019-1549",
        "CVE Title": "openssl: information disclosure in fork()",
        "PkgName": "libcrypto1.1",
        "Installed Package": "1.1.1c-r0",
        "Patched Package": "1.1.1d-r0",
        "NvdCvssScoreV3": "5.3",
        "NvdCvssVectorV3": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
        "NvdCvssScoreV2": "5",
        "NvdCvssVectorV2": "AV:N/AC:L/Au:N/C:P/I:N/A:N",
    }
    finding = {
        "SchemaVersion": "2018-10-08",
        "GeneratorId": "Trivy/CVE-2019-1549",
        "Severity": {"Label": "MEDIUM"},
        "ProductFields": {"Product Name": "Trivy"},
        "Resources": [{"Type": "Container", "Id": "shop:1 (alpine 3.10.2)", "Details": {"Other": other}}],
        "RecordState": "ACTIVE",
    }
    secret = {
        "SchemaVersion": "2018-10-08",
        "ProductFields": {"Product Name": "Trivy"},
        "Resources": [{"Type": "Other", "Id": "deploy.sh", "Details": {"Other": {"Filename": "deploy.sh"}}}],
    }
    reading = read(json.dumps({"Findings": [finding, secret]}))
    (found,) = reading.nouns
    assert isinstance(found, ImportedReport)
    (one,) = found.rows
    assert (found.source, found.target.name) == ("trivy", "shop:1")
    assert one.package.purl == "pkg:apk/alpine/libcrypto1.1@1.1.1c-r0"
    assert one.package.distribution == found.target.distribution
    assert (one.fixed, one.severity, one.status) == ("1.1.1d-r0", "medium", "affected")
    assert [(score.version, score.score) for score in one.scores] == [("2.0", 5.0), ("3.1", 5.3)]
    assert [problem.message.partition(": ")[2] for problem in reading.problems] == [
        "1 findings on settings or behaviour"
    ]


# shortened from DefectDojo's sample of Security Hub
def test_a_finding_of_inspector_that_leaves_its_package_out_is_counted() -> None:
    finding = {
        "SchemaVersion": "2018-10-08",
        "ProductName": "Inspector",
        "Types": ["Software and Configuration Checks/Vulnerabilities/CVE"],
        "Title": "CVE-2022-3643 - kernel",
        "Vulnerabilities": [],
    }
    (problem,) = read(json.dumps({"Findings": [finding]})).problems
    assert problem.message.startswith("1 entries name no package with a version")
