"""Service accounts and task roles: whose rights the workload carries."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import edit, review
from batten.model.edits import Remove
from batten.model.objects import Identity
from batten.model.values import Absent
from batten.model.verdict import HIGH, MEDIUM, NOT_APPLICABLE, PASS, Verdict, fail
from batten.model.workload import Workload


@check("ACC001", "Token is mounted without need", severity=MEDIUM, platforms=("kubernetes",))
def unneeded_token(workload: Workload, context: Context) -> Verdict:
    """Kubernetes mounts a token of the service account into every container. Nothing here grants that account any
    right, so the program cannot be using it; a thief still gets an identity of the cluster, and every right that
    somebody grants to the account later. Where a binding in another folder may mean the account, nothing is said; of
    an account of its own that is declared nowhere here, little. Nor is it of a manifest that a `.kube` unit names:
    Podman, which plays it, mounts none.

    Fix:
        kubernetes: set `automountServiceAccountToken: false` in the pod spec.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/
    """
    if isinstance(workload.automount_token, Absent) or isinstance(workload.service_account, Absent):
        return NOT_APPLICABLE
    if workload.id in context.inventory.links.units:
        return NOT_APPLICABLE
    mounted = workload.automount_token
    account: Identity | None = context.inventory.links.identity.get(workload.id)
    if mounted is None:
        mounted = account is None or account.automount_token is not False
    if not mounted:
        return PASS
    if context.inventory.links.grants.get(workload.id):
        return PASS  # it has rights, so it talks to the API
    if context.inventory.links.likely_grants.get(workload.id):
        return NOT_APPLICABLE
    named = workload.service_account != "default"
    if named and account is None:
        return fail(
            workload.where("automount_token"),
            f"a token of the cluster is mounted; the account {workload.service_account} is declared elsewhere, and"
            " whether it holds rights is not seen here",
            confidence="low",
            no_fix="its rights are declared elsewhere: without the token, a program that calls the API fails",
        )
    return fail(
        workload.where("automount_token"),
        "a token of the cluster is mounted, and nothing here grants it any right of its own",
        # an account of its own may be granted rights where these files do not show it
        confidence="medium" if named else "high",
        fix=review("do not mount the token", workload, automount_token=False),
    )


@check("ACC002", "Default service account holds rights", severity=MEDIUM, platforms=("kubernetes",))
def default_account(workload: Workload, context: Context) -> Verdict:
    """The workload runs as the namespace's `default` service account, and a binding grants that account rights:
    every pod of the namespace that names no account of its own has them, too.

    Fix:
        kubernetes: give the workload a service account of its own and bind the role to that.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    if isinstance(workload.service_account, Absent):
        return NOT_APPLICABLE
    grants = context.inventory.links.grants.get(workload.id)
    if workload.service_account != "default" or not grants:
        return PASS
    names = ", ".join(sorted({grant.role_name for grant in grants}))
    return fail(
        workload.where("service_account"),
        f"it runs as the default service account, which holds {names}",
        related=tuple(grant.where("subjects") for grant in grants[:3]),
        no_fix="an account of its own needs a binding of its own",
    )


@check("ACC008", "Task role is the execution role", severity=MEDIUM, platforms=("ecs",))
def task_role(workload: Workload) -> Verdict:
    """The execution role lets the ECS agent pull images and read secrets before the container starts. Used as the
    task role too, it hands those rights to the program in the container.

    Fix:
        ecs: give `taskRoleArn` a role of its own with what the program does, or none.
    References:
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
        https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
    """
    if isinstance(workload.task_role, Absent) or isinstance(workload.execution_role, Absent) or not workload.task_role:
        return NOT_APPLICABLE
    name = workload.task_role.rpartition("/")[2]
    if "administrator" in name.lower() or name.lower() in ("admin", "poweruser"):
        return fail(
            workload.where("task_role"),
            f"the task role {name} is an administrator's by its name",
            severity=HIGH,
            confidence="medium",
            no_fix="which rights the program uses is for its owner to say",
        )
    if workload.task_role == workload.execution_role:
        return fail(
            workload.where("task_role"),
            "the program has the rights of the ECS agent: task role and execution role are the same",
            fix=edit(
                "review",
                "remove the task role",
                workload.where("task_role").document,
                Remove(workload.where("task_role").pointer),
            ),
        )
    return PASS
