"""Reads a script and the scripts inside it. tree-sitter is imported when the first one is read."""

from __future__ import annotations

import time
from importlib import import_module
from typing import TYPE_CHECKING, Final

from batten.detect.shell.heredocs import take_out
from batten.detect.shell.scripts import SHELLS
from batten.detect.shell.source import Source, State
from batten.detect.shell.syntax import Command, Script
from batten.detect.shell.tree import Draft, Walk
from batten.limits import SHELL_ARRAYS, SHELL_COMMANDS, SHELL_DEPTH, SHELL_SECONDS, SHELL_TEXT
from batten.pattern import pattern

if TYPE_CHECKING:
    from tree_sitter import Tree

_CHUNK: Final = 16 * 1024
_SHEBANG: Final = pattern(r"#![ \t]*(?:\S*/env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?([^\s/]*)")


class Reader:
    """Collects the commands of one script, those inside `sh -c` and heredocs included."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.pipelines = 0
        self.waiting: list[tuple[Walk, Draft, int]] = []
        self.deadline = time.thread_time() + SHELL_SECONDS
        self.unread = ""
        """Why something was passed over; "" where nothing was."""

    def read(self, text: str, places: int | list[int], state: State, depth: int) -> None:
        """Adds the commands of `text`; what is too deep, too long or too slow adds nothing."""
        if depth > SHELL_DEPTH:
            self.unread = f"scripts stand more than {SHELL_DEPTH} deep in one another"
            return
        if len(text) > SHELL_TEXT:
            self.unread = f"the script is longer than {SHELL_TEXT} characters"
            return
        if len(self.commands) >= SHELL_COMMANDS:
            self.unread = f"the script has more than {SHELL_COMMANDS} commands"
            return
        inner = _lone_heredoc(text)
        if inner is not None:
            start, end = inner
            if isinstance(places, int):
                moved: int | list[int] = places + start
            else:
                moved = places[start:end]
            self.read(text[start:end], moved, state, depth + 1)
            return
        blanked, bodies = take_out(text)
        tree = _parse(blanked, self.deadline)
        if tree is None:
            self.unread = f"the script takes more than {SHELL_SECONDS} s to read"
            return
        if tree.root_node.has_error:
            self.unread = "the script has parts that are no shell syntax"
        Walk(self, Source(blanked, places), text, bodies, depth).walk(tree.root_node, state)


def _lone_heredoc(text: str) -> tuple[int, int] | None:
    """The body of a heredoc that no command reads: a Dockerfile's `RUN <<EOF` runs it as a script."""
    stripped = text.lstrip()
    if not stripped.startswith("<<"):
        return None
    blanked, bodies = take_out(text)
    if not bodies or blanked[: bodies[0].start].strip():
        return None
    body = text[bodies[0].start : bodies[0].end]
    shebang = _SHEBANG.match(body)
    if shebang and shebang[1] not in SHELLS:
        return bodies[0].start, bodies[0].start
    return bodies[0].start, bodies[0].end


def _parse(text: str, deadline: float) -> Tree | None:
    import tree_sitter_bash
    from tree_sitter import Language, Parser

    if text.count("=(") > SHELL_ARRAYS:
        return None
    data = text.encode("utf-8", "replace")
    parser = Parser(Language(tree_sitter_bash.language()))
    try:
        return parser.parse(
            lambda offset, _point: data[offset : offset + _CHUNK],
            encoding="utf8",
            progress_callback=lambda _offset, _error: time.thread_time() > deadline,
        )
    except ValueError:  # the deadline has passed
        return None


def read(text: str, places: int | list[int] = 0) -> Script:
    """The commands of `text` and of the scripts in it; `places`: where its characters stand."""
    for name in ("tree_sitter", "tree_sitter_bash"):  # takes longer than any script, so before the clock runs
        import_module(name)
    reader = Reader()
    reader.read(text, places, State(), 0)
    while reader.waiting:
        walk, draft, index = reader.waiting.pop(0)
        walk.read_inside(draft, index)
    return Script(reader.commands, reader.unread)
