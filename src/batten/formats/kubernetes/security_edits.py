"""Edits of security contexts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from batten.formats.kubernetes.security import APPARMOR_ANNOTATION, capability_name
from batten.formats.kubernetes.values import value_at
from batten.model.edits import Append, CannotEdit, Edit, Remove, Set
from batten.model.source import Pointer
from batten.model.values import Capabilities
from batten.model.workload import Container, Workload

_ALLOWED_SELINUX_TYPES: Final = ("", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
"""Types that confine a container as well as the default does; all others are custom options."""


def _context(target: Container | Workload, *keys: str) -> Pointer:
    return (*target.pointer, "securityContext", *keys)


def privilege_escalation(container: Container, value: bool) -> list[Edit]:
    """Refused together with `privileged` and, spelt in full, CAP_SYS_ADMIN: as the API server does."""
    if container.privileged is True:
        raise CannotEdit("a privileged container may always gain privileges; fix PRV001 first")
    capabilities = container.capabilities
    if isinstance(capabilities, Capabilities) and "CAP_SYS_ADMIN" in (capabilities.add_written or ()):
        raise CannotEdit("a container with CAP_SYS_ADMIN may always gain privileges; fix PRV005 first")
    return [Set(_context(container, "allowPrivilegeEscalation"), value)]


def drop_capabilities(container: Container, names: tuple[str, ...]) -> list[Edit]:
    """Adds to the drop list, in Kubernetes' spelling (without `CAP_`)."""
    return [Append(_context(container, "capabilities", "drop"), name) for name in names]


def remove_capabilities(container: Container, names: tuple[str, ...]) -> list[Edit]:
    """Takes the names, however they are spelt, from the add list."""
    pointer = container.places.get("capabilities.add")
    words: Any = None if pointer is None else value_at(container.document, pointer)
    if pointer is None or not isinstance(words, list):
        return []
    wanted = set(map(capability_name, names))
    found = [index for index, word in enumerate(words) if isinstance(word, str) and capability_name(word) in wanted]
    if len(found) == len(words):
        return [Remove(pointer)]
    return [Remove((*pointer, index)) for index in found]


def container_user(container: Container, uid: int) -> list[Edit]:
    """Sets `runAsUser` and `runAsNonRoot` where the user is decided: the container, unless the pod speaks."""
    own = _context(container)
    place = container.places.get("user")
    if place is None or place[: len(own)] == own:
        return [Set((*own, "runAsUser"), uid), Set((*own, "runAsNonRoot"), True)]
    edits: list[Edit] = [Set((*place[:-1], "runAsUser"), uid), Set((*place[:-1], "runAsNonRoot"), True)]
    context = value_at(container.document, own)
    if isinstance(context, dict) and context.get("runAsNonRoot") is False:
        edits.append(Set((*own, "runAsNonRoot"), True))
    return edits


def pod_user(workload: Workload, uid: int) -> list[Edit]:
    """The same for what the pod's security context says."""
    return [Set(_context(workload, "runAsUser"), uid), Set(_context(workload, "runAsNonRoot"), True)]


def profile_setter(field: str, key: str) -> Callable[[Container | Workload, str], list[Edit]]:
    """Edits that set a seccomp or AppArmor profile to the runtime's own, where a profile is written."""

    def edits(target: Container | Workload, value: str) -> list[Edit]:
        if value != "runtime-default":
            raise CannotEdit("only the runtime's default profile can be set; a profile of one's own has to be loaded")
        place = target.places.get(field, _context(target, key, "type"))
        if str(place[-1]).startswith(APPARMOR_ANNOTATION):
            return [Set(place, "runtime/default")]
        wanted: list[Edit] = [Set(place, "RuntimeDefault")]
        profile = value_at(target.document, place[:-1])
        if isinstance(profile, dict) and "localhostProfile" in profile:
            wanted.append(Remove((*place[:-1], "localhostProfile")))  # refused beside another type
        return wanted

    return edits


def reset_selinux(target: Container | Workload, value: None) -> list[Edit]:
    """Takes a custom user, role and type away; the level, which keeps containers apart, stays."""
    pointer = target.places.get("selinux" if isinstance(target, Container) else "pod_selinux")
    options: Any = None if pointer is None else value_at(target.document, pointer)
    if pointer is None or not isinstance(options, dict):
        return []
    custom = [key for key in ("user", "role", "type") if options.get(key)]
    if options.get("type") in _ALLOWED_SELINUX_TYPES and "type" in custom:
        custom.remove("type")
    if custom and len(custom) == len(options):
        return [Remove(pointer)]
    return [Remove((*pointer, key)) for key in custom]


def proc_mount(container: Container, value: str) -> list[Edit]:
    """Puts the masks back on /proc."""
    place = container.places.get("proc_mount")
    return [] if place is None else [Set(place, value.capitalize())]


def read_only_root(container: Container, value: bool) -> list[Edit]:
    """`readOnlyRootFilesystem`; `memory_mounts` gives the places that have to stay writable."""
    return [Set(_context(container, "readOnlyRootFilesystem"), value)]
