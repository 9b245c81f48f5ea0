"""`batten scan`."""

from __future__ import annotations

from typing import Any

import click

from batten.cli.output import Progress, common, note, put, render_options
from batten.cli.select import fail_on, selecting, settings_from


@click.command("scan")
@click.argument("targets", nargs=-1, metavar="TARGET...")
@selecting
@fail_on
@click.option("--format", "format_name", default="table", metavar="FORMAT", help="Format of what is printed.")
@click.option("--output", "-o", metavar="FILE", help="Write it to a file instead of standard output.")
@click.option("--report", "reports", multiple=True, metavar="FORMAT=FILE", help="Also write this report (repeatable).")
@click.option("--baseline", metavar="FILE", help="Report only what is not in this baseline or saved report.")
@click.option("--diff-base", metavar="REF", help="Report only what the change since this Git revision brings.")
@click.option("--limit", type=click.IntRange(min=0), help="Findings shown in the table; 0 shows all.")
@click.option("--verbose", "-v", is_flag=True, help="Also show waived findings and every problem.")
@common
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
    """Scan files, directories and archives (- is standard input) and report what is loose.

    Exit codes: 0 nothing counts, 1 something open at or above --fail-on, 2 the call is wrong, 3 something
    could not be read.

    \b
    Examples:
      batten scan .
      batten scan k8s/ compose.yaml --fail-on critical
      batten scan - < pod.yaml
      batten scan pod.yaml --framework pss-restricted --pss-version 1.30
      batten scan . --report sarif=out.sarif --report html=report.html
      batten scan . --diff-base origin/main --format markdown
    """
    from batten import api
    from batten.report import get

    if not targets:
        raise click.UsageError("expected at least one target; try: batten scan .")
    wanted = [_report_file(text) for text in reports]
    renderer = get(format_name)
    for name, _ in wanted:
        get(name)
    settings = settings_from(targets, **selection)
    known = _baseline(baseline)
    progress = Progress("scanning", quiet=quiet)
    try:
        done = api.scan(targets, settings, known=known, diff_base=diff_base, progress=progress)
    finally:
        progress.done()
    needs_rules = {format_name, *(name for name, _ in wanted)} & {"sarif", "html", "gitlab", "markdown"}
    options = render_options(color=color, verbose=verbose, limit=limit, rules=bool(needs_rules))
    if output not in (None, "-") or format_name != "table":
        options = _plain(options, color)
    for name, path in wanted:
        put(api.render(done.report, name, _plain(options, "never")), path)
        note(f"wrote {path}", quiet=quiet)
    if not (quiet and format_name == "table" and output is None):
        put(renderer.render(done.report, options), output)
    if done.report.exit_code == 3 and format_name != "table":
        note(f"{done.report.exit_reason}; the report names what", quiet=quiet)
    return done.report.exit_code


def _report_file(text: str) -> tuple[str, str]:
    name, equals, path = text.partition("=")
    if not equals or not path:
        raise click.UsageError(f"expected FORMAT=FILE for --report, found {text!r}; e.g. --report sarif=out.sarif")
    return name, path


def _baseline(path: str | None) -> frozenset[str]:
    if path is None:
        return frozenset()
    from pathlib import Path

    from batten import limits
    from batten.engine.baseline import read

    with Path(path).open("rb") as file:
        return read(file.read(limits.REPORT_BYTES + 1), path)


def _plain(options: Any, color: str) -> Any:
    from msgspec.structs import replace

    return replace(options, color=color == "always", limit=0)
