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


SERVICE = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {type: NodePort, ports: [{port: 80}]}\n"
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: view-all}
aggregationRule: {clusterRoleSelectors: []}
rules: []
"""


def test_what_a_cluster_fills_in_is_no_change(tmp_path: Path) -> None:
    named = SERVICE.replace("port: 80", "port: 80, nodePort: 30080")
    assert changed(tmp_path / "chosen", SERVICE, named) == []
    (change,) = changed(tmp_path / "other", named, named.replace("30080", "30081"))
    assert (change.fact, change.came, change.went) == ("node_ports", ["80/tcp on 30081"], ["80/tcp on 30080"])
    rule = "rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]"
    assert changed(tmp_path / "aggregated", ROLE, ROLE.replace("rules: []", rule)) == []


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


def test_what_a_cloud_account_declares_drifts_too(tmp_path: Path) -> None:
    before = """\
resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["10.0.0.0/8"]
  }
}
resource "aws_ecr_repository" "web" {
  image_tag_mutability = "IMMUTABLE"
}
resource "aws_iam_policy" "p" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Action = "s3:GetObject", Resource = "*" }] })
}
"""
    after = before.replace("10.0.0.0/8", "0.0.0.0/0").replace("IMMUTABLE", "MUTABLE").replace("GetObject", "*")
    assert told(changed(tmp_path, before, after, ("main.tf", "main.tf"))) == [
        ("identity", "", "", ["Allow s3:* on *"], ["Allow s3:GetObject on *"]),
        ("mutable_tags", "no", "yes", [], []),
        ("rules", "", "", ["in tcp 22 0.0.0.0/0"], ["in tcp 22 10.0.0.0/8"]),
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


RUN = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: registry.example/app:1.0
    command: ["sh", "-c", "echo a\\necho b"]
    args: ["--port", "80", "--password", "hunter2", "--token=ghp_abcdefghijklmnopqrstuvwxyz0123456789"]
    env:
    - {name: DB_PASSWORD, value: s3cr3t-value}
    - {name: LEVEL, value: info}
    - {name: KEY, valueFrom: {secretKeyRef: {name: a, key: b}}}
"""
VALUES = ("hunter", "s3cr3t", "0ther", "abcdefghijkl", "info", "debug")


def compared(tmp_path: Path, before: str, after: str) -> list[Change]:
    """As `batten diff` compares two targets."""
    for name, text in (("1", before), ("2", after)):
        write(tmp_path / name, {"a.yaml": text})
    difference = api.diff(str(tmp_path / "1"), str(tmp_path / "2"), Settings(as_of="2026-11-01"))
    assert not any(value in str(difference.drift) for value in VALUES)
    return difference.drift or []


@pytest.mark.parametrize(
    ("old", "new", "fact", "came", "went", "altered"),
    [
        ("s3cr3t-value", "0ther-value", "environment", [], [], ["DB_PASSWORD"]),
        ("value: info", "value: debug", "environment", [], [], ["LEVEL"]),
        ("{name: LEVEL", "{name: MODE", "environment", ["MODE"], ["LEVEL"], []),
        ("key: b", "key: c", "environment", ["KEY from secret a/c"], ["KEY from secret a/b"], []),
        ('"80"', '"81"', "args", ["81"], ["80"], []),
        ("hunter2", "hunter3", "args", [], [], ["…", "--token=…"]),
        ("echo b", "echo c", "command", ["echo a\necho c"], ["echo a\necho b"], []),
    ],
)
def test_commands_and_variables_drift_without_a_secret_being_shown(
    tmp_path: Path, old: str, new: str, fact: str, came: list[str], went: list[str], altered: list[str]
) -> None:
    assert RUN.count(old) == 1
    (change,) = compared(tmp_path, RUN, RUN.replace(old, new))
    assert (change.fact, change.came, change.went, change.altered) == (fact, came, went, altered)


def test_another_order_of_arguments_is_a_change_and_that_of_variables_none(tmp_path: Path) -> None:
    last = '23456789"]'
    after = RUN.replace('"--port", "80", ', "").replace(last, '23456789", "--port", "80"]')
    assert last in RUN
    (change,) = compared(tmp_path / "args", RUN, after)
    assert (change.before, change.after) == ("--port 80 --password … --token=…", "--password … --token=… --port 80")
    level = "    - {name: LEVEL, value: info}\n"
    assert compared(tmp_path / "env", RUN, RUN.replace(level, "") + level) == []


def test_arguments_that_are_left_to_the_image_are_a_change(tmp_path: Path) -> None:
    line = next(one for one in RUN.splitlines(keepends=True) if "args:" in one)
    (change,) = compared(tmp_path, RUN, RUN.replace(line, ""))
    assert (change.before, change.after) == ("--port 80 --password … --token=…", "as the image says")


def test_what_a_program_takes_as_a_password_is_not_shown(tmp_path: Path) -> None:
    pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n"
    old, new = (
        f"{pod}  - {{name: web, image: 'a:1', command: [redis-cli, {words}ping]}}\n" for words in ("-a, hunter2x, ", "")
    )
    (change,) = compared(tmp_path, old, new)
    assert change.went == ["-a", "…"]


def test_a_saved_inventory_holds_no_value_and_tells_those_of_no_secret_nevertheless(tmp_path: Path) -> None:
    report = api.scan([str(write(tmp_path, {"a.yaml": RUN}))], SETTINGS).report
    container = next(one for one in report.inventory or [] if one.noun == "container")
    assert not any(value in str(container) for value in VALUES)
    assert container.values.keys() == {"environment LEVEL"}
    saved = tmp_path / "saved.json"
    data = api.render(report, "json")
    saved.write_bytes(data if isinstance(data, bytes) else data.encode())
    write(tmp_path / "now", {"a.yaml": RUN.replace("value: info", "value: debug").replace("s3cr3t", "0ther")})
    difference = api.diff(str(saved), str(tmp_path / "now"), Settings(as_of="2026-11-01"))
    assert [(one.fact, one.altered) for one in difference.drift or []] == [("environment", ["LEVEL"])]


def test_what_an_engine_takes_from_the_image_is_no_change() -> None:
    def one(platform: str, args: str | list[str]) -> ResourceFacts:
        return ResourceFacts(
            noun="container",
            resource=Resource(platform, "x", "web"),
            scope="s",
            location=Location("f", 1),
            facts={"args": args},
        )

    image = "as the image says"
    assert drift([one("compose", image)], [one("docker", ["nginx"])]) == []
    assert drift([one("docker", ["nginx"])], [one("compose", image)]) == []
    assert len(drift([one("compose", image)], [one("compose", ["nginx"])])) == 1
