"""What stands below the findings on a terminal: frameworks, strategies, problems, counts, the exit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batten.model.report import FrameworkResult, Report, StrategyScore, TargetReport
from batten.model.source import Problem
from batten.report import Options
from batten.report.terminal import Terminal
from batten.report.text import cut, join_wrapped, one_line, plural, printable, width, wrap
from batten.report.words import (
    clamp,
    framework_text,
    framework_verdict,
    headline,
    is_told_with_packages,
    problem_place,
    problems,
    reading,
    score_text,
    severity_counts,
)

_BAR: Final = 10
_CONTROLS: Final = 20  # failed controls of one framework that are named before the rest is counted


def summary_lines(report: Report, options: Options, terminal: Terminal) -> list[str]:
    """The end of the terminal report."""
    lines: list[str] = []
    for framework in report.frameworks:
        lines += [*_framework(framework, options, terminal), ""]
    if any(one.assessed for one in report.score.strategies):
        lines += [*_strategies(report.score.strategies, terminal), ""]
    lines += _problems(report, options, terminal)
    lines += _counts(report, options, terminal)
    lines.append(_exit(report, terminal))
    return lines


def _framework(framework: FrameworkResult, options: Options, terminal: Terminal) -> list[str]:
    paint = {"passed": terminal.green, "waived": terminal.yellow}.get(framework_verdict(framework), terminal.red)
    lines = [paint(line) for line in wrap(terminal.safe(framework_text(framework)), terminal.width)]
    failed = [control for control in framework.controls if control.status == "failed"]
    shown = failed if options.verbose else failed[:_CONTROLS]
    for control in shown:
        number = f" ({plural(control.findings, 'finding')})"
        text = f"  {terminal.symbol('✗', 'x')} {terminal.safe(printable(f'{control.id}  {control.title}'))}"
        lines.append(cut(text, terminal.width - len(number), terminal.symbol("…", "...")) + number)
    if len(failed) > len(shown):
        lines.append(terminal.dim(f"  {len(failed) - len(shown)} more failed controls (batten scan -v)"))
    waived = [control for control in framework.controls if control.status == "waived"]
    for control in waived if options.verbose else waived[:_CONTROLS]:
        text = terminal.safe(printable(f"{control.id}  {control.title}"))
        lines.append(cut(f"  ~ {text}", terminal.width - len(" (waived)"), terminal.symbol("…", "...")) + " (waived)")
    if len(waived) > _CONTROLS and not options.verbose:
        lines.append(terminal.dim(f"  {len(waived) - _CONTROLS} more waived controls (batten scan -v)"))
    return lines


def _strategies(strategies: list[StrategyScore], terminal: Terminal) -> list[str]:
    """The ten scores with bars, in as many columns as fit."""
    name_width = max((width(_name(one, terminal)) for one in strategies), default=0)
    cell_width = 3 + name_width + 1 + _BAR + 4
    columns = max(1, min(len(strategies), (terminal.width + 3) // (cell_width + 3)))
    rows = -(-len(strategies) // columns)
    cells = [_strategy(one, name_width, terminal) for one in strategies]
    return [("   ".join(cells[row::rows])).rstrip() for row in range(rows)]


def _name(strategy: StrategyScore, terminal: Terminal) -> str:
    return terminal.safe(cut(printable(strategy.name), 24))


def _strategy(strategy: StrategyScore, name_width: int, terminal: Terminal) -> str:
    name = _name(strategy, terminal)
    start = f"{strategy.number:>2} {name}{' ' * (name_width - width(name))} "
    if not strategy.assessed or strategy.score is None:
        return start + terminal.dim("not assessed") + " " * (_BAR + 4 - len("not assessed"))
    full = int(clamp(strategy.score)) * _BAR // 100
    paint = terminal.green if strategy.score >= 80 else terminal.yellow if strategy.score >= 50 else terminal.red
    bar = paint(terminal.symbol("█", "#") * full) + terminal.dim(terminal.symbol("░", ".") * (_BAR - full))
    return f"{start}{bar} {score_text(strategy.score):>3}"


_SEVERE: Final = 5  # problems that are named without being asked for
_IDLE: Final = 3  # statements that are


def _problems(report: Report, options: Options, terminal: Terminal) -> list[str]:
    """All of them when asked; else why targets failed as a whole, and the first of what else could not be read."""
    found = problems(report)
    if not options.verbose:
        lines = []
        told: set[str] = set()
        for target in report.targets:
            why = target.problems[0] if target.problems else None
            if target.status != "failed" or (why is not None and why.severe and _is_placed(why)):
                continue
            told.add(target.id)
            reason = one_line(why.message) if why is not None else "it could not be read"
            lines += wrap(terminal.safe(f"{printable(target.ref)}: {reason}"), terminal.width)
        severe = [
            problem
            for target, problem in found
            if problem.severe and target not in told and not is_told_with_packages(report, problem)
        ]
        for problem in severe[:_SEVERE]:
            text = terminal.safe(f"{problem_place(problem)}: {one_line(problem.message)}")
            lines += ["  " + line for line in wrap(text, terminal.width - 2)]
        if len(severe) > _SEVERE:
            lines.append(f"  {len(severe) - _SEVERE} more could not be read (batten scan -v)")
        lines = [terminal.red(line) for line in lines] + _idle([problem for _, problem in found], terminal)
        return [*lines, ""] if lines else []
    if not found:
        return []
    lines = [terminal.bold("Problems")]
    for _, problem in found:
        kind = "error" if problem.severe else "note"
        text = terminal.safe(f"{problem_place(problem)}: {kind}: {one_line(problem.message)}")
        head, *rest = wrap(text, terminal.width - 4)
        lines += ["  " + head, *("    " + line for line in rest)]
    return [*lines, ""]


def _idle(found: Sequence[Problem], terminal: Terminal) -> list[str]:
    """The first statements of VEX files that matched nothing: who gave them believes that they hold."""
    idle = [problem for problem in found if not problem.severe and problem.message.startswith("matched nothing")]
    lines = []
    for problem in idle[:_IDLE]:
        text = terminal.safe(f"{problem_place(problem)}: {one_line(problem.message)}")
        lines += ["  " + line for line in wrap(text, terminal.width - 2)]
    if len(idle) > _IDLE:
        lines.append(f"  {len(idle) - _IDLE:,} more statements matched nothing (batten scan -v)")
    return [terminal.yellow(line) for line in lines]


def _is_placed(problem: Problem) -> bool:
    """Whether it says more of where it is than the name of the target does: its file, or a line."""
    return problem.path not in ("", ".", "-") or problem.line is not None


def _told(report: Report) -> list[TargetReport]:
    """The targets that have something to tell."""
    return [target for target in report.targets if target.problems]


def _counts(report: Report, options: Options, terminal: Terminal) -> list[str]:
    parts = headline(report.count)
    unread = reading(report)
    if unread:
        told = options.verbose or all(
            target.status == "failed" and len(target.problems) == 1 for target in _told(report)
        )
        parts.append(", ".join(unread) + ("" if told else " (batten scan -v)"))
    lines = join_wrapped([terminal.safe(part) for part in parts], terminal.safe(" · "), terminal.width)
    if report.vulnerability_count is not None:
        from batten.report.vulnerable import count_text

        lines += wrap(terminal.safe(count_text(report.vulnerability_count)), terminal.width)
    for word, number in severity_counts(report.count):
        plain = f"{number:,} {word}"
        lines[0] = lines[0].replace(plain, terminal.paint(plain, word), 1)
    files = sum(target.files for target in report.targets)
    where = f"{plural(files, 'file')} of {plural(len(report.targets), 'target')} in {report.seconds:.2f} s"
    overall = report.score.overall
    score = f"score {score_text(overall)} of 100" if overall is not None else "no score: no check had anything to judge"
    return [*lines, terminal.dim(terminal.safe(f"{score} · {where}"))]


def _exit(report: Report, terminal: Terminal) -> str:
    reason = terminal.safe(one_line(report.exit_reason))
    text = f"exit {report.exit_code}" + (f": {reason}" if reason else "")
    return terminal.green(text) if report.exit_code == 0 else terminal.red(text)
