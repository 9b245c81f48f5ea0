"""Kubernetes RBAC: rights that lead further than they look, and who holds them."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.elsewhere import may_be_one
from batten.engine.mend import edit
from batten.model.edits import Remove
from batten.model.objects import Grant, Identity, Permission, Role
from batten.model.source import Place
from batten.model.verdict import CRITICAL, HIGH, LOW, MEDIUM, PASS, Failure, Severity, Verdict, fail

_BUILT_IN = ("cluster-admin", "admin", "edit", "view", "extension-apiserver-authentication-reader")
_READS = ("get", "list", "watch", "*")
_WRITES = ("create", "update", "patch", "*")
_WHICH = "which rights the program uses is for its owner to say"


def is_system(name: str) -> bool:
    """Roles that the API server makes itself."""
    return name.startswith("system:")


@check("ACC003", "Role with wildcard rights", severity=HIGH, platforms=("kubernetes",))
def wildcard(role: Role) -> Verdict:
    """A `*` grants what exists today and everything that is added later, custom resources and new subresources
    included. A role that may do everything with everything is cluster-admin under another name.

    Fix:
        kubernetes: name the verbs, API groups and resources that the program uses.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    if is_system(role.name):
        return PASS
    failures: list[Failure] = []
    for index, rule in enumerate(role.permissions):
        verbs, resources = "*" in rule.verbs, "*" in rule.resources
        if not verbs and not resources:
            continue
        everything = verbs and resources and "*" in rule.api_groups
        severity: Severity = CRITICAL if everything and role.cluster else HIGH if verbs or resources else MEDIUM
        if everything:
            what = "it may do everything with everything"
        elif verbs and resources:
            what = f"it may do everything with every resource of {_groups(rule)}"
        elif resources:
            what = f"it may {', '.join(rule.verbs)} every resource of {_groups(rule)}"
            severity = HIGH if set(rule.verbs) & set(_WRITES) or "" in rule.api_groups else MEDIUM
        else:
            paths = ", ".join(f"the path {url}" if url != "*" else "every path" for url in rule.non_resource_urls)
            what = f"it may do everything with {', '.join(rule.resources) or paths}"
            severity = HIGH if role.cluster else MEDIUM
        failures.append(
            fail(
                Place(role.document, rule.pointer or role.pointer),
                what,
                subject=_subject(rule, index),
                severity=severity,
                no_fix=_WHICH,
            )
        )
    return failures or PASS


def _groups(rule: Permission) -> str:
    if "*" in rule.api_groups:
        return "every API group"
    return ", ".join(group or "the core API" for group in rule.api_groups) or "no API group"


def _subject(rule: Permission, index: int) -> str:
    return f"{','.join(rule.api_groups)}/{','.join(rule.resources)}:{','.join(rule.verbs)}"


@check("ACC004", "cluster-admin is bound", severity=CRITICAL, platforms=("kubernetes",))
def cluster_admin(grant: Grant) -> Verdict:
    """The subject may do everything in the cluster (or, through a RoleBinding, in the namespace; with that of
    `kube-system`, where the accounts and keys of the control plane are, it has the cluster). A pod with such a service
    account is one stolen token away from the whole cluster.

    Fix:
        kubernetes: bind a role that names what the subject does; keep cluster-admin for people, behind a
            group that is granted for a time.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
        https://kubernetes.io/docs/reference/access-authn-authz/rbac/
    """
    if grant.role_kind != "ClusterRole" or grant.role_name != "cluster-admin":
        return PASS
    subjects = [one for one in grant.subjects if not (one.kind == "Group" and one.name == "system:masters")]
    if not subjects:
        return PASS
    names = ", ".join(f"{one.kind} {one.namespace + '/' if one.namespace else ''}{one.name}" for one in subjects[:3])
    more = f" and {len(subjects) - 3} more" if len(subjects) > 3 else ""
    whole = grant.cluster or grant.namespace == "kube-system"
    reach = " in kube-system, and so of the whole cluster" if whole else " in this namespace"
    return fail(
        grant.where("roleRef", "name"),
        f"cluster-admin is bound to {names}{more}{'' if grant.cluster else reach}",
        severity=CRITICAL if whole else HIGH,
        no_fix=_WHICH,
    )


# (reason, api groups, resources, verbs that matter, severity); from the RBAC good practices
_ESCALATIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...], tuple[str, ...], Severity], ...] = (
    (
        "it may give itself other rights (escalate, bind)",
        ("rbac.authorization.k8s.io",),
        ("roles", "clusterroles"),
        ("escalate", "bind"),
        CRITICAL,
    ),
    (
        "it may write role bindings",
        ("rbac.authorization.k8s.io",),
        ("rolebindings", "clusterrolebindings"),
        _WRITES,
        HIGH,
    ),
    ("it may act as others (impersonate)", ("",), ("users", "groups", "serviceaccounts"), ("impersonate",), CRITICAL),
    ("it may run commands in pods", ("",), ("pods/exec", "pods/attach"), ("create", "get", "*"), HIGH),
    ("it may add containers to running pods", ("",), ("pods/ephemeralcontainers",), ("update", "patch", "*"), HIGH),
    ("it reaches the kubelet behind the API server's back", ("",), ("nodes/proxy",), ("get", "create", "*"), CRITICAL),
    ("it may issue tokens for service accounts", ("",), ("serviceaccounts/token",), ("create", "*"), HIGH),
    ("it may read every secret", ("",), ("secrets",), _READS, HIGH),
    (
        "it may change what admission lets in",
        ("admissionregistration.k8s.io",),
        ("validatingwebhookconfigurations", "mutatingwebhookconfigurations"),
        _WRITES,
        HIGH,
    ),
    (
        "it may approve certificates",
        ("certificates.k8s.io",),
        ("certificatesigningrequests/approval", "signers"),
        ("update", "patch", "approve", "*"),
        HIGH,
    ),
    (
        "it may create pods, and with them use any service account and secret of the namespace",
        ("",),
        ("pods",),
        ("create", "*"),
        HIGH,
    ),
    (
        "it may create workloads, and with them use any service account and secret of the namespace",
        ("apps", "batch"),
        ("deployments", "daemonsets", "statefulsets", "replicasets", "jobs", "cronjobs"),
        ("create", "*"),
        MEDIUM,
    ),
    ("it may create volumes on paths of the nodes", ("",), ("persistentvolumes",), ("create", "*"), HIGH),
)


def escalations(rule: Permission) -> list[tuple[str, Severity]]:
    """Why this rule leads further than it looks, with how grave it is. Wildcards are ACC003's."""
    if "*" in rule.resources and "*" in rule.verbs:
        return []
    found = []
    for reason, groups, resources, verbs, severity in _ESCALATIONS:
        if "*" not in rule.api_groups and not set(groups) & set(rule.api_groups):
            continue
        named = set(resources) & set(rule.resources)
        wild = "*/" + resources[0].partition("/")[2] if "/" in resources[0] else ""
        if not named and not (wild and wild in rule.resources):
            continue
        if not set(verbs) & set(rule.verbs) and "*" not in rule.verbs:
            continue
        if rule.resource_names and "create" not in verbs and "impersonate" not in verbs:
            continue  # only the named objects: what a leader election or a config reload needs
        found.append((reason, severity))
    return found


@check("ACC005", "Rights that lead to more rights", severity=HIGH, platforms=("kubernetes",))
def escalation(role: Role) -> Verdict:
    """Some rights are worth more than they say: who may create pods can use every service account of the
    namespace, who may read secrets has their tokens, who may bind or escalate grants himself the rest.

    Fix:
        kubernetes: take the right away, or narrow it with `resourceNames` or to a Role in one namespace.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    if is_system(role.name):
        return PASS
    failures: list[Failure] = []
    seen: set[str] = set()
    for rule in role.permissions:
        for reason, severity in escalations(rule):
            if reason in seen:
                continue
            seen.add(reason)
            lower = severity if role.cluster else Severity(max(severity - 1, LOW))
            failures.append(
                fail(
                    Place(role.document, rule.pointer or role.pointer),
                    reason + ("" if role.cluster else ", in this namespace"),
                    subject=reason,
                    severity=lower,
                    no_fix=_WHICH,
                )
            )
    return failures or PASS


_EVERYBODY = {
    "system:unauthenticated": (CRITICAL, "everybody who can reach the API server, without logging in"),
    "system:anonymous": (CRITICAL, "everybody who can reach the API server, without logging in"),
    "system:authenticated": (HIGH, "everybody with any account of the cluster"),
    "system:serviceaccounts": (HIGH, "every pod of the cluster"),
}
# what Kubernetes itself grants to everybody
_PUBLIC_ROLES = (
    "system:discovery",
    "system:basic-user",
    "system:cluster-trust-bundle-discovery",
    "system:public-info-viewer",
    "system:service-account-issuer-discovery",
)


@check("ACC006", "Rights for everybody", severity=CRITICAL, platforms=("kubernetes",))
def everybody(grant: Grant) -> Verdict:
    """The binding grants a role to a group that everybody is in: whoever reaches the API server, or holds any
    account or token of the cluster, has its rights without being named.

    Fix:
        kubernetes: bind the role to the service accounts or groups that need it.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    if grant.role_name in _PUBLIC_ROLES:
        return PASS
    failures: list[Failure] = []
    for subject in grant.subjects:
        if subject.name in _EVERYBODY and subject.kind in ("Group", "User"):
            severity, who = _EVERYBODY[subject.name]
            alone = len(grant.subjects) == 1
            failures.append(
                fail(
                    Place(grant.document, subject.pointer or grant.pointer),
                    f"{grant.role_name} is granted to {subject.name}: {who}",
                    subject=subject.name,
                    severity=severity,
                    fix=None
                    if alone or not subject.pointer
                    else edit("review", f"take {subject.name} out", grant.document, Remove(subject.pointer)),
                    no_fix="without this subject the binding has none: delete it" if alone else "",
                )
            )
    return failures or PASS


@check("ACC007", "Binding leads to nothing", severity=LOW, platforms=("kubernetes",))
def dangling(grant: Grant, context: Context) -> Verdict:
    """The binding names a role or a service account that is not declared beside it. If it exists nowhere, whoever
    may create an object of that name receives the rights. It is judged only where the same files
    declare others of that kind, and no other folder declares it.

    Fix:
        kubernetes: correct the name, or delete the binding.
    References:
        https://kubernetes.io/docs/concepts/security/rbac-good-practices/
    """
    if is_system(grant.role_name) or grant.role_name in _BUILT_IN:
        return PASS
    failures: list[Failure] = []
    wants_cluster = grant.role_kind == "ClusterRole"
    roles = context.inventory.indexed(Role, _name_of_role).get((wants_cluster, grant.role_name), ())
    if (grant.scope, wants_cluster) in context.inventory.indexed(Role, _kind_of_role) and not any(
        wants_cluster or may_be_one(grant, role) for role in roles
    ):
        failures.append(
            fail(
                grant.where("roleRef", "name"),
                f"{grant.role_kind} {grant.role_name} is not declared here",
                subject="role",
                confidence="low",
                no_fix="whether the name or the binding is wrong is for its owner to say",
            )
        )
    accounts = context.inventory.indexed(Identity, _name_of_account)
    for subject in grant.subjects:
        if subject.kind != "ServiceAccount" or subject.name == "default":
            continue
        namespace = subject.namespace or grant.namespace
        declared = context.inventory.within(Identity, grant.scope, namespace)
        if not declared or any(
            may_be_one(account, grant, namespace=namespace) for account in accounts.get(subject.name, ())
        ):
            continue
        failures.append(
            fail(
                Place(grant.document, subject.pointer or grant.pointer),
                f"service account {namespace + '/' if namespace else ''}{subject.name} is not declared here",
                subject=f"{namespace}/{subject.name}",
                confidence="low",
                no_fix="whether the name or the binding is wrong is for its owner to say",
            )
        )
    return failures or PASS


def _kind_of_role(role: Role) -> tuple[str, bool]:
    return role.scope, role.cluster


def _name_of_role(role: Role) -> tuple[bool, str]:
    return role.cluster, role.name


def _name_of_account(account: Identity) -> str:
    return account.name
