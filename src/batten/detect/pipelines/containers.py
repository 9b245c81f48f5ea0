"""Containers that a script starts (`docker run`, `podman run`) with more rights than a container has by itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

from msgspec import Struct

from batten.detect.pipelines.steps import script_commands
from batten.detect.shell import Command, Option, options
from batten.detect.shell.syntax import long_options
from batten.model.pipeline import Step
from batten.model.source import Place

_ENGINES: Final = ("docker", "podman", "nerdctl")
# options of `docker run` and `podman run` that take a value: what follows the last of the options is the image
_SHORT: Final = "acehlmpuvw"
_LONG: Final = long_options(
    "add-host annotation arch attach authfile blkio-weight cap-add cap-drop cgroup-conf cgroup-parent cgroupns cgroups "
    "cidfile conmon-pidfile cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus cpuset-cpus cpuset-mems "
    "detach-keys device device-cgroup-rule device-read-bps device-write-bps dns dns-opt dns-option dns-search "
    "domainname entrypoint env env-file expose gidmap gpus group-add health-cmd health-interval health-retries "
    "health-start-period health-timeout hostname hostuser ip ip6 ipc isolation kernel-memory label label-file link "
    "link-local-ip log-driver log-opt mac-address memory memory-reservation memory-swap memory-swappiness mount name "
    "net network network-alias oom-score-adj os pid pidfile pids-limit platform pod publish pull requires restart "
    "runtime sdnotify seccomp-policy secret security-opt shm-size stop-signal stop-timeout storage-opt subgidname "
    "subuidname sysctl systemd timeout tmpfs tz uidmap ulimit umask unsetenv user userns uts variant volume "
    "volume-driver volumes-from workdir"
)
_GLOBAL: Final = long_options("config context host log-level tlscacert tlscert tlskey connection root url")

Kind = Literal["privileged", "capability", "namespace", "unconfined"]


class Right(Struct, frozen=True, eq=False):
    """One option that gives a container more. `value`: the capability, the namespace, the profile."""

    kind: Kind
    text: str
    value: str
    place: Place


def rights_of_containers(step: Step) -> Iterator[Right]:
    """What the containers that the step's script starts are given."""
    for command in script_commands(step):
        if command.name in _ENGINES:
            yield from _of_command(step, command)


def _of_command(step: Step, command: Command) -> Iterator[Right]:
    script = step.script
    words = options(command.arguments, "Hcl", _GLOBAL, permute=False)[1]
    if words and words[0].value == "container":
        words = words[1:]
    if script is None or not words or words[0].value not in ("run", "create"):
        return
    for one in options(tuple(words[1:]), _SHORT, _LONG, permute=False)[0]:
        found = _right(one)
        if found is not None:
            text = " ".join(script.text[one.start : one.end].split())
            yield Right(found[0], text, found[1], script.at(one.start, one.end))


def _right(option: Option) -> tuple[Kind, str] | None:
    value = option.value
    if option.name == "--privileged":
        return None if value == "false" else ("privileged", "")
    if not value:
        return None
    if option.name == "--cap-add":
        return "capability", value.upper().removeprefix("CAP_")
    if option.name in ("--network", "--net", "--pid", "--ipc", "--userns", "--uts", "--cgroupns") and value == "host":
        return "namespace", "network" if option.name == "--net" else option.name.removeprefix("--")
    if option.name == "--security-opt":
        kind, _, profile = value.replace(":", "=", 1).partition("=")
        if (kind in ("seccomp", "apparmor") and profile == "unconfined") or value in ("label=disable", "label:disable"):
            return "unconfined", {"label": "SELinux", "apparmor": "AppArmor"}.get(kind, kind)
    return None
