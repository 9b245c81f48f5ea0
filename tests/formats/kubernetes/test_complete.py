"""Objects that lack what they cannot be without, and files that end too early: told, never passed over."""

from __future__ import annotations

import pytest

from batten.model.source import Problem
from batten.model.workload import Workload
from formats.kubernetes.reading import of, read

CUT = ": the file was cut off, or this is a part of an object"
POD = """\
apiVersion: v1
kind: Pod
metadata:
  name: p
spec:
  containers:
  - name: a
    image: b:1
    ports:
    - containerPort: 80
    securityContext:
      privileged: false
"""


def head(version: str, kind: str, rest: str = "", name: str = "x") -> str:
    return f"apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\n{rest}"


def messages(text: str) -> list[str]:
    problems = read(text).problems
    assert all(problem.severe for problem in problems)
    return [problem.message for problem in problems]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        (head("v1", "Service"), "spec in the Service"),
        (head("networking.k8s.io/v1", "NetworkPolicy"), "spec in the NetworkPolicy"),
        (head("gateway.networking.k8s.io/v1", "HTTPRoute"), "spec in the HTTPRoute"),
        (head("rbac.authorization.k8s.io/v1", "RoleBinding"), "roleRef in the RoleBinding"),
        (head("rbac.authorization.k8s.io/v1", "Role", "rules: [{apiGroups: ['']}]\n"), "verbs in the rule of the Role"),
        (head("v1", "Pod", "spec: {}\n"), "containers at spec.containers"),
        (head("v1", "Pod", "spec: {containers: [{name: a}]}\n"), "an image for the container a"),
        (
            head("apps/v1", "Deployment", "spec: {template: {spec: {containers: []}}}\n"),
            "containers at spec.template.spec.containers",
        ),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n", "metadata.name in the ConfigMap"),
    ],
)
def test_what_is_missing_is_told(text: str, what: str) -> None:
    assert messages(text) == [f"expected {what}, found none{CUT}"]


@pytest.mark.parametrize(
    "text",
    [
        POD,
        "apiVersion: v1\nkind: Pod\nmetadata: {generateName: p-}\nspec: {containers: [{name: a, image: b}]}\n",
        head("rbac.authorization.k8s.io/v1", "ClusterRole", "aggregationRule: {}\nrules:\n") + "# made by hand\n",
        head("v1", "Pod", "spec: {containers: [{name: a, image: b}, {name: istio-proxy}]}\n"),
        head("v1", "ConfigMap", "data:\n  a: |\n    key:\n"),
        head("v1", "Service", "spec: {ports: []}\nstatus:\n"),
        head("networking.k8s.io/v1", "NetworkPolicy", "spec:\n  podSelector:\n"),
        head("v1", "ConfigMap", "data:\n  A:\n"),
        head("v1", "Config"),
        head("apps/v1", "Gadget"),
    ],
    ids=[
        "pod",
        "generated name",
        "aggregated",
        "injected",
        "text",
        "status",
        "all pods",
        "entry",
        "kubeconfig",
        "stranger",
    ],
)
def test_what_is_whole_is_no_problem(text: str) -> None:
    assert messages(text) == []


@pytest.mark.parametrize(
    ("found", "meant"), [("Deploy", "Deployment"), ("Deployement", "Deployment"), ("ReplicatSet", "ReplicaSet")]
)
def test_a_kind_that_is_a_slip_is_told_with_what_was_meant(found: str, meant: str) -> None:
    reading = read(head("apps/v1", found, "spec: {template: {spec: {containers: [{name: a, image: b}]}}}\n"))
    message = f"expected a kind of apps/v1, found {found}, which is none and is not judged: {meant}?"
    assert reading.problems == [Problem(reading.problems[0].path, message, 2)]
    assert of(reading, Workload) == []


@pytest.mark.parametrize("line", range(1, POD.count("\n") + 1))
def test_a_pod_that_ends_after_any_line_is_told_unless_it_is_whole(line: int) -> None:
    lines = POD.splitlines(keepends=True)
    text = "".join(lines[:line])
    reading = read(text)
    whole = lines[line - 1].strip() in {"image: b:1", "- containerPort: 80", "privileged: false"}
    if "kind" in text and "name: p" in text:
        assert bool(reading.problems) is not whole
    elif "kind" in text:
        assert reading.problems


@pytest.mark.parametrize(
    ("end", "what"),
    [
        ("    env:\n", "the last key, env"),
        ("    env:", "the last key, env"),
        ("    args:\n    -", "the last item of args"),
        ("    env:\n    - name: A\n      valueFrom:\n\n", "the last key, valueFrom"),
    ],
)
def test_an_end_without_a_value_is_told(end: str, what: str) -> None:
    (problem,) = read(POD + end).problems
    message = f"expected a value of {what}, found the end of the file: was it cut off?"
    assert (problem.message, problem.line) == (message, (POD + end).rstrip().count("\n") + 1)


def test_a_document_without_a_kind_behind_others_is_told() -> None:
    (problem,) = read(f"{POD}---\napiVersion: v1\n").problems
    assert problem.message == "expected an object in each document, found one without a kind: was the file cut off?"


@pytest.mark.parametrize("text", ["foo: bar\n  baz: qux\n", "foo: [\n", "a: 'b\n"])
def test_a_document_among_objects_that_is_no_yaml_is_told(text: str) -> None:
    (problem,) = read(f"{POD}---\n{text}").problems
    assert problem.line is not None
    assert problem.line > POD.count("\n")
    assert read(f"{POD}---\nfoo: bar\n").problems == []
