"""Folders of the host that a pod has through a claim of a persistent volume."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from engine.support import findings, scan, write

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  containers:
    - name: web
      image: x:1
      volumeMounts: [{name: data, mountPath: /data}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
"""
CLAIM = """\
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data, namespace: shop}
spec: {%s accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
VOLUME = """\
---
apiVersion: v1
kind: PersistentVolume
metadata: {name: disk}
spec:
  capacity: {storage: 1Gi}
  accessModes: [ReadWriteOnce]
  %s
"""
ROOT = "hostPath: {path: /}"


@pytest.mark.parametrize(
    ("claim", "volume", "told"),
    [
        ("volumeName: disk,", ROOT, True),
        ("volumeName: other,", ROOT, False),
        ("", "claimRef: {name: data, namespace: shop}\n  " + ROOT, True),
        ("", "claimRef: {name: data, namespace: bank}\n  " + ROOT, False),
        ("storageClassName: manual,", "storageClassName: manual\n  " + ROOT, True),
        ("storageClassName: manual,", "storageClassName: fast\n  " + ROOT, False),
        (
            "storageClassName: manual,",
            "storageClassName: manual\n  claimRef: {name: x, namespace: shop}\n  " + ROOT,
            False,
        ),
        ("", ROOT, False),
        ("volumeName: disk,", "nfs: {server: a, path: /}", False),
        ("volumeName: disk,", "hostPath: {path: /srv/data}", False),  # what PRV010 asks for is a claim
    ],
)
def test_a_claim_leads_to_the_volume_that_it_is_bound_to(tmp_path: Path, claim: str, volume: str, told: bool) -> None:
    done = scan(tmp_path, {"a.yaml": POD + CLAIM % claim + VOLUME % volume})
    found = findings(done, "PRV009")
    assert bool(found) == told
    assert not findings(done, "PRV010")
    for one in found:
        assert (one.resource.name, one.severity) == ("web", "critical")
        assert one.message == "/ of the host is mounted writable: the whole file system of the host"
        assert one.location.pointer == "/spec/hostPath/path"
        assert one.no_fix.startswith("the pod claims it as a persistent volume")


def test_the_socket_of_the_runtime_is_seen_behind_a_claim(tmp_path: Path) -> None:
    volume = VOLUME % "hostPath: {path: /var/run/docker.sock}"
    assert findings(scan(tmp_path, {"a.yaml": POD + CLAIM % "volumeName: disk," + volume}), "PRV008")


def test_claim_and_volume_are_joined_over_folders(tmp_path: Path) -> None:
    files = {"k8s/web/a.yaml": POD, "k8s/claims/a.yaml": CLAIM % "volumeName: disk,", "k8s/disks/a.yaml": VOLUME % ROOT}
    [found] = findings(scan(tmp_path, files), "PRV009")
    assert found.location.path.endswith("k8s/disks/a.yaml")


def test_two_volumes_of_a_class_are_no_answer(tmp_path: Path) -> None:
    volume = VOLUME % ("storageClassName: manual\n  " + ROOT)
    files = {"a.yaml": POD + CLAIM % "storageClassName: manual," + volume + volume.replace("disk", "disk2")}
    assert not findings(scan(tmp_path, files), "PRV009")


def test_no_fix_takes_a_claim_away(tmp_path: Path) -> None:
    files = {"a.yaml": POD + CLAIM % "volumeName: disk," + VOLUME % ROOT}
    plan = api.fix([str(write(tmp_path, files))], Settings(as_of="2026-11-01"), review=True)
    text = plan.patches[0].after.text()
    assert "persistentVolumeClaim: {claimName: data}" in text
    assert "hostPath: {path: /}" in text


def test_pod_security_standards_do_not_look_behind_a_claim(tmp_path: Path) -> None:
    files = {"a.yaml": POD + CLAIM % "volumeName: disk," + VOLUME % ROOT}
    controls = {each.id for one in scan(tmp_path, files).report.findings for each in one.controls}
    assert not {each for each in controls if "hostPath" in each}
