"""Vulnerabilities on the page: the plan over several targets, and what little or nothing is known of."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from batten.model.vulnerability import (
    Coverage,
    PackageRow,
    SharedUpdate,
    SourceState,
    Vulnerability,
    VulnerabilityCount,
)
from batten.report import Options
from batten.report.formats.html import render
from report import sample

TARGET = "image:shop/web"
NASTY = "<script>alert(1)</script>"


def page(**more: Any) -> str:
    row = Vulnerability(
        id="CVE-2026-1",
        package="pkg:deb/debian/openssl@1",
        name="openssl",
        installed="1",
        target=TARGET,
        status="affected",
        fixed="2",
    )
    package = PackageRow(purl="pkg:deb/debian/openssl@1", name="openssl", version="1", type="deb", target=TARGET)
    given: dict[str, Any] = {
        "vulnerabilities": [row],
        "packages": [package],
        "vulnerability_count": VulnerabilityCount(unknown=1),
    }
    return render(replace(sample.report(), **given, **more), Options(rules=sample.rules()))


def update(targets: tuple[str, ...], text: str) -> SharedUpdate:
    fields: dict[str, Any] = {"kind": "package", "name": "openssl", "to": "2", "removes": ("CVE-2026-1",)}
    return SharedUpdate(targets=targets, gone=2, of=3, risk=1.0, text=text, **fields)


def test_an_update_of_several_targets_is_told_over_all_of_them() -> None:
    told = page(shared_plan=[update((TARGET, "image:b"), f"openssl 2 {NASTY}: 2 of 3 flaws gone in 2 images")])
    assert "What to update first over all targets" in told
    assert "2 of 3 flaws gone in 2 images" in told
    assert NASTY not in told
    assert "over all targets" not in page(shared_plan=[update((TARGET,), "openssl 2: 2 of 3 flaws gone")])


def test_what_is_not_known_is_told() -> None:
    covered = [
        Coverage(ecosystem=f"haskell{NASTY}", packages=3, sources=()),
        Coverage(ecosystem="ubuntu:22.04", packages=1, sources=("ubuntu",), known=9, few=True),
    ]
    facts: dict[str, Any] = {"ecosystems": (), "records": 1, "newest": "", "fetched": "", "licence": "", "origin": ""}
    told = page(coverage=covered, sources=[SourceState(name="ubuntu", age=90, **facts)])
    assert "No source speaks of 3 packages of haskell" in told
    assert "Few advisories are known of 1 package of ubuntu:22.04 (on 9 packages in all)" in told
    assert "Old advisories, which miss what was found since: ubuntu 90 days" in told
    assert NASTY not in told
