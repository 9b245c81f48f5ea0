"""The proof of a patch: the edited files are read and judged again in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from batten.engine.fix.patches import Patch, Proposal, edits_by_document
from batten.engine.fix.state import Key, State, Told, severity_of
from batten.engine.fix.structure import difference, lines_kept
from batten.engine.judge import Judged
from batten.engine.read import FileReading


def key_of(judged: Judged) -> Key:
    """The finding's key among those of `Told`."""
    # the file tells apart what has the same name in two files of one folder
    failure, finding = judged.failure, judged.finding
    return (finding.check, judged.scope, finding.resource, failure.subject, failure.place.document.file.path)


def failures(before: State, after: State, patches: dict[str, Patch]) -> dict[str, dict[int, str]]:
    """path -> {id(proposal): reason} of the patches whose proof fails; reasons may be unattributed (0).

    `before` and `after` are states of one target, without and with the patches.
    """
    bad: dict[str, dict[int, str]] = {}
    for path, patch in patches.items():
        new = after.reading.files.get(path)
        if patch.structure is None or patch.structure[0] is not new:
            patch.structure = (new, _structure(patch, before.reading.files.get(path), new))
        if patch.structure[1]:
            bad[path] = {0: patch.structure[1]}
    scopes = after.differing(before)
    was, now = before.counts(scopes), after.counts(scopes)
    targeted = Counter(key_of(one.judged) for patch in patches.values() for one in patch.proposals)
    for path, patch in patches.items():
        for proposal in patch.proposals:
            key = key_of(proposal.judged)
            if now[key] > was[key] - targeted[key]:
                bad.setdefault(path, {})[id(proposal)] = "the finding is still there after the edit"
    accepted = {key for patch in patches.values() for one in patch.proposals for key in one.uncovers}
    for one in after.told(scopes):
        if now[one.key] > was[one.key] and one.key not in accepted:
            path = one.path if one.path in patches else next(iter(patches), "")
            reason = f"it brings a new finding: {one.key[0]} {one.failure.message}"
            reasons = bad.setdefault(path, {})
            for culprit in [id(each) for each in _coverers(one, before, patches.get(path))] or [0]:
                reasons.setdefault(culprit, reason)
    return bad


def uncovered(before: State, after: State, patch: Patch, proposal: Proposal) -> list[Told]:
    """The new findings that were hidden by what `proposal` mends: their checks had nothing to say of the same
    resource as long as this worse fault stood there (the seccomp profile of a privileged container)."""
    scopes = after.differing(before)
    was, now = before.counts(scopes), after.counts(scopes)
    new = [one for one in after.told(scopes) if now[one.key] > was[one.key]]
    return [one for one in new if any(each is proposal for each in _coverers(one, before, patch))]


def _coverers(new: Told, before: State, patch: Patch | None) -> Iterator[Proposal]:
    """The proposals of a patch that mend a fault, no less severe, which hid this new finding."""
    if patch is None or not _hidden(new, before):
        return
    for one in patch.proposals:
        mended = one.judged
        same = new.key[1:3] == (mended.scope, mended.finding.resource)
        if same and severity_of(mended.result, mended.failure) >= new.severity:
            yield one


def _hidden(new: Told, before: State) -> bool:
    """Was the check not applicable to this resource, which was there?"""
    check, scope, *_, path = new.key
    there = False
    for result in before.results([scope]):
        same_noun = result.resource == new.result.resource and result.noun.document.file.path == path
        if result.check.id == check and same_noun:
            return False
        there = there or same_noun
    return there


def _structure(patch: Patch, old: FileReading | None, new: FileReading | None) -> str:
    """Why the edited file does not mean what it should; "" where it does."""
    if new is None:
        return "the edited file could not be read"
    if old is not None and sum(one.severe for one in new.problems) > sum(one.severe for one in old.problems):
        return f"the edited file has a new problem: {new.problems[-1].message}"
    documents = [noun.document for noun in new.nouns if noun.document.file.path == patch.path]
    fresh = {(type(document), getattr(document, "index", 0)): document for document in documents}
    for document, mine in edits_by_document(patch.proposals):
        again = fresh.get((type(document), getattr(document, "index", 0)))
        if again is None:
            continue  # the file is read as part of another; the findings are the proof there
        if hasattr(document, "value"):
            told = difference(document, again, mine)
            if told:
                return told
        elif hasattr(document, "instructions"):
            texts = [[one.text for one in side.instructions] for side in (document, again)]
            if not lines_kept(texts[0], texts[1], len(mine)):
                return "the edited file differs in more than the edit"
    return ""
