"""Names of Compose files, and which documents are one.

Source: compose-go, `cli.DefaultFileNames` and `cli.DefaultOverrideFileNames`; the names of keys are
those of the Compose specification's JSON schema and of the files of version 2 and 3.
"""

from __future__ import annotations

import posixpath
import re
from typing import Any, Final

from batten.formats.compose.defaults import STACK_KEYS
from batten.model.source import File
from batten.pattern import pattern

DEFAULT_NAMES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""In the order in which Compose looks for them."""
OVERRIDE_NAMES: Final = (
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
)

_COMPOSE_NAME: Final = pattern(r"(?:.*[._-])?(?:docker-?|podman-?)?compose(?:[._-].*)?\.ya?ml", re.IGNORECASE)
_TOP_LEVEL: Final = pattern(rb"^(?:\xef\xbb\xbf)?[\"']?(?:services|include)[\"']?[ \t]*:", re.MULTILINE)
_STACK_HEAD: Final = pattern(rb"(?:\xef\xbb\xbf)?(?:#[^\n]*\n|\s*\n)*+version:")
_FLOW: Final = pattern(rb"\s*\{.*[\"']?services[\"']?\s*:", re.DOTALL)

_VERSION: Final = pattern(r"[23](?:\.[0-9])?")
_SECTIONS: Final = frozenset(("name", "version", "services", "include", "networks", "volumes", "configs", "secrets"))
_STACK_NAME: Final = pattern(r"(?:^|[._-])(?:stack|swarm)(?=[._-])", re.IGNORECASE)
_SWARM_ONLY: Final = frozenset(("mode", "placement", "update_config", "rollback_config", "endpoint_mode"))

SERVICE_KEYS: Final = frozenset(
    """annotations attach blkio_config build cap_add cap_drop cgroup cgroup_parent cgroupns_mode command configs
    container_name cpu_count cpu_percent cpu_period cpu_quota cpu_rt_period cpu_rt_runtime cpu_shares cpus
    cpuset credential_spec depends_on deploy develop device_cgroup_rules devices dns dns_opt dns_search
    domainname entrypoint env_file environment expose extends external_links extra_hosts gpus group_add
    healthcheck hostname image init ipc isolation label_file labels links logging mac_address mem_limit
    mem_reservation mem_swappiness memswap_limit models network_mode networks oom_kill_disable oom_score_adj pid
    pids_limit platform ports post_start pre_start pre_stop privileged profiles provider pull_policy
    pull_refresh_after read_only restart runtime scale secrets security_opt shm_size stdin_open
    stop_grace_period stop_signal storage_opt sysctls tmpfs tty ulimits umask use_api_socket user userns_mode
    uts volume_driver volumes volumes_from working_dir""".split()  # noqa: SIM905
)


def is_yaml(path: str) -> bool:
    return path.lower().endswith((".yml", ".yaml"))


def has_compose_name(path: str) -> bool:
    """`compose.yaml`, `docker-compose.dev.yml`, `shop.compose.yml` …"""
    return _COMPOSE_NAME.fullmatch(path.rpartition("/")[2]) is not None


def looks_promising(data: bytes) -> bool:
    """`services:` or `include:` stands at the left margin (or in a flow mapping that is the document)."""
    if b"services" not in data and b"include" not in data:  # a plain search first: some files are large
        return False
    return _TOP_LEVEL.search(data) is not None or (data[:64].lstrip()[:1] == b"{" and _FLOW.match(data) is not None)


def is_named_as_project(file: File) -> bool:
    """Whether `file` is one of Compose by its name, or a stack by its name and first line, whatever stands in it."""
    if file.name in DEFAULT_NAMES:
        return True
    return _STACK_NAME.search(file.name) is not None and _STACK_HEAD.match(file.data) is not None


def is_project(root: Any, path: str) -> bool:
    """Is the document `root` of file `path` a Compose file?

    By its name a file needs only one service with a key of the specification; under any other name all
    services must consist of such keys and one must say where its image comes from, since `services:`
    stands in files of many tools.
    """
    if not isinstance(root, dict) or ("apiVersion" in root and "kind" in root):
        return False
    services = root.get("services")
    named = has_compose_name(path)
    if services is None:
        return named and isinstance(root.get("include"), list)
    if not isinstance(services, dict):
        return False
    bodies = [body for body in services.values() if isinstance(body, dict)]
    if named:
        return any(not SERVICE_KEYS.isdisjoint(body) for body in bodies)
    known = all(key in SERVICE_KEYS or str(key).startswith("x-") for body in bodies for key in body)
    return known and any(_has_image(body) for body in bodies)


def without_services(root: Any, path: str) -> tuple[str, ...] | None:
    """Where the services are missing in a file that can only be one of Compose (by its name, or by its version and
    its sections): the pointer of what is no service, () where there is nothing. None: it is no such file.
    """
    name = path.rpartition("/")[2]
    if not isinstance(root, dict):
        return () if name in DEFAULT_NAMES else None
    if not all(key in _SECTIONS or str(key).startswith("x-") for key in root):
        return None
    versioned = _VERSION.fullmatch(str(root.get("version", ""))) is not None
    is_stack = _STACK_NAME.search(name) is not None
    if "services" not in root:
        first = name in DEFAULT_NAMES or (is_stack and versioned)
        return () if first and "include" not in root else None
    if not (versioned or is_stack or has_compose_name(path)):
        return None
    services = root["services"]
    if not isinstance(services, dict) or not services:
        return ("services",)
    if any(body and isinstance(body, dict) for body in services.values()):
        return None
    return ("services", str(next(reversed(services))))


def is_version_1(root: Any, path: str) -> bool:
    """A file of the first format: services at the top, no `services:` (Compose no longer reads it)."""
    if not isinstance(root, dict) or not root or not has_compose_name(path) or "services" in root:
        return False
    return all(isinstance(body, dict) and _has_image(body) and SERVICE_KEYS.issuperset(body) for body in root.values())


def _has_image(body: dict[str, Any]) -> bool:
    return (
        isinstance(body.get("image"), str)
        or isinstance(body.get("build"), str | dict)
        or isinstance(body.get("extends"), str | dict)
    )


def is_stack(root: dict[str, Any], path: str) -> bool:
    """Is the Compose file meant for `docker stack deploy` (Swarm) rather than for `docker compose`?

    Nothing in a file says so. It counts as a stack where none of its services is built, extended or
    included from elsewhere and either

    - its name has the word `stack` or `swarm`, and a service has a `deploy` section (or the file has a
      version 3 and no key that stacks do not know); or
    - a service has `deploy` settings that `docker compose` has no use for (`mode`, `placement`,
      `update_config`, `rollback_config`, `endpoint_mode`), and none has a key that a stack would ignore
      or refuse.
    """
    services = [body for body in (root.get("services") or {}).values() if isinstance(body, dict)]
    if "include" in root or any("build" in body or "extends" in body for body in services):
        return False
    deploys = [body["deploy"] for body in services if isinstance(body.get("deploy"), dict)]
    pure = all(key in STACK_KEYS or key.startswith("x-") for body in services for key in body)
    if _STACK_NAME.search(path.rpartition("/")[2]):
        return bool(deploys) or (pure and str(root.get("version", "")).startswith("3"))
    return pure and any(not _SWARM_ONLY.isdisjoint(deploy) for deploy in deploys)


def is_remote(path: str) -> bool:
    """An include or extends that Compose fetches: Git, OCI artifact, URL."""
    return "://" in path or path.startswith(("git@", "oci:", "github.com/"))


def resolve(directory: str, path: str) -> str | None:
    """`path` as written in a file of `directory`, relative to the target's root; None outside of it."""
    if not path or path.startswith(("/", "~")) or (len(path) > 1 and path[1] == ":"):
        return None
    joined = posixpath.normpath(posixpath.join(directory, path.replace("\\", "/")))
    return None if joined == ".." or joined.startswith("../") else "" if joined == "." else joined
