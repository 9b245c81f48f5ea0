"""Reports of the Trivy operator."""

import json
from typing import Any

import pytest

from batten.formats.scanners import READER
from batten.model.imported import ImportedReport
from batten.model.package import Distribution
from batten.model.source import File
from formats.scanners.support import of, read


# shortened from DefectDojo's sample of an operator with Trivy 0.38
def report(*flaws: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "apiVersion": "aquasecurity.github.io/v1alpha1",
        "kind": "VulnerabilityReport",
        "metadata": {"name": "replicaset-nginx-965685897-nginx", "namespace": "default"},
        "report": {
            "artifact": {"repository": "library/nginx", "tag": "alpine"},
            "registry": {"server": "index.docker.io"},
            "scanner": {"name": "Trivy", "vendor": "Aqua Security", "version": "0.38.2"},
            "vulnerabilities": list(flaws),
            **more,
        },
    }


CURL = {
    "fixedVersion": "7.87.0-r2",
    "installedVersion": "7.87.0-r1",
    "primaryLink": "https://avd.aquasec.com/nvd/cve-2023-23914",
    "resource": "curl",
    "score": 4.2,
    "severity": "CRITICAL",
    "target": "",
    "title": "curl: HSTS ignored on multiple requests",
    "vulnerabilityID": "CVE-2023-23914",
}


def test_one_report_is_of_one_image() -> None:
    found = of(report(CURL))
    (one,) = found.rows
    assert (found.source, found.version, found.target.name) == (
        "trivy",
        "0.38.2",
        "index.docker.io/library/nginx:alpine",
    )
    assert (one.id, one.package.name, one.package.version) == ("CVE-2023-23914", "curl", "7.87.0-r1")
    assert (one.fixed, one.severity) == ("7.87.0-r2", "critical")


def test_newer_reports_name_distribution_and_package() -> None:
    flaw = CURL | {
        "class": "os-pkgs",
        "packagePURL": "pkg:apk/alpine/curl@7.87.0-r1?distro=3.17.2",
        "cvss": {"nvd": {"V3Vector": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "V3Score": 7.5}},
    }
    artifact = {"repository": "library/nginx", "digest": "sha256:" + "d" * 64}
    found = of(report(flaw, os={"family": "alpine", "name": "3.17.2"}, artifact=artifact))
    (one,) = found.rows
    assert found.target.distribution == Distribution("alpine", "3.17.2")
    assert found.target.repository_digests == ("index.docker.io/library/nginx@sha256:" + "d" * 64,)
    assert (one.package.type, one.package.distribution) == ("apk", found.target.distribution)
    assert [(score.source, score.score) for score in one.scores] == [("nvd", 7.5)]


def test_a_list_is_a_report_for_each_image_and_what_is_no_flaw_is_counted() -> None:
    clean = report(artifact={"repository": "team/clean", "tag": "1"})
    audit = {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "ConfigAuditReport", "report": {"checks": []}}
    reading = read(json.dumps({"apiVersion": "v1", "kind": "List", "items": [report(CURL), clean, audit]}))
    found = [noun for noun in reading.nouns if isinstance(noun, ImportedReport)]
    assert [(one.target.name, len(one.rows)) for one in found] == [
        ("index.docker.io/library/nginx:alpine", 1),
        ("index.docker.io/team/clean:1", 0),
    ]
    assert [problem.message.partition(": ")[2] for problem in reading.problems] == ["1 audits of settings"]


@pytest.mark.parametrize(
    "other",
    [
        {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"}},
        {"apiVersion": "aquasecurity.github.io/v1alpha1", "kind": "Trust"},
    ],
)
def test_a_list_that_holds_other_objects_is_left_to_the_reader_of_manifests(other: dict[str, Any]) -> None:
    document = json.dumps({"apiVersion": "v1", "kind": "List", "items": [report(CURL), other]})
    assert READER.wants(File("x.json", document.encode()))
    assert not read(document).recognised
