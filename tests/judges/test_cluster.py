"""A real kube-apiserver with etcd (`make judges`): what it gives is read, folded, compared and never written.

With `--renew` its answers become the data of the ordinary suite (tests/sources/cluster/recorded.json).
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from batten import api
from batten.engine.rules.vap import export
from batten.model.report import Report
from batten.model.settings import Settings
from engine.rules.policies import rules, verdicts
from engine.rules.policies import workloads as workloads_of
from engine.rules.test_vap import one
from judges.kube import JANE, JUDGE, NOBODY, Kube, objects_in, running
from sources.cluster import made

ROOT = Path(__file__).parents[2]
RECORDED = ROOT / "tests" / "sources" / "cluster" / "recorded.json"
WEBSHOP = ROOT / "examples" / "webshop" / "kubernetes"
SETTINGS = Settings(as_of="2026-11-01")

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGE.exists(), reason="the judge is not built: make judges"),
]


@pytest.fixture(scope="module")
def kube(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kube]:
    with running(tmp_path_factory.mktemp("kube")) as found:
        yield found


@pytest.fixture(autouse=True)
def _as_administrator(kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig(tmp_path / "config")))


def scan(*namespaces: str, **more: Any) -> Report:
    return api.scan(["cluster:"], Settings(as_of="2026-11-01", namespaces=namespaces, **more)).report


def told(report: Report, *, severe: bool) -> list[str]:
    return [one.message for one in report.targets[0].problems if one.severe is severe]


def workloads(report: Report) -> list[str]:
    assert report.inventory is not None
    return [f"{one.resource.kind} {one.resource.name}" for one in report.inventory if one.noun == "workload"]


# ---------------------------------------------------------------------------------------- drift


def applied(kube: Kube, folder: Path, paths: list[Path], namespace: str) -> tuple[str, int]:
    """A folder with what the server took of these files."""
    kube.namespace(namespace)
    taken, _ = kube.apply(paths, namespace)
    folder.mkdir()
    (folder / "all.yaml").write_text(yaml.safe_dump_all(taken))
    return str(folder), len(taken)


def test_a_manifest_that_was_applied_has_not_drifted(kube: Kube, tmp_path: Path):
    folder, count = applied(kube, tmp_path / "shop", sorted(WEBSHOP.glob("*.yaml")), "webshop")
    assert count > 10
    for namespaces in ((), ("shop",)):
        found = api.diff(folder, "cluster:", Settings(as_of="2026-11-01", namespaces=namespaces))
        assert (found.drift, found.added, found.removed, found.partial) == ([], [], [], [])
        assert found.kept > 40
    # the shop gives all rights to everybody who is logged in: not what other tests want
    kube.client.delete("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/shop-ci").raise_for_status()


def is_placed(value: dict[str, Any]) -> bool:
    """Whether it says its namespace, or that something that is not there owns it."""
    metadata = value.get("metadata") or {}
    return "namespace" in metadata or "ownerReferences" in metadata


@pytest.mark.shared
def test_real_manifests_that_were_applied_have_not_drifted(kube: Kube, tmp_path: Path, shared_manifests: Path):
    for number, name in enumerate(("k8s-examples", "microservices-demo", "argo-cd", "istio", "kube-prometheus")):
        paths = sorted([*(shared_manifests / name).rglob("*.yaml"), *(shared_manifests / name).rglob("*.yml")])
        # those that leave the namespace to the call, so that each of the five is alone in its own
        bare = [one for one in paths if not any(map(is_placed, objects_in(one)))]
        folder, count = applied(kube, tmp_path / name, bare, f"real-{number}")
        assert count > 5, name
        found = api.diff(folder, "cluster:", Settings(as_of="2026-11-01", namespaces=(f"real-{number}",)))
        assert found.drift == [], name


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"image": "registry.example/app:2"}, [("image", "registry.example/app:1", "registry.example/app:2", [])]),
        (
            {"securityContext": {"capabilities": {"add": ["NET_ADMIN"]}}},
            [("capabilities_added", "", "", ["NET_ADMIN"])],
        ),
        ({"ports": [{"containerPort": 81}, {"containerPort": 80}]}, [("ports", "", "", ["81/tcp"])]),
    ],
)
def test_what_was_changed_in_the_cluster_is_drift(
    kube: Kube, tmp_path: Path, patch: dict[str, Any], expected: list[tuple[str, str, str, list[str]]], request: Any
):
    namespace = f"changed-{abs(hash(request.node.name)) % 10**8}"
    (tmp_path / "web.yaml").write_text(yaml.safe_dump(made.deployment("web")))
    folder, _ = applied(kube, tmp_path / "files", [tmp_path / "web.yaml"], namespace)
    kube.client.patch(
        f"/apis/apps/v1/namespaces/{namespace}/deployments/web",
        json={"spec": {"template": {"spec": {"containers": [{"name": "app", **patch}]}}}},
        headers={"Content-Type": "application/strategic-merge-patch+json"},
    ).raise_for_status()
    found = api.diff(folder, "cluster:", Settings(as_of="2026-11-01", namespaces=(namespace,)))
    assert found.drift is not None
    assert [(one.fact, one.before, one.after, one.came) for one in found.drift] == expected


# --------------------------------------------------------------------------------------- owners


def test_controllers_and_what_they_made_are_one_workload(kube: Kube, request: Any):
    kube.namespace("owners")
    made.chains(kube.create, kube.status, "owners")
    report = scan("owners", with_inventory=True)
    assert sorted(workloads(report)) == sorted(made.WORKLOADS)
    for expected, message in zip(made.NOTES, told(report, severe=False), strict=True):
        assert expected in message
    assert told(report, severe=True) == []
    if request.config.getoption("--renew"):
        lines = [f"{json.dumps(path)}: {json.dumps(answer)}" for path, answer in answers(kube, "owners").items()]
        RECORDED.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def answers(kube: Kube, namespace: str) -> dict[str, Any]:
    """Of every question that a scan of one namespace asks; managed fields are cut to one."""
    from batten.sources.cluster.api import Api
    from batten.sources.cluster.connection import address
    from batten.sources.cluster.kinds import served
    from batten.sources.cluster.kubeconfig import access_to
    from batten.sources.cluster.reach import Reach

    found: dict[str, Any] = {}
    access = access_to("", {"KUBECONFIG": str(kube.kubeconfig(RECORDED.parent / "renewing"))}, "")
    (RECORDED.parent / "renewing").unlink()
    assert str(address(access)).startswith(kube.address)
    with Api(access) as asked:
        kinds = served(asked, {}, lambda *_: None)
    reach = Reach((namespace,))
    groups = sorted({f"/apis/{one.group}/{one.version}" if one.group else "/api/v1" for one in kinds})
    for path in ["/apis", *groups, *(each.text for kind in kinds for each, _ in reach.paths(kind))]:
        answer = kube.client.get(path).raise_for_status().json()
        items = answer.get("items")
        if isinstance(items, list):
            if answer["kind"] in ("ClusterRoleList", "ClusterRoleBindingList"):
                items[:] = [item for item in items if item["metadata"]["name"] in ("cluster-admin", "system:discovery")]
            for item in items:
                item["metadata"]["managedFields"] = item["metadata"].get("managedFields", [])[:1]
        if "resources" in answer:
            known = {one.plural for one in kinds}
            answer["resources"] = [one for one in answer["resources"] if one["name"] in known]
        if path == "/apis":
            wanted = {one.group for one in kinds}
            answer["groups"] = [group for group in answer["groups"] if group["name"] in wanted]
        found[path] = answer
    return found


# --------------------------------------------------------------------------------------- rights


def test_the_role_of_the_example_is_enough_and_without_it_every_kind_is_named_once(
    kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig(tmp_path / "nobody", NOBODY)))
    report = scan()
    assert (report.exit_code, report.targets[0].status) == (3, "failed")
    forbidden = told(report, severe=True)
    assert len(forbidden) == len(set(forbidden)) > 15
    assert all("forbidden: reading needs get and list on " in one for one in forbidden)
    assert any("deployments.apps" in one for one in forbidden)
    assert not any("secrets" in one for one in forbidden)
    with_namespaces = told(scan("default", "kube-system"), severe=True)
    assert any(one.startswith("forbidden in default, kube-system: reading needs") for one in with_namespaces)
    assert len(with_namespaces) == len(set(with_namespaces))

    for value in objects_in(ROOT / "examples" / "cluster" / "reader.yaml"):
        if value["kind"] == "ClusterRoleBinding":
            value["subjects"].append({"kind": "User", "name": "jane", "apiGroup": "rbac.authorization.k8s.io"})
        kube.create(value)
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig(tmp_path / "jane", JANE)))
    report = scan()
    assert (told(report, severe=True), report.targets[0].status) == ([], "complete")


def test_a_namespace_that_is_not_there_and_credentials_that_are_not_known(
    kube: Kube, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    report = scan("no-such")
    assert told(report, severe=True) == ["expected the namespace no-such in the cluster, found none of that name"]
    monkeypatch.setenv("KUBECONFIG", str(kube.kubeconfig(tmp_path / "stranger", "stranger-token-1")))
    report = scan()
    assert [one.partition(";")[0] for one in told(report, severe=True)] == [
        "the API server does not take these credentials (401)"
    ]
    assert report.exit_code == 3


def test_what_was_last_applied_and_what_secrets_hold_is_nowhere_in_a_report(kube: Kube):
    kube.namespace("quiet")
    kube.create(made.deployment("web", env=[{"name": "API_TOKEN", "value": "hunter2-hunter2-hunter2"}]), "quiet")
    kube.create(
        {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "s"}, "stringData": {"k": "hunter3-hunter3"}},
        "quiet",
    )
    report = scan("quiet", with_inventory=True)
    for name in ("json", "html", "sarif", "table", "markdown"):
        text = api.render(report, name)
        data = text.encode() if isinstance(text, str) else text
        assert b"hunter" not in data
        assert b"last-applied" not in data


# -------------------------------------------------------------------------------------- many


def test_ten_thousand_objects_are_read_whole(kube: Kube):  # in chunks; how long it takes: benchmarks/cluster.py
    names = [f"many-{number}" for number in range(10)]
    for name in names:
        kube.namespace(name)
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda number: made.crowd(kube.create, names[number % 10], number), range(500)))
    report = scan(*names, with_inventory=True)
    assert report.targets[0].status == "complete"
    assert len(workloads(report)) == 500


# --------------------------------------------------------------------------------------- policies


def bound(kube: Kube, rules: list[Any], namespace: str, action: str) -> None:
    """Policies and bindings as they are exported, for one namespace."""
    exported = export(rules, (action,))
    assert exported.left_out == {}
    for value in exported.objects:
        if value["kind"] == "ValidatingAdmissionPolicyBinding":
            selector = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
            value["spec"]["matchResources"] = {"namespaceSelector": selector}
        kube.create(value)


def asked(kube: Kube, namespace: str, value: dict[str, Any]) -> httpx.Response:
    path = kube.path(value["apiVersion"], value["kind"], namespace)
    return kube.client.post(path, json=value, params={"dryRun": "All"})


def wait(kube: Kube, namespace: str, value: dict[str, Any], word: str) -> httpx.Response:
    """Until the server judges by a policy that was just made."""
    for _ in range(300):
        answer = asked(kube, namespace, value)
        if word in answer.text or word in answer.headers.get("warning", ""):
            return answer
        time.sleep(0.1)
    raise AssertionError((answer.status_code, answer.text, answer.headers))


def test_an_exported_policy_refuses_what_the_rule_fails(kube: Kube):
    kube.namespace("denied")
    bound(kube, [one("container", "container.privileged", id="ACME-999")], "denied", "Deny")
    bad = made.deployment("web", securityContext={"privileged": True})
    answer = wait(kube, "denied", bad, "ACME-999")
    assert answer.status_code == 422
    assert "ACME-999: t: container app" in answer.json()["message"]
    assert asked(kube, "denied", made.deployment("web")).status_code == 201


def test_the_server_takes_every_exported_policy_and_gives_the_verdicts_of_the_rules(kube: Kube):
    found = rules()
    # of its warnings the server sends the first 4 KiB: few policies at once
    groups = {f"judged-{number}": found[number::6] for number in range(6)}
    for number, (namespace, some) in enumerate(groups.items()):
        kube.namespace(namespace)
        last = f"ACME-90{number}"  # made last: who judges by it judges by all
        bound(kube, [*some, one("workload", "true", id=last)], namespace, "Warn")
        wait(kube, namespace, made.deployment("web"), last)
    objects = workloads_of(5, 500)
    for value in objects:
        value["metadata"]["namespace"] = "judged-0"
    expected = verdicts(found, objects)
    compared = 0
    for index, value in enumerate(objects):
        fails = {rule.id for rule, row in zip(found, expected, strict=True) if row[index]}
        for namespace, some in groups.items():
            value["metadata"]["namespace"] = namespace
            answer = asked(kube, namespace, value)
            if answer.status_code != 201:  # no valid object, which is seen before policies are asked
                assert "ValidatingAdmissionPolicy" not in answer.text
                break
            warned = {rule.id for rule in some if f"{rule.id}: " in answer.headers.get("warning", "")}
            assert warned == fails & {rule.id for rule in some}, value
        else:
            compared += 1
    print(f"{len(found)} policies agree on {compared} objects")
    assert compared > 30
