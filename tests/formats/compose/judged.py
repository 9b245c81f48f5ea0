"""One project as compose-go sees it and as batten does, in one form that can be compared."""

from __future__ import annotations

import json
import posixpath
import subprocess
from pathlib import Path
from typing import Any

from batten.formats.compose.ports import RANDOM
from batten.formats.interface import Reading
from batten.model.values import UNKNOWN, Absent, Capabilities, User
from batten.model.workload import Container, Workload

PROGRAM = Path(__file__).parents[3] / ".judges" / "compose"


class Judge:
    """The Go program of tests/judges/compose, asked line by line."""

    def __init__(self) -> None:
        self.process = subprocess.Popen([PROGRAM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, question: dict[str, Any]) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(question) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer

    def close(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def of_judge(project: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Service or job -> facts, from compose-go's normalised model."""
    both = {**project.get("services", {}), **project.get("jobs", {})}
    return {name: _service(body) for name, body in both.items() if "provider" not in body}


def _service(body: dict[str, Any]) -> dict[str, Any]:
    limits = body.get("deploy", {}).get("resources", {}).get("limits", {})
    return {
        "image": body.get("image"),
        "user": body.get("user", ""),
        "privileged": body.get("privileged", False),
        "read_only": body.get("read_only", False),
        "cap_add": tuple(dict.fromkeys(name.upper().removeprefix("CAP_") for name in body.get("cap_add") or ())),
        "cap_drop": tuple(dict.fromkeys(name.upper().removeprefix("CAP_") for name in body.get("cap_drop") or ())),
        "pid": body.get("pid") == "host",
        "ipc": body.get("ipc") == "host",
        "network_mode": body.get("network_mode", ""),
        "networks": sorted(body.get("networks") or ()),
        "memory": int(limits.get("memory") or body.get("mem_limit") or 0) or None,
        "pids": max(limits.get("pids") or body.get("pids_limit") or 0, 0) or None,
        "cpus": round(float(limits.get("cpus") or body.get("cpus") or 0), 3) or None,
        "environment": dict(sorted((body.get("environment") or {}).items())),
        "ports": sorted(_ports(body)),
        "mounts": sorted(_mounts(body)),
        "devices": sorted((d["source"], d["target"], d.get("permissions", "rwm")) for d in body.get("devices") or ()),
        "sysctls": dict(body.get("sysctls") or {}),
        "security_opt": tuple(dict.fromkeys(body.get("security_opt") or ())),
        "restart": body.get("restart", ""),
        "log_driver": body.get("logging", {}).get("driver", ""),
        "labels": {key: value for key, value in (body.get("labels") or {}).items() if not key.startswith("com.docker")},
        "entrypoint": _words(body.get("entrypoint")),
        "command": _words(body.get("command")),
        "replicas": body.get("scale", body.get("deploy", {}).get("replicas")),
        "build": _build(body.get("build")),
        "ulimits": {
            name: (limit["soft"], limit["hard"]) if isinstance(limit, dict) else (limit, limit)
            for name, limit in (body.get("ulimits") or {}).items()
        },
    }


def _words(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)


def _build(body: dict[str, Any] | None) -> Any:
    if body is None:
        return None
    return (body.get("context"), body.get("dockerfile", ""), body.get("target", ""), dict(body.get("args") or {}))


def _ports(body: dict[str, Any]) -> list[Any]:
    found = []
    for port in body.get("ports") or ():
        first, _, last = port.get("published", "").partition("-")
        published = (int(first or 0) or RANDOM, int(last or 0))
        found.append((port.get("host_ip", ""), *published, port["target"], port.get("protocol", "tcp")))
    return found


def _mounts(body: dict[str, Any]) -> list[Any]:
    found = []
    for volume in body.get("volumes") or ():
        found.append((volume["type"], volume.get("source", ""), volume["target"], volume.get("read_only", False)))
    for path in body.get("tmpfs") or ():
        found.append(("tmpfs", "", posixpath.normpath(path.partition(":")[0]), False))
    for secret in body.get("secrets") or ():
        found.append(("secret", secret["source"], _under("/run/secrets/", secret), True))
    for config in body.get("configs") or ():
        found.append(("config", config["source"], _under("/", config), True))
    if body.get("use_api_socket"):
        found.append(("bind", "/var/run/docker.sock", "/var/run/docker.sock", False))
    return found


def _under(folder: str, body: dict[str, Any]) -> str:
    target = body.get("target") or body["source"]
    return target if target.startswith("/") else folder + target


def of_batten(reading: Reading) -> dict[str, dict[str, Any]]:
    """The same from what the reader gave; facts that it does not know are left out."""
    workloads = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    return {workload.name: _workload(workload) for workload in workloads}


def _workload(workload: Workload) -> dict[str, Any]:
    container = workload.containers[-1]
    image, capabilities, user = container.image, container.capabilities, container.user
    assert isinstance(capabilities, Capabilities | Absent)
    facts = {
        "image": image if isinstance(image, Absent) else image.raw if image is not None else None,
        "user": _user(user),
        "privileged": container.privileged,
        "read_only": container.read_only_root,
        "cap_add": UNKNOWN if isinstance(capabilities, Absent) else capabilities.add,
        "cap_drop": UNKNOWN if isinstance(capabilities, Absent) else capabilities.drop,
        "pid": workload.host_pid,
        "ipc": workload.host_ipc,
        "network_mode": workload.network_mode,
        "networks": sorted(workload.networks),
        "memory": container.memory_limit,
        "pids": container.pids_limit,
        "cpus": round(container.cpu_limit, 3) if isinstance(container.cpu_limit, float) else container.cpu_limit,
        "environment": {one.name: one.value for one in sorted(container.environment, key=lambda one: one.name)},
        "ports": sorted(_expanded(container)),
        "mounts": sorted(_mounted(workload, container)),
        "devices": UNKNOWN
        if isinstance(container.devices, Absent)
        else sorted((one.path, one.target, one.permissions) for one in container.devices if one.target),
        "sysctls": UNKNOWN
        if isinstance(workload.sysctls, Absent)
        else {one.name: one.value for one in workload.sysctls},
        "restart": container.restart,
        "log_driver": container.log_driver,
        "labels": workload.labels,
        "entrypoint": container.command,
        "command": container.args,
        "replicas": workload.replicas,
        "build": _built(container),
        "ulimits": UNKNOWN
        if isinstance(container.ulimits, Absent)
        else {one.name: (one.soft, one.hard) for one in container.ulimits},
    }
    return {name: value for name, value in facts.items() if value is not UNKNOWN}


def _user(user: User | Absent) -> Any:
    if isinstance(user, Absent):
        return user
    name = str(user.uid) if user.uid is not None else user.name or ""
    return f"{name}:{user.group}" if user.group else name


def _built(container: Container) -> Any:
    build = container.build
    if build is None:
        return None
    context, dockerfile = build.context, build.dockerfile
    if "://" not in context:
        inside = posixpath.relpath(dockerfile or ".", context or ".") if not dockerfile.startswith("/") else dockerfile
        context, dockerfile = "@/" + context if context else "@", inside if dockerfile else ""
    return context, dockerfile, build.target, dict(build.args)


def _expanded(container: Container) -> list[Any]:
    """Ranges of one length become single ports, as compose-go writes them."""
    found: list[Any] = []
    for port in container.ports:
        if not port.host:
            continue  # only exposed
        if not port.container_end:
            found.append((port.host_ip, port.host, port.host_end, port.container, port.protocol))
            continue
        for offset in range(port.container_end - port.container + 1):
            host = port.host if port.host == RANDOM else port.host + offset
            found.append((port.host_ip, host, 0, port.container + offset, port.protocol))
    return found


def _mounted(workload: Workload, container: Container) -> list[Any]:
    volumes = {volume.name: volume for volume in workload.volumes}
    directory = workload.document.file.directory
    found = []
    for mount in container.mounts:
        volume = volumes[mount.volume]
        source = volume.source
        if volume.type == "bind" and source.startswith("."):
            source = posixpath.normpath(posixpath.join("@", directory, source))
        found.append((volume.type, source, mount.target, mount.read_only))
    return found
