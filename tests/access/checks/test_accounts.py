"""Service accounts and task roles: ACC001, ACC002, ACC008."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    fails,
    kube,
    manifest,
    mendable,
    passes,
    pod,
    silent,
    task,
)

ACCOUNT = manifest(
    """
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web, namespace: shop}
    automountServiceAccountToken: false
    """
)
OWN_ACCOUNT = manifest("{apiVersion: v1, kind: ServiceAccount, metadata: {name: web, namespace: shop}}\n")


def bound(account: str, subject: str = "") -> Input:
    """A role that is bound to a service account."""
    subject = subject or f"kind: ServiceAccount, name: {account}, namespace: shop"
    return manifest(
        f"""
        apiVersion: rbac.authorization.k8s.io/v1
        kind: Role
        metadata: {{name: reader, namespace: shop}}
        rules: [{{apiGroups: [""], resources: [configmaps], verbs: [get]}}]
        ---
        apiVersion: rbac.authorization.k8s.io/v1
        kind: RoleBinding
        metadata: {{name: web-reads, namespace: shop}}
        roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: Role, name: reader}}
        subjects: [{{{subject}}}]
        """
    )


ROLE = '"taskRoleArn": "arn:aws:iam::123456789012:role/web"'

CASES = (
    # ACC001: tokens that nothing needs
    fails(
        "ACC001", pod(), at="    spec:", severity="medium", fix="review", becomes="automountServiceAccountToken: false"
    ),
    fails("ACC001", pod(spec="automountServiceAccountToken: true"), at="automount", fix="review"),
    silent("ACC001", pod() + kube()),  # Podman has no tokens
    passes("ACC001", pod(spec="automountServiceAccountToken: false")),
    passes("ACC001", pod(spec="serviceAccountName: web") + ACCOUNT),
    passes("ACC001", pod(spec="serviceAccountName: web") + bound("web")),
    passes(
        "ACC001", pod(spec="serviceAccountName: web") + bound("", "kind: User, name: 'system:serviceaccount:shop:web'")
    ),
    fails(
        "ACC001",
        pod(spec="serviceAccountName: web")
        + OWN_ACCOUNT
        + bound("", "kind: User, name: 'system:serviceaccount:shop:api'"),
        at="    spec:",
        fix="review",
    ),
    # the account is somebody else's to declare, with its rights
    fails("ACC001", pod(spec="serviceAccountName: web"), at="    spec:", says="declared elsewhere"),
    # what everybody may do says nothing of what this program does
    fails(
        "ACC001",
        pod() + bound("", "kind: Group, name: 'system:authenticated'"),
        at="    spec:",
        says="grants it any right of its own",
        fix="review",
    ),
    # ACC002: rights of everybody's account
    fails(
        "ACC002", pod(spec="serviceAccountName: default") + bound("default"), at="serviceAccountName", severity="medium"
    ),
    passes("ACC002", pod() + bound("web")),
    passes("ACC002", pod(spec="serviceAccountName: web") + bound("web")),
    # ACC008: the agent's role
    fails(
        "ACC008",
        task(definition=ROLE + "\n" + ROLE.replace("taskRole", "executionRole")),
        at="taskRoleArn",
        severity="medium",
        fix="review",
    ),
    fails(
        "ACC008",
        task(definition=ROLE.replace("role/web", "role/AdministratorAccess")),
        at="taskRoleArn",
        severity="high",
    ),
    passes("ACC008", task(definition=ROLE)),
    silent("ACC008", task()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
