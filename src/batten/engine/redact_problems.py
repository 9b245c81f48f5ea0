"""Keeps secrets out of problems: a message quotes what it found, and that may be the value of a password."""

from __future__ import annotations

import sys

from msgspec.structs import replace

from batten.detect.secrets import looks_like_secret_name
from batten.formats.lines import lines_of
from batten.model.source import File, Problem, Unreadable
from batten.pattern import pattern

_QUOTED = pattern("['\"`\u201c]")
_NAMES = pattern(r"(?<![\w.-])[\w.-]{1,128}+(?=[\"']?[ \t]{0,32}[:=])")
_WORD = pattern(r"\w{3,}")
_SECRET_OBJECT = pattern(r"\bkind[\"']?\s*:\s*[\"']?Secret\b")


def without_secrets(problem: Problem, file: File) -> Problem:
    """A problem of a file, without what its message quotes of the value of a secret: on the line of a name that
    promises one, anywhere in a file with a Secret."""
    if problem.path != file.path or not problem.line or not _QUOTED.search(problem.message):
        return problem
    try:
        lines = lines_of(file)
    except Unreadable:
        return problem
    line = "".join(lines.slices(problem.line, problem.line, sys.maxsize))
    names = list(_NAMES.finditer(line))
    name = next((one for one in names if looks_like_secret_name(one[0])), None)
    if name is None and names and _SECRET_OBJECT.search(lines.text):
        name = names[0]
    if name is None or "{{" in line:
        return problem
    message = problem.message
    for word in sorted(set(_WORD.findall(line, name.end())), key=len, reverse=True):
        message = message.replace(word, "…")
    return problem if message == problem.message else replace(problem, message=message)
