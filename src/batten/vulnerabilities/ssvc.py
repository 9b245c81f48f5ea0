"""Stakeholder-specific categorisation: what to do about a flaw, and the way through the tree.

The tree is "CISA Coordinator" 2.0.3 of CERT/CC's SSVC (https://certcc.github.io/SSVC/). Its last decision point,
mission and well-being, is a judgement of the organisation: batten takes it from how the workload runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Final, Literal

from batten.model.vulnerability import Decision, Score
from batten.vulnerabilities.context import Context

Mission = Literal["low", "medium", "high"]

_MISSIONS: Final = ("low", "medium", "high")
# (exploitation, automatable, technical impact) -> decision where the mission is low, medium, high
_TREE: Final[dict[tuple[str, str, str], tuple[Decision, Decision, Decision]]] = {
    ("none", "no", "partial"): ("track", "track", "track"),
    ("none", "no", "total"): ("track", "track", "track*"),
    ("none", "yes", "partial"): ("track", "track", "attend"),
    ("none", "yes", "total"): ("track", "track", "attend"),
    ("poc", "no", "partial"): ("track", "track", "track*"),
    ("poc", "no", "total"): ("track", "track*", "attend"),
    ("poc", "yes", "partial"): ("track", "track", "attend"),
    ("poc", "yes", "total"): ("track", "track*", "attend"),
    ("active", "no", "partial"): ("track", "track", "attend"),
    ("active", "no", "total"): ("track", "attend", "act"),
    ("active", "yes", "partial"): ("attend", "attend", "act"),
    ("active", "yes", "total"): ("attend", "act", "act"),
}


@lru_cache(maxsize=4096)
def decide(
    *, exploitation: str, automatable: str, impact: str, scores: tuple[Score, ...], context: Context, reach: str
) -> tuple[Decision, tuple[str, ...]]:
    """(decision, path). `automatable` and `impact` are the coordinator's words; "": told from the CVSS vectors."""
    known = _metrics(scores)
    automatable = automatable or _automatable(known)
    impact = impact or _impact(known)
    exploitation = exploitation or "none"
    mission = mission_of(context, reach)
    decision = _TREE[exploitation, automatable, impact][_MISSIONS.index(mission)]
    path = (
        f"exploitation={exploitation}",
        f"exposure={_EXPOSURES[context.exposure]}",
        f"automatable={automatable}",
        f"technical_impact={impact}",
        f"mission_and_well_being={mission}",
    )
    return decision, path


_EXPOSURES: Final = {"public": "open", "cluster": "controlled", "none": "small", "unknown": "unknown"}


def mission_of(context: Context, reach: str) -> Mission:
    """High: reachable from outside, and what breaks in gets something for it. Low: nothing reaches the workload,
    or the package only lies there, and it holds no privileges. Else, and where nothing is known: medium."""
    powerful = context.privileged or context.secrets or bool(context.capabilities)
    if context.exposure == "public" and reach != "present":
        return "high" if powerful or context.root else "medium"
    if powerful:
        return "medium"
    return "low" if context.exposure == "none" or (reach == "present" and context.exposure != "unknown") else "medium"


def _metrics(scores: Iterable[Score]) -> dict[str, str]:
    """The metrics of the newest vector."""
    newest = max(scores, key=lambda score: score.version, default=None)
    if newest is None:
        return {}
    return dict(part.split(":", 1) for part in newest.vector.split("/") if ":" in part)


def _automatable(metrics: dict[str, str]) -> str:
    """From the network, without a special situation, an account or a user: it can be done to everybody at once."""
    if metrics.get("AV") != "N" or metrics.get("AC") != "L":
        return "no"
    if "Au" in metrics:  # CVSS v2 knows nothing of users' part
        return "yes" if metrics["Au"] == "N" else "no"
    return "yes" if metrics.get("PR") == "N" and metrics.get("UI") == "N" and metrics.get("AT", "N") == "N" else "no"


def _impact(metrics: dict[str, str]) -> str:
    """Total: secrecy, integrity and availability are all lost."""
    for names, worst in ((("VC", "VI", "VA"), "H"), (("C", "I", "A"), "C" if "Au" in metrics else "H")):
        if all(metrics.get(name) == worst for name in names):
            return "total"
    return "partial"
