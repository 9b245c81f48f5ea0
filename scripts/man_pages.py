"""Makes the manual pages of the command line, in the macros of man(7): one for batten, one for each of its verbs.

Everything comes from the help texts. The same code gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import cleandoc

import click

from batten import __version__
from batten.cli.group import VERBS, group

_ENVIRONMENT = {
    "NO_COLOR": "colours are left out, whatever the terminal",
    "BATTEN_OFFLINE": "nothing is fetched, as with --offline",
    "BATTEN_TRACEBACK": "errors of batten's own are shown with where they stand",
}
_WRITTEN = {
    "-": "\\-",
    "'": "\\(aq",
    "`": "\\(ga",
    "^": "\\(ha",
    "~": "\\(ti",
    '"': "\\(dq",
    "\u2019": "\\(cq",
    "\u2026": "...",
}
_CODES = {
    "0": "nothing open at the gate",
    "1": "findings at or above the gate",
    "2": "the call is wrong, or writing was refused",
    "3": "something could not be read; what could be is reported",
}


def man_pages() -> dict[str, str]:
    """Name of the file -> its text."""
    with click.Context(group, info_name="batten", **group.context_settings) as context:
        made = {"batten.1": _page("batten", group, context, "hardens containers end to end", top=True)}
        for verb, line in VERBS.items():
            command = group.get_command(context, verb)
            assert command is not None
            made.update(_pages(f"batten {verb}", command, context, line))
    return made


def _pages(name: str, command: click.Command, above: click.Context, line: str) -> Iterator[tuple[str, str]]:
    context = click.Context(command, info_name=name.rpartition(" ")[2], parent=above)
    yield f"{name.replace(' ', '-')}.1", _page(name, command, context, line)
    if isinstance(command, click.Group):
        for verb in command.list_commands(context):
            inner = command.get_command(context, verb)
            assert inner is not None
            yield from _pages(f"{name} {verb}", inner, context, inner.get_short_help_str(200))


def _page(name: str, command: click.Command, context: click.Context, line: str, *, top: bool = False) -> str:
    title = name.replace(" ", "-")
    usage = " ".join(command.collect_usage_pieces(context))
    parts = [
        f'.TH "{title.upper()}" "1" "" "batten {__version__}" "User Commands"',
        ".SH NAME",
        f"{_text(title)} \\- {_text(line.rstrip('.'))}",
        ".SH SYNOPSIS",
        f"\\fB{_text(name)}\\fR {_text(usage)}",
        ".SH DESCRIPTION",
        *_help(cleandoc(command.help or line)),
    ]
    if isinstance(command, click.Group):
        parts.append(".SH VERBS")
        for verb in command.list_commands(context):
            inner = command.get_command(context, verb)
            assert inner is not None
            short = VERBS[verb] if top else inner.get_short_help_str(200)
            parts += [".TP", f"\\fB{_text(title)}\\-{_text(verb)}\\fR(1)", _text(short)]
    records = (one.get_help_record(context) for one in command.get_params(context))
    options = [record for record in records if record is not None and record[1]]
    if options:
        parts.append(".SH OPTIONS")
        for names, text in options:
            parts += [".TP", f"\\fB{_text(names)}\\fR", _text(" ".join(text.split()))]
    if top:
        parts.append(".SH EXIT STATUS")
        for code, text in _CODES.items():
            parts += [".TP", f"\\fB{code}\\fR", _text(text)]
        parts.append(".SH ENVIRONMENT")
        for variable, text in _ENVIRONMENT.items():
            parts += [".TP", f"\\fB{_text(variable)}\\fR", _text(text)]
        parts += [".SH FILES", ".TP", "\\fBbatten.toml\\fR", _text("the configuration; `batten init` writes one")]
    return "\n".join(parts) + "\n"


def _help(text: str) -> Iterator[str]:
    """Paragraphs; what stands behind `\\b` keeps its lines."""
    for number, paragraph in enumerate(re.split(r"\n\s*\n", text.strip())):
        if number:
            yield ".PP"
        lines = paragraph.split("\n")
        if lines[0].strip() == "\b":
            yield from (".nf", *(_text(one) for one in lines[1:]), ".fi")
        else:
            yield _text(" ".join(paragraph.split()))


def _text(text: str) -> str:
    """`text` as it is to be read: nothing in it is a request or an escape, no hyphen is broken."""
    shown = (
        text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga").replace("^", "\\(ha")
    )
    shown = shown.replace("…", "...").replace("\u2019", "\\(cq").replace("~", "\\(ti").replace('"', "\\(dq")
    return f"\\&{shown}" if shown.startswith((".", "'")) else shown
