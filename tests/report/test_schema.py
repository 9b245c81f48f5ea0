"""The published schema says what `--format json` prints."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from batten.report import Options, get
from batten.report.schema import report_schema
from report import sample


def rendered(name: str) -> Any:
    return json.loads(get("json").render(getattr(sample, name)(), Options()))


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())


@pytest.mark.parametrize("name", ["report", "clean", "small", "hostile"])
def test_a_rendered_report_obeys_the_schema(name: str) -> None:
    jsonschema.Draft202012Validator(report_schema()).validate(rendered(name))


@pytest.mark.parametrize(
    ("key", "value"), [("schema", "batten.report/v1"), ("findings", {}), ("version", None), ("seconds", "fast")]
)
def test_the_schema_refuses_what_is_wrong(key: str, value: object) -> None:
    saved = rendered("small")
    saved[key] = value
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(report_schema()).validate(saved)


def test_the_schema_wants_its_own_name() -> None:
    saved = rendered("small")
    del saved["schema"]
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(report_schema()).validate(saved)
