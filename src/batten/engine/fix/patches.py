"""Proposals, and the patches that their edits make of a file. Nothing here judges."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct, field

from batten.engine.fix.state import Key
from batten.engine.judge import Judged
from batten.engine.read import TargetReading
from batten.formats.splicing import apply
from batten.model.edits import CannotEdit, Edit, Set, Splice
from batten.model.report import Finding
from batten.model.source import Document, File, Unreadable


class Proposal(Struct, eq=False):
    """A finding and what the fixer makes of it. `reason` says why it is not applied."""

    judged: Judged
    edits: list[tuple[Document, Edit]] = field(default_factory=list)
    applied: bool = False
    reason: str = ""
    along: Proposal | None = None
    """The same fix where this one's workload inherits it from: it is seen whether that mends this one, too."""
    uncovers: dict[Key, str] = field(default_factory=dict)
    """New findings that an applied fix brings to light: the fault that it mends had hidden them, and no fix
    of them could come along. Each with its check and message."""

    @property
    def finding(self) -> Finding:
        return self.judged.finding

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


def edited(reading: TargetReading, path: str, proposals: list[Proposal]) -> Patch | None:
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


def edits_by_document(proposals: Iterable[Proposal]) -> list[tuple[Document, list[Edit]]]:
    """The edits of each document, each once, in the order of the proposals."""
    found: dict[int, tuple[Document, list[Edit]]] = {}
    for proposal in proposals:
        for document, edit in proposal.edits:
            _, edits = found.setdefault(id(document), (document, []))
            if edit not in edits:
                edits.append(edit)
    return list(found.values())


def _splices(proposals: Iterable[Proposal]) -> list[Splice]:
    return [splice for document, edits in edits_by_document(proposals) for splice in document.splices(edits)]


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
