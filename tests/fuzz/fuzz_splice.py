"""Coverage-guided fuzzing of the splice editor: python tests/fuzz/fuzz_splice.py -max_total_time=600

Up to four edits at once of one document, which the first bytes choose; the rest is the file. Whatever it is:
what means nothing is refused; else the document reads back as a slow model of the edits says, its neighbours
as they were, and every replaced character stands on a line of a value that changes. Line ends, byte order
mark and final newline stay, and the same edits again change nothing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from batten.formats.document import TreeDocument, tree_of
from batten.formats.json import read_json
from batten.formats.splicing import apply
from batten.formats.yaml import COMPOSE, KUBERNETES, read_documents
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set, Splice
from batten.model.source import File, Pointer, Unreadable

sys.path.append(str(Path(__file__).resolve().parent.parent))

from formats.yaml.edited import Undefined, after, same

VALUES: tuple[Any, ...] = (
    False,
    1000,
    "yes",
    "a: b #",
    "",
    None,
    {},
    [],
    {"k": ["v", {"w": None}]},
    ["x", {"y": 1}],
    "two\nlines\n",
    [["x"]],
)
KEYS = ("a", "zz", "x/y", "on", "1", "<<")
PLACES = 400  # documents with more are for the other targets
HEAD = 9  # bytes: how to read, and two for each of four edits

Range = tuple[int, int]


def one_input(data: bytes) -> None:
    """Read, edit, read again; raises on any broken promise."""
    if len(data) <= HEAD:
        return
    how, choices, file = data[0], data[1:HEAD], File("a.yaml", data[HEAD:])
    documents = _documents(file, how)
    if not documents:
        return
    document = documents[(how >> 4) % len(documents)]
    places = list(islice(_pointers(document.value), PLACES + 1))
    if len(places) > PLACES:
        return
    edits = [_edit(document.value, places, choices[2 * n], choices[2 * n + 1]) for n in range(1 + (how >> 2) % 4)]
    try:
        wanted = after(document.value, edits)
    except Undefined:
        assert _splices(document, edits) is None, edits
        return
    splices = _splices(document, edits)
    if splices is None:
        return
    named = [one for edit in edits for one in _replaced(document.value, edit) if one in places]
    if not document.notes:  # of a key that stands twice, both go
        _check_ranges(document, splices, [*_changed(document.value, wanted), *named])
    text = apply(file.text(), splices)
    _check_text(file.text(), text, json=tree_of(document).json)
    again = _documents(File("a.yaml", text.encode()), how)
    assert [one.index for one in again] == [one.index for one in documents], text
    for old, new in zip(documents, again, strict=True):
        assert same(new.value, wanted if old is document else old.value), (edits, text)
        if old is document:
            _check_settled(new, edits, text)


def _documents(file: File, how: int) -> list[TreeDocument]:
    if how % 4 == 3:
        try:
            return [read_json(file)]
        except Unreadable:
            return []
    schema = COMPOSE if how % 2 else KUBERNETES
    return [one for one in islice(read_documents(file, schema), 6) if isinstance(one, TreeDocument)]


def _pointers(value: Any, pointer: Pointer = ()) -> Iterator[Pointer]:
    yield pointer
    if isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _pointers(item, (*pointer, key))


def _edit(value: Any, places: list[Pointer], where: int, what: int) -> Edit:
    place = places[where % len(places)]
    new = VALUES[what % len(VALUES)]
    key = KEYS[what % len(KEYS)]
    kind = what // 48
    if kind == 0 and isinstance(_at(value, place), list):
        return Append(place, new)
    if kind == 0:
        return Append((*place, key), new)
    if kind == 1:
        return Set((*place, key), new)
    if kind == 2:
        return Set((*place, key, "inner"), new)
    if kind == 3 and place:
        return Remove(place, prune=bool(what & 1))
    return Set(place, new)


def _splices(document: TreeDocument, edits: list[Edit]) -> list[Splice] | None:
    try:
        return document.splices(edits)
    except CannotEdit:
        return None


# ------------------------------------------------------------------------- what may be touched


def _check_ranges(document: TreeDocument, splices: list[Splice], places: list[Pointer]) -> None:
    assert splices == sorted(splices)
    allowed = [_lines(document, place) for place in places]
    begin, end = document.range
    for splice in splices:
        assert begin <= splice.start <= splice.end <= end, splice
        if splice.start == splice.end:
            continue
        inside = [one for one in allowed if one[0] <= splice.start and splice.end <= one[1]]
        assert inside or _covered(splice, allowed), (splice, allowed)


def _covered(splice: Splice, allowed: list[Range]) -> bool:
    """One replacement may take neighbours together."""
    at = splice.start
    for start, end in sorted(allowed):
        if start <= at:
            at = max(at, end)
    return at >= splice.end


def _changed(old: Any, new: Any, pointer: Pointer = ()) -> Iterator[Pointer]:
    """The outermost places whose values are not those of before; a list that loses or gets items as a whole."""
    if same(old, new):
        return
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() & new.keys():
        for key in old:
            if key not in new:
                yield (*pointer, key)
            else:
                yield from _changed(old[key], new[key], (*pointer, key))
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for number, (one, other) in enumerate(zip(old, new, strict=True)):
            yield from _changed(one, other, (*pointer, number))
    else:
        yield pointer


def _replaced(value: Any, edit: Edit) -> Iterator[Pointer]:
    """What an edit may write anew although other edits give a part of it back; a collection goes with its
    last entry."""
    place = edit.pointer
    yield place
    while isinstance(edit, Remove) and len(place) > 1 and len(_at(value, place[:-1])) == 1:
        place = place[:-1]
        yield place


def _lines(document: TreeDocument, place: Pointer) -> Range:
    """The lines of a value and its key, with the comments and blank lines around them."""
    tree = tree_of(document)
    text = tree.text
    node = list(tree.children(place))[-1][1]
    start = min(tree.span(place, key=True)[0], tree.span(place, key=False)[0], node.start)
    end = max(tree.span(place, key=False)[1], node.end)
    if tree.json or "\n" not in text[slice(*document.range)]:
        return document.range  # commas of neighbours go, too: their values were compared
    if place and isinstance(place[-1], int):
        start = min(start, tree.span(place[:-1], key=True)[0])  # the dash may stand above
    begin = text.rfind("\n", 0, start) + 1
    while begin > document.range[0]:
        above = text.rfind("\n", 0, begin - 1) + 1
        if text[above:begin].strip() and not text[above:begin].lstrip().startswith("#"):
            break
        begin = above
    end = (text.find("\n", end) + 1) or len(text)
    while end < len(text):
        below = (text.find("\n", end) + 1) or len(text)
        if text[end:below].strip() and not text[end:below].lstrip().startswith("#"):
            break
        end = below
    end += len(text[end:]) - len(text[end:].lstrip(" "))  # the next key moves behind the dash
    return max(begin - 2, 0), end  # the line end above goes where the file has none at its end


def _check_text(before: str, text: str, *, json: bool) -> None:
    assert before.startswith("\ufeff") == text.startswith("\ufeff")
    if "\n" in before and "\n" not in before.replace("\r\n", ""):
        assert "\n" not in text.replace("\r\n", ""), text
    if "\r\n" not in before:
        assert "\r\n" not in text, text
    if not json and "|" not in before and ">" not in before:  # a block of text keeps its line end
        assert before.endswith("\n") == text.endswith("\n"), text


def _check_settled(document: TreeDocument, edits: list[Edit], text: str) -> None:
    if any(isinstance(edit, Remove) and isinstance(edit.pointer[-1], int) for edit in edits):
        return  # it takes another item now
    try:
        settled = same(after(document.value, edits), document.value)
    except Undefined:
        return
    if settled:
        assert apply(text, _splices(document, edits) or []) == text, edits


def _at(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        value = value[part]
    return value


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
