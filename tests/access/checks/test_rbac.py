"""Rights of a cluster: ACC003 to ACC007."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    fails,
    manifest,
    mendable,
    passes,
)


def role(rules: str, kind: str = "ClusterRole", name: str = "web") -> Input:
    """A role; `rules` is one rule a line."""
    listed = "".join(f"\n          - {rule}" for rule in rules.splitlines())
    return manifest(
        f"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: {kind}
        metadata: {{name: {name}{", namespace: shop" if kind == "Role" else ""}}}
        rules:{listed}
        """
    )


def binding(
    subjects: str,
    name: str = "web",
    kind: str = "ClusterRole",
    bound: str = "ClusterRoleBinding",
    namespace: str = "shop",
) -> Input:
    """A binding; `subjects` is one subject a line."""
    listed = "".join(f"\n          - {subject}" for subject in subjects.splitlines())
    return manifest(
        f"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: {bound}
        metadata: {{name: binds{f", namespace: {namespace}" if bound == "RoleBinding" else ""}}}
        roleRef:
          apiGroup: rbac.authorization.k8s.io
          kind: {kind}
          name: {name}
        subjects:{listed}
        """
    )


WEB = "{kind: ServiceAccount, name: web, namespace: shop}"
ANYBODY = "{kind: Group, name: 'system:unauthenticated', apiGroup: rbac.authorization.k8s.io}"
ACCOUNT = manifest("apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n")
READS = "{apiGroups: [''], resources: [configmaps], verbs: [get]}"

CASES = (
    # ACC003: wildcards
    fails("ACC003", role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}"), at="- {", severity="critical"),
    fails("ACC003", role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", "Role"), at="- {", severity="high"),
    fails("ACC003", role("{apiGroups: [''], resources: ['*'], verbs: [get, list]}"), at="- {", severity="high"),
    fails(
        "ACC003",
        role("{apiGroups: [apps], resources: [deployments], verbs: ['*']}", "Role"),
        at="- {",
        severity="medium",
    ),
    passes("ACC003", role(READS)),
    passes("ACC003", role("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", name="system:node")),
    # ACC004: cluster-admin
    fails("ACC004", binding(WEB, "cluster-admin"), at="name: cluster-admin", severity="critical", says="shop/web"),
    fails(
        "ACC004",
        binding(WEB, "cluster-admin", bound="RoleBinding"),
        at="name: cluster-admin",
        severity="high",
        says="in this namespace",
    ),
    fails(
        "ACC004",
        binding(WEB, "cluster-admin", bound="RoleBinding", namespace="kube-system"),
        at="name: cluster-admin",
        severity="critical",
        says="in kube-system, and so of the whole cluster",
    ),
    passes("ACC004", binding(WEB, "view")),
    passes("ACC004", binding("{kind: Group, name: 'system:masters'}", "cluster-admin")),
    # ACC005: rights that lead to more
    fails("ACC005", role("{apiGroups: [''], resources: [secrets], verbs: [list]}"), at="- {", severity="high"),
    fails(
        "ACC005", role("{apiGroups: [''], resources: [secrets], verbs: [list]}", "Role"), at="- {", severity="medium"
    ),
    fails(
        "ACC005",
        role(f"{READS}\n{{apiGroups: [rbac.authorization.k8s.io], resources: [clusterroles], verbs: [escalate]}}"),
        at="escalate",
        severity="critical",
    ),
    fails("ACC005", role("{apiGroups: [''], resources: [nodes/proxy], verbs: [get]}"), at="nodes/proxy"),
    passes("ACC005", role(READS)),
    passes("ACC005", role("{apiGroups: [''], resources: [secrets], resourceNames: [tls], verbs: [get]}")),
    # ACC006: everybody
    fails("ACC006", binding(f"{WEB}\n{ANYBODY}"), at="system:unauth", severity="critical", fix="review"),
    fails("ACC006", binding(ANYBODY), at="system:unauth", severity="critical"),
    passes("ACC006", binding(WEB)),
    passes("ACC006", binding(ANYBODY, "system:public-info-viewer")),
    # ACC007: bindings that lead nowhere
    fails("ACC007", binding(WEB, "wbe") + role(READS), at="name: wbe", severity="low", says="wbe is not declared"),
    fails("ACC007", binding("{kind: ServiceAccount, name: wbe, namespace: shop}", "view2") + ACCOUNT, at="name: wbe"),
    passes("ACC007", binding(WEB) + role(READS) + ACCOUNT),
    passes("ACC007", binding(WEB, "elsewhere")),  # nothing of that kind is declared here
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
