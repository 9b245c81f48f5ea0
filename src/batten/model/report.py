"""The report: what `--format json` prints, and what every renderer reads (DESIGN section 5).

The JSON Schema in the docs is generated from these structs. Only additions are allowed.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field

from batten.model.facts import ResourceFacts
from batten.model.image_content import Minimality
from batten.model.source import Location, Problem
from batten.model.vulnerability import (
    Coverage,
    PackageRow,
    SharedUpdate,
    SourceState,
    UpdateStep,
    Vulnerability,
    VulnerabilityCount,
)
from batten.model.vulnerability import WaiverNote as WaiverNote
from batten.model.workload import Resource

SCHEMA = "batten.report/v0"
SeverityWord = Literal["critical", "high", "medium", "low", "info"]


class TargetReport(Struct, frozen=True, kw_only=True):
    """One target of the scan. `partial`: some of it could not be read, see `problems`."""

    id: str
    kind: str
    ref: str
    digest: str | None = None
    """Of a target that is one image: of its manifest, else of its configuration."""
    status: Literal["complete", "partial", "failed"] = "complete"
    problems: list[Problem] = field(default_factory=list)
    files: int = 0
    """Files that were judged: a reader recognised them, or a secret stands in them."""


class StrategyScore(Struct, frozen=True, kw_only=True):
    """One of the ten strategies. `score` is None where nothing was assessed."""

    number: int
    name: str
    score: float | None
    passed: int = 0
    failed: int = 0
    waived: int = 0
    assessed: bool = False


class Score(Struct, frozen=True, kw_only=True):
    overall: float | None
    strategies: list[StrategyScore]


class FixNote(Struct, frozen=True, omit_defaults=True, gc=False):
    kind: Literal["safe", "review"]
    summary: str
    of: str = ""
    """What to hand to `batten fix` where the file of the finding says nothing by itself: the folder of its chart or
    module, or the target of its overlay."""


class ControlRef(Struct, frozen=True, gc=False):
    framework: str
    id: str


class Excerpt(Struct, frozen=True, gc=False):
    """Source lines around a finding; `start` is the number of the first."""

    start: int
    lines: list[str]


class Finding(Struct, frozen=True, kw_only=True, gc=False):
    """Something that a check found."""

    check: str
    strategy: int
    title: str
    severity: SeverityWord
    confidence: Literal["high", "medium", "low"]
    status: Literal["open", "waived", "baseline"] = "open"
    """`baseline`: known when the baseline was written; shown on demand, never gated on."""
    target: str
    resource: Resource | None
    message: str
    remediation: str
    location: Location
    related: list[Location] = field(default_factory=list)
    fix: FixNote | None = None
    no_fix: str = ""
    """Why there is no fix (empty where there is one)."""
    controls: list[ControlRef] = field(default_factory=list)
    fingerprint: str
    fingerprint_from_top: str = ""
    """The same with folders counted from the top of the tree, where the target is only a part of it: of the Git work
    tree, else from the nearest configuration, else from the current directory. A baseline holds whichever part is
    scanned. Empty where it is the same."""
    masked_by: list[str] = field(default_factory=list)
    """Fingerprints of graver findings under which this one is not told: while a container is privileged, its
    capabilities say nothing. Where one of them went, this finding is uncovered, not new."""
    group: str = ""
    """Findings on one container with the same group have one root cause and are shown together."""
    raised: str = ""
    """Why the severity is above the check's own: `reachable through Ingress shop/web`."""
    exposure: str = ""
    """`Ingress shop/web`: how the workload is reached from outside, where it is."""
    persona: Literal["regular", "pedantic", "auditor"] = "regular"
    excerpt: Excerpt | None = None
    waiver: WaiverNote | None = None


class Count(Struct, frozen=True, kw_only=True):
    """Open findings by severity, and what is not open."""

    critical: int = 0
    high: int = 0
    medium: int = 0
    low: int = 0
    info: int = 0
    waived: int = 0
    baseline: int = 0
    hidden: int = 0
    """Found by checks of another persona or below the asked confidence; not in `findings`."""


class ControlResult(Struct, frozen=True, kw_only=True):
    """With `--framework`: one control of it."""

    id: str
    title: str
    coverage: Literal["full", "partial", "manual"]
    status: Literal["passed", "failed", "waived", "baseline", "not-assessed", "manual"]
    """`baseline`: failed, by findings that were all known when the baseline was written; never gated on."""
    findings: int = 0
    """Open, or in the baseline."""


class FrameworkResult(Struct, frozen=True, kw_only=True):
    name: str
    title: str
    version: str
    passed: bool
    """A control was judged, and none failed, is waived or in the baseline. The exit code is 0 for these two as well,
    and where there was nothing to judge."""
    controls: list[ControlResult]


class Report(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    version: str
    started: str
    """RFC 3339, UTC."""
    seconds: float
    targets: list[TargetReport]
    score: Score
    count: Count
    findings: list[Finding]
    frameworks: list[FrameworkResult] = field(default_factory=list)
    vulnerabilities: list[Vulnerability] = field(default_factory=list)
    """Most urgent first."""
    vulnerability_count: VulnerabilityCount | None = None
    """None where no package was matched."""
    plan: list[UpdateStep] = field(default_factory=list)
    """The fewest updates in the order of the risk that they remove."""
    shared_plan: list[SharedUpdate] = field(default_factory=list)
    """Of several targets: the same updates over all of them, most risk first."""
    packages: list[PackageRow] = field(default_factory=list)
    sources: list[SourceState] = field(default_factory=list)
    """The advisories that were used, with their age."""
    coverage: list[Coverage] = field(default_factory=list)
    """Packages by ecosystem, and whether any source speaks of them."""
    minimality: list[Minimality] = field(default_factory=list)
    """Of each image: what its program does not need, and a smaller base."""
    inventory: list[ResourceFacts] | None = None
    """With `--with-inventory`: what was read, for a later comparison; None without."""
    exit_code: int = 0
    exit_reason: str = ""
    """In words, e.g. `findings at or above high`."""
