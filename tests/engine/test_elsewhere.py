"""Deployments that are spread over folders by kind: what is joined, and what is not claimed."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from engine.support import findings, scan, write

WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web%s}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      serviceAccountName: web
      containers: [{name: web, image: "x:1", securityContext: {runAsUser: 0}}]
"""
BINDING = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web%s}
roleRef: {kind: Role, name: web, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: ServiceAccount, name: web%s}]
"""
ROLE = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: web, namespace: shop}
rules: [{apiGroups: [""], resources: [pods], verbs: [list]}]
"""
OTHER_ROLE = ROLE.replace("name: web", "name: other")
EVERYBODY = """\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {kind: ClusterRole, name: pods, apiGroup: rbac.authorization.k8s.io}
subjects: [{kind: Group, name: "system:serviceaccounts%s"}]
"""
ACCOUNT = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n"
ROUTE = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web, namespace: shop}
spec:
  tls: [{hosts: [a.example], secretName: s}]
  rules:
    - host: a.example
      http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web, namespace: shop}
spec: {selector: {app: web}, ports: [{port: 80}]}
"""
POLICY = """\
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: %s}
spec: {podSelector: {matchLabels: {app: %s}}, policyTypes: [Ingress]}
"""
SHOP = ", namespace: shop"


@pytest.mark.parametrize(
    ("binding", "workload", "told"),
    [
        (BINDING % (SHOP, SHOP), WEB % SHOP, False),
        (BINDING % (SHOP, ""), WEB % SHOP, False),
        (BINDING % (", namespace: other", ", namespace: other"), WEB % SHOP, True),
        # a namespace that is given when it is applied may be any
        (BINDING % ("", ""), WEB % "", False),
        (BINDING % (SHOP, SHOP), WEB % "", False),
        (EVERYBODY % "", WEB % SHOP, False),
        (EVERYBODY % ":shop", WEB % SHOP, False),
        (EVERYBODY % ":other", WEB % SHOP, True),
    ],
)
def test_a_token_is_without_need_where_no_folder_grants_anything(
    tmp_path: Path, binding: str, workload: str, told: bool
) -> None:
    done = scan(tmp_path, {"k8s/deploy/web.yaml": workload, "k8s/rbac/rbac.yaml": binding})
    assert bool(findings(done, "ACC001")) == told


def test_a_folder_far_off_is_of_another_deployment_where_no_namespace_is_named(tmp_path: Path) -> None:
    done = scan(tmp_path, {"shop/deploy/web.yaml": WEB % "", "bank/rbac/rbac.yaml": BINDING % ("", "")})
    assert findings(done, "ACC001")


def test_no_fix_takes_a_token_away_that_another_folder_needs(tmp_path: Path) -> None:
    files = {"k8s/deploy/web.yaml": WEB % SHOP, "k8s/rbac/rbac.yaml": BINDING % (SHOP, SHOP)}
    plan = api.fix([str(write(tmp_path, files))], Settings(checks=("ACC001",)), review=True)
    assert not plan.patches


SPREAD = {
    "k8s/deploy/web.yaml": WEB % SHOP,
    "k8s/rbac/binding.yaml": BINDING % (SHOP, SHOP),
    "k8s/roles/role.yaml": ROLE,
    "k8s/accounts/account.yaml": ACCOUNT,
    "k8s/ingress/route.yaml": ROUTE,
    "k8s/services/service.yaml": SERVICE,
    "k8s/policies/policy.yaml": POLICY % ("web, namespace: shop", "web"),
}


def test_a_deployment_over_folders_is_joined_as_in_one(tmp_path: Path) -> None:
    spread = scan(tmp_path / "spread", SPREAD)
    flat = scan(tmp_path / "flat", {"k8s/all.yaml": "---\n".join(SPREAD.values())})
    both = [sorted((f.check, f.severity, f.resource.name) for f in one.report.findings) for one in (spread, flat)]
    assert both[0] == both[1]
    links, [workload] = spread.inventory.links, spread.inventory.links.grants
    assert [one.name for one in links.roles[workload]] == ["web"]
    assert links.identity[workload].name == "web"
    assert links.exposure[workload].public
    assert links.policies[workload]


def test_what_stands_in_several_folders_under_one_name_is_joined_with_none(tmp_path: Path) -> None:
    files = {**SPREAD, "other/services/service.yaml": SERVICE, "other/rbac/binding.yaml": BINDING % (SHOP, SHOP)}
    done = scan(tmp_path, files)
    assert not done.inventory.links.exposure
    assert not done.inventory.links.grants
    assert not findings(done, "ACC001")


@pytest.mark.parametrize(
    ("elsewhere", "told"),
    [
        (POLICY % ("b, namespace: shop", "web"), False),
        (POLICY % ("b", "web"), False),
        (POLICY % ("b, namespace: shop", "db"), True),
        (POLICY % ("b, namespace: other", "web"), True),
    ],
)
def test_a_workload_is_forgotten_where_no_folder_has_a_policy_for_it(
    tmp_path: Path, elsewhere: str, told: bool
) -> None:
    files = {
        "k8s/web.yaml": WEB % SHOP + "---\n" + POLICY % ("a, namespace: shop", "db"),
        "policies/all.yaml": elsewhere,
        "copy/web.yaml": WEB % SHOP,  # so that nothing is joined for certain
    }
    found = [one for one in findings(scan(tmp_path, files), "NET004") if one.location.path.endswith("k8s/web.yaml")]
    assert bool(found) == told


def test_a_namespace_has_policies_wherever_they_stand(tmp_path: Path) -> None:
    two = WEB % SHOP + "---\n" + (WEB % SHOP).replace("name: web, n", "name: api, n")
    assert findings(scan(tmp_path / "a", {"k8s/web.yaml": two}), "NET004")
    files = {"k8s/web.yaml": two, "policies/all.yaml": POLICY % ("a, namespace: shop", "db")}
    assert not findings(scan(tmp_path / "b", files), "NET004")


@pytest.mark.parametrize(("role", "told"), [(ROLE, False), (OTHER_ROLE, True)])
def test_a_binding_dangles_where_no_folder_has_its_role(tmp_path: Path, role: str, told: bool) -> None:
    files = {"k8s/rbac.yaml": BINDING % (SHOP, SHOP) + "---\n" + OTHER_ROLE, "roles/role.yaml": role}
    assert bool(findings(scan(tmp_path, files), "ACC007")) == told


def test_a_namespace_is_not_closed_to_workloads_of_other_folders(tmp_path: Path) -> None:
    namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n"
    privileged = (WEB % SHOP).replace("runAsUser: 0", "privileged: true")
    [found] = findings(scan(tmp_path, {"ns/ns.yaml": namespace, "deploy/web.yaml": privileged}), "RUN017")
    assert found.fix is None
    assert "refused" in (found.no_fix or "")


LIMITS = """\
apiVersion: v1
kind: LimitRange
metadata: {name: limits%s}
spec: {limits: [{type: Container, default: {memory: 256Mi}, defaultRequest: {cpu: 50m}}]}
"""


@pytest.mark.parametrize("check", ["RUN010", "RUN012"])
@pytest.mark.parametrize(
    ("files", "told"),
    [
        # joined: both name the namespace, and nothing else is called so
        ({"k8s/deploy/web.yaml": WEB % SHOP, "k8s/quota/limits.yaml": LIMITS % SHOP}, "passed"),
        ({"k8s/deploy/web.yaml": WEB % SHOP, "k8s/quota/limits.yaml": LIMITS % ", namespace: other"}, "failed"),
        # a namespace that is given when it is applied may be any
        ({"k8s/deploy/web.yaml": WEB % "", "k8s/quota/limits.yaml": LIMITS % ""}, "neither"),
        ({"k8s/web.yaml": WEB % SHOP, "k8s/limits.yaml": LIMITS % ""}, "neither"),
        ({"shop/deploy/web.yaml": WEB % "", "bank/quota/limits.yaml": LIMITS % ""}, "failed"),
    ],
)
def test_a_limit_comes_from_wherever_its_namespace_is_set_up(
    tmp_path: Path, check: str, files: dict[str, str], told: str
) -> None:
    done = scan(tmp_path, files, checks=(check,))
    [score] = [one for one in done.report.score.strategies if one.name == "runtime"]
    assert (score.passed, score.failed) == {"passed": (1, 0), "failed": (0, 1), "neither": (0, 0)}[told]


@pytest.mark.parametrize(
    ("limits", "space", "failing"),
    [
        # the environment that has the LimitRange is the one that it stands in, or nearest to
        ("dev/app/limits.yaml", SHOP, ["prod/app/web.yaml"]),
        ("dev/quota/limits.yaml", SHOP, ["prod/app/web.yaml"]),
        ("dev/limits.yaml", SHOP, ["prod/app/web.yaml"]),
        # without a namespace, folders that do not lie together are of different deployments
        ("dev/app/limits.yaml", "", ["prod/app/web.yaml"]),
        ("dev/quota/limits.yaml", "", ["prod/app/web.yaml"]),
        # of both, or of a cluster that is set up elsewhere
        ("limits.yaml", SHOP, []),
        ("limits.yaml", "", []),
        ("cluster/limits.yaml", SHOP, []),
    ],
)
def test_a_limit_of_one_environment_is_none_of_another(
    tmp_path: Path, limits: str, space: str, failing: list[str]
) -> None:
    files = {"dev/app/web.yaml": WEB % space, "prod/app/web.yaml": WEB % space, limits: LIMITS % space}
    found = findings(scan(tmp_path, files), "RUN010")
    assert [one.location.path.removeprefix(f"{tmp_path}/") for one in found] == failing


def test_a_fix_sets_no_limit_where_another_folder_may_give_one(tmp_path: Path) -> None:
    files = {"k8s/deploy/web.yaml": WEB % "", "k8s/quota/limits.yaml": LIMITS % ""}
    plan = api.fix([str(write(tmp_path, files))], Settings(checks=("RUN010",)), review=True)
    assert not plan.patches
