"""What of the host is in reach: PRV008 to PRV014."""

from __future__ import annotations

import pytest

from harness import (
    Case,
    Input,
    assert_case,
    assert_mends,
    compose,
    docker,
    fails,
    mendable,
    passes,
    pod,
    podman,
    quadlet,
    silent,
    stack,
    task,
)


def mounted(path: str, *, read_only: bool = False) -> Input:
    """A Deployment with a path of the host."""
    host = f"  - name: host  # of the node\n    hostPath:\n      path: {path}"
    spec = f"volumes:\n  - name: data\n    emptyDir: {{}}\n{host}"
    mount = f"volumeMounts:\n  - name: host\n    mountPath: /host\n    readOnly: {str(read_only).lower()}"
    return pod(mount, spec)


def task_with(path: str) -> Input:
    """A task definition with a path of the instance."""
    volumes = f'"volumes": [{{"name": "host", "host": {{"sourcePath": "{path}"}}}}]'
    return task('"mountPoints": [{"sourceVolume": "host", "containerPath": "/host"}]', volumes)


def record_of(path: str) -> str:
    """Members of a record with a bind mount."""
    return f'"Mounts": [{{"Type": "bind", "Source": "{path}", "Destination": "/host", "RW": true}}]'


CASES = (
    # PRV008: the socket of the runtime
    fails(
        "PRV008",
        mounted("/var/run/docker.sock", read_only=True),
        at="path: /var/run/docker.sock",
        severity="critical",
        fix="review",
    ),
    fails("PRV008", mounted("/run/containerd"), at="path: /run/containerd", fix="review"),
    fails(
        "PRV008", mounted("/run/user/1000/podman"), at="path: /run/user/1000/podman", severity="critical", fix="review"
    ),
    fails("PRV008", mounted("/var/run/user/1000"), at="path: /var/run/user/1000", severity="critical", fix="review"),
    fails("PRV008", quadlet("Volume=/run/user/1000/podman:/p"), at="/run/user", severity="critical", fix="review"),
    passes("PRV008", mounted("/run/user/1000/pulse")),
    passes("PRV008", mounted("/run/web")),
    fails(
        "PRV008",
        compose("volumes:\n  - data:/data\n  - /var/run/docker.sock:/var/run/docker.sock:ro", "volumes: {data: {}}"),
        at="/var/run/docker.sock",
        severity="critical",
        fix="review",
    ),
    passes("PRV008", compose("volumes: ['data:/run/docker.sock']", "volumes: {data: {}}")),
    fails(
        "PRV008",
        stack("volumes:\n  - type: bind\n    source: /var/run/docker.sock\n    target: /docker.sock"),
        at="source: /var/run/docker.sock",
        fix="review",
    ),
    passes("PRV008", stack("volumes: ['/srv/web:/data']")),
    fails("PRV008", task_with("/var/run/docker.sock"), at="sourcePath", fix="review"),
    passes("PRV008", task_with("/srv/web")),
    fails("PRV008", docker(record=record_of("/run/docker.sock")), at='"Mounts"', severity="critical"),
    passes("PRV008", docker(record=record_of("/srv/web"))),
    fails("PRV008", podman(record=record_of("/run/podman/podman.sock")), at='"Mounts"'),
    passes("PRV008", podman(record=record_of("/srv/web"))),
    fails("PRV008", quadlet("Volume=/run/podman/podman.sock:/run/podman.sock"), at="Volume=", fix="review"),
    passes("PRV008", quadlet("Volume=web.volume:/data")),
    # PRV009: paths from which the node can be taken over
    fails("PRV009", mounted("/"), at="path: /", severity="critical", says="writable", fix="review"),
    fails(
        "PRV009", mounted("/proc", read_only=True), at="path: /proc", severity="high", says="read-only", fix="review"
    ),
    fails("PRV009", mounted("/var/lib/kubelet/pods/"), at="path: /var/lib/kubelet", severity="critical"),
    fails("PRV009", mounted("/srv/../etc"), at="path: /srv", says="/etc of the host", fix="review"),
    fails(
        "PRV009",
        pod(spec="volumes: [{name: h, hostPath: {path: /}}]"),
        at="path: /",
        severity="medium",
        says="no container",
        fix="review",
    ),
    passes("PRV009", mounted("/etc/localtime")),
    passes("PRV009", mounted("/srv/etc")),
    fails("PRV009", mounted("/dev/dri"), at="path: /dev/dri", severity="high", fix="review"),
    fails("PRV009", mounted("/home/web/.ssh"), at="path: /home", severity="critical"),
    fails("PRV009", compose("volumes: ['~/.ssh:/root/.ssh']"), at="~/.ssh", severity="critical", says="private keys"),
    fails(
        "PRV009", compose("volumes: ['${HOME}/.aws/:/aws:ro']"), at=".aws", severity="high", says="~/.aws of the host"
    ),
    fails("PRV009", compose("volumes: ['~:/home']"), at="~", severity="critical", says="a home, with its keys"),
    fails("PRV009", quadlet("Volume=%h/.kube/config:/k:ro"), at=".kube", severity="high", says="keys of clusters"),
    passes("PRV009", compose("volumes: ['~/shop:/shop', '~/.sshd:/sshd', '~/.cache/x:/x']")),
    fails("PRV010", compose("volumes: ['~/.cache/x:/x:ro']"), at="~/.cache", severity="low"),
    fails("PRV009", mounted("/home/web"), at="path: /home/web", severity="critical"),
    fails(
        "PRV009",
        mounted("/var/log/pods"),
        at="path: /var/log/pods",
        severity="critical",
        fix="review",
        becomes="readOnly: true",
    ),
    passes("PRV009", mounted("/home/web/data")),
    passes("PRV009", mounted("/var/log/web")),
    # what holds a critical path is no better than the path
    *(
        fails("PRV009", mounted(path), at=f"path: {path}", severity="critical", says=says, fix=fix)
        for path, says, fix in (
            ("/var", "the secrets of every pod", "review"),
            ("/var/lib", "the secrets of every pod", "review"),
            ("/var/lib/rancher/k3s", "the state of the cluster", ""),
            ("/var/lib/rancher/k3s/server/db", "the whole state", ""),
            ("'C:\\'", "C:\\ of the host", ""),
            ("'c:/'", "the whole file system", ""),
            ("C:\\Windows\\System32", "the programs and settings", ""),
            ("C:\\ProgramData\\docker\\volumes", "the files of every container", ""),
            ("C:\\Users", "the homes", ""),
        )
    ),
    *(
        passes("PRV009", mounted(path))
        for path in ("/var/data", "/var/lib/postgresql", "/var/lib/rancher/k3s/storage/x", "C:\\data", "D:\\")
    ),
    *(fails("PRV010", mounted(path), at=f"path: {path}", severity="high") for path in ("C:\\data", "'D:\\'")),
    *(
        fails("PRV008", mounted(path), at=f"path: {path}", severity="critical", fix="review")
        for path in ("/run/k3s", "/run/k3s/containerd", "/run/crio", "/var/snap/microk8s/common")
    ),
    passes("PRV009", mounted("/usr/share/web")),
    fails("PRV010", mounted("/home/web/data"), at="path: /home", severity="high"),
    passes("PRV009", mounted("/var/run/docker.sock")),  # PRV008's
    fails("PRV009", compose("volumes:\n  - /:/rootfs:ro"), at="/:/rootfs", severity="high", fix="review"),
    passes("PRV009", compose("volumes: ['/etc/localtime:/etc/localtime:ro', './etc:/etc/web']")),
    fails("PRV009", stack("volumes:\n  - /var/lib/docker:/docker"), at="/var/lib/docker"),
    passes("PRV009", stack("volumes: ['/srv/web:/data']")),
    fails("PRV009", task_with("/etc"), at="sourcePath", severity="critical", fix="review"),
    passes("PRV009", task_with("/srv/web")),
    fails("PRV009", docker(record=record_of("/root/.ssh")), at='"Mounts"'),
    passes("PRV009", docker(record=record_of("/srv/web"))),
    fails("PRV009", podman(record=record_of("/dev")), at='"Mounts"'),
    passes("PRV009", podman(record=record_of("/srv/web"))),
    fails("PRV009", quadlet("Volume=/sys:/sys:ro"), at="Volume=", severity="high", fix="review"),
    passes("PRV009", quadlet("Volume=/srv/web:/data")),
    # PRV010: any other path
    fails("PRV010", mounted("/srv/web"), at="path: /srv/web", severity="high"),
    fails("PRV010", mounted("/srv/web", read_only=True), at="path: /srv/web", severity="medium"),
    passes("PRV010", pod(spec="volumes: [{name: data, emptyDir: {}}]")),
    passes("PRV010", mounted("/etc/localtime")),
    passes("PRV010", mounted("/etc")),  # PRV009's
    fails("PRV010", compose("volumes:\n  - ./web:/srv:ro"), at="./web", severity="low"),
    fails("PRV010", compose("volumes:\n  - /srv/web:/srv"), at="/srv/web", severity="high"),
    fails(
        "PRV010",
        compose("volumes:\n  - /srv/web:/var/lib/web"),
        at="/srv/web",
        severity="high",
        fix="review",
        becomes="- srv-web:/var/lib/web\n",
    ),
    passes("PRV010", compose("volumes: ['data:/srv']", "volumes: {data: {}}")),
    fails("PRV010", stack("volumes:\n  - /srv/web:/srv"), at="/srv/web"),
    passes("PRV010", stack("volumes: ['data:/srv']", "volumes: {data: {}}")),
    fails("PRV010", task_with("/srv/web"), at="sourcePath"),
    passes(
        "PRV010", task('"mountPoints": [{"sourceVolume": "d", "containerPath": "/d"}]', '"volumes": [{"name": "d"}]')
    ),
    fails("PRV010", docker(record=record_of("/srv/web")), at='"Mounts"'),
    passes("PRV010", docker(record='"Mounts": [{"Type": "volume", "Name": "web", "Destination": "/data"}]')),
    fails("PRV010", podman(record=record_of("/srv/web")), at='"Mounts"'),
    passes("PRV010", podman(record='"Mounts": []')),
    fails("PRV010", quadlet("Volume=/srv/web:/data:Z"), at="Volume=", fix="review", becomes="Volume=srv-web:/data:Z"),
    passes("PRV010", quadlet("Volume=web.volume:/data")),
    # PRV011: the host's processes
    fails("PRV011", pod(spec="hostPID: true  # to watch"), at="hostPID", severity="high", fix="review"),
    passes("PRV011", pod()),
    fails("PRV011", compose("pid: host"), at="pid: host", fix="review"),
    passes("PRV011", compose("pid: service:web")),
    silent("PRV011", stack("pid: host")),
    fails("PRV011", task(definition='"pidMode": "host"'), at="pidMode", fix="review"),
    passes("PRV011", task(definition='"pidMode": "task"')),
    fails("PRV011", docker('"PidMode": "host"'), at="PidMode"),
    passes("PRV011", docker('"PidMode": ""')),
    fails("PRV011", podman('"PidMode": "host"'), at="PidMode"),
    passes("PRV011", podman('"PidMode": "private"')),
    fails("PRV011", quadlet("PodmanArgs=--pid=host --init"), at="--pid", fix="review", becomes="PodmanArgs=--init"),
    passes("PRV011", quadlet()),
    # PRV012: the host's IPC
    fails("PRV012", pod(spec="hostIPC: true"), at="hostIPC", severity="high", fix="review"),
    passes("PRV012", pod(spec="hostIPC: false")),
    fails("PRV012", compose("ipc: host"), at="ipc: host", fix="review"),
    passes("PRV012", compose("ipc: shareable")),
    silent("PRV012", stack("ipc: host")),
    fails("PRV012", task(definition='"ipcMode": "host"'), at="ipcMode", fix="review"),
    passes("PRV012", task(definition='"ipcMode": "none"')),
    fails("PRV012", docker('"IpcMode": "host"'), at="IpcMode"),
    passes("PRV012", docker('"IpcMode": "private"')),
    fails("PRV012", podman('"IpcMode": "host"'), at="IpcMode"),
    passes("PRV012", podman('"IpcMode": "shareable"')),
    fails("PRV012", quadlet("PodmanArgs=--ipc host"), at="--ipc", fix="review"),
    passes("PRV012", quadlet()),
    # PRV013: Windows without a container
    fails(
        "PRV013",
        pod(
            "securityContext:\n  windowsOptions:\n    hostProcess: true",
            "hostNetwork: true\nos: {name: windows}",
        ),
        at="hostProcess: true",
        severity="critical",
        fix="review",
    ),
    passes("PRV013", pod(spec="os: {name: windows}")),
    # PRV014: one pod's processes
    fails(
        "PRV014",
        pod(spec="shareProcessNamespace: true", more="- {name: side, image: 'registry.example/side:1'}"),
        at="shareProcessNamespace",
        severity="low",
        fix="review",
    ),
    passes("PRV014", pod(more="- {name: side, image: 'registry.example/side:1'}")),
    silent("PRV014", pod(spec="shareProcessNamespace: true")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
