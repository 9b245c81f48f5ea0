"""Plans fixes and proves each before anything is written.

All fixes of all files are tried at once in memory; the edited files are read again, and the scopes that
they belong to are judged again. A file whose proof fails is tried again with fewer fixes (`settle`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, field

from batten.engine.fix.alone import settle
from batten.engine.fix.follow import bring_along, take_back
from batten.engine.fix.ground import Ground
from batten.engine.fix.joined import is_overlay, joined
from batten.engine.fix.overlay import near
from batten.engine.fix.patches import Patch, Proposal, edited, proposals_of
from batten.engine.fix.proof import Verdict, key_of, prove
from batten.engine.fix.shared import share
from batten.engine.fix.state import Key, State
from batten.engine.fix.updates import add_updates
from batten.engine.judge import Judged
from batten.engine.read import files_of_nouns
from batten.engine.scan import Scan, judge_readings
from batten.formats.writers import inherits, resolve
from batten.model.edits import CannotEdit
from batten.model.image_content import Image
from batten.model.source import Document, Problem
from batten.model.verdict import Change, DocumentEdit, Fix
from batten.model.workload import Container, Volume, Workload
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.engine.fix.pins import Pins


class FixPlan(Struct, eq=False):
    scan: Scan
    """The scan that the fixes were planned on."""
    patches: list[Patch]
    proposals: list[Proposal]
    """Every open finding, then every update of the plan: applied, or with the reason why not."""
    unresolved: list[Problem] = field(default_factory=list)
    """Images that were to be pinned and that no registry gave a digest for."""


Choose = Callable[[Proposal], bool]


_ROUNDS = 3  # a fix that waits for another is tried again so often
_WAITS = pattern(r"fix [A-Z]{3}\d{3} first|run fix again|mend them first|turn that off first|take that away first")


def plan(
    scan: Scan, *, kinds: Sequence[str] = ("safe",), choose: Choose | None = None, pins: Pins | None = None
) -> FixPlan:
    """Fixes for the open findings of a scan. `kinds`: `safe`, `review` or both. `choose` says of each
    fix that would be applied whether it is wanted (for `--check` and questions to the user). `pins`: images are
    pinned, too.

    What is refused because another fix must come first is tried again on the edited files, so that a
    second run finds nothing to do.
    """
    grounds = [Ground(reading, scan) for reading in scan.readings]
    judged = scan.judged if pins is None else pins.attach(scan.judged, scan.inventory, scan.settings)
    proposals = _proposals(judged, kinds)
    whole = FixPlan(scan, _prove_all(grounds, proposals, choose), proposals)
    for _ in range(_ROUNDS):
        if not _again(whole, grounds, kinds, choose, pins):
            break
    if choose is None:
        for ground in grounds:
            _gone_along(ground, whole)
    add_updates(whole, grounds, kinds, choose)
    if pins is not None:
        whole.unresolved = [*pins.unresolved.values()]
    return whole


def _again(
    whole: FixPlan, grounds: list[Ground], kinds: Sequence[str], choose: Choose | None, pins: Pins | None
) -> bool:
    """One more round in the folders where a fix waits and an edit may have made room for it; True where it
    mended more."""
    waiting = {
        one.judged.file.path for one in whole.proposals if not one.applied and (one.edits or _WAITS.search(one.reason))
    }
    waiting |= {one.judged.file.path for one in whole.proposals if one.applied and one.uncovers}
    places = [near(ground.state.reading, set(ground.edits)).files.keys() & waiting for ground in grounds]
    if not any(places):
        return False
    scan = whole.scan
    local = [near(ground.state.reading, paths) for ground, paths in zip(grounds, places, strict=True)]
    now = judge_readings(local, scan.settings, images=scan.inventory.of(Image))
    judged = now.judged if pins is None else pins.attach(now.judged, now.inventory, scan.settings)
    more = _proposals(judged, kinds)
    left = {key_of(one.judged): one for one in whole.proposals if not one.applied}
    there = {(id(one.reading), one.path): one for one in whole.patches}
    _take_along(whole, {key_of(one.judged) for one in more}, set().union(*places))
    uncovering: dict[Key, list[Proposal]] = {}  # of a chart it may stand in another file than what uncovers it
    for one in (each for patch in whole.patches for each in patch.proposals):
        for key in one.uncovers:
            uncovering.setdefault(key, []).append(one)
    for patch in _prove_all(grounds, more, choose):
        first = there.get((id(patch.reading), patch.path))
        if first is None:
            whole.patches.append(first := Patch(patch.reading, patch.path, patch.before, patch.after, []))
        first.after = patch.after
        for proposal in patch.proposals:
            key = key_of(proposal.judged)
            for one in uncovering.get(key, ()):
                one.uncovers.pop(key, None)
            if key in left:
                left[key].apply(proposal)
                first.proposals.append(left[key])
            else:
                first.proposals.append(proposal)  # of a finding that an earlier fix uncovered
    return any(one.applied for one in more)


def _take_along(whole: FixPlan, open_now: set[Key], paths: set[str]) -> None:
    """What is mended by the fix of what it inherits from counts as mended by that."""
    following: dict[int, list[tuple[int, Proposal, Proposal]]] = defaultdict(list)
    for number, one in enumerate(whole.proposals):
        first = one.along
        if first is None or one.applied or key_of(one.judged) in open_now:
            continue
        while first.along is not None:
            first = first.along
        following[id(first)].append((number, one, first))
    for patch in whole.patches if following else ():
        if patch.path not in paths:
            continue
        for _, one, first in sorted(each for done in patch.proposals for each in following.get(id(done), ())):
            if not one.applied:
                one.apply(first)
                patch.proposals.append(one)


def single_patches(plan: FixPlan, proposal: Proposal) -> list[Patch]:
    """The patches that one applied proposal alone would be: what is shown when asking about it."""
    for patch in plan.patches:
        if any(one is proposal for one in patch.proposals):
            return list(edited(patch.reading, [proposal]).values())
    return []


def _proposals(judged: list[Judged], kinds: Sequence[str]) -> list[Proposal]:
    """One for every open finding; those that have no fix to try are refused."""
    return [_proposal(one, kinds) for one in judged if one.finding.status == "open"]


def _proposal(judged: Judged, kinds: Sequence[str]) -> Proposal:
    proposal = Proposal(judged)
    fix = judged.failure.fix
    if fix is None or judged.finding.fix is None or not fix.steps:
        proposal.reason = judged.finding.no_fix or "no edit of text mends it"
    elif fix.kind not in kinds:
        proposal.reason = "it changes what the process may do or has: review it, then use --unsafe"
    return proposal


def _documents(fix: Fix) -> list[Document]:
    """The documents that a fix edits: of one that was built from others, those."""
    documents = [step.document if isinstance(step, DocumentEdit) else step.target.document for step in fix.steps]
    if any(hasattr(one, "translated") for one in documents):
        try:
            return [document for document, _ in resolve(fix)] or documents
        except CannotEdit:
            return documents
    return documents


def _prove_all(grounds: list[Ground], proposals: list[Proposal], choose: Choose | None) -> list[Patch]:
    """The patches of all targets that pass their proof; each ground is left as it is with them."""
    patches: list[Patch] = []
    for ground in grounds:
        mine: list[Proposal] = []
        known = _files(ground) if len(grounds) > 1 else None
        for proposal in proposals:
            fix = proposal.judged.failure.fix
            if not proposal.reason and not proposal.applied and fix is not None:
                file = _documents(fix)[0].file
                # what a reader fetched on its own (a base, an included file) is of the target that asked for it
                asking = proposal.judged.result.noun.document.file
                if known is None or id(file) in known or id(asking) in known:
                    mine.append(proposal)
        patches += _prove(ground, mine, choose)
    for proposal in proposals:
        if not proposal.reason and not proposal.applied:
            proposal.reason = "which of the targets its file is of is not known; run fix for that target alone"
    return patches


def _files(ground: Ground) -> set[int]:
    """The ids of the files that the target of a ground has, and of those that its files had read for them."""
    reading = ground.state.reading
    return {*(id(one.file) for one in reading.files.values()), *(id(file) for file in files_of_nouns(reading))}


def _resolved(proposals: list[Proposal], choose: Choose | None) -> dict[str, list[Proposal]]:
    """The proposals whose edits are known now, in groups of files that they join; the others are refused."""
    # document by document: only the values of a few are kept
    for proposal in sorted(proposals, key=_place):
        fix = proposal.judged.failure.fix
        try:
            proposal.edits = resolve(fix) if fix is not None else []
        except CannotEdit as error:
            proposal.reason = str(error)
            continue
        if len(proposal.paths) > 1 and is_overlay(proposal):
            # a base would get what one of its overlays alone has a use for
            proposal.edits, proposal.reason = [], "its edits lie in several files of the overlay"
        elif choose is not None and not choose(proposal):
            proposal.edits, proposal.reason = [], "not chosen"
    groups: dict[str, list[Proposal]] = {}
    for name, group in joined(proposals).items():
        _let_mounts_go_first(group)
        _let_bases_go_first(group)
        share(group)
        left = [one for one in group if one.edits]
        if left:
            groups[name] = left
    return groups


def _place(proposal: Proposal) -> tuple[str, int]:
    document = proposal.judged.failure.place.document
    return document.file.path, getattr(document, "index", 0)


def _let_bases_go_first(proposals: list[Proposal]) -> None:
    """Refuses what is mended in the service that another one extends, too: the next round says what is left of it."""
    made = {}
    for one in proposals:
        target = _changed(one)
        if target is not None and one.edits:
            made[one.finding.check, id(target.document), target.pointer] = one
    if len(made) < 2:
        return
    for (check, document, _), proposal in made.items():
        target = _changed(proposal)
        base = inherits(target) if target is not None else None
        first = made.get((check, document, base)) if base is not None else None
        if first is not None and first is not proposal:
            proposal.along, proposal.edits = first, []
            proposal.reason = f"another fix mends {base[-1] if base else ''}, which it extends, first; run fix again"


def _changed(proposal: Proposal) -> Container | Workload | None:
    """What the changes of neutral fields are asked of."""
    fix = proposal.judged.failure.fix
    return next((step.target for step in fix.steps if isinstance(step, Change)), None) if fix is not None else None


def _let_mounts_go_first(proposals: list[Proposal]) -> None:
    """Refuses the fixes that rely on a mount that another one takes away: the next round makes them anew, of a
    container without it."""
    going = [
        (step.target, step.value.name)
        for one in proposals
        if one.edits and one.judged.failure.fix is not None
        for step in one.judged.failure.fix.steps
        if isinstance(step, Change) and step.field in ("remove", "read_only_mounts") and isinstance(step.value, Volume)
    ]
    for proposal in proposals if going else ():
        fix = proposal.judged.failure.fix
        if not proposal.edits or fix is None or not fix.relies_on:
            continue
        mine = {id(step.target) for step in fix.steps if isinstance(step, Change)}
        gone = {
            name
            for workload, name in going
            if isinstance(workload, Workload) and any(id(one) in mine for one in workload.containers)
        }
        for mount in fix.relies_on:
            if mount.volume in gone:
                proposal.edits = []
                proposal.reason = f"another fix changes the mount at {mount.target} first; run fix again"
                break


def _prove(ground: Ground, wanted: list[Proposal], choose: Choose | None) -> list[Patch]:
    """The patches of one target that pass their proof."""
    groups: dict[str, dict[str, Patch]] = {}
    chosen = _resolved(wanted, choose)
    alone = bring_along(ground, chosen)
    for name, proposals in chosen.items():
        made = ground.patches(proposals)
        if any(one.reason for one, _ in alone.get(name, ())):
            take_back(alone.pop(name))
            made = ground.patches(proposals)
        if made:
            groups[name] = made
    before, after = ground.state, ground.state
    if groups:
        after = ground.with_patches(_flat(groups), like=before)
        said = prove(before, after, _flat(groups))
        bad = _failed(groups, said)
        if bad:
            for name in bad:
                del groups[name]
                take_back(alone.get(name, ()))
            groups |= settle(ground, {name: [one for one in chosen[name] if one.edits] for name in bad}, said)
        while bad:
            # what was proved apart must hold together, too
            after = ground.with_patches(_flat(groups), like=after)
            bad = _failed(groups, prove(before, after, _flat(groups)))
            for name in bad:
                for proposal in proposals_of(groups.pop(name).values()):
                    proposal.refuse("its proof failed together with those of other files")
    patches = _flat(groups)
    ground.keep(patches, after)
    for patch in patches.values():
        for proposal in patch.proposals:
            proposal.applied = True
    if patches:
        _mended_along(ground, before, patches, [one for each in chosen.values() for one in each])
    order = dict.fromkeys(path for one in wanted for path in one.paths)
    return [patches[path] for path in order if path in patches]


def _mended_along(ground: Ground, before: State, patches: dict[str, Patch], wanted: list[Proposal]) -> None:
    """What was refused beside others that mend it, too (the text of a `range` is that of all its turns), counts as
    mended by these."""
    refused = [one for one in wanted if one.reason and not one.applied and not one.lowers]
    if not refused:
        return
    scopes = {key_of(one.judged)[1] for one in refused}
    was, now = before.counts(scopes), ground.state.counts(scopes)
    for one in refused:
        key = key_of(one.judged)
        for patch in patches.values() if was[key] and not now[key] else ():
            if patch.path not in one.paths:
                continue
            first = next((each for each in patch.proposals if each.finding.check == one.finding.check), None)
            if first is not None:
                one.apply(first)
                patch.proposals.append(one)
                break


def _gone_along(ground: Ground, whole: FixPlan) -> None:
    """What has no fix of its own, and is gone with what the fix of something else took away (the port that is
    published to everybody, with the mapping of a port that needs none), counts as mended by that."""
    known = {id(one.file) for one in ground.base.files.values()}
    left = [
        one
        for one in whole.proposals
        if not one.applied
        and not one.lowers
        and not one.judged.check.secret  # what was once readable is to be replaced
        and one.judged.file.path in ground.edits
        and id(one.judged.result.noun.document.file) in known
    ]
    if not left:
        return
    scopes = {key_of(one.judged)[1] for one in left}
    was, now = State.scanned(ground.base, ground.scan).counts(scopes), ground.state.counts(scopes)
    patches = {patch.path: patch for patch in whole.patches if patch.reading is ground.base}
    for one in left:
        key, patch = key_of(one.judged), patches.get(one.judged.file.path)
        if patch is None or not was[key] or now[key]:
            continue
        first = next((each for each in patch.proposals if key_of(each.judged)[1:3] == key[1:3]), None)
        if first is not None:
            one.apply(first)
            patch.proposals.append(one)


def _flat(groups: dict[str, dict[str, Patch]]) -> dict[str, Patch]:
    return {path: patch for group in groups.values() for path, patch in group.items()}


def _failed(groups: dict[str, dict[str, Patch]], said: Verdict) -> list[str]:
    return [name for name, patches in groups.items() if not said.bad.keys().isdisjoint(patches)]
