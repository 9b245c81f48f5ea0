"""Photon OS as JSON (https://packages.vmware.com/photon/photon_cve_metadata/): one row per package and CVE."""

from __future__ import annotations

import re
from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "photon"

_RELEASE: Final = re.compile(r"photon-?([0-9]+\.[0-9]+)")


class _Row(Struct):
    cve_id: str
    pkg: str
    res_ver: str | None = None
    aff_ver: str | None = None
    status: str | None = None


_DECODER: Final = msgspec.json.Decoder(list[_Row])


def read(data: bytes, writer: Writer, name: str) -> None:
    """One release, which only the name of the file tells: `cve_data_photon4.0.json`."""
    found = _RELEASE.search(name)
    if found is None:
        raise common.Unreadable("expected a release in the name of the file (cve_data_photon4.0.json), found none")
    source = sources.PHOTON
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    for row in _DECODER.decode(data):
        if not common.IDENTIFIER.fullmatch(row.cve_id) or not row.pkg:
            continue
        fixed = row.res_ver if row.res_ver and row.res_ver != "NA" else ""
        status: RowStatus = "affected"
        if row.status == "Not Affected":
            status = "not_affected"
        elif row.status == "Fixed" and not fixed:
            status = "fixed"
        ranges = (Interval("", fixed),) if fixed and status == "affected" else EVERYTHING
        one = Affected(
            ecosystem=f"photon:{found[1]}",
            name=row.pkg,
            unit="binary",
            status=status,
            ranges=ranges,
            reason=row.status or "" if status == "affected" and not fixed else "",
        )
        writer.add(Advisory(id=row.cve_id, affected=[one]), shared=True)
