"""Keeps secrets out of reports: excerpts show the line, not the secret."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable

from msgspec.structs import replace

from batten.engine.judge import Judged
from batten.formats.lines import lines_of
from batten.model.objects import SecretText
from batten.model.report import Excerpt
from batten.model.source import File, Place, Unreadable

_MASK = "•" * 8
_SHORTEST = 4  # a shorter word stands in too many places to be masked


def redact(judged: Iterable[Judged], secrets: Iterable[SecretText]) -> None:
    """Mask, in the excerpts of each file, every secret that was found in that file."""
    found = list(judged)
    words: dict[str, set[str]] = defaultdict(set)
    lines: dict[str, set[int]] = defaultdict(set)
    for secret in secrets:
        _note(secret.where(), words, lines)
    for one in found:
        if one.check.secret:
            _note(one.failure.place, words, lines)
    for one in found:
        excerpt, path = one.finding.excerpt, one.file.path
        if excerpt is not None and (path in words or path in lines):
            shown = _masked(excerpt, words[path], lines[path])
            if shown is not excerpt:
                one.finding = replace(one.finding, excerpt=shown)


def _note(place: Place, words: dict[str, set[str]], lines: dict[str, set[int]]) -> None:
    """Remember the text of a value: its lines where it has several, else the word."""
    file = place.document.file
    location = place.document.locate(place.pointer)
    if location.end_line > location.line:
        lines[file.path].update(range(location.line, location.end_line + 1))
        return
    text = _line(file, location.line)[location.column - 1 : max(location.end_column - 1, 0)]
    # `NAME=value` in one scalar: the name may stay
    word = text.partition("=")[2] if "=" in text and text.partition("=")[0].isidentifier() else text
    word = word.strip().strip("\"'")
    if len(word) >= _SHORTEST:
        words[file.path].add(word)


def _line(file: File, number: int) -> str:
    try:
        found = lines_of(file).slices(number, number, sys.maxsize)
    except Unreadable:
        return ""
    return found[0] if found else ""


def _masked(excerpt: Excerpt, words: set[str], lines: set[int]) -> Excerpt:
    changed = []
    for number, line in enumerate(excerpt.lines, excerpt.start):
        shown = line
        if number in lines:
            indent = len(line) - len(line.lstrip())
            shown = line[:indent] + _MASK if line.strip() else line
        for word in sorted(words, key=len, reverse=True):
            shown = shown.replace(word, _MASK)
        changed.append(shown)
    return excerpt if changed == excerpt.lines else Excerpt(excerpt.start, changed)
