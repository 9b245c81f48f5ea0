"""CycloneDX 1.6 in JSON."""

from __future__ import annotations

import msgspec

from batten.report.sbom import SbomInput
from batten.report.sbom.bill import Bill
from batten.report.sbom.cyclonedx import document as of

_SCHEMA = "http://cyclonedx.org/schema/bom-1.6.schema.json"


def write(document: SbomInput) -> bytes:
    """Indented, with a line end at the end."""
    found = {"$schema": _SCHEMA, **of(Bill(document))}
    return msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n"
