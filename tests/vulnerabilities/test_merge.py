"""Reports of several scanners on one image, and batten's own rows: one row per flaw, everybody's word."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from batten.model.image_content import Image
from batten.model.imported import ImportedReport, ImportedRow, ImportedTarget
from batten.model.package import Distribution, Package, SourcePackage
from batten.model.vulnerability import Statement, Vulnerability
from batten.vulnerabilities.merge import merge
from batten.vulnerabilities.merge_targets import own_packages, targets_of
from report.sbom.support import image
from vulnerabilities import support

TARGET = "image:registry.example/team/shop:1.2"
IMAGES: dict[str, list[Image]] = {TARGET: [image()]}
LIBSSL = Package(
    type="deb",
    namespace="debian",
    name="libssl3",
    version="3.0.15-1",
    qualifiers=(("arch", "amd64"),),
    source=SourcePackage("openssl", "3.0.15-1"),
    paths=("var/lib/dpkg/status",),
    layer="sha256:" + "1" * 64,
    target=TARGET,
)
EXPRESS = Package(type="npm", name="express", version="4.18.0", paths=("app/package.json",), target=TARGET)


def own(package: Package = LIBSSL, **changed: Any) -> Vulnerability:
    fields: dict[str, Any] = {
        "id": "CVE-2024-9143",
        "package": package.purl,
        "name": package.name,
        "installed": package.version,
        "target": TARGET,
        "paths": package.paths,
        "status": "affected",
        "fixed": "3.0.16-1",
        "source": "debian",
        "severity": "low",
        "statements": (Statement(source="debian", id="CVE-2024-9143", status="affected", fixed="3.0.16-1"),),
    }
    return Vulnerability(**(fields | changed))


def told(package: Package, **changed: Any) -> ImportedRow:
    return ImportedRow(**({"package": replace(package, target="", layer=""), "id": "CVE-2024-9143"} | changed))


def report(source: str, *rows: ImportedRow, **target: Any) -> ImportedReport:
    where = ImportedTarget(**(target or {"digest": image().digest}))
    return ImportedReport(source=source, target=where, path=f"{source}.json", rows=rows)


def test_another_scanners_word_joins_batten_s_own_row_with_where_they_differ() -> None:
    trivy = report("trivy", told(LIBSSL, status="will_not_fix"))
    (row,) = merge([own()], [LIBSSL], IMAGES, [trivy])
    assert (row.status, row.fixed, row.source) == ("affected", "3.0.16-1", "debian")
    assert [one.source for one in row.statements] == ["debian", "trivy"]
    assert row.disagreement == "sources differ: debian: affected before 3.0.16-1; trivy: will not fix"


def test_who_agrees_is_named_without_disagreement() -> None:
    (row,) = merge([own()], [LIBSSL], IMAGES, [report("trivy", told(LIBSSL, fixed="3.0.16-1", severity="high"))])
    assert row.disagreement == ""
    assert row.severity == "low"  # the word of batten's own source
    assert row.statements[1].severity == "high"


def test_a_scanner_that_names_the_source_package_speaks_of_its_binaries() -> None:
    inspector = report("inspector", told(replace(LIBSSL, name="openssl", source=None, qualifiers=())))
    (row,) = merge([own()], [LIBSSL], IMAGES, [inspector])
    assert row.name == "libssl3"
    assert len(row.statements) == 2


def test_inspectors_name_is_the_binary_package_and_the_source() -> None:
    """It calls a package of Debian now by the one, now by the other, and never tells which."""
    openssl = replace(LIBSSL, name="openssl")
    rows = [own(), own(openssl)]
    named = replace(LIBSSL, name="openssl", source=None, qualifiers=(), origin="inspector")
    merged = merge(rows, [LIBSSL, openssl], IMAGES, [report("inspector", told(named))])
    assert [(row.name, len(row.statements)) for row in merged] == [("libssl3", 2), ("openssl", 2)]
    trivy = report("trivy", told(replace(named, origin="trivy")))
    merged = merge(rows, [LIBSSL, openssl], IMAGES, [trivy])
    assert [(row.name, len(row.statements)) for row in merged] == [("libssl3", 1), ("openssl", 2)]


def test_a_binary_package_joins_the_row_of_its_source() -> None:
    """A bill that lists sources alone: the version and the flaw, by any of its names, tell that they are one."""
    source = replace(LIBSSL, name="openssl", source=None, origin="")
    mine = own(source, aliases=("DSA-5-1",))
    for version in ("3.0.15-1", "0:3.0.15-1"):
        binary = Package(type="deb", namespace="debian", name="libssl3", version=version, origin="inspector")
        (row,) = merge([mine], [source], IMAGES, [report("inspector", told(binary, id="DSA-5-1"))])
        assert (row.name, [one.source for one in row.statements]) == ("openssl", ["debian", "inspector"])
    other = replace(source, name="zlib1g", source=SourcePackage("zlib", "3.0.15-1"))
    (row,) = merge([mine], [source, other], IMAGES, [report("inspector", told(binary, id="DSA-5-1"))])
    assert row.name == "openssl"
    rows = merge([mine, own(other)], [source, other], IMAGES, [report("inspector", told(binary))])
    assert [row.name for row in rows] == ["openssl", "zlib1g", "libssl3"]  # not known which
    rows = merge([mine], [source], IMAGES, [report("inspector", told(binary, id="CVE-2020-1"))])
    assert [row.name for row in rows] == ["openssl", "libssl3"]


def test_aliases_make_one_row() -> None:
    grype = report("grype", told(EXPRESS, id="GHSA-rv95-896h-c2vc", aliases=("CVE-2024-29041",), fixed="4.19.2"))
    snyk = report("snyk", told(EXPRESS, id="SNYK-JS-EXPRESS-1", aliases=("CVE-2024-29041",), fixed="4.19.3"))
    (row,) = merge([], [EXPRESS], IMAGES, [grype, snyk])
    assert (row.id, row.aliases) == ("CVE-2024-29041", ("GHSA-rv95-896h-c2vc", "SNYK-JS-EXPRESS-1"))
    assert row.fixed == "4.19.3"  # only that one mends it by everybody's word
    assert row.paths == ("app/package.json",)
    assert row.disagreement == "sources differ: grype: affected before 4.19.2; snyk: affected before 4.19.3"
    assert row.remediation == "update express to 4.19.3"


def test_of_a_distribution_the_lowest_fix_is_named() -> None:
    one, other = report("a", told(LIBSSL, fixed="3.0.16-1")), report("b", told(LIBSSL, fixed="3.0.17-1"))
    (row,) = merge([], [LIBSSL], IMAGES, [one, other])
    assert (row.fixed, row.source) == ("3.0.16-1", "a")


def test_who_lists_such_packages_but_not_the_flaw_is_named() -> None:
    trivy = report("trivy", told(LIBSSL))
    grype = report("grype", told(LIBSSL, id="CVE-2020-1"))
    rows = {row.id: row for row in merge([], [LIBSSL], IMAGES, [trivy, grype])}
    assert rows["CVE-2024-9143"].disagreement == "not listed by grype"
    assert rows["CVE-2020-1"].disagreement == "not listed by trivy"


def test_a_report_is_of_an_image_by_digest_layers_or_configuration_never_by_name() -> None:
    layers = tuple(layer.diff_id for layer in image().layers)
    reports = [
        report("a", digest=image().digest),
        report("b", repository_digests=("other.example/x@" + image().digest,)),
        report("c", diff_ids=layers),
        report("d", image_id=image().id),
        report("e", name="registry.example/team/shop:1.2"),
        report("f", name="registry.example/team/shop:1.2", image_id="sha256:" + "0" * 64),
        report("g", diff_ids=(*layers, "sha256:" + "2" * 64), image_id=image().id),
    ]
    found = targets_of(reports, IMAGES)
    assert found[:4] == [TARGET] * 4
    assert found[4] == "report:registry.example/team/shop:1.2"
    assert found[5] == "image:registry.example/team/shop:1.2 (f.json)"
    assert TARGET not in found[4:]


def test_two_reports_of_one_image_that_was_not_read_share_a_target() -> None:
    one, other = report("a", told(LIBSSL), digest="sha256:1", name="x"), report("b", told(LIBSSL), digest="sha256:1")
    (row,) = merge([], [], {}, [one, other])
    assert row.target == "image:x"
    assert {statement.source for statement in row.statements} == {"a", "b"}


def named(**changed: Any) -> Package:
    return replace(LIBSSL, **({"target": "", "layer": "", "paths": ()} | changed))


POINT = named(qualifiers=(("arch", "amd64"), ("distro", "debian-12.5")))
RELEASE = named(qualifiers=(("arch", "amd64"), ("distro", "debian-12")), source=None)


def test_the_point_release_of_a_distribution_makes_no_package_of_its_own() -> None:
    one, other = report("a", told(POINT), digest="sha256:1"), report("b", told(RELEASE), digest="sha256:1")
    for reports in ([one, other], [other, one]):
        (package,) = own_packages([], reports, targets_of(reports, {}))
        assert package.source == SourcePackage("openssl", "3.0.15-1")
        for packages in ([], [package]):
            (row,) = merge([], packages, {}, reports)
            assert {statement.source for statement in row.statements} == {"a", "b"}


def test_what_a_row_leaves_out_doubles_no_package_of_its_report() -> None:
    bare = told(named(qualifiers=()))
    here = replace(report("a", bare, digest="sha256:1"), packages=(POINT,))
    packages = own_packages([], [here], targets_of([here], {}))
    assert [package.qualifiers for package in packages] == [POINT.qualifiers]
    assert len(merge([], packages, {}, [here])) == 1


def test_architectures_and_places_stay_apart() -> None:
    other = named(qualifiers=(("arch", "i386"), ("distro", "debian-12")))
    twins = [replace(EXPRESS, target="", paths=(path,)) for path in ("a", "b")]
    here = report("a", *(told(one) for one in (POINT, other, *twins)), digest="sha256:1")
    assert len(own_packages([], [here], targets_of([here], {}))) == 4


def test_an_epoch_that_one_scanner_names_is_kept() -> None:
    rpm = Package(type="rpm", namespace="rhel", name="tar", version="1.30-9.el8")
    here = report("a", told(rpm), told(replace(rpm, version="2:1.30-9.el8")), digest="sha256:1")
    assert [package.version for package in own_packages([], [here], targets_of([here], {}))] == ["2:1.30-9.el8"]


def test_maven_packages_without_a_group_and_epochs_left_out_are_found() -> None:
    jar = Package(
        type="maven", namespace="org.apache.logging.log4j", name="log4j-core", version="2.14.1", target=TARGET
    )
    rpm = Package(type="rpm", namespace="rhel", name="tar", version="2:1.30-9.el8", target=TARGET)
    anchore = report("anchore", told(replace(jar, namespace="")), told(replace(rpm, version="1.30-9.el8")))
    assert [row.package for row in merge([], [jar, rpm], IMAGES, [anchore])] == [jar.purl, rpm.purl]


def test_of_several_copies_the_one_at_the_path_is_meant() -> None:
    twin = replace(EXPRESS, paths=("tools/package.json",))
    rows = merge([], [EXPRESS, twin], IMAGES, [report("trivy", told(EXPRESS))])
    assert [row.paths for row in rows] == [("app/package.json",)]
    rows = merge([], [EXPRESS, twin], IMAGES, [report("trivy", told(replace(EXPRESS, paths=())))])
    assert len(rows) == 2


def test_what_everybody_holds_for_mended_or_waived_is_not_open() -> None:
    waived = report("grype", told(EXPRESS, status="waived", reason="not used"))
    (row,) = merge([], [EXPRESS], IMAGES, [waived])
    assert row.status == "waived"
    (row,) = merge([], [EXPRESS], IMAGES, [waived, report("trivy", told(EXPRESS))])
    assert (row.status, row.source) == ("affected", "trivy")


def test_without_reports_the_rows_are_as_they_were() -> None:
    rows = [own()]
    assert merge(rows, [LIBSSL], IMAGES, []) == rows


def test_packages_of_reports_on_what_was_not_read_are_judged_too() -> None:
    one = report("a", told(LIBSSL), told(LIBSSL, id="CVE-2020-1"), digest="sha256:1", name="x")
    found = own_packages([EXPRESS], [one, report("b", told(LIBSSL))], ["image:x", TARGET])
    assert [(package.name, package.target) for package in found] == [("express", TARGET), ("libssl3", "image:x")]


def test_batten_s_own_sources_that_hold_it_for_mended_decide_and_differ(tmp_path: Path) -> None:
    libssl = support.deb("libssl3", "3.0.16-1", "openssl")
    here = report("trivy", told(libssl, fixed="3.0.17-1", severity="high"))
    with support.database(tmp_path, support.tracker(openssl=MENDED), *support.facts(["CVE-2024-9143"])) as db:
        (row,) = merge([], [libssl], {libssl.target: [image()]}, [here], db)
    assert (row.status, row.source, row.fixed) == ("fixed", "debian", "")
    assert row.disagreement == "sources differ: debian: fixed in 3.0.16-1; trivy: affected before 3.0.17-1"
    assert row.kev  # what is known of the flaw is added whoever names it


def test_what_the_database_knows_of_aliases_joins_reports(tmp_path: Path) -> None:
    record = support.osv("GHSA-rv95-896h-c2vc", "npm", "other", ("introduced", "0"), aliases=["CVE-2024-29041"])
    one, other = report("a", told(EXPRESS, id="GHSA-rv95-896h-c2vc")), report("b", told(EXPRESS, id="CVE-2024-29041"))
    with support.database(tmp_path, record) as db:
        (row,) = merge([], [EXPRESS], IMAGES, [one, other], db)
    assert row.id == "CVE-2024-29041"


MENDED = {"CVE-2024-9143": {"status": "resolved", "fixed_version": "3.0.16-1", "urgency": "not yet assigned"}}


LINUX = Package(
    type="deb",
    namespace="debian",
    name="linux",
    version="4.19.118-2",
    distribution=Distribution("debian", "10"),
    origin="inspector",
)


@pytest.mark.parametrize(("machine", "status"), [(False, "not_affected"), (True, "affected")])
def test_the_kernel_of_an_image_does_not_run_that_of_a_machine_does(machine: bool, status: str) -> None:
    target = ImportedTarget(name="i-0", digest="" if machine else "sha256:" + "d" * 64, machine=machine)
    inspector = ImportedReport(source="inspector", target=target, path="r.json", rows=(told(LINUX),))
    packages = own_packages([], [inspector], targets_of([inspector], {}))
    assert [one.name for one in packages] == ([] if machine else ["linux"])
    (row,) = merge([], packages, {}, [inspector])
    assert row.status == status
    assert [one.source for one in row.statements] == (["inspector"] if machine else ["batten", "inspector"])
