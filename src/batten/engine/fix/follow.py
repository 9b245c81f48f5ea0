"""What a fix uncovers is mended along: a container that is no longer privileged may still gain privileges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Proposal, edited
from batten.engine.fix.proof import hidden
from batten.engine.fix.state import Told
from batten.formats.writers import inherits, resolve
from batten.model.edits import CannotEdit, Edit, Remove
from batten.model.source import Document, Pointer
from batten.model.verdict import Change

Edits = list[tuple[Document, Edit]]


def bring_along(ground: Ground, wanted: dict[str, list[Proposal]]) -> dict[str, list[tuple[Proposal, Edits]]]:
    """Gives the fixes of findings that hide others (`masked_by`) the edits of what they uncover, as far as those are
    seen when these fixes alone are made. Returns, for every path where that changed something, the fixes with the
    edits that they had.

    Without them the proof of a file that has such findings fails for certain, and what holds would have to be found
    step by step (`batten.engine.fix.alone`), with a reading of the whole file for each.
    """
    hiding = {name for check in ground.scan.checks for name in check.masked_by}
    groups = {
        path: [one for one in each if one.judged.check.id in hiding and not _inherits(one)]
        for path, each in wanted.items()
    }
    # what is only looked at needs no proof
    patches = {path: patch for path, group in groups.items() if group and (patch := edited(ground.base, path, group))}
    for group in groups.values():
        for one in group:
            one.reason = ""  # it is tried with the others yet
    if not patches:
        return {}
    before = ground.state
    told: dict[str, list[Told]] = defaultdict(list)
    for new in ground.with_patches(patches, like=before).new_since(before):
        told[new.path].append(new)
    had: dict[str, list[tuple[Proposal, Edits]]] = {}
    for path, patch in patches.items():
        group = patch.proposals
        edits = with_following(group, hidden(told[path], before, patch, group))
        had[path] = [(one, one.edits) for one in group]
        take(group, edits)
    return had


def _inherits(proposal: Proposal) -> bool:
    """Its service extends another one of the file, whose fixes it gets, too."""
    fix = proposal.judged.failure.fix
    steps = fix.steps if fix is not None else ()
    return any(isinstance(step, Change) and inherits(step.target) is not None for step in steps)


def take_back(had: Iterable[tuple[Proposal, Edits]]) -> None:
    """The fixes have these edits again."""
    for one, edits in had:
        one.edits, one.reason = edits, ""


def take(group: list[Proposal], edits: list[Edits]) -> None:
    for one, mine in zip(group, edits, strict=True):
        one.edits = mine


def with_following(group: list[Proposal], covered: dict[int, list[Told]]) -> list[Edits]:
    """For each of the group its edits and those that mend what it uncovers (by its id), as edits of the file before
    it."""
    moved: dict[int, list[Pointer]] = {}
    for one in group:
        for document, edit in one.edits:
            if _moves_items(edit):
                moved.setdefault(id(document), []).append(edit.pointer[:-1])
    return [[*one.edits, *_following(one, covered[id(one)], moved)] for one in group]


def _following(proposal: Proposal, new: list[Told], moved: dict[int, list[Pointer]]) -> list[tuple[Document, Edit]]:
    mine = proposal.edits[0][0]
    found: list[tuple[Document, Edit]] = []
    for one in new:
        fix = one.failure.fix
        if fix is None:
            continue
        if fix.kind == "review" and proposal.finding.fix is not None and proposal.finding.fix.kind == "safe":
            continue
        try:
            edits = resolve(fix)
        except CannotEdit:
            continue
        if all(_same_place(document, mine, edit, moved.get(id(mine), [])) for document, edit in edits):
            found += [(mine, edit) for _, edit in edits]
    return [each for n, each in enumerate(found) if each not in proposal.edits and each not in found[:n]]


def _moves_items(edit: Edit) -> bool:
    """After it, the items of some list have other indexes."""
    return isinstance(edit, Remove) and any(isinstance(part, int) for part in edit.pointer[-1:])


def _same_place(after: Document, before: Document, edit: Edit, moved: list[Pointer]) -> bool:
    """Does the edit of the document after mean the same in the document before? `moved`: the lists whose items
    have other indexes there."""
    if type(after) is not type(before) or after.file.path != before.file.path:
        return False
    if any(len(edit.pointer) > len(items) and edit.pointer[: len(items)] == items for items in moved):
        return False
    if hasattr(type(before), "value"):  # asked of the document itself, it would be read again
        return getattr(after, "index", 0) == getattr(before, "index", 0)
    # line by line: what the edit names must stand there on both sides, or on neither
    texts = [getattr(find(edit.pointer), "text", None) for find in _finders(after, before)]
    return len(texts) == 2 and texts[0] == texts[1]


def _finders(*documents: Document) -> list[Callable[[Pointer], Any]]:
    return [one.find for one in documents if hasattr(one, "find")]
