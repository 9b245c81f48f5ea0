"""Policies of AWS IAM: rights without bounds, and roles that anybody may take."""

from __future__ import annotations

from typing import Final

from batten.engine.check import check
from batten.model.cloud import AccessPolicy, PolicyAttachment, Statement
from batten.model.source import Place
from batten.model.verdict import CRITICAL, HIGH, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.pattern import pattern

_OWNER: Final = "which rights are needed is for the owner of the role to say"
# policies that AWS keeps: whoever has one is an administrator, or makes himself one
_ADMINISTRATOR: Final = "AdministratorAccess"
_POWERFUL: Final = {
    "PowerUserAccess": "all of the account but its identities",
    "IAMFullAccess": "all identities of the account, and with them everything",
}
_MANAGED: Final = pattern(r"(?:\A|:)iam::aws:policy/(?:[\w+=,.@-]+/)*([\w+=,.@-]+)\Z")
# services whose every action on every resource is as good as the account, or its data
_SERVICES: Final = {
    "iam": "every identity of the account",
    "sts": "every role that trusts the account",
    "ec2": "every machine and network",
    "ecs": "every cluster and task",
    "eks": "every Kubernetes cluster",
    "ecr": "every repository of images",
    "s3": "every bucket",
    "kms": "every key",
    "secretsmanager": "every secret",
    "ssm": "every parameter, and commands on every machine",
    "lambda": "every function",
    "organizations": "every account",
}
# actions with which one's own rights can be raised where they hold for every identity
_RAISING: Final = {
    "iam:passrole": "pass any role to what it starts, and so have that role's rights",
    "iam:createpolicyversion": "rewrite any policy, its own among them",
    "iam:setdefaultpolicyversion": "bring back any older version of a policy",
    "iam:attachrolepolicy": "attach any policy to any role",
    "iam:attachuserpolicy": "attach any policy to any user",
    "iam:attachgrouppolicy": "attach any policy to any group",
    "iam:putrolepolicy": "write any policy into any role",
    "iam:putuserpolicy": "write any policy into any user",
    "iam:putgrouppolicy": "write any policy into any group",
    "iam:updateassumerolepolicy": "let itself become any role",
    "iam:createaccesskey": "make access keys of any user",
    "iam:createloginprofile": "give any user a password",
    "iam:updateloginprofile": "change the password of any user",
    "iam:addusertogroup": "put itself into any group",
}


def _at(policy: AccessPolicy, statement: Statement) -> Place:
    return Place(policy.document, statement.pointer)


def _everywhere(statement: Statement) -> bool:
    return "*" in statement.resources


def _allowing(policy: AccessPolicy) -> list[Statement]:
    """Statements that allow something, whatever the circumstances."""
    return [one for one in policy.statements if one.effect == "Allow" and not one.conditions]


@check("ACC024", "IAM policy allows everything", severity=CRITICAL, platforms=("aws",))
def allows_everything(policy: AccessPolicy) -> Verdict:
    """A statement allows every action, or every action of a service that holds the account together, on every
    resource: one program taken over is the account taken over.

    Fix:
        aws: name the actions that the program calls and the resources that it calls them on.
    References:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege
    """
    if policy.kind != "identity":
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for statement in _allowing(policy):
        if not _everywhere(statement) and not statement.not_resources:
            continue
        told = _everything(statement)
        if told is not None:
            message, severity, subject = told
            failures.append(fail(_at(policy, statement), message, severity=severity, subject=subject, no_fix=_OWNER))
    return failures or PASS


def _everything(statement: Statement) -> tuple[str, Severity, str] | None:
    if "*" in statement.actions or "*:*" in statement.actions:
        return "every action on every resource is allowed", CRITICAL, "*"
    if statement.not_actions:
        left = ", ".join(statement.not_actions[:3])
        return f"every action but {left} is allowed on every resource, future ones too", HIGH, "NotAction"
    named = [action.lower().partition(":") for action in statement.actions]
    wide = [service for service, _, what in named if what == "*" and service in _SERVICES]
    if not wide:
        return None
    message = f"every action of {', '.join(wide)} is allowed on every resource: {_SERVICES[wide[0]]}"
    return message, HIGH, ",".join(sorted(wide))


@check("ACC025", "Administrator rights are attached", severity=CRITICAL, platforms=("aws",))
def administrator_attached(attachment: PolicyAttachment) -> Verdict:
    """A policy that AWS keeps for administrators is attached: its holder may do everything in the account, or give
    itself the rights for it.

    Fix:
        aws: attach a policy with the actions and resources that are needed in its place.
    References:
        https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AdministratorAccess.html
    """
    failures: list[Failure] = []
    for arn, pointer in attachment.policies:
        found = _MANAGED.search(arn)
        name = found[1] if found is not None else ""
        place = Place(attachment.document, pointer)
        if name == _ADMINISTRATOR:
            failures.append(fail(place, f"{name} is attached: all of the account", subject=name, no_fix=_OWNER))
        elif name in _POWERFUL:
            message = f"{name} is attached: {_POWERFUL[name]}"
            failures.append(fail(place, message, subject=name, severity=HIGH, no_fix=_OWNER))
    return failures or PASS


@check("ACC026", "Anybody may take the role", severity=CRITICAL, platforms=("aws",))
def anybody_assumes(policy: AccessPolicy) -> Verdict:
    """The trust policy names everybody and asks for nothing more: any AWS account in the world can become this role.

    Fix:
        aws: name the service, account or role that needs it as principal.
    References:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if policy.kind != "trust":
        return NOT_APPLICABLE
    return [
        fail(_at(policy, one), "any AWS account may become this role", no_fix="who needs the role is not written")
        for one in _allowing(policy)
        if "*" in one.principals
    ] or PASS


@check(
    "ACC027", "IAM policy lets its holder raise its rights", severity=HIGH, platforms=("aws",), masked_by=("ACC024",)
)
def raises_rights(policy: AccessPolicy) -> Verdict:
    """An action that hands out rights is allowed for every identity, so that its holder can give itself all the
    others: with `iam:PassRole` on `*`, whoever may start a task runs it with any role.

    Fix:
        aws: name the roles that may be passed (`arn:aws:iam::ACCOUNT:role/shop/*`) and add the condition
            `iam:PassedToService`.
    References:
        https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
    """
    if policy.kind != "identity":
        return NOT_APPLICABLE
    if any(_everything(one) is not None for one in _allowing(policy) if _everywhere(one) or one.not_resources):
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for statement in _allowing(policy):
        if not _everywhere(statement):
            continue
        for action in statement.actions:
            means = _RAISING.get(action.lower())
            if means is not None:
                place = _at(policy, statement)
                failures.append(fail(place, f"{action} on every resource: it may {means}", subject=action.lower(),
                                     no_fix=_OWNER))  # fmt: skip
    return failures or PASS
