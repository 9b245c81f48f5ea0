"""`batten checks`."""

from __future__ import annotations

from typing import Any

import click

from batten.cli import complete
from batten.cli.output import OwnHelp, common, formatted, put
from batten.cli.select import selecting_checks, settings_from


@click.command("checks", cls=OwnHelp)
@selecting_checks
@click.option(
    "--platform",
    "platforms",
    multiple=True,
    metavar="NAME",
    help="Only checks that hold on this platform, e.g. kubernetes (repeatable).",
    shell_complete=complete.platforms,
)
@formatted("table", "json", "markdown")
@common
def command(platforms: tuple[str, ...], format_name: str, quiet: bool, color: str, **selection: Any) -> int:
    """List the checks, by strategy.

    \b
    Examples:
      batten checks
      batten checks --strategy runtime --platform compose
      batten checks --framework nsa-cisa --format json
    """
    from batten.engine import comply
    from batten.engine.check import DEPLOYED, ROOMS, STRATEGIES, platforms_of
    from batten.engine.rooms import checks_for
    from batten.engine.run import selected

    everything = selection.get("persona") is None
    settings = settings_from((), **{**selection, "persona": selection.get("persona") or "auditor"})
    wanted = comply.frameworks(settings)
    chosen = comply.selected_checks(wanted, settings) if wanted else selected(settings)
    on = complete.platforms(None, None, "")
    platforms = tuple(one.strip() for name in platforms for one in name.split(",") if one.strip())
    if unknown := set(platforms) - set(on):
        raise click.UsageError(f"no platform {min(unknown)!r}; expected one of {', '.join(on)}")
    if platforms:
        chosen = [one for one in chosen if set(platforms) & set(platforms_of(one))]
    if format_name == "json":
        import msgspec

        rows = [
            {
                "id": one.id,
                "title": one.title,
                "severity": one.severity.word,
                "strategy": one.strategy,
                "persona": one.persona,
                "platforms": list(platforms_of(one)),
                "waivable": one.waivable,
            }
            for one in chosen
        ]
        put(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
        return 0
    lines = []
    if format_name == "markdown":
        lines += ["| check | title | severity | platforms | persona |", "|---|---|---|---|---|"]
        lines += [
            f"| {one.id} | {one.title} | {one.severity.word} | {_shown(platforms_of(one), DEPLOYED)} | {one.persona} |"
            for one in chosen
        ]
        put("\n".join(lines) + "\n")
        return 0
    for number, name in ROOMS.values():
        mine = [one for one in chosen if one.strategy == number]
        if not mine:
            continue
        lines.append(f"{number} {name}")
        for one in mine:
            tail = "" if one.persona == "regular" else f"  ({one.persona})"
            lines.append(f"  {one.id}  {one.severity.word:8}  {one.title}{tail}")
        lines.append("")
    if quiet:
        put("\n".join(lines).rstrip("\n") + "\n")
        return 0
    known = len(checks_for(settings))
    counted = f"{len(chosen)} of {known} checks" if len(chosen) < known else f"{known} checks"
    covered = len({one.strategy for one in chosen})
    lines.append(f"{counted} in {covered} of {len(STRATEGIES)} strategies; batten explain ID tells more")
    if everything and any(one.persona != "regular" for one in chosen):
        lines.append("(pedantic) and (auditor) checks run with --persona, or when they are named with --check")
    put("\n".join(lines) + "\n")
    return 0


def _shown(platforms: tuple[str, ...], every: tuple[str, ...]) -> str:
    return "all" if platforms == every else ", ".join(platforms)
