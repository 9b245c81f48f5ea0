"""The vulnerabilities as CSAF 2.0 (profile VEX): see `batten.report.vex_document`."""

from __future__ import annotations

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.vex_document import vex_document


def render(report: Report, options: Options) -> bytes:
    """UTF-8; findings that are no vulnerabilities are not part of it."""
    return vex_document(report, "csaf")


RENDERER = Format("csaf", "the vulnerabilities with verdicts, as CSAF 2.0 (profile VEX)", ".json", render, True)
