"""Kernel capabilities added and kept."""

from __future__ import annotations

from batten.engine.check import check
from batten.engine.mend import review
from batten.formats.image_needs import why_capability, why_root
from batten.model.source import Place
from batten.model.values import Absent, Capabilities
from batten.model.verdict import CRITICAL, HIGH, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Severity, Verdict, fail
from batten.model.workload import Container

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")

# capability -> (severity, what it lets the process do); from capabilities(7)
DANGEROUS: dict[str, tuple[Severity, str]] = {
    "ALL": (CRITICAL, "every capability is as good as root on the node"),
    "SYS_ADMIN": (CRITICAL, "it can mount file systems and do most of what root can"),
    "SYS_MODULE": (CRITICAL, "it can load kernel modules"),
    "SYS_RAWIO": (CRITICAL, "it can write to I/O ports and kernel memory"),
    "BPF": (HIGH, "it can load BPF programs into the kernel"),
    "DAC_READ_SEARCH": (HIGH, "it can read every file of the host that it gets a handle to"),
    "MAC_ADMIN": (HIGH, "it can change mandatory access control policy"),
    "MAC_OVERRIDE": (HIGH, "it can override mandatory access control"),
    "NET_ADMIN": (HIGH, "it can change interfaces, routes and firewall rules"),
    "PERFMON": (HIGH, "it can watch the kernel and other processes"),
    "SYS_BOOT": (HIGH, "it can reboot the node or load another kernel"),
    "SYS_PTRACE": (HIGH, "it can read and change other processes in its PID namespace"),
    "SYS_TIME": (HIGH, "it can set the clock of the node"),
    "SYSLOG": (HIGH, "it can read kernel addresses from the log"),
}

DEFAULT_SET = frozenset(
    {
        "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "MKNOD", "NET_BIND_SERVICE",
        "NET_RAW", "SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT",
    }
)  # fmt: skip
"""The fourteen capabilities of Docker's and containerd's default (moby/profiles)."""


def _added(container: Container) -> Capabilities | None:
    capabilities = container.capabilities
    if isinstance(capabilities, Absent) or container.os == "windows":
        return None
    return capabilities


def _place(container: Container) -> Place:
    name = "capabilities.add"
    return container.where(name if container.is_set(name) else "capabilities")


def _without(container: Container, name: str) -> Fix | None:
    if why_capability(container, name):
        return None
    return review(f"take away {name}", container, remove_capabilities=(name,))


@check("PRV005", "Dangerous capability added", severity=HIGH, platforms=_PLATFORMS, masked_by=("PRV001",))
def dangerous_capability(container: Container) -> Verdict:
    """The container adds a capability that reaches beyond it: with SYS_ADMIN, SYS_MODULE, SYS_RAWIO or ALL a
    process can take over the node, with the others it can read or change what is not its own.

    Most programs that ask for one need a narrower thing: a device, a sysctl, a port below 1024.

    Fix:
        kubernetes: take it out of `securityContext.capabilities.add`.
        compose: take it out of `cap_add`.
        swarm: take it out of `cap_add`.
        ecs: take it out of `linuxParameters.capabilities.add`.
        docker: recreate the container without that `--cap-add`.
        podman: recreate the container without that `--cap-add`.
        quadlet: take it out of `AddCapability=`.
    References:
        https://man7.org/linux/man-pages/man7/capabilities.7.html
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    capabilities = _added(container)
    if capabilities is None:
        return NOT_APPLICABLE
    if container.privileged is True:
        return NOT_APPLICABLE  # it has them all: PRV001's
    failures: list[Failure] = []
    for name in dict.fromkeys(capabilities.add):
        if name in DANGEROUS:
            severity, reason = DANGEROUS[name]
            failures.append(
                fail(
                    _place(container),
                    f"capability {name} is added: {reason}",
                    subject=name,
                    severity=severity,
                    fix=_without(container, name),
                    no_fix=why_capability(container, name),
                )
            )
    return failures or PASS


@check(
    "PRV006", "Capability beyond the default set added", severity=MEDIUM, platforms=_PLATFORMS, masked_by=("PRV001",)
)
def other_capability(container: Container) -> Verdict:
    """The container adds a capability that the engine's default set leaves out. Each widens what a
    compromised process can do; check that the program really needs it.

    Fix:
        kubernetes: take it out of `securityContext.capabilities.add`, or waive it with the reason.
        compose: take it out of `cap_add`.
        swarm: take it out of `cap_add`.
        ecs: take it out of `linuxParameters.capabilities.add`.
        docker: recreate the container without that `--cap-add`.
        podman: recreate the container without that `--cap-add`.
        quadlet: take it out of `AddCapability=`.
    References:
        https://man7.org/linux/man-pages/man7/capabilities.7.html
    """
    capabilities = _added(container)
    if capabilities is None or container.privileged is True:
        return NOT_APPLICABLE
    failures: list[Failure] = [
        fail(
            _place(container),
            f"capability {name} is added, which the default set leaves out",
            subject=name,
            fix=_without(container, name),
            no_fix=why_capability(container, name),
        )
        for name in dict.fromkeys(capabilities.add)
        if name not in DANGEROUS and name not in DEFAULT_SET
    ]
    return failures or PASS


@check(
    "PRV007",
    "Default capabilities are kept",
    severity=MEDIUM,
    group="hardening",
    platforms=_PLATFORMS,
    masked_by=("PRV001",),
)
def keeps_default_capabilities(container: Container) -> Verdict:
    """The engine gives a process that starts as root fourteen capabilities, among them NET_RAW (forged packets),
    DAC_OVERRIDE (files of other users), SETUID and MKNOD. A program that serves requests needs none of
    them; dropping ALL and adding back what fails is the way to the short list.

    Fix:
        kubernetes: set `securityContext.capabilities.drop: [ALL]`, add back what is needed.
        compose: set `cap_drop: [ALL]`, add back what is needed with `cap_add`.
        swarm: set `cap_drop: [ALL]`, add back what is needed with `cap_add`.
        ecs: set `linuxParameters.capabilities.drop` to `["ALL"]`.
        docker: recreate the container with `--cap-drop ALL`.
        podman: recreate the container with `--cap-drop ALL`.
        quadlet: set `DropCapability=all`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
        https://docs.docker.com/engine/security/#linux-kernel-capabilities
    """
    capabilities = _added(container)
    if capabilities is None or container.privileged is True:
        return NOT_APPLICABLE
    if capabilities.drops_all:
        return PASS
    place = container.where("capabilities.drop" if container.is_set("capabilities.drop") else "capabilities")
    kept = sorted(DEFAULT_SET - set(capabilities.drop))
    if not kept:
        return PASS
    message = (
        "the default capabilities are kept"
        if len(kept) == len(DEFAULT_SET)
        else f"{len(kept)} default capabilities are kept"
    )
    root = why_root(container)
    fix = None if root else review("drop all capabilities", container, drop_capabilities=("ALL",))
    return fail(place, f"{message}; drop ALL", fix=fix, no_fix=root)
