"""Where the program of a container writes, as far as its manifest and its image's name tell."""

from __future__ import annotations

import posixpath
from typing import Final

from batten.model.values import Absent
from batten.model.workload import Container

# image name -> folders that its program is known to write to when the root is read-only
_WRITES: Final = {
    "nginx": ("/var/cache/nginx", "/var/run"),
    "httpd": ("/usr/local/apache2/logs",),
    "postgres": ("/var/run/postgresql",),
    "mysql": ("/var/run/mysqld",),
    "mariadb": ("/run/mysqld",),
    "haproxy": ("/var/run",),
    "kibana": ("/usr/share/kibana/data",),
    "tomcat": ("/usr/local/tomcat/logs", "/usr/local/tomcat/temp", "/usr/local/tomcat/work"),
    "sonarqube": ("/opt/sonarqube/logs", "/opt/sonarqube/temp"),
    # Apache in Debian's packages
    **dict.fromkeys(("drupal", "joomla", "nextcloud", "wordpress"), ("/var/lock/apache2", "/var/run/apache2")),
}
_AMONG: Final = {"elasticsearch": ("/usr/share/elasticsearch/config/elasticsearch.keystore",)}
"""Image name -> files that its program writes beside its settings when it starts."""
# Folders of the Filesystem Hierarchy Standard for what programs write: an empty mount hides no program there.
_FOR_DATA: Final = ("/data", "/media", "/mnt", "/run", "/srv", "/tmp", "/var")  # noqa: S108 - paths inside containers
_SHELL_WRITES: Final = (">", "mkdir", "tee", "touch")


def written_folders(container: Container) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The folders that have to stay writable when the root becomes read-only (/tmp, what the known program writes
    to, what the command says); and files that are written among the image's own, where no mount can be put without
    hiding these."""
    image = container.image
    name = "" if image is None or isinstance(image, Absent) else image.repository.rpartition("/")[2]
    folders = ["/tmp", *_WRITES.get(name, ())]  # noqa: S108 - a path inside the container
    among = list(_AMONG.get(name, ()))
    mounted = [mount.target.rstrip("/") for mount in container.mounts if not mount.read_only]
    for path, new in _by_command(container):
        folder = path if new else posixpath.dirname(path)
        if _is_below(path, folders) or _is_below(path, [one for one in mounted if one]):
            continue
        if _can_be_covered(folder, new=new):
            folders.append(folder)
        else:
            among.append(path)
    return tuple(folders), tuple(among)


def _by_command(container: Container) -> list[tuple[str, bool]]:
    words = [*(container.command or ()), *(container.args or ())]
    if not any(mark in word for word in words for mark in _SHELL_WRITES):
        return []  # most: no need of a grammar
    from batten.detect.shell import exec_commands
    from batten.detect.shell.writes import paths_written

    commands = exec_commands([(word, range(len(word))) for word in words])
    return [(one.path, one.folder) for one in paths_written(commands)]


def _is_below(path: str, folders: list[str]) -> bool:
    return any(path == one or path.startswith(one + "/") for one in folders)


def _can_be_covered(folder: str, *, new: bool) -> bool:
    """May an empty mount be put there? One that the command makes is not in the image; others must be for data."""
    if new:
        return folder.count("/") > 1 or folder in _FOR_DATA
    return folder != "/var" and _is_below(folder, list(_FOR_DATA))
