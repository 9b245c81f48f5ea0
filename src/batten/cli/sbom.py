"""`batten sbom`."""

from __future__ import annotations

from typing import Any

import click

from batten.cli import complete, select
from batten.cli.output import OwnHelp, Progress, check_writable, common, formatted, note, note_problems, outputs, put
from batten.cli.select import settings_from
from batten.report.sbom import FORMATS, InvalidEpoch

_INCOMPLETE = 3


@click.command("sbom", cls=OwnHelp)
@click.argument("target", shell_complete=complete.files)
@formatted(*FORMATS)
@outputs("the bill of materials")
@click.option(
    "--config",
    "config_path",
    metavar="FILE",
    help="Configuration to use instead of the nearest batten.toml.",
    shell_complete=complete.files,
)
@click.option("--exclude", multiple=True, metavar="GLOB", help="Paths to leave out, as in .gitignore (repeatable).")
@select.image_sources
@common
def command(target: str, format_name: str, output: str | None, quiet: bool, color: str, **selection: Any) -> int:
    """Write the bill of materials of an image, archive, root file system or directory with lock files.

    The same content gives the same bytes where SOURCE_DATE_EPOCH is set. Exit code 3 where part of the target
    could not be read: what was read is written, and the document says that it is incomplete.

    \b
    Examples:
      batten sbom image:registry.example/shop:1.2 --output shop.cdx.json
      batten sbom docker:shop:1.2
      batten sbom shop.tar --format spdx-json
      batten sbom . --format cyclonedx-xml
    """
    from batten import api
    from batten.report.sbom import write

    check_writable(output, "--output", (target,))
    settings = settings_from((target,), **selection)
    progress = Progress("reading", quiet=quiet)
    try:
        document, problems = api.sbom(target, settings, progress=progress)
    except InvalidEpoch as error:
        raise click.UsageError(str(error)) from None
    finally:
        progress.done()
    told = [problem for problem in problems if problem.severe or not quiet]
    lines = [f"{problem.path}{f':{problem.line}' if problem.line else ''}: {problem.message}" for problem in told]
    note_problems(lines, "the same without --quiet", limit=None, quiet=quiet)
    put(write(format_name, document), output)
    if not document.packages:
        note(f"{target}: no packages were found", quiet=quiet)
    return 0 if document.complete else _INCOMPLETE
