"""What holds where a Compose file or a Swarm stack says nothing, and what stacks do not read.

Compose: the Docker engine's defaults for a container. Swarm: the same for what a service's
specification can say; the rest is not expressible. Keys of stacks: docker/cli, the version 3.13 schema,
`UnsupportedProperties` and `DeprecatedProperties` of cli/compose/types, and what convert.Service copies.
"""

from __future__ import annotations

from typing import Any, Final

from batten.model.values import NOT_EXPRESSIBLE, UNKNOWN, Capabilities, Profile, SELinux, User

CONTAINER: Final[dict[str, Any]] = {
    "user": User(decided_by="default"),
    "privileged": False,
    "privilege_escalation": True,
    "capabilities": Capabilities(),
    "seccomp": Profile("runtime-default"),
    "apparmor": Profile("runtime-default"),
    "selinux": SELinux(),
    "proc_mount": "default",
    "read_only_root": False,
    "memory_limit": None,
    "memory_request": None,
    "cpu_limit": None,
    "cpu_request": None,
    "pids_limit": None,
    "healthcheck": UNKNOWN,  # the image may bring one
    "restart": "",
    "log_driver": "",
    "devices": (),
    "ulimits": (),
}
WORKLOAD: Final[dict[str, Any]] = {
    "host_network": False,
    "host_pid": False,
    "host_ipc": False,
    "user_namespace": UNKNOWN,  # the daemon's `userns-remap` decides
    "sysctls": (),
    "network_mode": "",
}

# a stack file cannot say these, whatever it writes
_NOT_IN_STACKS: Final = (
    *("privileged", "privilege_escalation", "seccomp", "apparmor", "selinux", "proc_mount", "devices"),
    *("host_pid", "host_ipc", "user_namespace"),
)
SWARM_CONTAINER: Final[dict[str, Any]] = {
    **{name: NOT_EXPRESSIBLE if name in _NOT_IN_STACKS else value for name, value in CONTAINER.items()},
    "restart": "any",
}
SWARM_WORKLOAD: Final[dict[str, Any]] = {
    name: NOT_EXPRESSIBLE if name in _NOT_IN_STACKS else value for name, value in WORKLOAD.items()
}

STACK_KEYS: Final = frozenset(
    """cap_add cap_drop command configs credential_spec deploy dns dns_search entrypoint env_file environment
    extra_hosts healthcheck hostname image init isolation labels logging networks oom_score_adj ports read_only
    restart secrets stdin_open stop_grace_period stop_signal sysctls tty ulimits user volumes working_dir""".split()  # noqa: SIM905
)
"""Keys of a service that `docker stack deploy` acts on (`restart`, too, although it warns about it)."""
STACK_IGNORED: Final = frozenset(
    """build cgroup_parent cgroupns_mode container_name depends_on devices domainname expose external_links ipc
    links mac_address network_mode pid privileged security_opt shm_size tmpfs userns_mode""".split()  # noqa: SIM905
)
"""Keys that it takes and drops. With any other key it refuses the file."""
