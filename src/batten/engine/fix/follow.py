"""What a fix uncovers is mended along: a container that is no longer privileged may still gain privileges."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from typing import Any

from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Proposal, edited, mark, proposals_of
from batten.engine.fix.proof import hidden
from batten.engine.fix.state import Told
from batten.formats.writers import inherits, resolve
from batten.model.edits import CannotEdit, Edit, Remove
from batten.model.source import Document, Pointer
from batten.model.verdict import Change

Edits = list[tuple[Document, Edit]]


def bring_along(ground: Ground, wanted: dict[str, list[Proposal]]) -> dict[str, list[tuple[Proposal, Edits]]]:
    """Gives the fixes of findings that hide others (`masked_by`) the edits of what they uncover, as far as those are
    seen when these fixes alone are made. Returns, for every group where that changed something, the fixes with the
    edits that they had.

    Without them the proof of a file that has such findings fails for certain, and what holds would have to be found
    step by step (`batten.engine.fix.alone`), with a reading of the whole file for each.
    """
    hiding = {name for check in ground.scan.checks for name in check.masked_by}
    groups = {
        name: [one for one in each if one.judged.check.id in hiding and not _inherits(one)]
        for name, each in wanted.items()
    }
    # what is only looked at needs no proof
    made = {name: patches for name, group in groups.items() if group and (patches := edited(ground.base, group))}
    for group in groups.values():
        for one in group:
            one.reason = ""  # it is tried with the others yet
    if not made:
        return {}
    before = ground.state
    patches = {path: patch for each in made.values() for path, patch in each.items()}
    new = ground.with_patches(patches, like=before).new_since(before)
    had: dict[str, list[tuple[Proposal, Edits]]] = {}
    for name, mine in made.items():
        group = proposals_of(mine.values())
        edits = with_following(group, hidden(new, before, group), wanted[name])
        had[name] = [(one, one.edits) for one in group]
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


def with_following(
    group: list[Proposal], covered: dict[int, list[Told]], others: Iterable[Proposal] = ()
) -> list[Edits]:
    """For each of the group its edits and those that mend what it uncovers (by its id), as edits of the files before
    it. `others`: more fixes of the same files, whose documents are known."""
    moved: dict[Hashable, list[Pointer]] = {}
    for one in group:
        for document, edit in one.edits:
            if _moves_items(edit):
                moved.setdefault(mark(document), []).append(edit.pointer[:-1])
    documents: dict[Hashable, Document] = {}
    for one in (*group, *others):
        own = getattr(one.judged.result.noun, "document", None)
        for document in (*(document for document, _ in one.edits), *([own] if own is not None else [])):
            documents.setdefault(mark(document), document)
    return [[*one.edits, *_following(one, covered[id(one)], moved, documents)] for one in group]


def _following(
    proposal: Proposal, new: list[Told], moved: dict[Hashable, list[Pointer]], documents: Mapping[Hashable, Document]
) -> list[tuple[Document, Edit]]:
    first = proposal.edits[0][0]
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
        pairs = [(documents.get(mark(document), first), document, edit) for document, edit in edits]
        if all(_same_place(after, mine, edit, moved.get(mark(mine), [])) for mine, after, edit in pairs):
            found += [(mine, edit) for mine, _, edit in pairs]
            proposal.followed.append(fix)
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
