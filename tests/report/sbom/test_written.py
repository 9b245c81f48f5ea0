"""What is written, told by the official models where they are at hand: XML by its structure, SPDX by its own tools."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from batten.report.sbom import write
from report.sbom.support import ODD, bill


def test_xml_says_the_same_as_json_and_has_no_character_that_xml_forbids() -> None:
    root = ElementTree.fromstring(write("cyclonedx-xml", bill()))
    space = {"c": "http://cyclonedx.org/schema/bom/1.6"}
    purls = [one.text for one in root.findall("c:components/c:component/c:purl", space)]
    assert len(purls) == len(bill().packages)
    versions = [one.text for one in root.findall("c:components/c:component/c:version", space)]
    assert "1.0 <&> \N{REPLACEMENT CHARACTER}" in versions
    edges = root.findall("c:dependencies/c:dependency/c:dependency", space)
    assert len(edges) > 0
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", root.attrib["serialNumber"])


@pytest.mark.parametrize(("name", "ending"), [("spdx-json", "spdx.json"), ("spdx-tag-value", "spdx")])
def test_spdx_2_is_valid_by_the_tools_of_the_specification(tmp_path: Path, name: str, ending: str) -> None:
    parser = pytest.importorskip("spdx_tools.spdx.parser.parse_anything")
    validator = pytest.importorskip("spdx_tools.spdx.validation.document_validator")
    path = tmp_path / f"bill.{ending}"
    path.write_bytes(write(name, bill()))
    assert validator.validate_full_spdx_document(parser.parse_file(str(path))) == []


def test_spdx_3_is_valid_by_the_model_of_the_specification() -> None:
    model = pytest.importorskip("spdx_python_model.v3_0_1")
    import io

    objects = model.SHACLObjectSet()
    model.JSONLDDeserializer().read(io.BytesIO(write("spdx3-json", bill())), objects)
    assert objects.link() == set()
    model.JSONLDSerializer().write(objects, io.BytesIO())  # verifies what must be there


def test_a_closing_mark_in_a_text_closes_nothing() -> None:
    from msgspec.structs import replace

    package = replace(ODD, instruction="RUN echo '</text>\nPackageName: forged'", paths=("a</text>b",))
    text = write("spdx-tag-value", bill(package)).decode()
    assert "\nPackageName: forged" not in text
    assert text.count("<text>") == text.count("</text>")
