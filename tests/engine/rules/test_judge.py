"""Rules in a scan: their findings are ordinary ones."""

import sys
from pathlib import Path

import pytest

from batten import api
from batten.engine import config
from batten.engine.scan import Scan
from batten.model.settings import Settings
from engine.rules.cases import POD, rule_file
from engine.support import findings, write

REGISTRY = """\
rules:
  - id: ACME-001
    title: Images come from our own registry
    on: image
    severity: high
    fails_if: image.registry != "registry.example"
    message: "{{ image.name }} comes from {{ image.registry }}"
    remediation: {all: push it, compose: push it there}
    references: [https://acme.example/policy]
"""


def scan(root: Path, rules: str, files: dict[str, str] | None = None, **settings: object) -> Scan:
    path = rule_file(root.parent, rules, f"{root.name}-rules.yaml")
    chosen = Settings(as_of="2026-11-01", rules=(str(path),), **settings)  # type: ignore[arg-type]
    return api.scan([str(write(root, files or {"pod.yaml": POD}))], chosen)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "target"
    path.mkdir()
    return path


def test_what_a_cloud_account_declares_is_a_noun_too(root: Path):
    rules = """\
rules:
  - id: ACME-002
    title: No SSH from everywhere
    on: security_group
    severity: high
    message: SSH is open
    fails_if: security_group.rules.exists(r, r.direction == "in" && r.first <= 22 && "0.0.0.0/0" in r.ranges)
"""
    text = """\
resource "aws_security_group" "web" {
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
    (found,) = findings(scan(root, rules, {"main.tf": text}), "ACME-002")
    assert found.location.line == 1


def test_a_finding_stands_at_the_field_with_the_values_in_its_message(root: Path):
    done = scan(root, REGISTRY)
    (found,) = findings(done, "ACME-001")
    assert found.message == "docker.io/library/nginx comes from docker.io"
    assert (found.location.line, found.severity, found.strategy) == (15, "high", 7)
    assert found.location.pointer == "/spec/containers/1/image"
    assert found.remediation == "push it"
    assert found.resource is not None
    assert found.resource.container == "side"
    assert done.report.exit_code == 1


def test_the_catalogue_has_the_rule(root: Path):
    done = scan(root, REGISTRY)
    rule = api.rules(done.settings)["ACME-001"]
    assert (rule.title, rule.severity, rule.references) == (
        "Images come from our own registry",
        "high",
        ("https://acme.example/policy",),
    )
    assert rule.remediation == {"all": "push it", "compose": "push it there"}
    assert "ACME-001" not in api.rules()


def test_a_rule_counts_as_passed_where_it_does_not_fail(root: Path):
    done = scan(root, REGISTRY.replace('"registry.example"', '"x"').replace("!=", "=="), checks=("ACME-001",))
    audit = done.report.score.strategies[6]
    assert (audit.passed, audit.failed, audit.assessed) == (2, 0, True)


@pytest.mark.parametrize(
    ("on", "fails_if", "where", "pointer"),
    [
        ("container", "container.user.uid == 1000", "", "/spec/containers/0/securityContext/runAsUser"),
        ("container", "container.name == 'app' && has(container.memory_limit)", "", "/spec/containers/0/resources/"),
        ("container", "container.name == 'app'", "image", "/spec/containers/0/image"),
        ("container", "container.name == 'app'", "workload.labels", "/metadata/labels"),
        ("container", "container.name == 'app'", "", "/spec/containers/0"),
        ("workload", "'team' in workload.labels", "", "/metadata/labels"),
        ("mount", "mount.kind == 'host'", "", "/spec/containers/0/volumeMounts/0"),
        ("object", "object.kind == 'Pod'", "", ""),
        ("object", "'team' in object.labels", "", "/metadata/labels"),
    ],
)
def test_the_place_is_the_field_that_is_asked_for(root: Path, on: str, fails_if: str, where: str, pointer: str):
    text = f'rules:\n  - {{id: ACME-1, title: t, on: {on}, fails_if: "{fails_if}", where: "{where}"}}\n'
    done = scan(root, text)
    assert findings(done, "ACME-1"), done.report.targets[0].problems
    assert findings(done, "ACME-1")[0].location.pointer.startswith(pointer)
    if not pointer:
        assert findings(done, "ACME-1")[0].location.line == 2 or findings(done, "ACME-1")[0].location.line == 1


OTHERS = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {type: NodePort, ports: [{port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: ns}
rules:
  - {apiGroups: [""], resources: [pods], verbs: ["*"]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: c}
data: {KEY: v}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: i}
spec: {rules: [{host: a.example}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec: {podSelector: {}}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: s}
---
apiVersion: v1
kind: Namespace
metadata: {name: ns}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: b}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: Group, name: devs}]
"""


@pytest.mark.parametrize(
    ("on", "fails_if", "line"),
    [
        ("service", "service.type == 'NodePort' && service.ports.exists(p, p.port == 80)", 4),
        ("role", "role.permissions.exists(p, '*' in p.verbs)", 10),
        ("config", "!config.secret && 'KEY' in config.keys", 15),
        ("ingress", "'a.example' in ingress.hosts", 20),
        ("network_policy", "network_policy.selector.match_labels.size() == 0", 25),
        ("service_account", "service_account.automount_token == null", 27),
        ("namespace", "namespace.name == 'ns'", 31),
        ("binding", "binding.role_name == 'cluster-admin' && binding.subjects.all(s, s.kind == 'Group')", 38),
    ],
)
def test_every_kubernetes_noun_is_asked(root: Path, on: str, fails_if: str, line: int):
    rules = f'rules:\n  - {{id: ACME-1, title: t, on: {on}, fails_if: "{fails_if}"}}\n'
    (found,) = findings(scan(root, rules, {"all.yaml": OTHERS}), "ACME-1")
    assert abs(found.location.line - line) <= 1


COMPOSE = """\
services:
  web:
    image: nginx
    privileged: ${PRIVILEGED}
    ports: ["8080:80"]
    environment: {MODE: dev}
    volumes: ["/etc:/etc"]
networks:
  front: {driver: overlay}
"""


@pytest.mark.parametrize(
    ("on", "fails_if"),
    [
        ("port", "port.host == 8080"),
        ("variable", "variable.name == 'MODE' && variable.value == 'dev'"),
        ("mount", "mount.target == '/etc' && !mount.read_only && mount.kind == 'host'"),
        ("network", "network.driver == 'overlay' && !network.encrypted"),
        ("project", "'web' in project.services"),
        ("image", "image.is_mutable_tag"),
    ],
)
def test_compose_nouns_are_asked(root: Path, on: str, fails_if: str):
    rules = f'rules:\n  - {{id: ACME-1, title: t, on: {on}, fails_if: "{fails_if}"}}\n'
    assert len(findings(scan(root, rules, {"compose.yaml": COMPOSE}), "ACME-1")) == 1


def test_what_is_decided_elsewhere_is_noted_and_is_no_finding(root: Path):
    for text in ("container.privileged", "!container.privileged"):
        rules = f'rules:\n  - {{id: ACME-1, title: t, on: container, fails_if: "{text}"}}\n'
        done = scan(root, rules, {"compose.yaml": COMPOSE})
        assert findings(done, "ACME-1") == []
        (note,) = [one for one in done.report.targets[0].problems if "ACME-1" in one.message]
        assert note.message == "rule ACME-1 did not judge service web: container.privileged is decided elsewhere"
        assert not note.severe


def test_what_a_platform_cannot_express_is_no_finding_and_no_note(root: Path):
    rules = 'rules:\n  - {id: ACME-1, title: t, on: container, fails_if: "!has(container.pids_limit)"}\n'
    done = scan(root, rules)
    assert findings(done, "ACME-1") == []
    assert done.report.targets[0].problems == []
    assert len(findings(scan(root, rules, {"compose.yaml": COMPOSE}), "ACME-1")) == 1


def test_a_rule_that_errs_is_one_line_and_the_others_go_on(root: Path):
    rules = REGISTRY + '  - {id: ACME-2, title: t, on: container, fails_if: "container.ports[7].host == 1"}\n'
    done = scan(root, rules)
    assert len(findings(done, "ACME-001")) == 1
    (problem,) = done.report.targets[0].problems
    assert problem.message.startswith("rule ACME-2 did not judge Pod web, container app and 1 more: a list has no such")
    assert problem.severe


def test_a_wrong_rule_is_exit_code_2_and_the_others_are_used(root: Path):
    done = scan(root, REGISTRY + '  - {id: ACME-2, title: t, on: container, fails_if: "x"}\n')
    assert len(findings(done, "ACME-001")) == 1
    assert (done.report.exit_code, done.report.exit_reason) == (2, "a rule of the configuration is wrong")
    assert "rule ACME-2: fails_if: nothing is called 'x' here" in done.report.targets[0].problems[0].message


def test_when_and_platforms_say_where_a_rule_is_asked(root: Path):
    rules = 'rules:\n  - {id: ACME-1, title: t, on: container, when: "container.name == \'app\'", fails_if: "true"%s}\n'
    assert len(findings(scan(root, rules % ""), "ACME-1")) == 1
    assert findings(scan(root, rules % ", platforms: [compose]"), "ACME-1") == []


def test_a_finding_is_waived_by_a_comment_and_by_the_configuration(root: Path):
    pod = POD.replace("image: nginx", "image: nginx  # batten: ignore[ACME-001] vendored until 2027-01-01")
    (found,) = findings(scan(root, REGISTRY, {"pod.yaml": pod}), "ACME-001")
    assert found.status == "waived"
    (root / "pod.yaml").write_text(POD)
    rule_file(root, REGISTRY)
    (root / "batten.toml").write_text(
        '[rules]\npaths = ["rules.yaml"]\n[severity]\nACME-001 = "low"\n'
        '[[waiver]]\ncheck = "ACME-001"\nreason = "vendored"\nowner = "@web"\n'
    )
    (found,) = findings(api.scan([str(root)], config.load(root / "batten.toml")), "ACME-001")
    assert (found.status, found.severity) == ("waived", "low")


def test_a_baseline_knows_it(root: Path):
    first = scan(root, REGISTRY)
    known = [one.fingerprint for one in first.report.findings]
    again = api.scan([str(root)], first.settings, known=known)
    assert {one.status for one in findings(again, "ACME-001")} == {"baseline"}


def test_each_entry_is_a_finding_of_its_own(root: Path):
    rules = 'rules:\n  - {id: ACME-1, title: "x {{ port.host }}", on: port, fails_if: "port.host > 0"}\n'
    compose = COMPOSE.replace('["8080:80"]', '["8080:80", "8081:81"]')
    found = findings(scan(root, rules, {"compose.yaml": compose}), "ACME-1")
    assert [one.message for one in found] == ["x 8080", "x 8081"]
    assert len({one.fingerprint for one in found}) == 2


FIXES = """\
rules:
  - id: ACME-1
    title: From our registry
    on: image
    fails_if: image.registry != "registry.example"
    fix: {summary: s, set: {image: "registry.example/{{ image.repository }}:1"}}
  - id: ACME-2
    title: No host paths
    on: mount
    fails_if: mount.kind == "host"
    fix: {summary: s, remove: true}
  - id: ACME-3
    title: A class of priority
    on: workload
    fails_if: "!('tier' in workload.labels)"
    fix:
      summary: s
      edits:
        - {platform: kubernetes, set: ../x, value: y}
"""


def test_fixes_are_made_with_proof(root: Path):
    done = scan(root, FIXES, checks=("ACME",))
    plan = api.fix([str(root)], done.settings, review=True)
    applied = {one.finding.check: (one.applied, one.reason) for one in plan.proposals}
    assert applied["ACME-1"][0]
    assert applied["ACME-2"][0]
    assert applied["ACME-3"] == (False, "the finding is still there after the edit")


def test_without_the_library_the_command_that_adds_it_is_told(root: Path, monkeypatch: pytest.MonkeyPatch):
    from batten.engine.rules import library, registry

    library.library.cache_clear()
    registry._load.cache_clear()
    monkeypatch.delitem(sys.modules, "cel.cel", raising=False)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(config.ConfigError, match=r"pip install 'batten\[rules\]'"):
        scan(root, REGISTRY)
    library.library.cache_clear()


def test_a_control_is_answered_by_a_rule(root: Path):
    rules = REGISTRY + "    controls: ['nist-800-190:4.1.5']\n"
    (found,) = findings(scan(root, rules), "ACME-001")
    assert [(one.framework, one.id) for one in found.controls] == [("nist-800-190", "4.1.5")]
    done = scan(root, rules, frameworks=("nist-800-190",))
    control = next(one for one in done.report.frameworks[0].controls if one.id == "4.1.5")
    assert control.status in ("failed", "manual")
    assert findings(done, "ACME-001")
    assert not findings(scan(root, REGISTRY, frameworks=("nist-800-190",)), "ACME-001")


def test_what_is_extended_brings_its_rules(root: Path):
    shared = root.parent / "shared"
    (shared / "batten-rules").mkdir(parents=True)
    (shared / "base.toml").write_text('persona = "pedantic"\n')
    rule_file(shared / "batten-rules", REGISTRY)
    (root / "batten.toml").write_text('extends = "../shared/base.toml"\n[severity]\nACME-001 = "info"\n')
    assert config.load(root / "batten.toml").rules == (str(shared / "batten-rules" / "rules.yaml"),)


def test_no_message_shows_the_copy_that_kubectl_keeps(root: Path):
    kept = "kubectl.kubernetes.io/last-applied-configuration"
    pod = POD.replace("  labels:", f"  annotations: {{{kept}: 'secret', mine: 'x'}}\n  labels:")
    rules = (
        'rules:\n  - {id: ACME-1, title: t, on: workload, fails_if: "true", message: "{{ workload.annotations }}"}\n'
    )
    (found,) = findings(scan(root, rules, {"pod.yaml": pod}), "ACME-1")
    assert found.message == "mine=x"
