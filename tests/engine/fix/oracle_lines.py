"""Dockerfiles and unit files, read line by line: the half of the oracle that needs no YAML."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

from batten.model.edits import Append, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set
from batten.model.source import Document, Pointer

OWN_COMMENT = re.compile(r"[ \t]*[#]")

Rounds = list[tuple[Document, list[Edit]]]
"""The edits of each document, those of later rounds behind."""

Logical = tuple[str, range]
"""What an instruction or assignment says, and the lines that it stands on."""


def missing(old: list[str], new: list[str], free: set[int], plain: Callable[[str], str]) -> list[str]:
    """Lines of `old` that are not in `free` and do not stand in `new` in the same order."""
    lost, at = [], 0
    waiting = [plain(line) for line in new]
    for number, line in enumerate(old):
        if number in free:
            continue
        try:
            at = waiting.index(plain(line), at) + 1
        except ValueError:
            lost.append(line)
    return lost


def dockerfile(text: str) -> dict[Pointer, list[Logical]]:
    """The instructions: lines joined at the escape character, comments and blank lines left out."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    escape = "`" if re.match(r"#\s*escape\s*=\s*`", lines[0]) else "\\"
    found: list[Logical] = []
    at = 0
    while at < len(lines):
        start = at
        said = ""
        while at < len(lines):
            line = lines[at]
            at += 1
            if OWN_COMMENT.match(line) or (not line.strip() and said):
                continue
            said += line.rstrip().removesuffix(escape) + "\n"
            if not line.rstrip().endswith(escape):
                break
        for word in re.findall(r"<<-?[\"']?(\w+)[\"']?", said if said.split(" ")[0] in ("RUN", "COPY", "ADD") else ""):
            while at < len(lines) and lines[at].strip("\t") != word:
                said += lines[at] + "\n"
                at += 1
            at += 1
        if said.strip():
            while OWN_COMMENT.match(lines[start]) or not lines[start].strip():
                start += 1
            found.append((said.strip(), range(start, at)))
    return {("instruction",): found}


def unit(text: str) -> dict[Pointer, list[Logical]]:
    """(section, key) -> its assignments in their order."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    found: dict[Pointer, list[Logical]] = {}
    section, said, start = "", "", 0
    for number, line in enumerate(lines):
        if line.strip()[:1] in ("", "#", ";"):
            continue
        start = start if said else number
        said += line.strip().removesuffix("\\")
        if line.rstrip().endswith("\\"):
            continue
        if said.startswith("["):
            section = said.strip("[]")
        else:
            key, _, value = said.partition("=")
            found.setdefault((section, key.strip()), []).append((value.strip(), range(start, number + 1)))
        said = ""
    return found


def line_objections(
    before: str, now: str, rounds: Rounds, old: dict[Pointer, list[Logical]], new: dict[Pointer, list[Logical]]
) -> Iterator[str]:
    """Files of lines: what no edit names is there as it was, and what was inserted is there."""
    edits = [edit for _, mine in rounds for edit in mine]
    free: set[int] = set()
    named: set[tuple[Pointer, int]] = set()
    for edit in edits:
        place = edit.pointer[:1] if edit.pointer[:1] == ("instruction",) else edit.pointer[:2]
        index = next((part for part in edit.pointer[len(place) :] if isinstance(part, int)), -1)
        if isinstance(edit, Set | Remove | ReplaceText) and old.get(place):
            group = old[place]
            free |= set(group[index][1])
            named.add((place, index % len(group)))
    lines = [side.removeprefix("\ufeff").replace("\r\n", "\n").split("\n") for side in (before, now)]
    for line in missing(*lines, free, str):
        yield f"this line is gone or was moved: {line!r}"
    new_lines = [
        line for edit in edits if isinstance(edit, InsertBefore | InsertAfter) for line in edit.text.split("\n")
    ]
    if lost := Counter(new_lines) - Counter(lines[1]):
        yield f"lines were not inserted: {list(lost)}"
    for place, group in old.items():
        wanted = [said for n, (said, _) in enumerate(group) if (place, n) not in named]
        found = iter(said for said, _ in new.get(place, []))
        if lost_one := next((said for said in wanted if said not in found), None):
            yield f"{place} {lost_one!r} is gone or was moved"
    for edit in edits:
        wanted_text = _on_one_line(_text_of(edit))
        if wanted_text and not any(wanted_text in _on_one_line(said) for group in new.values() for said, _ in group):
            yield f"{wanted_text!r} is not there"
    added = sum(map(len, new.values())) - sum(map(len, old.values()))
    may_add = InsertBefore | InsertAfter if ("instruction",) in old else InsertBefore | InsertAfter | Set | Append
    if added > sum(isinstance(edit, may_add) for edit in edits):
        yield f"{added} instructions or assignments came, which is more than was asked for"
    comments = [Counter(line.strip() for line in side if line.strip()[:1] in ("#", ";")) for side in lines]
    if gone := comments[0] - comments[1]:
        yield f"comments are gone: {list(gone)}"


def _on_one_line(text: str) -> str:
    """Without the ends of lines that go on, as a logical line is."""
    return " ".join(text.replace("\\\n", " ").split())


def _text_of(edit: Edit) -> str:
    """What an edit of one line puts there."""
    if isinstance(edit, ReplaceText):
        return edit.text
    if isinstance(edit, Set | Append) and isinstance(edit.value, str | int):
        return str(edit.value).lower() if isinstance(edit.value, bool) else str(edit.value)
    return ""
