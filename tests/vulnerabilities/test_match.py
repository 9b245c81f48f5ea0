"""Packages held against advisories, each source by its own semantics. Records are real where a file is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from batten import limits
from batten.model.package import Distribution, Package
from batten.model.vulnerability import Coverage
from vulnerabilities.support import (
    ALPINE,
    STRETCH,
    apk,
    database,
    deb,
    facts,
    matched,
    only,
    osv,
    package,
    rpm,
    secdb,
    tracker,
)


# ---------------------------------------------------------------------------- whose version is compared
def test_debian_speaks_of_source_packages(tmp_path: Path) -> None:
    feed = tracker(openssl={"CVE-2024-1": {"status": "resolved", "fixed_version": "3.0.14-1", "urgency": "high"}})
    found = matched(tmp_path, [deb("libssl3", "3.0.13-1+b1", "openssl", source_version="3.0.13-1")], feed)
    row = only(found)
    assert (row.id, row.name, row.installed, row.fixed) == ("CVE-2024-1", "libssl3", "3.0.13-1+b1", "3.0.14-1")
    assert (row.status, row.severity, row.severity_source, row.source) == ("affected", "high", "debian", "debian")
    assert row.remediation == "update libssl3 to 3.0.14-1"


def test_the_version_of_the_source_is_compared_not_the_binarys(tmp_path: Path) -> None:
    feed = tracker(gcc_defaults={"CVE-2024-1": {"status": "resolved", "fixed_version": "1.200", "urgency": "low"}})
    newer = deb("g++", "4:12.2.0-3", "gcc-defaults", source_version="1.203")
    older = deb("gcc", "4:12.2.0-3", "gcc-defaults", source_version="1.199")
    assert only(matched(tmp_path, [newer, older], feed)).name == "gcc"


def test_a_binary_package_of_the_name_of_another_source_is_not_meant(tmp_path: Path) -> None:
    feed = tracker(python={"CVE-2024-1": {"status": "open", "urgency": "low"}})
    assert not matched(tmp_path, [deb("python", "2.7-1", "what-is-python")], feed).rows


def test_alma_speaks_of_binary_packages_and_epochs_go_first(tmp_path: Path) -> None:
    feed = osv("ALSA-2024:1", "AlmaLinux:8", "bind", ("introduced", "0"), ("fixed", "32:9.11.36-14.el8"))
    feed["related"] = ["CVE-2024-1", "CVE-2024-2"]
    found = matched(tmp_path, [rpm("bind", "32:9.11.36-11.el8"), rpm("bind-libs", "32:9.11.36-11.el8", "bind")], feed)
    assert [(row.id, row.name) for row in found.rows] == [("CVE-2024-1", "bind"), ("CVE-2024-2", "bind")]
    assert not matched(tmp_path, [rpm("bind", "33:9.0-1.el8")], feed).rows


# --------------------------------------------------------------------------------- module streams
def test_a_module_is_compared_inside_its_stream_alone(tmp_path: Path) -> None:
    feed = osv("ALSA-2024:2", "AlmaLinux:8", "nodejs", ("introduced", "0"), ("fixed", "1:18.20.2-1.module_el8.9.0+1+a"))
    feed |= {"related": ["CVE-2024-3"], "summary": "Important: nodejs:18 security update"}
    old = "1:16.20.2-4.module_el8.9.0+3+b"
    assert not matched(tmp_path / "a", [rpm("nodejs", old, module="nodejs:16")], feed).rows
    assert not matched(tmp_path / "b", [rpm("nodejs", "1:10.0-1.el8")], feed).rows
    mine = rpm("nodejs", "1:18.19.0-1.module_el8.9.0+2+c", module="nodejs:18")
    assert only(matched(tmp_path / "c", [mine], feed)).id == "CVE-2024-3"


def test_a_module_of_an_unknown_stream_is_not_matched_and_told(tmp_path: Path) -> None:
    feed = osv("ALSA-2024:2", "AlmaLinux:8", "nodejs", ("introduced", "0"), ("fixed", "1:18.20.2-1.module_el8.9.0+1+a"))
    feed |= {"related": ["CVE-2024-3"], "summary": "Important: nodejs:18 security update"}
    plain = osv("ALSA-2024:3", "AlmaLinux:8", "nodejs", ("introduced", "0"), ("fixed", "1:99-1.el8"))
    found = matched(tmp_path / "a", [rpm("nodejs", "1:16.20.2-4.module_el8.9.0+3+b")], feed, plain)
    assert not found.rows
    (problem,) = found.problems
    assert "of which stream is not known" in problem.message


def test_a_package_of_no_module_matches_no_modular_notice(tmp_path: Path) -> None:
    feed = osv("ALSA-2024:2", "AlmaLinux:8", "varnish", ("introduced", "0"), ("fixed", "6.0.8-4.module_el8.9.0+1+a"))
    feed["summary"] = "Important: varnish security update"  # the title names no stream
    assert not matched(tmp_path / "a", [rpm("varnish", "5.0-1.el8")], feed).rows
    feed["summary"] = "Important: varnish:6/varnish security update"
    mine = rpm("varnish", "6.0.8-1.module_el8.9.0+1+a", module="varnish:6")
    assert only(matched(tmp_path / "b", [mine], feed)).id == "ALSA-2024:2"
    plain = osv("ALSA-2024:3", "AlmaLinux:8", "varnish", ("introduced", "0"), ("fixed", "99-1.el8"))
    assert not matched(tmp_path / "c", [mine], plain).rows


def test_what_red_hat_says_of_a_source_holds_for_packages_it_does_not_name(tmp_path: Path) -> None:
    rhel = Distribution("rhel", "9.4")
    feed = redhat_vex({"known_affected": ["edk2.src", "shim.src", "shim-x64"], "known_not_affected": ["shim-ia32"]})
    packages = [
        rpm(name, "1-1.el9", source, distribution=rhel)
        for name, source in (("edk2-ovmf", "edk2"), ("shim-x64", "shim"), ("shim-ia32", "shim"), ("shim-aa64", "shim"))
    ]
    rows = matched(tmp_path, packages, feed).rows
    assert [row.name for row in rows if row.status == "affected"] == ["edk2-ovmf", "shim-x64", "shim-aa64"]
    modular = rpm("edk2-ovmf", "1-1.el9", "edk2", distribution=rhel, module="virt:rhel")
    assert not matched(tmp_path / "b", [modular], feed).rows


def redhat_vex(status: dict[str, list[str]]) -> dict[str, Any]:
    names = [name for some in status.values() for name in some]
    cpe = "cpe:/o:redhat:enterprise_linux:9::baseos"
    place = {"name": "BaseOS", "product_id": "BaseOS", "product_identification_helper": {"cpe": cpe}}
    branches: list[dict[str, Any]] = [{"category": "product_name", "name": "BaseOS", "product": place}]
    branches += [
        {"category": "product_version", "name": one, "product": {"name": one, "product_id": one}} for one in names
    ]
    return {
        "document": {
            "category": "csaf_vex",
            "publisher": {"name": "Red Hat Product Security"},
            "tracking": {"id": "CVE-2024-9", "current_release_date": "2024-05-01T00:00:00Z"},
        },
        "product_tree": {
            "branches": branches,
            "relationships": [
                {
                    "category": "default_component_of",
                    "full_product_name": {"name": "x", "product_id": f"BaseOS:{one}"},
                    "product_reference": one,
                    "relates_to_product_reference": "BaseOS",
                }
                for one in names
            ],
        },
        "vulnerabilities": [
            {
                "cve": "CVE-2024-9",
                "product_status": {key: [f"BaseOS:{one}" for one in some] for key, some in status.items()},
            }
        ],
    }


def test_bug_fixes_are_no_vulnerabilities(tmp_path: Path) -> None:
    assert not matched(tmp_path, [rpm("krb5-libs", "1.18.0-1.el8")], "osv/ALBA-2021_4378.json").rows


# ------------------------------------------------------------------------- statuses in the source's words
def test_never_affected(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"}})
    assert not matched(tmp_path, [deb("curl", "7.88-1")], feed).rows


def test_open_without_a_fix(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "unimportant"}})
    row = only(matched(tmp_path, [deb("curl", "7.88-1")], feed))
    assert (row.status, row.fixed, row.severity, row.remediation) == ("affected", "", "negligible", "")


def test_no_dsa_keeps_the_words(tmp_path: Path) -> None:
    said = {"status": "open", "urgency": "low", "nodsa": "Minor issue", "nodsa_reason": "postponed"}
    row = only(matched(tmp_path, [deb("curl", "7.88-1")], tracker(curl={"CVE-2024-1": said})))
    assert "postponed" in row.statements[0].reason


def test_end_of_life(tmp_path: Path) -> None:
    said = {"status": "open", "urgency": "end-of-life"}
    row = only(matched(tmp_path, [deb("curl", "7.88-1")], tracker(curl={"CVE-2024-1": said})))
    assert (row.status, row.statements[0].reason) == ("will_not_fix", "end-of-life")


def test_end_of_life_in_osv(tmp_path: Path) -> None:
    ended = {"urgency": "end-of-life"}
    feed = osv("DEBIAN-CVE-2024-1", "Debian:12", "curl", ("introduced", "0"))
    feed["affected"][0]["ecosystem_specific"] = ended
    row = only(matched(tmp_path / "a", [deb("curl", "7.88-1")], feed))
    assert (row.status, row.statements[0].reason) == ("will_not_fix", "end-of-life")
    feed = osv("DEBIAN-CVE-2024-1", "Debian:12", "curl", ("introduced", "0"), ("fixed", "7.89"))
    feed["affected"][0]["ecosystem_specific"] = ended
    assert only(matched(tmp_path / "b", [deb("curl", "7.88-1")], feed)).status == "affected"


def test_a_decision_that_a_fix_has_overtaken_is_not_told(tmp_path: Path) -> None:
    said = {"status": "resolved", "fixed_version": "7.89", "urgency": "low", "nodsa": "x", "nodsa_reason": "ignored"}
    row = only(matched(tmp_path, [deb("curl", "7.88-1")], tracker(curl={"CVE-2024-1": said})))
    assert (row.status, row.fixed, row.statements[0].reason) == ("affected", "7.89", "")


def test_real_tracker_records(tmp_path: Path) -> None:
    old = deb("txt2man", "1.5.5-4", distribution=STRETCH)
    row = only(matched(tmp_path, [old, deb("prototypejs", "1.7.1-3", distribution=STRETCH)], "debian/tracker.json"))
    assert (row.id, row.fixed, row.severity) == ("CVE-2013-1444", "1.5.5-4.1", "low")


def test_alpine_zero_is_never_affected(tmp_path: Path) -> None:
    feed = secdb({"nginx": {"0": ["CVE-2024-1"], "1.26.2-r0": ["CVE-2024-2 CVE-2024-3"]}})
    found = matched(tmp_path, [apk("nginx-mod-http-js", "1.26.1-r0", "nginx")], feed)
    assert [row.id for row in found.rows] == ["CVE-2024-2", "CVE-2024-3"]
    assert not matched(tmp_path, [apk("nginx", "1.26.2-r0")], feed).rows


def test_wolfi_real_records(tmp_path: Path) -> None:
    wolfi = Distribution("wolfi", "20230201")
    old = apk("nginx-mainline", "1.25.3-r0", distribution=wolfi)
    found = matched(tmp_path, [old], "secdb/wolfi.json")
    assert {row.fixed for row in found.rows} == {"1.25.4-r0", "1.27.0-r0"}
    assert "CVE-2025-1695" not in {row.id for row in found.rows}, "it was never affected"


def test_withdrawn_matches_nothing(tmp_path: Path) -> None:
    assert not matched(tmp_path, [package("pypi", "plone", "2.5")], "osv/pysec-withdrawn.json").rows


def test_unmaintained_is_no_flaw(tmp_path: Path) -> None:
    assert not matched(tmp_path, [package("cargo", "libusb", "0.3.0")], "osv/rustsec-unmaintained.json").rows


def test_lines_of_releases_of_one_record_do_not_differ(tmp_path: Path) -> None:
    feed = osv("GHSA-xvch-5gv4-984h", "npm", "minimist", ("introduced", "0"), ("fixed", "0.2.4"))
    later = osv("GHSA-xvch-5gv4-984h", "npm", "minimist", ("introduced", "1.0.0"), ("fixed", "1.2.6"))
    feed["affected"] += later["affected"]
    for version, fixed in (("0.0.8", "0.2.4"), ("1.2.0", "1.2.6")):
        row = only(matched(tmp_path, [package("npm", "minimist", version)], feed))
        assert (row.status, row.fixed, row.disagreement) == ("affected", fixed, "")
        assert (row.confidence, len(row.statements)) == ("high", 1)
    for version in ("0.2.4", "0.3.0", "1.2.6"):
        assert not matched(tmp_path, [package("npm", "minimist", version)], feed).rows


def test_several_ranges_with_last_affected(tmp_path: Path) -> None:
    feed = "osv/bitnami-several-ranges.json"
    affected = [package("bitnami", "ceph", text) for text in ("14.2.5", "14.2.6", "15.0.0")]
    free = [package("bitnami", "ceph", text) for text in ("14.2.4", "14.2.7", "15.0.1")]
    found = matched(tmp_path, [*affected, *free], feed)
    assert [row.installed for row in found.rows] == ["14.2.5", "14.2.6", "15.0.0"]


def test_other_products_of_the_distribution_are_not_meant(tmp_path: Path) -> None:
    ubuntu = Distribution("ubuntu", "16.04", "xenial")
    assert not matched(tmp_path, [deb("wolfssl", "3.4.8", distribution=ubuntu)], "osv/UBUNTU-CVE-2014-2901.json").rows


def test_a_changelog_speaks_of_the_build_for_a_release_as_well(tmp_path: Path) -> None:
    feed = osv("DEBIAN-CVE-2024-1", "Debian:12", "less", ("introduced", "0"), ("fixed", "590-2.1"))
    feed |= {"upstream": ["CVE-2024-1"], "database_specific": {"derived_from": "changelog"}}
    assert not matched(tmp_path / "a", [deb("less", "590-2.1~deb12u2")], feed).rows
    assert only(matched(tmp_path / "b", [deb("less", "590-2")], feed)).fixed == "590-2.1"


# --------------------------------------------------------------------------------------- identifiers
def test_one_row_for_all_names_of_a_flaw(tmp_path: Path) -> None:
    one = osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"), aliases=["CVE-2024-1"])
    two = osv("GHSA-aaaa-bbbb-cccc", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.1"))
    two["aliases"] = ["CVE-2024-1"]
    row = only(matched(tmp_path, [package("pypi", "Requests", "2.31.0")], one, two))
    assert row.id == "CVE-2024-1"
    assert row.aliases == ("GHSA-aaaa-bbbb-cccc", "PYSEC-2024-1")
    assert row.fixed == "2.32.1", "only the higher one mends it by everybody's word"
    assert row.disagreement == "sources differ: ghsa: affected before 2.32.1; pypa: affected before 2.32.0"


def test_a_notice_on_several_flaws_joins_none_of_them(tmp_path: Path) -> None:
    bullseye = Distribution("debian", "11", "bullseye")
    found = matched(tmp_path, [deb("openssl", "1.1.1n-0+deb11u3", distribution=bullseye)], "osv/DSA.json")
    assert [row.id for row in found.rows] == [
        "CVE-2022-2097",
        "CVE-2022-4304",
        "CVE-2022-4450",
        "CVE-2023-0215",
        "CVE-2023-0286",
    ]
    assert {row.statements[0].id for row in found.rows} == {"DSA-5343-1"}


def test_names_beside_several_cves_are_theirs(tmp_path: Path) -> None:
    etcd = package("golang", "go.etcd.io/etcd", "0.5.0-alpha.4")
    found = matched(tmp_path, [etcd], "osv/go-two-cves.json")
    assert [row.id for row in found.rows] == ["CVE-2020-15106", "CVE-2020-15112"]


def test_without_a_cve_the_sources_name_is_shown(tmp_path: Path) -> None:
    feed = osv("GHSA-aaaa-bbbb-cccc", "npm", "@shop/web", ("introduced", "1.0.0"), ("fixed", "1.4.0"))
    row = only(matched(tmp_path, [package("npm", "@shop/web", "1.3.0")], feed))
    assert (row.id, row.name, row.epss) == ("GHSA-aaaa-bbbb-cccc", "@shop/web", None)


def test_a_name_that_another_package_s_advisory_tells_joins(tmp_path: Path) -> None:
    feeds = [
        osv("GHSA-aaaa-bbbb-cccc", "npm", "a", ("introduced", "0"), ("fixed", "2.0.0")),
        osv("RUSTSEC-2024-1", "npm", "a", ("introduced", "0"), ("fixed", "2.0.0"), aliases=["CVE-2024-1"]),
        osv("OTHER-1", "npm", "b", ("introduced", "0"), aliases=["CVE-2024-1", "GHSA-aaaa-bbbb-cccc"]),
    ]
    assert only(matched(tmp_path, [package("npm", "a", "1.0.0")], *feeds)).id == "CVE-2024-1"


# ------------------------------------------------------------------------------------- languages
def test_names_are_normalised(tmp_path: Path) -> None:
    feed = osv("PYSEC-2024-1", "PyPI", "zope.interface", ("introduced", "0"))
    assert only(matched(tmp_path, [package("pypi", "Zope_Interface", "5.0")], feed)).name == "Zope_Interface"


def test_maven_coordinates(tmp_path: Path) -> None:
    jar = package("maven", "org.apache.any23/apache-any23", "2.4")
    row = only(matched(tmp_path, [jar], "osv/GHSA-838r-hvwh-24h8.json"))
    assert (row.id, row.name, row.fixed) == ("CVE-2021-38555", "org.apache.any23:apache-any23", "2.5")


def test_the_standard_library_of_go(tmp_path: Path) -> None:
    feed = osv("GO-2024-1", "Go", "stdlib", ("introduced", "1.21.0"), ("fixed", "1.21.8"), aliases=["CVE-2024-1"])
    found = matched(tmp_path, [package("golang", "stdlib", text) for text in ("1.21.7", "1.21.8", "1.20.1")], feed)
    assert only(found).installed == "1.21.7"


def test_a_local_part_is_the_same_release(tmp_path: Path) -> None:
    feed = osv("PYSEC-2024-1", "PyPI", "torch", ("introduced", "0"), ("last_affected", "2.1.0"))
    assert only(matched(tmp_path, [package("pypi", "torch", "2.1.0+cu118")], feed)).installed == "2.1.0+cu118"


def test_a_version_of_no_scheme_is_told_not_passed_over(tmp_path: Path) -> None:
    feed = osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), ("fixed", "2"))
    found = matched(tmp_path, [package("pypi", "x", "see setup.py")], feed)
    assert not found.rows
    assert len(found.problems) == 1
    assert "x see setup.py was not matched" in found.problems[0].message
    assert not found.problems[0].severe


def test_ranges_that_nobody_can_read_are_under_investigation(tmp_path: Path) -> None:
    feed = osv("GHSA-aaaa-bbbb-cccc", "npm", "a", ("introduced", "0"), ("fixed", "next major"))
    row = only(matched(tmp_path, [package("npm", "a", "1.0.0")], feed))
    assert (row.status, row.confidence) == ("under_investigation", "low")


def test_sources_that_differ_are_both_shown(tmp_path: Path) -> None:
    says_open = osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"), aliases=["CVE-2024-1"])
    says_mended = osv("GHSA-aaaa-bbbb-cccc", "PyPI", "x", ("introduced", "0"), ("fixed", "1.5"), aliases=["CVE-2024-1"])
    row = only(matched(tmp_path, [package("pypi", "x", "2.0")], says_open, says_mended))
    assert (row.status, row.confidence) == ("affected", "medium")
    assert row.disagreement == "sources differ: pypa: affected, no fix; ghsa: fixed in 1.5"


def test_a_source_that_lists_the_unmended_goes_before_one_that_does_not(tmp_path: Path) -> None:
    changelog = osv("DEBIAN-CVE-2024-1", "Debian:12", "curl", ("introduced", "0"), ("fixed", "9-1"))
    changelog |= {"upstream": ["CVE-2024-1"], "database_specific": {"derived_from": "changelog"}}
    never = tracker(curl={"CVE-2024-1": {"status": "resolved", "fixed_version": "0", "urgency": "low"}})
    assert not matched(tmp_path / "a", [deb("curl", "8-1")], changelog, never).rows
    still = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "low"}})
    row = only(matched(tmp_path / "b", [deb("curl", "8-1")], changelog, still))
    assert (row.source, row.fixed) == ("debian", "")
    assert row.disagreement == "sources differ: debian: affected, no fix; debian-changelogs: affected before 9-1"


def test_a_program_known_by_its_version_string(tmp_path: Path) -> None:
    feed = osv("BIT-redis-2024-1", "Bitnami", "redis", ("introduced", "0"), ("fixed", "7.2.5"), aliases=["CVE-2024-1"])
    row = only(matched(tmp_path, [package("generic", "redis", "7.2.4", evidence="redis 7.2.4")], feed))
    assert (row.confidence, row.fixed) == ("medium", "7.2.5")
    assert "version in the program itself" in row.statements[0].reason


# -------------------------------------------------------------------------------------- ownership
PYTHON = osv("PYSEC-2024-1", "PyPI", "requests", ("introduced", "0"), ("fixed", "2.32.0"), aliases=["CVE-2024-1"])


def owned(by: Package) -> Package:
    return package(
        "pypi",
        "requests",
        "2.28.1",
        owner=by.purl,
        distribution=by.distribution,
        paths=("usr/lib/python3/dist-packages/requests-2.28.1.dist-info/METADATA",),
    )


def test_the_distribution_s_fix_holds_for_what_it_owns(tmp_path: Path) -> None:
    has = deb("python3-requests", "2.28.1+dfsg-1+deb12u1", "requests")
    said = {"status": "resolved", "fixed_version": "2.28.1+dfsg-1+deb12u1", "urgency": "low"}
    row = only(matched(tmp_path, [has, owned(has)], PYTHON, tracker(requests={"CVE-2024-1": said})))
    assert (row.status, row.name, row.source) == ("fixed", "requests", "debian")
    assert "says debian: fixed in 2.28.1+dfsg-1+deb12u1" in row.statements[0].reason


def test_a_flaw_that_the_distribution_has_open_is_told_once(tmp_path: Path) -> None:
    has = deb("python3-requests", "2.28.1+dfsg-1", "requests")
    feed = tracker(requests={"CVE-2024-1": {"status": "open", "urgency": "low"}})
    assert only(matched(tmp_path, [has, owned(has)], PYTHON, feed)).name == "python3-requests"


def test_silence_of_a_source_that_lists_the_unmended_counts(tmp_path: Path) -> None:
    has = deb("python3-requests", "2.28.1+dfsg-1", "requests")
    feed = tracker(curl={"CVE-2020-1": {"status": "open", "urgency": "low"}})
    row = only(matched(tmp_path, [has, owned(has)], PYTHON, feed))
    assert (row.status, row.source) == ("not_affected", "debian")
    assert "knows no such flaw of it" in row.statements[0].reason


def test_silence_of_a_source_of_mended_flaws_does_not(tmp_path: Path) -> None:
    has = apk("py3-requests", "2.28.1-r0")
    feed = secdb({"curl": {"8.0-r0": ["CVE-2020-1"]}})
    row = only(matched(tmp_path, [has, owned(has)], PYTHON, feed))
    assert (row.status, row.name, row.confidence) == ("affected", "requests", "medium")
    assert "whose sources list mended flaws alone" in row.statements[0].reason


# --------------------------------------------------------------------------- kernels, other vendors
def test_headers_of_the_kernel_are_not_affected(tmp_path: Path) -> None:
    feed = tracker(linux={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    row = only(matched(tmp_path, [deb("linux-libc-dev", "6.1.90-1", "linux")], feed))
    assert (row.status, row.source) == ("not_affected", "batten")
    assert row.statements[0].reason.startswith("vulnerable_code_not_present: ")


def test_another_vendor_s_package_is_judged_with_less_confidence(tmp_path: Path) -> None:
    feed = tracker(nodejs={"CVE-2024-1": {"status": "resolved", "fixed_version": "18.20.0-1", "urgency": "high"}})
    theirs = deb("nodejs", "18.19.0-1nodesource1", vendor="Ivan Iguaran <ivan@nodesource.com>")
    row = only(matched(tmp_path, [theirs], feed))
    assert row.confidence == "medium"
    assert "packaged by Ivan Iguaran" in row.statements[0].reason


def test_a_debian_maintainer_may_write_from_anywhere(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    assert only(matched(tmp_path, [deb("curl", "7.88-1", vendor="A B <ab@gmail.com>")], feed)).confidence == "high"


# ------------------------------------------------------------------------------- facts and coverage
def test_facts_of_attacks(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1000": {"status": "open", "urgency": "high"}})
    row = only(matched(tmp_path, [deb("curl", "7.88-1")], feed, *facts(["CVE-2024-1000"], {"CVE-2024-1000": 0.25})))
    assert (row.kev, row.kev_due, row.ransomware, row.exploit) == (True, "2026-01-22", True, "active")
    assert (row.epss, row.epss_date) == (0.25, "2026-01-01")


def test_another_product_s_notice_gives_no_title(tmp_path: Path) -> None:
    feed = tracker(openssl={"CVE-2024-1000": {"status": "open", "urgency": "high"}})
    other = osv("CVE-2024-1000", "Packagist", "x/y", ("introduced", "0"), ("fixed", "2"), summary="x/y before 2 ...")
    assert only(matched(tmp_path, [deb("openssl", "3.0.9-1")], other, feed)).summary == ""


def test_the_title_is_that_of_the_record_else_of_who_decides(tmp_path: Path) -> None:
    body = {"CVE-2024-1000": {"description": "The flaw", "releases": {"bookworm": {"status": "open"}}}}
    told = ("tracker.json", msgspec.json.encode({"openssl": body}))
    other = osv("CVE-2024-1000", "Packagist", "x/y", ("introduced", "0"), ("fixed", "2"), summary="x/y before 2 ...")
    packages = [deb("openssl", "3.0.9-1"), package("composer", "x/y", "1.0")]
    found = matched(tmp_path, packages, other, told)
    assert {row.name: row.summary for row in found.rows} == {"openssl": "The flaw", "x/y": "x/y before 2 ..."}


def test_what_no_source_speaks_of_is_counted(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    slackware = deb("curl", "1-1", distribution=Distribution("slackware", "15.0"))
    found = matched(tmp_path, [deb("curl", "8-1"), slackware, package("conda", "x", "1"), apk("a", "1-r0")], feed)
    assert found.coverage == [
        Coverage(ecosystem="alpine:3.20", packages=1, sources=()),
        Coverage(ecosystem="conda", packages=1, sources=()),
        Coverage(ecosystem="deb (slackware 15.0)", packages=1, sources=()),
        Coverage(ecosystem="debian:12", packages=1, sources=("debian",), known=1, few=True),
    ]


def test_what_holds_for_a_distribution_from_another_s_source_covers_it(tmp_path: Path) -> None:
    """Chainguard's images are made of Wolfi's packages, too."""
    feed = {"apkurl": "x", "packages": [{"pkg": {"name": "openssl", "secfixes": {"3.1.4-r0": ["CVE-2023-5363"]}}}]}
    image = Distribution("chainguard", "20230214")
    found = matched(
        tmp_path, [apk("openssl", "3.1.0-r0", distribution=image)], ("wolfi.json", json.dumps(feed).encode())
    )
    assert [row.id for row in found.rows] == ["CVE-2023-5363"]
    assert found.coverage == [Coverage(ecosystem="chainguard", packages=1, sources=("wolfi",), known=1, few=True)]


def test_a_source_counts_as_asked_only_where_it_may_know_the_name(tmp_path: Path) -> None:
    feed = tracker(openssl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    packages = [deb("libssl3", "3.0.9-1", origin="inspector"), deb("openssl", "3.0.9-1", origin="inspector")]
    packages = [replace(one, source=None) for one in packages]
    packages.append(replace(deb("bash", "5.2-1"), source=None))
    found = matched(tmp_path, packages, feed)
    assert [row.name for row in found.rows] == ["openssl"]
    assert found.coverage == [
        Coverage(ecosystem="debian:12", packages=2, sources=("debian",), known=1, few=True),
        Coverage(ecosystem="debian:12, named without the source package", packages=1, sources=()),
    ]


def test_packages_of_one_source_share_what_is_said(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    rows = matched(tmp_path, [deb("curl", "8-1"), deb("libcurl4", "8-1", "curl")], feed).rows
    assert [row.name for row in rows] == ["curl", "libcurl4"]
    assert len({row.fingerprint for row in rows}) == 2


# ---------------------------------------------------------------------------------- fingerprints
def test_fingerprints_hold_over_updates_and_new_builds(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})

    def seen(where: str, version: str, target: str) -> str:
        return only(matched(tmp_path / where, [deb("curl", version, target=target)], feed)).fingerprint

    first = seen("a", "7.88-1", "image:shop/web:1")
    assert len(first) == 32
    assert seen("b", "7.88-2", f"image:docker.io/shop/web@sha256:{'0' * 64}") == first
    assert seen("c", "7.88-1", "image:shop/api:1") != first


def test_copies_of_a_library_are_told_apart_by_their_place(tmp_path: Path) -> None:
    feed = osv("PYSEC-2024-1", "PyPI", "x", ("introduced", "0"))
    some = [package("pypi", "x", "1", paths=(path,)) for path in ("a/x.dist-info", "b/x.dist-info")]
    assert len({row.fingerprint for row in matched(tmp_path, some, feed).rows}) == 2


def test_rows_have_a_bound_and_what_is_lost_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "VULNERABILITY_ROWS", 10)
    flaws = {f"CVE-2024-{number}": {"status": "open", "urgency": "high"} for number in range(8)}
    packages = [deb("linux-libc-dev", "6.1-1", "linux"), deb("curl", "8-1")]
    found = matched(tmp_path, packages, tracker(linux=flaws, curl=flaws))
    assert [row.name for row in found.rows] == ["linux-libc-dev"] * 5 + ["curl"] * 5
    (problem,) = found.problems
    assert problem.message.startswith("expected at most 10 vulnerabilities in all, found 6 more")
    assert problem.severe


def test_no_distribution_no_rows(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    found = matched(tmp_path, [package("deb", "debian/curl", "1-1")], feed)
    assert not found.rows
    assert found.coverage[0].ecosystem == "deb (no distribution)"


def test_alpine_release_is_told_by_two_numbers(tmp_path: Path) -> None:
    feed = secdb({"curl": {"8.9-r0": ["CVE-2024-1"]}}, "v3.19")
    assert ALPINE.version == "3.20.3"
    assert not matched(tmp_path, [apk("curl", "8.8-r0")], feed).rows


def test_a_thousand_packages_ask_once_for_each_ecosystem(tmp_path: Path) -> None:
    feed = tracker(curl={"CVE-2024-1": {"status": "open", "urgency": "high"}})
    asked: list[str] = []
    with database(tmp_path, feed) as db:
        before = db.advisories
        db.advisories = lambda ecosystem, names: asked.append(ecosystem) or before(ecosystem, names)  # type: ignore[method-assign,func-returns-value]
        from batten.vulnerabilities.match import match

        match([deb(f"p{number}", "1-1", "curl") for number in range(1000)], db)
    assert asked == ["debian:12"]
