"""`batten init`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from batten.cli import complete
from batten.cli.output import OwnHelp, Progress, check_writable, common, formatted, note, put
from batten.cli.select import selecting, settings_from

_PROPOSED = "batten-baseline.json"


@click.command("init", cls=OwnHelp)
@click.argument("targets", nargs=-1, metavar="[TARGET...]", shell_complete=complete.files)
@selecting
@click.option(
    "--output",
    "-o",
    metavar="FILE",
    default="batten.toml",
    help="Where to write it (default: batten.toml; - prints it).",
    shell_complete=complete.files,
)
@click.option(
    "--baseline",
    metavar="FILE",
    help="Also write a baseline of the findings that are open now.",
    shell_complete=complete.files,
)
@click.option(
    "--import-ignores",
    is_flag=True,
    help="Turn ignores of Checkov, Trivy, hadolint, KubeLinter, Kubescape into waivers.",
)
@click.option("--owner", default="", metavar="NAME", help="Who answers for the imported waivers, e.g. @platform-team.")
@click.option(
    "--force",
    is_flag=True,
    help="Overwrite what exists: the baseline where --baseline names it, else the configuration.",
)
@formatted("text", "json")
@common
def command(
    targets: tuple[str, ...],
    output: str,
    baseline: str | None,
    import_ignores: bool,
    owner: str,
    force: bool,
    format_name: str,
    quiet: bool,
    color: str,
    **selection: Any,
) -> int:
    """Write a commented configuration, and what it takes to begin on a repository that has findings.

    The configuration names every key with its default. A baseline lets `batten scan --baseline FILE` report
    only what is new. An imported waiver without a reason or an owner is commented out until it has both.

    \b
    Examples:
      batten init
      batten init --baseline batten-baseline.json
      batten init --import-ignores --owner @platform-team
      batten init --import-ignores -o -              print it, write nothing
    """
    from batten import api
    from batten.engine.configuration_template import TEMPLATE
    from batten.report.text import one_line, plural, printable

    scanned = targets or (".",)
    # a baseline is written again and again, the configuration once
    kept = baseline is not None and not import_ignores and Path(output).exists()
    check_writable(output, "--output")
    check_writable(baseline, "--baseline")
    if output != "-" and not kept:
        _refuse(output, "the configuration", force)
    if baseline is not None:
        _refuse(baseline, "the baseline", force)
    told: dict[str, Any] = {"configuration": output, "written": output != "-" and not kept, "baseline": baseline}
    settings = settings_from(scanned, **selection)
    # before the scan: where the configuration lies is where the paths of a baseline begin
    early = bool(told["written"]) and not Path(output).exists()
    if early:
        put(TEMPLATE, output)
    progress = Progress("scanning", quiet=quiet)
    try:
        done = api.scan(scanned, settings, progress=progress)
    except BaseException:
        if early:
            Path(output).unlink()
        raise
    finally:
        progress.done()
    text = TEMPLATE
    if import_ignores:
        from batten.engine import ignores

        imported = ignores.import_from(done, owner)
        text += "\n# Ignores of other tools, found by batten init --import-ignores\n\n" + ignores.tables(imported)
        ready = sum(bool(one.reason.strip() and one.owner.strip()) for _, one in imported.waivers)
        told["imported"] = {
            "waivers": len(imported.waivers),
            "incomplete": len(imported.waivers) - ready,
            "left": len(imported.left),
            "passed_over": [{"path": path, "why": why} for path, why in imported.passed_over],
        }
        note(
            f"{plural(len(imported.waivers), 'waiver')} from ignores of other tools, "
            f"{len(imported.waivers) - ready} to be completed; {plural(len(imported.left), 'ignore')} without a waiver",
            quiet=quiet,
        )
        for path, why in imported.passed_over:
            note(f"not imported: {printable(path)}: {one_line(why)}", quiet=quiet)
    if not kept and (output != "-" or format_name == "text"):
        put(text, output)
    if output != "-":
        note(f"{output} is left as it is" if kept else f"wrote {output}", quiet=quiet)
    if any(target.status == "partial" for target in done.report.targets):
        note("something could not be read and is missing here; batten scan names it")
    opened = sum(finding.status == "open" for finding in done.report.findings)
    if baseline is not None:
        from batten.engine.baseline import make

        put(make(done.report.findings, done.report.started[:10]), baseline)
        note(f"wrote {baseline}; report only what is new with: batten scan --baseline {baseline} TARGET", quiet=quiet)
    elif opened:
        note(
            f"{plural(opened, 'finding')} open now; to report only new ones: batten init --baseline {_PROPOSED}",
            quiet=quiet,
        )
    if format_name == "json":
        import msgspec

        whole = all(target.status == "complete" for target in done.report.targets)
        told |= {"open": opened, "read_whole": whole, "text": text if output == "-" else None}
        put(msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n")
    return 0


def _refuse(path: str, what: str, force: bool) -> None:
    """Never overwrite what somebody wrote."""
    if not force and Path(path).exists():
        raise click.UsageError(f"{path} exists; {what} is written over it only with --force")
