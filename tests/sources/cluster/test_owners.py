"""Controllers and pods as they are joined, whatever a custom resource holds where a pod template should stand."""

from __future__ import annotations

from typing import Any

import pytest

from batten.sources.cluster.kinds import Kind
from batten.sources.cluster.owners import Owners

ROLLOUT = Kind("argoproj.io", "v1alpha1", "Rollout", "rollouts", True)
REPLICA_SET = Kind("apps", "v1", "ReplicaSet", "replicasets", True)
POD = Kind("", "v1", "Pod", "pods", True)


def made(uid: str, name: str, spec: Any, owner: str = "", kind: str = "") -> dict[str, Any]:
    owners = [{"uid": owner, "kind": kind, "name": owner, "controller": True}] if owner else []
    return {"metadata": {"name": name, "namespace": "shop", "uid": uid, "ownerReferences": owners}, "spec": spec}


@pytest.mark.parametrize("odd", [{"containers": [{"name": ["x"]}]}, {"containers": 7}, {"containers": "x"}])
@pytest.mark.parametrize("volumes", [[{"name": {}}], 7, ["x"]])
def test_a_template_that_is_none_does_not_end_the_scan(odd: dict[str, Any], volumes: Any) -> None:
    owners = Owners({}, ended=False)
    template = {"template": {"spec": {**odd, "volumes": volumes}}}
    running = {"containers": [{"name": "app", "image": "registry.example/app:1"}]}
    owners.add(made("1", "web", template), ROLLOUT)
    owners.add(made("2", "web-7", template, "1", "Rollout"), REPLICA_SET)
    owners.add(made("3", "web-7-x", running, "2", "ReplicaSet"), POD)
    [root] = owners.workloads()
    assert (root.name, b"registry.example/app:1" in root.data) == ("web", True)
