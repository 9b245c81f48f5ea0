"""Pod Security Standards: control x level x version, on any workload.

The verdict is that of Kubernetes' own admission controller, for `baseline` and `restricted` at every
policy version from 1.24 to 1.36. Workloads of other platforms are judged as far as they can express
what a control looks at.

What changed with the policy versions that are known here:

- 1.25 Windows pods (`spec.os.name`) need no privilege escalation, capabilities or seccomp fields
- 1.27, 1.29, 1.32 more sysctls are safe (`rules.SYSCTLS`)
- 1.31 the SELinux type `container_engine_t` is allowed
- 1.34 probes and lifecycle hooks may not name a host
- 1.35 pods with `hostUsers: false` may run as root, and at `baseline` unmask /proc

The objects are judged as the API server hands them to admission, with one exception: it copies the ports
of pods in the host's network to host ports, which then fail too; here they fail as `host-namespaces` alone.

    >>> [violation.control for violation in evaluate(workload, "restricted", "1.30")]
    ['host-namespaces', 'running-as-non-root']
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

from msgspec import Struct
from msgspec.structs import replace

from batten.frameworks.pss import rules
from batten.frameworks.pss.rules import Blame
from batten.model.source import Place
from batten.model.workload import Workload

LEVELS = ("baseline", "restricted")
VERSIONS = tuple(f"1.{minor}" for minor in range(24, 37))
NEWEST = VERSIONS[-1]
URL = "https://kubernetes.io/docs/concepts/security/pod-security-standards/"


class Rule(Struct, frozen=True):
    """A control of one level. `check` is the identifier of the reference's check."""

    control: str
    title: str
    level: str
    check: str
    judge: Callable[[Workload, int], Iterator[Blame]]
    since: int = 0
    """First minor version that has it."""
    replaces: str = ""
    """`restricted` judges this instead of the check named here."""


class Violation(Struct, frozen=True, eq=False):
    """A control that a workload does not meet.

    `places` are distinct and in document order of the model; `containers` names those that are blamed
    (none where only the workload itself is).
    """

    control: str
    check: str
    title: str
    level: str
    """The level that the control belongs to."""
    message: str
    places: tuple[Place, ...]
    containers: tuple[str, ...]
    blames: tuple[Blame, ...] = ()
    """All that the control forbids here, one by one."""

    def of(self, container: str) -> Violation:
        """What of it one container is blamed for."""
        return _narrowed(self, [blame for blame in self.blames if blame.container == container])


# in the order of the reference's answers: baseline, then restricted, each by the check's identifier
RULES = (
    Rule("apparmor", "AppArmor", "baseline", "appArmorProfile", rules.apparmor),
    Rule("capabilities", "Capabilities", "baseline", "capabilities_baseline", rules.capabilities_baseline),
    Rule("host-namespaces", "Host namespaces", "baseline", "hostNamespaces", rules.host_namespaces),
    Rule("host-path-volumes", "HostPath volumes", "baseline", "hostPathVolumes", rules.host_path_volumes),
    Rule("host-ports", "Host ports", "baseline", "hostPorts", rules.host_ports),
    Rule(
        "host-probes",
        "Hosts in probes and lifecycle hooks",
        "baseline",
        "hostProbesAndHostLifecycle",
        rules.host_probes,
        34,
    ),
    Rule("privileged-containers", "Privileged containers", "baseline", "privileged", rules.privileged),
    Rule("proc-mount", "/proc mount type", "baseline", "procMount", rules.proc_mount_baseline),
    Rule("selinux", "SELinux", "baseline", "seLinuxOptions", rules.selinux),
    Rule("seccomp", "Seccomp", "baseline", "seccompProfile_baseline", rules.seccomp_baseline),
    Rule("sysctls", "Sysctls", "baseline", "sysctls", rules.sysctls),
    Rule("host-process", "HostProcess", "baseline", "windowsHostProcess", rules.host_process),
    Rule(
        "privilege-escalation",
        "Privilege escalation",
        "restricted",
        "allowPrivilegeEscalation",
        rules.privilege_escalation,
    ),
    Rule(
        "capabilities",
        "Capabilities",
        "restricted",
        "capabilities_restricted",
        rules.capabilities_restricted,
        replaces="capabilities_baseline",
    ),
    Rule("proc-mount", "/proc mount type", "restricted", "procMount_restricted", rules.proc_mount, 35, "procMount"),
    Rule(
        "volume-types",
        "Volume types",
        "restricted",
        "restrictedVolumes",
        rules.restricted_volumes,
        replaces="hostPathVolumes",
    ),
    Rule("running-as-non-root", "Running as non-root", "restricted", "runAsNonRoot", rules.run_as_non_root),
    Rule("running-as-non-root-user", "Running as a non-root user", "restricted", "runAsUser", rules.run_as_user),
    Rule(
        "seccomp",
        "Seccomp",
        "restricted",
        "seccompProfile_restricted",
        rules.seccomp_restricted,
        replaces="seccompProfile_baseline",
    ),
)


def evaluate(workload: Workload, level: str, version: str = NEWEST) -> list[Violation]:
    """The controls of `level` at policy `version` that `workload` violates; none: it is admitted.

    Raises `ValueError` for a level or version that is not in `LEVELS` or `VERSIONS`.
    """
    minor = _minor(version)
    found = []
    for rule in _rules(level, minor):
        blames = list(rule.judge(workload, minor))
        if blames:
            found.append(_violation(rule, blames))
    return found


def violated(workload: Workload, version: str = NEWEST) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """(level, control, containers blamed) of everything that `evaluate` would tell of each level, without its words.

    No containers: the workload itself is blamed. Raises `ValueError` for a version that is not in `VERSIONS`.
    """
    minor = _minor(version)
    told: dict[str, tuple[str, ...] | None] = {}  # both levels ask most of it
    for level in LEVELS:
        for rule in _rules(level, minor):
            if rule.check not in told:
                blames = list(rule.judge(workload, minor))
                told[rule.check] = _blamed(blames) if blames else None
            containers = told[rule.check]
            if containers is not None:
                yield level, rule.control, containers


def controls(level: str, version: str = NEWEST) -> list[tuple[str, str]]:
    """(control, title) of everything that `level` asks for at `version`, what it takes over from
    `baseline` included. Raises `ValueError` as `evaluate`."""
    return [(rule.control, rule.title) for rule in _rules(level, _minor(version))]


def parse_version(text: str) -> str:
    """A version as people write it (`1.30`, `v1.30`, `latest`); raises `ValueError` with what is expected."""
    word = NEWEST if text == "latest" else text.removeprefix("v")
    if word not in VERSIONS:
        raise ValueError(f"expected a Pod Security version from {VERSIONS[0]} to {NEWEST} or latest, found {text!r}")
    return word


def _minor(version: str) -> int:
    if version not in VERSIONS:
        raise ValueError(f"expected a Pod Security version from {VERSIONS[0]} to {NEWEST}, found {version!r}")
    return int(version.partition(".")[2])


@cache
def _rules(level: str, minor: int) -> tuple[Rule, ...]:
    if level not in LEVELS:
        raise ValueError(f"expected a Pod Security level, {' or '.join(LEVELS)}, found {level!r}")
    active = [rule for rule in RULES if rule.since <= minor and rule.level in LEVELS[: LEVELS.index(level) + 1]]
    replaced = {rule.replaces for rule in active}
    return tuple(rule for rule in active if rule.check not in replaced)


def _blamed(blames: list[Blame]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(blame.container for blame in blames if blame.container))


def _violation(rule: Rule, blames: list[Blame]) -> Violation:
    return _narrowed(Violation(rule.control, rule.check, rule.title, rule.level, "", (), ()), blames)


def _narrowed(violation: Violation, blames: list[Blame]) -> Violation:
    places = {(id(blame.place.document), blame.place.pointer): blame.place for blame in blames}
    return replace(
        violation,
        message=_message(blames),
        places=tuple(places.values()),
        containers=_blamed(blames),
        blames=tuple(blames),
    )


def _message(blames: list[Blame]) -> str:
    """Who does what, once for each kind of blame: `containers a, b: adds capabilities … (SYS_ADMIN)`."""
    by_kind: dict[str, list[Blame]] = {}
    for blame in blames:
        by_kind.setdefault(blame.what, []).append(blame)
    parts = []
    for what, same in by_kind.items():
        names = list(dict.fromkeys(blame.container for blame in same if blame.container))
        who = ["the workload"] if any(not blame.container for blame in same) else []
        if names:
            who.append(("container " if len(names) == 1 else "containers ") + ", ".join(names))
        values = ", ".join(dict.fromkeys(blame.value for blame in same if blame.value))
        parts.append(" and ".join(who) + ": " + what + (f" ({values})" if values else ""))
    return "; ".join(parts)
