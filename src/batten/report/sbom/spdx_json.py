"""SPDX 2.3 in JSON (https://spdx.github.io/spdx-spec/v2.3/)."""

from __future__ import annotations

import msgspec

from batten.report.sbom import SbomInput
from batten.report.sbom.bill import Bill
from batten.report.sbom.spdx2 import document as of


def write(document: SbomInput) -> bytes:
    """Indented, with a line end at the end."""
    return msgspec.json.format(msgspec.json.encode(of(Bill(document))), indent=2) + b"\n"
