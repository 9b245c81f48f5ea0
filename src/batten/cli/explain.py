"""`batten explain`."""

from __future__ import annotations

import sys
import textwrap

import click

from batten.cli import complete, select
from batten.cli.output import OwnHelp, common, formatted, put, wants_color


@click.command("explain", cls=OwnHelp)
@click.argument("identifiers", nargs=-1, required=True, metavar="ID...", shell_complete=complete.checks)
@select.config
@formatted("text", "json")
@common
def command(identifiers: tuple[str, ...], config_path: str | None, format_name: str, quiet: bool, color: str) -> int:
    """Explain checks: what each means, why it matters, how to fix it on each platform.

    The first letters of an identifier (PRV) list all checks that begin with them.

    \b
    Examples:
      batten explain PRV001
      batten explain PRV
      batten explain PRV001 RUN009 --format json
    """
    from batten.api import rules, settings_for
    from batten.engine.rooms import checks_for
    from batten.frameworks import controls_of

    settings = settings_for((), config_path)
    known = rules(settings)
    own = {identifier: check.controls for identifier, check in checks_for(settings).items() if check.controls}
    chosen, families = [], []
    for word in identifiers:
        family = [one for identifier, one in known.items() if identifier.startswith(word.upper())] if word else []
        if word.upper() not in known and not family:
            from batten.engine.suggest import nearest_check

            near = nearest_check(word, known)
            hint = f"; did you mean {near}?" if near else "; batten checks lists them"
            raise click.UsageError(f"no check {word!r}{hint}")
        if word.upper() in known:
            chosen.append(known[word.upper()])
        elif format_name == "json":
            chosen += family
        else:
            families += family
    if format_name == "json":
        import msgspec

        rows = [
            {**msgspec.to_builtins(one), "controls": [*controls_of(one.id), *own.get(one.id, ())]} for one in chosen
        ]
        put(msgspec.json.format(msgspec.json.encode(rows), indent=2) + b"\n")
        return 0
    strong = ("\x1b[1m", "\x1b[0m") if wants_color(sys.stdout, color) else ("", "")
    parts = [f"{one.id}  {one.severity:8}  {one.title}" for one in families]
    parts += [""] if families else []
    for one in chosen:
        parts.append(f"{strong[0]}{one.id}  {one.title}{strong[1]}   ({one.severity}, strategy {one.strategy})\n")
        parts += [textwrap.fill(" ".join(paragraph.split()), 92) + "\n" for paragraph in one.summary.split("\n\n")]
        if one.remediation:
            parts.append(f"{strong[0]}How to fix it{strong[1]}")
            for platform, text in one.remediation.items():
                shown = "everywhere" if platform == "all" else platform
                parts.append(textwrap.fill(text, 92, initial_indent=f"  {shown:11} ", subsequent_indent=" " * 14))
            parts.append("")
        controls = [*controls_of(one.id), *own.get(one.id, ())]
        if controls:
            parts.append(f"{strong[0]}Answers to{strong[1]}")
            parts += [f"  {framework:16} {control}" for framework, control in controls]
            parts.append("")
        if one.references:
            parts.append(f"{strong[0]}Read more{strong[1]}")
            parts += [f"  {address}" for address in one.references]
            parts.append("")
    put("\n".join(parts))
    return 0
