"""What is asked for, and the role of the example that lets one ask for it."""

from __future__ import annotations

from pathlib import Path

import yaml

from batten import api
from batten.model.settings import Settings
from batten.sources.cluster.kinds import Kind, wanted

ROLE = Path(__file__).parents[3] / "examples" / "cluster" / "reader.yaml"


def rules() -> list[dict[str, list[str]]]:
    (role,) = (one for one in yaml.safe_load_all(ROLE.read_text()) if one["kind"] == "ClusterRole")
    return role["rules"]  # type: ignore[no-any-return]


def test_the_role_of_the_example_has_what_is_asked_for_and_no_more():
    granted = {rule["apiGroups"][0]: rule["resources"] for rule in rules()}
    kinds = wanted({})
    assert set(granted) == set(kinds)
    for group, names in kinds.items():
        assert len(granted[group]) == len(names), group
        for name in names:
            assert any(one.startswith(name.lower()[:-1]) for one in granted[group]), (group, name)
    assert {verb for rule in rules() for verb in rule["verbs"]} == {"get", "list"}


def test_secrets_are_not_asked_for():
    assert "Secret" not in wanted({})[""]
    assert not any("secrets" in rule["resources"] for rule in rules())


def test_the_example_is_clean():
    report = api.scan([str(ROLE)], Settings(persona="auditor")).report
    assert report.findings == []
    assert report.targets[0].status == "complete"


def test_kinds_are_named_as_kubectl_names_them():
    deployment = Kind("apps", "v1", "Deployment", "deployments", namespaced=True)
    rollout = Kind("argoproj.io", "v1alpha1", "Rollout", "rollouts", namespaced=True)
    pod = Kind("", "v1", "Pod", "pods", namespaced=True)
    assert [one.name for one in (deployment, rollout, pod)] == ["deployments", "rollouts.argoproj.io", "pods"]
    assert [one.right for one in (deployment, rollout, pod)] == ["deployments.apps", "rollouts.argoproj.io", "pods"]
    assert deployment.path("shop") == "/apis/apps/v1/namespaces/shop/deployments"
    assert pod.path() == "/api/v1/pods"
