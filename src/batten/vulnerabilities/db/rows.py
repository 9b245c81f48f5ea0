"""What the database gives: advisories as their source states them, and what is known of a flaw beside that."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from batten.model.vulnerability import Score, SeverityWord

RowStatus = Literal["affected", "not_affected", "will_not_fix", "under_investigation", "fixed"]
Unit = Literal["source", "binary", "package"]
Exploitation = Literal["none", "poc", "active", ""]


class DatabaseError(Exception):
    """The database cannot be used: one line that says what is wrong with which file, and what to do."""


class Interval(Struct, frozen=True, array_like=True):
    """Versions from `introduced` on and before `fixed` or up to `last_affected`; "" leaves a side open."""

    introduced: str = ""
    fixed: str = ""
    last_affected: str = ""


EVERYTHING = (Interval(),)
"""The ranges of a row that speaks of every version."""


class AdvisoryRow(Struct, frozen=True, kw_only=True):
    """What one source says of one package in one advisory.

    `status` is said of the versions in `versions` or inside one of `ranges`; a row with neither speaks of no
    version that can be told (it is kept as a fact). An affected version whose interval has `fixed` is mended by
    that version; the interval of a flaw without a fix is open. Whatever is not inside is not affected, or no
    longer: `fixed` of the nearest interval below it tells which. Withdrawn rows (`withdrawn` not "") match nothing.
    """

    ecosystem: str
    """batten's name, see `ecosystems`: `debian:12`, `alpine:3.20`, `pypi` …"""
    name: str
    """In the normal form of the ecosystem; of the package that `unit` says."""
    id: str
    """The source's own identifier: `DSA-5678-1`, `GHSA-…`, `CVE-…`."""
    source: str
    """`debian`, `alpine`, `redhat`, `ghsa`, `osv:PyPI` …, as in `SourceState.name`."""
    comprehensive: bool = False
    """The source also lists flaws that are not fixed: its silence about a package means something."""
    unit: Unit = "package"
    """Distributions: whether `name` is that of the source or of the binary package."""
    status: RowStatus
    reason: str = ""
    """In the source's words: `no-dsa`, `postponed`, `end-of-life`, `unimportant`, `Will not fix` …"""
    ranges: tuple[Interval, ...] = ()
    """Intervals in order; they do not overlap where the source's versions can be compared."""
    versions: tuple[str, ...] = ()
    """Versions that the source lists one by one."""
    aliases: tuple[str, ...] = ()
    """Other identifiers of the same flaw."""
    upstream: tuple[str, ...] = ()
    """Flaws that this advisory mends: one to many, they are not the same as one another."""
    related: tuple[str, ...] = ()
    withdrawn: str = ""
    """Day, "" where the advisory stands."""
    severity: SeverityWord = "unknown"
    """From the source's own word; scores are in `Details`."""
    severity_word: str = ""
    """That word as the source writes it: `unimportant`, `Moderate`, `important`."""
    informational: str = ""
    """`unmaintained`, `unsound`, `notice` (RustSec): no flaw, or not one that can be attacked."""
    module: str = ""
    """Module stream that the row is about, `nodejs:18`; compares only inside it."""
    product: str = ""
    """Part of the distribution that the row is about: CPE (Red Hat), `esm-apps`, `fips`, `baseos`."""
    arch: tuple[str, ...] = ()
    """Architectures that it is about; empty: all."""
    published: str = ""
    modified: str = ""
    """Days, YYYY-MM-DD."""


class Severity(Struct, frozen=True, array_like=True):
    source: str
    word: str


class Title(Struct, frozen=True, array_like=True):
    """What one advisory says of the flaw in a few words. That of a notice may speak of one product of many."""

    source: str
    text: str


class Ssvc(Struct, frozen=True, array_like=True):
    """Decision points of the CISA coordinator, as published in the ADP container."""

    exploitation: Exploitation = ""
    automatable: str = ""
    """`yes`, `no`."""
    technical_impact: str = ""
    """`partial`, `total`."""
    date: str = ""


class Kev(Struct, frozen=True, array_like=True):
    added: str
    due: str
    ransomware: bool
    name: str = ""
    action: str = ""


class Epss(Struct, frozen=True, array_like=True):
    score: float
    """Probability of exploitation within 30 days, 0 to 1."""
    percentile: float
    date: str
    model: str = ""


class Details(Struct, frozen=True, kw_only=True):
    """What all sources together say of an identifier beside the packages."""

    id: str
    scores: tuple[Score, ...] = ()
    severities: tuple[Severity, ...] = ()
    cwes: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    exploits: tuple[str, ...] = ()
    """Addresses that a source marks as an exploit."""
    titles: tuple[Title, ...] = ()
    published: str = ""
    modified: str = ""
    withdrawn: str = ""
    """Only where every source withdrew it."""
    kev: Kev | None = None
    epss: Epss | None = None
    ssvc: Ssvc | None = None


class EndOfLife(Struct, frozen=True, kw_only=True):
    """One release cycle of a product (endoflife.date). Days are YYYY-MM-DD, "" where not known."""

    product: str
    cycle: str
    released: str = ""
    support: str = ""
    """End of active support."""
    eol: str = ""
    """End of security fixes for everybody."""
    eol_reached: bool | None = None
    """Where the source gives no day but says whether it is over."""
    extended: str = ""
    """End of paid or community extended support."""
    latest: str = ""
    latest_date: str = ""
    lts: bool = False
    codename: str = ""
