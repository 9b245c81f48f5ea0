"""Keeps secrets out of reports: excerpts show the line, not the secret.

Masked are what a check on secrets blames, what was recognised in a text, and all that a Secret holds: its
values may be weak, short, twice there under one key, or quoted in its annotations.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Collection, Iterable
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from batten.detect.secrets import judge_assignment
from batten.engine.judge import Judged
from batten.engine.redact_problems import SECRET_OBJECT
from batten.formats.document import TreeDocument
from batten.formats.lines import lines_of
from batten.limits import YAML_PLACES
from batten.model.objects import Configuration, Hidden, SecretText
from batten.model.report import Excerpt
from batten.model.source import Document, File, Location, Place, Pointer, Unreadable
from batten.pattern import pattern

_MASK = "•" * 8
_SHORTEST = 4  # a shorter word stands in too many places to be masked in all of them
_END = sys.maxsize
_APPLIED = ("metadata", "annotations", "kubectl.kubernetes.io/last-applied-configuration")
# `key: value`, also in JSON and in a comment: what stands before the value. A mapping begins, or ends: nothing to hide.
_KEY = pattern(r"\s*(?:#\s*)*[-\s]*(?:\"[^\"]*\"|'[^']*'|[^\s:#\"']+)\s*:(?:\s+|$)")
_BLOCK = 1 << 16  # characters of a block of data that are looked at
_ELSEWHERE = pattern(r"\$(?:\w+|\{\w+(?::?\?[^}]*)?\})\Z")  # `$NAME`, `${NAME}`, `${NAME:?why}`: no value, no default
_DATA = pattern(r"^([ \t]*)((?:data|stringData):)[ \t\r]*$", re.MULTILINE)
_ALONE = pattern(r"(?<![^\s\"'=,(){}\[\]:@])[^\W\d_]+(?![^\s\"'=,(){}\[\]@])")
_EVERYBODYS = frozenset(
    (
        *("admin", "changeme", "elastic", "example", "grafana", "guest", "mariadb", "minio", "minioadmin", "mongo"),
        *("mongodb", "mysql", "nginx", "password", "postgres", "postgresql", "rabbitmq", "redis", "root", "secret"),
        *("test", "user"),
    )
)
"""Passwords that are the names of programs and accounts as well."""
_BRACKETS = pattern(r"\s*[{}\[\],]*\s*\Z")


class _Hidden(Struct, eq=False):
    """What is not shown of one file."""

    words: set[str] = field(default_factory=set)
    ordered: list[str] = field(default_factory=list)
    """The words, those first that others may be a part of; set when all are known."""
    spans: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    """Line -> columns (from 0, the end not counted in)."""
    blocks: list[tuple[int, int]] = field(default_factory=list)
    """First and last lines of the data of Secrets: of each line no more than the key is shown."""

    def hide(self, line: int, start: int, end: int) -> None:
        self.spans.setdefault(line, []).append((start, end))

    def order(self) -> None:
        self.blocks.sort()
        self.ordered = sorted(self.words, key=len, reverse=True)


def redact(
    judged: Iterable[Judged],
    secrets: Iterable[SecretText],
    configurations: Iterable[Configuration],
    hidden_values: Iterable[Hidden] = (),
) -> None:
    """Mask, in the excerpts of each file, every secret that was found in that file, all data of its Secrets, and what
    it says is not to be shown."""
    found = list(judged)
    shown = {one.file.path for one in found if one.finding.excerpt is not None}
    hidden = _hidden(shown, found, secrets, configurations, hidden_values)
    # a mere word is a part of others, and one that everybody tries is no secret where it is something else's name
    alone = {
        path: {word for word in _set_apart(what) if word.lower() not in _EVERYBODYS} for path, what in hidden.items()
    }
    for one in found:
        excerpt = one.finding.excerpt
        if excerpt is not None and one.file.path in hidden:
            masked = _masked(excerpt, hidden[one.file.path], alone[one.file.path])
            if masked is not excerpt:
                one.finding = replace(one.finding, excerpt=masked)


def _hidden(
    shown: Collection[str],
    found: Iterable[Judged],
    secrets: Iterable[SecretText],
    configurations: Iterable[Configuration],
    hidden_values: Iterable[Hidden],
) -> dict[str, _Hidden]:
    """What is not to be seen of these files, by path; those without anything to hide are left out."""
    # file by file: the text of a file that was put away is read once
    places: dict[str, list[tuple[Place, str | None]]] = {path: [] for path in shown}
    data: dict[str, list[Configuration]] = {}
    for secret in secrets:
        if (path := secret.document.file.path) in shown:
            places[path].append((secret.where(), ""))
    spans: dict[str, list[Location]] = {}
    for configuration in configurations:
        if not configuration.secret or not configuration.entries:
            continue
        if hasattr(configuration.document, "written"):  # put together from several files: each value where it stands
            for entry in configuration.entries:
                location = configuration.document.locate(entry.pointer)
                spans.setdefault(location.path, []).append(location)
        elif (path := configuration.document.file.path) in shown:
            data.setdefault(path, []).append(configuration)
    for value in hidden_values:
        spans.setdefault(value.document.file.path, []).append(value.where().location())
    for one in found:
        if one.check.secret:
            for blamed in (one.failure.place, *one.failure.related):
                place = blamed.written()
                if (path := place.document.file.path) in shown:
                    places[path].append((place, one.failure.subject or None))
    hidden: dict[str, _Hidden] = {}
    for path, noted in places.items():
        if noted or path in data or path in spans:
            what = hidden[path] = _Hidden()
            if noted and path not in data:
                _note_unread(noted[0][0].document.file, what)
            for location in spans.get(path, ()):
                _hide(location, what)
            for configuration in data.get(path, ()):
                _note_data(configuration, what)
            for place, name in noted:
                _note(place, name, what)
            what.order()
    return hidden


class Masks:
    """Masks lines of files that are shown otherwise than in an excerpt: in a diff, as they are and as they become."""

    def __init__(
        self,
        shown: Collection[str],
        judged: Iterable[Judged],
        secrets: Iterable[SecretText],
        configurations: Iterable[Configuration],
        hidden_values: Iterable[Hidden],
        variables: Iterable[tuple[Place, str]] = (),
    ) -> None:
        """`shown`: paths of the files. The rest is of a scan of them by the checks on secrets; `variables`: places and
        names of what else is masked there, though it may be no secret."""
        self._hidden = _hidden(shown, list(judged), secrets, configurations, hidden_values)
        for place, name in variables:
            path = place.document.file.path
            if path in shown:
                what = self._hidden.setdefault(path, _Hidden())
                _note(place, name, what, everywhere=False)
        # a mere word is a part of others: it is hidden where it stands alone
        self._alone = {path: _set_apart(what) for path, what in self._hidden.items()}
        self._masked: dict[str, dict[str, str]] = {}

    def line(self, file: File, number: int) -> str:
        """A line of the file as it is, without its end."""
        line = _line(file, number).rstrip("\r\n")
        what = self._hidden.get(file.path)
        return line if what is None else self._whole(file.path, _mask(line, number, what))

    def edited(self, file: File, line: str) -> str:
        """A line of an edited text of the file: where the file has the same line, as that is shown; what is hidden
        elsewhere in the file stays hidden."""
        what = self._hidden.get(file.path)
        if what is None:
            return line
        if file.path not in self._masked:
            self._masked[file.path] = self._learn(file, what)
        line = self._masked[file.path].get(line, line)
        for word in what.ordered:
            line = line.replace(word, _MASK)
        return self._whole(file.path, line)

    def _whole(self, path: str, line: str) -> str:
        return _without(line, self._alone[path])

    def _learn(self, file: File, what: _Hidden) -> dict[str, str]:
        """The lines with something to hide, as they are shown; what is hidden in them is hidden in new ones, too."""
        changed: dict[str, str] = {}
        for number, line in enumerate(lines_of(file).slices(1, _END, _END), 1):
            line = line.rstrip("\r")
            masked = _mask(line, number, what)
            if masked != line:
                changed[line] = masked
                hidden = (line[start:end].strip().strip("\"'") for start, end in what.spans.get(number, ()))
                what.words.update(word for word in hidden if len(word) >= _SHORTEST)
        self._alone[file.path] |= _set_apart(what)
        return changed


def _without(line: str, words: Collection[str]) -> str:
    """The line with these words masked where they stand alone."""
    return _ALONE.sub(lambda match: _MASK if match[0] in words else match[0], line) if words else line


def _set_apart(what: _Hidden) -> set[str]:
    """Takes the mere words out of those that are hidden wherever they stand."""
    alone = {word for word in what.words if word.isalpha()}
    what.words -= alone
    what.order()
    return alone


def _note(place: Place, name: str | None, what: _Hidden, *, everywhere: bool = True) -> None:
    """Remember where a value stands and, where it is one word, the word.

    `name`: of the variable that holds it, "" for none, None for one that is not told. `everywhere`: the word is hidden
    in all of the file.
    """
    file = place.document.file
    location = place.document.locate(place.pointer)
    if location.end_line > location.line:
        if not _is_collection(place):  # a service that is blamed for what its variables hold is to be seen
            _hide(location, what)
        return
    text = _line(file, location.line)[location.column - 1 : max(location.end_column - 1, 0)]
    word = text.strip().strip("\"'")
    start = location.column - 1 + text.find(word)
    if name is None:
        name = word.partition("=")[0]
    if name and word.startswith(name):
        # `NAME=value` in one scalar: the name may stay; alone in a list it takes its value from elsewhere
        separator, value = word[len(name) : len(name) + 1], word[len(name) + 1 :]
        if not separator and place.pointer and isinstance(place.pointer[-1], int):
            return
        if separator == "=":
            start, word = start + len(name) + 1, value
    if not word or _ELSEWHERE.match(word):
        return
    what.hide(location.line, start, start + len(word))
    if everywhere and len(word) >= _SHORTEST:
        what.words.add(word)


def _is_collection(place: Place) -> bool:
    """Whether a mapping or a list stands there, or what stands there is written in none of its lines."""
    if not isinstance(place.document, TreeDocument):
        return False
    value: Any = place.document.value
    for step in place.pointer:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return True
    return isinstance(value, dict | list)


def _note_data(configuration: Configuration, what: _Hidden) -> None:
    """The data of a Secret, and what its annotations repeat of it."""
    document = configuration.document
    if isinstance(document, TreeDocument) and document.size > YAML_PLACES:  # places in it are not known
        what.blocks.append((document.line, lines_of(document.file).line(document.range[1])))
        return
    for entry in configuration.entries:
        if entry.pointer:
            _hide(document.locate(entry.pointer), what)
        # the same in plain text beside the base64; a mere word stands in too many places
        if len(entry.value) >= _SHORTEST and not entry.value.isalpha() and judge_assignment(entry.key, entry.value):
            what.words.add(entry.value.strip())
    for pointer in {entry.pointer[:-1] for entry in configuration.entries if entry.pointer != configuration.pointer}:
        location = document.locate(pointer)
        text = _line(document.file, location.line)
        if location.end_line <= location.line and text[location.column - 1 : location.column] == "{":
            what.hide(location.line, location.column, location.end_column - 2)
        else:
            what.blocks.append(_with_comments(document, pointer, location))
    applied = (*configuration.pointer, *_APPLIED)
    if _stands_in(document, applied):
        _hide(document.locate(applied), what)


def _note_unread(file: File, what: _Hidden) -> None:
    """The data of Secrets in a file of which no Secret was read: it is broken, or a template."""
    try:
        lines = lines_of(file)
    except Unreadable:
        return
    if not SECRET_OBJECT.search(lines.text):
        return
    for match in _DATA.finditer(lines.text):
        indent = len(match[1])
        first = last = lines.line(match.start(2)) + 1
        for line in lines.text[match.end() + 1 : match.end() + _BLOCK].split("\n"):
            if line.strip() and not line.lstrip().startswith(("#", "{{")) and len(line) - len(line.lstrip()) <= indent:
                break
            last += 1
        what.blocks.append((first, last - 1))


def _with_comments(document: Document, pointer: Pointer, location: Location) -> tuple[int, int]:
    """First and last line of a mapping, with the comments around it: what was taken out of use stands there."""
    key = document.locate(pointer, key=True).line
    last = location.end_line if location.end_column > 1 else location.end_line - 1
    while _line(document.file, last + 1).lstrip().startswith("#"):
        last += 1
    return (key + 1 if key < location.line else location.line), last


def _hide(location: Location, what: _Hidden) -> None:
    """All of a value, from its first character to its last."""
    if location.end_line <= location.line:
        what.hide(location.line, location.column - 1, location.end_column - 1)
        return
    what.hide(location.line, location.column - 1, _END)
    for line in range(location.line + 1, location.end_line):
        what.hide(line, 0, _END)
    if location.end_column > 1:
        what.hide(location.end_line, 0, location.end_column - 1)


def _stands_in(document: Document, pointer: Pointer) -> bool:
    # the text first: of most files the value was put away
    if not isinstance(document, TreeDocument) or str(pointer[-1]) not in lines_of(document.file).text:
        return False
    value: Any = document.value
    for step in pointer:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return False
    return True


def _line(file: File, number: int) -> str:
    try:
        found = lines_of(file).slices(number, number, sys.maxsize)
    except Unreadable:
        return ""
    return found[0] if found else ""


def _masked(excerpt: Excerpt, what: _Hidden, alone: Collection[str]) -> Excerpt:
    changed = [_without(_mask(line, number, what), alone) for number, line in enumerate(excerpt.lines, excerpt.start)]
    return excerpt if changed == excerpt.lines else Excerpt(excerpt.start, changed)


def _mask(line: str, number: int, what: _Hidden) -> str:
    block = bisect_right(what.blocks, (number, _END)) - 1
    if block >= 0 and number <= what.blocks[block][1]:
        return _without_value(line)
    indent = len(line) - len(line.lstrip())
    # from the right, so that what stands before keeps its columns
    for start, end in reversed(_joined(what.spans.get(number, ()))):
        start, end = max(start, indent), min(end, len(line))
        text = line[start:end]
        if text.strip():
            quote = text[0] if text[0] in "\"'" and text[-1] == text[0] and text.count(text[0]) == 2 else ""
            line = f"{line[:start]}{quote}{_MASK}{quote}{line[end:]}"
    for word in what.ordered:
        line = line.replace(word, _MASK)
    return line


def _joined(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same columns, in order, none twice."""
    joined: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if joined and start < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return joined


def _without_value(line: str) -> str:
    """A line of a Secret's data: its key, and nothing of what follows."""
    if _BRACKETS.match(line):
        return line
    key = _KEY.match(line)
    start = key.end() if key else len(line) - len(line.lstrip())
    return line if _BRACKETS.match(line, start) else line[:start] + _MASK
