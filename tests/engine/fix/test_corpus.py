"""Every fix of every real manifest, its proof checked by other means than those of the fixer itself:
PyYAML alone reads the documents, comments are counted in the text, and the patched tree is scanned anew."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import yaml

from batten import api
from batten.engine.fix import FixPlan, Patch
from batten.engine.judge import Judged
from batten.model.edits import Append, Edit, Remove, ReplaceText, Set

_TEMPLATE = re.compile(r"\{\{|<%")
_SEPARATOR = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_COMMENT = re.compile(r"^\s*#.*")
_WAITS = ("run fix again", "mend them first")
"""Reasons that tell the user that a fix waits for others to be written."""


class Corpus:
    """The shared manifests, the fixes planned on them, and a copy with the fixes written."""

    def __init__(self, tree: Path, work: Path) -> None:
        self.plan: FixPlan = api.fix([str(tree)], review=True)
        self.fixed = work / "fixed"
        shutil.copytree(tree, self.fixed, symlinks=True)
        for patch in self.plan.patches:
            place = self.fixed / patch.path
            assert place.read_bytes() == patch.before.data
            place.write_bytes(patch.after.data)
        self.again: FixPlan = api.fix([str(self.fixed)], review=True)


@pytest.fixture(scope="module")
def corpus(shared_manifests: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus(shared_manifests, tmp_path_factory.mktemp("fixes"))


def _all(problems: Iterable[str]) -> None:
    found = sorted(problems)
    assert not found, f"{len(found)} of them:\n" + "\n".join(found[:20])


# ---------------------------------------------------------------------------------- the values


def _chunks(text: str) -> list[str]:
    """The documents of a YAML file, split at its separators; what is comments alone is none."""
    parts = _SEPARATOR.split(text.removeprefix("\ufeff"))
    return [part for part in parts if any(line.strip() and not _COMMENT.match(line) for line in part.splitlines())]


def _value(chunk: str) -> Any:
    return yaml.load(chunk, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def _flat(value: Any, where: tuple[str | int, ...] = ()) -> dict[tuple[str | int, ...], Any]:
    """pointer -> scalar, or -> kind of an empty collection."""
    if isinstance(value, dict) and value:
        return {p: v for key, one in value.items() for p, v in _flat(one, (*where, str(key))).items()}
    if isinstance(value, list) and value:
        return {p: v for index, one in enumerate(value) for p, v in _flat(one, (*where, index)).items()}
    return {where: (type(value).__name__, value if not isinstance(value, dict | list) else None)}


def _aside(flat: dict[tuple[str | int, ...], Any], free: set[tuple[str | int, ...]]) -> dict[Any, Any]:
    """What lies under none of the pointers of the edits."""
    return {p: v for p, v in flat.items() if not any(p[: len(one)] == one or one[: len(p)] == p for one in free)}


def _touched(edit: Edit) -> set[tuple[str | int, ...]]:
    """The pointers that an edit may change; a removed item moves those behind it, a removed key may take
    its parent along."""
    if isinstance(edit, Set | Append | ReplaceText):
        return {edit.pointer}
    if isinstance(edit, Remove):
        return {edit.pointer if isinstance(edit.pointer[-1], str) else edit.pointer[:-1]}
    return set()


def _disturbed(patch: Patch) -> list[str]:
    """Documents whose values changed where no edit is."""
    edits: dict[int, set[tuple[str | int, ...]]] = {}
    for proposal in patch.proposals:
        for document, edit in proposal.edits:
            edits.setdefault(getattr(document, "index", 0), set()).update(_touched(edit))
    before, after = _chunks(patch.before.data.decode()), _chunks(patch.after.data.decode())
    if len(before) != len(after):
        return [f"{patch.path}: {len(before)} documents became {len(after)}"]
    found = []
    for index, (old, new) in enumerate(zip(before, after, strict=True)):
        if old == new:
            continue
        if index not in edits:
            found.append(f"{patch.path}: document {index} was changed, and no edit is in it")
        elif _aside(_flat(_value(old)), edits[index]) != _aside(_flat(_value(new)), edits[index]):
            found.append(f"{patch.path}: document {index} changed outside its edits")
    return found


def test_values_that_no_edit_names_are_those_of_before(corpus: Corpus) -> None:
    patches = [one for one in corpus.plan.patches if one.path.endswith((".yaml", ".yml", ".json"))]
    plain = [one for one in patches if not _TEMPLATE.search(one.before.data.decode())]
    assert len(plain) > 300, "the archives were not read"
    _all(told for patch in plain for told in _disturbed(patch))


def test_no_line_is_lost_that_no_edit_removes(corpus: Corpus) -> None:
    """Line by line: of a file whose edits only set or append, as many old lines are gone at most as there
    are edits (each may replace one line)."""
    told = []
    for patch in corpus.plan.patches:
        edits = [edit for proposal in patch.proposals for _, edit in proposal.edits]
        if any(isinstance(edit, Remove | ReplaceText) for edit in edits):
            continue
        gone = Counter(patch.before.data.split(b"\n")) - Counter(patch.after.data.split(b"\n"))
        if gone.total() > len(edits):
            told.append(f"{patch.path}: {gone.total()} lines gone with {len(edits)} edits: {list(gone)[:3]}")
    _all(told)


# ------------------------------------------------------------------------------------ the text


def test_comments_stay(corpus: Corpus) -> None:
    """A comment on a line of its own goes with nothing, except inside a block that is removed whole."""
    told = []
    for patch in corpus.plan.patches:
        old, new = (Counter(_own_comments(side.data.decode())) for side in (patch.before, patch.after))
        removes = any(isinstance(edit, Remove | ReplaceText) for one in patch.proposals for _, edit in one.edits)
        lost = old - new
        if lost and not removes:
            told.append(f"{patch.path}: {list(lost)[:3]}")
    _all(told)


def _own_comments(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if _COMMENT.match(line)]


def test_line_ends_the_byte_order_mark_and_the_final_newline_stay(corpus: Corpus) -> None:
    told = []
    for patch in corpus.plan.patches:
        old, new = patch.before.data, patch.after.data
        if old.endswith(b"\n") != new.endswith(b"\n"):
            told.append(f"{patch.path}: the final newline")
        if old.startswith(b"\xef\xbb\xbf") != new.startswith(b"\xef\xbb\xbf"):
            told.append(f"{patch.path}: the byte order mark")
        lone = [side.count(b"\n") - side.count(b"\r\n") for side in (old, new)]
        unmixed = lone[0] or b"\r\n" not in old or not lone[1]
        if (b"\r\n" in new) != (b"\r\n" in old) or not unmixed:
            told.append(f"{patch.path}: line ends")
    _all(told)


# -------------------------------------------------------------------------------- the findings


def _key(judged: Judged) -> tuple[Any, ...]:
    finding = judged.finding
    return (finding.check, judged.file.path, str(finding.resource), judged.failure.subject)


def test_what_was_applied_is_gone_and_nothing_else_came(corpus: Corpus) -> None:
    before = Counter(_key(one) for one in corpus.plan.scan.judged)
    applied = Counter(_key(one.judged) for one in corpus.plan.proposals if one.applied)
    after = Counter(_key(one) for one in corpus.again.scan.judged)
    assert applied.total() > 1000, "the archives were not read"
    stayed = [f"stayed: {key}" for key, count in applied.items() if after[key] > before[key] - count]
    came = [f"came: {key}" for key in after if after[key] > before[key]]
    _all([*stayed, *came])


def test_no_new_problem_came(corpus: Corpus) -> None:
    old, new = (
        Counter(
            (one.path.rpartition("/")[2], one.message) for target in plan.scan.report.targets for one in target.problems
        )
        for plan in (corpus.plan, corpus.again)
    )
    _all(map(str, new - old))


def test_a_second_run_has_nothing_left_to_apply(corpus: Corpus) -> None:
    """But for the few of which the first run says that they wait for others."""
    waiting = [one for one in corpus.plan.proposals if any(told in one.reason for told in _WAITS)]
    later = {_key(one.judged) for one in waiting}
    assert len(later) < 10
    _all(
        f"{one.finding.location.path}:{one.finding.location.line} {one.finding.check} {one.finding.message}"
        for one in corpus.again.proposals
        if one.applied and _key(one.judged) not in later
    )


def test_every_finding_that_stays_says_why(corpus: Corpus) -> None:
    _all(str(_key(one.judged)) for one in corpus.plan.proposals if not one.applied and not one.reason)
