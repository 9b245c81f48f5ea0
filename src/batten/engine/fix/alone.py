"""Finds the fixes of one file that pass their proof, where all of them together do not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Patch, Proposal, edited
from batten.engine.fix.proof import failures, uncovered
from batten.engine.fix.state import State
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit, Edit, Remove
from batten.model.source import Document, Pointer


def alone(ground: Ground, path: str, proposals: list[Proposal], reasons: dict[int, str]) -> Patch | None:
    """A patch with as many of the fixes as hold together, each proved against the file's folder (links never
    cross a scope); what fails is refused. `reasons`: what the proof of all of them said (id -> reason)."""
    return _Trial(ground, path, proposals).run(reasons)


class _Trial:
    def __init__(self, ground: Ground, path: str, proposals: list[Proposal]) -> None:
        self.ground = ground
        self.path = path
        self.proposals = proposals
        self.before = ground.around(path)

    def run(self, reasons: dict[int, str]) -> Patch | None:
        # first without those that were seen to fail; one proof often settles the rest
        hopeful = [one for one in self.proposals if id(one) not in reasons]
        good, _ = self.proved(hopeful)
        for proposal in self.proposals:
            kept = good.proposals if good is not None else []
            if any(proposal is one for one in kept) or proposal.reason:
                continue
            chosen = [one for one in self.proposals if one is proposal or any(one is each for each in kept)]
            patch, reason = self.proved(chosen)
            patch = patch or (self.with_followers(proposal, chosen) if reason else None)
            if patch is None or not any(proposal is one for one in patch.proposals):
                proposal.refuse(proposal.reason or reason or "its proof failed")
                continue
            good = patch
        return good

    def edited(self, chosen: Sequence[Proposal]) -> Patch | None:
        return edited(self.ground.base, self.path, list(chosen)) if chosen else None

    def proved(self, chosen: Sequence[Proposal]) -> tuple[Patch | None, str]:
        """The patch with these fixes; None and the reason where its proof fails ("": it cannot be made)."""
        patch = self.edited(chosen)
        if patch is None:
            return None, ""
        failed = failures(self.before, self.after(patch), {self.path: patch})
        return (None, next(iter(failed[self.path].values()), "its proof failed")) if failed else (patch, "")

    def after(self, patch: Patch) -> State:
        return self.ground.part_with(self.before, patch)

    def with_followers(self, proposal: Proposal, chosen: list[Proposal]) -> Patch | None:
        """The patch of `chosen` where `proposal` brings along the fixes of what it uncovers (a container that is
        no longer privileged may still gain privileges), or names what it uncovers and cannot be mended."""
        alone = list(proposal.edits)
        # what it uncovers is seen by itself: other fixes may have moved the items of lists
        single = self.edited([proposal])
        if single is None:
            return None
        together = [*alone, *self.followers(single, proposal)]
        if len(together) > len(alone):
            proposal.edits = together
            patch, _ = self.proved(chosen)
            if patch is not None:
                return patch
        for edits in (together, alone) if len(together) > len(alone) else (alone,):
            proposal.edits = edits
            patch = self.edited(chosen)
            found = uncovered(self.before, self.after(patch), patch, proposal) if patch is not None else []
            if found:
                proposal.uncovers = {one.key: f"{one.key[0]} {one.failure.message}" for one in found}
                patch, _ = self.proved(chosen)
                if patch is not None:
                    return patch
                proposal.uncovers = {}
        proposal.edits = alone
        return None

    def followers(self, patch: Patch, proposal: Proposal) -> list[tuple[Document, Edit]]:
        """The edits that mend what the patch of this proposal alone uncovers, as edits of the file before it."""
        after = self.after(patch)
        scopes = after.differing(self.before)
        was = self.before.counts(scopes)
        mine = proposal.edits[0][0]
        found: list[tuple[Document, Edit]] = []
        if any(_moves_items(edit) for _, edit in proposal.edits):
            return found  # places in the edited document are not those of the document before
        for one in after.told(scopes):
            fix = one.failure.fix
            if was[one.key] or fix is None:
                continue
            if fix.kind == "review" and proposal.finding.fix is not None and proposal.finding.fix.kind == "safe":
                continue
            try:
                edits = resolve(fix)
            except CannotEdit:
                continue
            for document, edit in edits:
                new = (mine, edit)
                if _same_place(document, mine, edit) and new not in proposal.edits and new not in found:
                    found.append(new)
        return found


def _moves_items(edit: Edit) -> bool:
    """After it, the items of some list have other indexes."""
    return isinstance(edit, Remove) and any(isinstance(part, int) for part in edit.pointer[-1:])


def _same_place(after: Document, before: Document, edit: Edit) -> bool:
    """Does the edit of the document after mean the same in the document before?"""
    if type(after) is not type(before) or after.file.path != before.file.path:
        return False
    if hasattr(before, "value"):
        return getattr(after, "index", 0) == getattr(before, "index", 0)
    # line by line: what the edit names must stand there on both sides, or on neither
    texts = [getattr(find(edit.pointer), "text", None) for find in _finders(after, before)]
    return len(texts) == 2 and texts[0] == texts[1]


def _finders(*documents: Document) -> list[Callable[[Pointer], Any]]:
    return [one.find for one in documents if hasattr(one, "find")]
