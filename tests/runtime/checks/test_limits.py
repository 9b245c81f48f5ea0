"""Resource limits and the root file system: RUN009 to RUN012, RUN014, RUN015."""

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


def limited(given: str, kind: str = "Container", namespace: str = "shop") -> Input:
    """A Deployment of the namespace shop, and a LimitRange."""
    text = (
        pod().files["web.yaml"]
        + f"""\
---
apiVersion: v1
kind: LimitRange
metadata: {{name: limits, namespace: {namespace}}}
spec: {{limits: [{{type: {kind}, {given}}}]}}
"""
    )
    return Input("kubernetes", {"web.yaml": text})


CASES = (
    # RUN009: writable root
    fails("RUN009", pod(), at="- name: web", severity="medium", fix="review", becomes="mountPath: /tmp"),
    fails(
        "RUN009",
        pod("securityContext:\n  readOnlyRootFilesystem: false", image="nginx:1.29"),
        at="readOnlyRootFilesystem",
        fix="review",
        becomes="mountPath: /var/cache/nginx",
    ),
    # what the command writes stays writable
    *(
        fails("RUN009", given, at=at, fix="review", becomes=becomes)
        for given, at, becomes in (
            (pod('command: [sh, -c, "echo > /var/lib/x; nginx"]'), "- name: web", "mountPath: /var/lib"),
            (
                pod('command: [sh, -c]\nargs: ["mkdir -p /app/log && app | tee /app/log/a"]'),
                "- name: web",
                ": /app/log",
            ),
            (compose("command: sh -c 'touch /srv/state/up; app 2>/dev/null'"), "  web:", "- /srv/state"),
        )
    ),
    fails("RUN009", pod('command: [sh, -c, "date > /etc/started; app"]'), at="- name: web"),
    fails("RUN009", pod('command: [sh, -c, "echo > $HOME/x; echo a > b; app >&2"]'), at="- name: web", fix="review"),
    passes("RUN009", pod("securityContext: {readOnlyRootFilesystem: true}")),
    silent("RUN009", pod(spec="os: {name: windows}")),
    fails("RUN009", compose(), at="  web:", fix="review", becomes="read_only: true"),
    passes("RUN009", compose("read_only: true")),
    fails("RUN009", stack(), at="  web:", fix="review", becomes="read_only: true"),
    passes("RUN009", stack("read_only: true")),
    fails("RUN009", task(), at='"name": "web"', fix="review", becomes='"readonlyRootFilesystem": true'),
    passes("RUN009", task('"readonlyRootFilesystem": true')),
    fails("RUN009", docker('"ReadonlyRootfs": false'), at="ReadonlyRootfs"),
    passes("RUN009", docker('"ReadonlyRootfs": true')),
    fails("RUN009", podman('"ReadonlyRootfs": false'), at="ReadonlyRootfs"),
    passes("RUN009", podman('"ReadonlyRootfs": true')),
    fails("RUN009", quadlet(), at="[Container]", fix="review", becomes="ReadOnly=true"),
    passes("RUN009", quadlet("ReadOnly=true")),
    # RUN010: memory
    fails("RUN010", pod(), at="- name: web", severity="medium", fix="review", becomes="memory: 512Mi"),
    fails(
        "RUN010",
        pod("resources:\n  requests: {memory: 64Mi}"),
        at="- name: web",
        fix="review",
        becomes="memory: 128Mi",
    ),
    passes("RUN010", pod("resources: {limits: {memory: 64Mi}}")),
    *(passes("RUN010", limited(text)) for text in ("default: {memory: 1Gi}", "max: {memory: 1Gi}")),
    *(
        fails("RUN010", limited(*given), at="- name: web", fix="review")
        for given in (
            ("default: {cpu: 1}",),
            ("defaultRequest: {memory: 1Gi}",),
            ("default: {memory: 1Gi}", "Pod"),
            ("default: {memory: 1Gi}", "Container", "other"),
        )
    ),
    passes("RUN010", pod("resources: {limits: {memory: 1Gi}}")),
    fails("RUN010", compose(), at="  web:", fix="review", becomes="512"),
    passes("RUN010", compose("mem_limit: 64m")),
    passes("RUN010", compose("deploy: {resources: {limits: {memory: 64M}}}")),
    fails("RUN010", stack(), at="  web:", fix="review"),
    passes("RUN010", stack(deploy="resources: {limits: {memory: 64M}}")),
    fails("RUN010", task(), at='"name": "web"', fix="review", becomes='"memory": 512'),
    passes("RUN010", task('"memory": 256')),
    passes("RUN010", task(definition='"memory": "512"')),
    fails("RUN010", docker('"Memory": 0'), at='"Memory"'),
    passes("RUN010", docker('"Memory": 134217728')),
    fails("RUN010", podman('"Memory": 0'), at='"Memory"'),
    passes("RUN010", podman('"Memory": 134217728')),
    fails("RUN010", quadlet(), at="[Container]", fix="review", becomes="--memory=512m"),
    passes("RUN010", quadlet("Memory=64m")),
    # RUN011: processes
    fails("RUN011", compose(), at="  web:", severity="medium", fix="review", becomes="pids_limit: 200"),
    fails("RUN011", compose("pids_limit: -1"), at="pids_limit", fix="review"),
    passes("RUN011", compose("pids_limit: 100")),
    fails("RUN011", stack(), at="  web:", fix="review", becomes="pids: 200"),
    passes("RUN011", stack(deploy="resources: {limits: {pids: 100}}")),
    silent("RUN011", pod()),  # the kubelet's to set
    silent("RUN011", task()),
    fails("RUN011", docker('"PidsLimit": null'), at="PidsLimit"),
    passes("RUN011", docker('"PidsLimit": 100')),
    fails("RUN011", podman('"PidsLimit": 0'), at="PidsLimit"),
    passes("RUN011", podman('"PidsLimit": 2048')),
    fails("RUN011", quadlet("PidsLimit=-1"), at="PidsLimit", fix="review", becomes="PidsLimit=200"),
    passes("RUN011", quadlet()),  # Podman's default is 2048
    # RUN012: processor time
    fails("RUN012", pod(), at="- name: web", severity="low", fix="review", becomes="cpu:"),
    passes("RUN012", pod("resources: {requests: {cpu: 50m}}")),
    fails("RUN012", compose(), at="  web:", fix="review"),
    passes("RUN012", compose("cpus: '0.5'")),
    fails("RUN012", stack(), at="  web:", fix="review"),
    passes("RUN012", stack(deploy="resources: {reservations: {cpus: '0.25'}}")),
    fails("RUN012", task(), at='"name": "web"', fix="review"),
    passes("RUN012", task('"cpu": 256')),
    fails("RUN012", docker('"NanoCpus": 0'), at="NanoCpus"),
    passes("RUN012", docker('"NanoCpus": 500000000')),
    fails("RUN012", podman('"NanoCpus": 0'), at="NanoCpus"),
    passes("RUN012", podman('"CpuQuota": 50000')),
    fails("RUN012", quadlet(), at="[Container]", fix="review", becomes="--cpus=1"),
    passes("RUN012", quadlet("PodmanArgs=--cpus=2")),
    # RUN014: no end
    fails(
        "RUN014",
        compose("restart: always"),
        at="restart: always",
        severity="low",
        fix="review",
        becomes="restart: on-failure:5\n",
    ),
    fails(
        "RUN014",
        Input("quadlet", {"web.container": "[Container]\nImage=web:1\n[Service]\nRestart=always\n"}),
        at="Restart=always",
        fix="review",
        becomes="Restart=on-failure\n",
    ),
    fails("RUN014", compose("ulimits:\n  core: -1"), at="core: -1", says="ulimit core"),
    passes("RUN014", compose("restart: on-failure:5\nulimits: {nofile: 1024}")),
    fails(
        "RUN014",
        compose("deploy: {restart_policy: {condition: any}}"),
        at="condition: any",
        fix="review",
        becomes="{condition: on-failure}",
    ),
    fails("RUN014", docker('"RestartPolicy": {"Name": "unless-stopped"}'), at="RestartPolicy"),
    passes("RUN014", docker('"RestartPolicy": {"Name": "no"}')),
    fails("RUN014", podman('"RestartPolicy": {"Name": "always"}'), at="RestartPolicy"),
    passes("RUN014", podman('"Ulimits": [{"Name": "RLIMIT_NOFILE", "Soft": 1024, "Hard": 1024}]')),
    fails("RUN014", quadlet("Ulimit=core=-1:-1"), at="Ulimit"),
    passes("RUN014", quadlet("Ulimit=nofile=1024:1024")),
    fails("RUN014", stack("ulimits: {memlock: -1}"), at="memlock: -1", says="ulimit memlock"),
    passes("RUN014", stack("ulimits: {nofile: 1024}")),
    fails("RUN014", task('"ulimits": [{"name": "memlock", "softLimit": -1, "hardLimit": -1}]'), at="memlock"),
    passes("RUN014", task('"ulimits": [{"name": "nofile", "softLimit": 1024, "hardLimit": 4096}]')),
    # RUN015: volumes that Pod Security's restricted level refuses
    fails(
        "RUN015",
        pod(spec="volumes:\n  - name: data\n    nfs: {server: files.example, path: /data}"),
        at="- name: data",
        severity="low",
        says="nfs",
    ),
    passes("RUN015", pod(spec="volumes: [{name: data}]")),
    passes("RUN015", pod(spec="volumes: [{name: data, emptyDir: {}}, {name: node, hostPath: {path: /srv}}]")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
