"""A base that several overlays deploy is mended where that mends it in all of them."""

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from engine.support import write

_BASE = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: registry.example/web:1
        securityContext: {runAsNonRoot: true}
"""
_FILES = {
    "base/web.yaml": _BASE,
    "base/kustomization.yaml": "resources: [web.yaml]\n",
    "live/kustomization.yaml": "resources: [../base]\nnamespace: live\n",
}
_REMOVED = """\
resources: [../base]
namespace: dev
patches:
- target: {kind: Deployment}
  patch: |-
    - op: remove
      path: /spec/template/spec/containers/0/securityContext
"""
_SETTINGS = Settings(checks=("PRV004",))


def test_all_of_them(tmp_path: Path) -> None:
    write(tmp_path, _FILES)
    (patch,) = api.fix([str(tmp_path)], _SETTINGS, review=True).patches
    assert patch.path == "base/web.yaml"


def test_one_that_takes_the_edit_away_again_is_named(tmp_path: Path) -> None:
    write(tmp_path, {**_FILES, "dev/kustomization.yaml": _REMOVED})
    plan = api.fix([str(tmp_path)], _SETTINGS, review=True)
    assert plan.patches == []
    assert {one.reason for one in plan.proposals} == {"the overlay dev takes away again what the edit writes"}


_PATCHED = {
    "base/web.yaml": _BASE.replace("        securityContext: {runAsNonRoot: true}\n", ""),
    "base/kustomization.yaml": "resources: [web.yaml]\npatches:\n- target: {kind: Deployment}\n  path: patches/%s\n",
}
_AS_YAML = """\
# who it runs as
- op: add
  path: /spec/template/spec/containers/0/securityContext
  value:
    runAsNonRoot: true  # see the handbook
    allowPrivilegeEscalation: true
"""
_AS_JSON = """\
[
  {
    "op": "add",
    "path": "/spec/template/spec/containers/0/securityContext",
    "value": {
      "runAsNonRoot": true,
      "allowPrivilegeEscalation": true
    }
  }
]
"""


@pytest.mark.parametrize(("name", "text"), [("user.yaml", _AS_YAML), ("user.json", _AS_JSON)])
def test_what_a_list_of_operations_says_is_mended_there(tmp_path: Path, name: str, text: str) -> None:
    files = {path: body % name if "%s" in body else body for path, body in _PATCHED.items()}
    write(tmp_path, {**files, f"base/patches/{name}": text})
    (patch,) = api.fix([str(tmp_path)], _SETTINGS, review=True).patches
    assert patch.path == f"base/patches/{name}"
    mended = patch.after.text()
    assert mended in (text.replace("tion: true", "tion: false"), text.replace('tion": true', 'tion": false'))
    write(tmp_path, {patch.path: mended})
    assert not api.fix([str(tmp_path)], _SETTINGS, review=True).proposals


def test_a_file_that_was_not_named_is_left_alone(tmp_path: Path) -> None:
    files = {path: body % "user.yaml" if "%s" in body else body for path, body in _PATCHED.items()}
    write(tmp_path, {**files, "base/patches/user.yaml": _AS_YAML})
    plan = api.fix([str(tmp_path / "base" / "kustomization.yaml")], _SETTINGS, review=True)
    assert plan.patches == []
    [proposal] = plan.proposals
    assert proposal.reason == "it stands in patches/user.yaml, which was not named: run fix on its folder"
