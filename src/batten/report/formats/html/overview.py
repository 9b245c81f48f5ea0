"""What is seen first: the outcome, the numbers, the ten strategies as a picture and as a list."""

from __future__ import annotations

import math
from typing import Final

from batten.model.report import FrameworkResult, Report, StrategyScore
from batten.report.markup import Markup, join, tag
from batten.report.order import SEVERITIES
from batten.report.text import one_line, plural, printable
from batten.report.words import clamp, framework_text, framework_verdict, reading, score_text, strategy_text

_INNER: Final = 36.0
_OUTER: Final = 100.0
_GAP: Final = 1.6  # degrees left between two sectors


def overview_section(report: Report) -> Markup:
    """The outcome and the strategies."""
    strategies = sorted(report.score.strategies, key=lambda one: one.number)[:24]
    picture = tag("div", _wheel(strategies, report.score.overall), _strategy_table(strategies), class_="strategies")
    return tag(
        "section",
        tag("h2", "Overview", class_="unseen", id="overview-title"),
        _outcome(report),
        picture if strategies else None,
        class_="overview",
        aria_labelledby="overview-title",
    )


def _outcome(report: Report) -> Markup:
    passed = report.exit_code == 0
    reason = one_line(report.exit_reason) or ("nothing that counts" if passed else "")
    verdict = tag(
        "p",
        tag("strong", f"Exit {report.exit_code}"),
        tag("span", reason[:1].upper() + reason[1:]),
        class_="verdict " + ("good" if passed else "poor"),
    )
    tiles = [_tile(word, int(getattr(report.count, word))) for word in SEVERITIES]
    return tag("div", verdict, tag("ul", join(tiles), class_="tiles"), _besides(report), class_="outcome")


def _tile(word: str, number: int) -> Markup:
    classes = f"tile {word}" + ("" if number else " none")
    return tag("li", tag("b", f"{number:,}"), tag("span", word), class_=classes)


def _besides(report: Report) -> Markup:
    """Everything that is not an open finding, in one line."""
    count = report.count
    parts: list[Markup] = []
    for number, words in (
        (count.waived, "waived"),
        (count.baseline, "in the baseline"),
        (count.hidden, "hidden (other personas, low confidence)"),
    ):
        if number:
            parts.append(tag("span", f"{number:,} {words}"))
    parts += [tag("a", words, href="#problems") for words in reading(report)]
    return tag("p", join(parts), class_="besides") if parts else Markup("")


def _grade(score: float) -> str:
    return "good" if score >= 80 else "fair" if score >= 50 else "poor"


def _wheel(strategies: list[StrategyScore], overall: float | None) -> Markup:
    """Each strategy is a sector of a ring, filled outwards as far as its score goes."""
    step = 360 / max(1, len(strategies))
    shapes: list[Markup] = []
    told: list[str] = []
    for index, strategy in enumerate(strategies):
        start, end = index * step - 90 + _GAP / 2, (index + 1) * step - 90 - _GAP / 2
        name = f"{strategy.number} {printable(strategy.name)}: {score_text(strategy.score)}"
        told.append(name)
        assessed = strategy.assessed and strategy.score is not None
        inside = [tag("title", name)]
        inside.append(tag("path", d=_sector(start, end, _OUTER), class_="track" if assessed else "track unknown"))
        if strategy.score is not None and assessed:
            score = clamp(strategy.score)
            reach = _INNER + (_OUTER - _INNER) * max(score, 2.0) / 100
            inside.append(tag("path", d=_sector(start, end, reach), class_=_grade(score)))
        x, y = _point((start + end) / 2, _OUTER + 11)
        inside.append(tag("text", str(strategy.number), x=x, y=y, class_="number"))
        shapes.append(tag("g", *inside))
    centre = [tag("text", "–" if overall is None else score_text(overall), x="0", y="1", class_="overall")]
    centre.append(tag("text", "of 100" if overall is not None else "not assessed", x="0", y="19", class_="of"))
    label = f"Score {score_text(overall)}. " + ", ".join(told)
    return tag("svg", *shapes, *centre, viewBox="-120 -120 240 240", role="img", aria_label=label, class_="wheel")


def _point(degrees: float, radius: float) -> tuple[str, str]:
    angle = math.radians(degrees)
    return f"{radius * math.cos(angle):.2f}", f"{radius * math.sin(angle):.2f}"


def _sector(start: float, end: float, outer: float) -> str:
    """A piece of the ring from the inner radius to `outer`, angles in degrees clockwise from the right."""
    large = int(end - start > 180)
    corners = [_point(start, _INNER), _point(start, outer), _point(end, outer), _point(end, _INNER)]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
    out = f"{outer:.2f}"
    arc_out, arc_in = f"A{out} {out} 0 {large} 1 {cx} {cy}", f"A{_INNER} {_INNER} 0 {large} 0 {ax} {ay}"
    return f"M{ax} {ay}L{bx} {by}{arc_out}L{dx} {dy}{arc_in}Z"


def _strategy_table(strategies: list[StrategyScore]) -> Markup:
    rows = [_strategy_row(strategy) for strategy in strategies]
    head = tag(
        "tr",
        *(tag("th", words, scope="col", class_=class_) for words, class_ in _COLUMNS),
    )
    return tag(
        "table",
        tag("caption", "The ten strategies", class_="unseen"),
        tag("thead", head, class_="unseen"),
        tag("tbody", *rows),
        class_="scores",
    )


_COLUMNS: Final = (("Number", "n"), ("Strategy", "s"), ("Score", "v"), ("Bar", "b"), ("Checks", "c"))


def _strategy_row(strategy: StrategyScore) -> Markup:
    assessed = strategy.assessed and strategy.score is not None
    score = clamp(strategy.score) if strategy.score is not None else 0.0
    bar = tag("svg", class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true")
    if assessed:
        fill = tag("rect", width=f"{score:.1f}", height="6", class_=_grade(score))
        track = tag("rect", width="100", height="6", class_="track")
        bar = tag("svg", track, fill, class_="bar", viewBox="0 0 100 6", preserveAspectRatio="none", aria_hidden="true")
    return tag(
        "tr",
        tag("td", str(strategy.number), class_="n"),
        tag("th", printable(strategy.name), scope="row", class_="s"),
        tag("td", score_text(strategy.score) if assessed else "–", class_="v"),
        tag("td", bar if assessed else "not assessed", class_="b"),
        tag("td", strategy_text(strategy) if assessed else None, class_="c"),
        class_=None if assessed else "unknown",
    )


def frameworks_section(report: Report) -> Markup:
    """With `--framework`: what each control came to."""
    if not report.frameworks:
        return Markup("")
    parts = [_framework(framework) for framework in report.frameworks]
    return tag("section", tag("h2", "Frameworks", id="frameworks-title"), *parts, aria_labelledby="frameworks-title")


def _framework(framework: FrameworkResult) -> Markup:
    rows = [
        tag(
            "tr",
            tag("td", tag("code", printable(control.id))),
            tag("td", one_line(control.title)),
            tag("td", control.coverage),
            tag("td", control.status.replace("-", " "), class_=f"status {control.status}"),
            tag("td", plural(control.findings, "finding") if control.findings else ""),
        )
        for control in framework.controls
    ]
    names = ("Control", "Title", "Coverage", "Result", "Findings")
    head = tag("thead", tag("tr", *(tag("th", name, scope="col") for name in names)))
    table = tag("table", head, tag("tbody", *rows), class_="rows")
    label = f"Controls of {one_line(framework.name)}"
    wide = tag("div", table, class_="wide", tabindex="0", role="region", aria_label=label)
    word = framework_verdict(framework)
    grade = {"passed": "good", "waived": "fair"}.get(word, "poor")
    summary = tag("summary", tag("span", word, class_=f"pill {grade}"), framework_text(framework))
    return tag("details", summary, wide, class_="fold", open=not framework.passed)
