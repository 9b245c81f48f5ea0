"""Security contexts: what a container may do, its own word before the pod's.

Source: the API reference of `SecurityContext` and `PodSecurityContext`; where both may speak, the
container's field wins (the whole of `seccompProfile`, `appArmorProfile` and `seLinuxOptions`, single
fields of `windowsOptions`).
"""

from __future__ import annotations

from typing import Any, Final

from batten.formats.kubernetes.source import EMPTY, Json, Source
from batten.model.source import Pointer
from batten.model.values import UNKNOWN, Absent, Capabilities, Profile, SELinux, User

APPARMOR_ANNOTATION: Final = "container.apparmor.security.beta.kubernetes.io/"
"""Followed by the name of a container. Deprecated since 1.30; the server still copies it to the field."""

SECURITY_FIELDS: Final = (
    "user",
    "privileged",
    "privilege_escalation",
    "capabilities",
    "seccomp",
    "apparmor",
    "selinux",
    "proc_mount",
    "host_process",
    "read_only_root",
)
_UNCONFINED: Final = Profile("unconfined")
_RUNTIME_DEFAULT: Final = Profile("runtime-default")
_DEFAULT_USER: Final = User(decided_by="default")
_NO_CAPABILITIES: Final = Capabilities()
_NO_SELINUX: Final = SELinux()
_PROC_MOUNTS: Final = {"Default": "default", "Unmasked": "unmasked", "default": '"default"', "unmasked": '"unmasked"'}
"""Kubernetes knows the first two words; the others are wrong, and must not be taken for the neutral words."""


class PodSecurity:
    """What the pod's own security context says; every field as it is written, None where it is not."""

    __slots__ = (
        "annotations",
        "apparmor",
        "hidden",
        "host_process",
        "non_root",
        "places",
        "seccomp",
        "selinux",
        "silent",
        "uid",
        "user",
        "windows_user",
    )

    def __init__(self, src: Source, spec: Json, pointer: Pointer, annotations: dict[str, str]) -> None:
        section = src.section(spec, "securityContext", pointer)
        own = (*pointer, "securityContext")
        self.hidden = isinstance(section, Absent)
        context = EMPTY if isinstance(section, Absent) else section
        self.places: dict[str, Pointer] = {}
        self.uid = src.integer(context, "runAsUser", own)
        self.non_root = src.flag(context, "runAsNonRoot", own)
        self.user = user_of(src, context, self.uid, self.non_root, own, self.places)
        self.seccomp = profile(src, context, "seccompProfile", own, "seccomp", self.places)
        self.apparmor = profile(src, context, "appArmorProfile", own, "apparmor", self.places)
        self.selinux = selinux_options(src, context, own, self.places)
        windows = src.mapping(context, "windowsOptions", own)
        self.windows_user = src.word(windows, "runAsUserName", (*own, "windowsOptions"))
        """Of pods on Windows alone, and before `user` there."""
        if self.windows_user is not None:
            self.places["windows_user"] = (*own, "windowsOptions", "runAsUserName")
        self.host_process = src.flag(windows, "hostProcess", (*own, "windowsOptions"))
        if self.host_process is not None:
            self.places["host_process"] = (*own, "windowsOptions", "hostProcess")
        self.annotations = {
            key.removeprefix(APPARMOR_ANNOTATION): value
            for key, value in annotations.items()
            if key.startswith(APPARMOR_ANNOTATION)
        }
        self.silent: tuple[dict[str, Any], dict[str, Pointer]] | None = None
        """Fields and places of a container that says nothing itself (made once for all of them)."""


def user_of(
    src: Source,
    context: Json,
    uid: int | Absent | None,
    non_root: bool | Absent | None,
    pointer: Pointer,
    places: dict[str, Pointer],
) -> User | Absent | None:
    """The user that a context names; None where it names none. Notes the place of what decides."""
    if uid is None and non_root is None:
        return None
    places["user"] = (*pointer, "runAsNonRoot" if uid is None else "runAsUser")
    if isinstance(uid, Absent) or isinstance(non_root, Absent):
        return UNKNOWN
    group = src.integer(context, "runAsGroup", pointer)
    return User(
        uid,
        None,
        None if group is None or isinstance(group, Absent) else str(group),
        non_root is True,
        "manifest" if uid is not None or non_root else "default",
    )


def profile(
    src: Source, context: Json, key: str, pointer: Pointer, field: str, places: dict[str, Pointer]
) -> Profile | Absent | None:
    """A seccomp or AppArmor profile; its place is that of its `type`."""
    if context.get(key) is None:
        return None
    section = src.section(context, key, pointer)
    if isinstance(section, Absent):
        places[field] = (*pointer, key)
        return UNKNOWN
    if section is EMPTY:
        return None  # no mapping at all: told, and as good as not written
    own = (*pointer, key)
    places[field] = (*own, "type")
    word = src.word(section, "type", own)
    if isinstance(word, Absent):
        return UNKNOWN
    if word == "RuntimeDefault":
        return _RUNTIME_DEFAULT
    if word == "Unconfined":
        return _UNCONFINED
    if word == "Localhost":
        return Profile("localhost", src.text(section, "localhostProfile", own))
    return Profile("other", word or "")


def selinux_options(src: Source, context: Json, pointer: Pointer, places: dict[str, Pointer]) -> SELinux | None:
    """`seLinuxOptions`, None where they are not written."""
    if context.get("seLinuxOptions") is None:
        return None
    options = src.mapping(context, "seLinuxOptions", pointer)
    if options is EMPTY:
        return None
    own = places["selinux"] = (*pointer, "seLinuxOptions")
    return SELinux(
        src.text(options, "type", own),
        src.text(options, "user", own),
        src.text(options, "role", own),
        src.text(options, "level", own),
    )


def windows_user(
    src: Source, pod: PodSecurity, raw: Json, pointer: Pointer, places: dict[str, Pointer]
) -> User | Absent | None:
    """`windowsOptions.runAsUserName` of the container, else of the pod, with its place; None where neither says it."""
    own = (*pointer, "securityContext")
    options = src.mapping(src.mapping(raw, "securityContext", pointer), "windowsOptions", own)
    name = src.word(options, "runAsUserName", (*own, "windowsOptions"))
    if name is not None:
        places["user"] = (*own, "windowsOptions", "runAsUserName")
    elif pod.windows_user is not None:
        name = pod.windows_user
        places["user"] = pod.places["windows_user"]
    return User(name=name) if isinstance(name, str) else name


def container_security(
    src: Source, pod: PodSecurity, raw: Json, pointer: Pointer, name: str
) -> tuple[dict[str, Any], dict[str, Pointer]]:
    """The security fields of a container and the places of those that are set.

    `privilege_escalation` is the written word: the API server refuses a written false beside
    `privileged`, so that no such container runs.
    """
    section = src.section(raw, "securityContext", pointer)
    if isinstance(section, Absent) or pod.hidden:
        return dict.fromkeys(SECURITY_FIELDS, UNKNOWN), {}
    if not section:
        if pod.silent is None:
            pod.silent = _security(src, pod, EMPTY, (), None)
        if name not in pod.annotations:
            return pod.silent[0], dict(pod.silent[1])
    return _security(src, pod, section, (*pointer, "securityContext"), pod.annotations.get(name), name)


def _security(
    src: Source, pod: PodSecurity, own: Json, pointer: Pointer, annotation: str | None, name: str = ""
) -> tuple[dict[str, Any], dict[str, Pointer]]:
    places: dict[str, Pointer] = {
        field: pod.places[field] for field in ("user", "seccomp", "apparmor", "selinux") if field in pod.places
    }
    fields: dict[str, Any] = {
        "user": _user(src, pod, own, pointer, places),
        "seccomp": profile(src, own, "seccompProfile", pointer, "seccomp", places) or pod.seccomp or _UNCONFINED,
        "apparmor": _apparmor(src, pod, own, pointer, annotation, name, places),
        "selinux": selinux_options(src, own, pointer, places) or pod.selinux or _NO_SELINUX,
        "capabilities": _capabilities(src, own, pointer, places),
        "proc_mount": "default",
    }
    for field, key, default in (
        ("privileged", "privileged", False),
        ("privilege_escalation", "allowPrivilegeEscalation", True),
        ("read_only_root", "readOnlyRootFilesystem", False),
    ):
        value = src.flag(own, key, pointer)
        if value is not None:
            places[field] = (*pointer, key)
        fields[field] = default if value is None else value
    if own.get("procMount") is not None:
        word = src.word(own, "procMount", pointer)
        if word is not None:
            places["proc_mount"] = (*pointer, "procMount")
            fields["proc_mount"] = word if isinstance(word, Absent) else _PROC_MOUNTS.get(word, word)
    windows = src.mapping(own, "windowsOptions", pointer)
    process = src.flag(windows, "hostProcess", (*pointer, "windowsOptions"))
    if process is not None:
        places["host_process"] = (*pointer, "windowsOptions", "hostProcess")
    elif pod.host_process is not None:
        process = pod.host_process
        places["host_process"] = pod.places["host_process"]
    fields["host_process"] = False if process is None else process
    return fields, places


def _user(src: Source, pod: PodSecurity, own: Json, pointer: Pointer, places: dict[str, Pointer]) -> User | Absent:
    uid = src.integer(own, "runAsUser", pointer)
    non_root = src.flag(own, "runAsNonRoot", pointer)
    if uid is None and non_root is None and own.get("runAsGroup") is None:
        return _DEFAULT_USER if pod.user is None else pod.user
    if uid is not None:
        places["user"] = (*pointer, "runAsUser")
    elif non_root is not None and pod.uid is None:
        places["user"] = (*pointer, "runAsNonRoot")
    uid = pod.uid if uid is None else uid
    non_root = pod.non_root if non_root is None else non_root
    if isinstance(uid, Absent) or isinstance(non_root, Absent):
        return UNKNOWN
    group = src.integer(own, "runAsGroup", pointer)
    written = str(group) if type(group) is int else pod.user.group if isinstance(pod.user, User) else None
    return User(uid, None, written, non_root is True, "manifest" if uid is not None or non_root else "default")


def _apparmor(
    src: Source,
    pod: PodSecurity,
    own: Json,
    pointer: Pointer,
    annotation: str | None,
    name: str,
    places: dict[str, Pointer],
) -> Profile | Absent:
    """The container's field, else the pod's annotation for it, else the pod's field."""
    written = profile(src, own, "appArmorProfile", pointer, "apparmor", places)
    if written is not None:
        return written
    if annotation:
        places["apparmor"] = ("annotations", APPARMOR_ANNOTATION + name)  # completed by the pod's reader
        if src.unknown(annotation):
            return UNKNOWN
        if annotation == "runtime/default":
            return _RUNTIME_DEFAULT
        if annotation == "unconfined":
            return _UNCONFINED
        if annotation.startswith("localhost/"):
            return Profile("localhost", annotation.removeprefix("localhost/"))
        return Profile("other", annotation)
    return _RUNTIME_DEFAULT if pod.apparmor is None else pod.apparmor


def _capabilities(src: Source, own: Json, pointer: Pointer, places: dict[str, Pointer]) -> Capabilities | Absent:
    if own.get("capabilities") is None:
        return _NO_CAPABILITIES
    section = src.section(own, "capabilities", pointer)
    if isinstance(section, Absent):
        places["capabilities"] = (*pointer, "capabilities")
        return UNKNOWN
    if section is EMPTY:
        return _NO_CAPABILITIES
    base = places["capabilities"] = (*pointer, "capabilities")
    added = src.words(section, "add", base)
    dropped = src.words(section, "drop", base)
    if added:
        places["capabilities.add"] = (*base, "add")
    if dropped:
        places["capabilities.drop"] = (*base, "drop")
    whole = (word for word in (section.get("add"), section.get("drop")) if isinstance(word, str))
    if any(src.unknown(word) for word in (*added, *dropped, *whole)):
        return UNKNOWN
    add = tuple(map(capability_name, added))
    drop = tuple(map(capability_name, dropped))
    return Capabilities(add, drop, added if added != add else None, dropped if dropped != drop else None)


def capability_name(word: str) -> str:
    """The neutral spelling: upper case, without `CAP_`."""
    return word.upper().removeprefix("CAP_")
