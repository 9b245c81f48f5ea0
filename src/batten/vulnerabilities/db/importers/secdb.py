"""The security databases of Alpine, Wolfi and Chainguard: origin packages, and the version that fixed each flaw.

https://secdb.alpinelinux.org, https://packages.wolfi.dev/os/security.json. Only fixed flaws are listed; the
version "0" says that the package never had the flaw.
"""

from __future__ import annotations

from typing import Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.rows import EVERYTHING, Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "secdb"


class _Package(Struct):
    name: str
    secfixes: dict[str, list[str] | None] | None = None


class _Entry(Struct):
    pkg: _Package


class _Database(Struct):
    packages: list[_Entry] | None
    distroversion: str = ""
    reponame: str = ""
    urlprefix: str = ""
    apkurl: str = ""


_DECODER: Final = msgspec.json.Decoder(_Database)


def read(data: bytes, writer: Writer, name: str) -> None:
    """One file of one repository. `name` tells Wolfi from Chainguard where the content does not."""
    found = _DECODER.decode(data)
    ecosystem, source = _whose(found, name)
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    for entry in found.packages or ():
        for version, texts in (entry.pkg.secfixes or {}).items():
            for text in texts or ():
                _fix(writer, ecosystem, entry.pkg.name, version.strip(), text)


def _fix(writer: Writer, ecosystem: str, name: str, version: str, text: str) -> None:
    """One line of secfixes: several identifiers of the flaw between blanks, and remarks in brackets."""
    idents = [word for word in text.replace(",", " ").split() if common.IDENTIFIER.fullmatch(word)]
    cves = [ident for ident in idents if ident.startswith("CVE-")]
    never = version == "0"
    for ident in cves or idents:
        writer.add(
            Advisory(
                id=ident,
                related=[other for other in idents if other != ident],
                affected=[
                    Affected(
                        ecosystem=ecosystem,
                        name=name,
                        unit="source",
                        status="not_affected" if never else "affected",
                        ranges=EVERYTHING if never else (Interval("", version),),
                    )
                ],
            ),
            shared=True,
        )


def _whose(found: _Database, name: str) -> tuple[str, sources.Source]:
    if found.distroversion:
        release = found.distroversion.lower().removeprefix("v")
        return f"alpine:{release}", sources.ALPINE
    text = f"{found.urlprefix} {found.apkurl} {name}".lower()
    if "packages.mini.dev" in text or "minimos" in text:  # which calls its repository as Wolfi does
        return "minimos", sources.MINIMOS
    if "wolfi" in text or (found.reponame == "os" and not found.urlprefix):
        return "wolfi", sources.WOLFI
    if "chainguard" in text or "cgr.dev" in text:
        return "chainguard", sources.CHAINGUARD
    if "edge" in text and "alpine" in text:
        return "alpine:edge", sources.ALPINE
    raise common.Unreadable(
        "expected a release (distroversion) or the name of Wolfi, Chainguard or MinimOS, found neither"
    )
