"""What a service says about its user, privileges, capabilities, profiles and namespaces."""

from __future__ import annotations

from typing import Final

from batten.formats import docker_values
from batten.formats.compose.draft import Draft
from batten.formats.compose.interpolation import only_variable
from batten.formats.compose.tree import Node
from batten.model.values import UNKNOWN, Absent, User
from batten.model.workload import Sysctl

# name in security_opt -> field
_OPTION_FIELDS: Final = {
    "no-new-privileges": "privilege_escalation",
    "seccomp": "seccomp",
    "apparmor": "apparmor",
    "label": "selinux",
    "systempaths": "proc_mount",
}


def fill(draft: Draft) -> None:
    _user(draft)
    _flags(draft)
    _capabilities(draft)
    _options(draft)
    _namespaces(draft)
    _sysctls(draft)


def _user(draft: Draft) -> None:
    node, text = draft.text("user")
    if node is None or text is None or text == "":
        return
    if isinstance(text, Absent) and only_variable(node.raw) and "?" not in node.raw:
        # the one text for which empty, as Compose reads it, is worse than anything else: the image's user
        draft.container.put("user", User(decided_by="default"), node)
        return
    draft.container.put("user", UNKNOWN if isinstance(text, Absent) else docker_values.user(text), node)


def _flags(draft: Draft) -> None:
    for key, field in (("privileged", "privileged"), ("read_only", "read_only_root")):
        node = draft.get(key)
        value = None if node is None else node.flag()
        if node is not None and value is not None:
            draft.container.put(field, value, node)
    if draft.container.values.get("privileged") is True or draft.is_swarm:
        return
    for key in ("post_start", "pre_stop"):  # commands that run inside the container
        for hook in draft.items(key):
            node = hook.get("privileged")
            if node is not None and node.flag() is True:
                draft.container.put("privileged", True, node)


def _capabilities(draft: Draft) -> None:
    lists: dict[str, tuple[str, ...]] = {}
    for key, part in (("cap_add", "add"), ("cap_drop", "drop")):
        node = draft.get(key)
        items = draft.items(key)
        texts = [item.text() for item in items]
        lists[part] = tuple(text for text in texts if isinstance(text, str))
        if node is not None and node.is_list:
            draft.container.place(f"capabilities.{part}", node)
            for item in items:  # a list may be put together from several files
                if item.source.document is not node.source.document:
                    draft.container.place(f"capabilities.{part}@{item.source.path}", item)
            if "capabilities" not in draft.container.places:
                draft.container.place("capabilities", node)
    if "capabilities" in draft.container.places:
        draft.container.values["capabilities"] = docker_values.capabilities(lists["add"], lists["drop"])


def _options(draft: Draft) -> None:
    """`security_opt`: of several options for one thing the last one holds."""
    nodes = draft.items("security_opt")
    if not nodes:
        return
    templates = [node.template() for node in nodes]
    read = docker_values.security_options([one.text if one.known else "" for one in templates])
    found = {
        "privilege_escalation": None if read.no_new_privileges is None else not read.no_new_privileges,
        "seccomp": read.seccomp,
        "apparmor": read.apparmor,
        "selinux": read.selinux,
        "proc_mount": "unmasked" if read.unmasked else None,
    }
    keys = {"privilege_escalation": "no_new_privileges", "proc_mount": "unmasked"}
    for field, value in found.items():
        if value is not None:
            draft.container.put(field, value, nodes[read.at[keys.get(field, field)][-1]])
    for node, template in zip(nodes, templates, strict=True):
        if not template.known:
            _unknown_option(draft, node, template.text)


def _unknown_option(draft: Draft, node: Node, text: str) -> None:
    """`seccomp:${PROFILE}` leaves the profile open, `${OPTIONS}` everything that no other item decides."""
    name = text.replace("=", ":").partition(":")[0]
    fields = [_OPTION_FIELDS[name]] if name in _OPTION_FIELDS else list(_OPTION_FIELDS.values()) if "$" in name else []
    for field in fields:
        if field not in draft.container.places or name in _OPTION_FIELDS:
            draft.container.put(field, UNKNOWN, node)


def _namespaces(draft: Draft) -> None:
    for key, field in (("pid", "host_pid"), ("ipc", "host_ipc"), ("network_mode", "host_network")):
        node, text = draft.text(key)
        if node is None or text is None:
            continue
        draft.workload.put(field, text if isinstance(text, Absent) else text == "host", node)
        if key == "network_mode":
            draft.workload.put("network_mode", text, node)
        elif isinstance(text, str) and text:
            draft.facts[key] = text
    node, text = draft.text("userns_mode")
    if node is not None and text == "host":
        draft.workload.put("user_namespace", False, node)
    for key in ("uts", "cgroup"):
        node, text = draft.text(key)
        if node is not None and isinstance(text, str) and text:
            draft.facts[key] = text
            draft.workload.place(key, node)


def _sysctls(draft: Draft) -> None:
    node = draft.get("sysctls")
    if node is None:
        return
    found: dict[str, Sysctl] = {}
    for pair in node.pairs():
        value = pair.value()
        text = value.text if value is not None and value.known else ""
        found[pair.name] = Sysctl(pair.name, text, pair.node.pointer, draft.away(pair.node))
    draft.workload.put("sysctls", tuple(found.values()), node)
