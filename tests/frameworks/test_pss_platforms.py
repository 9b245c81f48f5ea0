"""Pod Security controls on the other platforms: the same workload, the same controls."""

from __future__ import annotations

from importlib import import_module

import pytest

from batten.formats.interface import ReadContext
from batten.frameworks import pss
from batten.model.source import File
from batten.model.workload import Workload
from frameworks.pss_reading import NoFiles

KUBERNETES = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  hostNetwork: true
  containers:
    - name: app
      image: web:1
      securityContext: {privileged: true, runAsUser: 0, capabilities: {add: [SYS_ADMIN]}}
      volumeMounts: [{name: socket, mountPath: /var/run/docker.sock}]
  volumes: [{name: socket, hostPath: {path: /var/run/docker.sock}}]
"""
COMPOSE = """
services:
  web:
    image: web:1
    network_mode: host
    privileged: true
    user: "0"
    cap_add: [SYS_ADMIN]
    volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
"""
ECS = """
{"family": "web", "networkMode": "host", "requiresCompatibilities": ["EC2"],
 "volumes": [{"name": "socket", "host": {"sourcePath": "/var/run/docker.sock"}}],
 "containerDefinitions": [{"name": "app", "image": "web:1", "privileged": true, "user": "0",
   "linuxParameters": {"capabilities": {"add": ["SYS_ADMIN"]}},
   "mountPoints": [{"sourceVolume": "socket", "containerPath": "/var/run/docker.sock"}]}]}
"""
INSPECT = """
[{"Id": "a", "Name": "/web", "Image": "sha256:aa", "Config": {"User": "0", "Image": "web:1"},
  "Created": "2026-01-01T00:00:00Z", "Path": "web", "Args": [], "State": {"Status": "running"},
  "HostConfig": {"NetworkMode": "host", "Privileged": true, "CapAdd": ["SYS_ADMIN"], "CapDrop": null,
    "Binds": ["/var/run/docker.sock:/var/run/docker.sock"], "SecurityOpt": null, "PidMode": "",
    "IpcMode": "private", "Devices": [], "ReadonlyRootfs": false, "UsernsMode": ""},
  "Mounts": [{"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock", "RW": true}]}]
"""
QUADLET = """
[Container]
Image=web:1
Network=host
User=0
AddCapability=SYS_ADMIN
Volume=/var/run/docker.sock:/var/run/docker.sock
PodmanArgs=--privileged
"""
LOOSE = [
    ("kubernetes", "pod.yaml", KUBERNETES),
    ("compose", "compose.yaml", COMPOSE),
    ("ecs", "task.json", ECS),
    ("inspect", "inspect.json", INSPECT),
    ("quadlet", "web.container", QUADLET),
]


def read(format_: str, path: str, text: str) -> Workload:
    reader = import_module(f"batten.formats.{format_}").READER
    reading = reader.read(File(path, text.lstrip().encode()), ReadContext(NoFiles()))
    (only,) = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    return only


def controls(workload: Workload, level: str) -> list[str]:
    return [violation.control for violation in pss.evaluate(workload, level)]


@pytest.mark.parametrize(("format_", "path", "text"), LOOSE, ids=[one[0] for one in LOOSE])
def test_the_same_loose_workload_violates_the_same_controls_of_baseline(format_: str, path: str, text: str) -> None:
    assert controls(read(format_, path, text), "baseline") == [
        "capabilities",
        "host-namespaces",
        "host-path-volumes",
        "privileged-containers",
    ]


@pytest.mark.parametrize(("format_", "path", "text"), LOOSE, ids=[one[0] for one in LOOSE])
def test_restricted_differs_only_where_the_platform_has_a_default_profile(format_: str, path: str, text: str) -> None:
    found = controls(read(format_, path, text), "restricted")
    # Kubernetes alone starts containers without a seccomp profile
    assert [one for one in found if one != "seccomp"] == [
        "host-namespaces",
        "privileged-containers",
        "privilege-escalation",
        "capabilities",
        "volume-types",
        "running-as-non-root",
        "running-as-non-root-user",
    ]
    assert ("seccomp" in found) == (format_ == "kubernetes")


def test_a_hardened_service_passes() -> None:
    text = """
services:
  web:
    image: web:1
    user: "10001"
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
"""
    assert controls(read("compose", "compose.yaml", text), "restricted") == []


def test_what_a_template_decides_is_not_blamed() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {"container.apparmor.security.beta.kubernetes.io/app": "{{ .Values.profile }}"}
spec:
  hostNetwork: "{{ .Values.host }}"
  containers:
    - name: app
      image: web:1
      securityContext: "{{ .Values.context }}"
"""
    assert controls(read("kubernetes", "pod.yaml", text), "restricted") == []


def test_the_place_of_an_annotation_is_its_own_line() -> None:
    text = """
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations:
    container.apparmor.security.beta.kubernetes.io/app: unconfined
spec: {containers: [{name: app, image: "web:1"}]}
"""
    (violation,) = pss.evaluate(read("kubernetes", "pod.yaml", text), "baseline")
    assert [place.location().line for place in violation.places] == [6]
    assert violation.message == (
        "container app: sets an AppArmor profile other than the runtime's or a local one (unconfined)"
    )
