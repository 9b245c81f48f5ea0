"""What a cluster gives: objects as files, controllers with what they made as one workload, nothing of the server's."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from batten import api
from batten.model.report import Report
from batten.model.settings import Settings
from sources.cluster import made
from sources.cluster.fake import (
    DEPLOYMENTS,
    NAMESPACE,
    PODS,
    Cluster,
    config,
    deployments,
    scan,
    serving,
    told,
)


def workloads(report: Report) -> list[str]:
    assert report.inventory is not None
    return [f"{one.resource.kind} {one.resource.name}" for one in report.inventory if one.noun == "workload"]


def test_controllers_and_what_they_made_are_one_workload(found: Cluster, tmp_path: Path, monkeypatch):
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert sorted(workloads(report)) == sorted(made.WORKLOADS)
    assert told(report, severe=True) == []
    for expected, message in zip(made.NOTES, told(report, severe=False), strict=True):
        assert expected in message
    assert (report.targets[0].id, report.targets[0].kind, report.targets[0].ref) == ("cluster:prod", "cluster", "prod")


def test_nothing_but_get_is_asked_and_no_secret(found: Cluster, tmp_path: Path, monkeypatch):
    scan(found, tmp_path, monkeypatch)
    assert found.methods == {"GET"}
    assert not [path for path in found.paths if "secret" in path]
    assert {one["Authorization"] for one in found.headers} == {"Bearer token-of-mine"}


def test_lists_are_read_in_chunks(found: Cluster, tmp_path: Path, monkeypatch):
    found.page = 2
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert sorted(workloads(report)) == sorted(made.WORKLOADS)
    assert found.asked().count(PODS) > 5


def test_findings_point_into_the_objects_and_are_those_of_the_file(found: Cluster, tmp_path: Path, monkeypatch):
    report = scan(found, tmp_path, monkeypatch)
    [finding] = [one for one in report.findings if one.check == "PRV001"]
    assert finding.location.path == "cluster:prod!pods/owners/intruder.yaml"
    assert finding.location.pointer == "/spec/containers/0/securityContext/privileged"
    assert finding.excerpt is not None
    assert "privileged: true" in "\n".join(finding.excerpt.lines)
    value = made.deployment("web")
    value["metadata"]["namespace"] = NAMESPACE
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "web.yaml").write_text(yaml.safe_dump(value))
    of_file = {
        one.fingerprint for one in api.scan([str(tmp_path / "files")]).report.findings if "web" in one.resource.name
    }
    of_cluster = {one.fingerprint for one in report.findings if one.resource.name == "web"}
    assert of_file <= of_cluster
    assert len(of_file) > 3


def test_what_was_last_applied_is_nowhere(found: Cluster, tmp_path: Path, monkeypatch):
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    for name in ("json", "html", "table"):
        text = api.render(report, name)
        data = text.encode() if isinstance(text, str) else text
        assert b"last-applied" not in data
        assert b"managedFields" not in data
        assert b"token-of-mine" not in data


def test_what_runs_is_not_edited(found: Cluster, tmp_path: Path, monkeypatch):
    with serving(found) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address)))
        plan = api.fix(["cluster:"], Settings(namespaces=(NAMESPACE,)), review=True)
    assert plan.patches == []
    assert any("what runs is no text: mend the manifest" in one.reason for one in plan.proposals)
    assert found.methods == {"GET"}


def test_pods_that_are_over_are_read_when_asked_for(found: Cluster, tmp_path: Path, monkeypatch):
    report = scan(found, tmp_path, monkeypatch, with_inventory=True, stopped=True)
    assert set(workloads(report)) - set(made.WORKLOADS) == {"Pod done"}


def test_a_pod_counts_as_its_deployment_where_its_replica_set_may_not_be_read(
    found: Cluster, tmp_path: Path, monkeypatch
):
    found.answers[f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"] = 403
    found.answers[DEPLOYMENTS] = deployments("web")
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "web-7d9", "uid": "1", "controller": True}
    metadata = {"name": "web-7d9-x", "namespace": NAMESPACE, "labels": {"pod-template-hash": "7d9"}}
    pod = {"metadata": {**metadata, "ownerReferences": [owner]}, "status": {"phase": "Running"}}
    pod["spec"] = deployments("web")["items"][0]["spec"]["template"]["spec"]
    found.answers[PODS] = {"kind": "PodList", "items": [pod]}
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert [one for one in workloads(report) if one.startswith(("Deployment", "Pod"))] == ["Deployment web"]


def test_an_owner_of_another_namespace_hides_nothing(found: Cluster, tmp_path: Path, monkeypatch):
    web = found.answers[DEPLOYMENTS]["items"][0]
    pod = made.owned(
        made.pod("guest", web["spec"]["template"]["spec"]), {**web, "apiVersion": "apps/v1", "kind": "Deployment"}
    )
    pod["metadata"]["namespace"] = "elsewhere"
    found.answers[PODS]["items"].append({**pod, "status": {"phase": "Running"}})
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert "Pod guest" in workloads(report)


def test_two_targets_are_compared_by_what_they_say(found: Cluster, tmp_path: Path, monkeypatch):
    value = made.deployment("web", securityContext={"capabilities": {"add": ["NET_ADMIN"]}})
    (tmp_path / "files" / "apps").mkdir(parents=True)
    (tmp_path / "files" / "apps" / "web.yaml").write_text(yaml.safe_dump(value))
    for path in [path for path in found.answers if f"/namespaces/{NAMESPACE}/" in path]:
        if path != DEPLOYMENTS:
            found.answers[path]["items"] = []
    found.answers[DEPLOYMENTS]["items"] = [
        one for one in found.answers[DEPLOYMENTS]["items"] if one["metadata"]["name"] == "web"
    ]
    with serving(found) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address)))
        difference = api.diff(str(tmp_path / "files"), "cluster:", Settings(namespaces=(NAMESPACE,)))
    assert difference.drift is not None
    assert [(one.fact, one.went) for one in difference.drift] == [("capabilities_added", ["NET_ADMIN"])]
    assert [one.check for one in difference.removed] == ["PRV005"]
    assert difference.added == []
    assert difference.kept > 3


def test_names_of_objects_make_no_paths(found: Cluster, tmp_path: Path, monkeypatch):
    found.answers[DEPLOYMENTS] = deployments("../../etc/passwd", "a\x1b[31m", "", "twice", "twice")
    for index, one in enumerate(found.answers[DEPLOYMENTS]["items"]):
        one["metadata"]["uid"] = str(index)
    report = scan(found, tmp_path, monkeypatch)
    paths = {one.location.path for one in report.findings if "deployments" in one.location.path}
    assert all("\x1b" not in path and ".." not in path.partition("!")[2].replace(".yaml", "") for path in paths)
    assert {"cluster:prod!deployments/owners/twice.yaml", "cluster:prod!deployments/owners/twice.2.yaml"} <= paths


def test_what_the_server_makes_for_itself_is_not_told(found: Cluster, tmp_path: Path, monkeypatch):
    bindings = found.answers["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"]["items"]
    assert {one["metadata"]["name"] for one in bindings} == {"cluster-admin", "system:discovery"}
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert report.inventory is not None
    assert not [one for one in report.inventory if one.noun in ("grant", "role", "identity")]


def test_whoever_is_added_to_a_binding_of_the_server_is_told(found: Cluster, tmp_path: Path, monkeypatch):
    bindings = found.answers["/apis/rbac.authorization.k8s.io/v1/clusterrolebindings"]["items"]
    (admin,) = (one for one in bindings if one["metadata"]["name"] == "cluster-admin")
    admin["subjects"].append({"kind": "ServiceAccount", "name": "default", "namespace": NAMESPACE})
    report = scan(found, tmp_path, monkeypatch)
    assert [one.message for one in report.findings if one.check == "ACC004"] == [
        "cluster-admin is bound to ServiceAccount owners/default"
    ]


def running(found: Cluster, name: str, *digests: str) -> None:
    """The pods of a workload run these images, one after the other."""
    pods = [one for one in found.answers[PODS]["items"] if one["metadata"]["name"].startswith(f"{name}-")]
    for index, pod in enumerate(pods):
        image = f"registry.example/app@sha256:{digests[index % len(digests)] * 64}"
        pod["status"]["containerStatuses"] = [
            {"name": "app", "imageID": image},
            {"name": "x", "imageID": "sha256:1"},
            7,
        ]


def test_another_image_behind_the_same_tag_is_drift_between_two_looks(found: Cluster, tmp_path: Path, monkeypatch):
    running(found, "web", "a")
    before = scan(found, tmp_path, monkeypatch, with_inventory=True)
    (tmp_path / "before.json").write_bytes(api.render(before, "json"))  # type: ignore[arg-type]
    running(found, "web", "b")
    with serving(found) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address)))
        difference = api.diff(str(tmp_path / "before.json"), "cluster:", Settings(namespaces=(NAMESPACE,)))
    assert difference.drift is not None
    assert [(one.resource.name, one.fact, one.came, one.went) for one in difference.drift] == [
        ("web", "running_digest", [f"sha256:{'b' * 64}"], [f"sha256:{'a' * 64}"])
    ]
    assert (difference.added, difference.removed) == ([], [])


def test_pods_that_run_different_images_under_one_name_are_told(found: Cluster, tmp_path: Path, monkeypatch):
    running(found, "web", "a", "b")
    report = scan(found, tmp_path, monkeypatch)
    assert [(one.path, one.message) for one in report.targets[0].problems if "different images" in one.message] == [
        (
            "cluster:prod!deployments/owners/web.yaml",
            "its pods run different images under one name (app): a tag leads elsewhere by now",
        )
    ]
    assert report.targets[0].status == "complete"


def served_kind(found: Cluster, group: str, kind: str, plural: str, *items: dict[str, object]) -> None:
    version = {"version": "v1"}
    found.answers["/apis"]["groups"].append({"name": group, "versions": [version], "preferredVersion": version})
    listed = {"name": plural, "kind": kind, "namespaced": True, "verbs": ["list"]}
    found.answers[f"/apis/{group}/v1"] = {"resources": [listed]}
    answer = {"kind": f"{kind}List", "items": list(items)}
    found.answers[f"/apis/{group}/v1/namespaces/{NAMESPACE}/{plural}"] = answer


def test_what_is_a_part_of_a_pod_alone_hides_behind_no_owner(found: Cluster, tmp_path: Path, monkeypatch):
    web = {**found.answers[DEPLOYMENTS]["items"][0], "apiVersion": "apps/v1", "kind": "Deployment"}
    value = {"metadata": {"name": "metrics", "namespace": NAMESPACE}, "spec": {"containers": [made.container()]}}
    served_kind(found, "monitoring.coreos.com", "Prometheus", "prometheuses", made.owned(value, web))
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert "Prometheus metrics" in workloads(report)


def test_a_custom_controller_with_a_pod_template_is_the_workload(found: Cluster, tmp_path: Path, monkeypatch):
    spec = {"template": {"spec": made.spec()}}
    rollout = {"metadata": {"name": "canary", "namespace": NAMESPACE, "uid": "r"}, "spec": spec}
    served_kind(found, "argoproj.io", "Rollout", "rollouts", rollout)
    owner = {**rollout, "apiVersion": "argoproj.io/v1", "kind": "Rollout"}
    generation = made.owned(made.controller("ReplicaSet", "canary-1", made.spec(), replicas=1), owner)
    generation["metadata"] |= {"namespace": NAMESPACE, "uid": "g"}
    found.answers[f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"]["items"].append(generation)
    pod = made.owned(made.pod("canary-1-x", made.spec()), generation)
    pod["metadata"]["namespace"] = NAMESPACE
    found.answers[PODS]["items"].append({**pod, "status": {"phase": "Running"}})
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert sorted(workloads(report)) == sorted([*made.WORKLOADS, "Rollout canary"])


def test_a_debug_container_in_one_pod_is_told_of_that_pod(found: Cluster, tmp_path: Path, monkeypatch):
    pods = [one for one in found.answers[PODS]["items"] if one["metadata"]["name"].startswith("web-")]
    pods[0]["spec"]["ephemeralContainers"] = [made.container("debug", "busybox:1")]
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert f"Pod {pods[0]['metadata']['name']}" in workloads(report)
    assert "Deployment web" in workloads(report)


def test_what_admission_set_in_the_pods_counts_for_their_controller(found: Cluster, tmp_path: Path, monkeypatch):
    before = scan(found, tmp_path, monkeypatch)
    assert [one for one in before.findings if one.resource.name == "agent" and one.check == "PRV002"]
    for pod in found.answers[PODS]["items"]:
        if pod["metadata"]["name"].startswith("agent-"):
            pod["spec"]["securityContext"] = {"runAsNonRoot": True, "runAsUser": 1000680000}
    after = scan(found, tmp_path, monkeypatch)
    assert not [one for one in after.findings if one.resource.name == "agent" and one.check == "PRV002"]
    assert any("daemonsets/owners/agent" in one for one in told(after, severe=False))


@pytest.mark.parametrize("plain", [True, False])
def test_of_pods_that_differ_each_kind_is_judged(found: Cluster, tmp_path: Path, monkeypatch, plain: bool):
    pods = [one for one in found.answers[PODS]["items"] if one["metadata"]["name"].startswith("web-")]
    for number, pod in enumerate(pods):
        if number or not plain:
            pod["spec"]["hostPID"] = number == 2
            pod["spec"]["containers"][0]["image"] = "registry.example/mirror/app:1"
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    names = [one for one in workloads(report) if one.startswith("Pod web-")]
    # as the template says, mirrored, mirrored with the host's processes: three kinds, or two
    assert len(names) == (2 if plain else 1)
    assert {one.resource.name for one in report.findings if one.check == "PRV011"} & {one[4:] for one in names}


CONFIG = """\
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data:
  app.properties: |
    db.url=jdbc:postgresql://db/shop
    db.password=Sup3rS3cretPw2024!
    aws_secret_access_key = wJalrXUtnFEMI/K7MDENG/bPxRfiCYzzzzzzKEYX
"""


def test_secrets_in_the_texts_of_config_maps_are_found_and_masked_as_in_files(
    found: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    value = yaml.safe_load(CONFIG)
    value["metadata"]["namespace"] = NAMESPACE
    found.answers[f"/api/v1/namespaces/{NAMESPACE}/configmaps"]["items"] = [value]
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert [one.location.line for one in report.findings if one.check == "ACC013"] == [9, 10]
    for name in ("json", "html", "table", "sarif", "markdown"):
        text = api.render(report, name)
        assert b"Sup3rS3cret" not in (text.encode() if isinstance(text, str) else text)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "config.yaml").write_text(CONFIG)
    with serving(found) as address:
        monkeypatch.setenv("KUBECONFIG", str(config(tmp_path / "config", address)))
        difference = api.diff(str(tmp_path / "files"), "cluster:", Settings(namespaces=(NAMESPACE,)))
    assert [one for one in (*difference.added, *difference.removed) if one.check == "ACC013"] == []


def test_pods_of_a_controller_that_is_to_have_none_do_not_speak_for_it(
    found: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (web,) = (one for one in found.answers[DEPLOYMENTS]["items"] if one["metadata"]["name"] == "web")
    web["spec"]["replicas"] = 0
    web["spec"]["template"]["spec"]["hostPID"] = True
    for generation in found.answers[f"/apis/apps/v1/namespaces/{NAMESPACE}/replicasets"]["items"]:
        if generation["metadata"]["name"] == "web-2":
            generation["spec"]["template"]["spec"]["hostPID"] = True
    report = scan(found, tmp_path, monkeypatch, with_inventory=True)
    assert [one for one in report.findings if one.resource.name == "web" and one.check == "PRV011"]
    assert [one for one in workloads(report) if one.startswith("Pod web-2-")]
