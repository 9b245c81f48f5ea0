from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from batten.model.source import Problem
from batten.model.vulnerability import (
    Coverage,
    PackageRow,
    Reason,
    SharedUpdate,
    SourceState,
    UpdateStep,
    Vulnerability,
    VulnerabilityCount,
)
from batten.report import Options
from batten.report.terminal import Terminal
from batten.report.vulnerable import count_text, together, vulnerability_lines
from report.sample import report as sample

TARGET = "image:shop/web"


def row(name: str, package: str, **more: Any) -> Vulnerability:
    given: dict[str, Any] = {"severity": "high", "priority": 50.0, "fixed": "3.0.2", "status": "affected", **more}
    purl = f"pkg:deb/debian/{package}@3.0.1"
    return Vulnerability(id=name, package=purl, name=package, installed="3.0.1", target=TARGET, **given)


def lines(*rows: Vulnerability, plan: tuple[UpdateStep, ...] = (), limit: int = 0, **more: Any) -> str:
    package = PackageRow(
        purl="pkg:deb/debian/openssl@3.0.1", name="openssl", version="3.0.1", type="deb", target=TARGET
    )
    report = replace(sample(), vulnerabilities=list(rows), packages=[package], plan=list(plan), **more)
    options = Options(width=100, limit=limit)
    return "\n".join(vulnerability_lines(report, options, Terminal(options)))


def test_packages_of_one_source_stand_in_one_row():
    rows = [row("CVE-2026-1", "openssl"), row("CVE-2026-1", "libssl3"), row("CVE-2026-2", "libssl3")]
    assert [(one.id, names) for one, names in together(rows)] == [
        ("CVE-2026-1", ["openssl", "libssl3"]),
        ("CVE-2026-2", ["libssl3"]),
    ]
    assert "openssl, libssl3 3.0.1 → 3.0.2" in lines(*rows)


def test_a_cut_list_names_all_packages_of_the_last_row():
    rows = [row("CVE-2026-1", "openssl"), row("CVE-2026-2", "curl"), row("CVE-2026-1", "libssl3")]
    text = lines(*rows, limit=1)
    assert "openssl, libssl3 3.0.1 → 3.0.2" in text
    assert "… 1 less urgent" in text


def test_a_row_says_why_it_stands_where_it_stands():
    reasons = (
        Reason("kev", 1.0, "known to be exploited"),
        Reason("exposure", 1.0, "reachable through Ingress web"),
    )
    text = lines(row("CVE-2026-1", "openssl", reasons=reasons, ssvc="act", priority=91.2))
    assert "91.2 act" in text
    assert "known to be exploited; reachable through Ingress web" in text


def test_the_version_that_mends_is_never_cut_off():
    module = "golang.org/x/crypto"
    long = replace(row("CVE-2023-48795", module), installed="v0.0.0-20200622213623-75b288015ac9", fixed="0.17.0")
    text = lines(long, *(replace(row("CVE-2025-1", f"libperl-module-{n}"), fixed="9.9") for n in range(9)))
    words = " ".join(text.split())
    assert "v0.0.0-20200622213623-75b288015ac9 → 0.17.0" in words
    assert "libperl-module-0, libperl-module-1, libperl-module-2 and 6 more 3.0.1 → 9.9" in words


def test_the_updates_come_before_the_rows():
    step = UpdateStep(
        target=TARGET,
        kind="package",
        name="openssl",
        installed="3.0.1",
        to="3.0.2",
        removes=("CVE-2026-1",),
        of=2,
        remaining=1,
        risk=50.0,
        text="openssl 3.0.2: 1 of 2 gone",
    )
    text = lines(row("CVE-2026-1", "openssl"), plan=(step,))
    assert text.index("1. openssl 3.0.2: 1 of 2 gone") < text.index("CVE-2026-1")


def test_an_update_of_several_targets_is_told_once_over_all():
    fields: dict[str, Any] = {
        "kind": "package",
        "name": "openssl",
        "to": "3.0.2",
        "removes": ("CVE-2026-1",),
        "of": 3,
        "risk": 9.0,
    }
    both = SharedUpdate(targets=("image:a", "image:b"), gone=2, text="openssl 3.0.2: 2 of 3 gone in 2 images", **fields)
    text = lines(row("CVE-2026-1", "openssl"), shared_plan=[both])
    assert "what to update first over all of them:\n   1. openssl 3.0.2: 2 of 3 gone in 2 images" in text
    alone = SharedUpdate(targets=("image:a",), gone=1, text="openssl 3.0.2: 1 of 3 gone in image:a", **fields)
    assert "over all" not in lines(row("CVE-2026-1", "openssl"), shared_plan=[alone])


def test_what_is_cut_is_counted():
    text = lines(*(row(f"CVE-2026-{number}", "openssl") for number in range(5)), limit=2)
    assert "3 less urgent: batten scan --limit 0" in text


def test_without_an_update_the_row_says_so():
    assert "no update" in lines(row("CVE-2026-1", "openssl", fixed=""))


def test_what_no_source_speaks_of_is_named():
    text = lines(coverage=[Coverage(ecosystem="haskell", packages=3, sources=())])
    assert "3 packages of haskell" in text


def test_a_sample_of_advisories_is_told_with_its_size():
    thin = Coverage(ecosystem="ubuntu:22.04", packages=3, sources=("ubuntu",), known=9, few=True)
    text = lines(coverage=[thin, Coverage(ecosystem="pypi", packages=1, sources=("pypa",), known=1535)])
    assert "Few advisories are known, so that nothing is listed says little, of" in text
    assert "3 packages of ubuntu:22.04 (on 9 packages in all)" in text
    assert "pypi" not in text


def source(name: str, age: int | None) -> SourceState:
    facts: dict[str, Any] = {"ecosystems": (), "records": 1, "newest": "", "fetched": "", "licence": "", "origin": ""}
    return SourceState(name=name, age=age, **facts)


def test_old_advisories_are_told_where_they_were_used():
    covered = [Coverage(ecosystem="debian:12", packages=3, sources=("debian",), known=4000)]
    sources = [source("alpine", 90), source("debian", 8), source("epss", 104), source("kev", 7), source("nvd", None)]
    text = lines(coverage=covered, sources=sources)
    assert "Old advisories, which miss what was found since: debian 8 days, epss 104 days; `batten db update`" in text
    assert "Old" not in lines(coverage=covered, sources=[source("debian", 7), source("epss", 0)])
    assert "Old" not in lines(coverage=[], sources=sources)


def test_the_count_names_what_is_there():
    count = VulnerabilityCount(critical=1, high=2, fixable=3, exploited=1, waived=4)
    assert count_text(count) == (
        "3 vulnerabilities: 1 critical, 2 high · 3 with an update · 1 known to be exploited · 4 waived"
    )


def test_without_a_database_the_report_says_that_nothing_was_matched():
    problem = Problem("advisories.sqlite", "nothing was matched: expected a vulnerability database, found none")
    target = replace(sample().targets[0], problems=[problem])
    assert "nothing was matched" in lines(targets=[target], vulnerability_count=None)
    assert "nothing was matched" not in lines(targets=[target], vulnerability_count=VulnerabilityCount())


def test_lock_files_without_a_database_are_told_of_too():
    problem = Problem("2 packages of lock files", "not matched: there is no vulnerability database", severe=False)
    target = replace(sample().targets[0], problems=[problem])
    assert "2 packages of lock files: not matched" in lines(targets=[target], vulnerability_count=None)
