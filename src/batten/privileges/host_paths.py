"""What a path of the host gives to whoever mounts it: the runtime's API, the node, or less."""

from __future__ import annotations

import posixpath

from batten.model.workload import Volume
from batten.pattern import pattern

# the API of a container runtime: who writes to it starts a privileged container
_SOCKET_NAMES = (
    "docker.sock", "containerd.sock", "crio.sock", "podman.sock", "cri-dockerd.sock", "dockershim.sock",
    "buildkitd.sock", "docker_engine",
)  # fmt: skip
# folders that hold such a socket
_SOCKET_FOLDERS = (
    "/run",
    "/var/run",
    "/run/containerd",
    "/var/run/containerd",
    "/run/podman",
    "/var/run/podman",
    "/run/crio",
    "/var/run/crio",
    "/run/k3s",
    "/var/run/k3s",
    "/run/k3s/containerd",
    "/var/run/k3s/containerd",
    "/run/k0s",
    "/var/run/k0s",
    "/run/buildkit",
    "/var/run/buildkit",
    "/run/cri-dockerd",
    "/var/run/cri-dockerd",
    "/var/snap/microk8s/common/run",
)

# paths from which the node can be taken over; everything below counts too, but for `_ITSELF`
_SENSITIVE = {
    "/": "the whole file system of the host",
    "/boot": "the kernel and boot loader",
    "/dev": "the devices of the host",
    "/etc": "the configuration of the host, with its accounts",
    "/lib/modules": "the kernel's modules",
    "/proc": "the processes of the host",
    "/root": "the home of root",
    "/sys": "the kernel's settings",
    "/usr": "the programs of the host",
    "/bin": "the programs of the host",
    "/sbin": "the programs of the host",
    "/lib": "the libraries of the host",
    "/var/lib/docker": "the files of every container",
    "/var/lib/containerd": "the files of every container",
    "/var/lib/containers": "the files of every container",
    "/var/lib/kubelet": "the secrets and volumes of every pod on the node",
    "/var/lib/etcd": "the whole state of the cluster",
    "/var/lib/rancher/k3s/server": "the whole state of the cluster",
    "/var/lib/rancher/k3s/agent": "the files of every container, and the kubelet's keys",
    "/var/lib/k0s": "the state of the cluster, and the files of every container",
    "/var": "the files of every container, and the secrets of every pod on the node",
    "/var/lib": "the files of every container, and the secrets of every pod on the node",
    "/var/lib/rancher": "the state of the cluster, and the files of every container",
    "/var/lib/rancher/k3s": "the state of the cluster, and the files of every container",
    "/var/log": "the logs of the host, through whose links other files can be read",
    "/home": "the homes of the host's users",
}
# these hold such paths, and much else
_ITSELF = frozenset(("/", "/var", "/var/lib", "/var/lib/rancher", "/var/lib/rancher/k3s"))
# the same of Windows: in lower case, without the drive, which is that of the system
_WINDOWS = {
    "": "the whole file system of the host",
    "/windows": "the programs and settings of the host",
    "/program files": "the programs of the host",
    "/programdata/docker": "the files of every container",
    "/programdata/containerd": "the files of every container",
    "/etc/kubernetes": "the keys of the node",
    "/var/lib/kubelet": "the secrets and volumes of every pod on the node",
}
_WINDOWS_ITSELF = {
    "/programdata": "the files of every container, and the settings of the host's programs",
    "/users": "the homes of the host's users",
    "/var": "the secrets and volumes of every pod on the node",
    "/var/lib": "the secrets and volumes of every pod on the node",
    "/etc": "the keys of the node",
}
# of whoever starts the container
_HOME = pattern(r"(?:~[a-z0-9_-]*|\$HOME|\$\{HOME\}|%h)(/.*)?\Z")
_SOCKETS_OF_USERS = pattern(r"(?:/var)?/run/user(?:/[^/]+(?:/podman)?)?\Z")
_KEYS = {
    "": "a home, with its keys",
    "/.ssh": "private keys",
    "/.aws": "keys of a cloud",
    "/.azure": "keys of a cloud",
    "/.config/gcloud": "keys of a cloud",
    "/.kube": "keys of clusters",
    "/.docker": "passwords of registries",
    "/.gnupg": "private keys",
    "/.netrc": "passwords",
    "/.git-credentials": "passwords",
    "/.pgpass": "passwords",
    "/.npmrc": "tokens of registries",
    "/.pypirc": "passwords of registries",
}
_DRIVE = pattern(r"[A-Za-z]:(?=/|\Z)")
# files of /etc and devices that are commonly mounted and give nothing away when read
HARMLESS = frozenset(
    {
        "/etc/localtime",
        "/etc/timezone",
        "/usr/share/zoneinfo",
        "/etc/ssl/certs",
        "/etc/pki/ca-trust",
        "/usr/share/ca-certificates",
        "/etc/machine-id",
        "/dev/log",
        "/dev/null",
        "/dev/random",
        "/dev/urandom",
        "/dev/zero",
    }
)
# of these the folder itself counts and what is hidden in it (.ssh, .kube): the rest is data of one program
_WHOLE = ("/home", "/root", "/usr/share", "/usr/local/share", "/var/log")
_WHOLE_HOST = frozenset(
    (
        "/",
        "/boot",
        "/dev",
        "/etc",
        "/proc",
        "/root",
        "/sys",
        "/usr",
        "/bin",
        "/sbin",
        "/lib",
        "/home",
        "/var",
        "/var/lib",
    )
)
_LOGS_OF_PODS = ("/var/log/pods", "/var/log/containers")


def host_path(volume: Volume) -> str:
    """The host path in normal form, `~/.ssh` where it holds keys of whoever starts the container; "" where the volume
    is none or its path is not known."""
    if volume.kind != "host" or not volume.source:
        return ""
    if match := _HOME.match(volume.source):
        path = f"~{posixpath.normpath(match[1])}".rstrip("/") if match[1] else "~"
        return path if sensitive(path) else ""
    path = volume.source.replace("\\", "/")
    if path.startswith("//./pipe/"):
        return path
    if _DRIVE.match(path):
        return path[0].upper() + ":" + posixpath.normpath(path[2:] or "/")
    if not path.startswith("/"):
        return ""
    return posixpath.normpath(path).replace("//", "/")


def shown(path: str) -> str:
    """A host path in normal form as its system writes it."""
    return path.replace("/", "\\") if _DRIVE.match(path) or path.startswith("//./pipe/") else path


def is_runtime_socket(path: str) -> bool:
    """A socket, or a folder that has one in it, however deep; of /var and / more is to be said (`sensitive`)."""
    if path.rpartition("/")[2] in _SOCKET_NAMES or path in _SOCKET_FOLDERS or _SOCKETS_OF_USERS.match(path):
        return True
    return path not in ("/", "/var") and any(folder.startswith(path + "/") for folder in _SOCKET_FOLDERS)


def sensitive(path: str) -> str:
    """What the path is, if the node can be taken over or read through it; else ""."""
    if path in HARMLESS:
        return ""
    if _DRIVE.match(path):
        return _sensitive_on_windows(path)
    if path[0] == "~":
        rest = path[1:]
        return next(
            (told for name, told in _KEYS.items() if rest == name or (name and rest.startswith(name + "/"))), ""
        )
    if not path.startswith(_LOGS_OF_PODS) and any(path.startswith(whole + "/") for whole in _WHOLE):
        user = path.startswith("/home/") and path.count("/") == 2
        if not user and "/." not in path:
            return ""
    for root, reason in _SENSITIVE.items():
        if path == root or (root not in _ITSELF and path.startswith(root + "/")):
            return reason
    return ""


def _sensitive_on_windows(path: str) -> str:
    drive, rest = path[0], path[2:].lower().rstrip("/")
    if drive != "C":
        return ""
    for root, reason in _WINDOWS.items():
        if rest == root or (root and rest.startswith(root + "/")):
            return reason
    return _WINDOWS_ITSELF.get(rest, "")


def is_whole(path: str) -> bool:
    """Nothing in it belongs to one program: the kernel's own, the devices, a whole folder of the system."""
    return path in _WHOLE_HOST or path.startswith(("/proc/", "/sys/", "/dev/", "/boot/"))
