"""The plan where flaws of it are waived."""

from __future__ import annotations

from typing import Any

from batten.engine.waived_updates import without_waived
from batten.model.vulnerability import SharedUpdate, UpdateStep, Vulnerability

WEB, API = "image:web", "image:api"


def step(target: str, name: str, *removes: str, of: int, remaining: int, first: bool = False) -> UpdateStep:
    more = "" if first else " more"
    return UpdateStep(
        target=target,
        kind="package",
        name=name,
        installed="1",
        to="2",
        removes=removes,
        of=of,
        remaining=remaining,
        risk=10.0 * len(removes),
        text=f"{name} 2: {len(removes)}{more} of {of} flaws gone",
    )


def row(flaw: str, name: str, target: str = WEB, status: str = "affected") -> Vulnerability:
    given: dict[str, Any] = {"status": status, "priority": 10.0, "target": target}
    return Vulnerability(id=flaw, package=f"pkg:deb/debian/{name}@1", name=name, installed="1", **given)


STEPS = [
    step(WEB, "openssl", "CVE-1", of=4, remaining=3, first=True),
    step(WEB, "curl", "CVE-2", "CVE-3", of=4, remaining=1),
    step(WEB, "zlib", "CVE-4", of=4, remaining=0),
    step(API, "curl", "CVE-2", of=1, remaining=0, first=True),
]
SHARED = [
    SharedUpdate(
        kind="package",
        name="curl",
        to="2",
        targets=(WEB, API),
        removes=("CVE-2", "CVE-3"),
        gone=3,
        of=5,
        risk=30.0,
        text="curl 2: 3 of 5 flaws gone in 2 images",
    )
]


def test_what_is_waived_is_no_reason_to_update() -> None:
    rows = [row("CVE-1", "openssl", status="waived"), row("CVE-2", "curl", status="waived"), row("CVE-3", "curl")]
    steps, shared = without_waived(STEPS, SHARED, [*rows, row("CVE-4", "zlib"), row("CVE-2", "curl", API)])
    assert [(one.text, one.remaining, one.risk) for one in steps] == [
        ("curl 2: 1 of 2 flaws gone", 1, 10.0),
        ("zlib 2: 1 more of 2 flaws gone", 0, 10.0),
        ("curl 2: 1 of 1 flaws gone", 0, 10.0),
    ]
    assert [(one.text, one.gone, one.risk) for one in shared] == [("curl 2: 2 of 3 flaws gone in 2 images", 2, 20.0)]


def test_a_flaw_counts_while_one_package_has_it_open() -> None:
    rows = [row("CVE-1", "openssl", status="waived"), row("CVE-1", "libssl3")]
    assert without_waived(STEPS, SHARED, rows) == (STEPS, SHARED)
