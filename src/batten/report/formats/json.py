"""The report as JSON: the contract (`batten.model.report`), findings in the common order."""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from batten.model.report import Report
from batten.report import Format, Options
from batten.report.encodable import json_bytes
from batten.report.order import in_order
from batten.report.read import read_report

__all__ = ["RENDERER", "read_report", "render"]


def render(report: Report, options: Options) -> bytes:
    """UTF-8, indented, ending in a line feed."""
    from io import BytesIO

    found = in_order(report)
    # a string holds no raw line break: this stands once in the text
    head, empty, tail = _indented(replace(report, findings=[])).partition(_NO_FINDINGS)
    if not found:
        return head + empty + tail + b"\n"
    written = BytesIO()  # findings are most of a report: beside the whole text only some of them are held
    written.write(head)
    for start in range(0, len(found), _AT_ONCE):
        part = _indented({"findings": found[start : start + _AT_ONCE]})
        written.write(_OPENED if not start else b",")
        written.write(memoryview(part)[len(b"{") + len(_OPENED) : -len(_CLOSED) - len(b"\n}")])
    written.write(_CLOSED)
    written.write(memoryview(tail))
    written.write(b"\n")
    return written.getvalue()


_AT_ONCE: Final = 500
_OPENED: Final = b'\n "findings": ['
_CLOSED: Final = b"\n ]"
_NO_FINDINGS: Final = _OPENED + b"]"


def _indented(value: Any) -> bytes:
    import msgspec

    return msgspec.json.format(json_bytes(value), indent=1)


RENDERER = Format("json", "the whole report for programs; its schema is in the documentation", ".json", render, True)
