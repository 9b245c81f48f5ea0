"""The two tables of the Pod Security Standards, made from the evaluator's own list of controls.

The exact verdict comes from `batten.frameworks.pss`; the checks named here carry it to a place and a fix.
The first check of a control is the one that speaks where none of them failed by itself.
"""

from __future__ import annotations

from batten.frameworks import Control, Framework, pss

_CHECKS = {
    "apparmor": ("RUN003",),
    "capabilities": ("PRV006", "PRV005"),
    "host-namespaces": ("NET001", "PRV011", "PRV012"),
    "host-path-volumes": ("PRV010", "PRV009", "PRV008"),
    "host-ports": ("NET002", "NET003"),
    "host-probes": ("RUN016",),
    "host-process": ("PRV013",),
    "privilege-escalation": ("PRV004",),
    "privileged-containers": ("PRV001",),
    "proc-mount": ("RUN006",),
    "running-as-non-root": ("PRV002",),
    "running-as-non-root-user": ("PRV003",),
    "seccomp": ("RUN001",),
    "selinux": ("RUN005",),
    "sysctls": ("RUN007",),
    "volume-types": ("RUN015", "PRV010", "PRV009", "PRV008"),
}
_RESTRICTED = {"capabilities": ("PRV007", "PRV006", "PRV005"), "seccomp": ("RUN002", "RUN001")}


def table(level: str) -> Framework:
    """The controls of `level` at the newest policy version."""
    checks = _CHECKS | _RESTRICTED if level == "restricted" else _CHECKS
    controls = tuple(Control(name, title, "full", checks[name]) for name, title in pss.controls(level))
    return Framework(f"pss-{level}", f"Pod Security Standards, {level}", pss.NEWEST, pss.URL, controls)
