"""CycloneDX 1.6: valid by its schema, the same bytes for the same packages, nothing lost."""

import gzip
import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource

from batten.report.sbom import SbomInput, write
from report.sbom import support
from report.sbom.support import bill

SCHEMAS = Path(__file__).parents[2] / "data" / "sbom" / "schemas"


@pytest.fixture(scope="module")
def validator() -> jsonschema.Draft7Validator:
    schemas = {
        path.name.removesuffix(".gz"): json.loads(gzip.decompress(path.read_bytes()))
        for path in sorted(SCHEMAS.glob("*.schema.json.gz"))
    }
    registry: Registry[Any] = Registry().with_resources(
        [(f"http://cyclonedx.org/schema/{name}", Resource.from_contents(one)) for name, one in schemas.items()]
    )
    bom = schemas["bom-1.6.SNAPSHOT.schema.json"]
    return jsonschema.Draft7Validator(bom, registry=registry)


def cyclonedx(document: SbomInput) -> Any:
    return json.loads(write("cyclonedx-json", document))


def component(document: SbomInput, name: str) -> Any:
    return next(one for one in cyclonedx(document)["components"] if one["name"] == name)


@pytest.mark.parametrize(
    "document", [bill(), bill(image=None), bill(image=support.image(digest="")), bill(complete=False, packages=())]
)
def test_the_document_is_valid_by_the_official_schema(
    validator: jsonschema.Draft7Validator, document: SbomInput
) -> None:
    assert [error.message for error in validator.iter_errors(cyclonedx(document))] == []


def test_the_order_of_reading_makes_no_difference() -> None:
    again = bill(*reversed(support.PACKAGES))
    assert write("cyclonedx-json", bill()) == write("cyclonedx-json", again)


def test_another_package_is_another_document() -> None:
    less = cyclonedx(bill(*support.PACKAGES[1:]))
    assert less["serialNumber"] != cyclonedx(bill())["serialNumber"]
    later = cyclonedx(bill(created="2030-01-01T00:00:00Z"))
    assert later["serialNumber"] == cyclonedx(bill())["serialNumber"]


def test_needs_lead_to_the_nearest_copy_and_stay_inside_the_document() -> None:
    needs = {one["ref"]: one.get("dependsOn", []) for one in cyclonedx(bill())["dependencies"]}
    assert needs["pkg:npm/express@4.18.0"] == ["pkg:npm/debug@2.6.9"]
    assert needs[component(bill(), "libssl3")["bom-ref"]] == ["pkg:deb/debian/libc6@2.36-9%2Bdeb12u9"]
    assert {ref for refs in needs.values() for ref in refs} <= set(needs)
    assert "pkg:npm/express@4.18.0" in needs["target"]
    assert "pkg:npm/debug@2.6.9" not in needs["target"]


def test_two_copies_of_one_version_have_references_of_their_own() -> None:
    twins = [one for one in cyclonedx(bill())["components"] if one.get("purl") == "pkg:npm/debug@4.3.4"]
    assert [one["evidence"]["occurrences"] for one in twins] == [
        [{"location": "app/node_modules/debug/package.json"}],
        [{"location": "tools/node_modules/debug/package.json"}],
    ]
    assert len({one["bom-ref"] for one in twins}) == 2


def test_licences_are_identifiers_expressions_or_words() -> None:
    assert component(bill(), "libssl3")["licenses"] == [
        {"license": {"id": "Apache-2.0"}},
        {"license": {"name": "GPL-2+"}},
    ]
    assert component(bill(), "express")["licenses"] == [{"expression": "MIT OR Apache-2.0"}]
    assert component(bill(), "odd\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}name")["licenses"][0] == {
        "license": {"name": "see LICENSE file"}
    }


def test_malformed_digests_are_left_out() -> None:
    assert component(bill(), "express")["hashes"] == [{"alg": "SHA-512", "content": "a" * 128}]


def test_layer_source_and_step_are_properties() -> None:
    told = {one["name"]: one["value"] for one in component(bill(), "libssl3")["properties"]}
    assert told["batten:layer"] == support.LAYER
    assert told["batten:source:name"] == "openssl"
    assert told["batten:instruction"] == "ADD rootfs.tar /"
    assert told["batten:from_base"] == "true"


def test_what_was_seen_in_a_binary_is_evidence() -> None:
    found = component(bill(), "nginx")["evidence"]["identity"][0]
    assert found["methods"] == [
        {"technique": "binary-analysis", "confidence": 0.7, "value": "nginx/1.25.3 in usr/sbin/nginx"}
    ]


def test_a_target_that_was_not_read_whole_says_so() -> None:
    assert cyclonedx(bill(complete=False))["compositions"] == [{"aggregate": "incomplete", "assemblies": ["target"]}]
    assert "compositions" not in cyclonedx(bill())
