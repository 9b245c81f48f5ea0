"""What the options of `podman run` mean for a container, field by field (podman-run(1)).

Defaults are Podman's own: its seccomp profile, AppArmor where the host has it, 2,048 processes
(containers.conf), no limit of memory or processor time, privileges that may be gained.
"""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from batten.formats import docker_values as values
from batten.formats.quadlet.options import Option, Options, is_true
from batten.model.source import Pointer
from batten.model.values import UNKNOWN, Capabilities, Profile, SELinux, User
from batten.model.workload import EnvSource, EnvVar, Port, Sysctl
from batten.pattern import pattern

PIDS_LIMIT = 2048  # pids_limit of containers.conf(5)
_CPU_PERIOD = 100_000  # microseconds; --cpu-period where only --cpu-quota is given
_UID_DIGITS = 10
_SPECIFIER = pattern(r"%[A-Za-z]")
_AT_START = pattern(r"%[A-Za-z]|\$\{?[A-Za-z_][A-Za-z0-9_]*\}?")


class Fields(Struct):
    """Values of fields, and where those that are written stand."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[str, Pointer] = field(default_factory=dict)
    faults: list[tuple[Pointer, str]] = field(default_factory=list)
    """Options whose value is none (place, message)."""

    def put(self, name: str, value: Any, option: Option | None) -> None:
        """`value` is that of the field; the place is that of the option, if it is written."""
        self.values[name] = value
        if option is not None:
            self.places[name] = option.pointer


def has_specifier(text: str) -> bool:
    """systemd puts something in here when the unit is started (`%i`, `%h`)."""
    return _SPECIFIER.search(text.replace("%%", "")) is not None


def container_fields(options: Options) -> Fields:
    """The fields of the container itself; mounts are in `batten.formats.quadlet.mounts`."""
    fields = Fields()
    _privileges(fields, options)
    _security(fields, options)
    _limits(fields, options)
    _environment(fields, options)
    health = options.last("health-cmd")
    off = options.flag("no-healthcheck")
    has = health is not None and health.value.strip().strip("\"'[]").lower() not in ("", "none")
    fields.put("healthcheck", has and off is None, off or health)
    driver = options.last("log-driver")
    fields.put("log_driver", driver.value if driver else "", driver)
    fields.put("devices", tuple(_devices(options)), None)
    fields.put("ports", tuple(ports(fields, options)), None)
    return fields


def _privileges(fields: Fields, options: Options) -> None:
    written = options.last("user")
    mapped = options.last("userns")
    if written is None and mapped is not None and mapped.value.partition(":")[0] == "keep-id":
        fields.put("user", _kept(mapped.value), mapped)
    elif written is None:
        fields.put("user", User(decided_by="default"), None)
    else:
        fields.put("user", UNKNOWN if has_specifier(written.value) else values.user(written.value), written)
    flag = options.last("privileged")
    fields.put("privileged", flag is not None and is_true(flag.value), flag)
    added, dropped = options.every("cap-add"), options.every("cap-drop")
    if added or dropped:
        both = ([option.value for option in part] for part in (added, dropped))
        fields.put("capabilities", values.capabilities(*both), (added or dropped)[0])
    else:
        fields.put("capabilities", Capabilities(), None)
    read_only = options.last("read-only")
    fields.put("read_only_root", read_only is not None and is_true(read_only.value), read_only)


def _kept(text: str) -> User:
    """Who runs with `--userns=keep-id[:uid=N,gid=N]` and no `--user`: whoever started Podman, under the same number
    unless another is written; Podman refuses the mode to root (podman-run(1))."""
    written = values.mount_fields(text.partition(":")[2]).get("uid", "")
    if written.isascii() and written.isdigit() and len(written) <= _UID_DIGITS:
        return User(uid=int(written))
    return User(must_not_be_root=True)


def _security(fields: Fields, options: Options) -> None:
    written = options.every("security-opt")
    read = values.security_options([option.value for option in written])

    def put(name: str, value: Any, key: str) -> None:
        at = read.at.get(key)
        fields.put(name, value, written[at[-1]] if at else None)

    put("privilege_escalation", not read.no_new_privileges, "no_new_privileges")
    put("seccomp", read.seccomp or Profile("runtime-default"), "seccomp")
    put("apparmor", read.apparmor or Profile("runtime-default"), "apparmor")
    put("selinux", read.selinux or SELinux(), "selinux")
    put("proc_mount", "unmasked" if read.unmasked else "default", "unmasked")


def _limits(fields: Fields, options: Options) -> None:
    for name, key in (("memory_limit", "memory"), ("memory_request", "memory-reservation")):
        option = options.last(key)
        read = None if option is None else values.size(option.value)
        fields.put(name, UNKNOWN if option is not None and read is None else read or None, option)
    cpus, quota = options.last("cpus"), options.last("cpu-quota")
    if cpus is None and quota is not None:
        period = options.last("cpu-period")
        limit = values.number(quota.value)
        length = values.number(period.value) if period is not None else _CPU_PERIOD
        fields.put("cpu_limit", limit / length if limit and limit > 0 and length and length > 0 else None, quota)
    else:
        fields.put("cpu_limit", _positive(cpus.value) if cpus is not None else None, cpus)
    pids = options.last("pids-limit")
    if pids is None:
        fields.put("pids_limit", PIDS_LIMIT, None)
    else:
        number = values.number(pids.value)
        fields.put("pids_limit", UNKNOWN if number is None else number if number > 0 else None, pids)
    ulimits = []
    for option in options.every("ulimit"):
        read_limit = values.ulimit(option.value)
        if read_limit is not None:
            ulimits.append(_at(read_limit, option))
    fields.put("ulimits", tuple(ulimits), None)


def _positive(text: str) -> Any:
    try:
        number = float(text)
    except ValueError:
        return UNKNOWN
    return number if 0 < number < float("inf") else None


def _environment(fields: Fields, options: Options) -> None:
    variables: dict[str, EnvVar] = {}
    for option in options.every("env"):
        name, equals, value = option.value.partition("=")
        variables.pop(name, None)  # the last one counts
        if equals:
            variables[name] = EnvVar(name=name, value=value, pointer=option.pointer)
        else:
            variables[name] = EnvVar(name=name, source="host", pointer=option.pointer)
    for option in options.every("secret"):
        secret, given = secret_fields(option.value)
        if given.get("type") == "env":
            name = given.get("target") or secret
            variables[name] = EnvVar(name=name, source="secret", reference=secret, pointer=option.pointer)
    fields.put("environment", tuple(variables.values()), None)
    files = [EnvSource("file", option.value, option.pointer) for option in options.every("env-file")]
    fields.put("environment_from", tuple(files), None)


def secret_fields(text: str) -> tuple[str, dict[str, str]]:
    """(name, fields) of `--secret name,type=env,target=X`; the name may be written `source=name`."""
    given = values.mount_fields(text)
    return given.get("source") or text.partition(",")[0].strip(), given


def _devices(options: Options) -> list[Any]:
    # a dash before the path (Quadlet alone): only where the host has it
    return [_at(values.device(option.value.removeprefix("-")), option) for option in options.every("device")]


def ports(fields: Fields, options: Options) -> list[Port]:
    """Published ports. A host port that is known only when the unit starts counts as a random one."""
    found = []
    for option in options.every("publish"):
        port = values.published_port(_AT_START.sub("", option.value))
        if port is None:
            if not _AT_START.search(option.value):
                fields.faults.append(
                    (option.pointer, f"expected a port `[address:][host:]container`, found “{option.value}”")
                )
        else:
            found.append(_at(port, option))
    return found


def workload_fields(options: Options) -> Fields:
    """The fields of the workload: namespaces, networks, kernel parameters."""
    fields = Fields()
    for name, key in (("host_pid", "pid"), ("host_ipc", "ipc")):
        option = options.last(key)
        fields.put(name, option is not None and option.value == "host", option)
    _networks(fields, options)
    _user_namespace(fields, options)
    sysctls = [Sysctl(*option.value.partition("=")[::2], pointer=option.pointer) for option in options.every("sysctl")]
    fields.put("sysctls", tuple(sysctls), None)
    return fields


def _networks(fields: Fields, options: Options) -> None:
    written = options.every("network")
    host = next((option for option in written if option.value.partition(":")[0] == "host"), None)
    fields.put("host_network", host is not None, host or (written[0] if written else None))
    mode, names = "", []
    for option in written:
        word = option.value.partition(":")[0]
        if word in ("container", "ns"):
            mode = mode or option.value
        elif word in ("host", "none", "bridge", "private", "pasta", "slirp4netns") or word.endswith(".container"):
            mode = mode or (f"container:{word}" if word.endswith(".container") else word)
        else:
            names += [name for name in word.split(",") if name]
    if host is not None:
        mode = "host"
    fields.put("network_mode", mode, host or (written[0] if written else None))
    fields.put("networks", tuple(names), written[0] if written else None)


def _user_namespace(fields: Fields, options: Options) -> None:
    mapped = next(
        (option for key in ("uidmap", "gidmap", "subuidname", "subgidname") for option in options.every(key)), None
    )
    option = options.last("userns")
    if option is None:
        # without one it depends on who starts it: a user's own service manager always has one
        fields.put("user_namespace", True if mapped is not None else UNKNOWN, mapped)
        return
    word = option.value.partition(":")[0]
    known = {"host": False, "auto": True, "keep-id": True, "nomap": True, "private": True}
    fields.put("user_namespace", True if mapped is not None else known.get(word, UNKNOWN), option)


def _at(part: Any, option: Option) -> Any:
    from msgspec.structs import replace

    return replace(part, pointer=option.pointer)
