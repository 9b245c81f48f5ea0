"""A target that fixes are tried on: as it is with the fixes proved so far, and with more."""

from __future__ import annotations

from collections.abc import Mapping

from batten.engine.fix.overlay import Overlay, near
from batten.engine.fix.patches import Patch
from batten.engine.fix.state import State
from batten.engine.read import TargetReading
from batten.engine.scan import Scan
from batten.model.source import File


class Ground:
    """One target of a scan. `state`: with the patches that passed their proof; `edits`: the files of these."""

    def __init__(self, reading: TargetReading, scan: Scan) -> None:
        self.base = reading
        self.scan = scan
        self.state = State.scanned(reading, scan)
        self.edits: dict[str, File] = {}
        self._overlay = Overlay(reading, scan.settings)

    def with_patches(self, patches: Mapping[str, Patch], *, like: State) -> State:
        """The whole target with more patches; what is as in `like` is not judged again."""
        return State(self._overlay.read(self._edits(patches)), self.scan, like=like)

    def around(self, path: str) -> State:
        """The part of the target that the findings of one file can depend on."""
        return State(near(self.state.reading, {path}), self.scan)

    def part_with(self, part: State, patch: Patch) -> State:
        """Such a part with one patch more."""
        edits = self._edits({patch.path: patch})
        return State(self._overlay.read(edits, within=part.reading), self.scan, like=part)

    def keep(self, patches: Mapping[str, Patch], state: State) -> None:
        """These patches passed; `state` is the target with them."""
        self.edits = self._edits(patches)
        self.state = state

    def _edits(self, patches: Mapping[str, Patch]) -> dict[str, File]:
        return {**self.edits, **{path: patch.after for path, patch in patches.items()}}
