"""`batten diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from batten.cli import complete
from batten.cli.output import check_writable, common, formatted, note, outputs, put
from batten.cli.select import fail_on, selecting, settings_from

if TYPE_CHECKING:
    from batten.engine.diff import Difference
    from batten.model.report import Finding


@click.command("diff")
@click.argument("before", shell_complete=complete.files)
@click.argument("after", shell_complete=complete.files)
@selecting
@fail_on
@formatted("table", "json", "markdown")
@outputs()
@common
def command(
    before: str, after: str, format_name: str, output: str | None, quiet: bool, color: str, **selection: Any
) -> int:
    """Compare two targets or saved reports (`--format json`): findings that came and went, by fingerprint.

    What was not told before because a graver finding stood over it (the capabilities of a privileged
    container) is uncovered when that one goes: it is listed, and does not count as new.

    Exit codes: 1 a finding at or above --fail-on came, 2 the call is wrong, 3 one of the two could not be
    read whole, else 0.

    \b
    Examples:
      batten diff main.json .                      a saved report against the directory
      batten diff release-1/ release-2/ --format markdown
    """
    import msgspec

    from batten import api
    from batten.engine.diff import exit_code
    from batten.report.text import printable

    check_writable(output, "--output")
    settings = settings_from((before, after), **selection)
    difference = api.diff(before, after, settings)
    if format_name == "json":
        put(msgspec.json.format(msgspec.json.encode(difference), indent=2) + b"\n", output)
    else:
        put("\n".join(_lines(difference, markdown=format_name == "markdown")) + "\n", output)
    if difference.partial:
        names = ", ".join(printable(one) for one in difference.partial)
        note(f"not read whole, so that something may be missing here: {names}; batten scan names what", quiet=quiet)
    return exit_code(difference, settings.fail_on)


def _lines(difference: Difference, *, markdown: bool) -> list[str]:
    from batten.report.text import printable

    lines: list[str] = []
    kinds = (
        ("came", "+", difference.added),
        ("uncovered: what stood over it went", "~", difference.uncovered),
        ("went", "-", difference.removed),
    )
    for title, sign, findings in kinds:
        if findings:
            lines.append(f"### {len(findings)} {title}\n" if markdown else f"{len(findings)} {title}")
        for one in findings:
            text = printable(_line(one))
            lines.append(f"- `{sign} {text.replace('`', chr(39))}`" if markdown else f"  {sign} {text}")
        if findings:
            lines.append("")
    uncovered = f"{len(difference.uncovered)} uncovered, " if difference.uncovered else ""
    counts = f"{len(difference.added)} came, {uncovered}{len(difference.removed)} went, {difference.kept} stayed"
    lines.append(f"**{counts}**" if markdown else counts)
    return lines


def _line(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}"
    return f"{finding.severity:8} {finding.check}  {place}  {finding.message}"
