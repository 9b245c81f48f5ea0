"""The `batten` command group: loads the module of a verb only when it is used."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module

import click

from batten import __version__
from batten.cli.output import OwnHelp
from batten.errors import SHOWN, blamed, explain

# verb -> its one line; the modules themselves are loaded when used
VERBS = {
    "scan": "Scan files, directories and archives and report what is loose.",
    "fix": "Mend what can be mended in text, with proof.",
    "diff": "Compare two targets or saved reports: findings that came and went.",
    "sbom": "Write the bill of materials of an image or directory.",
    "db": "Fetch, build, show and hand on the database of vulnerabilities.",
    "explain": "Explain a check: what it means, why it matters, how to fix it.",
    "checks": "List the checks.",
    "rules": "Check, test, list and export rules of your own.",
    "frameworks": "List the compliance frameworks, and what is not covered.",
    "targets": "List the kinds of target and the formats that are read.",
    "init": "Write a commented configuration, a baseline, or waivers from other tools' ignores.",
    "lsp": "Serve editors: findings as one types, and quick fixes.",
    "mcp": "Serve coding agents: scan, explain and fix over the Model Context Protocol.",
    "completion": "Print the completion script for a shell.",
}


class Verbs(OwnHelp, click.Group):
    """A group whose verbs are modules of this package."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"batten.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        word = args[0] if args else ""
        if word and word not in VERBS and not word.startswith("-"):
            from difflib import get_close_matches

            near = get_close_matches(word, VERBS, 1)
            hint = f"did you mean {near[0]!r}?" if near else f"expected one of {', '.join(VERBS)}"
            if word == "help":
                hint = f"did you mean: batten {' '.join([one for one in args[1:2] if one in VERBS] + ['--help'])}"
            if not near and os.path.exists(word):  # noqa: PTH110 - a bare word, no path to build
                hint = f"did you mean: batten scan {word}"
            raise click.UsageError(f"no verb {word!r}; {hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


def _show_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"batten {__version__}")
        ctx.exit()


@click.command(
    cls=Verbs,
    subcommand_metavar="VERB [ARGUMENTS]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    help="Show the version and exit.",
    callback=_show_version,
)
def group() -> None:
    """batten hardens containers end to end: it finds what is loose, fixes it, proves the fix.

    \b
    Examples:
      batten scan .                          everything that is written in this directory
      batten scan . --format sarif -o out.sarif
      batten fix . --diff                    what would be mended, as a diff
      batten explain PRV001                  what a check means and how to fix it
    """


def run(arguments: Sequence[str]) -> int:
    """Run the command line; the exit code. No error of the user's shows a traceback."""
    try:
        result = group.main(list(arguments) or ["--help"], prog_name="batten", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except click.exceptions.Abort:
        sys.stderr.write("batten: stopped\n")
        return 130
    except click.UsageError as error:
        where = f" ({error.ctx.command_path} --help)" if error.ctx is not None else ""
        message = " ".join(error.format_message().split())  # click lists choices on lines of their own
        _tell(f"{message}{where}")
        return 2
    except click.ClickException as error:
        _tell(error.format_message())
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("batten: stopped\n")
        return 130
    except SHOWN() as error:
        from batten.sources import Unreachable

        _tell(explain(error))
        return 3 if isinstance(error, Unreachable) else 2
    except Exception as error:
        if os.environ.get("BATTEN_TRACEBACK"):
            raise
        what = f"{type(error).__name__}: {str(error)[:200]}".replace("\n", " ")
        if plugin := blamed(error):
            _tell(f"the plug-in {plugin} failed ({what}); BATTEN_TRACEBACK=1 shows where")
            return 2
        _tell(f"internal error ({what}); please report it with BATTEN_TRACEBACK=1 set")
        return 2


def _tell(message: str) -> None:
    """One line on standard error, in which nothing is left that a terminal would obey."""
    from batten.report.text import one_line

    if sys.stderr is not None:
        sys.stderr.write(f"batten: {one_line(message)}\n")
