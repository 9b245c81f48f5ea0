"""What a fix uncovers is mended along at the first try, without a search for the fixes that hold together."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from batten import api
from batten.engine.fix.ground import Ground
from batten.model.settings import Settings
from engine.support import write

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web%d, namespace: shop}
spec:
  hostPID: true
  containers:
    - name: app
      image: registry.example/web:1
      securityContext:
        privileged: true
"""
COMPOSE = """\
services:
  web:
    image: registry.example/web:1
    privileged: true
  own:
    extends: {service: web}
    privileged: true
"""


@pytest.mark.parametrize("files", [{"a.yaml": "---\n".join(POD % one for one in range(3)), "b.yaml": POD % 3}])
def test_nothing_is_searched_for(tmp_path: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    def searched(*_: object) -> None:
        raise AssertionError("the proof of all fixes together failed")

    made: list[str] = []
    patches = Ground.patches

    def counted(self: Ground, proposals: list[object]) -> object:
        found = patches(self, proposals)  # type: ignore[arg-type]
        made.extend(found)
        return found

    monkeypatch.setattr(sys.modules["batten.engine.fix.plan"], "settle", searched)
    monkeypatch.setattr(Ground, "patches", counted)
    plan = api.fix([str(write(tmp_path, files))], Settings(), review=True)
    assert sorted(made) == ["a.yaml", "b.yaml"]
    write(tmp_path, {one.path: one.after.text() for one in plan.patches})
    left = api.scan([str(tmp_path)], Settings()).report.findings
    assert not {"PRV001", "PRV004", "PRV007", "RUN002"} & {one.check for one in left}


def test_an_extending_service_gets_nothing_that_its_base_has(tmp_path: Path) -> None:
    plan = api.fix([str(write(tmp_path, {"compose.yaml": COMPOSE}))], Settings(), review=True)
    [patch] = plan.patches
    assert patch.after.text().count("no-new-privileges:true") == 1
    assert "privileged: true" not in patch.after.text()


def test_a_fix_that_cannot_bring_along_what_it_uncovers_is_tried_alone(tmp_path: Path) -> None:
    shared = "        privileged: true\n        allowPrivilegeEscalation: &flag true\n      tty: *flag\n"
    text = (POD % 1).replace("        privileged: true\n", shared)
    plan = api.fix([str(write(tmp_path, {"a.yaml": text}))], Settings(), review=True)
    [proposal] = [one for one in plan.proposals if one.finding.check == "PRV001"]
    assert proposal.applied
    assert [told[:6] for told in proposal.uncovers.values()] == ["PRV004"]
