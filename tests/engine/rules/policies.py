"""Rules, objects and the verdicts of rules on them: what exported policies are held against."""

from __future__ import annotations

import json
import random
from typing import Any

from batten.engine.rules.examples import MemoryTarget
from batten.engine.rules.file import parse_rules
from batten.engine.rules.registry import check_of
from batten.engine.rules.rule import Rule
from batten.engine.run import run_checks
from batten.engine.scan import scan_targets
from batten.model.settings import Settings
from frameworks.pss_pods import random_pod

IMAGES = (
    "nginx",
    "nginx:latest",
    "library/nginx:1.27",
    "registry.example/app:1",
    "registry.example:5000/a/b",
    "localhost/x:y",
    "index.docker.io/library/nginx:1",
    "ghcr.io/a/b/c:v1@sha256:" + "a" * 64,
    "a/b@sha256:" + "b" * 64,
)
EXPRESSIONS = {
    "container": (
        "container.privileged",
        "container.privilege_escalation",
        "!container.read_only_root",
        "has(container.user.uid) && container.user.uid < 1000",
        "container.user.uid == null",
        "container.user.is_root",
        "container.user.may_be_root",
        "!container.user.must_not_be_root",
        "container.capabilities.add.exists(c, c in ['SYS_ADMIN', 'NET_ADMIN'])",
        "!container.capabilities.drops_all",
        "size(container.capabilities.drop) > 1",
        "!has(container.memory_limit)",
        "container.cpu_limit == null",
        "container.mounts.exists(m, m.target == '/host' && !m.read_only)",
        "container.mounts.exists(m, has(m.source) && m.source.startsWith('/var'))",
        "container.ports.exists(p, p.host != 0 && p.protocol == 'tcp')",
        "container.environment.exists(e, has(e.value) && e.value == 'debug')",
        "has(container.command) && container.command == ['sh']",
        "container.name.matches('^[ae]') || workload.host_network",
        "has(container.image) && container.image.tag == ''",
        "container.platform != 'kubernetes'",
    ),
    "image": (
        "image.registry != 'registry.example'",
        "image.repository.startsWith('library/')",
        "image.tag == 'latest' || image.tag == ''",
        "image.is_mutable_tag",
        "!image.is_pinned",
        "image.name in ['docker.io/library/nginx', 'ghcr.io/a/b/c']",
        "image.digest.startsWith('sha256:a')",
        "image.raw.contains('5000')",
    ),
    "mount": (
        "mount.kind == 'host' && !mount.read_only",
        "mount.kind in ['memory', 'secret', 'config']",
        "mount.volume == 'v0' && has(mount.source) && mount.source != ''",
    ),
    "port": ("port.host == port.container", "port.host_ip != '' || port.protocol == 'udp'"),
    "variable": ("variable.name == 'MODE'", "variable.value == null"),
    "workload": (
        "workload.host_network || workload.host_pid || workload.host_ipc",
        "!('team' in workload.labels)",
        "'team' in workload.labels && workload.labels.team.lowerAscii() != 'shop'",
        "workload.kind in ['CronJob', 'Job']",
        "workload.service_account == 'default'",
        "workload.automount_token != false",
        "has(workload.automount_token) && workload.automount_token",
        "workload.containers.exists(c, c.privileged) && workload.containers.all(c, !c.user.is_root)",
        "workload.containers.map(c, c.image.registry).exists(r, r == 'docker.io')",
        "workload.containers.filter(c, c.name == 'app').size() != 1",
        "workload.volumes.exists(v, v.kind == 'host' && v.source == '/var/lib')",
        "workload.user_namespace || workload.share_process_namespace",
        "has(workload.replicas) && workload.replicas > 1",
        "workload.name == 'p' && workload.namespace == ''",
    ),
}


def rules() -> list[Rule]:
    number = 0
    found = []
    for on, texts in EXPRESSIONS.items():
        for text in texts:
            number += 1
            found.append({"id": f"ACME-{number:03}", "title": f"it's {text}", "on": on, "fails_if": text})
    read, problems = parse_rules(json.dumps({"rules": found}).encode(), "rules.yaml")
    assert problems == []
    return read


def workloads(seed: int, count: int) -> list[dict[str, Any]]:
    """Random pods and controllers, in the form in which the API server has them."""
    rng = random.Random(seed)
    return [_without_nulls(_decorated(random_pod(rng), rng)) for _ in range(count)]


def _without_nulls(value: Any) -> Any:
    """As the API server holds it."""
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return [_without_nulls(one) for one in value] if isinstance(value, list) else value


def _decorated(made: dict[str, Any], rng: random.Random) -> dict[str, Any]:
    outer = made
    template = made
    if made["kind"] == "CronJob":
        template = made["spec"]["jobTemplate"]["spec"]["template"]
    elif made["kind"] != "Pod":
        template = (made if made["kind"] == "PodTemplate" else made["spec"])["template"]
    spec, metadata = template["spec"], template.setdefault("metadata", {})
    if made["kind"] in ("Deployment", "StatefulSet") and rng.random() < 0.5:
        outer["spec"]["replicas"] = rng.choice([1, 3])
    outer["metadata"].setdefault("name", "p")
    spec.pop("ephemeralContainers", None)  # no object is created with one
    if rng.random() < 0.5:
        metadata["labels"] = rng.choice([{"app": "x"}, {"team": "shop"}, {"team": "Web", "app": "y"}])
    if rng.random() < 0.4:
        spec["serviceAccountName"] = rng.choice(["default", "web"])
    if rng.random() < 0.4:
        spec["automountServiceAccountToken"] = rng.random() < 0.5
    spec["volumes"] = [*spec.get("volumes", []), *_volumes(rng)]
    for number, one in enumerate((*spec.get("containers", ()), *spec.get("initContainers", ()))):
        one["image"] = rng.choice(IMAGES)
        if number == 0 and rng.random() < 0.5:
            one["name"] = "app"
        _container(one, [volume["name"] for volume in spec["volumes"]], rng)
    return outer


def _volumes(rng: random.Random) -> list[dict[str, Any]]:
    kinds: list[dict[str, Any]] = [
        {"hostPath": {"path": "/var/lib"}},
        {"emptyDir": {}},
        {"emptyDir": {"medium": "Memory"}},
        {"secret": {"secretName": "s"}},
        {"configMap": {"name": "c"}},
        {"persistentVolumeClaim": {"claimName": "d"}},
    ]
    return [{"name": f"v{number}", **rng.choice(kinds)} for number in range(rng.randrange(3))]


def _container(made: dict[str, Any], volumes: list[str], rng: random.Random) -> None:
    if volumes and rng.random() < 0.7:
        mount = {"name": rng.choice(volumes), "mountPath": rng.choice(["/host", "/data"])}
        made["volumeMounts"] = [mount | ({"readOnly": True} if rng.random() < 0.4 else {})]
    if rng.random() < 0.4:
        port: dict[str, Any] = {"containerPort": 80}
        if rng.random() < 0.5:
            port["hostPort"] = rng.choice([80, 8080])
        if rng.random() < 0.5:
            port["protocol"] = rng.choice(["TCP", "UDP"])
        made["ports"] = [port]
    if rng.random() < 0.4:
        made["env"] = [{"name": "MODE", "value": rng.choice(["debug", "prod"])}]
    elif rng.random() < 0.3:
        made["env"] = [{"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}, {"name": "EMPTY"}]
    if rng.random() < 0.4:
        made["resources"] = {"limits": rng.choice([{"memory": "1Gi"}, {"cpu": "1"}, {"cpu": "1", "memory": "5Mi"}])}
    if rng.random() < 0.3:
        made["command"] = ["sh"]


def verdicts(found: list[Rule], objects: list[dict[str, Any]]) -> list[list[bool]]:
    """Rule -> object -> does it fail there?"""
    answers = []
    scans = [
        scan_targets([MemoryTarget("object.json", json.dumps(one))], Settings(checks=("AUD001",))) for one in objects
    ]
    for rule in found:
        check = check_of(rule)
        row = []
        for scan in scans:
            results, problems = run_checks(scan.inventory, scan.settings, "2026-11-01", [check])
            assert problems == [], problems
            row.append(any(one.failures for one in results))
        answers.append(row)
    return answers
