"""States that take over what is the same in another one, against states that are judged whole."""

from __future__ import annotations

from collections import Counter
from functools import lru_cache
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from batten import api
from batten.engine.fix.overlay import Overlay
from batten.engine.fix.state import State
from batten.engine.scan import Scan
from batten.model.settings import Settings
from batten.model.source import File
from engine.support import POD, write

_SHOP = Path(__file__).parents[3] / "examples" / "webshop"
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: api, namespace: shop}
spec:
  selector: {matchLabels: {app: api}}
  template:
    metadata: {labels: {app: api}}
    spec:
      containers:
      - {name: api, image: registry.example/shop/api:1.0}
"""


@lru_cache
def shop() -> Scan:
    return api.scan([str(_SHOP)], Settings(as_of="2026-11-01"))


@lru_cache
def texts() -> dict[str, list[File]]:
    """path -> versions of a file: without each of its lines, as far as it is read then, and with all its fixes."""
    plan = api.fix([str(_SHOP)], Settings(as_of="2026-11-01"), review=True)
    versions: dict[str, list[File]] = {patch.path: [patch.after] for patch in plan.patches}
    for path, one in shop().readings[0].files.items():
        lines = one.file.data.splitlines(keepends=True)
        for gone in range(0, len(lines), 7):
            data = b"".join(lines[:gone] + lines[gone + 1 :])
            versions.setdefault(path, []).append(File(path, data, one.file.directory))
    return versions


def counts(state: State, scopes: set[str]) -> Counter[Any]:
    return +state.counts(scopes)


def every_scope(*states: State) -> set[str]:
    return {noun.scope for one in states for file in one.reading.files.values() for noun in file.nouns}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_what_is_taken_over_is_what_judging_anew_says(data: st.DataObject) -> None:
    scan, versions = shop(), texts()
    overlay = Overlay(scan.readings[0], scan.settings)
    state = State.scanned(scan.readings[0], scan)
    for _ in range(data.draw(st.integers(1, 3))):
        paths = data.draw(st.lists(st.sampled_from(sorted(versions)), unique=True, max_size=4))
        edited = {path: data.draw(st.sampled_from(versions[path])) for path in paths}
        former, state = state, State(overlay.read(edited), scan, like=state)
        fresh = State(Overlay(scan.readings[0], scan.settings).read(edited), scan)
        scopes = every_scope(former, fresh)
        assert counts(state, scopes) == counts(fresh, scopes)
        new = Counter(one.key for one in state.new_since(former))
        assert set(new) == {key for key, n in counts(fresh, scopes).items() if n > counts(former, scopes)[key]}


def test_a_dockerfile_decides_in_another_folder(tmp_path: Path) -> None:
    compose = "services:\n  api: {image: 'registry.example/shop/api:1.0', build: api}\n"
    dockerfile = "FROM registry.example/base:1\nUSER 1000\n"
    files = {"k8s/api.yaml": _DEPLOYMENT, "src/compose.yaml": compose, "src/api/Dockerfile": dockerfile}
    scan = api.scan([str(write(tmp_path, files))], Settings(as_of="2026-11-01"))
    before = State.scanned(scan.readings[0], scan)
    root = File("src/api/Dockerfile", b"FROM registry.example/base:1\nUSER 0\n", "src/api")
    after = State(Overlay(scan.readings[0], scan.settings).read({root.path: root}), scan, like=before)
    assert after.differing(before) == {"src", "src/api", "k8s"}
    assert ("PRV003", "k8s") in {(one.key[0], one.key[1]) for one in after.new_since(before)}


def test_a_file_is_read_once_for_each_text(tmp_path: Path) -> None:
    scan = api.scan([str(write(tmp_path, {"a.yaml": POD, "b.yaml": POD}))], Settings(as_of="2026-11-01"))
    overlay = Overlay(scan.readings[0], scan.settings)
    edits = [File("a.yaml", POD.replace("name: web", name).encode()) for name in ("name: x", "name: x", "name: y")]
    first, second, third = (overlay.read({"a.yaml": one}).files for one in edits)
    assert first["a.yaml"] is second["a.yaml"]
    assert first["a.yaml"] is not third["a.yaml"]
    assert first["b.yaml"] is third["b.yaml"] is scan.readings[0].files["b.yaml"]


def test_a_check_without_an_answer_was_not_applicable(tmp_path: Path) -> None:
    scan = api.scan([str(write(tmp_path, {"pod.yaml": POD}))], Settings(as_of="2026-11-01"))
    state = State.scanned(scan.readings[0], scan)
    (resource,) = {one.finding.resource for one in scan.judged if one.check.id == "PRV001"}
    assert state.was_not_applicable("PRV004", ".", resource, "pod.yaml")
    assert not state.was_not_applicable("PRV001", ".", resource, "pod.yaml")
    assert not state.was_not_applicable("PRV004", ".", resource, "other.yaml")


def test_a_binding_decides_in_another_folder(tmp_path: Path) -> None:
    binding = (
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: api, namespace: shop}\n"
        "roleRef: {kind: Role, name: api, apiGroup: rbac.authorization.k8s.io}\n"
        "subjects: [{kind: ServiceAccount, name: default, namespace: shop}]\n"
    )
    scan = api.scan([str(write(tmp_path, {"k8s/api.yaml": _DEPLOYMENT, "rbac/api.yaml": binding}))], Settings())
    before = State.scanned(scan.readings[0], scan)
    root = File("rbac/api.yaml", binding.replace("default", "other").encode(), "rbac")
    after = State(Overlay(scan.readings[0], scan.settings).read({root.path: root}), scan, like=before)
    assert after.differing(before) == {"rbac", "k8s"}
    assert ("ACC001", "k8s") in {(one.key[0], one.key[1]) for one in after.new_since(before)}
