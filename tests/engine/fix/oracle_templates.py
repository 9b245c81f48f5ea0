"""What a patched template of a Helm chart must look like: its actions are the same, and what came and went line by line
is what the edits name. That it renders to what was meant is the fixer's own proof, by rendering it. Likewise for the
configurations of Terraform, whose actions are `${…}`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from batten.model.edits import Edit, Remove

_ACTION = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_KEY = re.compile(r"\s*(?:-\s+)*[\"']?([\w./-]+)[\"']?\s*:")
_HCL_ACTION = re.compile(r"\$\{.*?\}", re.DOTALL)
_HCL_KEY = re.compile(r"\s*[\"']?([\w./-]+)[\"']?\s*(?:=|:|\{|\")")
_BRACKETS = re.compile(r"[{}\[\]()\s,]*")


def template_objections(before: str, now: str, edits: list[Edit]) -> Iterator[str]:
    """What is wrong with a patch of a template."""
    yield from _objections(before, now, edits, _KEY, _ACTION)


def hcl_objections(before: str, now: str, edits: list[Edit]) -> Iterator[str]:
    """What is wrong with a patch of a configuration of Terraform."""
    yield from _objections(before, now, edits, _HCL_KEY, _HCL_ACTION)
    for pair in ("{}", "[]", "()"):
        if now.count(pair[0]) - now.count(pair[1]) != before.count(pair[0]) - before.count(pair[1]):
            yield f"the brackets {pair} are not what they were"


def _objections(
    before: str, now: str, edits: list[Edit], key: re.Pattern[str], action: re.Pattern[str]
) -> Iterator[str]:
    lines = [Counter(side.replace("\r\n", "\n").split("\n")) for side in (before, now)]
    gone, came = list((lines[0] - lines[1]).elements()), list((lines[1] - lines[0]).elements())
    if key is _HCL_KEY:  # a comma comes behind an item that was the last, or goes
        kept = {line.strip().rstrip(",") for line in gone} & {line.strip().rstrip(",") for line in came}
        gone = [line for line in gone if line.strip().rstrip(",") not in kept]
        came = [line for line in came if line.strip().rstrip(",") not in kept]
    words = {word for edit in edits for word in _words(edit)}
    for line in gone:
        if line.strip() and not _named(line, words, key) and not any(isinstance(edit, Remove) for edit in edits):
            yield f"this line is gone: {line!r}"
    for line in came:
        if line.strip() and not _named(line, words, key) and line.strip() not in {one.strip() for one in gone}:
            yield f"this line came, and no edit asked for it: {line!r}"
    actions = [Counter(action.findall(side)) for side in (before, now)]
    lost = Counter(one for line in gone for one in action.findall(line))
    if actions[1] - actions[0]:
        yield f"actions came: {list(actions[1] - actions[0])}"
    if left := actions[0] - actions[1] - lost:
        yield f"actions are gone: {list(left)}"


def _named(line: str, words: set[str], key: re.Pattern[str]) -> bool:
    """Does the line hold a key or a value of an edit?"""
    if key is _HCL_KEY and _BRACKETS.fullmatch(line):
        return True
    found = key.match(line)
    if found is not None:
        return found[1] in words
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
