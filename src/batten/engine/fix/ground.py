"""A target that fixes are tried on: as it is with the fixes proved so far, and with more."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from batten.engine.fix.overlay import Overlay, near
from batten.engine.fix.patches import Patch, Proposal, edited
from batten.engine.fix.state import State
from batten.engine.fix.structure import structure
from batten.engine.read import TargetReading
from batten.engine.scan import Scan
from batten.formats.document import TreeDocument
from batten.model.source import File


class Ground:
    """One target of a scan. `state`: with the patches that passed their proof; `edits`: the files of these."""

    def __init__(self, reading: TargetReading, scan: Scan) -> None:
        self.base = reading
        self.scan = scan
        self.state = State.scanned(reading, scan)
        self.edits: dict[str, File] = {}
        self._overlay = Overlay(reading, scan.settings)

    def patches(self, proposals: list[Proposal]) -> dict[str, Patch]:
        """The files with the edits of these proposals, by path, read and compared with the files before; proposals
        whose edits cannot be made are refused with the reason."""
        patches = edited(self.base, proposals)
        edits = self._edits(patches)
        for path, patch in patches.items():
            new = self._overlay.read_one(path, edits)
            patch.structure = (new, structure(patch, self.state.reading.files.get(path), new))
            for noun in new.nouns if new is not None else ():
                if isinstance(document := getattr(noun, "document", None), TreeDocument):  # packages have a place
                    document.forget()  # nobody asks for the value of an edited document again
        return patches

    def with_patches(self, patches: Mapping[str, Patch], *, like: State) -> State:
        """The whole target with more patches; what is as in `like` is not judged again."""
        return State(self._overlay.read(self._edits(patches)), self.scan, like=like)

    def around(self, paths: Iterable[str]) -> State:
        """The part of the target that the findings of these files can depend on."""
        return State(near(self.state.reading, set(paths)), self.scan)

    def part_with(self, part: State, patches: Mapping[str, Patch]) -> State:
        """Such a part with more patches."""
        return State(self._overlay.read(self._edits(patches), within=part.reading), self.scan, like=part)

    def keep(self, patches: Mapping[str, Patch], state: State) -> None:
        """These patches passed; `state` is the target with them."""
        self.edits = self._edits(patches)
        self.state = state

    def _edits(self, patches: Mapping[str, Patch]) -> dict[str, File]:
        return {**self.edits, **{path: patch.after for path, patch in patches.items()}}
