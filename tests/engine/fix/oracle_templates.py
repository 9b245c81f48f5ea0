"""What a patched template of a Helm chart must look like: its actions are the same, and what came and went line by line
is what the edits name. That it renders to what was meant is the fixer's own proof, by rendering it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from batten.model.edits import Edit, Remove

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_KEY = re.compile(r"\s*(?:-\s+)*[\"']?([\w./-]+)[\"']?\s*:")


def template_objections(before: str, now: str, edits: list[Edit]) -> Iterator[str]:
    """What is wrong with a patch of a template."""
    lines = [Counter(side.replace("\r\n", "\n").split("\n")) for side in (before, now)]
    gone, came = list((lines[0] - lines[1]).elements()), list((lines[1] - lines[0]).elements())
    words = {word for edit in edits for word in _words(edit)}
    for line in gone:
        if line.strip() and not _named(line, words) and not any(isinstance(edit, Remove) for edit in edits):
            yield f"this line is gone: {line!r}"
    for line in came:
        if line.strip() and not _named(line, words) and line.strip() not in {one.strip() for one in gone}:
            yield f"this line came, and no edit asked for it: {line!r}"
    actions = [Counter(_ACTION.findall(side)) for side in (before, now)]
    lost = Counter(action for line in gone for action in _ACTION.findall(line))
    if actions[1] - actions[0]:
        yield f"actions came: {list(actions[1] - actions[0])}"
    if left := actions[0] - actions[1] - lost:
        yield f"actions are gone: {list(left)}"


def _named(line: str, words: set[str]) -> bool:
    """Does the line hold a key or a value of an edit?"""
    key = _KEY.match(line)
    if key is not None:
        return key[1] in words
    text = line.strip().lstrip("- ").strip("\"'")
    return text in words or any(word in text for word in words if len(word) > 3)


def _words(edit: Edit) -> Iterator[str]:
    yield from (str(part) for part in edit.pointer if isinstance(part, str))
    yield from _of_value(getattr(edit, "value", getattr(edit, "text", "")))


def _of_value(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield str(key)
            yield from _of_value(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _of_value(inner)
    else:
        yield str(value).lower() if isinstance(value, bool) else str(value)
