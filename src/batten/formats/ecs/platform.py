"""What a task runs on, and what cannot be said there.

Launch types: `EC2` (also where nothing is required: the API's default), `FARGATE`, `EXTERNAL`,
`MANAGED_INSTANCES`. A definition that names several must be valid on each of them.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from batten.formats.docker_values import is_template
from batten.formats.part import Part, amount
from batten.model.values import UNKNOWN, Absent

# no security options, devices or privileges on Fargate; what it confines with is its own
_FARGATE = frozenset({"privileged", "privilege_escalation", "apparmor", "selinux", "devices"})
# of those, what is judged where nothing is written
_MAYBE = frozenset({"privilege_escalation", "apparmor", "selinux"})
_FARGATE_TASK = frozenset({"host_network", "host_pid", "host_ipc"})
_WINDOWS = frozenset(
    {
        "user",
        "privileged",
        "privilege_escalation",
        "capabilities",
        "seccomp",
        "apparmor",
        "selinux",
        "read_only_root",
        "devices",
        "ulimits",
    }
)
_WINDOWS_TASK = frozenset({"host_network", "host_pid", "host_ipc", "share_process_namespace", "sysctls"})
_MEMORY_UNITS = {"": 1, "mb": 1, "gb": 1024}
_CPU_UNITS = {"": 1, "vcpu": 1024}

TEMPLATE = "template"  # the network mode is filled in before the definition is registered


class Platform(Struct, frozen=True):
    """Where a task definition runs."""

    launch_types: tuple[str, ...]
    windows: bool
    os: Literal["linux", "windows", ""]
    network_mode: str
    """As the API understands it: `bridge` where nothing is written on EC2, `awsvpc` on Fargate; or `TEMPLATE`."""
    inexpressible: frozenset[str]
    task_inexpressible: frozenset[str]

    @property
    def fargate(self) -> bool:
        """It must be valid on Fargate."""
        return "FARGATE" in self.launch_types

    @property
    def _task_bounds(self) -> bool:
        """Instances ignore the size of a task of Windows (ECS: task definition parameters, task size); on Fargate the
        machine under the task has it."""
        return not self.windows or _only_fargate(self.launch_types)

    def task_memory(self, task: Part) -> int | Absent | None:
        """Bytes that the whole task may use."""
        return self.task_size(task) if self._task_bounds else None

    def task_size(self, task: Part) -> int | Absent | None:
        """Bytes that are written for the whole task, also where they bound nothing."""
        if task.get("memory") is None:
            return None
        mebibytes = amount(task.text("memory"), _MEMORY_UNITS)
        return mebibytes << 20 if isinstance(mebibytes, int) and mebibytes else UNKNOWN

    def task_cpu(self, task: Part) -> float | Absent | None:
        """Cores that the whole task may use."""
        if not self._task_bounds or task.get("cpu") is None:
            return None
        units = amount(task.text("cpu"), _CPU_UNITS)
        return units / 1024 if isinstance(units, int) and units else UNKNOWN


def _only_fargate(launch_types: tuple[str, ...]) -> bool:
    return set(launch_types) == {"FARGATE"}


def platform_of(task: Part) -> Platform:
    """What `requiresCompatibilities`, `runtimePlatform` and `networkMode` say."""
    words = task.texts("requiresCompatibilities") or [task.text("requiresCompatibilities")]
    written = [word for word in words if word and not is_template(word)]
    hidden = not written and any(map(is_template, words))  # it may be Fargate, or not
    launch = tuple(word.upper() for word in written) or ("EC2",)
    family = task.part("runtimePlatform").text("operatingSystemFamily").upper()
    windows = family.startswith("WINDOWS")
    only_fargate = _only_fargate(launch)
    system: Literal["linux", "windows", ""] = "windows" if windows else "linux" if family or only_fargate else ""
    mode = task.text("networkMode") or (TEMPLATE if hidden else "awsvpc" if only_fargate else "bridge")
    if is_template(mode):
        mode = TEMPLATE
    nothing: frozenset[str] = frozenset()
    return Platform(
        launch_types=launch,
        windows=windows,
        os=system,
        network_mode=mode,
        inexpressible=(_FARGATE if only_fargate else _MAYBE if hidden else nothing)
        | (_WINDOWS if windows else nothing),
        task_inexpressible=(_FARGATE_TASK if only_fargate else nothing) | (_WINDOWS_TASK if windows else nothing),
    )
