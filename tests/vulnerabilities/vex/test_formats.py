"""Documents read and written: real ones, what the specifications require, and what is broken."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from referencing import Registry, Resource

from batten.model.vulnerability import Statement, Vulnerability
from batten.vulnerabilities.vex import (
    FORMATS,
    Document,
    Named,
    VexError,
    VexStatement,
    apply_vex,
    read,
    read_file,
    write,
)
from batten.vulnerabilities.vex.statements import JUSTIFICATIONS
from formats.sbom.support import read as read_bill
from formats.sbom.support import reports
from vulnerabilities.support import DATA

DIGEST = "sha256:" + "a" * 64
PRODUCT = Named(f"pkg:oci/web@{DIGEST}?repository_url=docker.io/shop/web", ("a" * 64,))
DOCUMENT = Document(author="shop", timestamp="2026-01-02T03:04:05Z", products={"image:shop/web:1": PRODUCT})
KERNEL = "vulnerable_code_not_present: a container runs on the kernel of its host"


def row(ident: str, name: str, status: Any, reason: str = "", **fields: Any) -> Vulnerability:
    statement = Statement(source="debian", id=ident, status=status, reason=reason)
    given = {"package": f"pkg:deb/debian/{name}@1-1?distro=debian-12", "name": name, "installed": "1-1"}
    given |= {"target": "image:shop/web:1", "statements": (statement,), "source": "debian"}
    return Vulnerability(id=ident, status=status, **{**given, **fields})


ROWS = [
    row("CVE-2024-1", "linux-libc-dev", "not_affected", KERNEL, aliases=("DEBIAN-CVE-2024-1",)),
    row("CVE-2024-2", "curl", "affected", fixed="1-2", remediation="update curl to 1-2"),
    row("CVE-2024-2", "libcurl4", "affected", fixed="1-2", remediation="update curl to 1-2"),
    row("CVE-2024-3", "curl", "will_not_fix", "end-of-life"),
    row("CVE-2024-4", "curl", "under_investigation"),
    row("GHSA-a", "requests", "fixed", "its files are python3-requests's"),
    row("CVE-2024-5", "curl", "not_affected", "its owner knows no such flaw"),
]


def parse(data: bytes) -> Any:
    return msgspec.json.decode(data)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read_again(name: str) -> None:
    data = write(name, ROWS, DOCUMENT)
    statements = read(data, "a.json")
    before = [row for row in ROWS if row.status in ("not_affected", "fixed")]
    open_rows = [msgspec.structs.replace(row, status="affected") for row in before]
    after, unmatched = apply_vex(open_rows, statements)
    if name == "openvex" or name == "csaf":  # the product is an image that is not there
        assert {row.status for row in after} == {"affected"}
        image = _image()
        after, unmatched = apply_vex(open_rows, statements, {"image:shop/web:1": [image]})
    assert [row.status for row in after] == [row.status for row in before]
    assert {one.flaws[0] for one in unmatched} == {"CVE-2024-2", "CVE-2024-3", "CVE-2024-4"}
    assert not any(one.refused for one in statements)


def _image() -> Any:
    from batten.model.image_content import Image
    from batten.model.workload import Resource

    return Image(
        document=None,  # type: ignore[arg-type]
        pointer=(),
        resource=Resource("image", "Image", "a"),
        scope="a",
        name="a",
        id="sha256:" + "c" * 64,
        reference="shop/web:1",
        digest=DIGEST,
    )


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_rows_give_the_same_bytes_in_any_order(name: str) -> None:
    assert write(name, ROWS, DOCUMENT) == write(name, ROWS[::-1], DOCUMENT)


def test_openvex_has_what_it_requires() -> None:
    document = parse(write("openvex", ROWS, DOCUMENT))
    assert document["@context"] == "https://openvex.dev/ns/v0.2.0"
    assert {"@id", "author", "timestamp", "version", "statements"} <= set(document)
    for statement in document["statements"]:
        if statement["status"] == "not_affected":
            assert statement.get("justification") or statement.get("impact_statement")
        if statement["status"] == "affected":
            assert statement["action_statement"]
    kernel = next(one for one in document["statements"] if one["vulnerability"]["name"] == "CVE-2024-1")
    assert kernel["justification"] == "vulnerable_code_not_present"
    assert kernel["vulnerability"]["aliases"] == ["DEBIAN-CVE-2024-1"]
    assert kernel["products"][0]["subcomponents"] == [{"@id": "pkg:deb/debian/linux-libc-dev@1-1?distro=debian-12"}]


def test_csaf_has_what_its_profile_requires() -> None:
    document = parse(write("csaf", ROWS, DOCUMENT))
    assert document["document"]["category"] == "csaf_vex"
    idents = {one["product_id"] for one in document["product_tree"]["full_product_names"]}
    idents |= {one["full_product_name"]["product_id"] for one in document["product_tree"]["relationships"]}
    for flaw in document["vulnerabilities"]:
        assert flaw.get("cve") or flaw.get("ids")
        assert flaw["notes"]
        status = flaw["product_status"]
        named = [ident for some in status.values() for ident in some]
        assert set(named) <= idents
        assert len(named) == len(set(named)), "a product has one status (CSAF 6.1.6)"
        for ident in status.get("known_not_affected", ()):  # CSAF 4.5: a reason for each
            reasons = [*flaw.get("flags", ()), *flaw.get("threats", ())]
            assert any(ident in one["product_ids"] for one in reasons)
        for ident in status.get("known_affected", ()):
            assert any(ident in one["product_ids"] for one in flaw["remediations"])


def test_csaf_gives_a_product_one_status() -> None:
    copies = [
        row("CVE-2024-1", "x", "affected", paths=("a",)),
        row("CVE-2024-1", "x", "not_affected", KERNEL, paths=("b",)),
    ]
    (flaw,) = parse(write("csaf", copies, DOCUMENT))["vulnerabilities"]
    assert list(flaw["product_status"]) == ["known_affected"]


def test_cyclonedx_is_valid_by_the_official_schema() -> None:
    folder = DATA.parent / "sbom" / "schemas"
    schemas = {
        path.name.removesuffix(".gz"): json.loads(gzip.decompress(path.read_bytes()))
        for path in folder.glob("*.schema.json.gz")
    }
    registry: Registry[Any] = Registry().with_resources(
        [(f"http://cyclonedx.org/schema/{name}", Resource.from_contents(one)) for name, one in schemas.items()]
    )
    validator = jsonschema.Draft7Validator(schemas["bom-1.6.SNAPSHOT.schema.json"], registry=registry)
    document = parse(write("cyclonedx", ROWS, DOCUMENT))
    assert [error.message for error in validator.iter_errors(document)] == []


def test_cyclonedx_refers_to_its_components() -> None:
    document = parse(write("cyclonedx", ROWS, DOCUMENT))
    refs = {one["bom-ref"] for one in document["components"]}
    affected = {one["ref"] for flaw in document["vulnerabilities"] for one in flaw["affects"]}
    assert affected <= refs
    states = {flaw["id"]: flaw["analysis"]["state"] for flaw in document["vulnerabilities"]}
    assert states["CVE-2024-1"] == "not_affected"
    assert states["CVE-2024-3"] == "exploitable"


# ------------------------------------------------------------------------------------------- reading
def test_ubuntu_s_own_openvex() -> None:
    statements = read_file(DATA / "openvex" / "ubuntu-CVE-2023-38545.json")
    assert {one.flaws[0] for one in statements} == {"CVE-2023-38545"}
    assert {one.status for one in statements} <= {"fixed", "affected", "not_affected"}


def test_red_hat_s_own_csaf() -> None:
    (statement,) = read_file(DATA / "csaf" / "cve-2024-24786-simple.json")
    assert statement.flaws == ("CVE-2024-24786",)
    assert statement.status == "fixed"
    subject = statement.subjects[0]
    assert subject.component is not None
    assert subject.component.text == "pkg:rpm/redhat/cri-tools@1.29.0-3.1.el9?arch=aarch64"
    assert subject.product.cpe == "cpe:/a:redhat:openshift:4.16::el9"


def one(document: dict[str, Any]) -> VexStatement:
    (statement,) = read(json.dumps(document).encode(), "a.json")
    return statement


def openvex(**statement: Any) -> dict[str, Any]:
    given = {"vulnerability": {"name": "CVE-2024-1"}, "products": [{"@id": "pkg:pypi/x"}], "status": "fixed"}
    return {"@context": "https://openvex.dev/ns/v0.2.0", "timestamp": "2026", "statements": [{**given, **statement}]}


def test_openvex_of_the_first_version() -> None:
    old = openvex(vulnerability="CVE-2024-1", products=["pkg:oci/web"], subcomponents=["pkg:pypi/x"])
    found = one(old)
    assert found.flaws == ("CVE-2024-1",)
    assert [(each.product.text, each.component.text) for each in found.subjects if each.component] == [
        ("pkg:oci/web", "pkg:pypi/x")
    ]


def test_openvex_names_by_identifiers_and_hashes() -> None:
    product = {"@id": "urn:x", "identifiers": {"purl": "pkg:pypi/x@1"}, "hashes": {"sha-256": "AA"}}
    assert one(openvex(products=[product])).subjects[0].product == Named("pkg:pypi/x@1", ("aa",))


def test_openvex_flaws_by_address() -> None:
    flaw = {"@id": "https://nvd.nist.gov/vuln/detail/CVE-2024-1", "aliases": ["GHSA-a", "https://x/y"]}
    assert one(openvex(vulnerability=flaw)).flaws == ("CVE-2024-1", "GHSA-a")


def test_openvex_a_statement_has_the_document_s_date_unless_its_own() -> None:
    assert one(openvex()).timestamp == "2026"
    assert one(openvex(timestamp="2027")).timestamp == "2027"


def test_openvex_not_affected_needs_a_reason() -> None:
    assert one(openvex(status="not_affected")).refused
    assert not one(openvex(status="not_affected", justification="component_not_present")).refused
    assert not one(openvex(status="not_affected", impact_statement="not built")).refused


def test_openvex_an_unknown_status() -> None:
    with pytest.raises(VexError, match="as status of statement 1, found 'maybe'"):
        one(openvex(status="maybe"))


def csaf(**flaw: Any) -> dict[str, Any]:
    helper = {"purl": "pkg:pypi/x@1"}
    return {
        "document": {"csaf_version": "2.0", "tracking": {"current_release_date": "2026"}},
        "product_tree": {
            "branches": [
                {
                    "branches": [
                        {
                            "product": {
                                "product_id": "C",
                                "name": "x",
                                "product_identification_helper": helper,
                            }
                        }
                    ]
                }
            ],
            "full_product_names": [{"product_id": "I", "name": "shop/web:1"}],
            "relationships": [
                {
                    "category": "default_component_of",
                    "product_reference": "C",
                    "relates_to_product_reference": "I",
                    "full_product_name": {"product_id": "I:C", "name": "x in web"},
                }
            ],
            "product_groups": [{"group_id": "G", "product_ids": ["I:C"]}],
        },
        "vulnerabilities": [{"cve": "CVE-2024-1", **flaw}],
    }


def test_csaf_components_groups_and_flags() -> None:
    found = one(
        csaf(
            product_status={"known_not_affected": ["I:C"]},
            flags=[{"label": "component_not_present", "group_ids": ["G"]}],
        )
    )
    assert (found.status, found.justification, found.refused) == ("not_affected", "component_not_present", "")
    subject = found.subjects[0]
    assert (subject.product.text, subject.component) == ("shop/web:1", Named("pkg:pypi/x@1"))


def test_csaf_not_affected_needs_a_reason() -> None:
    assert one(csaf(product_status={"known_not_affected": ["C"]})).refused


def cyclonedx(**flaw: Any) -> dict[str, Any]:
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "metadata": {"component": {"type": "container", "name": "shop/web", "version": DIGEST, "bom-ref": "i"}},
        "components": [
            {"type": "library", "name": "a", "bom-ref": "a", "purl": "pkg:pypi/a@1",
             "components": [{"type": "library", "name": "x", "bom-ref": "x", "purl": "pkg:pypi/x@1"}]}
        ],
        "vulnerabilities": [{"id": "CVE-2024-1", "affects": [{"ref": "x"}], **flaw}],
    }  # fmt: skip


def test_cyclonedx_nested_components_and_words_of_its_own() -> None:
    analysis = {"state": "not_affected", "justification": "code_not_reachable", "detail": "never  called"}
    found = one(cyclonedx(analysis=analysis))
    assert (found.status, found.justification) == ("not_affected", "vulnerable_code_not_in_execute_path")
    assert found.note == "never called"
    subject = found.subjects[0]
    assert (subject.product.text, subject.component) == (f"shop/web@{DIGEST}", Named("pkg:pypi/x@1"))


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("resolved", "fixed"),
        ("resolved_with_pedigree", "fixed"),
        ("exploitable", "affected"),
        ("in_triage", "under_investigation"),
        ("false_positive", "not_affected"),
    ],
)
def test_cyclonedx_states(state: str, status: str) -> None:
    assert one(cyclonedx(analysis={"state": state})).status == status


def test_cyclonedx_without_an_analysis_states_nothing() -> None:
    assert not read(json.dumps(cyclonedx()).encode(), "a.json")


def test_cyclonedx_links_to_other_documents() -> None:
    link = "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#pkg%3Apypi%2Fx%401"
    found = one(cyclonedx(analysis={"state": "exploitable"}, affects=[{"ref": link}]))
    assert found.subjects[0].product.text == "pkg:pypi/x@1"


# ------------------------------------------------------------------------------------------ broken
@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b"\xff\xfe",
        b'{"@context": 5}',
        b'{"document": {"csaf_version": "2.0"}, "vulnerabilities": 7}',
        b'{"bomFormat": "CycloneDX", "vulnerabilities": [{"affects": [{}]}]}',
        b'{"@context": "https://openvex.dev/ns", "statements": [{"products": {}}]}',
        b"[" * 100_000,
    ],
)
def test_broken_documents_are_one_line(data: bytes) -> None:
    with pytest.raises(VexError) as raised:
        read(data, "a.json")
    assert "\n" not in str(raised.value)


def test_branches_in_branches_have_a_bound() -> None:
    branch: dict[str, Any] = {}
    for _ in range(100):
        branch = {"branches": [branch]}
    document = csaf(product_status={"fixed": ["C"]})
    document["product_tree"]["branches"] = [branch]
    with pytest.raises(VexError, match="branches in one another"):
        one(document)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(VexError, match="cannot be read"):
        read_file(tmp_path / "none.json")


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="known: openvex, csaf, cyclonedx"):
        write("xml", [], DOCUMENT)


_KEYS = (
    *("@id", "products", "subcomponents", "status", "vulnerability", "name", "affects", "ref", "analysis", "state"),
    *("product_status", "fixed", "flags", "product_ids", "components", "purl", "hashes", "branches", "product"),
)
_PARTS = ("statements", "vulnerabilities", "components", "product_tree", "metadata")
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_KEYS), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(_PARTS), _JSON, st.sampled_from(FORMATS))
def test_whatever_a_document_holds_it_is_read_or_refused(key: str, value: Any, name: str) -> None:
    head: dict[str, Any] = {
        "openvex": {"@context": "https://openvex.dev/ns"},
        "csaf": {"document": {"csaf_version": "2.0"}},
        "cyclonedx": {"bomFormat": "CycloneDX"},
    }[name]
    try:
        statements = read(json.dumps({**head, key: value}).encode(), "a.json")
    except VexError:
        return
    apply_vex(ROWS, statements)


def test_what_will_not_be_mended_stays_so_through_cyclonedx() -> None:
    data = write("cyclonedx", ROWS, DOCUMENT)
    before = [one for one in ROWS if one.status == "will_not_fix"]
    after, _ = apply_vex(
        [msgspec.structs.replace(one, status="affected") for one in before],
        read(data, "a.json"),
        {"image:shop/web:1": [_image()]},
    )
    assert [one.status for one in after] == ["will_not_fix"]
    (flaw,) = (one for one in parse(data)["vulnerabilities"] if one["id"] == "CVE-2024-3")
    assert (flaw["analysis"]["state"], flaw["analysis"]["response"]) == ("exploitable", ["will_not_fix"])
    (report,) = reports(read_bill(data))
    assert {one.id: one.status for one in report.rows}["CVE-2024-3"] == "will_not_fix"


@pytest.mark.parametrize("name", FORMATS)
def test_statuses_outlive_being_written_and_read(name: str) -> None:
    """Each status, and each justification, on a scan that knows the flaws for affected."""
    reasons = [f"{word}: so we say" for word in JUSTIFICATIONS]
    stated = [
        *(row(f"CVE-2025-{number}", "curl", "not_affected", text) for number, text in enumerate(reasons, 100)),
        row("CVE-2025-1", "curl", "fixed", "patched here"),
        row("CVE-2025-2", "curl", "affected", fixed="1-2", remediation="update curl to 1-2"),
        row("CVE-2025-3", "curl", "will_not_fix", "no-dsa"),
    ]
    plain = [msgspec.structs.replace(one, status="affected", statements=()) for one in stated]
    after, unmatched = apply_vex(plain, read(write(name, stated, DOCUMENT), "a.json"), {"image:shop/web:1": [_image()]})
    assert not unmatched
    # OpenVEX has no word for what will not be mended; see docs/vulnerabilities.md
    expected = {"CVE-2025-3": "affected"} if name == "openvex" else {}
    assert {one.id: one.status for one in after} == {one.id: expected.get(one.id, one.status) for one in stated}
    justified = {one.id: one.statements[0].reason for one in after if one.status == "not_affected"}
    assert list(justified.values()) == reasons
    again, _ = apply_vex(stated, read(write(name, stated, DOCUMENT), "a.json"), {"image:shop/web:1": [_image()]})
    assert [one.status for one in again] == [one.status for one in stated]


def test_csaf_no_fix_planned_is_what_will_not_be_mended() -> None:
    document = parse(write("csaf", [row("CVE-2025-3", "curl", "will_not_fix", "no-dsa")], DOCUMENT))
    (flaw,) = document["vulnerabilities"]
    assert [one["category"] for one in flaw["remediations"]] == ["no_fix_planned"]
    (statement,) = read(msgspec.json.encode(document), "a.json")
    assert (statement.status, statement.is_unmended) == ("affected", True)
    flaw["remediations"].append({"category": "vendor_fix", "details": "update", "product_ids": ["other"]})
    (statement,) = read(msgspec.json.encode(document), "a.json")
    assert statement.is_unmended
    flaw["remediations"][-1]["product_ids"] = flaw["product_status"]["known_affected"]
    (statement,) = read(msgspec.json.encode(document), "a.json")
    assert not statement.is_unmended


def test_cyclonedx_has_a_property_where_it_lacks_the_word() -> None:
    rows = [
        row("CVE-2025-1", "curl", "not_affected", "component_not_present"),
        row("CVE-2025-2", "curl", "not_affected", "vulnerable_code_not_present"),
    ]
    document = parse(write("cyclonedx", rows, DOCUMENT))
    first, second = document["vulnerabilities"]
    assert first["analysis"]["justification"] == second["analysis"]["justification"] == "code_not_present"
    assert first["properties"] == [{"name": "batten:justification", "value": "component_not_present"}]
    assert "properties" not in second
    first["properties"][0]["value"] = "because"
    assert [one.justification for one in read(msgspec.json.encode(document), "a")] == [
        "vulnerable_code_not_present"
    ] * 2
