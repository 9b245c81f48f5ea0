"""Service accounts, roles and their bindings."""

from __future__ import annotations

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.source import Json, Source
from batten.model.objects import Grant, Identity, Permission, Role, Subject


def read_service_account(src: Source, head: Head, value: Json) -> Identity:
    """A ServiceAccount."""
    automount = src.flag(value, "automountServiceAccountToken", head.pointer)
    return Identity(automount_token=automount if isinstance(automount, bool) else None, **head.declared(src))


def read_role(src: Source, head: Head, value: Json) -> Role:
    """A Role or ClusterRole."""
    words = src.words
    permissions = tuple(
        Permission(
            words(rule, "verbs", own),
            words(rule, "apiGroups", own),
            words(rule, "resources", own),
            words(rule, "resourceNames", own),
            words(rule, "nonResourceURLs", own),
            own,
        )
        for own, rule in src.items(value, "rules", head.pointer)
    )
    return Role(
        cluster=head.kind == "ClusterRole",
        permissions=permissions,
        aggregated=value.get("aggregationRule") is not None,
        **head.declared(src),
    )


def read_binding(src: Source, head: Head, value: Json) -> Grant:
    """A RoleBinding or ClusterRoleBinding."""
    reference, at = src.mapping(value, "roleRef", head.pointer), (*head.pointer, "roleRef")
    subjects = tuple(
        Subject(src.text(item, "kind", own), src.text(item, "name", own), src.text(item, "namespace", own), own)
        for own, item in src.items(value, "subjects", head.pointer)
    )
    return Grant(
        cluster=head.kind == "ClusterRoleBinding",
        role_kind=src.text(reference, "kind", at),
        role_name=src.text(reference, "name", at),
        subjects=subjects,
        **head.declared(src),
    )
