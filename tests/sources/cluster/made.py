"""Objects as controllers make them: for a real API server, and for one that answers as a real one did."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Create = Callable[[Json, str], Json]
Status = Callable[[Json, Json], None]

_MIRROR = "kubernetes.io/config.mirror"
WORKLOADS = [
    "Deployment web",
    "Deployment meshed",
    "StatefulSet db",
    "DaemonSet agent",
    "CronJob backup",
    "Job once",
    "Pod alone",
    "Pod etcd-node-1",
    "Pod ours-",  # of an owner that is not read: one for all, under the name that they have in common
    "Pod intruder",  # says that it belongs to a ReplicaSet, and is not what that says
    "ReplicaSet stray-7",  # says that it belongs to a Deployment, and runs something else
]
NOTES = [
    "1 pod or run that is over was not read",
    "deployments/owners/meshed (with istio-proxy)",
    "replicasets/owners/stray-7, pods/owners/intruder",
]


def container(name: str = "app", image: str = "registry.example/app:1", **more: Any) -> Json:
    return {"name": name, "image": image, **more}


def spec(*containers: Json, **more: Any) -> Json:
    return {"containers": list(containers) or [container()], **more}


def deployment(name: str, **more: Any) -> Json:
    """With one container, to which `more` is added."""
    return controller("Deployment", name, spec(container(ports=[{"containerPort": 80}], **more)))


def controller(kind: str, name: str, pod: Json, **more: Any) -> Json:
    labels = {"app": name}
    template = {"metadata": {"labels": labels}, "spec": pod}
    return {
        "apiVersion": "apps/v1",
        "kind": kind,
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": labels}, "template": template, **more},
    }


def owned(value: Json, *owners: Json) -> Json:
    value["metadata"]["ownerReferences"] = [
        {
            "apiVersion": owner["apiVersion"],
            "kind": owner["kind"],
            "name": owner["metadata"]["name"],
            "uid": owner["metadata"]["uid"],
            "controller": True,
        }
        for owner in owners
    ]
    return value


def pod(name: str, value: Json, labels: Json | None = None, **metadata: Any) -> Json:
    named = {"generateName": name} if name.endswith("-") else {"name": name}
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {**named, "labels": labels or {}, **metadata}, "spec": value}


def job(name: str, value: Json) -> Json:
    template = {"spec": {"restartPolicy": "Never", **value}}
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": name}, "spec": {"template": template}}


def chains(create: Create, status: Status, namespace: str) -> None:
    """Every chain of owners, as the controllers make it, and some that only pretend to be one."""

    def make(value: Json) -> Json:
        return create(value, namespace)

    def running(value: Json, phase: str = "Running") -> Json:
        made = make(value)
        status(made, {"phase": phase})
        return made

    web = make(deployment("web"))
    for number, replicas in ((1, 0), (2, 3)):  # an earlier generation, and the one that runs
        image = f"registry.example/app:{number if number == 1 else 1}"
        generation = controller(
            "ReplicaSet", f"web-{number}", spec(container(image=image, ports=[{"containerPort": 80}]))
        )
        generation["spec"]["replicas"] = replicas
        made = make(owned(generation, web))
        for _ in range(replicas):
            running(owned(pod(f"web-{number}-", spec(container(ports=[{"containerPort": 80}])), {"app": "web"}), made))
    running(owned(pod("intruder", spec(container(securityContext={"privileged": True})), {"app": "web"}), made))
    stray = controller("ReplicaSet", "stray-7", spec(container(image="elsewhere.example/other:1"), hostPID=True))
    make(owned({**stray, "spec": {**stray["spec"], "replicas": 1}}, web))

    meshed = make(deployment("meshed"))
    made = make(owned(controller("ReplicaSet", "meshed-1", meshed["spec"]["template"]["spec"], replicas=2), meshed))
    proxy = container("istio-proxy", "registry.example/proxy:1", securityContext={"runAsUser": 1337})
    for _ in range(2):
        running(owned(pod("meshed-1-", spec(container(ports=[{"containerPort": 80}]), proxy), {"app": "meshed"}), made))

    claim = {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
    claim["spec"]["resources"] = {"requests": {"storage": "1Gi"}}  # type: ignore[index]
    mounted = container(volumeMounts=[{"name": "data", "mountPath": "/data"}])
    db = make(controller("StatefulSet", "db", spec(mounted), serviceName="db", volumeClaimTemplates=[claim]))
    volume = {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-0"}}
    running(owned(pod("db-0", spec(mounted, volumes=[volume], hostname="db-0"), {"app": "db"}), db))

    agent = make(controller("DaemonSet", "agent", spec(hostNetwork=True)))
    running(owned(pod("agent-", spec(hostNetwork=True), {"app": "agent"}), agent))

    once = job("once", spec())
    schedule = {"schedule": "0 3 * * *", "jobTemplate": {"spec": job("backup", spec())["spec"]}}
    backup = make({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "backup"}, "spec": schedule})
    run = make(owned(job("backup-28000000", spec()), backup))
    running(owned(pod("backup-28000000-", spec(restartPolicy="Never")), run), "Succeeded")
    lone = make(once)
    running(owned(pod("once-", spec(restartPolicy="Never")), lone), "Succeeded")

    running(pod("alone", spec()))
    running(pod("done", spec(restartPolicy="Never")), "Failed")
    # the kubelet's own: static pods are mirrored with their node as the owner
    node = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node-1", "uid": "1-1-1-1"}}
    static = pod("etcd-node-1", spec(hostNetwork=True, nodeName="node-1"), annotations={_MIRROR: "x"})
    running(owned(static, node))
    other = {"apiVersion": "example.com/v1", "kind": "Fleet", "metadata": {"name": "f", "uid": "0-0-0-0"}}
    for _ in range(3):
        running(owned(pod("ours-", spec()), other))


def crowd(create: Create, namespace: str, number: int) -> None:
    """Twenty objects around one Deployment."""
    name = f"app-{number}"
    variables = [{"name": f"V{index}", "value": "x" * 20} for index in range(12)]
    limits = {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": "256Mi"}}
    probe = {"httpGet": {"path": "/healthz", "port": 80}}
    value = spec(
        container(env=variables, resources=limits, livenessProbe=probe, readinessProbe=probe),
        container("log", "registry.example/log:2", args=["--follow", "/var/log/app"]),
    )
    web = create(controller("Deployment", name, value, replicas=13), namespace)
    for replicas in (0, 13):
        generation = controller("ReplicaSet", f"{name}-{replicas}", value, replicas=replicas)
        made = create(owned(generation, web), namespace)
    for _ in range(13):
        create(owned(pod(f"{name}-13-", value, {"app": name}), made), namespace)
    metadata = {"name": name}
    port = {"port": 80}
    service = {"selector": {"app": name}, "ports": [port]}
    create({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": service}, namespace)
    data = {f"key{index}": "value = something\n" * 10 for index in range(10)}
    create({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": data}, namespace)
    create({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}, namespace)
    rule = {"apiGroups": [""], "resources": ["configmaps"], "verbs": ["get"]}
    role = {"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role", "metadata": metadata, "rules": [rule]}
    create(role, namespace)
