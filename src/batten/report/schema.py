"""The JSON Schema of the report, generated from the structs: the docs and other programs use it."""

from __future__ import annotations

from typing import Any

from batten.model.report import SCHEMA, Report


def report_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of what `--format json` prints."""
    import msgspec

    schema = msgspec.json.schema(Report)
    definitions = schema["$defs"]
    definitions["Report"]["properties"]["schema"] = {"const": SCHEMA}
    definitions["Report"]["required"] = ["schema", *definitions["Report"]["required"]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:batten:{SCHEMA}",
        "title": "batten report",
        **schema,
    }
