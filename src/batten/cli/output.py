"""Printing: data to standard output, everything else to standard error, colours only on a terminal."""

from __future__ import annotations

import io
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TextIO

import click

from batten.cli import complete
from batten.model.progress import Question, Step
from batten.report import Options

if TYPE_CHECKING:
    from batten.cli.watch import Watch
    from batten.model.settings import Settings

_AT_ONCE = 1 << 20  # characters of a text that are encoded at a time
_PROGRESS_AFTER = 2.0  # seconds; shorter work needs no progress
_PIPE_CLOSED = 141  # 128 + SIGPIPE, what a shell says of a program that ended so
_PROGRESS_EVERY = 0.1
_QUIET_FOR = 1.0  # seconds without a word after which the time that was waited is shown


def wants_color(stream: TextIO | None, choice: str = "auto") -> bool:
    """`always` and `never` win; else NO_COLOR, a dumb terminal and anything that is no terminal say no."""
    if stream is None:  # closed: said when it is written to
        return False
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return bool(os.environ.get("FORCE_COLOR")) or stream.isatty()


def columns(otherwise: int) -> int:
    """The terminal's width; `COLUMNS` wins. As `shutil.get_terminal_size`, whose module costs 4 ms to load."""
    try:
        told = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        told = 0
    try:
        return told if told > 0 else os.get_terminal_size(sys.__stdout__.fileno()).columns or otherwise  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return otherwise


DECIDING: Final = {
    "config_path": "--config",
    "values": "--values",
    "sets": "--set",
    "set_strings": "--set-string",
    "var_files": "--var-file",
    "rules": "--rules",
}
"""What decides what is judged, and its options: the command that mends it needs them again."""


def repeated(selection: Mapping[str, Any], options: Mapping[str, str] = DECIDING) -> list[str]:
    """Those of `options` that were given, as words for a shell."""
    from batten.report.text import shell_argument

    found: list[str] = []
    for name, option in options.items():
        given = selection.get(name) or ()
        found += [f"{option} {shell_argument(one)}" for one in ((given,) if isinstance(given, str) else given)]
    return found


def render_options(
    *,
    color: str = "auto",
    verbose: bool = False,
    limit: int | None = None,
    rules: Settings | None = None,
    selection: Mapping[str, Any] | None = None,
) -> Options:
    """Options for what goes to standard output; with the catalogue of the checks where `rules` are settings."""
    from batten.api import rules as all_rules
    from batten.report import TABLE_LIMIT

    stdout = sys.stdout or io.StringIO()  # closed: said when it is written to
    encoding = (stdout.encoding or "ascii").lower()
    default = TABLE_LIMIT if stdout.isatty() else 0
    return Options(
        color=wants_color(stdout, color),
        width=max(60, min(columns(100), 160)),
        verbose=verbose,
        limit=default if limit is None else limit,
        unicode=encoding.replace("-", "") in ("utf8", "utf16", "utf32"),
        rules=all_rules(rules) if rules is not None else {},
        repeated=" ".join(repeated(selection or {})),
    )


def put(data: str | bytes | Iterable[bytes], path: str | None = None) -> None:
    """Write to a file, or to standard output for None and `-`."""
    pieces = _encoded(data) if isinstance(data, str) else (data,) if isinstance(data, bytes) else data
    if path in (None, "-"):
        if sys.stdout is None:
            raise OSError("standard output is closed")
        try:
            sys.stdout.flush()
            sys.stdout.buffer.writelines(pieces)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            # the reader (head, less) has gone; what is still buffered goes nowhere, without a word at the exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise click.exceptions.Exit(_PIPE_CLOSED) from None
        except OSError as error:
            raise OSError(f"standard output cannot be written: {error.strerror}") from error
        return
    try:
        with open(str(path), "wb") as file:
            file.writelines(pieces)
    except OSError as error:  # what happens at writing has no path of its own
        raise OSError(f"{path} cannot be written: {error.strerror}") from error


def _encoded(text: str) -> Iterator[bytes]:
    """A text with a line feed at its end, part by part: a large report is not to be held twice."""
    for start in range(0, len(text), _AT_ONCE):
        yield text[start : start + _AT_ONCE].encode("utf-8", "backslashreplace")
    if text and not text.endswith("\n"):
        yield b"\n"


def colored_diff(diff: str, color: bool = True) -> str:
    """A diff for a terminal: what a terminal would obey is made visible, added and removed lines are coloured."""
    from batten.report.text import printable_lines

    codes = {"+": "32", "-": "31", "@": "36"}
    shown = []
    for line in printable_lines(diff).split("\n"):
        code = "1" if line.startswith(("+++", "---")) else codes.get(line[:1], "")
        shown.append(f"\x1b[{code}m{line}\x1b[0m" if code and color else line)
    return "\n".join(shown)


QUIET: Final = "No remarks; what could not be read is told in one line on standard error."


def note(text: str, *, quiet: bool = False) -> None:
    """A line for the person, to standard error."""
    if not quiet and sys.stderr is not None:
        if not text.isprintable():
            from batten.report.text import printable

            text = printable(text)
        sys.stderr.write(f"batten: {text}\n")


def note_problems(problems: Sequence[str], names_all: str, *, limit: int | None, quiet: bool) -> None:
    """What could not be read, which nobody may miss: a line for each of the first `limit` (None: of all), and how many
    more there are; with `--quiet` one line for all. `names_all`: the command that names each."""
    if quiet and len(problems) > 1:
        note(f"{problems[0]} (and {len(problems) - 1} more problems: {names_all} names each)")
        return
    for problem in problems[:limit]:
        note(problem)
    if limit is not None and len(problems) > limit:
        note(f"{len(problems) - limit} more like these ({names_all} names each)")


def note_wrong_rules(settings: Settings) -> bool:
    """Names each rule of the user's own that is wrong, which nobody may miss; were there any?"""
    if not settings.rules:
        return False
    from batten.engine.rules.registry import rules_of

    wrong = rules_of(settings).problems
    for problem in wrong:
        note("".join(char if char.isprintable() else "?" for char in str(problem)))
    return bool(wrong)


class Progress:
    """A line on a terminal, once the work takes longer than two seconds: what is read now, or, where nobody answers
    (an engine, a registry), that and how long it has been waited."""

    def __init__(self, verb: str, *, quiet: bool = False) -> None:
        self._verb = verb
        self._on = not quiet and sys.stderr is not None and sys.stderr.isatty()
        self._began = self._last = time.monotonic()
        self._count = 0
        self._line = f"{verb} …"
        self._shown = False
        self._watch: Watch | None = None
        if self._on:
            from batten.cli.watch import Watch

            self._watch = Watch(self._waited, _PROGRESS_AFTER)

    def __call__(self, path: str) -> None:
        step = isinstance(path, Step | Question)
        self._count += not step
        if not self._on:
            return
        if isinstance(path, Question):
            self._line = path
            return
        now = time.monotonic()
        if step:
            self._line = path
        if (step or now - self._began > _PROGRESS_AFTER) and now - self._last > _PROGRESS_EVERY:
            if not step:
                self._line = f"{self._verb} {self._count} files  {path}"
            self._show(self._line)

    def _waited(self) -> None:
        """Nothing was heard for a while."""
        if time.monotonic() - self._last > _QUIET_FOR:
            self._show(f"{self._line}  {time.monotonic() - self._began:.0f} s", heard=False)

    def _show(self, line: str, *, heard: bool = True) -> None:
        if heard:
            self._last = time.monotonic()
        self._shown = True
        text = "".join(char if char.isprintable() else "?" for char in line)
        sys.stderr.write("\r\x1b[K" + text[: columns(80) - 1])
        sys.stderr.flush()

    def done(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        if self._shown:
            self._shown = False
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class OwnHelp(click.Command):
    """A command whose option `--help` is made here: click looks its text up in catalogues of translations, which
    takes longer than reading a few files."""

    _own_help: click.Option | None = None

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """As click's; the same object each time."""
        if self._own_help is None:
            self._own_help = click.Option(
                self.get_help_option_names(ctx),
                is_flag=True,
                expose_value=False,
                is_eager=True,
                help="Show this message and exit.",
                callback=_show_help,
            )
        return self._own_help


def _show_help(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(ctx.get_help(), color=ctx.color)
        ctx.exit()


def common(command: Callable[..., object], quiet: str = QUIET) -> Callable[..., object]:
    """Options that every verb has. `quiet`: what is said of `--quiet`."""
    command = click.option("--quiet", "-q", is_flag=True, help=quiet)(command)
    return click.option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        help="When to use colours (default: auto, on a terminal where NO_COLOR is not set).",
    )(command)


def formatted(*formats: str) -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The option `--format` of a verb with a few formats of its own; the first is the default."""
    return click.option(
        "--format",
        "format_name",
        type=click.Choice(formats),
        default=formats[0],
        help=f"What is printed (default: {formats[0]}).",
    )


def outputs(what: str = "it") -> Callable[[Callable[..., object]], Callable[..., object]]:
    """The option `--output`."""
    return click.option(
        "--output",
        "-o",
        metavar="FILE",
        help=f"Write {what} to a file instead of printing it.",
        shell_complete=complete.files,
    )


def check_writable(path: str | None, option: str, targets: Sequence[str] = ()) -> None:
    """Raises `click.UsageError` where no file can be written, or one of `targets` would be written over: better before
    the work than after it."""
    if path in (None, "-"):
        return
    where = str(path) or os.curdir
    folder = os.path.dirname(where) or os.curdir
    for target in targets:
        if os.path.isfile(target) and os.path.exists(where) and os.path.samefile(target, where):
            raise click.UsageError(f"expected a file of its own after {option}, found a target: {path}")
    if os.path.isdir(where):
        raise click.UsageError(f"expected a file after {option}, found a directory: {path}")
    if not os.path.isdir(folder):
        raise click.UsageError(f"expected a file after {option} in a folder that exists, found {path}")
    if not os.access(where if os.path.exists(where) else folder, os.W_OK):
        raise click.UsageError(f"expected a file after {option} that can be written, found {path}: no permission")
