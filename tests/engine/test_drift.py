"""What drifted between two inventories, in terms of the model."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.engine.drift import Change, drift
from batten.model.facts import ResourceFacts
from batten.model.settings import Settings
from batten.model.source import Location
from batten.model.workload import Resource
from engine.support import write

SETTINGS = Settings(as_of="2026-11-01", with_inventory=True)
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
  - name: app
    image: registry.example/app:1.0
    args: ["--password", "hunter2"]
    env: [{name: TOKEN, value: s3cr3t-value}]
    ports: [{containerPort: 80}]
"""


def inventory(folder: Path, text: str, name: str = "a.yaml") -> list[ResourceFacts]:
    found = api.scan([str(write(folder, {name: text}))], SETTINGS).report.inventory
    assert found is not None
    return found


def changed(tmp_path: Path, before: str, after: str, names: tuple[str, str] = ("a.yaml", "a.yaml")) -> list[Change]:
    return drift(inventory(tmp_path / "1", before, names[0]), inventory(tmp_path / "2", after, names[1]))


def told(changes: list[Change]) -> list[tuple[str, str, str, list[str], list[str]]]:
    return [(one.fact, one.before, one.after, one.came, one.went) for one in changes]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("app:1.0", "app:1.1", ("image", "registry.example/app:1.0", "registry.example/app:1.1", [], [])),
        (
            "    ports",
            "    securityContext: {capabilities: {add: [NET_ADMIN]}}\n    ports",
            ("capabilities_added", "", "", ["NET_ADMIN"], []),
        ),
        ("containerPort: 80", "containerPort: 81", ("ports", "", "", ["81/tcp"], ["80/tcp"])),
        ("spec:\n", "spec:\n  hostPID: true\n", ("host_pid", "no", "yes", [], [])),
        ("    ports", "    securityContext: {runAsUser: 5}\n    ports", ("user", "not set", "5", [], [])),
        (
            "    ports",
            "    resources: {limits: {memory: 1Gi}}\n    ports",
            ("memory_limit", "none", "1073741824", [], []),
        ),
    ],
)
def test_a_field_that_is_another_now_is_one_change(
    tmp_path: Path, old: str, new: str, expected: tuple[str, str, str, list[str], list[str]]
) -> None:
    assert old in POD
    assert told(changed(tmp_path, POD, POD.replace(old, new))) == [expected]


def test_what_is_written_in_another_way_is_the_same(tmp_path: Path) -> None:
    after = POD.replace("spec:\n", "spec:\n  hostPID: false\n").replace("name: app", "name: 'app'")
    assert changed(tmp_path / "written", POD, after) == []
    assert changed(tmp_path / "renamed", POD, POD, ("a.yaml", "other.yaml")) == []


def test_a_workload_that_came_or_went_is_one_change_with_all_its_containers(tmp_path: Path) -> None:
    two = POD + "---\n" + POD.replace("name: web", "name: api")
    (came,) = changed(tmp_path / "came", POD, two)
    assert (came.kind, came.resource.name, came.location.line) == ("added", "api", 16)
    (went,) = changed(tmp_path / "went", two, POD)
    assert (went.kind, went.resource.name) == ("removed", "api")


def test_a_container_that_came_is_told_by_itself(tmp_path: Path) -> None:
    (came,) = changed(tmp_path, POD, POD + "  - {name: side, image: b}\n")
    assert (came.kind, came.resource.container) == ("added", "side")


@pytest.mark.parametrize("namespace", [", namespace: default", ""])
def test_what_names_no_namespace_is_what_a_cluster_has_of_it(tmp_path: Path, namespace: str) -> None:
    plain = POD.replace(", namespace: shop", "")
    assert changed(tmp_path, plain, POD.replace(", namespace: shop", namespace)) == []
    assert changed(tmp_path / "other", plain, POD) == []


def test_two_of_a_name_are_not_confused(tmp_path: Path) -> None:
    plain = POD.replace(", namespace: shop", "")
    both = POD + "---\n" + POD.replace("namespace: shop", "namespace: test")
    kinds = [(one.kind, one.resource.namespace) for one in changed(tmp_path, plain, both)]
    assert kinds == [("added", "shop"), ("added", "test"), ("removed", "")]


def test_services_roles_and_policies_drift_too(tmp_path: Path) -> None:
    before = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: ClusterIP, selector: {a: b}, ports: [{port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r}
rules: [{apiGroups: [""], resources: [pods], verbs: [get]}]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec: {podSelector: {}, policyTypes: [Ingress]}
"""
    after = before.replace("ClusterIP", "LoadBalancer").replace("verbs: [get]", "verbs: [get, list]")
    after = after.replace("policyTypes: [Ingress]", "policyTypes: [Ingress], ingress: [{}]")
    assert told(changed(tmp_path, before, after)) == [
        ("permissions", "", "", ["get,list pods of core"], ["get pods of core"]),
        ("type", "ClusterIP", "LoadBalancer", [], []),
        ("ingress", "", "", ["anybody, any port"], []),
    ]


def test_a_service_of_compose_is_the_container_that_runs_of_it() -> None:
    def one(platform: str, name: str, user: str, alias: str = "") -> ResourceFacts:
        return ResourceFacts(
            noun="container",
            resource=Resource(platform, "x", name),
            scope=platform,
            location=Location("f", 1),
            facts={"user": user},
            aliases=[alias] if alias else [],
        )

    (change,) = drift([one("compose", "web", "5")], [one("docker", "shop-web-1", "0", "web")])
    assert (change.fact, change.before, change.after) == ("user", "5", "0")


def test_no_value_of_a_variable_or_an_argument_is_kept(tmp_path: Path) -> None:
    folder = write(tmp_path, {"a.yaml": POD})
    report = api.scan([str(folder)], SETTINGS).report
    kept = str(report.inventory)
    assert "TOKEN" in kept
    assert "hunter2" not in kept
    assert "s3cr3t-value" not in kept
    assert api.scan([str(folder)], Settings(as_of="2026-11-01")).report.inventory is None
