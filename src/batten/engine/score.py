"""The score: 100 × (weights passed / weights assessed) over check × resource, for each strategy."""

from __future__ import annotations

from collections.abc import Iterable

from batten.engine.check import ROOMS
from batten.engine.judge import Judged
from batten.engine.run import Result
from batten.model.report import Count, Score, StrategyScore
from batten.model.verdict import Severity


def score(results: Iterable[Result], judged: Iterable[Judged], packages: Iterable[Severity | None] = ()) -> Score:
    """Scores of the ten strategies and their mean. A pair of check and resource fails if one of its
    findings is open or in the baseline; it counts with the heaviest of them. A waived pair counts for nothing.

    `packages`: of each package that was held against advisories its gravest open flaw, None for none; they are
    the pairs of strategy 6, a sound one weighs as a high check.

    A baseline takes findings out of sight, not out of the system: the score is the same with and without."""
    heaviest: dict[int, int] = {}
    waived: set[int] = set()
    for one in judged:
        key = id(one.result)
        if one.finding.status != "waived":
            heaviest[key] = max(heaviest.get(key, 0), Severity[one.finding.severity.upper()].weight)
        else:
            waived.add(key)
    totals = {number: [0, 0, 0, 0, 0] for number, _ in ROOMS.values()}  # weights passed, failed; counts
    for result in results:
        row = totals[result.check.strategy]
        key = id(result)
        if not result.failures:
            row[0] += result.check.severity.weight
            row[2] += 1
        elif key in heaviest:
            row[1] += heaviest[key]
            row[3] += 1
        elif key in waived:
            row[4] += 1
    row = totals[ROOMS["VUL"][0]]
    for gravest in packages:
        if gravest is None:
            row[0] += Severity.HIGH.weight
            row[2] += 1
        else:
            row[1] += gravest.weight
            row[3] += 1
    strategies = []
    for number, name in ROOMS.values():
        passed_weight, failed_weight, passed, failed, waived_count = totals[number]
        assessed = passed + failed + waived_count > 0
        weight = passed_weight + failed_weight
        value = round(100 * passed_weight / weight, 1) if weight else (100.0 if assessed else None)
        strategies.append(
            StrategyScore(
                number=number,
                name=name,
                score=value,
                passed=passed,
                failed=failed,
                waived=waived_count,
                assessed=assessed,
            )
        )
    values = [one.score for one in strategies if one.score is not None]
    return Score(overall=round(sum(values) / len(values), 1) if values else None, strategies=strategies)


def count(judged: Iterable[Judged], hidden: int) -> Count:
    """Open findings by severity."""
    numbers = dict.fromkeys(("critical", "high", "medium", "low", "info", "waived", "baseline"), 0)
    for one in judged:
        status = one.finding.status
        numbers[one.finding.severity if status == "open" else status] += 1
    return Count(**numbers, hidden=hidden)
