"""Renderers of the report: one module per format under `batten.report.formats`, found by their files.

A renderer formats and judges nothing. All of them show the same facts in the order of
`batten.report.order`. Importing this package imports no format.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Protocol

from msgspec import Struct, field

from batten.model.report import Report, SeverityWord
from batten.modules import names_in

TABLE_LIMIT = 40
"""Entries that a terminal report shows unless asked for more: about four screens."""


class RuleInfo(Struct, frozen=True, kw_only=True):
    """What is known of one check apart from its findings; the caller makes it from the catalogue."""

    id: str
    title: str
    summary: str = ""
    """Paragraphs separated by blank lines: what it means and why it matters."""
    remediation: Mapping[str, str] = field(default_factory=dict)
    """platform -> how to fix it there; the key `all` holds everywhere else."""
    references: tuple[str, ...] = ()
    severity: SeverityWord = "medium"
    strategy: int = 0
    help_url: str = ""


class Options(Struct, frozen=True, kw_only=True):
    """How to render. Formats ignore what has no meaning for them."""

    color: bool = False
    """ANSI colours (terminal only)."""
    width: int = 100
    """Columns of the terminal."""
    verbose: bool = False
    """Also waived findings, every problem, full remediation."""
    limit: int = 0
    """Entries shown, the most urgent; 0: all. The command line gives `TABLE_LIMIT` for a terminal."""
    unicode: bool = True
    """False: nothing but ASCII goes to the terminal."""
    rules: Mapping[str, RuleInfo] = field(default_factory=dict)
    """The catalogue of checks by identifier: SARIF and HTML explain them."""
    repeated: str = ""
    """Options of this call that decide what is judged, for the commands that mend it: `--values prod.yaml`."""


class Renderer(Protocol):
    """What `RENDERER` in a module of `batten.report.formats` is.

    One that has `shows_controls`, and has it False, may be given findings without the controls that they answer to.
    """

    @property
    def name(self) -> str:
        """The word for `--format`."""

    @property
    def summary(self) -> str:
        """One line for `--help`."""

    @property
    def suffix(self) -> str:
        """Of a file of this format, with the dot."""

    @property
    def binary(self) -> bool:
        """`render` gives bytes, else text."""

    def render(self, report: Report, options: Options) -> str | bytes:
        """The whole report. Text holds no lone surrogates: it can be encoded as UTF-8."""


class Format(Struct, frozen=True):
    """A renderer made of one function."""

    name: str
    summary: str
    suffix: str
    function: Callable[[Report, Options], str | bytes]
    binary: bool = False
    shows_controls: bool = True
    pieces: Callable[[Report, Options], Iterator[bytes]] | None = None
    """What `function` gives, part by part, where a report is too large to be held as one text."""

    def render(self, report: Report, options: Options) -> str | bytes:
        return self.function(report, options)


def parts(renderer: Renderer, report: Report, options: Options) -> str | bytes | Iterable[bytes]:
    """What the renderer gives, in parts where it can."""
    made: Callable[[Report, Options], Iterator[bytes]] | None = getattr(renderer, "pieces", None)
    return renderer.render(report, options) if made is None else made(report, options)


class UnknownFormat(ValueError):
    """No format of that name; the message lists those that there are."""


class UnreadableReport(ValueError):
    """A saved report that cannot be read; the message says what was expected and what was found."""


def names() -> list[str]:
    """The names of all formats, sorted, from the folder's listing: nothing but plug-ins is imported.

    Raises `batten.plugins.PluginError`.
    """
    return sorted([*_own(), *_brought()])


def _own() -> list[str]:
    return names_in(os.path.join(os.path.dirname(__file__), "formats"))


def _brought() -> dict[str, Renderer]:
    """The renderers of plug-ins by name."""
    from batten import plugins

    found = plugins.brought("reports", "RENDERER", _is_renderer, "a batten.report.Renderer")
    plugins.without_collisions(
        [(plugin, renderer.name) for plugin, renderer in found], dict.fromkeys(_own(), "batten"), "report format"
    )
    return {renderer.name: renderer for _, renderer in found}


def _is_renderer(value: object) -> bool:
    texts = all(isinstance(getattr(value, name, None), str) for name in ("name", "summary", "suffix"))
    return texts and isinstance(getattr(value, "binary", None), bool) and callable(getattr(value, "render", None))


def get(name: str) -> Renderer:
    """The renderer called `name`, importing its module alone; raises `UnknownFormat`."""
    from importlib import import_module

    if name not in _own():
        brought = _brought()
        if name in brought:
            return brought[name]
        known = names()
        from difflib import get_close_matches

        near = get_close_matches(name.lower(), known, 1)
        meant = f"did you mean {near[0]}? " if near else ""
        raise UnknownFormat(f"unknown report format {name!r}: {meant}expected one of {', '.join(known)}")
    renderer: Renderer = import_module(f"batten.report.formats.{name}").RENDERER
    return renderer


def renderers() -> dict[str, Renderer]:
    """Every renderer by name, importing all of them: for lists with summaries, not for rendering."""
    return {name: get(name) for name in names()}
