"""Baselines: the findings that were known on a day, by fingerprint."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

import msgspec
from msgspec import Struct

from batten import limits
from batten.engine.known import Known, Was, content_of, remembered
from batten.model.report import SCHEMA as REPORT_SCHEMA
from batten.model.report import Finding
from batten.model.source import Location
from batten.model.workload import Resource

SCHEMA: Final = "batten.baseline/v0"
_EXPECTED: Final = "expected a baseline or a saved report"
_BYTE: Final = re.compile(r" \(byte (\d+)\)")
_OURS: Final = re.compile(rb'"schema"\s*:\s*"batten\.')
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


class BaselineError(Exception):
    """The baseline cannot be used: one line. Exit code 2."""


class Baseline(Struct, frozen=True):
    """`findings`: fingerprint -> check, place and message, for people who read the file. `files`: fingerprint -> what
    it says in short (`batten.engine.known.content_of`) and the path: by that it is known where the file is renamed."""

    schema: str
    written: str
    findings: dict[str, str]
    files: dict[str, str] = {}


def mark_of(finding: Finding | _Row) -> str:
    """What a finding is known by in a baseline: counted from the top of its tree."""
    return finding.fingerprint_from_top or finding.fingerprint


def make(findings: Iterable[Finding], written: str) -> bytes:
    """The baseline of the open findings, sorted, one a line (a diff of it can be read)."""
    known = {mark_of(one): one for one in findings if one.status in ("open", "baseline")}
    rows = {mark: f"{one.check} {one.location.path}: {one.message}"[:300] for mark, one in known.items()}
    ordered = dict(sorted(rows.items(), key=lambda row: (row[1], row[0])))
    files = {mark: f"{content_of(known[mark])} {known[mark].location.path}" for mark in ordered}
    return msgspec.json.format(msgspec.json.encode(Baseline(SCHEMA, written, ordered, files)), indent=2) + b"\n"


def read(data: bytes, path: str) -> Known:
    """The fingerprints of a baseline or of a saved report; raises `BaselineError`.

    Of a report: of all findings but the waived ones, whose waivers must go on holding.
    """
    if len(data) > limits.REPORT_BYTES:
        found = f"{len(data) // limits.MIB:,} MiB or more"
        raise BaselineError(f"{path}: {_EXPECTED} of at most {limits.REPORT_BYTES // limits.MIB} MiB, found {found}")
    if data.startswith(_UTF16):
        raise BaselineError(f"{path}: {_EXPECTED} in UTF-8, found UTF-16; write it with --output FILE")
    data = data.removeprefix(b"\xef\xbb\xbf")
    if not data.strip():
        raise BaselineError(f"{path}: {_EXPECTED}, found nothing in it; write one: batten init --baseline FILE")
    try:
        schema = msgspec.json.decode(data, type=_Head).schema
        if schema == SCHEMA:
            baseline = msgspec.json.decode(data, type=Baseline)
            return Known(baseline.findings, (Was(mark, *_parted(text)) for mark, text in baseline.files.items()))
        if schema == REPORT_SCHEMA:
            rows = [one for one in msgspec.json.decode(data, type=_Findings).findings if one.status != "waived"]
            return Known(map(mark_of, rows), (remembered(one, mark_of(one)) for one in rows))
    except msgspec.ValidationError as error:
        raise BaselineError(f"{path}: {_EXPECTED}, found other JSON: {error}") from None
    except msgspec.DecodeError as error:
        raise BaselineError(f"{path}: {_EXPECTED}, found no JSON: {_placed(str(error), data)}") from None
    except UnicodeDecodeError:
        raise BaselineError(f"{path}: {_EXPECTED} in UTF-8, found other bytes") from None
    except RecursionError:
        raise BaselineError(f"{path}: {_EXPECTED}, found JSON nested deeper than either is") from None
    raise BaselineError(f"{path}: {_EXPECTED}, found {_other(schema)}")


def is_saved(data: bytes) -> bool:
    """Is it a document that batten wrote, whole or not, of whatever version? For a place where a target may
    stand as well."""
    if data.startswith(_UTF16):
        data = data.decode("utf-16", "replace").encode("utf-8", "replace")
    data = data.removeprefix(b"\xef\xbb\xbf").lstrip()
    if not data.startswith(b"{") or not _OURS.search(data):
        return False
    try:
        return msgspec.json.decode(data, type=_Head).schema.startswith("batten.")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return True  # a report that was cut short


def _other(schema: str) -> str:
    if not schema:
        return 'JSON without the "schema" of batten: a file of another tool?'
    family = schema.rpartition("/")[0]
    if family in (SCHEMA.rpartition("/")[0], REPORT_SCHEMA.rpartition("/")[0]):
        return f"{schema[:60]!r}, of another version of batten; make it again with this one"
    return f"the schema {schema[:60]!r}"


def _placed(message: str, data: bytes) -> str:
    """The decoder's message with the line instead of the byte."""
    match = _BYTE.search(message)
    if match is None:
        return message
    line = data.count(b"\n", 0, int(match[1])) + 1
    return f"{_BYTE.sub('', message)} in line {line}"


class _Head(Struct):
    schema: str = ""


class _Row(Struct):
    """As much of `batten.model.report.Finding` as a baseline asks for."""

    fingerprint: str
    fingerprint_from_top: str = ""
    status: str = "open"
    check: str = ""
    message: str = ""
    resource: Resource | None = None
    location: Location = Location("", 0)


class _Findings(Struct):
    findings: list[_Row]


def _parted(text: str) -> tuple[str, str]:
    content, _, path = text.partition(" ")
    return content, path
