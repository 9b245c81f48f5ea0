"""A base that several overlays deploy is mended where that mends it in all of them."""

from pathlib import Path

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
