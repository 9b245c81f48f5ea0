"""The tree against the table that CERT/CC publishes, and how its points are told where nobody says them."""

from __future__ import annotations

import pytest

from batten.model.vulnerability import Score
from batten.vulnerabilities.context import Context
from batten.vulnerabilities.ssvc import decide, mission_of

# CISA Coordinator 2.0.3, as in cisa_coordinator_2_0_3.csv of https://github.com/CERTCC/SSVC
PUBLISHED = """
none,no,partial,low,track
none,no,partial,medium,track
none,no,partial,high,track
none,no,total,low,track
none,no,total,medium,track
none,no,total,high,track*
none,yes,partial,low,track
none,yes,partial,medium,track
none,yes,partial,high,attend
none,yes,total,low,track
none,yes,total,medium,track
none,yes,total,high,attend
public poc,no,partial,low,track
public poc,no,partial,medium,track
public poc,no,partial,high,track*
public poc,no,total,low,track
public poc,no,total,medium,track*
public poc,no,total,high,attend
public poc,yes,partial,low,track
public poc,yes,partial,medium,track
public poc,yes,partial,high,attend
public poc,yes,total,low,track
public poc,yes,total,medium,track*
public poc,yes,total,high,attend
active,no,partial,low,track
active,no,partial,medium,track
active,no,partial,high,attend
active,no,total,low,track
active,no,total,medium,attend
active,no,total,high,act
active,yes,partial,low,attend
active,yes,partial,medium,attend
active,yes,partial,high,act
active,yes,total,low,attend
active,yes,total,medium,act
active,yes,total,high,act
"""
MISSIONS = {
    "low": Context(exposure="none"),
    "medium": Context(exposure="cluster"),
    "high": Context(exposure="public", root=True),
}


@pytest.mark.parametrize("line", PUBLISHED.split("\n")[1:-1])
def test_the_published_table(line: str) -> None:
    exploitation, automatable, impact, mission, wanted = line.split(",")
    decision, path = decide(
        exploitation=exploitation.removeprefix("public "),
        automatable=automatable,
        impact=impact,
        scores=(),
        context=MISSIONS[mission],
        reach="unknown",
    )
    assert decision == wanted
    assert f"mission_and_well_being={mission}" in path


def told(vector: str, version: str) -> list[str]:
    scores = (Score("nvd", version, vector, 9.0),)
    _, path = decide(exploitation="", automatable="", impact="", scores=scores, context=Context(), reach="unknown")
    return [part.partition("=")[2] for part in path[2:4]]


@pytest.mark.parametrize(
    ("vector", "version", "automatable", "impact"),
    [
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "3.1", "yes", "total"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H", "3.1", "no", "total"),
        ("CVSS:3.1/AV:L/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:N", "3.1", "no", "partial"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "4.0", "yes", "total"),
        ("CVSS:4.0/AV:N/AC:L/AT:P/PR:N/UI:N/VC:L/VI:H/VA:H/SC:H/SI:H/SA:H", "4.0", "no", "partial"),
        ("AV:N/AC:L/Au:N/C:C/I:C/A:C", "2.0", "yes", "total"),
        ("AV:N/AC:L/Au:S/C:P/I:C/A:C", "2.0", "no", "partial"),
    ],
)
def test_points_are_told_from_vectors(vector: str, version: str, automatable: str, impact: str) -> None:
    assert told(vector, version) == [automatable, impact]


def test_the_newest_vector_is_asked() -> None:
    scores = (
        Score("nvd", "2.0", "AV:L/AC:H/Au:M/C:N/I:N/A:P", 1.0),
        Score("nvd", "3.1", "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", 9.8),
    )
    decision, _ = decide(
        exploitation="active", automatable="", impact="", scores=scores, context=Context(), reach="unknown"
    )
    assert decision == "act"


@pytest.mark.parametrize(
    ("context", "reach", "mission"),
    [
        (Context(), "unknown", "medium"),
        (Context(exposure="public", root=True), "linked", "high"),
        (Context(exposure="public", root=False), "linked", "medium"),
        (Context(exposure="public", root=False, secrets=True), "linked", "high"),
        (Context(exposure="public", root=True), "present", "low"),
        (Context(exposure="none", root=True), "linked", "low"),
        (Context(exposure="none", privileged=True), "linked", "medium"),
    ],
)
def test_the_mission_follows_how_it_runs(context: Context, reach: str, mission: str) -> None:
    assert mission_of(context, reach) == mission
