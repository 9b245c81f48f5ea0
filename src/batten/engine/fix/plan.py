"""Plans fixes and proves each before anything is written.

All fixes of all files are tried at once in memory; the edited target is read and judged again. A file
whose proof fails is tried again with fewer fixes, each on its own where it must be, against its own
folder only (links never cross a scope).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, field

from batten.engine.fix.overlay import near, reread
from batten.engine.fix.structure import expected_value, lines_kept, same
from batten.engine.judge import Judged
from batten.engine.link import link
from batten.engine.read import FileReading, TargetReading, build_inventory
from batten.engine.run import run_checks
from batten.engine.scan import Scan, judge_readings
from batten.formats.splicing import apply
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit, Edit, Remove, Set, Splice
from batten.model.report import Finding
from batten.model.source import Document, File, Unreadable
from batten.model.verdict import Failure

Key = tuple[Any, ...]


class Proposal(Struct, eq=False):
    """A finding and what the fixer makes of it. `reason` says why it is not applied."""

    judged: Judged
    edits: list[tuple[Document, Edit]] = field(default_factory=list)
    applied: bool = False
    reason: str = ""

    @property
    def finding(self) -> Finding:
        return self.judged.finding

    def refuse(self, reason: str) -> None:
        self.applied = False
        self.reason = reason


class Patch(Struct, eq=False):
    """One file before and after, with the proposals that it holds. `path` is relative to its target."""

    reading: TargetReading
    path: str
    before: File
    after: File
    proposals: list[Proposal]


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
    edited = [
        reread(one, {patch.path: patch.after for patch in whole.patches if patch.reading is one}, scan.settings)
        for one in scan.readings
    ]
    more = _plan_once(judge_readings([near(one, paths) for one in edited], scan.settings), kinds, choose)
    mended = [one for one in more.proposals if one.applied]
    left = {_key(one.judged): one for one in whole.proposals if not one.applied}
    for patch in more.patches:
        reading = scan.readings[next(n for n, one in enumerate(edited) if one.opened is patch.reading.opened)]
        there = next((one for one in whole.patches if one.reading is reading and one.path == patch.path), None)
        if there is None:
            there = Patch(reading, patch.path, patch.before, patch.after, [])
            whole.patches.append(there)
        there.after = patch.after
        for proposal in patch.proposals:
            first = left.get(_key(proposal.judged))
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
            return _edit(patch.reading, patch.path, [proposal])
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
        patch = _edit(reading, path, proposals)
        if patch is not None:
            patches[path] = patch
    before = outcome(reading, scan) if patches else []
    bad = _failures(reading, patches, before, scan) if patches else {}
    for path, reasons in bad.items():
        patches.pop(path)
        patch = _alone(reading, path, [one for one in wanted[path] if one.edits], reasons, scan)
        if patch is not None:
            patches[path] = patch
    if bad:
        # what was proved apart must hold together, too
        for path in _failures(reading, patches, before, scan) if patches else {}:
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
        patch = _edit(local, path, hopeful)
        if patch is not None and not _failures(local, {path: patch}, before, scan):
            kept, good = list(patch.proposals), patch
    for proposal in proposals:
        if any(proposal is one for one in kept) or proposal.reason:
            continue
        patch = _edit(local, path, [*kept, proposal])
        failed = _failures(local, {path: patch}, before, scan) if patch is not None else {}
        # what it uncovers is seen by itself: fixes kept before it may have moved the items of lists
        single = _edit(local, path, [proposal]) if failed else None
        if single is not None and _bring_along(local, single, proposal, before, scan):
            patch = _edit(local, path, [*kept, proposal])
            failed = _failures(local, {path: patch}, before, scan) if patch is not None else {}
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


# ------------------------------------------------------------------------------------- editing


def _edit(reading: TargetReading, path: str, proposals: list[Proposal]) -> Patch | None:
    """The file with all these edits; proposals whose edits cannot be made are refused with the reason."""
    chosen = _without_conflicts(proposals)
    while chosen:
        file = chosen[0].edits[0][0].file
        try:
            text = apply(file.text(), _splices(chosen))
        except CannotEdit as error:
            left = [one for one in chosen if _possible(one)]
            if len(left) == len(chosen):
                # each is possible, all together are not: the last one waits for the next run
                left = chosen[:-1]
                chosen[-1].refuse(f"it cannot be combined with other fixes here ({error}); run fix again")
            chosen = left
            continue
        except Unreadable as error:
            for one in chosen:
                one.refuse(error.message)
            return None
        data = text.encode("utf-8")
        if data == file.data:
            for one in chosen:
                one.refuse("the edit changes nothing")
            return None
        return Patch(reading, path, file, File(path, data, file.directory), chosen)
    return None


def _splices(proposals: Iterable[Proposal]) -> list[Splice]:
    by_document: dict[int, tuple[Document, list[Edit]]] = {}
    for proposal in proposals:
        for document, edit in proposal.edits:
            _, edits = by_document.setdefault(id(document), (document, []))
            if edit not in edits:
                edits.append(edit)
    return [splice for document, edits in by_document.values() for splice in document.splices(edits)]


def _possible(proposal: Proposal) -> bool:
    try:
        apply(proposal.edits[0][0].file.text(), _splices([proposal]))
    except (CannotEdit, Unreadable) as error:
        proposal.refuse(str(error))
        return False
    return True


def _without_conflicts(proposals: list[Proposal]) -> list[Proposal]:
    """Two fixes that want different values at one place: the first wins, the second is refused."""
    wanted: dict[tuple[int, Any], Any] = {}
    chosen = []
    for proposal in proposals:
        mine = {(id(document), edit.pointer): edit.value for document, edit in proposal.edits if isinstance(edit, Set)}
        if any(place in wanted and wanted[place] != value for place, value in mine.items()):
            proposal.refuse("another fix sets the same value differently; run fix again")
            continue
        wanted.update(mine)
        chosen.append(proposal)
    return chosen


# -------------------------------------------------------------------------------------- proof


class Told(Struct, eq=False):
    """A failure of a check, as the proof counts it: no places are worked out."""

    key: Key
    path: str
    failure: Failure


def outcome(reading: TargetReading, scan: Scan) -> list[Told]:
    """What the checks of the scan say of a target."""
    inventory = link(build_inventory([reading]))
    today = scan.settings.as_of or datetime.now(UTC).date().isoformat()
    results, _ = run_checks(inventory, scan.settings, today, scan.checks)
    return [
        Told(
            (result.check.id, result.noun.scope, failure.resource or result.resource, failure.subject, path),
            path,
            failure,
        )
        for result in results
        for failure in result.failures
        for path in (failure.place.document.file.path,)
    ]


def _key(judged: Judged) -> Key:
    # the file tells apart what has the same name in two files of one folder
    failure, finding = judged.failure, judged.finding
    return (finding.check, judged.scope, finding.resource, failure.subject, failure.place.document.file.path)


def _failures(
    reading: TargetReading, patches: dict[str, Patch], before: list[Told], scan: Scan
) -> dict[str, dict[int, str]]:
    """path -> {id(proposal): reason} of the patches whose proof fails; reasons may be unattributed (0)."""
    edited = {path: patch.after for path, patch in patches.items()}
    again = reread(reading, edited, scan.settings)
    bad: dict[str, dict[int, str]] = {}
    for path, patch in patches.items():
        reason = _structure(patch, reading.files.get(path), again.files.get(path))
        if reason:
            bad[path] = {0: reason}
    after = outcome(again, scan)
    was = Counter(one.key for one in before)
    now = Counter(one.key for one in after)
    targeted = Counter(_key(one.judged) for patch in patches.values() for one in patch.proposals)
    for path, patch in patches.items():
        for proposal in patch.proposals:
            key = _key(proposal.judged)
            if now[key] > was[key] - targeted[key]:
                bad.setdefault(path, {})[id(proposal)] = "the finding is still there after the edit"
    for one in after:
        if now[one.key] > was[one.key]:
            path = one.path if one.path in patches else next(iter(patches), "")
            told = f"it brings a new finding: {one.key[0]} {one.failure.message}"
            bad.setdefault(path, {}).setdefault(0, told)
    return bad


def _structure(patch: Patch, old: FileReading | None, new: FileReading | None) -> str:
    """Why the edited file does not mean what it should; "" where it does."""
    if new is None:
        return "the edited file could not be read"
    if old is not None and sum(one.severe for one in new.problems) > sum(one.severe for one in old.problems):
        return f"the edited file has a new problem: {new.problems[-1].message}"
    edits: dict[int, tuple[Document, list[Edit]]] = {}
    for proposal in patch.proposals:
        for document, edit in proposal.edits:
            _, mine = edits.setdefault(id(document), (document, []))
            if edit not in mine:
                mine.append(edit)
    documents = [noun.document for noun in new.nouns if noun.document.file is patch.after]
    fresh = {(type(document), getattr(document, "index", 0)): document for document in documents}
    for document, mine in edits.values():
        again = fresh.get((type(document), getattr(document, "index", 0)))
        if again is None:
            continue  # the file is read as part of another; the findings are the proof there
        if hasattr(document, "value"):
            wanted, free = expected_value(document.value, mine)
            if not same(wanted, again.value, free):
                return "the edited document differs in more than the edit"
        elif hasattr(document, "instructions"):
            texts = [[one.text for one in side.instructions] for side in (document, again)]
            if not lines_kept(texts[0], texts[1], len(mine)):
                return "the edited file differs in more than the edit"
    return ""
