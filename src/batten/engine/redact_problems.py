"""Keeps secrets out of problems: a message quotes what it found, and that may be the value of a password."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable

from msgspec.structs import replace

from batten.detect.secrets import looks_like_secret_name
from batten.formats.lines import LineIndex, lines_of
from batten.model.source import File, Files, Problem, Unreadable
from batten.pattern import pattern

_QUOTED = pattern("['\"`\u201c$]")
_NAMES = pattern(r"(?<![\w.-])[\w.-]{1,128}+(?=[\"']?[ \t]{0,32}[:=])")
# `name: DB_PASSWORD`, on the line of its `value` or on one of the two above.
_NAMED = pattern(r"[\"']?[ \t]{0,32}[:=][ \t]{0,32}[\"']?([\w.-]{1,128}+)")
_ABOVE = 2
_WIDTH = 4096  # characters of a line above that are looked at
_WORD = pattern(r"\w{3,}")
SECRET_OBJECT = pattern(r"\bkind[\"']?\s*:\s*[\"']?Secret\b")


def without_secrets(problems: Iterable[Problem], file: File, files: Files) -> list[Problem]:
    """The problems of a file and of those read with it, without what their messages quote of the value of a secret:
    behind a name that promises one, anywhere in a file with a Secret."""
    hidden: dict[tuple[str, int], str] = {}
    found = []
    for problem in problems:
        quoted, number = _QUOTED.search(problem.message), problem.line
        if quoted is not None and number:
            place = (problem.path, number)
            if place not in hidden:
                hidden[place] = _hidden_on(number, file if problem.path == file.path else files.get(problem.path))
            problem = _without(problem, quoted.start(), hidden[place])
        found.append(problem)
    return found


def _without(problem: Problem, begin: int, hidden: str) -> Problem:
    if not hidden:
        return problem
    # the words of the message, which may be cut short, are looked for in the line: that is longer
    shown = _WORD.sub(lambda word: "…" if word[0] in hidden else word[0], problem.message[begin:])
    message = problem.message[:begin] + shown
    return problem if message == problem.message else replace(problem, message=message)


def _hidden_on(number: int, file: File | None) -> str:
    """What of a line may be the value of a secret."""
    try:
        lines = lines_of(file) if file is not None else None
    except Unreadable:
        return ""
    line = "".join(lines.slices(number, number, sys.maxsize)) if lines is not None else ""
    if lines is None or "{{" in line:
        return ""
    start = _secret_on(line, number, lines)
    return line[start:] if start >= 0 else ""


def _secret_on(line: str, number: int, lines: LineIndex) -> int:
    """Where on the line what may be the value of a secret begins; -1 where nothing may."""
    above = "\n".join([*lines.slices(max(number - _ABOVE, 1), number - 1, _WIDTH), ""])
    text, begin = above + line, len(above)
    first: re.Match[str] | None = None
    holds = is_pair = False
    for name in _NAMES.finditer(text):
        called = name[0].lower()
        if called in ("name", "key"):
            value = _NAMED.match(text, name.end())
            is_pair = value is not None and looks_like_secret_name(value[1])
        holds = (is_pair and called == "value") or looks_like_secret_name(name[0])
        if name.start() >= begin:
            if holds:
                return name.end() - begin
            first = first or name
    if first is None:
        return 0 if holds else -1  # the value goes on here
    return first.end() - begin if SECRET_OBJECT.search(lines.text) else -1
