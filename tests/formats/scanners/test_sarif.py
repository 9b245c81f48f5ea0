"""SARIF of scanners of packages."""

import json
from typing import Any

import pytest

from formats.scanners.support import of, read, report, row


def run(tool: str, rule: dict[str, Any], text: str, **fields: Any) -> dict[str, Any]:
    driver = {"name": tool, "rules": [rule]}
    return {
        "version": "2.1.0",
        "runs": [
            {"tool": {"driver": driver}, "results": [{"ruleId": rule["id"], "message": {"text": text}}], **fields}
        ],
    }


def test_grypes_rules_name_package_and_version_in_their_help() -> None:
    found = report("grype.sarif")
    one, other = row(found, "CVE-1999-0001"), row(found, "CVE-1999-0002")
    assert found.source == "grype"
    assert one.package.purl == "pkg:rpm/package-1@1.1.1"
    assert (one.fixed, one.severity, one.confidence) == ("1.2.1", "low", "medium")
    assert one.package.paths == ("foo/bar/somefile-1.txt",)
    assert (other.package.purl, other.confidence) == ("pkg:deb/package-2@2.2.2", "high")


def test_trivys_message_and_the_image_in_the_properties_of_the_run() -> None:
    text = (
        "Package: libssl3\nInstalled Version: 3.0.15\nVulnerability CVE-2024-9143\nSeverity: LOW\n"
        "Fixed Version: 3.0.16\nLink: [CVE-2024-9143](https://x)"
    )
    properties = {"imageName": "shop:1", "imageID": "sha256:" + "c" * 64, "repoDigests": ["shop@sha256:" + "d" * 64]}
    found = of(
        run("Trivy", {"id": "CVE-2024-9143", "properties": {"security-severity": "3.7"}}, text, properties=properties)
    )
    (one,) = found.rows
    assert (one.package.name, one.package.version, one.fixed, one.severity) == ("libssl3", "3.0.15", "3.0.16", "low")
    assert found.target.image_id == "sha256:" + "c" * 64


def test_docker_scouts_message_names_the_package_url() -> None:
    text = (
        "\n  Vulnerability   : CVE-2024-29041\n  Severity        : MEDIUM\n"
        "  Package         : pkg:npm/express@4.18.0\n  Affected range  : <4.19.2\n  Fixed version   : 4.19.2\n"
    )
    (one,) = of(run("docker scout", {"id": "CVE-2024-29041"}, text)).rows
    assert (one.package.purl, one.fixed, one.severity, one.confidence) == (
        "pkg:npm/express@4.18.0",
        "4.19.2",
        "medium",
        "high",
    )


def scouts_message(purl: str, fixed: str, vector: str) -> str:
    """As Docker Scout 1.16 writes it: columns padded with blanks."""
    lines = {
        "Vulnerability": "CVE-2021-3807",
        "Severity": "HIGH",
        "Package": purl,
        "Affected range": ">=4.0.0,<4.1.1",
        "Fixed version": fixed,
        "CVSS Score": "7.5",
        "CVSS Vector": vector,
        "EPSS Score": "0.002880",
        "EPSS Percentile": "0.685150",
    }
    return "".join(f"  {name:15} : {value:45}  \n" for name, value in lines.items())


def test_each_result_of_docker_scout_has_its_own_package_fix_and_paths() -> None:
    """Its rule names the packages of all results, and the range and the fix of one."""
    vector = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
    facts = {
        "affected_version": ">=4.0.0,<4.1.1",
        "cvssV3": 7.5,
        "cvssV3_severity": "HIGH",
        "cvssV3_vector": vector,
        "fixed_version": "4.1.1",
        "purls": ["pkg:npm/ansi-regex@3.0.0", "pkg:npm/ansi-regex@4.1.0"],
        "security-severity": "7.5",
        "tags": ["HIGH"],
    }
    document = run("docker scout", {"id": "CVE-2021-3807", "properties": facts}, "")
    document["runs"][0]["results"] = [
        {
            "ruleId": "CVE-2021-3807",
            "ruleIndex": 0,
            "kind": "fail",
            "level": "error",
            "message": {"text": scouts_message(f"pkg:npm/ansi-regex@{version}", fixed, vector)},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": f"/app/{version}/package.json"}}}],
        }
        for version, fixed in (("4.1.0", "4.1.1"), ("3.0.0", "3.0.1"))
    ]
    found = of(document)
    assert {(one.package.version, one.fixed, one.package.paths) for one in found.rows} == {
        ("4.1.0", "4.1.1", ("app/4.1.0/package.json",)),
        ("3.0.0", "3.0.1", ("app/3.0.0/package.json",)),
    }
    assert {(one.epss, *((score.version, score.score) for score in one.scores)) for one in found.rows} == {
        (0.00288, ("3.1", 7.5))
    }


def test_an_old_docker_scout_names_one_package_in_its_rule() -> None:
    facts = {"purl": "pkg:maven/com.thoughtworks.xstream/xstream@1.4.5", "fixed_version": "not fixed"}
    rule = {"id": "GMS-2022-9109", "properties": {**facts, "security-severity": "3.1"}}
    (one,) = of(run("docker scout", rule, "xstream")).rows
    assert (one.id, one.package.name, one.fixed, one.severity) == ("GMS-2022-9109", "xstream", "", "low")


def test_docker_scout_names_the_distribution_in_words_of_its_own() -> None:
    purl = "pkg:deb/debian/glibc@2.36-9%2Bdeb12u9?os_distro=bookworm&os_name=debian&os_version=12"
    text = f"\n  Vulnerability   : CVE-2019-9192\n  Severity        : LOW\n  Package         : {purl}\n"
    (one,) = of(run("docker scout", {"id": "CVE-2019-9192"}, f"{text}  Fixed version   : not fixed\n")).rows
    assert one.package.distribution is not None
    assert (one.package.distribution.id, one.package.distribution.version) == ("debian", "12")
    assert (one.package.version, one.fixed) == ("2.36-9+deb12u9", "")


def test_a_result_that_names_no_package_is_counted() -> None:
    reading = read(json.dumps(run("x", {"id": "CVE-2024-1000"}, "something is wrong")))
    assert reading.problems[0].message.startswith("1 entries name no package")


@pytest.mark.parametrize("name", ["batten", "semgrep"])
def test_findings_in_code_and_batten_s_own_are_left_alone(name: str) -> None:
    rule = "CVE-2024-1" if name == "batten" else "python.lang.security"
    assert not read(json.dumps(run(name, {"id": rule}, "x"))).recognised


# shortened from a recorded report of Trivy
def test_trivys_rule_holds_the_vectors_and_a_systems_package_lies_where_the_image_lies_no_path_of_it() -> None:
    rule = {
        "id": "CVE-2019-1549",
        "name": "OsPackageVulnerability",
        "properties": {
            "cvssv2_vector": "AV:N/AC:L/Au:N/C:P/I:N/A:N",
            "cvssv3_vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:L/I:N/A:N",
        },
    }
    document = run("Trivy", rule, "Package: libcrypto1.1\nInstalled Version: 1.1.1c-r0\nFixed Version: 1.1.1d-r0")
    place = {"physicalLocation": {"artifactLocation": {"uri": "images/alpine-310.tar.gz"}}}
    document["runs"][0]["results"][0]["locations"] = [place]
    (one,) = of(document).rows
    assert one.package.paths == ()
    assert sorted((score.version, score.score) for score in one.scores) == [("2.0", 5.0), ("3.1", 5.3)]


def test_results_of_other_kinds_are_counted() -> None:
    document = run("Trivy", {"id": "CVE-2019-1549"}, "Package: a\nInstalled Version: 1")
    document["runs"][0]["results"].append({"ruleId": "AVD-KSV-0001", "message": {"text": "privileged"}})
    (problem,) = read(json.dumps(document)).problems
    assert problem.message.endswith(": 1 results on settings, secrets or code")


def test_trivys_old_template_writes_the_severity_before_the_name() -> None:
    name = "[HIGH] CVE-2019-5481"
    text = (
        "Vulnerability CVE-2019-5481\nSeverity: HIGH\nPackage: curl\nInstalled Version: 7.61.0\nFixed Version: 7.66.0"
    )
    (one,) = of(run("Trivy", {"id": name, "help": {"text": text}}, "curl: double free")).rows
    assert (one.id, one.package.name, one.package.version, one.fixed) == ("CVE-2019-5481", "curl", "7.61.0", "7.66.0")
