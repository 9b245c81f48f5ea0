"""Finds the fixes that pass their proof, where all of them together do not.

Files that fixes join (`batten.engine.fix.joined`) are one group: what is mended in one of them may uncover what is
mended in another. Every group tries its fixes by itself, and the groups take their steps together: what all of them
try next is proved in one go, and what one group's edits may have spoiled for another is proved apart.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence

from msgspec import Struct

from batten.engine.fix.follow import take, with_following
from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Patch, Proposal, proposals_of
from batten.engine.fix.proof import Verdict, masks, prove, uncovered
from batten.engine.fix.state import State
from batten.model.edits import Edit
from batten.model.source import Document

Patches = dict[str, Patch]
"""The files of a group with some of its fixes, by path."""


class Answer(Struct, eq=False):
    """What the proof says of patches: its reasons, none where they are passed, and the states it compared."""

    reasons: dict[int, str]
    before: State
    after: State


Steps = Generator[Patches, Answer, Patches]
"""Gives patches to be proved; returns those that passed, if any."""


def settle(ground: Ground, wanted: dict[str, list[Proposal]], said: Verdict) -> dict[str, Patches]:
    """For every group the patches with as many of its fixes as hold together; what fails is refused.
    `said`: what the proof of all of them said."""
    reasons = {name: _reasons(said, {path for one in each for path in one.paths}) for name, each in wanted.items()}
    for name, proposals in wanted.items():
        for one in proposals:
            if id(one) in said.certain:
                one.refuse(reasons[name][id(one)])
    done: dict[str, Patches] = {}
    before = ground.around(path for each in wanted.values() for one in each for path in one.paths)
    steps = {name: _Trial(ground, proposals).run(reasons[name]) for name, proposals in wanted.items()}
    answers: dict[str, Answer | None] = dict.fromkeys(steps)
    while answers:
        tried: dict[str, Patches] = {}
        for name, answer in answers.items():
            try:
                tried[name] = steps[name].send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as stop:
                if stop.value:
                    done[name] = stop.value
        answers = dict(_answers(ground, before, tried)) if tried else {}
    return done


def _reasons(verdict: Verdict, paths: Iterable[str]) -> dict[int, str]:
    return {culprit: reason for path in paths for culprit, reason in verdict.bad.get(path, {}).items()}


def _answers(ground: Ground, before: State, tried: dict[str, Patches]) -> dict[str, Answer]:
    together = {path: patch for patches in tried.values() for path, patch in patches.items()}
    after = ground.part_with(before, together)
    verdict = prove(before, after, together)
    answers = {}
    for name, patches in tried.items():
        if len(tried) > 1 and not verdict.doubtful.isdisjoint(patches):
            part = ground.around(patches)
            with_it = ground.part_with(part, patches)
            answers[name] = Answer(_reasons(prove(part, with_it, patches), patches), part, with_it)
        else:
            answers[name] = Answer(_reasons(verdict, patches), before, after)
    return answers


class _Trial:
    def __init__(self, ground: Ground, proposals: list[Proposal]) -> None:
        self.ground = ground
        self.proposals = proposals
        self.good: Patches = {}

    def run(self, reasons: dict[int, str]) -> Steps:
        # first without those that were seen to fail; one proof often settles the rest
        hopeful = [one for one in self.proposals if id(one) not in reasons]
        self.good, _ = yield from self.proved(hopeful)
        kept = {id(one) for one in proposals_of(self.good.values())}
        yield from self.more([one for one in self.proposals if id(one) not in kept and not one.reason])
        return self.good

    def more(self, group: list[Proposal]) -> Generator[Patches, Answer, None]:
        """As many of the group as hold together with what is kept: all at once, else each half by itself, so that
        a thousand pods with the same fault cost a few proofs and not a thousand."""
        group = [one for one in group if not one.reason]
        if not group:
            return
        chosen = self.with_kept(group)
        patches, reason = yield from self.proved(chosen)
        if not patches and (reason or len(group) > 1):
            patches = yield from self.with_followers(group, chosen)
        if patches and (len(group) > 1 or any(group[0] is one for one in proposals_of(patches.values()))):
            self.good = patches
        elif len(group) == 1:
            group[0].refuse(group[0].reason or reason or "its proof failed")
        else:
            half = len(group) // 2
            yield from self.more(group[:half])
            yield from self.more(group[half:])

    def with_kept(self, group: list[Proposal]) -> list[Proposal]:
        """In the order of the proposals."""
        wanted = {id(one) for one in group}
        wanted |= {id(one) for one in proposals_of(self.good.values())}
        return [one for one in self.proposals if id(one) in wanted]

    def edited(self, chosen: Sequence[Proposal]) -> Patches:
        return self.ground.patches(list(chosen)) if chosen else {}

    def proved(self, chosen: Sequence[Proposal]) -> Generator[Patches, Answer, tuple[Patches, str]]:
        """The patches with these fixes; none and the reason where their proof fails ("": they cannot be made)."""
        patches = self.edited(chosen)
        if not patches:
            return {}, ""
        answer = yield patches
        return ({}, next(iter(answer.reasons.values()))) if answer.reasons else (patches, "")

    def with_followers(self, group: list[Proposal], chosen: list[Proposal]) -> Steps:
        """The patches of `chosen` where those of the group bring along the fixes of what they uncover (a container that
        is no longer privileged may still gain privileges), or name what they uncover and cannot be mended."""
        alone = [list(one.edits) for one in group]
        # what they uncover is seen by itself: other fixes may have moved the items of lists
        single = self.edited(group)
        if not single:
            return {}
        answer = yield single
        together = self.followers(answer, group, single)
        variants = (together, alone) if together != alone else (alone,)
        for n, variant in enumerate(variants):
            take(group, variant)
            if n < len(variants) - 1:
                patches, _ = yield from self.proved(chosen)
                if patches:
                    return patches
        for variant in variants:
            take(group, variant)
            patches = self.edited(chosen)
            if not patches:
                continue
            answer = yield patches
            covered = uncovered(answer.before, answer.after, made(patches, group))
            covered = {id(one): [new for new in covered.get(id(one), ()) if masks(one, new)] for one in group}
            if any(covered.values()):
                for one in group:
                    one.uncovers = {new.key: f"{new.key[0]} {new.failure.message}" for new in covered[id(one)]}
                patches, _ = yield from self.proved(chosen)
                if patches:
                    return patches
                for one in group:
                    one.uncovers = {}
        take(group, alone)
        return {}

    def followers(self, answer: Answer, group: list[Proposal], patches: Patches) -> list[list[tuple[Document, Edit]]]:
        """For each of the group its edits and those that mend what the patches of the group alone uncover, as edits
        of the files before them."""
        new = answer.after.new_since(answer.before)
        if len(group) == 1:
            covered = {id(group[0]): new}
        else:
            covered = uncovered(answer.before, answer.after, made(patches, group))
        return with_following(group, {id(one): covered.get(id(one), []) for one in group}, self.proposals)


def made(patches: Patches, group: Iterable[Proposal]) -> list[Proposal]:
    """Those of the group that the patches hold."""
    held = {id(one) for one in proposals_of(patches.values())}
    return [one for one in group if id(one) in held]
