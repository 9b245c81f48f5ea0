"""What is written is valid by what the specifications bring: CycloneDX's XML schema, the tools and model of SPDX."""

import gzip
import io
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest
from lxml import etree
from spdx_python_model.bindings.v3_0_1 import JSONLDDeserializer, JSONLDSerializer, SHACLObjectSet
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document

from batten.report.sbom import SbomInput, write
from report.sbom.support import ODD, bill

SCHEMAS = Path(__file__).parents[2] / "data" / "sbom" / "schemas"


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


def schema(name: str) -> bytes:
    return gzip.decompress((SCHEMAS / f"{name}.SNAPSHOT.xsd.gz").read_bytes())


class Licences(etree.Resolver):
    """The one schema that the schema of CycloneDX imports."""

    def resolve(self, url: str, _: str, context: object) -> object:
        assert "spdx" in url, url
        return self.resolve_string(schema("spdx"), context)


@pytest.fixture(scope="module")
def xml_schema() -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(Licences())
    return etree.XMLSchema(etree.fromstring(schema("bom-1.6"), parser))


@pytest.mark.parametrize("document", [bill(), bill(ODD), bill(image=None), bill(complete=False)])
def test_xml_is_valid_by_its_schema(xml_schema: etree.XMLSchema, document: SbomInput) -> None:
    written = etree.fromstring(write("cyclonedx-xml", document))
    assert xml_schema.validate(written), xml_schema.error_log


def test_the_xml_schema_refuses_what_it_does_not_know(xml_schema: etree.XMLSchema) -> None:
    written = write("cyclonedx-xml", bill()).replace(b"purl>", b"pur>")
    assert not xml_schema.validate(etree.fromstring(written))


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # ply leaves a file open
@pytest.mark.parametrize(("name", "ending"), [("spdx-json", "spdx.json"), ("spdx-tag-value", "spdx")])
def test_spdx_2_is_valid_by_the_tools_of_the_specification(tmp_path: Path, name: str, ending: str) -> None:
    path = tmp_path / f"bill.{ending}"
    path.write_bytes(write(name, bill()))
    assert validate_full_spdx_document(parse_file(str(path))) == []


def test_spdx_3_is_valid_by_the_model_of_the_specification() -> None:
    objects = SHACLObjectSet()
    JSONLDDeserializer().read(io.BytesIO(write("spdx3-json", bill())), objects)
    assert objects.link() == set()
    JSONLDSerializer().write(objects, io.BytesIO())  # verifies what must be there


def test_a_closing_mark_in_a_text_closes_nothing() -> None:
    from msgspec.structs import replace

    package = replace(ODD, instruction="RUN echo '</text>\nPackageName: forged'", paths=("a</text>b",))
    text = write("spdx-tag-value", bill(package)).decode()
    assert "\nPackageName: forged" not in text
    assert text.count("<text>") == text.count("</text>")
