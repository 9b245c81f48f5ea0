"""The proof of a patch: the edited files are read and judged again in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from msgspec import Struct, field

from batten.engine.fix.patches import Patch, Proposal, proposals_of
from batten.engine.fix.rendering import unexpected
from batten.engine.fix.state import Key, State, Told, severity_of, told_key
from batten.engine.fix.structure import structure
from batten.engine.judge import Judged, as_written


def key_of(judged: Judged) -> Key:
    """The finding's key among those of `Told`."""
    # the file tells apart what has the same name in two files of one folder
    return told_key(judged.result, judged.failure)


class Verdict(Struct, eq=False):
    """What a proof says of patches; no reason means that it is passed."""

    bad: dict[str, dict[int, str]] = field(default_factory=dict)
    """path -> {id(proposal): reason} of the patches whose proof fails; reasons may be unattributed (0)."""
    certain: set[int] = field(default_factory=set)
    """Proposals that fail whatever else is tried."""
    doubtful: set[str] = field(default_factory=set)
    """Paths that other patches of this proof may have spoiled: what was said of them is not certain."""

    def blame(self, path: str, reason: str, proposals: Iterable[Proposal] = ()) -> None:
        reasons = self.bad.setdefault(path, {})
        for culprit in [id(one) for one in proposals] or [0]:
            reasons.setdefault(culprit, reason)

    def blame_all(self, paths: Iterable[str], reason: str, proposals: list[Proposal]) -> None:
        """Blames each proposal in those of the files that it edits."""
        for path in paths:
            mine = [one for one in proposals if path in one.paths]
            if mine:
                self.blame(path, reason, mine)


def prove(before: State, after: State, patches: dict[str, Patch]) -> Verdict:
    """Whether the patches do what they say and nothing else. `before` and `after` are states of one target,
    without and with the patches."""
    verdict = Verdict()
    for path, patch in patches.items():
        new = after.reading.files.get(path)
        if patch.structure is None or patch.structure[0] is not new:
            patch.structure = (new, structure(patch, before.reading.files.get(path), new))
        if patch.structure[1]:
            verdict.blame(path, patch.structure[1])
    scopes = after.differing(before)
    was, now = before.counts(scopes), after.counts(scopes)
    everyone = proposals_of(patches.values())
    _blame_overlays(before, after, scopes, patches, verdict)
    _blame_unbuilt(before, after, patches, verdict)
    for chart, told in unexpected(before.reading, after.reading, everyone):
        for path in patches.keys() & {chart, *before.reading.files[chart].consumed}:
            verdict.blame(path, told)
    targeted = Counter(key_of(one.judged) for one in everyone if not one.lowers)
    lowered = _lowered(before, after, scopes) if any(one.lowers for one in everyone) else Counter()
    for proposal in everyone:
        key = key_of(proposal.judged)
        if proposal.lowers:
            if lowered[key] <= 0:
                verdict.blame_all(patches, "the finding is as severe after the edit", [proposal])
            lowered[key] -= 1
        elif now[key] > was[key] - targeted[key]:
            verdict.blame_all(patches, "the finding is still there after the edit", [proposal])
            if proposal.judged.check.wants_context:
                verdict.doubtful.update(path for path in proposal.paths if path in patches)
    accepted = {key for one in everyone for key in one.uncovers}
    about: ByResource | None = None
    for one in after.told(scopes):
        if now[one.key] > was[one.key] and one.key not in accepted:
            about = _by_resource(everyone) if about is None else about
            _blame_for(one, before, patches, about, verdict)
    return verdict


def _blame_overlays(before: State, after: State, scopes: set[str], patches: dict[str, Patch], verdict: Verdict) -> None:
    """What stands in a base is told once, whatever overlays deploy it: it is gone where it is gone in all of them."""
    built = [
        (path, one)
        for path, patch in patches.items()
        for one in patch.proposals
        if _written_key(one.judged) is not None
    ]
    if not built:
        return
    states = [Counter(_overlay_keys(state.told(scopes))) for state in (before, after)]
    stays = {key[1:]: key[0] for key, count in states[1].items() if count >= states[0][key]}
    for path, proposal in built:
        key = _written_key(proposal.judged)
        scope = stays.get(key) if key is not None else None
        if scope is not None and not proposal.lowers:
            verdict.blame(path, f"the overlay {scope} takes away again what the edit writes", [proposal])
            verdict.certain.add(id(proposal))


def _blame_unbuilt(before: State, after: State, patches: dict[str, Patch], verdict: Verdict) -> None:
    """What cannot be built any more has no findings: that is no proof."""
    for path, new in after.reading.files.items():
        old = before.reading.files.get(path)
        if old is None or old is new or path in patches or not old.parts:
            continue
        if sum(one.severe for one in new.problems) > sum(one.severe for one in old.problems):
            for drawn_on in patches.keys() & {*old.parts}:
                verdict.blame(drawn_on, f"with the edit {path} has a new problem: {new.problems[0].message[:200]}")
                verdict.doubtful.add(drawn_on)


def _overlay_keys(told: Iterable[Told]) -> Iterable[tuple[object, ...]]:
    for one in told:
        key = _written_key(one)
        if key is not None:
            yield (one.result.noun.scope, *key)


def _written_key(one: Told | Judged) -> tuple[object, ...] | None:
    """Check, file, subject and object as its file names it, of what is seen in a build; None of all else."""
    place = one.failure.place
    written = place.written()
    if written is place:
        return None
    resource = as_written(one.failure.resource or one.result.resource, place.document)
    return (one.result.check.id, written.document.file.path, one.failure.subject, resource)


def _lowered(before: State, after: State, scopes: set[str]) -> Counter[Key]:
    """How many findings of each key are there yet and became less severe."""
    severities: list[dict[Key, list[int]]] = []
    for state in (before, after):
        found: dict[Key, list[int]] = {}
        for one in state.told(scopes):
            found.setdefault(one.key, []).append(one.severity)
        severities.append({key: sorted(each) for key, each in found.items()})
    was, now = severities
    return Counter(
        {key: sum(new < old for old, new in zip(each, now.get(key, ()), strict=False)) for key, each in was.items()}
    )


def _blame_for(new: Told, before: State, patches: dict[str, Patch], about: ByResource, verdict: Verdict) -> None:
    reason = f"it brings a new finding: {new.key[0]} {new.failure.message}"
    # what hid it may have been mended in another file than the one it is seen in
    hiding = _coverers(new, before, about)
    if hiding:
        if masking := [one for one in hiding if masks(one, new)]:
            hidden_by = masking[0].judged.check.id
            found = f"without {hidden_by}, {new.key[0]} is found: {new.failure.message}"
            reason = f"it takes away what hides another: {found}"
        verdict.blame_all(patches, reason, hiding)
        return
    if new.path in patches:
        verdict.blame(new.path, reason)
    if new.path not in patches or new.result.check.wants_context:
        # any patch of its scope may have brought it; from another scope comes what an image decides
        files = {path: one for path, one in before.reading.files.items() if path in patches}
        asking = before.reading.files.get(new.result.noun.document.file.path)
        mine = [
            path for path, one in files.items() if any(getattr(noun, "scope", None) == new.key[1] for noun in one.nouns)
        ]
        mine += [path for path in patches if asking is not None and path in asking.parts and path not in mine]
        for path in mine or patches:
            verdict.blame(path, reason)
            verdict.doubtful.add(path)


def uncovered(before: State, after: State, group: Iterable[Proposal]) -> dict[int, list[Told]]:
    """For each of the group, by its id, the new findings that were hidden by what it mends: their checks had nothing
    to say of the same resource as long as this worse fault stood there (the seccomp profile of a privileged
    container)."""
    return hidden(after.new_since(before), before, group)


def hidden(told: Iterable[Told], before: State, group: Iterable[Proposal]) -> dict[int, list[Told]]:
    """The same of findings that are known to be new."""
    group = list(group)
    found: dict[int, list[Told]] = {id(one): [] for one in group}
    about = _by_resource(group)
    for new in told:
        hiding = _coverers(new, before, about)
        said = [one for one in hiding if masks(one, new)]
        if said:
            # the gravest of them hid it
            one = max(said, key=lambda each: severity_of(each.judged.result, each.judged.failure))
            found[id(one)].append(new)
        elif len(hiding) == 1:  # of several, each is to be tried by itself
            found[id(hiding[0])].append(new)
    return found


def masks(proposal: Proposal, new: Told) -> bool:
    """Whether the new finding was there before, under what the proposal mends: its check says so. Any other that
    comes with an edit is new."""
    return proposal.judged.check.id in new.result.check.masked_by


ByResource = dict[tuple[str, object], list[Proposal]]
"""(scope, resource) -> the proposals about it."""


def _by_resource(proposals: Iterable[Proposal]) -> ByResource:
    found: ByResource = {}
    for one in proposals:
        found.setdefault(key_of(one.judged)[1:3], []).append(one)
    return found


def _coverers(new: Told, before: State, about: ByResource) -> list[Proposal]:
    """Those of the proposals that mend a fault, no less severe, which hid this new finding."""
    check, scope, resource, *_ = new.key
    path = new.result.noun.document.file.path
    if not before.was_not_applicable(check, scope, new.result.resource, path):
        return []
    near = [one for one in about.get((scope, resource), ()) if one.judged.result.noun.document.file.path == path]
    return [one for one in near if severity_of(one.judged.result, one.judged.failure) >= new.severity]
