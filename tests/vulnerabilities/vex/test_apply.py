"""Whom a statement means, and what follows from it."""

from __future__ import annotations

from typing import Any

import pytest

from batten.model.image_content import Image
from batten.model.package import Package
from batten.model.vulnerability import Vulnerability
from batten.model.workload import Resource
from batten.vulnerabilities.vex import Named, VexStatement, apply_vex
from batten.vulnerabilities.vex.statements import Subject
from vulnerabilities.support import TARGET, deb

DIGEST = "sha256:" + "a" * 64
IMAGE = Image(
    document=None,  # type: ignore[arg-type]
    pointer=(),
    resource=Resource("image", "Image", "a"),
    scope="a",
    name="a",
    id="sha256:" + "c" * 64,
    reference="shop/web:1",
    digest=DIGEST,
    repository_digests=(f"registry.example/shop/web@{DIGEST}",),
)


def row(purl: str = "pkg:deb/debian/libssl3@3.0.13-1?arch=amd64&distro=debian-12", **fields: Any) -> Vulnerability:
    given = {"id": "CVE-2024-1", "aliases": ("GHSA-a",), "package": purl, "name": "x", "installed": "1"}
    return Vulnerability(
        **{**given, "target": TARGET, "status": "affected", "fixed": "2", "remediation": "r", **fields}
    )


def statement(product: str, component: str = "", **fields: Any) -> VexStatement:
    subject = Subject(Named(product), Named(component) if component else None)
    given = {"origin": "a.json", "flaws": ("CVE-2024-1",), "status": "not_affected", "justification": "j"}
    return VexStatement(**{**given, "subjects": (subject,), **fields})


def applied(one: Vulnerability, *statements: VexStatement, packages: list[Package] | None = None) -> Vulnerability:
    rows, _ = apply_vex([one], statements, {TARGET: [IMAGE]}, packages or [])
    return rows[0]


def holds(product: str, component: str = "", purl: str = "", packages: list[Package] | None = None) -> bool:
    one = row(purl) if purl else row()
    return applied(one, statement(product, component), packages=packages).status == "not_affected"


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("pkg:deb/debian/libssl3@3.0.13-1?arch=amd64&distro=debian-12", True),
        ("pkg:deb/debian/libssl3", True),  # no version: all of them
        ("pkg:deb/debian/libssl3@3.0.13-1", True),  # no qualifier: any
        ("pkg:deb/debian/libssl3@3.0.14-1", False),
        ("pkg:deb/debian/libssl3?arch=arm64", False),
        ("pkg:deb/debian/libssl3?distro=bookworm", True),
        ("pkg:deb/debian/libssl3?distro=debian-11", False),
        ("pkg:deb/debian/libssl3?distro=trusty", False),
        ("pkg:deb/ubuntu/libssl3", False),
        ("pkg:deb/debian/libssl", False),
        ("pkg:rpm/debian/libssl3", False),
        ("libssl3", False),
        ("", False),
    ],
)
def test_packages(named: str, meant: bool) -> None:
    assert holds(named) is meant
    assert not named or holds("pkg:oci/web", named) is meant


@pytest.mark.parametrize(
    ("named", "meant"),
    [
        ("shop/web:1", True),
        ("docker.io/shop/web:1", True),
        ("index.docker.io/shop/web:1", True),
        ("shop/web", True),
        ("shop/web:2", False),
        ("shop/web:latest", False),
        ("shop/api:1", False),
        (f"registry.example/shop/web@{DIGEST}", True),
        (f"shop/web@sha256:{'b' * 64}", False),
        (f"pkg:oci/web@{DIGEST}", True),
        (f"pkg:oci/web@sha256%3A{'a' * 64}?repository_url=registry.example%2Fshop", True),
        (f"pkg:oci/web@{DIGEST}?repository_url=registry.example/shop/web", True),
        (f"pkg:oci/web@{DIGEST}?repository_url=https://index.docker.io/shop/web&tag=1", True),
        (f"pkg:oci/web@{DIGEST}?repository_url=ghcr.io/shop/web", False),
        (f"pkg:oci/web@sha256:{'b' * 64}", False),
        ("pkg:oci/web", True),
        ("pkg:oci/api", False),
        ("pkg:docker/shop/web@1", True),
        ("pkg:docker/shop/web@2", False),
        (f"pkg:oci/web@sha256:{'c' * 64}", True),  # the digest of the configuration
    ],
)
def test_images(named: str, meant: bool) -> None:
    assert holds(named) is meant
    assert holds(named, "pkg:deb/debian/libssl3") is meant
    assert not holds(named, "pkg:deb/debian/other")


def test_a_hash_tells_an_image() -> None:
    named = Named("whatever", ("a" * 64,))
    one = VexStatement(
        origin="a", flaws=("CVE-2024-1",), status="fixed", subjects=(Subject(named, Named("pkg:deb/debian/libssl3")),)
    )
    assert applied(row(), one).status == "fixed"


def test_the_source_package_is_meant_for_its_binaries() -> None:
    packages = [deb("libssl3", "3.0.13-1", "openssl")]
    assert holds("pkg:deb/debian/openssl@3.0.13-1?arch=source", packages=packages)
    assert holds("pkg:deb/debian/openssl", packages=packages)
    assert not holds("pkg:deb/debian/openssl@3.0.14-1?arch=source", packages=packages)
    assert not holds("pkg:deb/debian/openssl")


def test_an_epoch_may_be_left_out() -> None:
    purl = "pkg:rpm/redhat/bind@32:9.11.36-14.el8?arch=x86_64&epoch=32&distro=rhel-8.9"
    assert holds("pkg:rpm/redhat/bind@9.11.36-14.el8?arch=x86_64", purl=purl)


def test_names_of_languages_are_normalised() -> None:
    assert holds("pkg:pypi/Zope.Interface@5.0", purl="pkg:pypi/zope-interface@5.0")
    assert holds("pkg:npm/%40shop/web@1.0.0", purl="pkg:npm/%40shop/web@1.0.0")
    assert not holds("pkg:npm/web@1.0.0", purl="pkg:npm/%40shop/web@1.0.0")


@pytest.mark.parametrize(
    ("cpe", "name", "purl", "meant"),
    [
        ("cpe:/o:redhat:enterprise_linux:8", "RHEL 8", "pkg:rpm/redhat/bind@9-1?distro=rhel-8.9", True),
        ("cpe:/o:redhat:enterprise_linux:9", "RHEL 9", "pkg:rpm/redhat/bind@9-1?distro=rhel-8.9", False),
        ("cpe:/a:redhat:openshift:4.16::el8", "OpenShift", "pkg:rpm/redhat/bind@9-1?distro=rhel-8.9", False),
        ("", "SUSE Linux Enterprise Server 15 SP5", "pkg:rpm/suse/bind@9-1?distro=sles-15.5", True),
        ("", "SUSE Linux Enterprise Server 15 SP4", "pkg:rpm/suse/bind@9-1?distro=sles-15.5", False),
        ("", "Something else", "pkg:rpm/redhat/bind@9-1?distro=rhel-8.9", False),
    ],
)
def test_a_distribution_as_product_is_that_release(cpe: str, name: str, purl: str, meant: bool) -> None:
    component = purl.partition("@")[0]
    one = statement("x", subjects=(Subject(Named(name, cpe=cpe), Named(component)),))
    assert (applied(row(purl), one).status == "not_affected") is meant


# ------------------------------------------------------------------------------------ what follows
def test_the_statement_decides_and_says_why() -> None:
    found = applied(row(), statement("shop/web", justification="vulnerable_code_not_present", note="built without it"))
    assert (found.status, found.source, found.fixed, found.remediation) == ("not_affected", "vex:a.json", "", "")
    assert found.statements[0].reason == "vulnerable_code_not_present: built without it"


def test_affected_brings_a_row_back() -> None:
    found = applied(row(status="not_affected"), statement("shop/web", status="affected"))
    assert (found.status, found.fixed) == ("affected", "2")


def test_under_investigation_hides_nothing() -> None:
    found = applied(row(), statement("shop/web", status="under_investigation"))
    assert found.status == "affected"
    assert found.statements[-1].status == "under_investigation"


def test_the_latest_statement_holds_in_whatever_order() -> None:
    early = statement("shop/web", status="fixed", timestamp="2025-01-01T00:00:00Z")
    late = statement("shop/web", status="affected", timestamp="2026-01-01T00:00:00Z")
    assert applied(row(), early, late).status == "affected"
    assert applied(row(), late, early).status == "affected"


def test_dates_are_compared_as_moments() -> None:
    late = statement("shop/web", status="affected", timestamp="2026-01-01T01:00:00+00:00")
    early = statement("shop/web", status="fixed", timestamp="2026-01-01T02:00:00+09:00")
    none = statement("shop/web", status="fixed", timestamp="yesterday")
    assert applied(row(), late, early, none).status == "affected"


def test_a_document_of_many_products_takes_no_time_for_each_row() -> None:
    import time

    subjects = tuple(Subject(Named(f"pkg:deb/debian/p{number}@1?arch=amd64")) for number in range(20_000))
    subjects += tuple(Subject(Named(f"pkg:deb/debian/libssl3@{number}")) for number in range(20_000))
    rows = [row(target=f"image:a{number}", paths=(str(number),)) for number in range(300)]
    rows += [row(paths=(str(number),)) for number in range(20_000)]
    begin = time.process_time()
    apply_vex(rows, [statement("", subjects=subjects)])
    assert time.process_time() - begin < 20


def test_statements_beside_a_row_have_a_bound() -> None:
    some = [statement("shop/web", status="affected", note=str(number)) for number in range(100)]
    found = applied(row(), *some)
    assert len(found.statements) == 16
    assert found.statements[0].reason == "j: 99"


def test_an_alias_is_the_flaw() -> None:
    assert applied(row(), statement("shop/web", flaws=("GHSA-a",))).status == "not_affected"


def test_what_matched_nothing_comes_back_in_order() -> None:
    some = [statement("shop/web", flaws=("CVE-1",)), statement("shop/web"), statement("shop/api", timestamp="2020")]
    _, unmatched = apply_vex([row()], some, {TARGET: [IMAGE]})
    assert unmatched == [some[0], some[2]]
    assert unmatched[0].text() == "CVE-1 not affected in shop/web"


def test_a_refused_statement_changes_nothing() -> None:
    one = statement("shop/web", refused="no reason")
    rows, unmatched = apply_vex([row()], [one], {TARGET: [IMAGE]})
    assert rows[0].status == "affected"
    assert unmatched == [one]
