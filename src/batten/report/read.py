"""Reads saved reports. They come from elsewhere: bounded, validated, refused with one clear line."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten import limits
from batten.model.report import SCHEMA, Report
from batten.model.source import Location
from batten.pattern import pattern
from batten.report import UnreadableReport

_DATE: Final = pattern(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
_BYTE: Final = pattern(r"\(byte (\d+)\)")


class _Head(Struct):
    schema: str = ""


def read_report(data: bytes) -> Report:
    """The report that `data` holds as JSON (UTF-8, a byte order mark is passed over).

    Raises `UnreadableReport`: too large, no JSON, no report, a report of another schema, a field that
    is missing or of a wrong type, a number no report has.
    """
    import msgspec

    if len(data) > limits.REPORT_BYTES:
        found = f"{len(data) // limits.MIB:,} MiB"
        raise UnreadableReport(f"expected a report of at most {limits.REPORT_BYTES // limits.MIB} MiB, found {found}")
    if data.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        raise UnreadableReport(
            "expected a report in UTF-8, found UTF-16 or UTF-32, which the `>` of PowerShell writes; save it with "
            "--output FILE"
        )
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise UnreadableReport("expected a saved report, found nothing; write one: batten scan . --format json")
    try:
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema != SCHEMA:
            raise UnreadableReport(_other_schema(schema))
        report = msgspec.json.decode(data, type=Report)
    except msgspec.ValidationError as error:
        raise UnreadableReport(f"expected a report as {SCHEMA} says, found: {error}") from None
    except msgspec.DecodeError as error:
        raise UnreadableReport(f"expected a report in JSON, found: {_placed(str(error), data)}") from None
    except UnicodeDecodeError:
        raise UnreadableReport(_no_text(data)) from None
    except RecursionError:
        raise UnreadableReport("expected a report, found JSON nested deeper than any report is") from None
    _check_numbers(report)
    return report


def _other_schema(schema: str) -> str:
    if not schema:
        return f'expected a report of batten ("schema": "{SCHEMA}"), found JSON without a "schema"'
    if schema.startswith("batten.report/"):
        return f"expected {SCHEMA}, found {schema[:60]!r}; make the report again with this version of batten"
    return f"expected {SCHEMA}, found the schema {schema[:60]!r}"


def _no_text(data: bytes) -> str:
    """Where the bytes stop being UTF-8: the decoder's own position counts from the string it was in."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return f"expected UTF-8, found byte 0x{data[error.start]:02x} in line {line}"
    return "expected UTF-8"


def _placed(message: str, data: bytes) -> str:
    """The decoder's message with the line instead of the byte."""
    match = _BYTE.search(message)
    if match is None:
        return message
    line = data.count(b"\n", 0, int(match[1])) + 1
    return _BYTE.sub(f"(line {line})", message)


def _check_numbers(report: Report) -> None:
    """Renderers count and pad with these numbers: they must be such as a scan gives."""
    for finding in report.findings:
        for location in (finding.location, *finding.related):
            _check_location(location)
        if finding.excerpt is not None:
            _check("excerpt.start", finding.excerpt.start, 1)
        _check("strategy", finding.strategy, 0)
    for target in report.targets:
        _check("files", target.files, 0)
        for problem in target.problems:
            _check("problems.line", problem.line or 0, 0)
    for strategy in report.score.strategies:
        for name in ("number", "passed", "failed", "waived"):
            _check(name, getattr(strategy, name), 0)
    for name in report.count.__struct_fields__:
        _check(name, getattr(report.count, name), 0)
    for framework in report.frameworks:
        for control in framework.controls:
            _check("controls.findings", control.findings, 0)
    _check("exit_code", report.exit_code, 0)
    if not 0 <= report.seconds <= limits.REPORT_NUMBER:
        raise UnreadableReport(f'expected "seconds" from 0, found {report.seconds}')
    if report.started and not _DATE.fullmatch(report.started):
        raise UnreadableReport(f'expected "started" as 2027-01-31T12:00:00Z, found {report.started[:40]!r}')


def _check_location(location: Location) -> None:
    _check("location.line", location.line, 0)
    for name in ("column", "end_line", "end_column"):
        _check(f"location.{name}", getattr(location, name), 0)


def _check(name: str, number: int, least: int) -> None:
    if not least <= number <= limits.REPORT_NUMBER:
        found = str(number) if abs(number) < 10**20 else "a number of more than 20 digits"
        raise UnreadableReport(f'expected "{name}" from {least} to {limits.REPORT_NUMBER}, found {found}')
