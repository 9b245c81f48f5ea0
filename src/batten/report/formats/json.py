"""The report as JSON: the contract (`batten.model.report`), findings in the common order."""

from __future__ import annotations

from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.encodable import json_bytes
from batten.report.order import in_order
from batten.report.read import read_report

__all__ = ["RENDERER", "read_report", "render"]


def render(report: Report, options: Options) -> bytes:
    """UTF-8, indented, ending in a line feed."""
    import msgspec

    ordered = replace(report, findings=in_order(report))
    return msgspec.json.format(json_bytes(ordered), indent=1) + b"\n"


RENDERER = Format("json", "the whole report for programs; its schema is in the documentation", ".json", render, True)
