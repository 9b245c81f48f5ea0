from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from batten.engine.flaws import counted, flaws, gravest
from batten.engine.gate import gate, is_gate, stops
from batten.engine.waive import ActiveWaiver, Waivers
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.report import TargetReport
from batten.model.settings import ImageSettings, Settings, Waiver
from batten.model.verdict import Severity
from batten.model.vulnerability import Coverage, Vulnerability

TARGET = "image:shop/web"
READ = [TargetReport(id=TARGET, kind="image", ref="shop/web")]


def row(name: str, *, package: str = "openssl", **more: Any) -> Vulnerability:
    given = {"severity": "high", "priority": 50.0, "fixed": "3.0.2", "fingerprint": f"{name}/{package}", **more}
    purl = f"pkg:deb/debian/{package}@3.0.1"
    return Vulnerability(
        id=name, package=purl, name=package, installed="3.0.1", target=TARGET, **{"status": "affected", **given}
    )


def inventory(*rows: Vulnerability, packages: tuple[str, ...] = ("openssl",), covered: bool = True) -> Inventory:
    found = Inventory()
    found.extend(Package(type="deb", namespace="debian", name=one, version="3.0.1", target=TARGET) for one in packages)
    found.extend(rows)
    found.add(Coverage(ecosystem="debian:12", packages=len(packages), sources=("debian",) if covered else ()))
    return found


def no_waivers(*waivers: Waiver, today: str = "2026-11-28") -> Waivers:
    return Waivers([ActiveWaiver(one) for one in waivers], Settings(), today, {})


def waiver(check: str, **more: str) -> Waiver:
    return Waiver(check=check, reason="not reachable", owner="alice", **more)


def test_the_most_urgent_comes_first_whatever_its_severity():
    low, high = row("CVE-2026-1", priority=90, severity="low"), row("CVE-2026-2", severity="critical")
    found = flaws(inventory(high, low), Settings(), no_waivers(), ())
    assert [one.id for one in found.vulnerabilities] == ["CVE-2026-1", "CVE-2026-2"]


def test_what_is_open_is_counted_by_severity():
    rows = [row("CVE-2026-1"), row("CVE-2026-2", kev=True, severity="critical"), row("CVE-2026-3", fixed="")]
    rows += [row("CVE-2026-4", status="not_affected"), row("CVE-2026-5", fingerprint="known")]
    count = flaws(inventory(*rows), Settings(), no_waivers(), {"known"}).count
    assert count is not None
    assert (count.critical, count.high, count.fixable, count.exploited) == (1, 2, 2, 1)
    assert (count.not_affected, count.baseline) == (1, 1)


def test_without_packages_nothing_is_said():
    found = flaws(Inventory(), Settings(), no_waivers(), ())
    assert found.count is None
    assert found.packages == []


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (waiver("CVE-2026-1"), "waived"),
        (waiver("GHSA-aaaa-bbbb-cccc"), "waived"),
        (waiver("CVE-2026-1", resource="openssl"), "waived"),
        (waiver("CVE-2026-1", resource="curl"), "affected"),
        (waiver("CVE-2026-1", subject="pkg:deb/debian/openssl@*"), "waived"),
        (waiver("CVE-2026-1", subject="pkg:deb/debian/curl@*"), "affected"),
        (waiver("CVE-2026-1", path="image:shop/*"), "waived"),
        (waiver("CVE-2026-1", path="image:other/*"), "affected"),
        (waiver("CVE-2026-1", expires="2026-11-28"), "waived"),
        (waiver("CVE-2026-1", expires="2026-11-27"), "affected"),
        (waiver("CVE-2026-2"), "affected"),
    ],
)
def test_a_waiver_names_a_flaw_by_any_of_its_identifiers(given: Waiver, status: str):
    flaw = row("CVE-2026-1", aliases=("GHSA-aaaa-bbbb-cccc",))
    [found] = flaws(inventory(flaw), Settings(), no_waivers(given), ()).vulnerabilities
    assert found.status == status
    assert (found.waiver is not None) == (status == "waived")


def test_a_waiver_that_covered_a_flaw_counts_as_used():
    waivers = no_waivers(waiver("CVE-2026-1"), waiver("CVE-2026-9"))
    flaws(inventory(row("CVE-2026-1")), Settings(), waivers, ())
    assert [one.matched for one in waivers.all] == [1, 0]


def test_what_no_update_mends_can_be_left_out_unless_it_is_exploited():
    rows = [row("CVE-2026-1", fixed=""), row("CVE-2026-2", fixed="", kev=True), row("CVE-2026-3")]
    settings = Settings(images=ImageSettings(ignore_unfixed=True))
    found = flaws(inventory(*rows), settings, no_waivers(), ())
    assert {one.id for one in found.vulnerabilities} == {"CVE-2026-2", "CVE-2026-3"}


def test_that_nothing_is_listed_counts_only_where_much_is_known() -> None:
    found = Inventory()
    for kind in ("pypi", "npm", "conda"):
        found.extend(Package(type=kind, name=name, version="1", target=TARGET) for name in ("good", "bad"))
    found.extend(replace(row("CVE-2026-1"), package=f"pkg:{kind}/bad@1", name="bad") for kind in ("pypi", "npm"))
    found.add(Coverage(ecosystem="pypi", packages=2, sources=("pypa",), known=1535))
    found.add(Coverage(ecosystem="npm", packages=2, sources=("retirejs",), known=425, few=True))
    found.add(Coverage(ecosystem="conda", packages=2, sources=()))
    told = gravest(flaws(found, Settings(), no_waivers(), ()))
    assert told == [Severity.HIGH, Severity.HIGH, None]  # what is good of npm and conda nobody knows


def test_a_package_weighs_with_its_gravest_open_flaw():
    rows = [
        row("CVE-2026-1", severity="low"),
        row("CVE-2026-2", severity="critical"),
        row("CVE-2026-3", package="curl"),
    ]
    rows += [row("CVE-2026-4", package="zlib", status="not_affected")]
    found = flaws(inventory(*rows, packages=("curl", "openssl", "zlib")), Settings(), no_waivers(), ())
    assert gravest(found) == [Severity.HIGH, Severity.CRITICAL, None]


def test_packages_that_nobody_speaks_of_are_not_assessed():
    assert gravest(flaws(inventory(covered=False), Settings(), no_waivers(), ())) == []


@pytest.mark.parametrize(
    ("fail_on", "more", "stopped"),
    [
        ("high", {}, True),
        ("critical", {}, False),
        ("low", {"severity": "unknown"}, False),
        ("info", {"severity": "unknown"}, True),
        ("kev", {}, False),
        ("kev", {"kev": True, "severity": "low"}, True),
        ("priority>=act", {"ssvc": "attend"}, False),
        ("priority>=attend", {"ssvc": "attend"}, True),
        ("priority>=attend", {"ssvc": "act"}, True),
        ("priority>=attend", {}, False),
        ("priority>=70", {"priority": 70.0}, True),
        ("priority>=70", {"priority": 69.9}, False),
        ("none", {"severity": "critical", "kev": True}, False),
    ],
)
def test_a_gate_stops_at_what_it_names(fail_on: str, more: dict[str, Any], stopped: bool):
    one = row("CVE-2026-1", **more)
    assert is_gate(fail_on)
    assert stops(one, fail_on) == stopped
    assert gate([], READ, [], fail_on, [one])[0] == int(stopped)


@pytest.mark.parametrize("text", ["priority>=", "priority>=101", "priority>=-1", "priority>act", "KEV", "hihg", ""])
def test_what_is_no_gate_is_refused(text: str):
    assert not is_gate(text)


def test_the_baseline_and_waivers_are_not_gated_on():
    rows = [row("CVE-2026-1", status="waived"), row("CVE-2026-2", fingerprint="known"), row("CVE-2026-3")]
    assert [one.id for one in counted(rows, {"known"})] == ["CVE-2026-3"]
