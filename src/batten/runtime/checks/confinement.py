"""Seccomp, AppArmor, SELinux, /proc: what confines the process."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import review
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Container

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_SECCOMP = ("kubernetes", "compose", "swarm", "docker", "podman", "quadlet")  # ECS cannot switch it off
_PROC = ("kubernetes", "compose", "docker", "podman", "quadlet")

# types that Pod Security allows: they are as confined as an ordinary container, or more
_SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})


def _skips(container: Container) -> bool:
    """Not Linux, or privileged: a privileged container is not confined at all, which is PRV001's."""
    return container.os == "windows" or container.privileged is True


@check("RUN001", "Seccomp is switched off", severity=HIGH, platforms=_SECCOMP, masked_by=("PRV001",))
def seccomp_unconfined(container: Container) -> Verdict:
    """Without a seccomp filter the process may make every system call of the kernel. The default profile
    refuses some forty that programs do not need and that exploits do: `keyctl`, `bpf`, `userfaultfd`,
    `clone` into new user namespaces, loading modules.

    Fix:
        kubernetes: set `securityContext.seccompProfile.type: RuntimeDefault`.
        compose: remove `seccomp:unconfined` from `security_opt`.
        swarm: give the service a `Privileges.Seccomp.Mode` of `default` through the Engine API.
        docker: recreate the container without `--security-opt seccomp=unconfined`.
        podman: recreate the container without `--security-opt seccomp=unconfined`.
        quadlet: remove `SeccompProfile=unconfined`.
    References:
        https://kubernetes.io/docs/tutorials/security/seccomp/
        https://docs.docker.com/engine/security/seccomp/
    """
    profile = container.seccomp
    if isinstance(profile, Absent) or _skips(container):
        return NOT_APPLICABLE
    if profile.kind == "unconfined" and container.is_set("seccomp"):
        return fail(
            container.where("seccomp"),
            f"{f'the profile {profile.name} filters nothing' if profile.name else 'seccomp is switched off'}: "
            "every system call is allowed",
            fix=review("use the runtime's default profile", container, seccomp="runtime-default"),
        )
    return PASS


@check(
    "RUN002",
    "No seccomp profile is set",
    severity=MEDIUM,
    group="hardening",
    platforms=("kubernetes",),
    masked_by=("PRV001",),
)
def seccomp_not_set(container: Container, context: Context) -> Verdict:
    """Kubernetes runs a pod without a seccomp profile unconfined unless the kubelet was told otherwise
    (`seccompDefault`), so that every system call of the kernel is allowed. Docker, Podman and ECS apply
    their default profile by themselves, Podman also to a manifest that a `.kube` unit names.

    Fix:
        kubernetes: set `securityContext.seccompProfile.type: RuntimeDefault` on the pod or the container.
    References:
        https://kubernetes.io/docs/tutorials/security/seccomp/
    """
    profile = container.seccomp
    if isinstance(profile, Absent) or _skips(container) or container.workload in context.inventory.links.units:
        return NOT_APPLICABLE
    if profile.kind == "unconfined" and not container.is_set("seccomp"):
        return fail(
            container.where("seccomp"),
            "no seccomp profile is set, which this platform takes as unconfined",
            fix=review("use the runtime's default profile", container, seccomp="runtime-default"),
        )
    return PASS


@check("RUN003", "AppArmor is switched off", severity=HIGH, platforms=_PLATFORMS, masked_by=("PRV001",))
def apparmor_unconfined(container: Container) -> Verdict:
    """The default AppArmor profile keeps a container from writing to sensitive files under /proc and /sys, from
    mounting and from tracing processes outside. Here it is switched off.

    Fix:
        kubernetes: set `securityContext.appArmorProfile.type: RuntimeDefault` (before 1.30 the annotation
            `container.apparmor.security.beta.kubernetes.io/NAME: runtime/default`).
        compose: remove `apparmor:unconfined` from `security_opt`.
        swarm: give the service a `Privileges.AppArmor.Mode` of `default` through the Engine API.
        ecs: remove `apparmor:unconfined` from `dockerSecurityOptions`.
        docker: recreate the container without `--security-opt apparmor=unconfined`.
        podman: recreate the container without `--security-opt apparmor=unconfined`.
        quadlet: remove `AppArmor=unconfined`.
    References:
        https://kubernetes.io/docs/tutorials/security/apparmor/
        https://docs.docker.com/engine/security/apparmor/
    """
    profile = container.apparmor
    if isinstance(profile, Absent) or _skips(container):
        return NOT_APPLICABLE
    if profile.kind == "unconfined" and container.is_set("apparmor"):
        return fail(
            container.where("apparmor"),
            "AppArmor is switched off for this container",
            fix=review("use the runtime's default profile", container, apparmor="runtime-default"),
        )
    return PASS


@check(
    "RUN004",
    "No AppArmor profile is named",
    severity=LOW,
    persona="auditor",
    platforms=("kubernetes",),
    masked_by=("PRV001",),
)
def apparmor_not_set(container: Container) -> Verdict:
    """On nodes with AppArmor the runtime applies its default profile where none is named. Naming one says that
    the workload counts on it: Kubernetes then refuses to start it on a node without AppArmor. Docker, Podman
    and ECS apply their default in any case and have no such promise.

    Fix:
        kubernetes: set `securityContext.appArmorProfile.type: RuntimeDefault`, or `Localhost` with a profile
            made for the program.
    References:
        https://kubernetes.io/docs/tutorials/security/apparmor/
    """
    profile = container.apparmor
    if isinstance(profile, Absent) or _skips(container):
        return NOT_APPLICABLE
    if container.is_set("apparmor"):
        return PASS
    return fail(
        container.where("apparmor"),
        "no AppArmor profile is named",
        fix=review("name the runtime's default profile", container, apparmor="runtime-default"),
    )


@check("RUN005", "SELinux confinement is changed or off", severity=HIGH, platforms=_PLATFORMS, masked_by=("PRV001",))
def selinux(container: Container) -> Verdict:
    """SELinux keeps containers from each other's files and from the host's by the type and level that the runtime
    chooses. With labelling switched off, or with a type, user or role of one's own, that protection is
    weakened in a way that nobody sees from outside.

    Fix:
        kubernetes: remove `securityContext.seLinuxOptions`, or use `container_t`, `container_init_t`,
            `container_kvm_t` or `container_engine_t`.
        compose: remove `label:disable` and `label:type:…` from `security_opt`.
        swarm: take `Privileges.SELinuxContext` away from the service through the Engine API.
        ecs: remove `label:…` from `dockerSecurityOptions`.
        docker: recreate the container without `--security-opt label=disable`.
        podman: recreate the container without `--security-opt label=disable`.
        quadlet: remove `SecurityLabelDisable=true` and `SecurityLabelType=`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    options = container.selinux
    if isinstance(options, Absent) or _skips(container):
        return NOT_APPLICABLE
    fix = review("let the runtime choose the label", container, selinux=None)
    failures: list[Failure] = []
    place = container.where("selinux")
    if options.disabled:
        failures.append(fail(place, "SELinux labelling is switched off", subject="disabled", fix=fix))
    if options.type not in _SELINUX_TYPES:
        failures.append(fail(place, f"SELinux type {options.type} is set", subject="type", fix=fix))
    if options.user:
        failures.append(fail(place, f"SELinux user {options.user} is set", subject="user", fix=fix))
    if options.role:
        failures.append(fail(place, f"SELinux role {options.role} is set", subject="role", fix=fix))
    return failures or PASS


@check("RUN006", "/proc is unmasked", severity=HIGH, platforms=_PROC, masked_by=("PRV001",))
def proc_unmasked(container: Container) -> Verdict:
    """Runtimes hide or write-protect the parts of /proc and /sys that give away or change the host: /proc/kcore,
    /proc/sysrq-trigger, /sys/firmware. Here they are left open.

    Fix:
        kubernetes: remove `securityContext.procMount: Unmasked`.
        compose: remove `systempaths=unconfined` from `security_opt`.
        docker: recreate the container without `--security-opt systempaths=unconfined`.
        podman: recreate the container without `--security-opt unmask=…`.
        quadlet: remove `Unmask=`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    mount = container.proc_mount
    if isinstance(mount, Absent) or _skips(container):
        return NOT_APPLICABLE
    if mount.lower() != "default":
        return fail(
            container.where("proc_mount"),
            "the protected parts of /proc are open to the process",
            fix=review("mask /proc as usual", container, proc_mount="default"),
        )
    return PASS
