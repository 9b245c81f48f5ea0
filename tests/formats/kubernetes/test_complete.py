"""Objects that lack what they cannot be without, and files that end too early: told, never passed over."""

from __future__ import annotations

import pytest

from batten.formats.kubernetes import READER
from batten.model.source import Problem
from batten.model.workload import Workload
from formats.kubernetes.reading import made, of, read

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


ONE = "containers: [{name: a, image: b}]}\n"


def container(more: str) -> str:
    return head("v1", "Pod", f"spec: {{containers: [{{name: a, image: b, {more}}}]}}\n")


def ingress(rule: str) -> str:
    return head("networking.k8s.io/v1", "Ingress", f"spec: {{rules: [{{{rule}}}]}}\n")


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
        (head("v1", "Service", "spec: {selector: {a: b}}\n"), "ports in the Service"),
        (head("v1", "Service", "spec: {ports: [{name: http}]}\n"), "the port's number in the Service"),
        (head("networking.k8s.io/v1", "Ingress", "spec: {tls: []}\n"), "rules or a default backend in the Ingress"),
        (ingress("http: {}"), "paths in the rule of the Ingress"),
        (ingress("http: {paths: [{path: /}]}"), "a backend for the path of the Ingress"),
        (
            ingress("http: {paths: [{backend: {service: {name: a}}}]}"),
            "the port of the Service that the Ingress leads to",
        ),
        (ingress("http: {paths: [{backend: {}}]}"), "a Service with its port that the Ingress leads to"),
        (
            head("rbac.authorization.k8s.io/v1", "RoleBinding", "roleRef: {kind: Role}\n"),
            "name in the roleRef of the RoleBinding",
        ),
        (container("ports: [{name: http}]"), "containerPort in the port"),
        (container("env: [{value: a}]"), "a name of the variable"),
        (container("volumeMounts: [{name: a}]"), "mountPath of the volume that is mounted"),
        (
            head("v1", "Pod", "spec: {volumes: [{name: a, hostPath: {type: File}}], " + ONE),
            "the path of the host in the volume",
        ),
        ("apiVersion: v1\nkind: List\nmetadata: {}\n", "items in the List"),
        ("apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n", "a kind in the item of the List"),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: Pod\n", "an apiVersion in the item of the List"),
        ("apiVersion: v1\nkind: List\nitems: [null]\n", "an object in the item of the List"),
        (
            "apiVersion: apps/v1\nkind: Deployment\n",
            "metadata.name in the Deployment and a pod spec at spec.template.spec",
        ),
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
        head("v1", "Service", "spec: {ports: [{port: 80}]}\nstatus:\n"),
        head("v1", "Service", "spec: {clusterIP: None}\n"),
        head("v1", "Service", "spec: {type: ExternalName, externalName: db.example}\n"),
        head("networking.k8s.io/v1", "Ingress", "spec: {rules: [{host: a}], defaultBackend: {resource: {kind: A}}}\n"),
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
        "headless",
        "external name",
        "resource as backend",
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
    # the API server takes `env:` without a value; a line that is whole is as likely meant so
    assert problem.severe is not end.endswith("env:\n")


def test_a_document_without_a_kind_behind_others_is_told() -> None:
    (problem,) = read(f"{POD}---\napiVersion: v1\n").problems
    assert problem.message == "expected an object in each document, found one without a kind: was the file cut off?"


@pytest.mark.parametrize("text", ["foo: bar\n  baz: qux\n", "foo: [\n", "a: 'b\n"])
def test_a_document_among_objects_that_is_no_yaml_is_told(text: str) -> None:
    (problem,) = read(f"{POD}---\n{text}").problems
    assert problem.line is not None
    assert problem.line > POD.count("\n")
    assert read(f"{POD}---\nfoo: bar\n").problems == []


MANY = f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {{app: web}}
  template:
    metadata:
      labels: {{app: web}}
    spec:
      serviceAccountName: web
      containers:
        - name: web
          image: web:1
          env:
            - name: A
              valueFrom:
                secretKeyRef: {{name: a, key: b}}
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec:
  type: NodePort
  ports:
    - port: 80
---
{ingress("http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}")}"""


@pytest.mark.parametrize("size", range(1, len(MANY), 3))
def test_one_cut_is_one_line_at_most(size: int) -> None:
    assert len(read(MANY[:size]).problems) <= 1


def test_two_broken_containers_are_two_lines() -> None:
    text = head("v1", "Pod", "spec:\n  containers:\n  - name: a\n    tty: true\n  - name: b\n    tty: true\n")
    assert [problem.line for problem in read(text).problems] == [6, 8]


@pytest.mark.parametrize(
    "text", ["apiVersion: apps/v1\n", "# a\napiVersion: v1\nmetadata:\n  name: a\n", "apiVersion: v1\nki"]
)
def test_a_file_that_is_only_the_beginning_of_an_object_is_told(text: str) -> None:
    assert READER.wants(made(text))
    assert len(read(text).problems) == 1


def test_files_of_other_tools_that_say_a_version_are_none_of_ours() -> None:
    assert not READER.wants(made("apiVersion: v1\nentries: {}\n", "index.yaml"))
    assert not READER.wants(made("apiVersion: v2\n", "Chart.yaml"))
    assert read('{"apiVersion": "v1", "entries": ', "a.json").problems == []


def test_json_that_ends_before_its_kind_is_told() -> None:
    text = '{"apiVersion": "v1", '
    assert READER.wants(made(text, "a.json"))
    assert len(read(text, "a.json").problems) == 1
