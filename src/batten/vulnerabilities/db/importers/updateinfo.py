"""Notices of rpm repositories: `updateinfo.xml` of Amazon, Rocky, AlmaLinux, Oracle and Fedora, and ALAS as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, BinaryIO, Final

import msgspec
from msgspec import Struct

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.importers.xml import Node, trees
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "updateinfo"

_AMAZON: Final = re.compile(r"\.amzn(1|2|20[0-9]{2})(?:\.|$)")
_NOTICE: Final = re.compile(r"ALAS(2|20[0-9]{2})?-[0-9]{4}-[0-9]+$")  # of the core repository
_EXTRA: Final = re.compile(r"ALAS(?:2|20[0-9]{2})?([A-Z][A-Z0-9.]*)-[0-9]{4}-[0-9]+")
_ENTERPRISE: Final = re.compile(r"\.el([0-9]+)")
_FEDORA: Final = re.compile(r"\.fc([0-9]+)")
_NAMES: Final = {"ALSA": "alma", "RLSA": "rocky", "RXSA": "rocky", "ELSA": "oracle"}
_SOURCES: Final = {
    "alma": sources.Source("almalinux", "MIT"),
    "amazon": sources.AMAZON,
    "fedora": sources.Source("fedora", "as published by Fedora"),
    "oracle": sources.ORACLE,
    "rocky": sources.Source("rocky", "BSD-3-Clause"),
}


class _Date(Struct):
    date: str | None = None


class _Package(Struct):
    name: str
    version: str
    release: str
    epoch: str | None = None
    arch: str | None = None


class _Reference(Struct):
    href: str | None = None
    id: str | None = None
    type: str | None = None


class _Notice(Struct):
    id: str
    packages: list[_Package] | None = None
    issued: _Date | None = None
    updated: _Date | None = None
    severity: str | None = None
    description: str | None = None
    title: str | None = None
    references: list[_Reference] | None = None
    cveids: Any = None
    type: str | None = None
    collection: str = ""


_DECODER: Final = msgspec.json.Decoder(_Notice)


def read_json(data: bytes, writer: Writer) -> None:
    """One notice as JSON."""
    _write(_DECODER.decode(data), writer)


def read(stream: BinaryIO, writer: Writer) -> None:
    """A file of notices; those about neither security nor a known distribution are left out."""
    for _, node in trees(stream, 1):
        if node.tag == "update":
            _write(_notice(node), writer)


def _notice(node: Node) -> _Notice:
    def date(tag: str) -> _Date:
        return _Date(next((each.attributes.get("date", "") for each in node.all(tag)), ""))

    packages = [
        _Package(
            name=each.attributes.get("name", ""),
            version=each.attributes.get("version", ""),
            release=each.attributes.get("release", ""),
            epoch=each.attributes.get("epoch"),
            arch=each.attributes.get("arch"),
        )
        for each in node.all("package")
    ]
    references = [
        _Reference(each.attributes.get("href"), each.attributes.get("id"), each.attributes.get("type"))
        for each in node.all("reference")
    ]
    return _Notice(
        id=node.first("id"),
        packages=packages,
        issued=date("issued"),
        updated=date("updated"),
        severity=node.first("severity"),
        description=node.first("description"),
        title=node.first("title"),
        references=references,
        type=node.attributes.get("type"),
        collection=next((each.attributes.get("short", "") for each in node.all("collection")), ""),
    )


def _write(notice: _Notice, writer: Writer) -> None:
    if not common.IDENTIFIER.fullmatch(notice.id):
        raise common.Unreadable(f"expected the identifier of a notice, found {notice.id[:40]!r}")
    extra = _EXTRA.fullmatch(notice.id)
    rows: dict[tuple[str, str, str], Affected] = {}
    for package in notice.packages or ():
        ecosystem = _ecosystem(notice.id, package.release)
        if not ecosystem or not package.name or not package.version or package.arch == "src":
            continue
        epoch = package.epoch if package.epoch and package.epoch.isdigit() and package.epoch != "0" else ""
        fixed = f"{epoch + ':' if epoch else ''}{package.version}-{package.release}"
        rows[ecosystem, package.name, fixed] = Affected(
            ecosystem=ecosystem,
            name=package.name,
            unit="binary",
            ranges=(Interval("", fixed),),
            product=extra[1].lower() if extra else "",
        )
    if not rows:
        return
    source = _SOURCES[next(iter(rows))[0].partition(":")[0]]
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    texts = [reference.id or "" for reference in notice.references or ()]
    texts += [text for text in notice.cveids if isinstance(text, str)] if isinstance(notice.cveids, list) else []
    writer.add(
        Advisory(
            id=notice.id,
            affected=list(rows.values()),
            upstream=_cves(texts),
            published=common.day(notice.issued.date) if notice.issued else "",
            modified=common.day((notice.updated or notice.issued or _Date()).date),
            severity=notice.severity or "",
            informational="" if notice.type in (None, "", "security") else str(notice.type),
            facts=Facts(
                summary=common.short(notice.title) or common.short(notice.description),
                urls=common.urls(reference.href for reference in notice.references or ()),
            ),
        )
    )


def _ecosystem(ident: str, release: str) -> str:
    if found := _AMAZON.search(f"{release}."):
        return f"amazon:{found[1]}"
    if found := _NOTICE.match(ident):  # a release that its builder misspelt: the notice still says whose it is
        return f"amazon:{found[1] or '1'}"
    if found := _FEDORA.search(release):
        return f"fedora:{found[1]}" if ident.startswith("FEDORA-") else ""
    name = _NAMES.get(ident.partition("-")[0], "")
    found = _ENTERPRISE.search(release)
    return f"{name}:{found[1]}" if name and found else ""


def _cves(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found[0] for text in texts if (found := common.CVE.search(text))))
