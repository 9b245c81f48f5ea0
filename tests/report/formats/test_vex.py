"""The vulnerabilities of a report as VEX, read again by what reads VEX."""

from __future__ import annotations

import json
from typing import Any

import pytest
from msgspec.structs import replace

from batten.model.report import Report, TargetReport
from batten.model.vulnerability import Statement, Vulnerability
from batten.report import Options, get
from batten.vulnerabilities.vex import read
from report import sample

DIGEST = "sha256:" + "a" * 64
REASON = "vulnerable_code_not_present: a container runs on the kernel of its host"
ROW = Vulnerability(
    id="CVE-2024-1",
    package="pkg:deb/debian/linux-libc-dev@6.1?distro=debian-12",
    name="linux-libc-dev",
    installed="6.1",
    target="image:ghcr.io/shop/web:1",
    status="not_affected",
    statements=(Statement(source="batten", id="CVE-2024-1", status="not_affected", reason=REASON),),
)


def report(**target: Any) -> Report:
    given = {"id": ROW.target, "kind": "image", "ref": "ghcr.io/shop/web:1", "digest": DIGEST, **target}
    return replace(sample.report(), vulnerabilities=[ROW], targets=[TargetReport(**given)])


def rendered(name: str, one: Report) -> bytes:
    output = get(name).render(one, Options())
    assert isinstance(output, bytes)
    return output


@pytest.mark.parametrize("name", ["openvex", "csaf", "cyclonedx"])
def test_every_row_is_stated(name: str) -> None:
    (statement,) = read(rendered(name, report()), "a.json")
    assert statement.flaws == ("CVE-2024-1",)
    assert (statement.status, statement.justification) == ("not_affected", "vulnerable_code_not_present")


def test_the_image_is_the_product() -> None:
    (statement,) = json.loads(rendered("openvex", report()))["statements"]
    (product,) = statement["products"]
    digest = "sha256%3A" + "a" * 64
    assert product["@id"] == f"pkg:oci/web@{digest}?repository_url=ghcr.io/shop/web&tag=1"
    assert product["hashes"] == {"sha-256": "a" * 64}


def test_an_archive_is_named_as_it_was() -> None:
    (statement,) = json.loads(rendered("openvex", report(ref="out/web.tar", digest=None)))["statements"]
    assert statement["products"][0]["@id"] == "out/web.tar"


def test_the_date_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    assert json.loads(rendered("openvex", report()))["timestamp"] == "2023-11-14T22:13:20Z"


@pytest.mark.parametrize("name", ["openvex", "csaf", "cyclonedx"])
def test_without_vulnerabilities_there_is_a_document_all_the_same(name: str) -> None:
    assert not read(rendered(name, replace(sample.report(), vulnerabilities=[])), "a.json")
