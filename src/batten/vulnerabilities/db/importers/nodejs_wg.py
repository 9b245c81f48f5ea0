"""Advisories of the Node.js Security Working Group (https://github.com/nodejs/security-wg, folder `vuln`): one JSON
document each, on modules of npm (to 2019, `NSWG-ECO-N`) and on Node.js itself (`NSWG-COR-N`)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import Struct

from batten.versions import InvalidRange
from batten.versions.npm import Bound, parse
from batten.vulnerabilities.db import sources
from batten.vulnerabilities.db.importers import common
from batten.vulnerabilities.db.packed import Facts
from batten.vulnerabilities.db.rows import EVERYTHING, Interval
from batten.vulnerabilities.db.writer import Advisory, Affected, Writer

FORMAT: Final = "nodejs-security-wg"

_NUMBER: Final = re.compile(r"(?:^|[/\\])([0-9]{1,6})\.json$")
_NEVER: Final = 99  # `<=99.999.99999`: of a module that is malicious as a whole
_LAST: Final = 999_999  # of a line of releases that was not mended
_PRERELEASE: Final = 4  # where its labels begin in a key


class _Module(Struct):
    id: int
    module_name: str
    vulnerable_versions: str | None = None
    patched_versions: str | None = None
    cves: list[str] | None = None
    title: str | None = None
    publish_date: str | None = None
    updated_at: str | None = None
    references: Any = None
    cvss_vector: str | None = None


class _Core(Struct):
    cve: list[str]
    vulnerable: str | None = None
    patched: str | None = None
    severity: str | None = None
    ref: str | None = None
    description: str | None = None
    overview: str | None = None
    publish_date: str | None = None


_MODULE: Final = msgspec.json.Decoder(_Module)
_CORE: Final = msgspec.json.Decoder(_Core)


def read_module(data: bytes, writer: Writer) -> None:
    """An advisory on a module of npm."""
    one = _MODULE.decode(data)
    given = one.references if isinstance(one.references, list) else []
    vector = one.cvss_vector or ""
    facts = Facts(
        summary=common.short(one.title),
        urls=common.urls(given),
        scores=((FORMAT, vector),) if vector.startswith("CVSS:") else (),
    )
    affected = Affected(
        ecosystem="npm", name=one.module_name, ranges=_intervals(one.vulnerable_versions, one.patched_versions)
    )
    _add(
        writer, f"NSWG-ECO-{one.id}", affected, one.cves or (), facts, days=(one.publish_date, one.updated_at), word=""
    )


def read_core(data: bytes, writer: Writer, name: str) -> None:
    """An advisory on Node.js, which Bitnami's name for the program stands for; its number is that of the file."""
    one = _CORE.decode(data)
    found = _NUMBER.search(name)
    ident = f"NSWG-COR-{found[1]}" if found is not None else next(iter(one.cve), "")
    if not ident:
        raise common.Unreadable("expected a number in the name of the file, or a CVE, found neither")
    facts = Facts(summary=common.short(one.description or one.overview), urls=common.urls((one.ref,)))
    affected = Affected(ecosystem="bitnami", name="node", ranges=_intervals(one.vulnerable, one.patched))
    _add(writer, ident, affected, one.cve, facts, days=(one.publish_date, None), word=one.severity or "")


def _add(
    writer: Writer,
    ident: str,
    affected: Affected,
    cves: Sequence[str],
    facts: Facts,
    *,
    days: tuple[str | None, str | None],
    word: str,
) -> None:
    source = sources.NODEJS
    aliases, upstream = common.relations(ident, [name for name in cves if common.CVE.fullmatch(name)], (), notice=False)
    writer.source(source.name, format=FORMAT, licence=source.licence, comprehensive=source.comprehensive)
    writer.add(
        Advisory(
            id=ident,
            affected=[affected],
            aliases=aliases,
            upstream=upstream,
            published=common.day(days[0]),
            modified=common.day(days[1]),
            severity=word,
            facts=facts,
        )
    )


def _intervals(vulnerable: str | None, patched: str | None) -> tuple[Interval, ...]:
    """npm's ranges as intervals. Where a line of releases was mended, its mended version is the end of it."""
    if not vulnerable:
        raise common.Unreadable("expected a range of vulnerable versions, found none")
    try:
        options = parse(vulnerable, prereleases=True)  # as npm audit reads it: 1.x has 1.0.0-rc.1
    except InvalidRange as error:
        raise common.Unreadable(str(error)) from None
    fixes = sorted(_fixes(patched or ""))
    found = [interval for bounds in options for interval in _option(bounds, fixes)]
    if Interval() in found:
        return EVERYTHING
    # one that holds no version tells the fix above a range that ends with its last affected version
    ends = {interval.fixed for interval in found}
    return (*found, *(Interval(text, text) for text in map(_text, fixes) if text not in ends))


def _fixes(patched: str) -> list[tuple[Any, ...]]:
    """The lowest version of each alternative; none of what cannot be read: that it is mended need not be said."""
    try:
        options = parse(patched, prereleases=False) if patched else []
    except InvalidRange:
        return []
    lowest = [min((bound.key for bound in bounds if bound.operator in (">=", "=")), default=()) for bounds in options]
    return [key for key in lowest if key]


def _option(bounds: Sequence[Bound], fixes: Sequence[tuple[Any, ...]]) -> list[Interval]:
    """One alternative: all of its bounds hold."""
    introduced: tuple[Any, ...] = ()
    end: tuple[Any, ...] = ()
    inclusive = False
    for bound in bounds:
        match bound.operator:
            case "=":
                return [Interval(_text(bound.key), "", _text(bound.key))]
            case ">=":
                introduced = max(introduced, bound.key)
            case ">":
                above = (*bound.key[:2], int(bound.key[2]) + 1, 0, 0, 0)  # the lowest pre-release of the next patch
                introduced = max(introduced, above)
            case "<" | "<=" if not end or bound.key < end:
                end, inclusive = bound.key, bound.operator == "<="
            case _:
                pass
    begin = "" if introduced in ((), (0, 0, 0, 1)) else _text(introduced)
    if end and end <= introduced:
        return []
    mended = next((fix for fix in fixes if fix > introduced and (not end or fix < end)), None)
    if mended is not None:
        return [Interval(begin, _text(mended))]
    if not end or (inclusive and int(end[0]) >= _NEVER):
        return [Interval(begin)]
    if inclusive:
        return [Interval(begin, "", _text(end))]
    if len(end) > _PRERELEASE:  # of a wildcard: nothing says that the next line is the fix
        return [Interval(begin, "", _below(end))]
    return [Interval(begin, _text(end))]


def _below(end: tuple[Any, ...]) -> str:
    """The last version before the first pre-release of `2.0.0` or `1.3.0`."""
    major, minor, patch = (int(number) for number in end[:3])
    if patch:
        return f"{major}.{minor}.{patch - 1}"
    return f"{major}.{minor - 1}.{_LAST}" if minor else f"{max(major - 1, 0)}.{_LAST}.{_LAST}"


def _text(key: tuple[Any, ...]) -> str:
    """The version that a key of `batten.versions.semver` is of."""
    numbers = ".".join(str(number) for number in key[:3])
    words = [str(word) for word in key[_PRERELEASE + 1 :: 2]]
    return f"{numbers}-{'.'.join(words)}" if words else numbers
