"""Known exploited vulnerabilities (https://www.cisa.gov/known-exploited-vulnerabilities-catalog)."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.rows import Kev
from batten.vulnerabilities.db.writer import Writer

FORMAT: Final = "kev"


class _Entry(Struct):
    cveID: str
    dateAdded: str = ""
    dueDate: str = ""
    knownRansomwareCampaignUse: str = ""
    vulnerabilityName: str = ""
    requiredAction: str = ""


class _Catalogue(Struct):
    vulnerabilities: list[_Entry]
    dateReleased: str | None = None


_DECODER: Final = msgspec.json.Decoder(_Catalogue)


def read(data: bytes, writer: Writer) -> None:
    """The whole catalogue."""
    source = sources.KEV
    writer.source(source.name, format=FORMAT, licence=source.licence)
    catalogue = _DECODER.decode(data)
    writer.dated(common.day(catalogue.dateReleased or ""))
    for one in catalogue.vulnerabilities:
        writer.add_kev(
            one.cveID,
            Kev(
                added=common.day(one.dateAdded),
                due=common.day(one.dueDate),
                ransomware=one.knownRansomwareCampaignUse.lower() == "known",
                name=common.short(one.vulnerabilityName),
                action=common.short(one.requiredAction),
            ),
        )
