"""Plans fixes and proves each before anything is written.

All fixes of all files are tried at once in memory; the edited target is read and judged again. A file
whose proof fails is tried again with fewer fixes, each on its own where it must be, against its own
folder only (links never cross a scope).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

from msgspec import Struct

from batten.engine.fix.overlay import near, reread
from batten.engine.fix.patches import Patch, Proposal, edited
from batten.engine.fix.proof import Told, failures, key_of, outcome
from batten.engine.judge import Judged
from batten.engine.read import TargetReading
from batten.engine.scan import Scan, judge_readings
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit, Edit, Remove


class FixPlan(Struct, eq=False):
    scan: Scan
    """The scan that the fixes were planned on."""
    patches: list[Patch]
    proposals: list[Proposal]
    """Every open finding: applied, or with the reason why not."""


Choose = Callable[[Proposal], bool]


_ROUNDS = 3  # a fix that waits for another is tried again so often


def plan(scan: Scan, *, kinds: Sequence[str] = ("safe",), choose: Choose | None = None) -> FixPlan:
    """Fixes for the open findings of a scan. `kinds`: `safe`, `review` or both. `choose` says of each
    fix that would be applied whether it is wanted (for `--check` and questions to the user).

    What is refused because another fix must come first is tried again on the edited files, so that a
    second run finds nothing to do.
    """
    whole = _plan_once(scan, kinds, choose)
    for _ in range(_ROUNDS):
        waiting = {
            one.judged.file.path: one
            for one in whole.proposals
            if not one.applied and (one.edits or "first" in one.reason or "again" in one.reason)
        }
        if not waiting or not whole.patches or not _again(whole, set(waiting), kinds, choose):
            break
    return whole


def _again(whole: FixPlan, paths: set[str], kinds: Sequence[str], choose: Choose | None) -> bool:
    """One more round on the edited files of these folders; True where it mended more."""
    scan = whole.scan
    changed = [
        reread(one, {patch.path: patch.after for patch in whole.patches if patch.reading is one}, scan.settings)
        for one in scan.readings
    ]
    more = _plan_once(judge_readings([near(one, paths) for one in changed], scan.settings), kinds, choose)
    mended = [one for one in more.proposals if one.applied]
    left = {key_of(one.judged): one for one in whole.proposals if not one.applied}
    for patch in more.patches:
        reading = scan.readings[next(n for n, one in enumerate(changed) if one.opened is patch.reading.opened)]
        there = next((one for one in whole.patches if one.reading is reading and one.path == patch.path), None)
        if there is None:
            there = Patch(reading, patch.path, patch.before, patch.after, [])
            whole.patches.append(there)
        there.after = patch.after
        for proposal in patch.proposals:
            first = left.get(key_of(proposal.judged))
            if first is not None:
                first.applied, first.reason, first.edits = True, "", proposal.edits
                there.proposals.append(first)
    return bool(mended)


def _plan_once(scan: Scan, kinds: Sequence[str], choose: Choose | None) -> FixPlan:
    proposals = [_proposal(judged, kinds, choose) for judged in scan.judged if judged.finding.status == "open"]
    patches: list[Patch] = []
    for reading in scan.readings:
        mine: dict[str, list[Proposal]] = {}
        known = {id(one.file) for one in reading.files.values()} if len(scan.readings) > 1 else None
        for proposal in proposals:
            if proposal.edits:
                file = proposal.edits[0][0].file
                if known is None or id(file) in known:
                    mine.setdefault(file.path, []).append(proposal)
        patches += _prove(reading, mine, scan)
    return FixPlan(scan, patches, proposals)


def single_patch(plan: FixPlan, proposal: Proposal) -> Patch | None:
    """The patch that one applied proposal alone would be: what is shown when asking about it."""
    for patch in plan.patches:
        if any(one is proposal for one in patch.proposals):
            return edited(patch.reading, patch.path, [proposal])
    return None


def _proposal(judged: Judged, kinds: Sequence[str], choose: Choose | None) -> Proposal:
    proposal = Proposal(judged)
    fix = judged.failure.fix
    if fix is None or judged.finding.fix is None:
        proposal.reason = judged.finding.no_fix or "no edit of text mends it"
        return proposal
    if fix.kind not in kinds:
        proposal.reason = "it takes something away from the process: review it, then use --unsafe"
        return proposal
    try:
        proposal.edits = resolve(fix)
    except CannotEdit as error:
        proposal.reason = str(error)
        return proposal
    if len({document.file.path for document, _ in proposal.edits}) > 1:
        proposal.edits, proposal.reason = [], "its edits lie in several files"
    elif choose is not None and not choose(proposal):
        proposal.edits, proposal.reason = [], "not chosen"
    return proposal


def _prove(reading: TargetReading, wanted: dict[str, list[Proposal]], scan: Scan) -> list[Patch]:
    """The patches of one target that pass their proof."""
    patches: dict[str, Patch] = {}
    for path, proposals in wanted.items():
        patch = edited(reading, path, proposals)
        if patch is not None:
            patches[path] = patch
    before = outcome(reading, scan) if patches else []
    bad = failures(reading, patches, before, scan) if patches else {}
    for path, reasons in bad.items():
        patches.pop(path)
        patch = _alone(reading, path, [one for one in wanted[path] if one.edits], reasons, scan)
        if patch is not None:
            patches[path] = patch
    if bad:
        # what was proved apart must hold together, too
        for path in failures(reading, patches, before, scan) if patches else {}:
            for proposal in patches.pop(path).proposals:
                proposal.refuse("its proof failed together with those of other files")
    for patch in patches.values():
        for proposal in patch.proposals:
            proposal.applied = True
    return list(patches.values())


def _alone(
    reading: TargetReading, path: str, proposals: list[Proposal], reasons: dict[int, str], scan: Scan
) -> Patch | None:
    """Adds the fixes of one file one by one, each proved against its folder; refuses what fails."""
    local = near(reading, {path})
    before = outcome(local, scan)
    kept: list[Proposal] = []
    good: Patch | None = None
    # first without those that were seen to fail; one proof often settles the rest
    hopeful = [one for one in proposals if id(one) not in reasons]
    if reasons and hopeful:
        patch = edited(local, path, hopeful)
        if patch is not None and not failures(local, {path: patch}, before, scan):
            kept, good = list(patch.proposals), patch
    for proposal in proposals:
        if any(proposal is one for one in kept) or proposal.reason:
            continue
        patch = edited(local, path, [*kept, proposal])
        failed = failures(local, {path: patch}, before, scan) if patch is not None else {}
        # what it uncovers is seen by itself: fixes kept before it may have moved the items of lists
        single = edited(local, path, [proposal]) if failed else None
        if single is not None and _bring_along(local, single, proposal, before, scan):
            patch = edited(local, path, [*kept, proposal])
            failed = failures(local, {path: patch}, before, scan) if patch is not None else {}
        if patch is None or failed or not any(proposal is one for one in patch.proposals):
            proposal.refuse(proposal.reason or next(iter(failed.get(path, {}).values()), "") or "its proof failed")
            continue
        kept.append(proposal)
        good = patch
    if good is not None:
        good.reading = reading
    return good


def _bring_along(local: TargetReading, patch: Patch, proposal: Proposal, before: list[Told], scan: Scan) -> bool:
    """A fix may uncover what it stood above (a container that is no longer privileged may still gain
    privileges): the fixes of what it uncovered become a part of it. True where some were added."""
    again = reread(local, {patch.path: patch.after}, scan.settings)
    was = Counter(one.key for one in before)
    mine = proposal.edits[0][0]
    added = False
    if not hasattr(mine, "value") or any(_moves_items(edit) for one in patch.proposals for _, edit in one.edits):
        return False  # places in the edited document are not those of the document before
    for one in outcome(again, scan):
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
            same_place = (type(document), getattr(document, "index", 0)) == (type(mine), getattr(mine, "index", 0))
            if document.file is patch.after and same_place and (mine, edit) not in proposal.edits:
                proposal.edits.append((mine, edit))
                added = True
    return added


def _moves_items(edit: Edit) -> bool:
    """After it, the items of some list have other indexes."""
    return isinstance(edit, Remove) and any(isinstance(part, int) for part in edit.pointer[-1:])
