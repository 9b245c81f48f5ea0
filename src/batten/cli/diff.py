"""`batten diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from batten.cli.output import common, put
from batten.cli.select import fail_on, selecting, settings_from

if TYPE_CHECKING:
    from batten.engine.diff import Difference
    from batten.model.report import Finding


@click.command("diff")
@click.argument("before")
@click.argument("after")
@selecting
@fail_on
@click.option("--format", "format_name", type=click.Choice(["table", "json", "markdown"]), default="table")
@click.option("--output", "-o", metavar="FILE", help="Write it to a file instead of standard output.")
@common
def command(
    before: str, after: str, format_name: str, output: str | None, quiet: bool, color: str, **selection: Any
) -> int:
    """Compare two targets or saved reports (`--format json`): findings that came and went, by fingerprint.

    Exit codes: 1 a finding at or above --fail-on came, 2 the call is wrong, else 0.

    \b
    Examples:
      batten diff main.json .                      a saved report against the directory
      batten diff release-1/ release-2/ --format markdown
    """
    import msgspec

    from batten import api
    from batten.model.verdict import Severity

    settings = settings_from((before, after), **selection)
    difference = api.diff(before, after, settings)
    if format_name == "json":
        put(msgspec.json.format(msgspec.json.encode(difference), indent=2) + b"\n", output)
    else:
        put("\n".join(_lines(difference, markdown=format_name == "markdown")) + "\n", output)
    if settings.fail_on == "none":
        return 0
    threshold = Severity[settings.fail_on.upper()]
    return int(any(Severity[one.severity.upper()] >= threshold for one in difference.added))


def _lines(difference: Difference, *, markdown: bool) -> list[str]:
    from batten.report.text import printable

    lines: list[str] = []
    for title, sign, findings in (("came", "+", difference.added), ("went", "-", difference.removed)):
        if findings:
            lines.append(f"### {len(findings)} {title}\n" if markdown else f"{len(findings)} {title}")
        for one in findings:
            text = printable(_line(one))
            lines.append(f"- `{sign} {text.replace('`', chr(39))}`" if markdown else f"  {sign} {text}")
        if findings:
            lines.append("")
    counts = f"{len(difference.added)} came, {len(difference.removed)} went, {difference.kept} stayed"
    lines.append(f"**{counts}**" if markdown else counts)
    return lines


def _line(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}"
    return f"{finding.severity:8} {finding.check}  {place}  {finding.message}"
