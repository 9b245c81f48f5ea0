"""Advisories of FriendsOfPHP (https://github.com/FriendsOfPHP/security-advisories): one YAML document each, with the
affected versions of every branch."""

from __future__ import annotations

import re
from contextlib import suppress
from pathlib import PurePosixPath
from typing import Any, Final

from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common, documents
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "friendsofphp"

_BEGIN: Final = re.compile(r"(?:[ \t]*+(?:#[^\n]*+)?\n|---[ \t]*+\n)*+[a-z]+:")
_REFERENCE: Final = re.compile(r"^reference:[ \t]*['\"]?composer://\S", re.MULTILINE)
_BOUND: Final = re.compile(r"(>=|<=|==|>|<|=)?\s*+(\S++)\Z")


def wants(text: str) -> bool:
    """Whether a text is such a document, as far as its beginning tells."""
    return _BEGIN.match(text) is not None and "\nbranches:" in f"\n{text}" and _REFERENCE.search(text) is not None


def read(data: bytes, writer: Writer, name: str) -> None:
    """One document; its name is part of its identifier. Raises Unreadable."""
    found = documents.load(data)
    package, stem = documents.text(found, "reference").removeprefix("composer://"), PurePosixPath(name).stem
    if not re.fullmatch(r"[^\s/]+/[^\s/]+", package) or not stem or re.search(r"\s", stem):
        raise common.Unreadable("expected `reference: composer://VENDOR/NAME` in a file with a name, found none")
    branches = found.get("branches")
    if not isinstance(branches, dict):
        raise common.Unreadable("expected `branches`, found none")
    ident = f"FRIENDSOFPHP-{package.replace('/', '-')}-{stem}"
    cve = documents.text(found, "cve")
    source = sources.of_osv(ident, "composer")
    days = [common.day(documents.text(branch, "time")) for branch in branches.values() if isinstance(branch, dict)]
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    writer.add(
        Advisory(
            id=ident,
            affected=[Affected(ecosystem="composer", name=package, ranges=_ranges(branches))],
            aliases=[cve] if common.CVE.fullmatch(cve) else [],
            published=min(filter(None, days), default=""),
            modified=max(days, default=""),
            facts=Facts(summary=common.short(found.get("title")), urls=common.urls((documents.text(found, "link"),))),
        )
    )


def _ranges(branches: dict[str, Any]) -> tuple[Interval, ...]:
    """One interval for each branch, in the order of their versions."""
    from batten.versions import InvalidVersion, sort_key

    found = []
    for name, branch in branches.items():
        bounds = documents.texts(branch, "versions") if isinstance(branch, dict) else []
        if not bounds:
            raise common.Unreadable(f"expected versions of the branch {str(name)[:40]!r}, found none")
        found.append(_interval(bounds))
    with suppress(InvalidVersion):  # else as they stand
        found.sort(key=lambda one: (one.introduced != "", sort_key("packagist", one.introduced or "0")))
    return tuple(found)


def _interval(bounds: list[str]) -> Interval:
    introduced = fixed = last = ""
    for text in bounds:
        form = _BOUND.match(text.strip())
        if form is None:
            raise common.Unreadable(f"expected a version such as <1.2, found {text.strip()[:40]!r}")
        match form[1]:
            case ">=":
                introduced = common.begin(form[2])
            case ">":
                introduced = f"{form[2]}.1" if form[2].count(".") > 1 else f"{form[2]}.0.1"
            case "<":
                fixed = form[2]
            case "<=":
                last = form[2]
            case _:
                introduced = last = form[2]
    return Interval(introduced, fixed, "" if fixed else last)
