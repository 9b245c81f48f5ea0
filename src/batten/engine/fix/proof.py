"""The proof of a patch: the edited files are read and judged again in memory."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct

from batten.engine.fix.overlay import reread
from batten.engine.fix.patches import Patch, edits_by_document
from batten.engine.fix.structure import expected_value, lines_kept, same
from batten.engine.judge import Judged
from batten.engine.link import link
from batten.engine.read import FileReading, TargetReading, build_inventory
from batten.engine.run import run_checks
from batten.engine.scan import Scan
from batten.model.verdict import Failure

Key = tuple[Any, ...]


class Told(Struct, eq=False):
    """A failure of a check, as the proof counts it: no places are worked out."""

    key: Key
    path: str
    failure: Failure


def outcome(reading: TargetReading, scan: Scan) -> list[Told]:
    """What the checks of the scan say of a target."""
    inventory = link(build_inventory([reading]))
    today = scan.settings.as_of or datetime.now(UTC).date().isoformat()
    results, _ = run_checks(inventory, scan.settings, today, scan.checks)
    return [
        Told(
            (result.check.id, result.noun.scope, failure.resource or result.resource, failure.subject, path),
            path,
            failure,
        )
        for result in results
        for failure in result.failures
        for path in (failure.place.document.file.path,)
    ]


def key_of(judged: Judged) -> Key:
    # the file tells apart what has the same name in two files of one folder
    failure, finding = judged.failure, judged.finding
    return (finding.check, judged.scope, finding.resource, failure.subject, failure.place.document.file.path)


def failures(
    reading: TargetReading, patches: dict[str, Patch], before: list[Told], scan: Scan
) -> dict[str, dict[int, str]]:
    """path -> {id(proposal): reason} of the patches whose proof fails; reasons may be unattributed (0)."""
    edited = {path: patch.after for path, patch in patches.items()}
    again = reread(reading, edited, scan.settings)
    bad: dict[str, dict[int, str]] = {}
    for path, patch in patches.items():
        reason = _structure(patch, reading.files.get(path), again.files.get(path))
        if reason:
            bad[path] = {0: reason}
    after = outcome(again, scan)
    was = Counter(one.key for one in before)
    now = Counter(one.key for one in after)
    targeted = Counter(key_of(one.judged) for patch in patches.values() for one in patch.proposals)
    for path, patch in patches.items():
        for proposal in patch.proposals:
            key = key_of(proposal.judged)
            if now[key] > was[key] - targeted[key]:
                bad.setdefault(path, {})[id(proposal)] = "the finding is still there after the edit"
    for one in after:
        if now[one.key] > was[one.key]:
            path = one.path if one.path in patches else next(iter(patches), "")
            told = f"it brings a new finding: {one.key[0]} {one.failure.message}"
            bad.setdefault(path, {}).setdefault(0, told)
    return bad


def _structure(patch: Patch, old: FileReading | None, new: FileReading | None) -> str:
    """Why the edited file does not mean what it should; "" where it does."""
    if new is None:
        return "the edited file could not be read"
    if old is not None and sum(one.severe for one in new.problems) > sum(one.severe for one in old.problems):
        return f"the edited file has a new problem: {new.problems[-1].message}"
    documents = [noun.document for noun in new.nouns if noun.document.file is patch.after]
    fresh = {(type(document), getattr(document, "index", 0)): document for document in documents}
    for document, mine in edits_by_document(patch.proposals):
        again = fresh.get((type(document), getattr(document, "index", 0)))
        if again is None:
            continue  # the file is read as part of another; the findings are the proof there
        if hasattr(document, "value"):
            wanted, free = expected_value(document.value, mine)
            if not same(wanted, again.value, free):
                return "the edited document differs in more than the edit"
        elif hasattr(document, "instructions"):
            texts = [[one.text for one in side.instructions] for side in (document, again)]
            if not lines_kept(texts[0], texts[1], len(mine)):
                return "the edited file differs in more than the edit"
    return ""
