"""What importers hand to the writer."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval, RowStatus, Unit


class Affected(Struct, kw_only=True):
    """What an advisory says of one package, as an importer hands it over; fields as in AdvisoryRow."""

    ecosystem: str
    name: str
    unit: Unit = "package"
    status: RowStatus = "affected"
    reason: str = ""
    ranges: Sequence[Interval] = ()
    versions: Sequence[str] = ()
    module: str = ""
    product: str = ""
    arch: Sequence[str] = ()
    severity: str = ""


class Advisory(Struct, kw_only=True):
    """One advisory, as an importer hands it over; `severity` is the source's word, days are YYYY-MM-DD."""

    id: str
    affected: Sequence[Affected] = ()
    aliases: Sequence[str] = ()
    upstream: Sequence[str] = ()
    related: Sequence[str] = ()
    withdrawn: str = ""
    published: str = ""
    modified: str = ""
    severity: str = ""
    informational: str = ""
    facts: Facts | None = None


class Feed(Struct, kw_only=True):
    """A file or address; what is in it may come from several sources, each of which gets its own row."""

    origin: str
    format: str = ""
    fetched: str = ""
    etag: str = ""
    modified: str = ""
    sha256: str = ""
