"""Custom resources that hold parts of pods: what is written is judged, what is not is left open."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.formats.kubernetes.recognise import holds_containers
from batten.model.settings import Settings
from engine.support import findings, scan, write

TASK = """\
apiVersion: tekton.dev/v1
kind: Task
metadata: {name: build, namespace: ci}
spec:
  params: [{name: tag}]
  steps:
    - name: docker
      image: docker:$(params.tag)
      securityContext: {privileged: true}
    - name: quiet
      image: golang:1.25@sha256:0000000000000000000000000000000000000000000000000000000000000000
  sidecars:
    - {name: side, image: "redis:8", securityContext: {runAsUser: 0}}
  volumes: [{name: v, hostPath: {path: /var/run/docker.sock}}]
"""
PIPELINE = """\
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: all}
spec:
  tasks:
    - name: one
      taskSpec: {steps: [{name: a, image: "a:1", securityContext: {privileged: true}}]}
    - {name: two, taskRef: {name: build}}
  finally:
    - name: last
      taskSpec: {steps: [{name: b, image: "b:1", securityContext: {privileged: true}}]}
"""
RUN = """\
apiVersion: tekton.dev/v1
kind: TaskRun
metadata: {name: now}
spec:
  podTemplate: {hostNetwork: true, securityContext: {runAsUser: 0}}
  taskSpec:
    stepTemplate: {securityContext: {privileged: true}}
    steps: [{name: a, image: "a:1"}]
"""
PROMETHEUS = """\
apiVersion: monitoring.coreos.com/v1
kind: Prometheus
metadata: {name: p, namespace: monitoring}
spec:
  hostNetwork: true
  containers: [{name: a, image: "x:1", securityContext: {privileged: true}}]
"""


def checks(root: Path, text: str) -> list[tuple[str, str]]:
    done = scan(root, {"a.yaml": text})
    assert not done.report.targets[0].problems
    return sorted(
        (one.check, one.resource.container) for one in done.report.findings if one.check[:3] not in ("IMG", "PAT")
    )


def test_a_task_is_judged_by_what_it_says(tmp_path: Path) -> None:
    assert checks(tmp_path, TASK) == [("PRV001", "docker"), ("PRV003", "side"), ("PRV008", "")]


def test_the_tasks_of_a_pipeline_are_judged(tmp_path: Path) -> None:
    assert checks(tmp_path, PIPELINE) == [("PRV001", "a"), ("PRV001", "b")]


def test_a_run_brings_its_pod(tmp_path: Path) -> None:
    assert checks(tmp_path, RUN) == [("NET001", ""), ("PRV001", "stepTemplate")]


@pytest.mark.parametrize("kind", ["Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler"])
def test_an_operators_kind_is_judged_by_what_it_says(tmp_path: Path, kind: str) -> None:
    text = PROMETHEUS.replace("kind: Prometheus", f"kind: {kind}")
    assert checks(tmp_path, text) == [("NET001", ""), ("PRV001", "a")]


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("elasticsearch.k8s.elastic.co/v1|Elasticsearch", "nodeSets: [{name: a, podTemplate: {spec: POD}}]"),
        ("kibana.k8s.elastic.co/v1|Kibana", "podTemplate: {spec: POD}"),
        ("beat.k8s.elastic.co/v1beta1|Beat", "daemonSet: {podTemplate: {spec: POD}}"),
        ("agent.k8s.elastic.co/v1alpha1|Agent", "statefulSet: {podTemplate: {spec: POD}}"),
        ("serving.kserve.io/v1beta1|InferenceService", "predictor: POD"),
        ("flink.apache.org/v1beta1|FlinkDeployment", "jobManager: {podTemplate: {spec: POD}}"),
        ("actions.summerwind.dev/v1alpha1|RunnerDeployment", "template: {spec: POD}"),
    ],
)
def test_the_pods_of_operators_are_judged_by_what_is_written(tmp_path: Path, entry: str, path: str) -> None:
    """Their containers may be without an image, which the operator sets."""
    version, _, kind = entry.partition("|")
    pod = "{hostNetwork: true, containers: [{name: a, securityContext: {privileged: true}}, {name: b}]}"
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: p}}\nspec: {{{path.replace('POD', pod)}}}\n"
    assert checks(tmp_path, text) == [("NET001", ""), ("PRV001", "a")]


@pytest.mark.parametrize(
    ("version", "kind"),
    [
        ("kyverno.io/v1", "ClusterPolicy"),
        ("chainsaw.kyverno.io/v1alpha1", "Test"),
        ("mutations.gatekeeper.sh/v1", "Assign"),
    ],
)
def test_containers_that_policies_and_tests_hold_are_patterns(tmp_path: Path, version: str, kind: str) -> None:
    pattern = "{spec: {containers: [{name: '*', image: '!*:latest', securityContext: {privileged: true}}]}}"
    text = f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: p}}\nspec:\n  rules:\n  - pattern: {pattern}\n"
    assert checks(tmp_path, text) == []


def test_an_operators_kind_that_says_nothing_is_not_blamed(tmp_path: Path) -> None:
    text = PROMETHEUS.partition("  hostNetwork")[0] + "  replicas: 2\n  serviceAccountName: p\n"
    assert checks(tmp_path, text) == []


def test_the_baseline_refuses_a_privileged_step(tmp_path: Path) -> None:
    report = scan(tmp_path, {"a.yaml": TASK}, frameworks=("pss-baseline",)).report
    assert {one.check for one in report.findings} >= {"PRV001", "PRV008"}


def test_a_step_is_mended_where_it_is_written(tmp_path: Path) -> None:
    plan = api.fix([str(write(tmp_path, {"a.yaml": TASK}))], Settings(checks=("PRV001",)), review=True)
    [patch] = plan.patches
    assert b"privileged: true" not in patch.after.data


MACHINE = "apiVersion: example.com/v1\nkind: Machine\nmetadata: {name: m}\nspec:\n"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        ("  steps:\n    - name: a\n      image: a:1\n", True),
        ("  steps:\n  - image: a:1\n", True),
        ("  steps: [{name: a, image: a}]\n", True),
        ("  pod: {containers: [{name: a, image: a}]}\n", True),
        ("  initContainers: # first\n    - {name: a, image: a}\n", True),
        ("  steps:\n    - name: a\n      action: b\n", False),
        ("  containers: 3\n  image: a:1\n", False),
        ("  image: a:1\n", False),
    ],
)
def test_what_no_table_knows_is_told(tmp_path: Path, spec: str, told: bool) -> None:
    problems = scan(tmp_path, {"a.yaml": MACHINE + spec}).report.targets[0].problems
    assert ["example.com/Machine holds containers that are not judged" in one.message for one in problems] == [
        True
    ] * told


def test_what_no_table_knows_is_counted(tmp_path: Path) -> None:
    text = MACHINE + "  steps: [{name: a, image: a}]\n"
    [problem] = scan(tmp_path, {"a.yaml": f"{text}---\n{text}"}).report.targets[0].problems
    assert "2 objects of example.com/Machine hold containers" in problem.message
    assert not problem.severe


STRANGER = {
    "apiVersion": "example.com/v1",
    "kind": "Machine",
    "metadata": {"name": "m"},
    "spec": {"pod": {"containers": [{"name": "a", "image": "a:1"}]}},
}


@pytest.mark.parametrize("indent", [None, 0, 2, "\t"])
@pytest.mark.parametrize("keys", [("apiVersion", "kind"), ("kind", "apiVersion"), ("metadata", "kind", "apiVersion")])
@pytest.mark.parametrize("wrap", [dict, lambda one: {"apiVersion": "v1", "kind": "List", "items": [one]}])
def test_what_no_table_knows_is_told_in_json(
    tmp_path: Path, keys: tuple[str, ...], indent: int | str | None, wrap: Callable[[object], object]
) -> None:
    item = {key: STRANGER[key] for key in (*keys, *(key for key in STRANGER if key not in keys))}
    files = {"a.json": json.dumps(wrap(item), indent=indent)}
    for target in (tmp_path, tmp_path / "a.json"):
        write(tmp_path, files)
        report = api.scan([str(target)], Settings()).report
        [problem] = report.targets[0].problems
        assert "example.com/Machine holds containers that are not judged" in problem.message
        assert (problem.severe, report.exit_code) == (False, 0)


@pytest.mark.parametrize(
    "text", ['{"apiVersion": "example.com/v1", "kind": "Machine"}', "kind: Machine\napiVersion: a/v1\n"]
)
def test_an_object_without_containers_is_passed_over(tmp_path: Path, text: str) -> None:
    path = tmp_path / ("a.json" if text.startswith("{") else "a.yaml")
    path.write_text(text)
    report = api.scan([str(path)], Settings()).report
    assert (report.targets[0].problems, report.exit_code) == ([], 0)


def test_json_that_only_speaks_of_containers_is_no_object(tmp_path: Path) -> None:
    path = tmp_path / "template.json"
    path.write_text('{"resources": [{"apiVersion": "2021-09-01", "kind": "A", "containers": [{"image": "a:1"}]}]}')
    report = api.scan([str(path)], Settings()).report
    assert "no reader recognises this file" in report.targets[0].problems[0].message


def test_a_list_of_nothing_but_what_no_table_knows_is_told(tmp_path: Path) -> None:
    item = "{apiVersion: example.com/v1, kind: Machine, metadata: {name: m}, spec: {steps: [{image: a}]}}"
    [problem] = scan(tmp_path, {"a.yaml": f"apiVersion: v1\nkind: List\nitems:\n- {item}\n"}).report.targets[0].problems
    assert "example.com/Machine" in problem.message


def test_what_no_table_knows_is_told_in_a_list(tmp_path: Path) -> None:
    item = "{apiVersion: example.com/v1, kind: Machine, metadata: {name: m}, spec: {steps: [{image: a}]}}"
    pod = "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: 'a:1'}]}}"
    text = f"apiVersion: v1\nkind: List\nitems:\n- {item}\n- {pod}\n"
    problems = scan(tmp_path, {"a.yaml": text}).report.targets[0].problems
    assert any("example.com/Machine holds containers" in one.message for one in problems)


def test_a_few_aliases_that_name_very_much_cost_nothing() -> None:
    value: Any = {"a": 1}
    for _ in range(60):
        value = {"a": value, "b": [value, value]}
    assert not holds_containers(value)
    assert holds_containers({"x": [value, {"steps": [{"image": "a"}]}]})


def test_what_no_table_knows_is_told_of_what_a_kustomization_builds(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "resources: [a.yaml]\n",
        "a.yaml": MACHINE + "  steps: [{name: a, image: a}]\n",
    }
    problems = scan(tmp_path, files).report.targets[0].problems
    assert any("example.com/Machine holds containers" in one.message for one in problems)


def test_a_workload_whose_labels_a_controller_makes_is_not_forgotten_by_policies(tmp_path: Path) -> None:
    policy = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a, namespace: monitoring}\n"
    policy += "spec: {podSelector: {matchLabels: {app: other}}, policyTypes: [Ingress]}\n"
    assert not findings(scan(tmp_path, {"a.yaml": PROMETHEUS + "---\n" + policy}), "NET004")
