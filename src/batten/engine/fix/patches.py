"""Proposals, and the patches that their edits make of a file. Nothing here judges."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Any

from msgspec import Struct, field

from batten.engine.fix.state import Key
from batten.engine.judge import Judged
from batten.engine.read import TargetReading
from batten.formats.document import TreeDocument
from batten.formats.splicing import apply
from batten.model.edits import CannotEdit, Edit, Set
from batten.model.report import Finding
from batten.model.source import Document, File, Unreadable
from batten.model.verdict import Fix


class Proposal(Struct, eq=False):
    """A finding and what the fixer makes of it. `reason` says why it is not applied."""

    judged: Judged
    edits: list[tuple[Document, Edit]] = field(default_factory=list)
    applied: bool = False
    reason: str = ""
    followed: list[Fix] = field(default_factory=list)
    """Fixes of findings that it uncovers, whose edits it was given, too."""
    along: Proposal | None = None
    """The same fix where this one's workload inherits it from: it is seen whether that mends this one, too."""
    uncovers: dict[Key, str] = field(default_factory=dict)
    """New findings that an applied fix brings to light: the fault that it mends had hidden them, and no fix
    of them could come along. Each with its check and message."""

    @property
    def finding(self) -> Finding:
        return self.judged.finding

    @property
    def paths(self) -> list[str]:
        """The files that it edits."""
        return list(dict.fromkeys(document.file.path for document, _ in self.edits))

    @property
    def lowers(self) -> bool:
        """It leaves the finding there, less severe."""
        fix = self.judged.failure.fix
        return fix is not None and fix.lowers

    def refuse(self, reason: str) -> None:
        self.applied = False
        self.reason = reason
        self.uncovers = {}

    def apply(self, later: Proposal) -> None:
        """It was mended in a later round, as `later` says."""
        self.applied, self.reason = True, ""
        self.edits, self.uncovers = later.edits, later.uncovers


class Patch(Struct, eq=False):
    """One file before and after, with the proposals that it holds. `path` is relative to its target."""

    reading: TargetReading
    path: str
    before: File
    after: File
    proposals: list[Proposal]
    structure: tuple[Any, str] | None = None
    """The proof's note: the reading of the file after that was compared, and what was wrong with it."""


def edited(reading: TargetReading, proposals: list[Proposal]) -> dict[str, Patch]:
    """The files with all these edits, by path; proposals whose edits cannot be made are refused with the reason."""
    chosen = _without_conflicts(proposals)
    while chosen:
        before = {document.file.path: document.file for one in chosen for document, _ in one.edits}
        texts: dict[str, str] = {}
        try:
            for path in before:
                texts[path] = _text(path, chosen)
        except CannotEdit as error:
            left = [one for one in chosen if _possible(one)]
            if len(left) == len(chosen):
                # each is possible, all together are not: the last one waits for the next run
                path = next(path for path in before if path not in texts)
                last = next(one for one in reversed(chosen) if path in one.paths)
                last.refuse(f"it cannot be combined with other fixes here ({error}); run fix again")
                left = [one for one in chosen if one is not last]
            chosen = left
            continue
        after = {path: text.encode("utf-8") for path, text in texts.items()}
        changed = {path for path, data in after.items() if data != before[path].data}
        idle = [one for one in chosen if changed.isdisjoint(one.paths)]
        for one in idle:
            one.refuse("the edit changes nothing")
        if not idle:
            return {
                path: Patch(
                    reading,
                    path,
                    before[path],
                    File(path, after[path], before[path].directory),
                    [one for one in chosen if path in one.paths],
                )
                for path in before
                if path in changed
            }
        chosen = [one for one in chosen if one.reason != "the edit changes nothing"]
    return {}


def mark(document: Document) -> Hashable:
    """What is the same of the readings of one document: two projects that share a file have each its own."""
    if isinstance(document, TreeDocument):
        return type(document), document.file.path, document.index
    return id(document)


def edits_by_document(proposals: Iterable[Proposal]) -> list[tuple[Document, list[Edit]]]:
    """The edits of each document, each once, in the order of the proposals."""
    found: dict[Hashable, tuple[Document, list[Edit]]] = {}
    at: dict[tuple[Hashable, Any], list[Edit]] = defaultdict(list)  # by their pointers: an edit may have no hash
    for proposal in proposals:
        for document, edit in proposal.edits:
            here = mark(document)
            if edit not in (known := at[here, edit.pointer]):
                known.append(edit)
                found.setdefault(here, (document, []))[1].append(edit)
    return list(found.values())


def proposals_of(patches: Iterable[Patch]) -> list[Proposal]:
    """Every proposal of these patches once."""
    return list({id(one): one for patch in patches for one in patch.proposals}.values())


def _text(path: str, proposals: Iterable[Proposal]) -> str:
    """The file at `path` with the edits that are of it. Raises `CannotEdit`."""
    mine = [pair for pair in edits_by_document(proposals) if pair[0].file.path == path]
    try:
        text = mine[0][0].file.text()
    except Unreadable as error:
        raise CannotEdit(error.message) from None
    return apply(text, [splice for document, edits in mine for splice in document.splices(edits)])


def _possible(proposal: Proposal) -> bool:
    try:
        for path in proposal.paths:
            _text(path, [proposal])
    except CannotEdit as error:
        proposal.refuse(str(error))
        return False
    return True


def _without_conflicts(proposals: list[Proposal]) -> list[Proposal]:
    """Two fixes that want different values at one place: the first wins, the second is refused."""
    wanted: dict[tuple[Hashable, Any], Any] = {}
    chosen = []
    for proposal in proposals:
        mine = {
            (mark(document), edit.pointer): edit.value for document, edit in proposal.edits if isinstance(edit, Set)
        }
        if any(place in wanted and wanted[place] != value for place, value in mine.items()):
            proposal.refuse("another fix sets the same value differently; run fix again")
            continue
        wanted.update(mine)
        chosen.append(proposal)
    return chosen
