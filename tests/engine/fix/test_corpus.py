"""Every fix of every real manifest, its proof checked by other means than those of the fixer itself: PyYAML and
physical lines tell what changed (`oracle`), and the patched tree is scanned anew."""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.engine.fix import FixPlan
from batten.engine.judge import Judged
from batten.model.edits import Set
from batten.model.settings import Settings
from batten.model.source import File
from engine.fix.oracle import objections
from engine.fix.oracle_templates import template_objections
from engine.fix.variants import VARIANTS, dress

_EVERYTHING = Settings(persona="auditor")
_SHOP = Path(__file__).resolve().parents[3] / "examples" / "webshop"
_POD = """\
apiVersion: v1
kind: Pod
# keep me
metadata:
  labels: {a: b}
  name: web
spec:
  containers:
  - name: app
    image: nginx:1.25 # and me
    securityContext:
      privileged: true
---
kind: ConfigMap
"""
_WAITS = ("run fix again", "mend them first")
"""Reasons that tell the user that a fix waits for others to be written."""


class Corpus:
    """The shared manifests, the fixes planned on them, and a copy with the fixes written."""

    def __init__(self, tree: Path, work: Path) -> None:
        self.plan: FixPlan = api.fix([str(tree)], _EVERYTHING, review=True)
        self.fixed = work / "fixed"
        shutil.copytree(tree, self.fixed, symlinks=True)
        for patch in self.plan.patches:
            place = self.fixed / patch.path
            assert place.read_bytes() == patch.before.data
            place.write_bytes(patch.after.data)
        self.again: FixPlan = api.fix([str(self.fixed)], _EVERYTHING, review=True)


@pytest.fixture(scope="module")
def corpus(shared_manifests: Path, tmp_path_factory: pytest.TempPathFactory) -> Corpus:
    return Corpus(shared_manifests, tmp_path_factory.mktemp("fixes"))


def _all(problems: Iterable[str]) -> None:
    found = sorted(problems)
    assert not found, f"{len(found)} of them:\n" + "\n".join(found[:20])


# ---------------------------------------------------------------------- the text and its values


def test_nothing_changes_but_what_the_edits_say(corpus: Corpus) -> None:
    """Values, the order of keys, lines, comments, line ends, byte order mark, final newline."""
    assert len(corpus.plan.patches) > 500, "the archives were not read"
    _all(told for patch in corpus.plan.patches for told in objections(patch))


def test_nor_does_it_where_the_files_are_written_otherwise(shared_manifests: Path, tmp_path: Path) -> None:
    """Carriage returns, byte order marks, no final newline, tabs in comments, four columns a step: another one
    for every file."""
    tree = tmp_path / "dressed"
    shutil.copytree(shared_manifests, tree, symlinks=True)
    dress(tree, 0)
    plan = api.fix([str(tree)], _EVERYTHING, review=True)
    assert len(plan.patches) > 500
    _all(told for patch in plan.patches for told in objections(patch))


def test_every_platform_of_the_example_shop(tmp_path: Path) -> None:
    """Amazon ECS and Quadlet do not occur in the shared manifests."""
    seen = set()
    for variant in range(len(VARIANTS)):
        tree = tmp_path / str(variant)
        shutil.copytree(_SHOP, tree)
        dress(tree, variant, every=True)
        plan = api.fix([str(tree)], _EVERYTHING, review=True)
        seen |= {patch.path for patch in plan.patches}
        _all(told for patch in plan.patches for told in objections(patch))
    assert {"ecs/task-definition.json", "quadlet/shop-worker.container", "api/Dockerfile", "compose.yaml"} <= seen


@pytest.mark.parametrize(
    ("old", "new", "objection"),
    [
        ("kind: Pod", "kind: Job", "the values are not those"),
        ("  - name: app", "  - name: other", "the values are not those"),
        ("# keep me", "# kept", "this line is gone"),
        (" # and me", "", "this line is gone"),
        ("  labels: {a: b}\n  name: web\n", "  name: web\n  labels: {a: b}\n", "keys stand in another order"),
        ("kind: Pod\n", "kind: Pod\r\n", "line ends changed"),
        ("apiVersion", "\ufeffapiVersion", "the byte order mark changed"),
        ("---\nkind: ConfigMap\n", "---\nkind: Secret\n", "no edit is in it"),
        ("---\nkind: ConfigMap\n", "", "2 documents became 1"),
    ],
)
def test_the_oracle_sees_what_goes_wrong(tmp_path: Path, old: str, new: str, objection: str) -> None:
    (tmp_path / "pod.yaml").write_text(_POD)
    (patch,) = api.fix([str(tmp_path)], review=True).patches
    assert objections(patch) == []
    text = patch.after.data.decode()
    assert text.count(old) == 1
    patch.after = File(patch.path, text.replace(old, new).encode())
    assert any(objection in told for told in objections(patch)), objections(patch)


@pytest.mark.parametrize(
    ("path", "old", "new", "objection"),
    [
        ("api/Dockerfile", "WORKDIR", "STOPSIGNAL 9\nWORKDIR", "more than was asked for"),
        ("api/Dockerfile", "USER 10001", "USER 0", "is not there"),
        ("ecs/task-definition.json", '"family"', '"famili"', "the values are not those"),
        ("quadlet/shop-worker.container", "Restart=always", "Restart=no", "is gone or was moved"),
        ("quadlet/shop-worker.container", "# it moves", "# It moves", "this line is gone"),
    ],
)
def test_it_sees_that_on_every_platform(tmp_path: Path, path: str, old: str, new: str, objection: str) -> None:
    shutil.copytree(_SHOP, tmp_path / "shop")
    (patch,) = [one for one in api.fix([str(tmp_path / "shop")], review=True).patches if one.path == path]
    assert objections(patch) == []
    text = patch.after.data.decode()
    assert old in text
    patch.after = File(path, text.replace(old, new, 1).encode())
    assert any(objection in told for told in objections(patch)), objections(patch)


# -------------------------------------------------------------------------------- the findings


def _key(judged: Judged) -> tuple[Any, ...]:
    finding = judged.finding
    return (finding.check, judged.file.path, str(finding.resource), judged.failure.subject)


def test_what_was_applied_is_gone_and_nothing_else_came(corpus: Corpus) -> None:
    before = Counter(_key(one) for one in corpus.plan.scan.judged)
    applied = Counter(_key(one.judged) for one in corpus.plan.proposals if one.applied and not one.lowers)
    after = Counter(_key(one) for one in corpus.again.scan.judged)
    assert applied.total() > 1000, "the archives were not read"
    stayed = [f"stayed: {key}" for key, count in applied.items() if after[key] > before[key] - count]
    came = [f"came: {key}" for key in after if after[key] > before[key]]
    lowered = Counter(_key(one.judged) for one in corpus.plan.proposals if one.applied and one.lowers)
    was, now = (
        Counter({key: sum(_RISING.index(one.finding.severity) for one in judged) for key, judged in groups.items()})
        for groups in (_grouped(corpus.plan.scan.judged), _grouped(corpus.again.scan.judged))
    )
    high = [f"as severe: {key}" for key, count in lowered.items() if now[key] > was[key] - count]
    _all([*stayed, *came, *high])


_RISING = ("info", "low", "medium", "high", "critical")


def _grouped(judged: Iterable[Judged]) -> dict[tuple[Any, ...], list[Judged]]:
    found: dict[tuple[Any, ...], list[Judged]] = {}
    for one in judged:
        found.setdefault(_key(one), []).append(one)
    return found


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


_TEMPLATE = "spec:\n  {{- if .Values.a }}\n  image: {{ .Values.image }} # mine\n  {{- end }}\n  hostPID: true\n"


@pytest.mark.parametrize(
    ("old", "new", "objection"),
    [
        ("  hostPID: true\n", "  hostPID: false\n", ""),
        ("  hostPID: true\n", "", "this line is gone"),
        (" # mine", "", "this line is gone"),
        ("{{ .Values.image }}", "{{ .Values.other }}", "actions came"),
        ("spec:\n", "spec:\n  hostIPC: true\n", "no edit asked for it"),
        ("  {{- end }}\n", "", "this line is gone"),
    ],
)
def test_the_oracle_of_templates_sees_what_goes_wrong(old: str, new: str, objection: str) -> None:
    assert _TEMPLATE.count(old) == 1
    text = _TEMPLATE.replace(old, new)
    found = list(template_objections(_TEMPLATE, text, [Set(("spec", "hostPID"), value=False)]))
    if old.strip().startswith("hostPID") and not new:
        found = list(template_objections(_TEMPLATE, text, [Set(("spec", "image"), value="x")]))
    assert any(objection in one for one in found) if objection else not found, found
