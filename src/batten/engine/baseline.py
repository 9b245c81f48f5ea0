"""Baselines: the findings that were known on a day, by fingerprint."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.report import Finding

SCHEMA = "batten.baseline/v0"


class BaselineError(Exception):
    """The baseline cannot be used: one line. Exit code 2."""


class Baseline(Struct, frozen=True):
    """`findings`: fingerprint -> check, place and message, for people who read the file."""

    schema: str
    written: str
    findings: dict[str, str]


def make(findings: Iterable[Finding], written: str) -> bytes:
    """The baseline of the open findings, sorted, one a line (a diff of it can be read)."""
    rows = {
        one.fingerprint: f"{one.check} {one.location.path}: {one.message}"[:300]
        for one in findings
        if one.status in ("open", "baseline")
    }
    ordered = dict(sorted(rows.items(), key=lambda row: (row[1], row[0])))
    return msgspec.json.format(msgspec.json.encode(Baseline(SCHEMA, written, ordered)), indent=2) + b"\n"


def read(data: bytes, path: str) -> frozenset[str]:
    """The fingerprints of a baseline or of a saved report; raises `BaselineError`."""
    if len(data) > limits.ARCHIVE_BYTES:
        raise BaselineError(f"{path}: expected a baseline of at most {limits.ARCHIVE_BYTES // limits.MIB} MiB")
    try:
        head = msgspec.json.decode(data, type=_Head)
        if head.schema == SCHEMA:
            return frozenset(msgspec.json.decode(data, type=Baseline).findings)
        if head.schema.startswith("batten.report/"):
            rows = msgspec.json.decode(data, type=_Findings).findings
            return frozenset(row.fingerprint for row in rows if row.status != "waived")
    except msgspec.DecodeError as error:
        raise BaselineError(f"{path}: expected a baseline or a saved report: {error}") from None
    raise BaselineError(f"{path}: expected the schema {SCHEMA} or a saved report, found {head.schema[:60]!r}")


class _Head(Struct):
    schema: str = ""


class _Row(Struct):
    fingerprint: str
    status: str = "open"


class _Findings(Struct):
    findings: list[_Row]
