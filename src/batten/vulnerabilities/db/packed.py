"""How facts are packed into the columns of the database, and back."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import lru_cache
from importlib import import_module
from typing import Any, Final, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from batten import limits
from batten.model.vulnerability import Score, SeverityWord
from batten.vulnerabilities.db.rows import Details, Epss, Interval, Kev, Severity, Ssvc, Title

_T = TypeVar("_T")
_RAW: Final = b"\x00"
_ZLIB: Final = b"\x01"

# words of every source, lower case, in batten's terms
_SEVERITIES: Final[dict[str, SeverityWord]] = {
    "critical": "critical",
    "urgent": "critical",
    "emergency": "critical",
    "high": "high",
    "important": "high",
    "medium": "medium",
    "moderate": "medium",
    "low": "low",
    "minor": "low",
    "negligible": "negligible",
    "unimportant": "negligible",
    "none": "negligible",
    "informational": "negligible",
}


class Facts(Struct, array_like=True, omit_defaults=True):
    """Of one advisory or CVE, from one source."""

    summary: str = ""
    urls: tuple[str, ...] = ()
    cwes: tuple[str, ...] = ()
    scores: tuple[tuple[str, str], ...] = ()
    """(source, vector)."""
    severities: tuple[tuple[str, str], ...] = ()
    """(source, word)."""
    ssvc: Ssvc | None = None
    published: str = ""
    modified: str = ""
    exploits: tuple[str, ...] = ()


class Part(NamedTuple):
    """One row of the table `advisory`."""

    source: str
    published: str
    modified: str
    withdrawn: str
    severity: str
    details: bytes | None


_ENCODER: Final = msgspec.msgpack.Encoder()
_NOTHING: Final = _ENCODER.encode(Facts())


def pack_facts(facts: Facts) -> bytes | None:
    """None where there is nothing to keep."""
    data = _ENCODER.encode(facts)
    if data == _NOTHING:
        return None
    if len(data) > 128:
        packed = zlib.compress(data, 6)
        if len(packed) < len(data):
            return _ZLIB + packed
    return _RAW + data


def unpack_facts(data: bytes) -> Facts:
    """Raises ValueError or msgspec.MsgspecError."""
    if data[:1] == _ZLIB:
        inflater = zlib.decompressobj()
        try:
            plain = inflater.decompress(data[1:], limits.ADVISORY_BYTES)
        except zlib.error as error:
            raise ValueError(str(error)) from error
        if inflater.unconsumed_tail:
            raise ValueError("facts too large")
    else:
        plain = data[1:]
    return msgspec.msgpack.decode(plain, type=Facts)


def pack(value: object) -> bytes:
    return _ENCODER.encode(value)


def unpack(data: bytes, kind: type[_T]) -> _T:
    return msgspec.msgpack.decode(data, type=kind)


def pack_ranges(ranges: Sequence[Interval]) -> str | None:
    """`introduced|fixed|last_affected`, bars at the end left out, intervals on lines of their own.

    Raises ValueError for a version that holds a bar or a line break.
    """
    if not ranges:
        return None
    lines = []
    for one in ranges:
        line = f"{one.introduced}|{one.fixed}|{one.last_affected}"
        if line.count("|") != 2 or "\n" in line:
            raise ValueError(f"expected versions, found {line[:60]!r}")
        lines.append(line.rstrip("|") or "|")
    return "\n".join(lines)


@lru_cache(maxsize=8192)
def _interval(line: str) -> Interval:
    introduced, _, rest = line.partition("|")
    fixed, _, last = rest.partition("|")
    return Interval(introduced, fixed, last)


def ranges(text: str | None) -> tuple[Interval, ...]:
    """The reverse of `pack_ranges`."""
    return tuple(_interval(line) for line in text.split("\n")) if text else ()


@lru_cache(maxsize=1024)
def severity(word: str) -> SeverityWord:
    """batten's term for a source's word (`Moderate`, `high**`, `unimportant`)."""
    return _SEVERITIES.get(word.strip().strip("*").lower(), "unknown")


@lru_cache(maxsize=8192)
def score(source: str, vector: str) -> Score | None:
    """The base score of a CVSS vector of any version; None where it is none."""
    cvss: Any = import_module("cvss")  # has no types
    version = vector[5:8] if vector.startswith("CVSS:") else "2.0"
    reader = {"2.0": cvss.CVSS2, "3.0": cvss.CVSS3, "3.1": cvss.CVSS3, "4.0": cvss.CVSS4}.get(version)
    if reader is None or len(vector) > limits.ADVISORY_TEXT:
        return None
    try:
        return Score(source, version, vector, float(reader(vector).base_score))
    except (cvss.CVSSError, ValueError, LookupError, TypeError, ArithmeticError):
        return None


def merge(
    ident: str, parts: Sequence[Part], facts: Sequence[tuple[str, bytes]], kev: Kev | None, epss: Epss | None
) -> Details | None:
    """All sources' facts about one identifier as one; None where there are none."""
    if not parts and not facts and kev is None and epss is None:
        return None
    read = [(part.source, unpack_facts(part.details)) for part in parts if part.details is not None]
    read += [(source, unpack_facts(data)) for source, data in facts]
    scores = dict.fromkeys(
        found
        for source, one in read
        for says, vector in one.scores
        if (found := score(says or source, vector)) is not None
    )
    severities = [Severity(part.source, part.severity) for part in parts if part.severity]
    severities += [Severity(says or source, word) for source, one in read for says, word in one.severities]
    published = [one for part in parts if (one := part.published)] + [one.published for _, one in read if one.published]
    modified = [one for part in parts if (one := part.modified)] + [one.modified for _, one in read if one.modified]
    return Details(
        id=ident,
        scores=tuple(scores),
        severities=tuple(dict.fromkeys(severities)),
        cwes=tuple(dict.fromkeys(cwe for _, one in read for cwe in one.cwes)),
        urls=tuple(dict.fromkeys(url for _, one in read for url in one.urls)),
        exploits=tuple(dict.fromkeys(url for _, one in read for url in one.exploits)),
        titles=tuple(dict.fromkeys(Title(source, one.summary) for source, one in read if one.summary)),
        published=min(published, default=""),
        modified=max(modified, default=""),
        withdrawn=max(part.withdrawn for part in parts) if parts and all(part.withdrawn for part in parts) else "",
        kev=kev,
        epss=epss,
        ssvc=next((one.ssvc for _, one in read if one.ssvc is not None), None),
    )
