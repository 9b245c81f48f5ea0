"""The updates of the plan as fixes: a pin in a lock file, a step or a base in a Dockerfile.

What an update is to change the room says that planned it (`Updates`); the proof is the hall's: the edited file is
read again, the flaws are gone from it, nothing new is said of it. What lies in an image is gone with its next build:
there the proof is that the Dockerfile says so and that no check has anything against it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct
from msgspec.structs import replace

from batten.engine.built_by import dockerfile_of
from batten.engine.check import Check
from batten.engine.fix.ground import Ground
from batten.engine.fix.patches import Patch, Proposal
from batten.engine.judge import Judged, location_of
from batten.engine.read import FileReading
from batten.engine.run import Result
from batten.formats.text import TextDocument
from batten.formats.writers import resolve
from batten.model.edits import CannotEdit, Edit, InsertBefore
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.report import Finding, FixNote, SeverityWord
from batten.model.source import Document, File, Location, Place, Pointer
from batten.model.verdict import MEDIUM, NOT_APPLICABLE, DocumentEdit, Failure, Fix
from batten.model.vulnerability import UpdateStep, Vulnerability
from batten.model.workload import Container, Resource

if TYPE_CHECKING:
    from batten.engine.fix.plan import FixPlan
    from batten.engine.scan import Scan

_STRATEGIES: Final = frozenset({6, 9})  # vulnerability management, update and patch
_WORDS: Final[tuple[SeverityWord, ...]] = ("critical", "high", "medium", "low")
_ID: Final = "update"


class Updates(Protocol):
    """`UPDATES` in a module of `<room>/fixes/`."""

    def fix_of(
        self, step: UpdateStep, packages: Iterable[Package], dockerfile: Container | None
    ) -> tuple[Fix | None, str]:
        """The edit for one step of the plan, or the reason why there is none."""

    def together(self, texts: Sequence[str]) -> str:
        """One instruction that does what these lines of a Dockerfile do; "" where there is none."""

    def images_of(self, inventory: Inventory) -> dict[str, list[Image]]:
        """Target of packages -> the images in it."""

    def flaws(self, packages: Sequence[Package], scan: Scan) -> set[tuple[str, str]] | None:
        """(identifier, name of the package) of the open flaws, aliases among them; None where nothing can be asked."""


class _Step(Struct, eq=False):
    step: UpdateStep
    proposal: Proposal
    source: Updates
    ground: Ground | None = None
    edits: tuple[tuple[Document, Edit], ...] = ()
    """Its own, as they are before it is joined with others."""


def _nothing(step: UpdateStep) -> object:
    return NOT_APPLICABLE


_CHECK: Final = Check(
    id=_ID,
    title="An update removes vulnerabilities",
    severity=MEDIUM,
    function=_nothing,  # type: ignore[arg-type]
    noun=UpdateStep,
    wants_context=False,
    platforms=(),
    persona="regular",
    group="",
    exposure=False,
    waivable=True,
    secret=False,
)
"""Stands for the plan where a finding names its check; it is no check and never runs."""


def add_updates(
    whole: FixPlan, grounds: Sequence[Ground], kinds: Sequence[str], choose: Callable[[Proposal], bool] | None
) -> None:
    """Adds a proposal for each step of the plan, and the patches of those that pass their proof.

    With `--check` nothing is added: no check asks for an update.
    """
    scan = whole.scan
    settings = scan.settings
    if not scan.report.plan or settings.checks or (settings.strategies and not _STRATEGIES & {*settings.strategies}):
        return
    steps = _steps(scan, grounds, kinds)
    whole.proposals += [one.proposal for one in steps]
    for ground in grounds:
        files: dict[str, list[_Step]] = {}
        for one in steps:
            if one.ground is ground and not one.proposal.reason and _resolved(one, choose):
                files.setdefault(one.proposal.paths[0], []).append(one)
        for path, some in files.items():
            patch = _proved(ground, path, some, scan)
            if patch is not None:
                _add(whole, patch)


def _add(whole: FixPlan, patch: Patch) -> None:
    for proposal in patch.proposals:
        proposal.applied = True
    for one in whole.patches:
        if one.reading is patch.reading and one.path == patch.path:
            one.after = patch.after
            one.proposals += patch.proposals
            return
    whole.patches.append(patch)


def _resolved(one: _Step, choose: Callable[[Proposal], bool] | None) -> bool:
    proposal = one.proposal
    fix = proposal.judged.failure.fix
    try:
        proposal.edits = resolve(fix) if fix is not None else []
    except CannotEdit as error:
        proposal.reason = str(error)
    if not proposal.reason and choose is not None and not choose(proposal):
        proposal.edits, proposal.reason = [], "not chosen"
    one.edits = tuple(proposal.edits)
    return bool(proposal.edits)


def _proved(ground: Ground, path: str, steps: Sequence[_Step], scan: Scan) -> Patch | None:
    """The patch of one file with as many of its updates as hold together; the others are refused."""
    good = _tried(ground, path, steps, scan)
    if good is None and len(steps) > 1:
        kept: list[_Step] = []
        for one in steps:
            if _tried(ground, path, [*kept, one], scan) is not None:
                kept.append(one)
        good = _tried(ground, path, kept, scan) if kept else None
    if good is not None:
        ground.keep({path: good}, ground.with_patches({path: good}, like=ground.state))
    return good


def _tried(ground: Ground, path: str, steps: Sequence[_Step], scan: Scan) -> Patch | None:
    """The patch of these updates; None where it cannot be made or its proof fails, with the reason at the last one."""
    for one in steps:
        one.proposal.reason, one.proposal.edits = "", list(one.edits)
    _join(steps)
    before = ground.state.reading.files.get(path)
    patch = ground.patches([one.proposal for one in steps]).get(path)
    if patch is None or patch.structure is None or len(patch.proposals) < len(steps):
        return None
    new, reason = patch.structure
    if not reason and (before is None or new is None):
        reason = "the edited file could not be read"
    if not reason and before is not None and new is not None:
        reason = _not_gone(steps, before, new, scan)
    if not reason:
        told = ground.with_patches({path: patch}, like=ground.state).new_since(ground.state)
        if told:
            reason = f"it brings a new finding: {told[0].key[0]} {told[0].failure.message}"
    if reason:
        steps[-1].proposal.refuse(reason)
        return None
    return patch


def _join(steps: Sequence[_Step]) -> None:
    """Lines that are put before the same instruction, and that one line can do, become that line."""
    places: dict[tuple[int, Pointer], list[tuple[_Step, InsertBefore]]] = {}
    for one in steps:
        for document, edit in one.edits if len(one.edits) == 1 else ():
            if isinstance(edit, InsertBefore):
                places.setdefault((id(document), edit.pointer), []).append((one, edit))
    for some in places.values():
        text = some[0][0].source.together([edit.text for _, edit in some]) if len(some) > 1 else ""
        for one, edit in some if text else ():
            one.proposal.edits = [(one.edits[0][0], InsertBefore(edit.pointer, text))]


def _not_gone(steps: Sequence[_Step], before: FileReading, after: FileReading, scan: Scan) -> str:
    """Why the flaws that these updates are to remove are not gone from the file; "" where they are, and no other
    came."""
    old = [noun for noun in before.nouns if isinstance(noun, Package)]
    new = [noun for noun in after.nouns if isinstance(noun, Package)]
    if not old:
        return ""  # a Dockerfile: what is in the image shows when it is built
    for one in steps:
        if any(_is(package, one.step.name, one.step.installed) for package in new):
            return f"{one.step.name} {one.step.installed} still stands in the edited file: it is named more than once"
    if len(new) != len(old):
        return "the edited file lists other packages"
    for one in steps:
        was, now = (sum(_is(package, one.step.name, one.step.to) for package in side) for side in (old, new))
        if now <= was:
            return f"the edited file does not name {one.step.name} {one.step.to}"
    flaws = steps[0].source.flaws
    there, left = flaws(old, scan), flaws(new, scan)
    if there is None or left is None:
        return ""  # what only an imported report says is as it says
    for one in steps:
        if still := sorted(flaw for flaw in one.step.removes if (flaw, one.step.name) in left):
            return f"{still[0]} is still there with {one.step.name} {one.step.to}"
    if brought := sorted(left - there):
        return f"it brings {brought[0][0]} in {brought[0][1]}"
    return ""


def _is(package: Package, name: str, version: str) -> bool:
    named = name in (package.name, *(f"{package.namespace}{mark}{package.name}" for mark in "/:"))
    return named and package.version.lstrip("v") == version.lstrip("v")


def _steps(scan: Scan, grounds: Sequence[Ground], kinds: Sequence[str]) -> list[_Step]:
    from batten.engine.rooms import all_updates

    found = []
    packages: dict[str, list[Package]] = {}
    for package in scan.inventory.of(Package):
        packages.setdefault(package.target, []).append(package)
    for source in all_updates():
        images = source.images_of(scan.inventory)
        for step in scan.report.plan:
            some = images.get(step.target, ())
            built = dockerfile_of(some[0], scan.inventory) if len(some) == 1 and step.kind != "lock" else None
            now = _now(built, grounds) if built is not None else None
            fix, reason = source.fix_of(step, packages.get(step.target, ()), now)
            ground = _ground(_documents(fix)[0], grounds) if fix is not None else None
            proposal = _step(step, fix, _refused(step, fix, reason, kinds), ground, scan)
            found.append(_Step(step, proposal, source, ground))
    return found


def _documents(fix: Fix) -> list[Document]:
    return [step.document if isinstance(step, DocumentEdit) else step.target.document for step in fix.steps]


def _ground(document: Document, grounds: Sequence[Ground]) -> Ground | None:
    """The target whose file the document is, as it was read or as it is by now."""
    for ground in grounds:
        for reading in (ground.base, ground.state.reading):
            one = reading.files.get(document.file.path)
            if one is not None and one.file is document.file:
                return ground
    return None


def _now(built: Container, grounds: Sequence[Ground]) -> Container | None:
    """The Dockerfile's container with the fixes that were proved already."""
    ground = _ground(built.document, grounds)
    if ground is None:
        return None
    path = built.document.file.path
    return next(
        (
            one
            for one in ground.state.inventory.of(Container)
            if one.platform == "dockerfile" and one.document.file.path == path and one.resource == built.resource
        ),
        None,
    )


def _step(step: UpdateStep, fix: Fix | None, reason: str, ground: Ground | None, scan: Scan) -> Proposal:
    """The step as a finding, which is what proposals are made of; none of it stands in a report."""
    document = _documents(fix)[0] if fix is not None else TextDocument(File(step.target, b""))
    place = Place(document)
    for one in fix.steps[:1] if fix is not None else ():
        place = Place(document, one.edit.pointer) if isinstance(one, DocumentEdit) else one.target.where(one.field)
    location = step.location or Location(step.target, 1)
    if step.location is None and ground is not None:
        location = replace(location_of(place), path=ground.base.opened.shown(document.file.path))
    parts = (_ID, step.target, step.kind, step.name, step.installed)
    finding = Finding(
        check=_ID,
        strategy=9,
        title=_CHECK.title,
        severity=_severity(step, scan.report.vulnerabilities),
        confidence="high",
        target=step.target,
        resource=None,
        message=step.text,
        remediation=step.command,
        location=location,
        fix=FixNote(fix.kind, fix.summary) if fix is not None else None,
        no_fix=reason,
        fingerprint=hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32],
    )
    failure = Failure(place, step.text, fix=fix, no_fix=reason)
    result = Result(_CHECK, step, Resource("", "Update", step.name), [failure])
    return Proposal(Judged(finding, failure, _CHECK, step.target, document.file, result), reason=reason)


def _refused(step: UpdateStep, fix: Fix | None, reason: str, kinds: Sequence[str]) -> str:
    """Why the step is not tried; "" where it is."""
    if fix is None:
        told = step.command in reason or "run `" in reason
        return f"{reason}; `{step.command}`" if step.command and not told else reason
    if fix.kind not in kinds:
        return "it changes what runs: review it, then use --unsafe"
    return "its edits lie in several files" if len({one.file.path for one in _documents(fix)}) > 1 else ""


def _severity(step: UpdateStep, rows: Iterable[Vulnerability]) -> SeverityWord:
    removed = {*step.removes}
    words = {row.severity for row in rows if row.target == step.target and row.id in removed}
    return next((word for word in _WORDS if word in words), "low")
