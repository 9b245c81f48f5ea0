"""Policies for Kubernetes say what the rules say; `tests/judges/test_vap.py` asks the API server's own code, too."""

import json
from functools import cache
from typing import Any

import pytest
import yaml

from batten.engine.rules.file import parse_rules
from batten.engine.rules.functions import FUNCTIONS
from batten.engine.rules.library import library
from batten.engine.rules.vap import CannotExport, export, policies_text, policy
from engine.rules.policies import rules, verdicts, workloads

LEFT_OUT = [
    ("container", "!has(container.pids_limit)", "no notion of container.pids_limit"),
    ("container", "has(container.memory_limit) && container.memory_limit > 5", "whether it is there can be asked"),
    ("container", "container.seccomp.kind == 'unconfined'", "profile.kind cannot be read"),
    ("workload", "workload.exposed", "workload.exposed cannot be read"),
    ("project", "size(project.services) > 3", "rules on project have no translation"),
]


def one(on: str, fails_if: str, **more: Any) -> Any:
    text = json.dumps({"rules": [{"id": "ACME-1", "title": "t", "on": on, "fails_if": fails_if, **more}]})
    found, problems = parse_rules(text.encode(), "r.yaml")
    assert problems == []
    return found[0]


@pytest.mark.parametrize(("on", "fails_if", "why"), LEFT_OUT)
def test_what_kubernetes_cannot_express_is_told(on: str, fails_if: str, why: str):
    exported = export([one(on, fails_if)], ["Audit"])
    assert exported.objects == []
    assert why in exported.left_out["ACME-1"]


@pytest.mark.parametrize(
    ("on", "fails_if", "told"),
    [
        ("workload", "has(workload.replicas) && workload.replicas < 2", "writes 1 into replicas"),
        ("port", "port.host > 0", "into hostPort"),
        ("container", "container.ports.exists(p, p.host > 0)", "into hostPort"),
    ],
)
def test_what_the_api_server_fills_in_before_it_asks_is_told(on: str, fails_if: str, told: str):
    exported = export([one(on, fails_if)], ["Audit"])
    assert len(exported.objects) == 2
    assert told in exported.notes["ACME-1"]
    assert export([one("container", "container.privileged")], ["Audit"]).notes == {}


def test_a_rule_for_other_platforms_is_left_out():
    with pytest.raises(CannotExport, match="for compose alone"):
        policy(one("container", "container.privileged", platforms=["compose"]))


def test_the_binding_says_what_is_done_and_the_text_is_yaml():
    exported = export([one("workload", "workload.host_network")], ["Deny", "Audit"])
    first, second = yaml.safe_load_all(policies_text(exported.objects))
    assert first["kind"] == "ValidatingAdmissionPolicy"
    assert first["spec"]["failurePolicy"] == "Fail"
    assert second["spec"] == {"policyName": "batten-acme-1", "validationActions": ["Deny", "Audit"]}
    assert second["spec"]["policyName"] == first["metadata"]["name"]
    assert first["spec"]["validations"][0]["message"] == "ACME-1: t"


@cache
def compiled(text: str) -> Any:
    return library().compile(text)


def run_policy(made: dict[str, Any], value: dict[str, Any]) -> bool:
    """Does the policy refuse the object? Its expressions are run by the library in the API server's order."""
    functions = {name: found.run for name, found in FUNCTIONS.items() if found.run is not None}
    functions["substring"] = lambda text, start, end=None: text[start:end]
    variables: dict[str, Any] = {}

    def run(text: str) -> Any:
        return compiled(text).execute(library().Context({"object": value, "variables": variables}, functions))

    for variable in made["spec"].get("variables", ()):
        variables[variable["name"]] = run(variable["expression"])
    return not run(made["spec"]["validations"][0]["expression"])


def test_policies_give_the_verdicts_of_the_rules():
    found, objects = rules(), workloads(20261128, 20)
    expected = verdicts(found, objects)
    failed = 0
    for rule, row in zip(found, expected, strict=True):
        made = policy(rule)
        for value, fails in zip(objects, row, strict=True):
            assert run_policy(made, value) is fails, (rule.form.fails_if, value)
        failed += any(row)
    assert failed > len(found) * 0.8  # most rules fail somewhere, else nothing was compared


OBJECTS = [
    ("service", "service.type == 'NodePort'", {"spec": {"type": "NodePort"}}, {"spec": {}}),
    (
        "service",
        "service.ports.exists(p, p.node_port == 30000)",
        {"spec": {"ports": [{"port": 80, "nodePort": 30000}]}},
        {"spec": {"ports": [{"port": 80}]}},
    ),
    (
        "role",
        "role.permissions.exists(p, '*' in p.verbs)",
        {"rules": [{"verbs": ["*"]}]},
        {"rules": [{"verbs": ["get"]}]},
    ),
    (
        "binding",
        "binding.role_name == 'cluster-admin' && binding.subjects.exists(s, s.namespace == '')",
        {"roleRef": {"kind": "ClusterRole", "name": "cluster-admin"}, "subjects": [{"kind": "Group", "name": "g"}]},
        {"roleRef": {"kind": "ClusterRole", "name": "view"}},
    ),
    (
        "namespace",
        "!('team' in namespace.labels)",
        {"metadata": {"name": "n"}},
        {"metadata": {"name": "n", "labels": {"team": "x"}}},
    ),
    ("service_account", "service_account.automount_token != false", {}, {"automountServiceAccountToken": False}),
    ("object", "object.name.startsWith('x')", {"metadata": {"name": "xy"}}, {"metadata": {"name": "y"}}),
]


@pytest.mark.parametrize(("on", "fails_if", "bad", "good"), OBJECTS)
def test_other_nouns_are_asked_of_the_object(on: str, fails_if: str, bad: dict[str, Any], good: dict[str, Any]):
    made = policy(one(on, fails_if))
    base = {"kind": "X", "apiVersion": "v1", "metadata": {"name": "n"}}
    assert run_policy(made, base | bad)
    assert not run_policy(made, base | good)
