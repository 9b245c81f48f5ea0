"""Values as `docker run` and `podman run` take them: what Compose, ECS, Quadlet and inspect output share.

Every function takes the written text and answers None (or `UNKNOWN`) where it is no such value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from batten.model.values import UNKNOWN, Absent, Capabilities, Profile, SELinux, User
from batten.model.workload import Device, Port, Ulimit
from batten.pattern import pattern

TEMPLATE = pattern(r"\$\{|\{\{|<%|\$\(|^\s*<[A-Za-z_][\w .-]*>\s*$|^\s*\$[A-Za-z_]\w*\s*$")
_SIZE = pattern(r"([0-9]{1,18}(?:\.[0-9]{1,9})?) ?([kmgtp]?)i?b?\Z", re.IGNORECASE)
_UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40, "p": 1 << 50}
_ADDRESS = pattern(r"[\w.:%*-]*\Z")
_NUMBER = pattern(r"-?[0-9]{1,19}\Z")


def is_template(text: str) -> bool:
    """Something stands here that is filled in before the platform reads it: `${X}`, `{{ x }}`, `<IMAGE>`."""
    return TEMPLATE.search(text) is not None


def user(text: str) -> User | Absent:
    """`user`, `uid`, `user:group`: who the process runs as; `User()` for an empty text."""
    if is_template(text):
        return UNKNOWN
    name, _, group = text.strip().partition(":")
    if not name:
        return User(group=group or None, decided_by="default")
    if name.isascii() and name.isdigit() and len(name) < 11:
        return User(uid=int(name), group=group or None)
    return User(name=name, group=group or None)


def capabilities(add: Iterable[str], drop: Iterable[str]) -> Capabilities:
    """Names as the engines understand them: any case, with or without `CAP_`."""
    return Capabilities(*(tuple(dict.fromkeys(map(capability, names))) for names in (add, drop)))


def capability(name: str) -> str:
    return name.strip().upper().removeprefix("CAP_")


def size(text: str) -> int | None:
    """Bytes in `512m`, `1.5g`, `64MiB`, `1073741824`."""
    match = _SIZE.match(text.strip())
    if match is None:
        return None
    unit = _UNITS[match[2].lower()]
    return int(float(match[1]) * unit) if "." in match[1] else int(match[1]) * unit


def number(text: str) -> int | None:
    text = text.strip()
    return int(text) if _NUMBER.match(text) else None


class Range(Struct, frozen=True):
    first: int
    last: int


def port_range(text: str) -> Range | None:
    """`80` or `8000-8010`, both from 0 to 65535."""
    first, dash, last = text.strip().partition("-")
    one, two = number(first), number(last if dash else first)
    if one is None or two is None or not 0 <= one <= two <= 65535:
        return None
    return Range(one, two)


def published_port(text: str) -> Port | None:
    """`[[address:][host]:]container[/protocol]` of `--publish`. A host port that is left out is random."""
    spec, _, protocol = text.strip().partition("/")
    address, host, container = "", "", spec
    if ":" in spec:
        host, _, container = spec.rpartition(":")
        if host.startswith("[") and "]" in host:
            address, _, host = host[1:].partition("]")
            host = host.removeprefix(":")
        elif ":" in host:
            address, _, host = host.rpartition(":")
    inside = port_range(container)
    outside = port_range(host) if host.strip() else Range(-1, -1)
    if inside is None or outside is None or not _ADDRESS.match(address):
        return None
    return Port(
        container=inside.first,
        host=outside.first or -1,
        host_ip="" if address == "*" else address,
        protocol=(protocol or "tcp").lower(),
        container_end=inside.last if inside.last > inside.first else 0,
        host_end=outside.last if outside.last > outside.first else 0,
    )


def device(text: str) -> Device:
    """`/dev/on-host[:/dev/in-container][:rwm]`; names of the Container Device Interface have no path."""
    path, _, rest = text.strip().partition(":")
    target, _, permissions = rest.partition(":")
    if target and "/" not in target:
        target, permissions = "", target
    return Device(path=path, target=target or path, permissions=permissions or "rwm")


def ulimit(text: str) -> Ulimit | None:
    """`nofile=1024[:2048]`; -1 is unlimited. `host` (Podman: those of the host) gives None."""
    name, _, value = text.strip().partition("=")
    soft, colon, hard = value.partition(":")
    low, high = number(soft), number(hard if colon else soft)
    if not name or low is None or high is None:
        return None
    return Ulimit(name=name.lower().removeprefix("rlimit_"), soft=low, hard=high)


def bind(text: str) -> tuple[str, str, tuple[str, ...]]:
    """(source, target, options) of `--volume`; source is "" for an anonymous volume.

    The colon after a Windows drive letter belongs to the path.
    """
    parts = text.split(":", 8)
    for index in range(len(parts) - 1, 0, -1):
        drive = parts[index - 1]
        if len(drive) == 1 and drive.isalpha() and parts[index][:1] in ("\\", "/") and "\\" in text:
            parts[index - 1 : index + 1] = [f"{drive}:{parts[index]}"]
    if len(parts) == 1:
        return "", parts[0], ()
    options = tuple(option.strip() for part in parts[2:] for option in part.split(",") if option.strip())
    return parts[0], parts[1], options


def bound_folder(driver: str, options: Mapping[str, str]) -> str:
    """The folder of the host that a volume with these options of its driver is; "" where it is a volume.

    https://docs.docker.com/engine/storage/volumes/ and `mount(8)`, which the driver `local` follows.
    """
    flags = options.get("o", "").split(",")
    device = options.get("device", "")
    bound = driver in ("", "local") and ("bind" in flags or "rbind" in flags)
    return device if bound and device.startswith("/") else ""


def mount_fields(text: str) -> dict[str, str]:
    """`--mount type=bind,source=/a,destination=/b,ro` as a dictionary with one spelling per key.

    A flag has the value "true"; double quotes around a field are CSV's and go.
    """
    fields: dict[str, str] = {}
    for part in _csv(text):
        key, equals, value = part.partition("=")
        name = key.strip().lower()
        fields[_MOUNT_KEYS.get(name, name)] = value if equals else "true"
    return fields


_MOUNT_KEYS = {"src": "source", "dst": "target", "destination": "target", "ro": "readonly"}


def _csv(text: str) -> list[str]:
    fields: list[list[str]] = [[]]
    for number, part in enumerate(text.split('"')):
        if number % 2:  # between quotes
            fields[-1].append(part)
            continue
        first, *others = part.split(",")
        fields[-1].append(first)
        fields += [[one] for one in others]
    return [one for one in map("".join, fields) if one]


class SecurityOptions(Struct):
    """What a list of `--security-opt` decides; None where it does not speak of it.

    `at` has, per decided field, the indexes of the options that decided it.
    """

    no_new_privileges: bool | None = None
    seccomp: Profile | None = None
    apparmor: Profile | None = None
    selinux: SELinux | None = None
    unmasked: bool = False
    at: dict[str, list[int]] = field(default_factory=dict)


def security_options(options: Sequence[str]) -> SecurityOptions:
    """Reads `no-new-privileges`, `seccomp=`, `apparmor=`, `label=`, `unmask=` and `systempaths=`.

    The separator may be `=` or, as Docker wrote it before 1.11 and ECS still does, `:`.
    """
    result = SecurityOptions()
    labels: dict[str, str | bool] = {}
    for index, option in enumerate(options):
        name, value = _halves(option.strip())
        if name == "no-new-privileges":
            result.no_new_privileges = value.lower() not in ("false", "0")
        elif name == "seccomp":
            result.seccomp = profile(value)
        elif name == "apparmor":
            result.apparmor = profile(value)
        elif name == "label":
            _label(labels, value)
            result.selinux = SELinux(**labels)  # type: ignore[arg-type]
        elif (name == "systempaths" and value == "unconfined") or (name == "unmask" and _unmasks_all(value)):
            result.unmasked = True
        else:
            continue
        key = {"label": "selinux", "systempaths": "unmasked", "unmask": "unmasked"}.get(name, name)
        result.at.setdefault(key.replace("-", "_"), []).append(index)
    return result


def _halves(option: str) -> tuple[str, str]:
    for position, character in enumerate(option):
        if character in "=:":
            return option[:position].strip().lower(), option[position + 1 :].strip()
    return option.lower(), ""


def _label(labels: dict[str, str | bool], value: str) -> None:
    if value == "disable":
        labels["disabled"] = True
        return
    kind, _, text = value.partition(":")
    if kind in ("type", "user", "role", "level"):
        labels[kind] = text


def _unmasks_all(value: str) -> bool:
    return value.lower() == "all" or "/proc/*" in value.split(":")


def profile(text: str) -> Profile:
    """A seccomp or AppArmor profile as the engines name it."""
    if text == "unconfined":
        return Profile("unconfined")
    if text in ("", "default", "runtime/default", "docker-default", "builtin") or text.startswith("containers-default"):
        return Profile("runtime-default")
    # the Docker engine answers `inspect` with the profile itself
    if text.startswith("{"):
        return Profile("unconfined") if filters_nothing(text) else Profile("localhost")
    return Profile("localhost", text.removeprefix("localhost/"))


_ALLOWING: Final = ("SCMP_ACT_ALLOW", "SCMP_ACT_LOG")


class _Rule(Struct):
    action: str = ""


class _Filter(Struct):
    """A seccomp profile (https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#seccomp)."""

    default: str = field(default="", name="defaultAction")
    syscalls: list[_Rule] | None = None


def filters_nothing(text: str | bytes) -> bool:
    """Whether a seccomp profile lets every system call through."""
    from msgspec import DecodeError
    from msgspec.json import decode

    try:
        read = decode(text, type=_Filter)
    except (DecodeError, RecursionError, UnicodeError):
        return False
    return read.default in _ALLOWING and all(rule.action in _ALLOWING for rule in read.syscalls or ())
