"""What an editor has open, and what batten says of it. Knows no protocol: texts in, findings and edits out."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from batten import api
from batten.engine.config import ConfigError
from batten.engine.fix import FixPlan, Proposal, plan
from batten.engine.read import UNRECOGNISED, holds_secrets
from batten.engine.rooms import all_readers
from batten.engine.scan import Scan
from batten.integrations.roots import Roots
from batten.model.report import Finding
from batten.model.settings import Settings
from batten.model.source import Location, Problem
from batten.sources.interface import TargetError
from batten.sources.names import printable

_NAMES: Final = {
    "dockerfile": "Dockerfile",
    "dockercompose": "compose.yaml",
    "yaml": "untitled.yaml",
    "json": "untitled.json",
    "terraform": "untitled.tf",
    "opentofu": "untitled.tf",
}
"""Language of an editor -> the name under which a text without one is read."""


class Text(Struct, frozen=True, eq=False):
    """A document as it is in the editor. `path`: absolute; "" for one that has no file."""

    uri: str
    text: str
    version: int
    language: str = ""
    path: str = ""


class Told(Struct, frozen=True):
    """What could not be read or judged, at its place."""

    message: str
    line: int
    grave: bool
    """It is about this very text, and about a place in it."""


class Analysis(Struct, eq=False):
    """What was found in a text. `mistake`: why nothing was judged; "" where it was."""

    text: Text
    findings: list[Finding] = field(default_factory=list)
    problems: list[Told] = field(default_factory=list)
    mistake: str = ""
    scan: Scan | None = None


class FileEdit(Struct, frozen=True):
    """A file (absolute path) before and after."""

    path: str
    before: str
    after: str


class Session:
    """Judges texts. `folders`: those that the editor works in; what lies elsewhere is judged alone, by defaults."""

    def __init__(self, folders: Iterable[str] = ()) -> None:
        existing = [folder for folder in folders if os.path.isdir(folder)]
        self._roots = Roots(existing) if existing else None

    def analyse(self, text: Text, others: Sequence[Text] = ()) -> Analysis:
        """What is wrong in a text; `others`: what is open besides, saved or not."""
        path = text.path or _NAMES.get(text.language, "")
        if not path or not _wanted(path):
            return Analysis(text)
        roots = self._of(text)
        try:
            settings, root = Settings(), None
            if roots is not None:
                real = os.path.realpath(path)
                settings, root = roots.settings_for(real), roots.around(real)
            beside = {one.path: one.text for one in others if one.path and one.path != text.path}
            place = path if text.path else os.path.join(os.sep, path)
            scan = api.scan_text(place, text.text, settings, beside=beside, root=root, alone=root is None)
        except (ConfigError, TargetError) as error:
            return Analysis(text, mistake=str(error))
        target = scan.report.targets[0]
        mine = [one for one in scan.report.findings if one.location.path == target.ref and one.status == "open"]
        return Analysis(text, mine, _told(target.problems, target.ref), "", scan)

    def _of(self, text: Text) -> Roots | None:
        """The roots that the readers of a text may look at; None for those outside of them."""
        if not text.path:
            return None
        if self._roots is None:
            folder = os.path.dirname(text.path)
            return Roots([folder]) if os.path.isdir(folder) else None
        return self._roots if self._roots.holds(os.path.realpath(text.path)) else None


def _wanted(path: str) -> bool:
    """Whether some reader wants a file of that name; its content decides whether it is one."""
    shown = printable(path)
    return holds_secrets(shown) or any(reader.wants_name(shown.replace(os.sep, "/")) for reader in all_readers())


def _told(problems: Iterable[Problem], ref: str) -> list[Told]:
    """Of the text, and of the folder that it is a part of (a chart, an overlay)."""
    return [
        Told(one.message, one.line or 1 if one.path == ref else 1, one.path == ref and one.line is not None)
        for one in problems
        if not one.message.startswith(UNRECOGNISED) and (one.path == ref or ref.startswith(f"{one.path}/"))
    ]


def quick_fix(analysis: Analysis, finding: Finding) -> list[FileEdit]:
    """The edits of the fix of one finding, proved; empty where there is none."""
    if analysis.scan is None or finding.fix is None:
        return []
    planned = plan(
        analysis.scan, kinds=("safe", "review"), choose=lambda one: one.finding.fingerprint == finding.fingerprint
    )
    return _edits(planned)


def safe_fixes(analysis: Analysis) -> tuple[list[FileEdit], list[Finding]]:
    """The edits of all safe fixes, proved together, and the findings that they mend."""
    if analysis.scan is None or not any(one.fix is not None and one.fix.kind == "safe" for one in analysis.findings):
        return [], []
    planned = plan(analysis.scan, kinds=("safe",), choose=_any)
    return _edits(planned), [one.finding for one in planned.proposals if one.applied]


def _any(proposal: Proposal) -> bool:
    return True


def _edits(planned: FixPlan) -> list[FileEdit]:
    found = []
    for patch in planned.patches:
        path = patch.reading.opened.native(patch.path)
        if path is None:
            return []
        found.append(FileEdit(path, patch.before.data.decode(), patch.after.data.decode()))
    return found


def places(finding: Finding) -> Mapping[str, list[Location]]:
    """What else is to be looked at for a finding, by absolute path."""
    found: dict[str, list[Location]] = {}
    for one in finding.related:
        if os.path.isabs(one.path):
            found.setdefault(one.path, []).append(one)
    return found
