"""Anchore's corrections of NVD (nvd-data-overrides) and enrichment of CVEs (cve-data-enrichment): what the flaw is."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.writer import Writer

FORMAT: Final = "anchore"


class _Annotation(Struct):
    cve_id: str
    description: str | None = None
    references: list[str] | None = None


class _Override(Struct):
    annotation: _Annotation = msgspec.field(name="_annotation")


class _Metadata(Struct):
    cveId: str
    description: str | None = None
    references: list[str] | None = None


class _Enrichment(Struct):
    additionalMetadata: _Metadata


_OVERRIDE: Final = msgspec.json.Decoder(_Override)
_ENRICHMENT: Final = msgspec.json.Decoder(_Enrichment)


def read_override(data: bytes, writer: Writer) -> None:
    """One correction."""
    one = _OVERRIDE.decode(data).annotation
    _write(writer, one.cve_id, one.description, one.references)


def read_enrichment(data: bytes, writer: Writer) -> None:
    """One enrichment."""
    one = _ENRICHMENT.decode(data).additionalMetadata
    _write(writer, one.cveId, one.description, one.references)


def _write(writer: Writer, cve: str, description: str | None, references: list[str] | None) -> None:
    source = sources.ANCHORE
    writer.source(source.name, format=FORMAT, licence=source.licence)
    writer.add_fact(cve, Facts(summary=common.short(description), urls=common.urls(references or (), 3)))
