"""Each format keeps what its source means."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable
from typing import Any, cast

import pytest

from batten import limits
from batten.vulnerabilities.db import EVERYTHING, DatabaseError, Interval, Ssvc
from batten.vulnerabilities.db.importers import pages
from batten.vulnerabilities.ranges import Standing, standing

from .conftest import DATA, Built

Make = Callable[..., Built]


def osv(**fields: object) -> tuple[str, bytes]:
    """A small OSV record."""
    record = {"id": "X-1", "modified": "2024-01-01T00:00:00Z", "affected": [], **fields}
    return "record.json", json.dumps(record).encode()


def package(ecosystem: str, name: str, *events: dict[str, str], **more: object) -> dict[str, object]:
    return {
        "package": {"ecosystem": ecosystem, "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
        **more,
    }


# OSV


def test_an_advisory_of_github_keeps_its_words(built: Make) -> None:
    found = built("osv/GHSA-838r-hvwh-24h8.json")
    row = found.row("maven", "org.apache.any23:apache-any23")
    assert (row.source, row.unit, row.status, row.ranges) == ("ghsa", "package", "affected", (Interval("", "2.5"),))
    assert (row.severity, row.severity_word, row.aliases) == ("critical", "CRITICAL", ("CVE-2021-38555",))
    details = found.db.details([row.id])[row.id]
    assert details.cwes == ("CWE-611",)
    assert [(one.source, one.score) for one in details.scores] == [("ghsa", 9.1)]
    assert details.urls[0] == "https://nvd.nist.gov/vuln/detail/CVE-2021-38555"


def test_ranges_of_several_events_are_cut_into_intervals(built: Make) -> None:
    row = built("osv/bitnami-several-ranges.json").row("bitnami", "ceph")
    assert row.ranges == (
        Interval("14.2.5", "", "14.2.5"),
        Interval("14.2.6", "", "14.2.6"),
        Interval("15.0.0", "", "15.0.0"),
    )


def test_events_are_sorted_by_version_not_by_text(built: Make) -> None:
    events = ({"fixed": "1.9"}, {"introduced": "1.10"}, {"introduced": "0"}, {"fixed": "1.10.2"})
    row = built(osv(affected=[package("PyPI", "a", *events)])).row("pypi", "a")
    assert row.ranges == (Interval("", "1.9"), Interval("1.10", "1.10.2"))


def test_only_the_beginning_of_a_range_stands_for_everything_below_it(built: Make) -> None:
    events = ({"introduced": "0.0.0-rc.1"}, {"last_affected": "0.0.0"}, {"introduced": "1.1.3"}, {"fixed": "1.2.2"})
    row = built(osv(affected=[package("npm", "a", *events)])).row("npm", "a")
    assert row.ranges == (Interval("0.0.0-rc.1", "", "0.0.0"), Interval("1.1.3", "1.2.2"))


def test_events_that_cannot_be_compared_are_taken_as_they_stand(built: Make) -> None:
    events = ({"introduced": "one"}, {"fixed": "two"}, {"introduced": "three"})
    row = built(osv(affected=[package("PyPI", "a", *events)])).row("pypi", "a")
    assert row.ranges == (Interval("one", "two"), Interval("three"))


def test_git_ranges_match_no_version(built: Make) -> None:
    affected = {"package": {"ecosystem": "PyPI", "name": "a"}, "versions": ["1.0"]}
    affected["ranges"] = [{"type": "GIT", "repo": "x", "events": [{"introduced": "0"}]}]
    row = built(osv(affected=[affected])).row("pypi", "a")
    assert (row.ranges, row.versions) == ((), ("1.0",))


def test_the_last_known_version_of_github_ends_a_range(built: Make) -> None:
    known = {"last_known_affected_version_range": "<= 1.2.3"}
    affected = package("npm", "a", {"introduced": "1.0.0"}, database_specific=known)
    assert built(osv(affected=[affected])).row("npm", "a").ranges == (Interval("1.0.0", "", "1.2.3"),)


def test_a_withdrawn_advisory_stays_as_a_fact(built: Make) -> None:
    found = built("osv/pysec-withdrawn.json")
    ident = json.loads((DATA / "osv/pysec-withdrawn.json").read_bytes())["id"]
    assert found.db.details([ident])[ident].withdrawn
    name = json.loads((DATA / "osv/pysec-withdrawn.json").read_bytes())["affected"][0]["package"]["name"]
    assert found.row("pypi", name).withdrawn


def test_an_advisory_with_two_cves_joins_neither(built: Make) -> None:
    found = built("osv/go-two-cves.json")
    record = json.loads((DATA / "osv/go-two-cves.json").read_bytes())
    row = found.rows("golang", record["affected"][0]["package"]["name"])[0]
    assert row.aliases == ()
    assert {"CVE-2020-15106", "CVE-2020-15112"} <= set(row.upstream)
    assert found.db.aliases(["CVE-2020-15106", row.id]) == {}


def test_what_is_unmaintained_is_no_flaw(built: Make) -> None:
    found = built("osv/rustsec-unmaintained.json")
    record = json.loads((DATA / "osv/rustsec-unmaintained.json").read_bytes())
    assert found.row("cargo", record["affected"][0]["package"]["name"]).informational == "unmaintained"


def test_almalinux_names_flaws_severity_and_module_streams(built: Make) -> None:
    found = built("osv/ALSA-2023_5259.json", "osv/alsa-module.json", "osv/ALBA-2021_4378.json")
    row = found.row("alma:8", "mariadb")
    assert (row.unit, row.severity_word, row.severity, row.module) == ("binary", "Moderate", "medium", "mariadb:10.3")
    assert row.upstream
    assert all(name.startswith("CVE-") for name in row.upstream)
    stream = found.rows("alma:8", "nodejs-nodemon")[0]
    assert (stream.module, stream.informational) == ("nodejs:12", "bugfix")


@pytest.mark.parametrize(
    ("summary", "streams"),
    [
        ("Moderate: 389-ds:1.4 security update", ["389-ds:1.4"]),
        ("new module: mariadb:10.5", ["mariadb:10.5"]),
        ("Important: virt:rhel and virt-devel:rhel security update", ["virt-devel:rhel", "virt:rhel"]),
        ("Important: varnish security update", [""]),
    ],
)
def test_a_title_names_its_streams(built: Make, summary: str, streams: list[str]) -> None:
    affected = [package("AlmaLinux:8", "a", {"introduced": "0"}, {"fixed": "1.0-1.module_el8.5.0+1+2"})]
    affected.append(package("AlmaLinux:8", "b", {"introduced": "0"}, {"fixed": "1.0-1.el8"}))
    found = built(osv(id="ALSA-2024:1", summary=summary, affected=affected))
    assert sorted(row.module for row in found.rows("alma:8", "a")) == streams
    assert [row.module for row in found.rows("alma:8", "b")] == [""]


def test_a_notice_of_rocky_has_its_epoch(built: Make) -> None:
    row = built("osv/RLSA-2021_3891.json").row("rocky:8", "java-11-openjdk")
    assert (row.source, row.severity, row.unit) == ("rocky", "high", "binary")
    assert row.ranges[0].fixed.startswith("1:11.0.13")


def test_ubuntu_pro_is_an_ecosystem_of_its_own(built: Make) -> None:
    record = json.loads((DATA / "osv/UBUNTU-CVE-2014-2901.json").read_bytes())
    found = built("osv/UBUNTU-CVE-2014-2901.json")
    name = record["affected"][0]["package"]["name"]
    assert not found.rows("ubuntu:14.04", name)
    assert all(
        row.product for one in found.db.ecosystems() if one.startswith("ubuntu-pro:") for row in found.rows(one, name)
    )


def test_a_derived_identifier_is_the_same_flaw(built: Make) -> None:
    record = osv(
        id="UBUNTU-CVE-2024-6387",
        upstream=["CVE-2024-6387"],
        affected=[
            package("Ubuntu:22.04:LTS", "openssh", {"introduced": "0"}, ecosystem_specific={"ubuntu_priority": "high"})
        ],
    )
    row = built(record).row("ubuntu:22.04", "openssh")
    assert (row.aliases, row.upstream, row.unit) == (("CVE-2024-6387",), (), "source")
    assert (row.severity_word, row.comprehensive, row.ranges) == ("high", True, EVERYTHING)


def test_a_debian_notice_mends_flaws_and_is_none(built: Make) -> None:
    found = built("osv/DSA.json")
    row = found.row("debian:11", "openssl")
    assert (row.source, row.comprehensive, len(row.upstream)) == ("debian-security", False, 5)
    assert found.db.aliases(["CVE-2022-2097"]) == {}


# secdb


def test_the_version_zero_says_never_affected(built: Make) -> None:
    found = built("secdb/wolfi.json")
    rows = {row.id: row for row in found.rows("wolfi", "nginx-mainline")}
    assert (rows["CVE-2025-1695"].status, rows["CVE-2025-1695"].ranges) == ("not_affected", EVERYTHING)
    assert (rows["CVE-2023-44487"].status, rows["CVE-2023-44487"].ranges) == ("affected", (Interval("", "1.25.2-r4"),))
    assert rows["CVE-2023-44487"].unit == "source"


def test_minimos_calls_its_repository_as_wolfi_does(built: Make) -> None:
    package = {"name": "apko", "secfixes": {"0.7.3-r1": ["CVE-2023-28840"]}}
    database = {
        "apkurl": "{{urlprefix}}/{{reponame}}/{{arch}}/{{pkg.name}}-{{pkg.ver}}.apk",
        "reponame": "os",
        "urlprefix": "https://packages.mini.dev",
        "packages": [{"pkg": package}],
    }
    found = built(("security.json", json.dumps(database).encode()))
    assert found.row("minimos", "apko").source == "minimos"
    assert not found.rows("wolfi", "apko")


def test_a_release_of_alpine_is_an_ecosystem(built: Make) -> None:
    found = built("secdb/alpine-v3.10-community.json")
    assert found.row("alpine:3.10", "botan", "CVE-2018-20187").ranges == (Interval("", "2.9.0-r0"),)
    assert found.db.states()[0].records == 9  # flaws, not lines


def test_one_line_of_alpine_can_hold_several_identifiers(built: Make) -> None:
    fixes = {"4.11.1-r0": ["CVE-2019-17349 CVE-2019-17350 XSA-295", "XSA-328", "CVE-2019-1 (+ regression)"]}
    text = {"distroversion": "edge", "reponame": "main", "packages": [{"pkg": {"name": "xen", "secfixes": fixes}}]}
    found = built(("main.json", json.dumps(text).encode()))
    rows = {row.id: row for row in found.rows("alpine:edge", "xen")}
    assert set(rows) == {"CVE-2019-17349", "CVE-2019-17350", "XSA-328", "CVE-2019-1"}
    assert "XSA-295" in rows["CVE-2019-17349"].related


# Debian


def test_debians_tracker_keeps_its_decisions(built: Make) -> None:
    releases = {
        "bookworm": {"status": "resolved", "fixed_version": "1.2-1", "urgency": "high**"},
        "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
        "bullseye": {"status": "open", "urgency": "low", "nodsa": "Minor issue", "nodsa_reason": ""},
        "buster": {"status": "open", "urgency": "end-of-life"},
        "stretch": {"status": "open", "urgency": "medium", "nodsa": "x", "nodsa_reason": "ignored"},
        "jessie": {"status": "open", "urgency": "not yet assigned", "nodsa": "x", "nodsa_reason": "postponed"},
        "sid": {"status": "undetermined", "urgency": "unimportant"},
    }
    text = json.dumps({"zlib": {"CVE-2024-1": {"releases": releases, "description": "d"}}, "x": {"CVE-2024-1": {}}})
    found = built(("json", text.encode()))
    rows = {number: found.row(f"debian:{number}", "zlib") for number in ("8", "9", "10", "11", "12", "13", "sid")}
    assert (rows["12"].status, rows["12"].ranges, rows["12"].severity) == ("affected", (Interval("", "1.2-1"),), "high")
    assert (rows["13"].status, rows["13"].ranges) == ("not_affected", EVERYTHING)
    assert (rows["11"].status, rows["11"].reason, rows["11"].severity_word) == ("affected", "no-dsa", "low")
    assert (rows["10"].status, rows["10"].reason) == ("will_not_fix", "end-of-life")
    assert (rows["9"].status, rows["9"].reason) == ("will_not_fix", "ignored")
    assert (rows["8"].status, rows["8"].reason, rows["8"].severity) == ("affected", "postponed", "unknown")
    assert (rows["sid"].status, rows["sid"].reason) == ("under_investigation", "unimportant")
    assert rows["12"].comprehensive
    assert found.db.states()[0].records == 1


def test_what_names_packages_and_flaws_alone_is_not_debians_tracker(built: Make) -> None:
    echo = {"nginx": {"CVE-2021-3618": {"fixed_version": "1.21.0"}, "CVE-2009-2940": {}}}
    tracker = {"nginx": {"CVE-2021-3618": {"releases": {"bookworm": {"status": "open", "urgency": "low"}}}}}
    found = built(("echo.json", json.dumps(echo).encode()), ("tracker.json", json.dumps(tracker).encode()))
    assert [row.id for row in found.rows("debian:12", "nginx")] == ["CVE-2021-3618"]
    assert found.outcome.unknown == ("echo.json",)


def test_one_broken_flaw_of_the_tracker_is_named_and_the_rest_is_read(built: Make) -> None:
    found = built("debian/tracker.json")
    assert found.row("debian:9", "prototypejs", "CVE-2007-2383").status == "not_affected"
    (problem,) = found.outcome.problems
    assert not problem.lost
    assert "chromium-browser CVE-2022-0358" in problem.text


def test_debians_list_of_advisories(built: Make) -> None:
    found = built("debian/DSA-list")
    row = found.row("debian:12", "sope")
    assert (row.id, row.published, row.upstream) == ("DSA-5970-1", "2025-07-31", ("CVE-2025-53603",))
    assert row.ranges == (Interval("", "5.8.0-1+deb12u1"),)
    assert found.row("debian:7", "openjpeg").upstream == ()


# CSAF


def test_red_hats_vex_keeps_products_apart(built: Make) -> None:
    found = built("csaf/cve-2024-24786-simple.json")
    assert not found.rows("redhat:9", "cri-tools")
    row = found.row("redhat-openshift", "cri-tools")
    assert (row.id, row.product, row.severity) == ("CVE-2024-24786", "cpe:/a:redhat:openshift:4.16::el9", "medium")
    assert row.ranges == (Interval("", "1.29.0-3.1.el9"),)


def test_a_module_without_a_version_is_affected_in_its_stream(built: Make) -> None:
    row = built("csaf/cve-2024-24786-illegal-module.json").row("redhat:8", "go-toolset")
    assert (row.module, row.status, row.ranges, row.unit) == ("go-toolset:rhel8", "affected", EVERYTHING, "source")


def test_a_deleted_document_is_withdrawn(built: Make) -> None:
    found = built("csaf/delete_CVE-2023-0030.json")
    assert found.db.details(["CVE-2023-0030"])["CVE-2023-0030"].withdrawn


def test_a_notice_of_red_hat_names_its_flaws(built: Make) -> None:
    found = built("csaf/rhsa-2024_6163.json")
    row = found.row("redhat:9", "python3.9")
    assert (row.id, row.source, row.upstream) == ("RHSA-2024:6163", "redhat-errata", ("CVE-2024-8088",))
    assert row.ranges == (Interval("", "3.9.18-3.el9_4.5"),)


def csaf(**vulnerability: object) -> tuple[str, bytes]:
    """A VEX document of Red Hat about two packages of RHEL 9."""

    def version(ident: str, purl: str) -> dict[str, object]:
        helper = {"purl": purl}
        product = {"name": ident, "product_id": ident, "product_identification_helper": helper}
        return {"category": "product_version", "name": ident, "product": product}

    def place(ident: str, cpe: str) -> dict[str, object]:
        product = {"name": ident, "product_id": ident, "product_identification_helper": {"cpe": cpe}}
        return {"category": "product_name", "name": ident, "product": product}

    def pair(component: str, where: str) -> dict[str, object]:
        full = {"name": "x", "product_id": f"{where}:{component}"}
        return {
            "category": "default_component_of",
            "full_product_name": full,
            "product_reference": component,
            "relates_to_product_reference": where,
        }

    nodes = "nodejs-1:18.20.2-1.module+el9.3.0+21.aarch64::nodejs:18"
    document = {
        "document": {
            "category": "csaf_vex",
            "publisher": {"name": "Red Hat Product Security"},
            "tracking": {"id": "CVE-2024-1", "current_release_date": "2024-05-01T00:00:00Z"},
        },
        "product_tree": {
            "branches": [
                place("AppStream", "cpe:/a:redhat:enterprise_linux:9::appstream"),
                place("BaseOS", "cpe:/o:redhat:enterprise_linux:9::baseos"),
                version("zlib-0:1.2.11-40.el9.x86_64", "pkg:rpm/redhat/zlib@1.2.11-40.el9?arch=x86_64"),
                version("zlib-0:1.2.11-40.el9.s390x", "pkg:rpm/redhat/zlib@1.2.11-40.el9?arch=s390x"),
                version("zlib-debuginfo-0:1.2.11-40.el9.x86_64", "pkg:rpm/redhat/zlib-debuginfo@1.2.11-40.el9"),
                version(
                    nodes, "pkg:rpm/redhat/nodejs@18.20.2-1.module%2Bel9?arch=aarch64&epoch=1&rpmmod=nodejs:18:9030"
                ),
                version("perl", "pkg:rpm/redhat/perl"),
                version("perl.src", "pkg:rpm/redhat/perl?arch=src"),
                version("edk2.src", "pkg:rpm/redhat/edk2?arch=src"),
            ],
            "relationships": [
                pair("zlib-0:1.2.11-40.el9.x86_64", "BaseOS"),
                pair("zlib-0:1.2.11-40.el9.s390x", "AppStream"),
                pair("zlib-debuginfo-0:1.2.11-40.el9.x86_64", "BaseOS"),
                pair(nodes, "AppStream"),
                pair("perl", "AppStream"),
                pair("perl.src", "AppStream"),
                pair("edk2.src", "BaseOS"),
            ],
        },
        "vulnerabilities": [{"cve": "CVE-2024-1", **vulnerability}],
    }
    return "vex.json", json.dumps(document).encode()


def test_architectures_and_repositories_are_folded(built: Make) -> None:
    fixed = ["BaseOS:zlib-0:1.2.11-40.el9.x86_64", "AppStream:zlib-0:1.2.11-40.el9.s390x"]
    fixed.append("BaseOS:zlib-debuginfo-0:1.2.11-40.el9.x86_64")
    found = built(csaf(product_status={"fixed": fixed}))
    row = found.row("redhat:9", "zlib")
    assert row.ranges == (Interval("", "1.2.11-40.el9"),)
    assert row.product.split() == [
        "cpe:/o:redhat:enterprise_linux:9::baseos",
        "cpe:/a:redhat:enterprise_linux:9::appstream",
    ]
    assert not found.rows("redhat:9", "zlib-debuginfo")


def test_a_modular_fix_belongs_to_its_stream(built: Make) -> None:
    name = "nodejs-1:18.20.2-1.module+el9.3.0+21.aarch64::nodejs:18"
    row = built(csaf(product_status={"fixed": [f"AppStream:{name}"]})).row("redhat:9", "nodejs")
    assert (row.module, row.ranges) == ("nodejs:18", (Interval("", "1:18.20.2-1.module+el9.3.0+21"),))


# product identifiers of RHSA-2023:7025 and of advisories on packages with an epoch, as Red Hat wrote them until 2023
@pytest.mark.parametrize(
    ("old", "purl", "name", "stream", "version"),
    [
        (
            "ruby-libs-2.5.9-111.module+el8.9.0+19193+435404ae.aarch64.rpm-ruby:2.5",
            "pkg:rpm/redhat/ruby-libs@2.5.9-111.module%2Bel8.9.0%2B19193%2B435404ae?arch=aarch64&rpmmod=ruby:2.5:80900:b46",
            "ruby-libs",
            "ruby:2.5",
            "2.5.9-111.module+el8.9.0+19193+435404ae",
        ),
        (
            "buildah-1.24.6-5.module+el8.8.0+18083+cd85596b.x86_64.rpm-container-tools:4.0",
            "pkg:rpm/redhat/buildah@1.24.6-5.module%2Bel8.8.0%2B18083%2Bcd85596b?arch=x86_64&epoch=1",
            "buildah",
            "container-tools:4.0",
            "1:1.24.6-5.module+el8.8.0+18083+cd85596b",
        ),
    ],
)
def test_a_modular_fix_is_read_from_its_old_identifier(
    built: Make, old: str, purl: str, name: str, stream: str, version: str
) -> None:
    file, data = csaf(product_status={"fixed": [f"AppStream:{old}"]})
    document = json.loads(data)
    helper = {"product_id": old, "product_identification_helper": {"purl": purl}}
    document["product_tree"]["branches"].append({"category": "product_version", "product": helper})
    document["product_tree"]["relationships"].append(
        {
            "full_product_name": {"product_id": f"AppStream:{old}"},
            "product_reference": old,
            "relates_to_product_reference": "AppStream",
        }
    )
    row = built((file, json.dumps(document).encode())).row("redhat:9", name)
    assert (row.module, row.ranges) == (stream, (Interval("", version),))


@pytest.mark.parametrize(
    ("category", "details", "status"),
    [("no_fix_planned", "Will not fix", "will_not_fix"), ("none_available", "Fix deferred", "affected")],
)
def test_red_hats_decisions_are_kept_in_its_words(built: Make, category: str, details: str, status: str) -> None:
    remedy = {"category": category, "details": details, "product_ids": ["AppStream:perl"]}
    found = built(csaf(product_status={"known_affected": ["AppStream:perl"]}, remediations=[remedy]))
    row = found.row("redhat:9", "perl")
    assert (row.status, row.reason, row.ranges) == (status, details, EVERYTHING)


def test_not_affected_is_a_row_with_its_justification(built: Make) -> None:
    flag = {"label": "vulnerable_code_not_present", "product_ids": ["AppStream:perl"]}
    found = built(csaf(product_status={"known_not_affected": ["AppStream:perl"]}, flags=[flag]))
    row = found.row("redhat:9", "perl")
    assert (row.status, row.reason) == ("not_affected", "vulnerable_code_not_present")


def test_a_source_package_takes_the_place_of_no_binary_one_of_its_name(built: Make) -> None:
    affected = ["AppStream:perl.src", "AppStream:perl", "BaseOS:edk2.src"]
    found = built(csaf(product_status={"known_affected": affected}))
    assert {row.unit for row in found.rows("redhat:9", "perl")} == {"binary", "source"}
    assert found.row("redhat:9", "edk2").unit == "source"


SUSE = "SUSE Linux Enterprise Server 15 SP5"


def suse(ident: str, category: str, **vulnerability: object) -> bytes:
    """A document as SUSE publishes them: components are packages with their version, product names have no CPE."""
    packages = ["curl-8.0.1-150400.5.26.1.aarch64", "curl-8.0.1-150400.5.26.1.x86_64", "zlib", "xz"]
    branches: list[dict[str, object]] = [
        {"category": "product_name", "name": SUSE, "product": {"name": SUSE, "product_id": SUSE}}
    ]
    branches += [
        {"category": "product_version", "name": one, "product": {"name": one, "product_id": one}} for one in packages
    ]
    relationships = [
        {
            "category": "default_component_of",
            "full_product_name": {"name": f"{one} as component of {SUSE}", "product_id": f"{SUSE}:{one}"},
            "product_reference": one,
            "relates_to_product_reference": SUSE,
        }
        for one in packages
    ]
    tracking = {"id": ident, "status": "interim", "current_release_date": "2024-05-01T00:00:00Z"}
    document = {
        "category": category,
        "publisher": {"name": "SUSE Product Security Team", "namespace": "https://www.suse.com/"},
        "tracking": tracking,
    }
    tree = {"branches": branches, "relationships": relationships}
    flaw = {"cve": "CVE-2024-1", **vulnerability}
    return json.dumps({"document": document, "product_tree": tree, "vulnerabilities": [flaw]}).encode()


def test_suses_statuses(built: Make) -> None:
    """`recommended` is the version that the vendor advises for the fix (CSAF 2.0, section 3.2.3.9)."""
    curl = [f"{SUSE}:curl-8.0.1-150400.5.26.1.{arch}" for arch in ("aarch64", "x86_64")]
    status = {"recommended": curl, "known_affected": [f"{SUSE}:zlib"], "known_not_affected": [f"{SUSE}:xz"]}
    remedy = {"category": "no_fix_planned", "details": "Will not fix", "product_ids": [f"{SUSE}:zlib"]}
    found = built(("vex.json", suse("CVE-2024-1", "csaf_vex", product_status=status, remediations=[remedy])))
    row = found.row("sles:15.5", "curl")
    assert (row.status, row.ranges, row.source) == ("affected", (Interval("", "8.0.1-150400.5.26.1"),), "suse")
    assert (found.row("sles:15.5", "zlib").status, found.row("sles:15.5", "xz").status) == (
        "will_not_fix",
        "not_affected",
    )


def test_a_notice_of_suse_mends_its_flaws(built: Make) -> None:
    status = {"recommended": [f"{SUSE}:curl-8.0.1-150400.5.26.1.x86_64", f"{SUSE}:zlib"]}
    notice = suse("SUSE-SU-2024:1151-1", "csaf_security_advisory", product_status=status)
    found = built(("suse-su.json", notice))
    row = found.row("sles:15.5", "curl")
    assert (row.id, row.upstream, row.ranges) == (
        "SUSE-SU-2024:1151-1",
        ("CVE-2024-1",),
        (Interval("", "8.0.1-150400.5.26.1"),),
    )
    assert not found.rows("sles:15.5", "zlib")  # a recommended version that is not said


def test_red_hats_whole_archive(built: Make) -> None:
    """One tar with zstd of a folder a year: every record is read, a withdrawn one holds nothing."""
    import io
    import tarfile

    import zstandard

    _, fixed = csaf(product_status={"fixed": ["BaseOS:zlib-0:1.2.11-40.el9.x86_64"]})
    gone = (DATA / "csaf" / "delete_CVE-2023-0030.json").read_bytes()
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in (("2024/cve-2024-1.json", fixed), ("2023/cve-2023-0030.json", gone)):
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = built(("csaf_vex_2026-01-01.tar.zst", zstandard.compress(stream.getvalue())))
    assert found.row("redhat:9", "zlib").id == "CVE-2024-1"
    assert not found.outcome.problems
    assert found.db.details(["CVE-2023-0030"])["CVE-2023-0030"].withdrawn


# VEX


def test_ubuntus_vex_speaks_of_source_packages(built: Make) -> None:
    found = built("openvex/ubuntu-CVE-2023-38545.json")
    row = found.row("ubuntu:22.04", "curl")
    assert (row.status, row.unit, row.ranges[0].introduced) == ("affected", "source", "")
    assert row.ranges[0].fixed.startswith("7.81.0-")
    gone = found.row("ubuntu:16.04", "curl")
    assert (gone.status, gone.reason) == ("will_not_fix", "end-of-life")
    never = found.row("ubuntu-pro:14.04", "curl")
    assert (never.status, never.reason, never.product) == (
        "not_affected",
        "vulnerable_code_not_present",
        "esm-infra-legacy",
    )
    assert not found.rows("ubuntu:22.04", "libcurl4")


# OVAL


def test_oval_of_mariner_has_both_bounds(built: Make) -> None:
    found = built("oval/mariner-2.0.xml")
    assert found.row("mariner:2.0", "golang").ranges == (Interval("0:1.19.0.cm2", "0:1.20.7-1.cm2"),)
    assert found.row("mariner:2.0", "bind").ranges == (Interval("", "", "0:9.16.33-1.cm2"),)
    assert found.row("mariner:2.0", "glibc").status == "not_affected"


def test_oval_of_oracle_keeps_its_flavours_and_architectures(built: Make) -> None:
    found = built("oval/oracle-ksplice.xml", "oval/oracle-per-arch.xml")
    row = found.row("oracle:8", "openssl")
    assert (row.id, row.product, row.severity_word) == ("ELSA-2021-9151", "ksplice", "Important")
    assert row.upstream == ("CVE-2021-3449", "CVE-2021-3450")
    assert {(one.arch, one.ranges[0].fixed) for one in found.rows("oracle:7", "rsyslog")} == {
        (("aarch64",), "0:8.24.0-57.0.4.el7_9.3"),
        (("x86_64",), "0:8.24.0-57.0.1.el7_9.3"),
    }


def test_oval_of_suse_is_about_service_packs(built: Make) -> None:
    found = built("oval/suse-15.xml")
    assert found.row("sles:15", "kernel-default").ranges == (Interval("", "4.12.14-150.72.1"),)
    assert found.row("sles:15.1", "kernel-default").ranges == (Interval("", "4.12.14-197.89.2"),)
    assert found.row("sles:15", "krb5").id == "CVE-2010-1323"


# notices of rpm repositories

UPDATEINFO = b"""<?xml version="1.0"?>
<updates>
 <update type="security" from="a" status="final" version="1.4"><id>ALAS2DOCKER-2024-039</id><title>Medium: runc</title>
  <issued date="2024-04-10 21:00"/><updated date="2024-04-11 12:00"/><severity>medium</severity>
  <references><reference href="https://x.example/CVE-2024-3154" id="CVE-2024-3154" type="cve"/></references>
  <pkglist><collection short="amazon-linux-2-docker"><name>x</name>
   <package arch="x86_64" epoch="0" name="runc" release="1.amzn2" version="1.1.11"><filename>f</filename></package>
   <package arch="src" epoch="0" name="runc-src" release="1.amzn2" version="1.1.11"/>
   <package arch="x86_64" epoch="2" name="docker" release="3.amzn2" version="20.10"/>
  </collection></pkglist></update>
 <update type="bugfix"><id>ALAS2023-2024-1</id><pkglist><collection>
   <package name="a" version="1" release="1.amzn2023" arch="noarch"/>
  </collection></pkglist></update>
</updates>"""


def test_updateinfo_of_amazon(built: Make) -> None:
    found = built(("updateinfo.xml", UPDATEINFO))
    row = found.row("amazon:2", "docker")
    assert (row.id, row.product, row.upstream) == ("ALAS2DOCKER-2024-039", "docker", ("CVE-2024-3154",))
    assert (row.ranges, row.published, row.modified) == ((Interval("", "2:20.10-3.amzn2"),), "2024-04-10", "2024-04-11")
    assert found.row("amazon:2", "runc").ranges == (Interval("", "1.1.11-1.amzn2"),)
    assert not found.rows("amazon:2", "runc-src")
    assert found.row("amazon:2023", "a").informational == "bugfix"


def test_alas_as_json(built: Make) -> None:
    row = built("updateinfo/ALAS2-2021-1699.json").row("amazon:2", "kernel")
    assert (row.ranges, row.severity, row.upstream) == (
        (Interval("", "4.14.243-185.433.amzn2"),),
        "low",
        ("CVE-2021-22543",),
    )


def test_photon_as_json(built: Make) -> None:
    found = built("photon/cve_data_photon4.0.json")
    assert found.row("photon:4.0", "curl", "CVE-2023-38545").ranges == (Interval("", "7.88.1-4.ph4"),)
    assert found.row("photon:4.0", "httpd").status == "not_affected"
    assert found.row("photon:4.0", "python3").status == "fixed"


def node(number: int, vulnerable: str, patched: str, *cves: str) -> tuple[str, bytes]:
    record = {"cve": list(cves), "vulnerable": vulnerable, "patched": patched, "severity": "high", "overview": "..."}
    return f"{number}.json", json.dumps(record).encode()


def module(vulnerable: str, patched: str | None, *cves: str, **more: object) -> tuple[str, bytes]:
    record = {"id": 500, "module_name": "mqtt-packet", "cves": list(cves), "title": "Buffer Over-read"}
    record |= {"vulnerable_versions": vulnerable, "patched_versions": patched, "publish_date": "2019-04-28", **more}
    return "500.json", json.dumps(record).encode()


def test_node_itself_line_by_line(built: Make) -> None:
    row = built(node(1, "8.x || 4.x || 5.x", "^8.1.4 || ^4.8.4", "CVE-2017-1000381")).row("bitnami", "node")
    assert (row.id, row.source, row.aliases) == ("NSWG-COR-1", "nodejs-security-wg", ("CVE-2017-1000381",))
    assert set(row.ranges) == {
        Interval("8.0.0-0", "8.1.4"),  # pre-releases of a wildcard are in it
        Interval("4.0.0-0", "4.8.4"),
        Interval("5.0.0-0", "", "5.999999.999999"),  # was never mended
    }
    assert (row.severity, standing("semver", "8.1.3", row)) == ("high", Standing("affected", "8.1.4"))
    assert standing("semver", "5.12.0", row) == Standing("affected", "8.1.4")
    assert standing("semver", "8.1.4", row) == Standing("fixed", "8.1.4")
    assert standing("semver", "6.0.0", row) is None  # of that line it says nothing


def test_modules_of_npm_and_what_mends_them(built: Make) -> None:
    vector = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
    lines = "<3.5.1 || >=4.0.0 <4.1.3"
    found = built(module(lines, ">=3.5.1 <4.0.0 || >=4.1.3", "CVE-2019-5432", cvss_vector=vector))
    row = found.row("npm", "mqtt-packet")
    assert row.ranges == (Interval("", "3.5.1"), Interval("4.0.0", "4.1.3"))
    assert (row.id, row.aliases, row.published) == ("NSWG-ECO-500", ("CVE-2019-5432",), "2019-04-28")
    assert [one.score for one in found.db.details([row.id])[row.id].scores] == [7.5]


@pytest.mark.parametrize(
    ("vulnerable", "patched", "version", "wanted"),
    [
        ("<=2.1.1", ">=3.0.0", "2.1.1", Standing("affected", "3.0.0")),
        ("<=2.1.1", ">=3.0.0", "2.5.0", Standing("not_affected")),
        ("<=2.1.1", ">=3.0.0", "3.0.0", Standing("fixed", "3.0.0")),
        ("<=99.999.99999", "<0.0.0", "7.0.0", Standing("affected")),  # malicious as a whole
        ("*", None, "7.0.0", Standing("affected")),
        ("2.1.4", ">=2.1.5", "2.1.4", Standing("affected", "2.1.5")),
        (">1.0.0 <1.2.0", None, "1.0.0", Standing("not_affected")),
        (">1.0.0 <1.2.0", None, "1.0.1", Standing("affected", "1.2.0")),
        ("~1.2.3", None, "1.2.9", Standing("affected")),
        ("~1.2.3", None, "1.3.0", Standing("not_affected")),
        ("1.x", None, "1.0.0-rc.1", Standing("affected")),
        ("1.x", None, "2.0.0-rc.1", Standing("not_affected")),
        ("1.2.3 - 1.4.0", ">=1.4.1", "1.4.0", Standing("affected", "1.4.1")),
    ],
)
def test_ranges_of_npm_as_intervals(
    built: Make, vulnerable: str, patched: str | None, version: str, wanted: Standing
) -> None:
    row = built(module(vulnerable, patched)).row("npm", "mqtt-packet")
    assert standing("semver", version, row) == wanted


def test_a_range_that_is_none_is_a_broken_record(built: Make) -> None:
    found = built(module("all of them", None), node(1, "8.x", "^8.1.4", "CVE-2017-1000381"))
    assert found.rows("npm", "mqtt-packet") == []
    assert found.row("bitnami", "node").id == "NSWG-COR-1"


def test_libraries_of_retire_js_by_their_names_in_npm(built: Make) -> None:
    flaw = {"atOrAbove": "1.2.1", "below": "1.9.0", "severity": "medium", "cwe": ["CWE-79"]}
    flaw |= {"identifiers": {"summary": "XSS", "CVE": ["CVE-2012-6708"], "githubID": "GHSA-2pqj-h3vj-pqgw"}}
    flaw |= {"info": ["http://bugs.jquery.com/ticket/11290"]}
    browser = {
        "retire-example": {"vulnerabilities": [{"below": "0.0.2"}], "extractors": {}},
        "jQuery": {"npmname": "jquery", "vulnerabilities": [{"below": "1.6.3"}, flaw], "extractors": {"uri": []}},
        "nameless": {"vulnerabilities": [flaw], "extractors": {"uri": []}},
    }
    modules = {"@scope/angular": {"vulnerabilities": [{"below": "1.8.0", "info": ["https://a.example/"]}]}}
    found = built(
        ("jsrepository-v6.json", json.dumps(browser).encode()), ("npmrepository.json", json.dumps(modules).encode())
    )
    row = found.row("npm", "jquery", "RETIREJS-js-jQuery-1")
    assert (row.source, row.severity, row.ranges) == ("retirejs", "medium", (Interval("1.2.1", "1.9.0"),))
    assert row.aliases == ("CVE-2012-6708", "GHSA-2pqj-h3vj-pqgw")
    assert found.row("npm", "@scope/angular").id == "RETIREJS-npm-@scope-angular-0"
    assert not found.rows("npm", "nameless")
    assert found.outcome.problems == ()


# facts


def test_facts_about_flaws(built: Make) -> None:
    found = built("facts/kev.json", "facts/example-1.csv", "facts/nvd-entry.json", "facts/cve5.json", "facts/adp.jsonl")
    details = found.db.details(["CVE-2024-2002", "CVE-2024-32368", "CVE-1999-0005"])
    assert details["CVE-2024-32368"].ssvc == Ssvc("none", "no", "partial", "2024-04-22")
    assert details["CVE-2024-32368"].cwes == ("CWE-276",)
    assert details["CVE-2024-2002"].titles
    assert {one.source for one in details["CVE-2024-2002"].scores} <= {"cna", "adp"}
    epss = details["CVE-1999-0005"].epss
    assert epss is not None
    assert (epss.score, epss.percentile, epss.date, epss.model) == (0.91963, 0.99214, "2025-02-20", "v2023.03.01")
    assert found.db.counts()["kev"] == len(json.loads((DATA / "facts/kev.json").read_bytes())["vulnerabilities"])


def test_an_older_day_of_epss_replaces_nothing(built: Make) -> None:
    older = b"#model_version:v1,score_date:2020-01-01T00:00:00Z\ncve,epss,percentile\nCVE-1999-0005,0.1,0.2\n"
    found = built("facts/example-1.csv", ("zz.csv", older))
    epss = found.db.details(["CVE-1999-0005"])["CVE-1999-0005"].epss
    assert epss is not None
    assert epss.date == "2025-02-20"


def test_a_broken_file_of_epss_leaves_the_scores_of_another(built: Make) -> None:
    broken = (
        b"#model_version:v9,score_date:2026-01-01T00:00:00Z\ncve,epss,percentile\nCVE-1999-0005,0.1,0.2\nCVE-1,7,8\n"
    )
    found = built("facts/example-1.csv", ("zz.csv", broken))
    assert found.db.counts()["epss"] == 5
    assert [problem.origin for problem in found.outcome.problems] == ["zz.csv"]


@pytest.mark.parametrize("name", ["facts/invalid-header.csv", "facts/missing-date.csv"])
def test_epss_without_date_or_columns_is_refused(built: Make, name: str) -> None:
    with pytest.raises(DatabaseError, match=r"expected (the columns|`#model_version)"):
        built(name)


def test_a_line_of_epss_that_is_broken_within_is_told(built: Make) -> None:
    broken = b"#model_version:v9,score_date:2026-01-01\ncve,epss,percentile\nCVE-1999-0005,0.1,0.2\rCVE-1,0,0\n"
    found = built("facts/example-1.csv", ("zz.csv", broken))
    assert "expected cve,epss,percentile" in found.outcome.problems[0].text


def test_a_rejected_cve_is_withdrawn(built: Make) -> None:
    meta = {"cveId": "CVE-2020-1", "state": "REJECTED", "dateRejected": "2021-01-02T00:00:00Z"}
    record = {"dataType": "CVE_RECORD", "cveMetadata": {**meta, "cveId": "CVE-2020-1111"}, "containers": {"cna": {}}}
    found = built(("cve.json", json.dumps(record).encode()))
    assert found.db.details(["CVE-2020-1111"])["CVE-2020-1111"].withdrawn == "2021-01-02"


def test_exploits_are_told_from_other_addresses(built: Make) -> None:
    cve = {
        "id": "CVE-2024-1234",
        "lastModified": "2024-01-02T00:00:00",
        "references": [{"url": "https://e.example/poc", "tags": ["Exploit"]}, {"url": "https://e.example/fix"}],
        "metrics": {
            "cvssMetricV31": [
                {"source": "nvd@nist.gov", "cvssData": {"vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}}
            ]
        },
    }
    page = {"resultsPerPage": 1, "vulnerabilities": [{"cve": cve}]}
    found = built(("nvd.json", json.dumps(page).encode())).db.details(["CVE-2024-1234"])["CVE-2024-1234"]
    assert found.exploits == ("https://e.example/poc",)
    assert [(one.source, one.score) for one in found.scores] == [("nvd", 9.8)]


def nvd_page(entries: int, **values: object) -> bytes:
    """A year's file of the NVD: braces, quotes and brackets stand in texts."""
    text = {"lang": "en", "value": 'a "quoted \\" {brace ]} of ü'}
    cves = [{"cve": {"id": f"CVE-2024-{n:04}", "descriptions": [text], **values}} for n in range(1000, 1000 + entries)]
    page = {"resultsPerPage": entries, "format": "NVD_CVE", "vulnerabilities": cves}
    return json.dumps(page, ensure_ascii=False).encode()


def test_a_years_file_of_the_nvd_is_read_entry_by_entry(built: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "FEED_BYTES", 64 * limits.KIB)  # the whole of it is larger
    found = built(("nvdcve-2.0-2024.json.gz", gzip.compress(nvd_page(3_000, lastModified="2024-01-02T00:00:00"))))
    assert (found.outcome.problems, found.outcome.records) == ((), 3_000)
    (title,) = found.db.details(["CVE-2024-3999"])["CVE-2024-3999"].titles
    assert title.text == 'a "quoted \\" {brace ]} of ü'


@pytest.mark.parametrize("size", [60, 61, 97, 200, 100_000])
def test_entries_do_not_depend_on_where_a_page_is_cut_into_pieces(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "_PIECE", size)
    page = b'{"resultsPerPage":1,"vulnerabilities":' + nvd_page(9).partition(b'"vulnerabilities":')[2]
    found = [json.loads(entry) for entry in pages.entries(io.BufferedReader(cast("Any", io.BytesIO(page))))]
    assert found == json.loads(page)["vulnerabilities"]


def test_a_page_of_the_nvd_that_is_cut_off_is_told(built: Make) -> None:
    found = built("facts/nvd-entry.json", ("nvdcve-2.0-2024.json", nvd_page(9)[:900]))
    (problem,) = found.outcome.problems
    assert problem.text == "the file is damaged or cut off: the page ends before its list does"


def test_ends_of_life_in_every_form(built: Make) -> None:
    old = b'[{"cycle":"2.7","eol":"2020-01-01","support":"2015-01-01","latest":"2.7.18","lts":false}]'
    found = built("endoflife/products.json", "endoflife/alpine-linux.md", ("ruby.json", old))
    python = found.db.end_of_life("python", "3.12")
    assert python is not None
    assert (python.eol, python.eol_reached) == ("2028-10-01", False)
    ruby = found.db.end_of_life("ruby", "2.7")
    assert ruby is not None
    assert (ruby.eol, ruby.latest) == ("2020-01-01", "2.7.18")
    alpine = found.db.end_of_life("alpine", "3.20") or found.db.end_of_life("alpine-linux", "3.20")
    assert alpine is not None
    assert alpine.eol == "2026-04-01"


USN = """\
<oval_definitions xmlns="http://oval.mitre.org/XMLSchema/oval-definitions-5"
  xmlns:linux="http://oval.mitre.org/XMLSchema/oval-definitions-5#linux">
 <definitions>
  <definition id="oval:com.ubuntu.jammy:def:54020000000" version="1" class="patch">
   <metadata>
    <title>5402-1 -- OpenSSL vulnerabilities</title>
    <affected family="unix"><platform>Ubuntu 22.04 LTS</platform></affected>
    <reference source="USN" ref_url="https://ubuntu.com/security/notices/USN-5402-1" ref_id="USN-5402-1"/>
    <reference source="CVE" ref_url="https://ubuntu.com/security/CVE-2022-1292" ref_id="CVE-2022-1292"/>
    <reference source="CVE" ref_url="https://ubuntu.com/security/CVE-2022-1343" ref_id="CVE-2022-1343"/>
    <description>Several flaws.</description>
    <advisory from="security@ubuntu.com"><severity>Medium</severity><issued date="2022-05-04"/></advisory>
   </metadata>
   <criteria>
    <extend_definition definition_ref="oval:com.ubuntu.jammy:def:100" comment="Ubuntu 22.04 LTS is installed."/>
    <criteria operator="OR">
     <criterion test_ref="oval:com.ubuntu.jammy:tst:540210000000" comment="Long Term Support"/>
    </criteria>
   </criteria>
  </definition>
 </definitions>
 <tests>
  <linux:dpkginfo_test id="oval:com.ubuntu.jammy:tst:540210000000" version="1"
    check_existence="at_least_one_exists" check="at least one" comment="Long Term Support">
   <linux:object object_ref="oval:com.ubuntu.jammy:obj:540210000000"/>
   <linux:state state_ref="oval:com.ubuntu.jammy:ste:540210000000"/>
  </linux:dpkginfo_test>
 </tests>
 <objects>
  <linux:dpkginfo_object id="oval:com.ubuntu.jammy:obj:540210000000" version="1" comment="Long Term Support">
   <linux:name var_ref="oval:com.ubuntu.jammy:var:540210000000" var_check="at least one"/>
  </linux:dpkginfo_object>
 </objects>
 <states>
  <linux:dpkginfo_state id="oval:com.ubuntu.jammy:ste:540210000000" version="1" comment="Long Term Support">
   <linux:evr datatype="debian_evr_string" operation="less than">0:3.0.2-0ubuntu1.1</linux:evr>
  </linux:dpkginfo_state>
 </states>
 <variables>
  <constant_variable id="oval:com.ubuntu.jammy:var:540210000000" version="1" datatype="string" comment="LTS">
   <value>openssl</value>
   <value>libssl3</value>
  </constant_variable>
 </variables>
</oval_definitions>
"""


def test_ubuntus_notices_name_their_packages_in_variables(built: Make) -> None:
    found = built(("com.ubuntu.jammy.usn.oval.xml", USN.encode()))
    assert found.outcome.problems == ()
    for name in ("openssl", "libssl3"):
        row = found.row("ubuntu:22.04", name)
        assert (row.id, row.unit, row.severity) == ("USN-5402-1", "binary", "medium")
        assert row.upstream == ("CVE-2022-1292", "CVE-2022-1343")
        assert [one.fixed for one in row.ranges] == ["0:3.0.2-0ubuntu1.1"]


@pytest.mark.parametrize(
    ("comment", "status", "reason"),
    [
        ("openssl package in jammy is affected and needs fixing.", "affected", ""),
        ("openssl package in jammy is affected and may need fixing.", "affected", ""),
        (
            "openssl package in jammy is affected, but a decision has been made to defer addressing it (note: '2022').",
            "affected",
            "deferred",
        ),
        (
            (
                "openssl package in jammy is affected. An update containing the fix has been completed and is pending "
                "publication (note: '3.0.2-0ubuntu1.9')."
            ),
            "affected",
            "pending",
        ),
        (
            (
                "openssl: while related to the CVE in some way, a decision has been made to ignore this issue "
                "(note: 'code-not-compiled')."
            ),
            "will_not_fix",
            "ignored",
        ),
        ("openssl package in jammy is related to the CVE in some way and has been fixed (note: '3').", "", ""),
    ],
)
def test_what_ubuntu_has_decided_of_a_package_without_a_fix(
    built: Make, comment: str, status: str, reason: str
) -> None:
    feed = USN.replace('class="patch"', 'class="vulnerability"')
    feed = feed.replace('   <linux:state state_ref="oval:com.ubuntu.jammy:ste:540210000000"/>\n', "")
    feed = feed.replace(
        'criterion test_ref="oval:com.ubuntu.jammy:tst:540210000000" comment="Long Term Support"',
        f'criterion test_ref="oval:com.ubuntu.jammy:tst:540210000000" comment="{comment}"',
    )
    rows = built(("com.ubuntu.jammy.cve.oval.xml", feed.encode())).rows("ubuntu:22.04", "openssl")
    assert [(row.status, row.reason) for row in rows] == ([(status, reason)] if status else [])
    assert all(row.ranges == EVERYTHING for row in rows)


@pytest.mark.parametrize(
    ("ident", "ecosystem"),
    [("ALAS-2014-438", "amazon:1"), ("ALAS2-2021-1699", "amazon:2"), ("ALAS2023-2023-001", "amazon:2023")],
)
def test_a_notice_of_amazon_is_known_by_its_name_where_the_release_is_misspelt(
    built: Make, ident: str, ecosystem: str
) -> None:
    package = '<package name="cups" version="1.4.2" release="67.20.al12" epoch="1" arch="x86_64"/>'
    notice = f"""<updates><update type="security"><id>{ident}</id><title>cups</title><severity>medium</severity>
        <issued date="2014-10-28 17:44"/><pkglist><collection short="amazon-linux">{package}</collection></pkglist>
        </update></updates>"""
    found = built(("updateinfo.xml", notice.encode()))
    assert [one.fixed for one in found.row(ecosystem, "cups").ranges] == ["1:1.4.2-67.20.al12"]
