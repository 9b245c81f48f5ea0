"""`batten diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from batten.cli import complete
from batten.cli.output import OwnHelp, Progress, check_writable, common, formatted, note, outputs, put
from batten.cli.select import fail_on, images, selecting, settings_from

if TYPE_CHECKING:
    from batten.engine.diff import Difference
    from batten.engine.drift import Change
    from batten.model.report import Finding
    from batten.model.workload import Resource


_SHOWN: Final = 120  # columns of one value; --format json has it whole


@click.command("diff", cls=OwnHelp)
@click.argument("before", shell_complete=complete.files)
@click.argument("after", shell_complete=complete.files)
@selecting
@images
@fail_on
@formatted("table", "json", "markdown")
@outputs()
@common
def command(
    before: str, after: str, format_name: str, output: str | None, quiet: bool, color: str, **selection: Any
) -> int:
    """Compare two targets or saved reports (`--format json`): findings, packages and vulnerabilities that came
    and went, and what drifted in what is deployed: an added capability, another image, a new port.

    The two may be of any kind: a folder against what runs, today's state against a report saved with
    --with-inventory.

    What was not told before because a graver finding stood over it (the capabilities of a privileged
    container) is uncovered when that one goes: it is listed, and does not count as new.

    Exit codes: 1 a finding at or above --fail-on came, 2 the call is wrong, 3 one of the two could not be
    read whole, else 0.

    \b
    Examples:
      batten diff main.json .                      a saved report against the directory
      batten diff release-1/ release-2/ --format markdown
      batten diff k8s/ cluster:prod --namespace shop    what is declared against what runs
      batten diff image:shop/web:1.4 image:shop/web:1.5 --fail-on high
    """
    import msgspec

    from batten import api
    from batten.engine.diff import exit_code
    from batten.report.text import printable

    check_writable(output, "--output", (before, after))
    settings = settings_from((before, after), **selection)
    progress = Progress("reading", quiet=quiet)
    try:
        difference = api.diff(before, after, settings, progress=progress)
    finally:
        progress.done()
    if format_name == "json":
        put(msgspec.json.format(msgspec.json.encode(difference), indent=2) + b"\n", output)
    else:
        put("\n".join(_lines(difference, markdown=format_name == "markdown")) + "\n", output)
    if difference.drift is None:
        message = "what drifted is not known: save the report with batten scan --with-inventory --format json"
        note(message, quiet=quiet)
    if difference.partial:
        names = ", ".join(printable(one) for one in difference.partial)
        note(f"not read whole, so that something may be missing here: {names}; batten scan names what")
    return exit_code(difference, settings.fail_on)


def _lines(difference: Difference, *, markdown: bool) -> list[str]:
    from batten.report.text import plural, printable

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
    lines += _drift(difference.drift or [], markdown=markdown)
    lines += _flaws(difference, markdown=markdown)
    uncovered = f"{len(difference.uncovered)} uncovered, " if difference.uncovered else ""
    counts = f"{len(difference.added)} came, {uncovered}{len(difference.removed)} went, {difference.kept} stayed"
    if difference.packages or difference.vulnerabilities_kept or difference.vulnerabilities_added:
        came, went = len(difference.vulnerabilities_added), len(difference.vulnerabilities_removed)
        counts += f"; vulnerabilities: {came} came, {went} went, {difference.vulnerabilities_kept} stayed"
        counts += f"; {plural(len(difference.packages), 'package')} changed"
    if difference.drift:
        counts += f"; {plural(len(difference.drift), 'change')} of what is deployed"
    lines.append(f"**{counts}**" if markdown else counts)
    return lines


def _drift(changes: list[Change], *, markdown: bool) -> list[str]:
    """What is different in terms of the model, resource by resource."""
    from batten.report.text import plural
    from batten.report.words import resource_text

    if not changes:
        return []
    lines = [f"### {plural(len(changes), 'change')} of what is deployed\n" if markdown else "what is deployed changed"]
    last: tuple[Resource, str] | None = None
    for change in changes:
        sign = {"added": "+", "removed": "-"}.get(change.kind, "~")
        head = f"{sign} {resource_text(change.resource)} ({change.location.path}:{change.location.line})"
        if (change.resource, head) != last:
            lines.append(_entry(head, "  ", markdown=markdown))
            last = (change.resource, head)
        if change.fact:
            lines.append(_entry(f"{change.fact.replace('_', ' ')}: {_values(change)}", "      ", markdown=markdown))
    return [*lines, ""]


def _entry(text: str, indent: str, *, markdown: bool) -> str:
    from batten.report.text import printable

    text = printable(text)
    return f"{indent[2:]}- `{text.replace('`', chr(39))}`" if markdown else indent + text


def _values(change: Change) -> str:
    told = [f"+ {_short(one)}" for one in change.came] + [f"- {_short(one)}" for one in change.went]
    told += [f"~ {_short(one)} (another value)" for one in change.altered]
    if told and not (change.before or change.after):
        return "  ".join(told)
    shown = [_size(text) if change.fact == "memory_limit" else text or "none" for text in (change.before, change.after)]
    return "  ".join([" -> ".join(map(_short, shown)), *told])


def _short(text: str) -> str:
    from batten.report.text import cut, one_line

    return cut(one_line(text), _SHOWN)


def _size(text: str) -> str:
    number = int(text) if text.isdecimal() else 0
    for unit, name in ((1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")):
        if number and number % unit == 0:
            return f"{number // unit} {name}"
    return f"{number} bytes" if number else text or "none"


def _flaws(difference: Difference, *, markdown: bool) -> list[str]:
    """Vulnerabilities that came and went, then what became of the packages."""
    from batten.report.text import plural, printable

    parts: list[tuple[str, list[str]]] = [
        (
            f"{plural(len(rows), 'vulnerability', 'vulnerabilities')} {word}",
            [f"{sign} {row.severity:10} {row.id}  {row.name} {row.installed}" for row in rows],
        )
        for word, sign, rows in (
            ("came", "+", difference.vulnerabilities_added),
            ("went", "-", difference.vulnerabilities_removed),
        )
    ]
    changes = [
        f"{'+' if not one.before else '-' if not one.after else '~'} {one.type} {one.name} "
        + " -> ".join(filter(None, (one.before, one.after)))
        for one in difference.packages
    ]
    parts.append((f"{plural(len(changes), 'package')} changed", changes))
    lines: list[str] = []
    for title, rows in parts:
        if not rows:
            continue
        lines.append(f"### {title}\n" if markdown else title)
        texts = [printable(row) for row in rows]
        lines += [f"- `{text.replace('`', chr(39))}`" if markdown else f"  {text}" for text in texts]
        lines.append("")
    return lines


def _line(finding: Finding) -> str:
    place = f"{finding.location.path}:{finding.location.line}"
    return f"{finding.severity:8} {finding.check}  {place}  {finding.message}"
