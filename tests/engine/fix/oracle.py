"""What a patched file must look like, told without any of batten's readers: PyYAML's composer and scanner for
YAML and JSON, physical and logical lines for Dockerfiles and unit files.

`objections(patch)` names what changed that no edit asked for. Values are compared in full with those of a
slow model of the edits; every line that no edit names must be there as it was, in its order.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import Any

import yaml

from batten.engine.fix import Patch
from batten.formats.helm.document import TemplateDocument
from batten.model.edits import Append, Edit, Remove
from batten.model.source import Document, Pointer
from engine.fix.oracle_lines import OWN_COMMENT, Rounds, dockerfile, line_objections, missing, unit
from engine.fix.oracle_templates import hcl_objections, template_objections
from formats.yaml.edited import after, same

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def objections(patch: Patch) -> list[str]:
    """What is wrong with a patch; nothing where it is as it has to be."""
    before, now = patch.before.data.decode(), patch.after.data.decode()
    rounds = _rounds(patch)
    if any(isinstance(document, TemplateDocument) for document, _ in rounds):
        found = list(template_objections(before, now, [edit for _, edits in rounds for edit in edits]))
    elif patch.path.endswith((".tf", ".tofu")):
        found = list(hcl_objections(before, now, [edit for _, edits in rounds for edit in edits]))
    elif any(hasattr(document, "value") for document, _ in rounds):
        found = list(_tree(before, now, rounds))
    elif not patch.path.endswith((".container", ".pod", ".conf")):
        found = list(line_objections(before, now, rounds, dockerfile(before), dockerfile(now)))
    else:
        found = list(line_objections(before, now, rounds, unit(before), unit(now)))
    return [f"{patch.path}: {one}" for one in [*found, *_frame(patch.before.data, patch.after.data)]]


def _rounds(patch: Patch) -> Rounds:
    """The edits of each document, in the order in which they were made: a later round edits what the earlier
    ones left."""
    found: dict[int, tuple[Document, list[Edit]]] = {}
    for proposal in patch.proposals:
        for document, edit in proposal.edits:
            if document.file.path != patch.path:
                continue
            _, edits = found.setdefault(id(document), (document, []))
            if edit not in edits:
                edits.append(edit)
    return sorted(found.values(), key=lambda one: one[0].file.data != patch.before.data)


def _frame(old: bytes, new: bytes) -> Iterator[str]:
    """Line ends, byte order mark, final newline."""
    if old.endswith(b"\n") != new.endswith(b"\n"):
        yield "the final newline changed"
    if old.startswith(b"\xef\xbb\xbf") != new.startswith(b"\xef\xbb\xbf"):
        yield "the byte order mark changed"
    lone = [side.count(b"\n") - side.count(b"\r\n") for side in (old, new)]
    if (b"\r\n" in new) != (b"\r\n" in old) or (b"\r\n" in old and lone[1] > lone[0]):
        yield "line ends changed"


# ------------------------------------------------------------------------------- YAML and JSON


class _Chunk:
    """One document of a stream: its text, and the line of the file on which it begins."""

    def __init__(self, text: str, line: int) -> None:
        self.text, self.line = text, line

    @cached_property
    def root(self) -> Any:
        """Its root node; None where PyYAML cannot read it."""
        try:
            return yaml.compose(self.text, Loader=_LOADER)
        except yaml.YAMLError:
            return None


def chunks(text: str) -> list[_Chunk]:
    """The documents of a YAML file, split at its separators; what is comments alone is none."""
    text = text.removeprefix("\ufeff")
    starts = [0, *(found.start() for found in _SEPARATOR.finditer(text)), len(text)]
    found = []
    for start, end in pairwise(starts):
        part = text[start:end]
        body = _SEPARATOR.sub("", part, count=1)
        if any(line.strip() and not OWN_COMMENT.match(line) for line in body.splitlines()):
            found.append(_Chunk(part, text.count("\n", 0, start)))
    return found


def _tree(before: str, now: str, rounds: Rounds) -> Iterator[str]:
    old, new = chunks(before), chunks(now)
    if len(old) != len(new):
        yield f"{len(old)} documents became {len(new)}"
        return
    free: set[int] = set()
    removed: set[int] = set()
    lost: Counter[str] = Counter()
    for index, (one, other) in enumerate(zip(old, new, strict=True)):
        mine = [edits for document, edits in rounds if getattr(document, "index", 0) == index]
        if not mine:
            if one.text.rstrip("\r\n") != other.text.rstrip("\r\n"):
                yield f"document {index} was changed, and no edit is in it"
        elif one.root is None or other.root is None:
            yield f"document {index}: PyYAML reads it no more" if one.root is not None else f"document {index}: broken"
        else:
            wanted = plain(one.root)
            for edits in mine:
                wanted = after(wanted, edits)
            if not same(wanted, plain(other.root)):
                yield f"document {index}: the values are not those that the edits make"
            gone = {edit.pointer for edits in mine for edit in edits if isinstance(edit, Remove)}
            if not _keys_in_order(one.root, other.root, gone):
                yield f"document {index}: keys stand in another order"
            for edits in mine:
                for place in _all_gone(one.root, edits):
                    touched, lines = _taken(one, place)
                    free |= touched
                    removed |= lines
                for edit in edits:
                    free |= _written(one, edit)
            lost += Counter(_comments(one, removed)) - Counter(_comments(other, set()))
    json = all(one.text.lstrip()[:1] in "{[" for one in old)
    commas: Callable[[str], str] = lambda line: line.rstrip("\r").rstrip(",") if json else line.rstrip("\r")  # noqa: E731
    lines = before.removeprefix("\ufeff").split("\n")
    for line in missing(lines, now.removeprefix("\ufeff").split("\n"), free | removed, commas):
        yield f"this line is gone or was moved: {line!r}"
    if lost:
        yield f"comments are gone: {list(lost)}"


def plain(node: Any) -> Any:
    """A node as Python values: merge keys resolved, tags of others ignored, the last of equal keys kept."""
    if isinstance(node, yaml.MappingNode):
        merged: dict[str, Any] = {}
        own: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == "tag:yaml.org,2002:merge":
                sources = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for source in reversed(sources):
                    merged.update(plain(source))
            else:
                own[key.value] = plain(value)
        return {**merged, **own}
    if isinstance(node, yaml.SequenceNode):
        return [plain(item) for item in node.value]
    return _scalar(node)


def _scalar(node: Any) -> Any:
    construct = _LOADER.yaml_constructors.get(node.tag)
    if construct is None or node.tag.endswith(("timestamp", "binary", ":value")):
        return node.value
    if node.tag.endswith(":int") and ":" in node.value:
        return node.value  # base sixty is PyYAML's alone
    return construct(_LOADER(""), node)


def _keys_in_order(old: Any, new: Any, gone: set[Pointer], place: Pointer = ()) -> bool:
    """Do the keys that both have stand in one order, all the way down? `gone`: what was removed."""
    if isinstance(old, yaml.MappingNode) and isinstance(new, yaml.MappingNode):
        here, there = ({key.value: value for key, value in side.value} for side in (old, new))
        return [key for key in here if key in there] == [key for key in there if key in here] and all(
            _keys_in_order(value, there[key], gone, (*place, key)) for key, value in here.items() if key in there
        )
    if isinstance(old, yaml.SequenceNode) and isinstance(new, yaml.SequenceNode):
        kept = [((*place, n), item) for n, item in enumerate(old.value) if (*place, n) not in gone]
        return all(_keys_in_order(one, other, gone, at) for (at, one), other in zip(kept, new.value, strict=False))
    return True


def _all_gone(root: Any, edits: list[Edit]) -> set[Pointer]:
    """What the removals take away, the collections that they leave empty counted in."""
    gone = {edit.pointer for edit in edits if isinstance(edit, Remove)}
    for pointer in sorted(
        (edit.pointer for edit in edits if isinstance(edit, Remove) and edit.prune), key=len, reverse=True
    ):
        parent = pointer[:-1]
        while parent and isinstance(parent[-1], str):
            steps = _steps(root, parent)
            node = steps[-1][1]
            if len(steps) <= len(parent) or isinstance(node, yaml.ScalarNode):
                break
            keys = (
                [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else range(len(node.value))
            )
            if not all((*parent, key) in gone for key in keys):
                break
            gone.add(parent)
            parent = parent[:-1]
    return gone


def _taken(chunk: _Chunk, place: Pointer) -> tuple[set[int], set[int]]:
    """What the removal of a place may do: the lines of the file that it may write anew, those that it takes away."""
    lines = chunk.text.split("\n")
    steps = _steps(chunk.root, place)
    if len(steps) <= len(place):
        return set(), set()
    start, end = _range(lines, steps[-1])
    parent = steps[-2][1]
    if parent.flow_style:
        return _shift(chunk, range(start, _last(parent) + 1)), set()
    column = steps[-1][0].start_mark.column if steps[-1][0] is not None else parent.start_mark.column
    below = end + 1
    while below < len(lines) and OWN_COMMENT.match(lines[below]) and _depth(lines[below]) > column:
        below += 1
    if lines[start][:column].strip():  # the next key moves to the line of the dash
        return _shift(chunk, range(below, below + 1)), _shift(chunk, range(start, below))
    return set(), _shift(chunk, range(start, below))


def _written(chunk: _Chunk, edit: Edit) -> set[int]:
    """The lines of the file that an edit may write anew. New lines in block style change none."""
    if isinstance(edit, Remove):
        return set()
    steps = _steps(chunk.root, edit.pointer)
    key, node = steps[-1]
    start, end = _range(chunk.text.split("\n"), (key, node))
    replaced = len(steps) > len(edit.pointer) and not isinstance(edit, Append)
    if replaced or isinstance(node, yaml.ScalarNode) or not node.value:
        return _shift(chunk, range(start, end + 1))
    if node.flow_style:
        last = node.value[-1] if isinstance(node, yaml.SequenceNode) else node.value[-1][1]
        return _shift(chunk, range(_last(last), end + 1))
    return set()


def _shift(chunk: _Chunk, lines: Iterable[int]) -> set[int]:
    return {chunk.line + line for line in lines}


def _steps(node: Any, pointer: Pointer) -> list[tuple[Any, Any]]:
    """(key node, node) of every step of a pointer, as far as the text itself has them."""
    found = [(None, node)]
    for part in pointer:
        pair = None
        if isinstance(node, yaml.MappingNode):
            pair = next(((key, value) for key, value in reversed(node.value) if key.value == part), None)
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            pair = (None, node.value[part])
        if pair is None:
            break
        found.append(pair)
        node = pair[1]
    return found


def _range(lines: list[str], step: tuple[Any, Any]) -> tuple[int, int]:
    key, node = step
    start = (key or node).start_mark.line
    if key is None:
        while start > 0 and not lines[start][: node.start_mark.column].strip():
            start -= 1  # the dash stands above
    return start, max(start, _last(node))


def _last(node: Any) -> int:
    """The last line of a node without the comments that follow."""
    if isinstance(node, yaml.ScalarNode) or node.flow_style or not node.value:
        mark = node.end_mark
        return int(mark.line - (mark.column == 0 and mark.line > node.start_mark.line))
    items = node.value if isinstance(node, yaml.SequenceNode) else [part for pair in node.value for part in pair]
    return max(node.start_mark.line, _last(items[-1]))


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _comments(chunk: _Chunk, removed: set[int]) -> list[str]:
    """Comments between the tokens, but for those on lines that are taken away."""
    comments = []
    tokens = sorted((one.start_mark.index, one.end_mark.index) for one in yaml.scan(chunk.text, Loader=_LOADER))
    at = 0
    for start, end in [*tokens, (len(chunk.text), len(chunk.text))]:
        for comment in re.finditer(r"(?:^|(?<=\s))#[^\n\r]*", chunk.text[at:start]):
            line = chunk.line + chunk.text.count("\n", 0, at + comment.start())
            if line not in removed:
                comments.append(comment[0])
        at = max(at, end)
    return comments
