"""Debian's security tracker as JSON (https://security-tracker.debian.org/tracker/data/json): source packages."""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.ecosystems import debian_release
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval, RowStatus
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "debian-tracker"

_NO_WORD: Final = ("", "not yet assigned", "end-of-life")


class _Release(Struct):
    status: str = ""
    fixed_version: str | None = None
    urgency: str | None = None
    nodsa: str | None = None
    nodsa_reason: str | None = None


class _Flaw(Struct):
    releases: dict[str, _Release] | None = None
    description: str | None = None


_PACKAGES: Final = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FLAW: Final = msgspec.json.Decoder(_Flaw)


def read(data: bytes, writer: Writer) -> None:
    """The whole file, decoded one package after the other."""
    source = sources.DEBIAN
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    for package, raw in _PACKAGES.decode(data).items():
        for ident, one in _PACKAGES.decode(raw).items():
            if not common.IDENTIFIER.fullmatch(ident):
                continue
            try:
                flaw = _FLAW.decode(one)
            except msgspec.MsgspecError as error:
                writer.fault(f"{package} {ident}: {error}")
                continue
            affected = [_affected(package, name, release) for name, release in (flaw.releases or {}).items()]
            facts = Facts(summary=common.short(flaw.description)) if flaw.description else None
            writer.add(Advisory(id=ident, affected=affected, facts=facts), shared=True)


def _affected(package: str, name: str, release: _Release) -> Affected:
    """`fixed_version` "0" says never affected; `nodsa` is a decision to fix it with other work, or not at all."""
    urgency = release.urgency or ""
    reason = urgency if urgency in ("unimportant", "end-of-life") else ""
    status: RowStatus = "affected"
    ranges = EVERYTHING
    if release.status == "resolved":
        if release.fixed_version == "0":
            status = "not_affected"
        elif release.fixed_version:
            ranges = (Interval("", release.fixed_version),)
        else:
            status = "fixed"
    elif release.status == "undetermined":
        status = "under_investigation"
    elif urgency == "end-of-life" or release.nodsa_reason == "ignored":
        status = "will_not_fix"
    if release.status != "resolved" and (release.nodsa_reason or release.nodsa is not None):
        reason = release.nodsa_reason or "no-dsa"
    return Affected(
        ecosystem=f"debian:{debian_release(name)}",
        name=package,
        unit="source",
        status=status,
        reason=reason,
        ranges=ranges,
        severity="" if urgency in _NO_WORD else urgency,
    )
