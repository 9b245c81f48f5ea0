"""The keys that Podman's generator knows: it refuses a unit that has another one in a section of its own.

From `groupsInfo` in Podman's `pkg/systemd/quadlet/quadlet.go`, as of its version 6.0; no key was ever taken away, so
that a unit for an older version is not blamed here for what is newer than it.
"""

from __future__ import annotations

import re
from typing import Final

from batten.formats.quadlet.document import UnitDocument
from batten.formats.quadlet.keys import option_key
from batten.model.source import Problem

_VERSION: Final = "6.0"
_EVERY: Final = "ContainersConfModule GlobalArgs PodmanArgs ServiceName"
_REMAP: Final = "RemapGid RemapUid RemapUidSize RemapUsers"
_NAMES: Final = "DNS DNSOption DNSSearch"
_PULLED: Final = "AuthFile CertDir Creds DecryptionKey Retry RetryDelay TLSVerify"
_TABLE: Final = {
    "Container": f"""{_EVERY} {_REMAP} {_NAMES} AddCapability AddDevice AddHost Annotation AppArmor AutoUpdate
        CgroupsMode ContainerName DropCapability Entrypoint Environment EnvironmentFile EnvironmentHost Exec
        ExposeHostPort GIDMap Group GroupAdd HealthCmd HealthInterval HealthLogDestination HealthMaxLogCount
        HealthMaxLogSize HealthOnFailure HealthRetries HealthStartPeriod HealthStartupCmd HealthStartupInterval
        HealthStartupRetries HealthStartupSuccess HealthStartupTimeout HealthTimeout HostName HttpProxy IP IP6 Image
        ImageVolume Label LogDriver LogOpt Mask Memory Mount Network NetworkAlias NoNewPrivileges Notify PidsLimit Pod
        PublishPort Pull ReadOnly ReadOnlyTmpfs ReloadCmd ReloadSignal Retry RetryDelay Rootfs RunInit SeccompProfile
        Secret SecurityLabelDisable SecurityLabelFileType SecurityLabelLevel SecurityLabelNested SecurityLabelType
        ShmSize StartWithPod StopSignal StopTimeout SubGIDMap SubUIDMap Sysctl Timezone Tmpfs UIDMap Ulimit Umask
        Unmask User UserNS VolatileTmp Volume WorkingDir""",
    "Pod": f"""{_EVERY} {_REMAP} {_NAMES} AddHost ExitPolicy GIDMap HostName IP IP6 Label Network NetworkAlias PodName
        PublishPort ShmSize StopTimeout SubGIDMap SubUIDMap UIDMap UserNS Volume""",
    "Kube": f"""{_EVERY} {_REMAP} AutoUpdate ConfigMap ExitCodePropagation KubeDownForce LogDriver LogOpt Network
        PublishPort SetWorkingDirectory UserNS Yaml""",
    "Volume": f"{_EVERY} Copy Device Driver GID Group Image Label Options Type UID User VolumeName",
    "Network": f"""{_EVERY} DNS DisableDNS Driver Gateway IPAMDriver IPRange IPv6 InterfaceName Internal Label
        NetworkDeleteOnStop NetworkName Options Subnet""",
    "Image": f"{_EVERY} {_PULLED} AllTags Arch Image ImageTag OS Policy Variant",
    "Build": f"""{_EVERY} {_NAMES} Annotation Arch AuthFile BuildArg Environment File ForceRM GroupAdd IgnoreFile
        ImageTag Label Network Pull Retry RetryDelay Secret SetWorkingDirectory TLSVerify Target Variant Volume""",
    "Quadlet": "DefaultDependencies",
}
KEYS: Final = {section: frozenset(names.split()) for section, names in _TABLE.items()}
"""Section -> its keys."""


_OPTION_NAMES: Final = """
attach blkio-weight cgroup-conf cgroup-parent cidfile cpu-period cpu-quota cpu-shares cpus cpuset-cpus cpuset-mems
device-cgroup-rule gpus init-path interactive ipc memory-reservation memory-swap memory-swappiness no-hostname no-hosts
oom-kill-disable oom-score-adj personality pid platform privileged publish-all security-opt systemd tty unsetenv
unsetenv-all uts volumes-from
"""
_OPTIONS: Final = frozenset(_OPTION_NAMES.split())
"""Options of podman-run(1) that have no key."""
_FLAGS: Final = ("interactive", "no-hostname", "no-hosts", "oom-kill-disable", "privileged", "publish-all", "tty")
_SYSTEMDS: Final = {
    "Unit": ("After", "Before", "BindsTo", "Conflicts", "Description", "Documentation", "PartOf", "Requires", "Wants"),
    "Service": ("CPUQuota", "ExecStartPre", "MemoryMax", "Restart", "RestartSec", "TasksMax", "TimeoutStartSec"),
    "Install": ("Alias", "RequiredBy", "WantedBy"),
}
"""Keys of systemd that are often put into a section of Podman's."""


def unknown_keys(document: UnitDocument, section: str) -> list[Problem]:
    """One line for the keys of the unit's own section, and of `[Quadlet]`, that Podman does not know."""
    found = [
        one
        for one in document.instructions
        if one.section in (section, "Quadlet") and one.key not in KEYS.get(one.section, (one.key,))
    ]
    if not found:
        return []
    first = found[0]
    names = list(dict.fromkeys(f"{one.key}=" for one in found[1:] if one.key != first.key))
    more = f" (nor {', '.join(names[:3])}{' …' if len(names) > 3 else ''})" if names else ""
    message = (
        f"expected a key that Podman knows in [{first.section}], found {first.key[:60]}={more}: Podman {_VERSION} "
        f"and before refuse such a unit{_instead(first.section, first.key)}"
    )
    location = document.locate(first.pointer, key=True)
    return [Problem(location.path, message, location.line)]


def _instead(section: str, key: str) -> str:
    """What was probably meant: the key of the option of this name, systemd's, the option, what is written alike."""
    from difflib import get_close_matches

    known = {name.lower(): name for name in KEYS[section]}
    option = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|_", "-", key).lower()
    near = known.get(option.replace("-", "")) or option_key(option)
    if near in KEYS[section]:
        return f"; write {near}="
    for name, keys in _SYSTEMDS.items():
        if key in keys:
            return f"; it belongs into [{name}]"
    if section == "Container" and option in _OPTIONS:
        return f"; write PodmanArgs=--{option}{'' if option in _FLAGS else '=…'}"
    if close := get_close_matches(key.lower(), known, 1, 0.75):
        return f"; write {known[close[0]]}="
    return "; what has no key is written as an option in PodmanArgs=" if "PodmanArgs" in KEYS[section] else ""
