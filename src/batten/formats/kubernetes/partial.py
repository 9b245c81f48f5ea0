"""Custom resources that hold parts of pods: the rest is made by their controller, and not known here.

Of what they make, only that is known which is written: a step that says nothing of its user may have one from
the run, the controller's defaults, or a container of the same name that it is laid over.

Sources: https://tekton.dev/docs/pipelines/pipeline-api/,
https://prometheus-operator.dev/docs/api-reference/api/ (`containers` are merged into those of the operator),
https://www.elastic.co/docs/deploy-manage/deploy/cloud-on-k8s/customize-pods,
https://kserve.github.io/website/docs/reference/crd-api and
https://nightlies.apache.org/flink/flink-kubernetes-operator-docs-main/docs/custom-resource/pod-template/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec.structs import replace

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.source import Json, Source
from batten.formats.kubernetes.workload import Template, listed_containers
from batten.model.source import Pointer
from batten.model.values import UNKNOWN
from batten.model.workload import Container, ContainerKind, Workload

_OPERATORS: Final = ("Prometheus", "PrometheusAgent", "Alertmanager", "ThanosRuler")
_ELASTIC: Final = {
    "elasticsearch": ("Elasticsearch", ("spec.nodeSets.*.podTemplate.spec",)),
    "kibana": ("Kibana", ("spec.podTemplate.spec",)),
    "apm": ("ApmServer", ("spec.podTemplate.spec",)),
    "enterprisesearch": ("EnterpriseSearch", ("spec.podTemplate.spec",)),
    "maps": ("ElasticMapsServer", ("spec.podTemplate.spec",)),
    "logstash": ("Logstash", ("spec.podTemplate.spec",)),
    "packageregistry": ("PackageRegistry", ("spec.podTemplate.spec",)),
    "beat": ("Beat", ("spec.daemonSet.podTemplate.spec", "spec.deployment.podTemplate.spec")),
    "agent": (
        "Agent",
        tuple(f"spec.{how}.podTemplate.spec" for how in ("daemonSet", "deployment", "statefulSet")),
    ),
}
_TASK: Final = "task"
_POD: Final = "pod"
_STEP: Final = "step"

PARTIAL: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    **{f"monitoring.coreos.com/{kind}": ((_POD, "spec"),) for kind in _OPERATORS},
    **{
        f"{group}.k8s.elastic.co/{kind}": tuple((_POD, path) for path in paths)
        for group, (kind, paths) in _ELASTIC.items()
    },
    "serving.kserve.io/InferenceService": tuple(
        (_POD, f"spec.{part}") for part in ("predictor", "transformer", "explainer")
    ),
    "serving.kserve.io/ServingRuntime": ((_POD, "spec"),),
    "serving.kserve.io/ClusterServingRuntime": ((_POD, "spec"),),
    "flink.apache.org/FlinkDeployment": tuple(
        (_POD, f"spec.{part}podTemplate.spec") for part in ("", "jobManager.", "taskManager.")
    ),
    "actions.summerwind.dev/RunnerDeployment": ((_POD, "spec.template.spec"),),
    "actions.summerwind.dev/RunnerSet": ((_POD, "spec.template.spec"),),
    "tekton.dev/Task": ((_TASK, "spec"),),
    "tekton.dev/ClusterTask": ((_TASK, "spec"),),
    "tekton.dev/StepAction": ((_STEP, "spec"),),
    "tekton.dev/TaskRun": ((_TASK, "spec.taskSpec"), (_POD, "spec.podTemplate")),
    "tekton.dev/Pipeline": ((_TASK, "spec.tasks.*.taskSpec"), (_TASK, "spec.finally.*.taskSpec")),
    "tekton.dev/PipelineRun": (
        (_TASK, "spec.pipelineSpec.tasks.*.taskSpec"),
        (_TASK, "spec.pipelineSpec.finally.*.taskSpec"),
        (_POD, "spec.podTemplate"),
        (_POD, "spec.taskRunTemplate.podTemplate"),
    ),
}
"""`group/Kind` -> what stands where: a `task` with steps, a part of a `pod` spec, a single `step`."""

Follow = Callable[[Any, Pointer, list[str], str], Iterator[tuple[Any, Pointer, str]]]

_CONTAINER_FIELDS: Final = (
    "user", "privileged", "privilege_escalation", "capabilities", "seccomp", "apparmor", "selinux", "proc_mount",
    "host_process", "read_only_root", "memory_limit", "memory_request", "cpu_limit", "cpu_request", "healthcheck",
)  # fmt: skip
_WORKLOAD_FIELDS: Final = (
    "host_network", "host_pid", "host_ipc", "user_namespace", "share_process_namespace", "sysctls",
    "service_account", "automount_token",
)  # fmt: skip


def read_partial(src: Source, head: Head, value: Json, follow: Follow) -> list[Template]:
    """The parts that the object holds; none where nothing in them is ever judged."""
    entry = f"{head.group}/{head.kind}"
    src.native_templates = True  # `$(params.name)`
    found: list[Template] = []
    for what, path in PARTIAL[entry]:
        for node, pointer, label in follow(value, head.pointer, path.split("."), ""):
            if type(node) is not dict or not node:
                continue
            containers = _containers(src, what, node, pointer)
            template = Template(
                spec={} if what == _STEP else node,
                pointer=pointer,
                metadata={},
                metadata_pointer=(*pointer, "metadata"),
                label=label,
                containers=tuple(containers),
                partial=True,
            )
            found.append(template)
    return found


def _containers(src: Source, what: str, node: Json, pointer: Pointer) -> list[tuple[ContainerKind, Json, Pointer]]:
    if what == _POD:
        return listed_containers(src, node, pointer)
    if what == _STEP:
        return [("main", node, pointer)]
    found: list[tuple[ContainerKind, Json, Pointer]] = [
        ("main", raw, own) for own, raw in src.items(node, "steps", pointer)
    ]
    common = node.get("stepTemplate")
    if type(common) is dict and common:
        found.append(("main", {"name": "stepTemplate", **common}, (*pointer, "stepTemplate")))
    found += [("sidecar", raw, own) for own, raw in src.items(node, "sidecars", pointer)]
    return found


def only_written(workload: Workload) -> Workload:
    """`workload` with everything that is not written left open."""
    return replace(
        workload,
        containers=tuple(map(_only_written, workload.containers)),
        facts={**workload.facts, "partial": "true"},
        **{name: UNKNOWN for name in _WORKLOAD_FIELDS if name not in workload.places},
    )


def _only_written(container: Container) -> Container:
    return replace(container, **{name: UNKNOWN for name in _CONTAINER_FIELDS if name not in container.places})
