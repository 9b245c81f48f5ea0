"""What to do first: a number from 0 to 100, the factors that it is made of, and the decision of SSVC.

    priority = 100 x threat x impact x exposure x privilege x reach, at most 100

- threat: 1 where the flaw is known to be exploited (KEV), 0.9 where the coordinator says so; else the highest of the
  EPSS probability, 0.4 where an exploit is public, and a floor by severity, since EPSS of a new flaw says little.
- impact: the CVSS base score / 10 (of one vector: never a mean), else the middle of the severity's range.
- exposure: 1 from outside, 0.6 inside the cluster, 0.3 where nothing leads to it, 0.8 where nothing is known.
- privilege: 1.2 privileged or with capabilities of the host, 1.1 root, 0.9 neither.
- reach: 0.4 where the package only lies in the image and the program does not use it.

The weights are batten's own judgement; each is shown beside the number that it made.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final

from msgspec.structs import replace

from batten.model.vulnerability import Reason, Score, Vulnerability
from batten.vulnerabilities.choose import best_score
from batten.vulnerabilities.context import UNKNOWN, Context, Exposure
from batten.vulnerabilities.ssvc import decide

_FLOOR: Final = {"critical": 0.5, "high": 0.35, "medium": 0.2, "low": 0.08, "negligible": 0.02, "unknown": 0.15}
_MIDDLE: Final = {"critical": 9.5, "high": 8.0, "medium": 5.5, "low": 2.5, "negligible": 0.5, "unknown": 5.0}
_ACTIVE: Final = 0.9
_POC: Final = 0.4
_EXPOSURE: Final[dict[Exposure, float]] = {"public": 1.0, "cluster": 0.6, "none": 0.3, "unknown": 0.8}
_PRIVILEGED: Final = 1.2
_ROOT: Final = 1.1
_UNPRIVILEGED: Final = 0.9
_PRESENT: Final = 0.4
_NO_SCORE: Final = "no CVSS score"
_NO_EXPOSURE: Final = "exposure not known"
_NOTHING: Final = (_NO_SCORE, _NO_EXPOSURE)


def rank(rows: Iterable[Vulnerability], contexts: Mapping[str, Context]) -> list[Vulnerability]:
    """The rows with priority, reasons and decision, in the order given. `contexts` by target.

    What is not affected, and rows that have them already (imported), keep what they have.
    """
    return [_ranked(row, contexts.get(row.target, UNKNOWN)) for row in rows]


def _ranked(row: Vulnerability, context: Context) -> Vulnerability:
    if row.status in ("not_affected", "fixed"):
        return row
    score = best_score(row.scores)
    factors = [_threat(row), _impact(row, score), _exposure(context), _privilege(context), _reach(row.reach)]
    number = 100.0
    for one in factors:
        number *= one.value
    facts = dict(part.split("=", 1) for part in row.ssvc_path if "=" in part)
    decision, path = decide(
        exploitation="active" if row.kev else row.exploit,
        automatable=facts.get("automatable", ""),
        impact=facts.get("technical_impact", "") or _technical_impact(row),
        scores=row.scores,
        context=context,
        reach=row.reach,
    )
    # what is said of this very image first; what is not known last
    reasons = sorted((one for one in factors if one.text), key=lambda one: one.text in _NOTHING)
    return replace(row, priority=round(min(number, 100.0), 1), reasons=tuple(reasons), ssvc=decision, ssvc_path=path)


def _technical_impact(row: Vulnerability) -> str:
    """Without a vector what the word says: no flaw is called critical that takes less than the whole program."""
    return "total" if row.severity == "critical" and not row.scores else ""


def _threat(row: Vulnerability) -> Reason:
    floor = _FLOOR[row.severity]
    if row.kev:
        due = f", to be mended by {row.kev_due}" if row.kev_due else ""
        return Reason("kev", 1.0, f"known to be exploited{' by ransomware' if row.ransomware else ''}{due}")
    if row.exploit == "active":
        return Reason("exploit", _ACTIVE, "exploited, says the coordinator")
    epss = row.epss if row.epss is not None else 0.0
    if row.exploit == "poc" and max(epss, floor) < _POC:
        return Reason("exploit", _POC, "an exploit is public")
    if epss >= floor:
        return Reason("epss", epss, f"EPSS {_percent(epss)}{f' ({row.epss_date})' if row.epss_date else ''}")
    said = f"EPSS {_percent(epss)}" if row.epss is not None else "no EPSS"
    return Reason("severity", floor, f"{row.severity} severity, {said}")


def _percent(value: float) -> str:
    return f"{value:.0%}" if value >= 0.1 else f"{value:.1%}" if value >= 0.001 else "<0.1%"


def _impact(row: Vulnerability, score: Score | None) -> Reason:
    if score is not None:
        return _of_score(score)
    return Reason("severity", _MIDDLE[row.severity] / 10, _NO_SCORE)


@lru_cache(maxsize=1024)
def _of_score(score: Score) -> Reason:
    return Reason("cvss", round(score.score / 10, 3), f"CVSS {score.version} {score.score} ({score.source})")


@lru_cache(maxsize=256)
def _exposure(context: Context) -> Reason:
    value = _EXPOSURE[context.exposure]
    who = f" ({context.workloads[0]})" if context.workloads else ""
    match context.exposure:
        case "public":
            way = context.through[0] if context.through else "a published port"
            text = f"reachable from outside through {way}"
        case "cluster":
            text = f"reachable inside the cluster{who}"
        case "none":
            text = f"nothing leads to the workload{who}"
        case _:
            text = _NO_EXPOSURE
    return Reason("exposure", value, text)


@lru_cache(maxsize=256)
def _privilege(context: Context) -> Reason:
    if context.privileged:
        return Reason("privilege", _PRIVILEGED, "runs privileged")
    if context.capabilities:
        return Reason("privilege", _PRIVILEGED, f"runs with {', '.join(context.capabilities[:3])}")
    if context.root is None:
        return Reason("privilege", 1.0, "")
    return (
        Reason("privilege", _ROOT, "runs as root") if context.root else Reason("privilege", _UNPRIVILEGED, "not root")
    )


@lru_cache(maxsize=8)
def _reach(reach: str) -> Reason:
    match reach:
        case "present":
            return Reason("reach", _PRESENT, "not used by the program")
        case "linked":
            return Reason("reach", 1.0, "part of the program")
        case "imported":
            return Reason("reach", 1.0, "imported by the program")
    return Reason("reach", 1.0, "")
