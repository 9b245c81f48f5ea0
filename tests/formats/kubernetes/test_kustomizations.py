from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings

POD = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: app, image: registry.example/web:1}]
"""
PATCH = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers: [{name: app, %s}]
"""
LISTED = "resources: [pod.yaml]\n"


def problems(folder: Path, files: dict[str, str]) -> list[tuple[str, bool]]:
    for name, text in {"pod.yaml": POD, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    [target] = api.scan([str(folder)], Settings(frameworks=("pss-baseline",))).report.targets
    return [(one.message, one.severe) for one in target.problems]


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": LISTED + "patches: [{path: patch.yaml}]\n", "patch.yaml": PATCH % "securityContext: {}"},
        {
            "kustomization.yml": LISTED + "patchesStrategicMerge: [patch.yaml]\n",
            "patch.yaml": PATCH % "privileged: true",
        },
        {"kustomization.yaml": LISTED + "patches:\n- patch: |-\n    - {op: add, path: /spec/hostPID, value: true}\n"},
        {"Kustomization": LISTED + "patchesJson6902:\n- {path: p.json}\n", "p.json": '[{"path": "/spec/hostNetwork"}]'},
        {"kustomization.yaml": LISTED + "helmCharts: [{name: redis}]\n"},
    ],
)
def test_a_kustomization_that_decides_the_verdict_is_not_passed_in_silence(tmp_path: Path, files: dict[str, str]):
    [(message, severe)] = problems(tmp_path, files)
    assert severe
    assert "kustomize build" in message


@pytest.mark.parametrize(
    "files",
    [
        {"kustomization.yaml": LISTED + "patches: [{path: patch.yaml}]\n", "patch.yaml": PATCH % "image: other"},
        {"kustomization.yaml": LISTED + "patches: [{patch: '[{op: add, path: /metadata/labels/a, value: b}]'}]\n"},
    ],
)
def test_a_patch_that_no_check_looks_at_is_worth_a_word(tmp_path: Path, files: dict[str, str]):
    [(message, severe)] = problems(tmp_path, files)
    assert not severe
    assert "holds Kustomize patches" in message


def test_a_kustomization_that_only_lists_is_not_told_of(tmp_path: Path):
    assert (
        problems(tmp_path, {"kustomization.yaml": LISTED + "namespace: shop\nimages: [{name: a, newTag: b}]\n"}) == []
    )


def test_the_verdict_of_a_framework_says_that_it_is_not_whole(tmp_path: Path):
    patch = "patches:\n- patch: |-\n    - {op: add, path: /spec/hostPID, value: true}\n"
    problems(tmp_path, {"kustomization.yaml": LISTED + patch})
    assert api.scan([str(tmp_path)], Settings(frameworks=("pss-baseline",))).report.exit_code == 3


def test_a_patch_that_is_scanned_alone_is_told_of(tmp_path: Path):
    patch = PATCH % "securityContext: {privileged: true}"
    problems(tmp_path, {"kustomization.yaml": LISTED + "patches: [{path: patch.yaml}]\n", "patch.yaml": patch})
    assert api.scan([str(tmp_path / "patch.yaml")], Settings()).report.exit_code == 3
