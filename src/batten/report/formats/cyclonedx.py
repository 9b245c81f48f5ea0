"""The vulnerabilities as CycloneDX (its `analysis`): see `batten.report.vex_document`."""

from __future__ import annotations

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.vex_document import vex_document


def render(report: Report, options: Options) -> bytes:
    """UTF-8; findings that are no vulnerabilities are not part of it."""
    return vex_document(report, "cyclonedx")


RENDERER = Format(
    "cyclonedx",
    "the vulnerabilities with verdicts, as CycloneDX",
    ".json",
    render,
    True,
)
