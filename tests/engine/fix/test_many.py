"""Many documents in one file, each with the same faults: the number of proofs must not grow with them."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.fix.ground import Ground
from batten.formats.yaml import style

POD = """\
---
apiVersion: v1
kind: Pod
metadata: {{name: p{0}, namespace: shop}}
spec:
  containers:
  - name: web
    image: registry.example/web:1
    securityContext: {{privileged: true}}
"""


def proofs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pods: int) -> int:
    """How often the file was edited and read again for `pods` fixes that must bring others along."""
    tried = []
    patches = Ground.patches
    with monkeypatch.context() as patched:
        patched.setattr(Ground, "patches", lambda self, *more: tried.append(1) or patches(self, *more))
        (tmp_path / "pods.yaml").write_text("".join(POD.format(n) for n in range(pods)))
        plan = api.fix([str(tmp_path)], review=True)
    assert sum(one.applied for one in plan.proposals if one.finding.check == "PRV001") == pods
    assert plan.patches[0].after.text().count("allowPrivilegeEscalation: false") == pods
    return len(tried)


def test_the_number_of_proofs_does_not_grow_with_the_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert proofs(tmp_path, monkeypatch, 24) == proofs(tmp_path, monkeypatch, 3)


def test_one_that_fails_does_not_take_the_others_along(tmp_path: Path) -> None:
    anchored = POD.format(9).replace("{privileged: true}", "&shared {privileged: true}")
    anchored += "status: *shared\n"
    (tmp_path / "pods.yaml").write_text("".join(POD.format(n) for n in range(5)) + anchored)
    plan = api.fix([str(tmp_path)], review=True)
    mended = {one.finding.resource.name for one in plan.proposals if one.applied and one.finding.check == "PRV001"}  # type: ignore[union-attr]
    assert mended == {f"p{n}" for n in range(5)}


def test_a_file_is_searched_once_for_its_habits(tmp_path: Path) -> None:
    pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{0}}}\n"
    pod += "spec: {{hostPID: true, containers: [{{name: a, image: x}}]}}\n"
    (tmp_path / "pods.yaml").write_text("".join(pod.format(n) for n in range(20)))
    style._dashes_elsewhere.cache_clear()
    api.fix([str(tmp_path)], review=True)
    assert style._dashes_elsewhere.cache_info().misses <= 2
