"""Bills of materials that are broken, or made to cost much: one clear refusal each."""

import json

import pytest

from batten.formats.sbom import READER
from batten.limits import SBOM_PACKAGES
from batten.model.source import File, Unreadable
from formats.sbom.support import packages, read

BOM = '<bom xmlns="http://cyclonedx.org/schema/bom/1.5" version="1">'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('<!DOCTYPE b [<!ENTITY x "y">]>' + BOM + "&x;</bom>", "expected XML without a document type, found one"),
        (BOM + "<components>", "expected well-formed XML, found no element found|unclosed token|found"),
        (BOM.replace("/1.5", "/2.0") + "</bom>", "expected a bom of http://cyclonedx.org/schema/bom/1.x"),
        (BOM.replace("/1.5", "/1.9") + "</bom>", "expected CycloneDX 1.2 to 1.7, found specVersion '1.9'"),
        (BOM + "<a>" * 500, "120 in one another, found more"),
        ('<?xml version="1.0" encoding="nonsense"?>' + BOM + "</bom>", "expected XML in UTF-8|unknown encoding"),
    ],
)
def test_xml_is_refused_in_one_line(text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said) as refused:
        read(text.encode(), "bom.xml")
    assert refused.value.line == 1


def test_a_text_of_tag_value_that_never_ends_is_refused_at_its_line() -> None:
    with pytest.raises(Unreadable, match="expected </text> behind <text>") as refused:
        read(b"SPDXVersion: SPDX-2.3\nDocumentComment: <text>forever\nPackageName: a\n", "bom.spdx")
    assert refused.value.line == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"spdxVersion": "SPDX-1.0", "SPDXID": 1}', "expected SPDX-2.2 or SPDX-2.3, found spdxVersion 'SPDX-1.0'"),
        (b'{"@context": "https://spdx.org/rdf/3.0.1/x", "@graph": []}', "expected SPDX 3.0, found specVersion ''"),
        (b"SPDXVersion: SPDX-9\n", "expected SPDX-2.2 or SPDX-2.3, found spdxVersion 'SPDX-9'"),
    ],
)
def test_other_versions_are_refused(data: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read(data)


def test_more_packages_than_any_image_has_are_refused() -> None:
    components = [{"purl": f"pkg:npm/a@{number}"} for number in range(SBOM_PACKAGES + 1)]
    with pytest.raises(Unreadable, match="expected at most 50,000 packages"):
        read(json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}).encode())


def test_two_components_under_one_reference_are_both_kept() -> None:
    components = [{"bom-ref": "x", "purl": "pkg:npm/a@1"}, {"bom-ref": "x", "purl": "pkg:npm/b@1"}]
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", "components": components}
    assert list(packages(read(json.dumps(document).encode()))) == ["a 1", "b 1"]


def test_a_document_that_depends_on_itself_ends() -> None:
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "components": [{"bom-ref": "x", "purl": "pkg:npm/a@1"}],
        "dependencies": [{"ref": "x", "dependsOn": ["x", "y"]}, {"ref": "y", "dependsOn": ["x"]}],
    }
    assert packages(read(json.dumps(document).encode()))["a 1"].depends == ("a",)


@pytest.mark.parametrize("value", [None, 7, "x", [], [None], {"a": []}, [[{}]], True])
@pytest.mark.parametrize("key", ["components", "metadata", "dependencies", "vulnerabilities"])
def test_fields_of_another_shape_are_as_if_absent(key: str, value: object) -> None:
    document = {"bomFormat": "CycloneDX", "specVersion": "1.6", key: value}
    assert packages(read(json.dumps(document).encode())) == {}


def test_html_and_other_xml_are_left_to_other_readers() -> None:
    for text in (b"<html></html>", b'<project xmlns="http://maven.apache.org/POM/4.0.0"/>', b"Title: SPDXVersion: 2"):
        assert not READER.wants(File("x", text))
