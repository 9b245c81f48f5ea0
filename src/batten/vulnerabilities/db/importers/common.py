"""What every importer needs: days, texts, identifiers, ranges of versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from batten import limits
from batten.vulnerabilities.db.rows import EVERYTHING, Interval

CVE: Final = re.compile(r"CVE-[0-9]{4}-[0-9]{4,}")
IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*-[A-Za-z0-9][A-Za-z0-9:._-]*")
_CWE: Final = re.compile(r"CWE-[0-9]+")
_DERIVED: Final = re.compile(r"[A-Z]+-(CVE-[0-9]{4}-[0-9]{4,})")
_LOWEST: Final = ("", "0", "0.0.0", "0.0.0-0", "0:0")


class Unreadable(Exception):
    """One record cannot be read: what was expected, what was found."""


class Event(Struct):
    """An event of an OSV range."""

    introduced: str | None = None
    fixed: str | None = None
    last_affected: str | None = None
    limit: str | None = None


def day(text: object) -> str:
    """`2024-03-05` of any RFC 3339 time; "" for what is no time, and for Go's zero time."""
    if not isinstance(text, str) or len(text) < 10 or text[4] != "-" or text[7] != "-" or text[:4] < "1970":
        return ""
    return text[:10]


def short(text: object) -> str:
    """The first lines of a description, as long as a summary may be; control characters become blanks."""
    if not isinstance(text, str):
        return ""
    cut = " ".join(text[: 2 * limits.ADVISORY_TEXT].split())
    if not cut.isprintable():
        cut = " ".join("".join(char if char.isprintable() else " " for char in cut).split())
    return cut if len(cut) <= limits.ADVISORY_TEXT else cut[: limits.ADVISORY_TEXT - 1].rstrip() + "…"


def identifiers(texts: Iterable[object]) -> list[str]:
    """Those that can stand in a list between blanks, each once."""
    return list(dict.fromkeys(text for text in texts if isinstance(text, str) and text and not re.search(r"\s", text)))


def cwes(texts: object) -> tuple[str, ...]:
    """CWE numbers out of a list of texts."""
    if not isinstance(texts, list | tuple):
        return ()
    return tuple(dict.fromkeys(found[0] for text in texts if isinstance(text, str) and (found := _CWE.search(text))))


def urls(found: Iterable[object], most: int = 6) -> tuple[str, ...]:
    """The first addresses of a list; what is no web address is left out."""
    kept: dict[str, None] = {}
    for url in found:
        if isinstance(url, str) and url.startswith(("https://", "http://")) and len(url) <= 300:
            kept[url] = None
            if len(kept) == most:
                break
    return tuple(kept)


def derived(ident: str) -> str:
    """The CVE that `DEBIAN-CVE-2024-1` and `UBUNTU-CVE-2024-1` speak of; "" for other identifiers."""
    found = _DERIVED.fullmatch(ident)
    return found[1] if found else ""


def relations(
    ident: str, aliases: Sequence[str], upstream: Sequence[str], *, notice: bool
) -> tuple[list[str], list[str]]:
    """Which other identifiers are the same flaw, and which are flaws that this advisory mends.

    A distribution's notice (`notice`) mends flaws, and whatever names several CVEs is not the same as any of them.
    """
    same, mends = identifiers(aliases), identifiers(upstream)
    if one := derived(ident):
        same, mends = [one], [name for name in mends if name != one]
    elif notice or sum(name.startswith("CVE-") for name in (*same, ident)) > 1:
        same, mends = [], [*dict.fromkeys((*mends, *same))]
    return [name for name in same if name != ident], [name for name in mends if name != ident]


def below(fixed: str) -> tuple[Interval, ...]:
    """Every version before the fix; with a fix of "0" or none, see `status_of`."""
    return (Interval("", fixed),) if fixed else EVERYTHING


def begin(version: str) -> str:
    """What a range begins with, "" where that stands for everything below it (`0`)."""
    return "" if version in _LOWEST else version


def intervals(events: Sequence[Event], scheme: str | None) -> list[Interval]:
    """The events of one OSV range as intervals in order (https://ossf.github.io/osv-schema/#evaluation).

    Events come in any order; where the versions cannot be compared they are taken as they stand.
    """
    steps: list[tuple[str, int]] = []
    for one in events:
        if one.introduced is not None:
            steps.append((one.introduced, 0))
        elif one.fixed is not None:
            steps.append((one.fixed, 1))
        elif one.last_affected is not None:
            steps.append((one.last_affected, 2))
    if len(steps) > 2 or (len(steps) == 2 and steps[0][1] != 0):
        steps = _sorted(steps, scheme)
    found: list[Interval] = []
    opened: str | None = None
    for version, kind in steps:
        if kind == 0:
            if opened is None:
                opened = begin(version)
        elif opened is not None:
            found.append(Interval(opened, version) if kind == 1 else Interval(opened, "", version))
            opened = None
    if opened is not None:
        found.append(Interval(opened))
    return found


def _sorted(steps: list[tuple[str, int]], scheme: str | None) -> list[tuple[str, int]]:
    from batten.versions import InvalidVersion, sort_key

    if scheme is None:
        return steps
    keys: list[tuple[bool, Any]] = []
    try:
        for version, kind in steps:
            # only what a range begins with stands for everything below it
            lowest = version in _LOWEST if kind == 0 else not version
            keys.append((False, None) if lowest else (True, sort_key(scheme, version)))
    except InvalidVersion:
        return steps
    first = [step for step, key in zip(steps, keys, strict=True) if not key[0]]
    others = [(key[1], step) for step, key in zip(steps, keys, strict=True) if key[0]]
    others.sort(key=lambda pair: pair[0])
    return first + [step for _, step in others]
