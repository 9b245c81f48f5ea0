"""`batten frameworks`."""

from __future__ import annotations

import click

from batten.cli import complete
from batten.cli.output import OwnHelp, common, formatted, put


@click.command("frameworks", cls=OwnHelp)
@click.argument("names", nargs=-1, metavar="[NAME...]", shell_complete=complete.frameworks)
@formatted("table", "json", "markdown")
@common
def command(names: tuple[str, ...], format_name: str, quiet: bool, color: str) -> int:
    """List the compliance frameworks; with a name, every control of it and what is NOT covered.

    \b
    Examples:
      batten frameworks
      batten frameworks nsa-cisa
      batten frameworks cis-docker --format markdown
    """
    from batten.frameworks import frameworks, get

    listed = [one.strip() for name in names for one in name.split(",") if one.strip()]
    chosen = [get(name) for name in listed] if names else list(frameworks())
    if format_name == "json":
        import msgspec

        put(msgspec.json.format(msgspec.json.encode(chosen), indent=2) + b"\n")
        return 0
    lines: list[str] = []
    for one in chosen:
        counts = {
            word: sum(control.coverage == word for control in one.controls) for word in ("full", "partial", "manual")
        }
        told = f"{counts['full']} full, {counts['partial']} partial, {counts['manual']} not covered (manual)"
        if not names and format_name == "table":
            lines.append(f"{one.name:18} {one.title} {one.version}\n{'':18} {len(one.controls)} controls: {told}")
            continue
        if format_name == "markdown":
            lines += [f"## {one.title} {one.version}", "", f"`--framework {one.name}` · {told} · <{one.url}>", ""]
            lines += ["| control | title | coverage | checks | not covered |", "|---|---|---|---|---|"]
            lines += [
                f"| {c.id} | {c.title} | {c.coverage} | {', '.join(c.checks)} | {c.note} |".replace("\n", " ")
                for c in one.controls
            ]
            lines.append("")
            continue
        lines += [f"{one.title} {one.version}   (--framework {one.name})", f"  {told}", ""]
        width = max(len(control.id) for control in one.controls)
        for control in one.controls:
            lines.append(f"  {control.id:{width}}  {control.coverage:7}  {control.title}")
            if control.checks:
                lines.append(f"  {'':{width}}           checks: {', '.join(control.checks)}")
            if control.note:
                lines.append(f"  {'':{width}}           not covered: {control.note}")
        lines.append("")
    put("\n".join(lines) + "\n")
    return 0
