"""A Docker Engine and a Podman service of their own: private folders, a private socket, no network, no firewall.

What they run is one static program from Debian, put into images from archives: nothing is fetched.
"""

from __future__ import annotations

import contextlib
import io
import os
import shutil
import signal
import subprocess
import tarfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

BUSYBOX = shutil.which("busybox")
SLEEP = 'CMD ["/bin/sleep", "600"]'
_SECONDS = 30


def required() -> bool:
    return os.environ.get("CI") == "true"


def missing() -> str:
    """What is not there, "" where all is."""
    wanted = {"dockerd": "docker.io", "docker": "docker-cli", "podman": "podman", "busybox": "busybox-static"}
    absent = [package for program, package in wanted.items() if shutil.which(program, path=_path()) is None]
    if absent:
        return ", ".join(absent)
    return "" if hasattr(os, "geteuid") and os.geteuid() == 0 else "the rights of root"


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


class CannotRun(Exception):
    """An engine does not start, or starts nothing, on this machine; the message is its own."""


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DOCKER_", "CONTAINER_"))}
    return {**kept, "PATH": _path(), "HOME": str(folder), "LC_ALL": "C"}


class Cli:
    """The engine's own command line, against the engine of this test alone."""

    def __init__(self, name: str, socket: Path, folder: Path, options: Sequence[str]) -> None:
        self.name = name
        self.socket = socket
        self._folder = folder
        self._command = [shutil.which(name, path=f"/usr/bin:{_path()}") or name, *options]

    def __call__(self, *words: str, given: bytes = b"", check: bool = True, seconds: int = 60) -> str:
        done = subprocess.run(
            [*self._command, *words],
            input=given,
            capture_output=True,
            timeout=seconds,
            env=_environment(self._folder),
            check=False,
        )
        if check and done.returncode:
            raise CannotRun(
                f"{self.name} {' '.join(words[:3])}: {done.stderr.decode('utf-8', 'replace').strip()[-400:]}"
            )
        return done.stdout.decode().strip()

    def answers(self) -> bool:
        if self.name == "podman":  # its command line asks its storage, not the service
            return True
        return bool(self("version", "--format", "{{.Server.Version}}", check=False))

    def make_image(self, name: str, *changes: str) -> None:
        """From an archive with the one program."""
        words = [word for change in (SLEEP, *changes) for word in ("--change", change)]
        self("import", *words, "-", name, given=_root())


def _root() -> bytes:
    assert BUSYBOX is not None
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        archive.add(BUSYBOX, "bin/busybox")
        for name in ("sh", "sleep"):
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            archive.addfile(link)
    return packed.getvalue()


@contextlib.contextmanager
def _process(command: list[str], folder: Path, cli: Cli) -> Iterator[None]:
    """A service that answers. Its whole group ends with it: no name of a program is asked for."""
    log = folder / "log"
    with log.open("wb") as output:
        service = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, env=_environment(folder), start_new_session=True
        )
    try:
        until = time.monotonic() + _SECONDS
        while not (cli.socket.exists() and cli.answers()):
            if service.poll() is not None or time.monotonic() > until:
                raise CannotRun(f"{command[0]}: {log.read_text(errors='replace')[-600:]}")
            time.sleep(0.1)
        yield
    finally:
        if service.poll() is None:
            service.send_signal(signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            service.wait(_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(service.pid, signal.SIGKILL)
        service.wait(_SECONDS)


@contextlib.contextmanager
def dockerd(folder: Path, *options: str) -> Iterator[Cli]:
    """A Docker Engine whose socket and storage lie in `folder`. Raises `CannotRun`."""
    folder.mkdir(parents=True, exist_ok=True)
    socket, settings = folder / "docker.sock", folder / "daemon.json"
    settings.write_text("{}")
    command = [
        "dockerd",
        *("--config-file", str(settings), "--pidfile", str(folder / "pid")),
        *("--data-root", str(folder / "data"), "--exec-root", str(folder / "exec")),
        *("--host", f"unix://{socket}"),
        *("--bridge", "none", "--iptables=false", "--ip6tables=false"),
        *options,
    ]
    cli = Cli("docker", socket, folder, ("--host", f"unix://{socket}"))
    bridge = Path("/sys/class/net/docker_gwbridge")
    another = bridge.exists()  # of a swarm of this machine
    try:
        with _process(command, folder, cli):
            try:
                yield cli
            finally:
                _empty(cli)
                if not another:  # a swarm leaves it behind
                    cli("network", "rm", bridge.name, check=False)
    finally:
        _unmount(folder)


@contextlib.contextmanager
def podman(folder: Path) -> Iterator[Cli]:
    """Podman's service, its socket and storage in `folder`. Raises `CannotRun`."""
    folder.mkdir(parents=True, exist_ok=True)
    socket = folder / "podman.sock"
    places = ("--root", str(folder / "root"), "--runroot", str(folder / "run"), "--cgroup-manager", "cgroupfs")
    cli = Cli("podman", socket, folder, places)
    try:
        with _process(["podman", *places, "system", "service", "--time", "0", f"unix://{socket}"], folder, cli):
            try:
                yield cli
            finally:
                _empty(cli)
    finally:
        _unmount(folder)


def _empty(cli: Cli) -> None:
    if cli.name == "podman":
        cli("pod", "rm", "--all", "--force", check=False)
        cli("rm", "--all", "--force", "--time", "0", check=False)
        return
    cli("swarm", "leave", "--force", check=False)
    if containers := cli("ps", "--all", "--quiet", check=False).split():
        cli("rm", "--force", *containers, check=False)


def _unmount(folder: Path) -> None:
    """What an engine has left mounted below the folder, the innermost first, when the last of its helpers (those of
    Podman tidy up by themselves, and mount again) is gone."""
    until = time.monotonic() + _SECONDS
    while _named(folder) and time.monotonic() < until:
        time.sleep(0.05)
    for process in _named(folder):
        with contextlib.suppress(ProcessLookupError):
            os.kill(process, signal.SIGKILL)
    mounts = [line.split()[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    for place in sorted((one for one in mounts if one.startswith(f"{folder}/")), key=len, reverse=True):
        subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def _named(folder: Path) -> list[int]:
    """Processes whose command names a place below the folder, which is this test's alone."""
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit() and int(process.name) != os.getpid():
            with contextlib.suppress(OSError):
                if f"{folder}/".encode() in (process / "cmdline").read_bytes():
                    found.append(int(process.name))
    return found


HARDENED = (
    *("--user", "10001:10001", "--read-only", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"),
    *("--memory", "64m", "--cpus", "0.5", "--pids-limit", "50", "--network", "none"),
)


def fill_docker(cli: Cli) -> None:
    """Containers, a volume that is a folder of the host, a Compose project, a swarm."""
    cli.make_image("shop/base:1")
    cli.make_image("shop/app:1", "USER 10001:10001")
    cli("volume", "create", "--opt", "type=none", "--opt", "o=bind", "--opt", "device=/etc", "host-etc")
    quiet = ("--network", "none")
    cli("run", "-d", "--name", "hardened", *HARDENED, "shop/base:1")
    cli("run", "-d", "--name", "silent", *quiet, "shop/app:1")
    cli("run", "-d", "--name", "root", *quiet, "shop/base:1")
    cli("run", "-d", "--name", "socket", *quiet, "-v", f"{cli.socket}:/var/run/docker.sock", "shop/base:1")
    cli("run", "-d", "--name", "secret", *quiet, "-e", "DB_PASSWORD=sesame-on-thursday", "shop/base:1")
    cli("run", "-d", "--name", "disguised", *quiet, "-v", "host-etc:/data", "shop/base:1")
    for number in ("1", "2"):
        made = {"project": "shop", "service": "web", "config-hash": "6b86b2", "oneoff": "False"}
        labels = [f"--label=com.docker.compose.{key}={value}" for key, value in made.items()]
        labels.append(f"--label=com.docker.compose.container-number={number}")
        cli("run", "-d", "--name", f"shop-web-{number}", *labels, *quiet, "shop/base:1")
    # those are made and not started: what they ask for is not to be had in every sandbox
    cli("create", "--name", "privileged", "--privileged", "--network", "host", "--pid", "host", "shop/base:1")
    cli("create", "--name", "published", "-p", "8080:80", "shop/base:1")
    cli("swarm", "init", "--advertise-addr", "127.0.0.1", "--listen-addr", "127.0.0.1:0")
    cli("network", "create", "--driver", "overlay", "back")
    cli("secret", "create", "db", "-", given=b"sesame-on-friday")
    cli("config", "create", "nginx", "-", given=b"key sesame-on-sunday")
    swarm = ("--detach", "--no-resolve-image", "--network", "back", "--secret", "db", "--config", "nginx")
    cli("service", "create", *swarm, "--name", "api", "shop/app:1")


def fill_podman(cli: Cli) -> None:
    """Containers and a pod."""
    cli.make_image("shop/base:1")
    cli.make_image("shop/app:1", "USER 10001:10001")
    # the limits of this process: Podman would raise them, which not every sandbox allows
    quiet = ("--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024")
    cli("run", "-d", "--name", "hardened", *HARDENED, *quiet[2:], "shop/base:1")
    cli("run", "-d", "--name", "silent", *quiet, "shop/app:1")
    cli("run", "-d", "--name", "root", *quiet, "shop/base:1")
    cli("run", "-d", "--name", "secret", *quiet, "-e", "DB_PASSWORD=sesame-on-thursday", "shop/base:1")
    cli("create", "--name", "privileged", "--privileged", "--network", "host", "--pid", "host", "shop/base:1")
    cli("pod", "create", "--name", "pair", "--infra=false")
