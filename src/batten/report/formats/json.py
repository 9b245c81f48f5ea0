"""The report as JSON: the contract (`batten.model.report`), findings in the common order."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.encodable import with_list
from batten.report.order import in_order
from batten.report.read import read_report

__all__ = ["RENDERER", "pieces", "read_report", "render"]


def render(report: Report, options: Options) -> bytes:
    """UTF-8, indented, ending in a line feed."""
    return b"".join(pieces(report, options))


def pieces(report: Report, options: Options) -> Iterator[bytes]:
    """The same, part by part: findings are most of a report."""
    return with_list(lambda: replace(report, findings=[]), "findings", in_order(report))


RENDERER = Format(
    "json",
    "the whole report for programs; its schema is in the documentation",
    ".json",
    render,
    binary=True,
    pieces=pieces,
)
