"""`batten scan`."""

from __future__ import annotations

import os
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import click

from batten.cli import complete, select
from batten.cli.output import (
    QUIET,
    OwnHelp,
    Progress,
    check_writable,
    common,
    note,
    note_problems,
    note_wrong_rules,
    outputs,
    put,
    render_options,
)
from batten.cli.select import fail_on, selecting, settings_from

if TYPE_CHECKING:
    from batten.model.report import Report

_WITHOUT_PROBLEMS: Final = ("csaf", "csv", "cyclonedx", "gitlab", "openvex")
"""Formats that have no place for what could not be read."""
_PROBLEMS: Final = 20  # that are named one by one on standard error


class _Format(click.Option):
    """`--format`, whose help names what is installed; looked up only when the help is shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        from batten.report import names

        self.help = f"What is printed: {', '.join(names())} (default: table)."
        return super().get_help_record(ctx)


@click.command("scan", cls=OwnHelp)
@select.targets
@selecting
@select.images
@fail_on
@click.option(
    "--format", "format_name", cls=_Format, default="table", metavar="FORMAT", shell_complete=complete.formats
)
@outputs()
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    help="Also write this report, e.g. sarif=out.sarif (repeatable).",
    shell_complete=complete.report_files,
)
@click.option(
    "--baseline",
    metavar="FILE",
    help="Report only what is not in this baseline (batten init --baseline) or saved report (--format json).",
    shell_complete=complete.files,
)
@click.option(
    "--diff-base", metavar="REF", help="Report only what the change since this Git revision brings, e.g. origin/main."
)
@click.option(
    "--with-inventory",
    is_flag=True,
    help="Keep what was read in the JSON report, so that batten diff can compare it later.",
)
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    metavar="N",
    help="Entries shown in the table, the most urgent; 0: all (default: 40 on a terminal, else all).",
)
@click.option("--verbose", "-v", is_flag=True, help="Also show waived findings, every problem and remedies in full.")
@partial(common, quiet=f"Print no table (other formats are printed): the exit code says it. {QUIET}")
def command(
    targets: tuple[str, ...],
    format_name: str,
    output: str | None,
    reports: tuple[str, ...],
    baseline: str | None,
    diff_base: str | None,
    limit: int | None,
    verbose: bool,
    quiet: bool,
    color: str,
    **selection: Any,
) -> int:
    """Scan files, directories, archives (- is standard input), images, container engines and clusters, and report what
    is loose.

    Exit codes: 0 nothing counts, 1 something open at or above --fail-on, 2 the call is wrong, 3 something
    could not be read.

    \b
    Examples:
      batten scan .
      batten scan k8s/ compose.yaml --fail-on critical
      batten scan - < pod.yaml
      batten scan docker:                           what runs in Docker (also podman:)
      batten scan cluster:prod --namespace shop     what runs in a Kubernetes cluster
      batten scan pod.yaml --framework pss-restricted --pss-version 1.30
      batten scan . --report sarif=out.sarif --report html=report.html
      batten scan . --diff-base origin/main --format markdown
    """
    from batten import api
    from batten.report import get, parts

    if not targets:
        raise click.UsageError("expected at least one target; try: batten scan .")
    wanted = [_report_file(text, targets) for text in reports]
    check_writable(output, "--output", targets)
    named = (output, *(path for _, path in wanted))
    paths = [os.path.realpath(path) for path in named if path is not None and path != "-"]
    if len(set(paths)) < len(paths):
        raise click.UsageError("expected a file of its own for each report, found one named twice")
    renderer = get(format_name)
    renderers = [renderer, *(get(name) for name, _ in wanted)]
    controls = any(getattr(one, "shows_controls", True) for one in renderers)
    settings = settings_from(targets, **selection)
    known = _baseline(baseline)
    progress = Progress("scanning", quiet=quiet)
    try:
        # what was read is let go before the report is rendered, which takes its own memory
        report = api.scan(
            targets, settings, known=known, diff_base=diff_base, controls=controls, progress=progress
        ).report
    finally:
        progress.done()
    needs_rules = {format_name, *(name for name, _ in wanted)} & {"sarif", "html", "gitlab", "markdown"}
    options = render_options(
        color=color, verbose=verbose, limit=limit, rules=settings if needs_rules else None, selection=selection
    )
    if output not in (None, "-") or format_name != "table":
        options = _plain(options, color)
    for name, path in wanted:
        put(parts(get(name), report, _plain(options, "never")), path)
        note(f"wrote {path}", quiet=quiet)
    if not (quiet and format_name == "table" and output is None):
        put(parts(renderer, report, options), output)
    note_wrong_rules(settings)
    if (quiet and format_name == "table") or format_name in _WITHOUT_PROBLEMS:
        _name_problems(report, quiet=quiet)
    elif report.exit_code == 3 and format_name != "table":
        note(f"{report.exit_reason}; the report names what", quiet=quiet)
    return report.exit_code


def _name_problems(report: Report, *, quiet: bool) -> None:
    """What could not be read, where nothing that is printed names it."""
    from batten.report.text import one_line, printable
    from batten.report.words import problem_place, problems

    severe = [problem for _, problem in problems(report) if problem.severe]
    lines = [f"{problem_place(problem)}: {printable(one_line(problem.message))}" for problem in severe]
    note_problems(lines, "batten scan -v", limit=_PROBLEMS, quiet=quiet)


def _report_file(text: str, targets: tuple[str, ...]) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise click.UsageError(f"expected FORMAT=FILE for --report, found {text!r}; e.g. --report sarif=out.sarif")
    if path == "-":
        raise click.UsageError(f"expected a file for --report, found {text!r}; what is printed is --format {name}")
    check_writable(path, f"--report {name}=", targets)
    return name, path


def _baseline(path: str | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    from pathlib import Path

    from batten import limits
    from batten.engine.baseline import read

    try:
        with Path(path).open("rb") as file:
            data = file.read(limits.REPORT_BYTES + 1)
    except OSError as error:
        hint = "; batten init --baseline FILE writes one" if isinstance(error, FileNotFoundError) else ""
        raise click.UsageError(f"--baseline {path} cannot be read: {error.strerror}{hint}") from None
    return read(data, path)


def _plain(options: Any, color: str) -> Any:
    from msgspec.structs import replace

    return replace(options, color=color == "always", limit=0)
