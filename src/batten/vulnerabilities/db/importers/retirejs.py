"""The repositories of retire.js (https://github.com/RetireJS/retire.js, folder `repository`): JSON, a library with its
flaws each; `jsrepository` of browsers' libraries, of which those count that say their name in npm, `npmrepository` of
packages of npm."""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "retirejs"


class _Flaw(Struct):
    below: str | None = None
    atOrAbove: str | None = None
    severity: str = ""
    cwe: Any = None
    identifiers: dict[str, Any] | None = None
    info: list[Any] | None = None


class _Library(Struct):
    vulnerabilities: list[_Flaw] = []
    npmname: str | None = None
    extractors: dict[str, Any] | None = None


_DECODER: Final = msgspec.json.Decoder(dict[str, _Library])
_EXAMPLE: Final = "retire-example"


def read(data: bytes, writer: Writer) -> None:
    """One repository."""
    for key, library in _DECODER.decode(data).items():
        kind = "js" if library.extractors is not None else "npm"
        name = (library.npmname or "") if kind == "js" else key
        if not name or key == _EXAMPLE or any(char.isspace() for char in name):
            continue
        for number, flaw in enumerate(library.vulnerabilities):
            if flaw.below or flaw.atOrAbove:
                _write(flaw, name, f"RETIREJS-{kind}-{key.replace('/', '-')}-{number}", writer)


def _write(flaw: _Flaw, name: str, ident: str, writer: Writer) -> None:
    told = flaw.identifiers or {}
    cves = told.get("CVE")
    given = [*(cves if isinstance(cves, list) else [cves]), told.get("githubID")]
    aliases, upstream = common.relations(ident, common.identifiers(given), (), notice=False)
    source = sources.of_osv(ident, "npm")
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    writer.add(
        Advisory(
            id=ident,
            affected=[
                Affected(
                    ecosystem="npm", name=name, ranges=(Interval(common.begin(flaw.atOrAbove or ""), flaw.below or ""),)
                )
            ],
            aliases=aliases,
            upstream=upstream,
            severity=flaw.severity,
            facts=Facts(
                summary=common.short(told.get("summary")), urls=common.urls(flaw.info or ()), cwes=common.cwes(flaw.cwe)
            ),
        )
    )
