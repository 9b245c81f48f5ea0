"""Finds the fixes of a file that pass their proof, where all of them together do not.

Every such file tries its fixes by itself, and the files take their steps together: what all of them try
next is proved in one go, and what one file's edits may have spoiled for another is proved apart.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence

from msgspec import Struct

from batten.engine.fix.follow import take, with_following
from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Patch, Proposal
from batten.engine.fix.proof import Verdict, prove, uncovered
from batten.engine.fix.state import State
from batten.model.edits import Edit
from batten.model.source import Document


class Answer(Struct, eq=False):
    """What the proof says of a patch: its reasons, none where it is passed, and the states it compared."""

    reasons: dict[int, str]
    before: State
    after: State


Steps = Generator[Patch, Answer, Patch | None]
"""Gives patches to be proved; returns the one that passed, if any."""


def settle(ground: Ground, wanted: dict[str, list[Proposal]], said: Verdict) -> dict[str, Patch]:
    """For every file a patch with as many of its fixes as hold together; what fails is refused.
    `said`: what the proof of all of them said."""
    reasons = said.bad
    for path, proposals in wanted.items():
        for one in proposals:
            if id(one) in said.certain:
                one.refuse(reasons[path][id(one)])
    done: dict[str, Patch] = {}
    before = ground.around(wanted)
    steps = {path: _Trial(ground, path, proposals).run(reasons[path]) for path, proposals in wanted.items()}
    answers: dict[str, Answer | None] = dict.fromkeys(steps)
    while answers:
        tried: dict[str, Patch] = {}
        for path, answer in answers.items():
            try:
                tried[path] = steps[path].send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as stop:
                if stop.value is not None:
                    done[path] = stop.value
        answers = dict(_answers(ground, before, tried)) if tried else {}
    return done


def _answers(ground: Ground, before: State, tried: dict[str, Patch]) -> dict[str, Answer]:
    after = ground.part_with(before, tried)
    verdict = prove(before, after, tried)
    answers = {}
    for path, patch in tried.items():
        if len(tried) > 1 and path in verdict.doubtful:
            part = ground.around([path])
            with_it = ground.part_with(part, {path: patch})
            answers[path] = Answer(prove(part, with_it, {path: patch}).bad.get(path, {}), part, with_it)
        else:
            answers[path] = Answer(verdict.bad.get(path, {}), before, after)
    return answers


class _Trial:
    def __init__(self, ground: Ground, path: str, proposals: list[Proposal]) -> None:
        self.ground = ground
        self.path = path
        self.proposals = proposals
        self.good: Patch | None = None

    def run(self, reasons: dict[int, str]) -> Steps:
        # first without those that were seen to fail; one proof often settles the rest
        hopeful = [one for one in self.proposals if id(one) not in reasons]
        self.good, _ = yield from self.proved(hopeful)
        kept = {id(one) for one in self.good.proposals} if self.good is not None else set()
        yield from self.more([one for one in self.proposals if id(one) not in kept and not one.reason])
        return self.good

    def more(self, group: list[Proposal]) -> Generator[Patch, Answer, None]:
        """As many of the group as hold together with what is kept: all at once, else each half by itself, so that
        a thousand pods with the same fault cost a few proofs and not a thousand."""
        group = [one for one in group if not one.reason]
        if not group:
            return
        chosen = self.with_kept(group)
        patch, reason = yield from self.proved(chosen)
        if patch is None and (reason or len(group) > 1):
            patch = yield from self.with_followers(group, chosen)
        if patch is not None and (len(group) > 1 or any(group[0] is one for one in patch.proposals)):
            self.good = patch
        elif len(group) == 1:
            group[0].refuse(group[0].reason or reason or "its proof failed")
        else:
            half = len(group) // 2
            yield from self.more(group[:half])
            yield from self.more(group[half:])

    def with_kept(self, group: list[Proposal]) -> list[Proposal]:
        """In the order of the proposals."""
        wanted = {id(one) for one in group}
        wanted |= {id(one) for one in self.good.proposals} if self.good is not None else set()
        return [one for one in self.proposals if id(one) in wanted]

    def edited(self, chosen: Sequence[Proposal]) -> Patch | None:
        return self.ground.patch(self.path, list(chosen)) if chosen else None

    def proved(self, chosen: Sequence[Proposal]) -> Generator[Patch, Answer, tuple[Patch | None, str]]:
        """The patch with these fixes; None and the reason where its proof fails ("": it cannot be made)."""
        patch = self.edited(chosen)
        if patch is None:
            return None, ""
        answer = yield patch
        return (None, next(iter(answer.reasons.values()))) if answer.reasons else (patch, "")

    def with_followers(self, group: list[Proposal], chosen: list[Proposal]) -> Steps:
        """The patch of `chosen` where those of the group bring along the fixes of what they uncover (a container that
        is no longer privileged may still gain privileges), or name what they uncover and cannot be mended."""
        alone = [list(one.edits) for one in group]
        # what they uncover is seen by itself: other fixes may have moved the items of lists
        single = self.edited(group)
        if single is None:
            return None
        answer = yield single
        together = self.followers(answer, group, single)
        variants = (together, alone) if together != alone else (alone,)
        for n, variant in enumerate(variants):
            take(group, variant)
            if n < len(variants) - 1:
                patch, _ = yield from self.proved(chosen)
                if patch is not None:
                    return patch
        for variant in variants:
            take(group, variant)
            patch = self.edited(chosen)
            if patch is None:
                continue
            answer = yield patch
            covered = uncovered(answer.before, answer.after, patch, group)
            if any(covered.values()):
                for one in group:
                    one.uncovers = {new.key: f"{new.key[0]} {new.failure.message}" for new in covered[id(one)]}
                patch, _ = yield from self.proved(chosen)
                if patch is not None:
                    return patch
                for one in group:
                    one.uncovers = {}
        take(group, alone)
        return None

    def followers(self, answer: Answer, group: list[Proposal], patch: Patch) -> list[list[tuple[Document, Edit]]]:
        """For each of the group its edits and those that mend what the patch of the group alone uncovers, as edits
        of the file before it."""
        new = answer.after.new_since(answer.before)
        covered = {id(group[0]): new} if len(group) == 1 else uncovered(answer.before, answer.after, patch, group)
        return with_following(group, covered)
