"""What a mount of a path of the host is for, as far as it shows, and so what a fix may do with it.

A fix must not take away what the process lives on: its data would be gone with the next start, and without
its configuration there is no next start. So a mount goes only where nothing in the workload speaks of it
and it holds neither; data moves to a volume, configuration is mounted read-only.
"""

from __future__ import annotations

import posixpath
import re
from typing import Final

from batten.engine.mend import lowering, removal, review
from batten.formats.image_needs import why_node, why_root
from batten.model.verdict import Fix
from batten.model.workload import Container, Mount, Volume, Workload
from batten.pattern import pattern

_FILE: Final = pattern(r"[^/]*[^/.]\.[A-Za-z][A-Za-z0-9_-]{0,9}")
_NO_FILE: Final = pattern(r".*\.(?:d|git|ssh|aws|kube|docker|config|cache|local|sock)")  # folders, and sockets
_CONFIGURATIONS: Final = frozenset(
    ("etc", "conf", "config", "configs", "configuration", "settings", "cert", "certs", "ssl", "tls", "provisioning",
     "templates", "rules", "policies", "secret", "secrets", "keys", "dashboards", "migrations", "scripts", "init")
)  # fmt: skip
_CONFIGURATION: Final = pattern(r"[\w.-]+\.d|docker-entrypoint-[\w.-]+")
_DATA: Final = pattern(
    r"(?:^|/)(?:[\w.-]*data|db|database|databases|storage|store|uploads?|media|backups?|dumps?|mysql|postgres|postgresql"
    r"|mongo|redis|volumes?|repositories|registry|queue|state)(?:/|$)|^/var/(?:lib|opt|spool|mail)/."
)
_ITS_OWN: Final = "its image keeps what it is told and what it makes there: use a volume"
CLAIMED: Final = "the pod claims it as a persistent volume: give it one that is no part of the host"
_COPIED_FIRST: Final = "what lies there now must be copied into it"


def volume_instead(workload: Workload, volume: Volume) -> tuple[Fix | None, str]:
    """(the fix, why there is none) for a path of the host that any program may have its files in."""
    mounts = mounts_of(workload, volume)
    if not mounts:
        return removal(workload, volume, f"take the volume of {volume.source} away: nothing mounts it"), ""
    if all(volume.read_only or mount.read_only for _, mount in mounts):
        return None, _from_elsewhere()
    if all(_is_built_from(one, volume) for one, _ in mounts):
        # mounted over for development: the image has what it was built from
        return removal(workload, volume, f"run what was built from {volume.source} instead of mounting it"), ""
    targets = [mount.target for _, mount in mounts]
    if any(_is_configuration(target) for target in targets) or _is_file(volume.source):
        if any(why_root(one) for one, _ in mounts):  # what they are given they make their own
            return None, _ITS_OWN
        return _read_only(workload, volume), ""
    if any(_DATA.search(target) for target in targets) or _DATA.search(volume.source.replace("\\", "/")):
        summary = f"keep the data of {volume.source} in a volume; {_COPIED_FIRST}"
        return review(summary, workload, named_volume=volume), ""
    return None, "whether it is data or only read is for its owner to say: use a volume, or mount it read-only"


def part_of_host(workload: Workload, volume: Volume, path: str, whole: bool) -> tuple[Fix | None, str]:
    """The same for a path that is the host's own. `whole`: nothing in it is one program's alone, as of `/`,
    `/proc` or a device."""
    if volume in workload.claimed:
        return None, CLAIMED
    mounts = mounts_of(workload, volume)
    read_only = bool(mounts) and all(volume.read_only or mount.read_only for _, mount in mounts)
    spoken_of = next((one for one in mounts if _speaks_of(*one)), None)
    watching = next((why for one, _ in mounts if (why := why_node(one))), "")
    if watching:
        return None, watching
    if not mounts or (whole and spoken_of is None):
        return removal(workload, volume, f"take the mount of {volume.source} away"), ""
    if spoken_of is not None and (read_only or not _only_read(path, spoken_of[1].target)):
        return None, f"the settings of container {spoken_of[0].name} name {spoken_of[1].target}: it uses the mount"
    if read_only:
        return None, _from_elsewhere()
    if any(why_root(one) for one, _ in mounts):
        return None, _ITS_OWN
    if _only_read(path, mounts[0][1].target):
        return _read_only(workload, volume), ""
    return None, "what it writes there is for its owner to say: mount the one folder that it needs"


def mounts_of(workload: Workload, volume: Volume) -> list[tuple[Container, Mount]]:
    return [(one, mount) for one in workload.containers for mount in one.mounts if mount.volume == volume.name]


def _is_built_from(container: Container, volume: Volume) -> bool:
    """Is the path the folder that the container's image is built from beside the manifest?"""
    if container.build is None or not volume.source.startswith("."):
        return False
    here = posixpath.dirname(container.document.file.path)
    return posixpath.normpath(posixpath.join(here, volume.source)) == posixpath.normpath(container.build.context or ".")


def _read_only(workload: Workload, volume: Volume) -> Fix:
    return lowering(f"mount {volume.source} read-only", workload, read_only_mounts=volume)


def _from_elsewhere() -> str:
    return "what lies there must come from elsewhere before the mount can go: from a volume, a config or the image"


def _only_read(path: str, target: str) -> bool:
    """Configuration and logs of the host are what an agent reads."""
    return (
        path in ("/", "/proc", "/sys")
        or path.startswith(("/etc/", "/var/log", "/var/lib/docker/containers", "/lib/modules", "/usr/"))
        or ("/." in path and _is_configuration(target))
    )


def _is_configuration(target: str) -> bool:
    folders = target.split("/")
    if not _CONFIGURATIONS.isdisjoint(folders):
        return True
    special = (one for one in folders if one.endswith(".d") or one.startswith("docker-"))
    return any(_CONFIGURATION.fullmatch(one) for one in special) or _is_file(target)


def _is_file(path: str) -> bool:
    name = path.replace("\\", "/").rstrip("/").rpartition("/")[2]
    return _FILE.fullmatch(name) is not None and _NO_FILE.fullmatch(name) is None


def _speaks_of(container: Container, mount: Mount) -> bool:
    """Do the command, its arguments or a variable name the path inside of the container?"""
    target = mount.target.rstrip("/")
    if not target:
        return False
    path = re.compile(rf"(?<![\w.-]){re.escape(target)}(?![\w.-])")
    texts = (*(container.command or ()), *(container.args or ()), *(one.value or "" for one in container.environment))
    return any(path.search(text) for text in texts)
