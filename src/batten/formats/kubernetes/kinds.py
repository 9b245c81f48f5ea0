"""Which objects are read: tables of groups, kinds, and the pod templates that kinds hold.

A pod template's entry is `group/Kind` (or `Kind` for any group) -> dotted paths, separated by commas, that
lead to a pod template or a pod spec; `*` stands for every item of a list or every value of a mapping. A
user's own table (`pod_template_kinds`) has the same form and comes before ours.
"""

from __future__ import annotations

from typing import Final

BUILTIN_GROUPS: Final = frozenset(
    {
        "",
        "admissionregistration.k8s.io",
        "apiregistration.k8s.io",
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "certificates.k8s.io",
        "coordination.k8s.io",
        "discovery.k8s.io",
        "events.k8s.io",
        "extensions",
        "flowcontrol.apiserver.k8s.io",
        "networking.k8s.io",
        "node.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }
)
"""Groups whose objects are all read, at least for their version and metadata. Definitions of custom
resources (`apiextensions.k8s.io`) are most of the bytes of real repositories and are not."""

CONTROLLER_GROUPS: Final = frozenset({"", "apps", "extensions", "batch"})

POD_TEMPLATES: Final[dict[str, str]] = {
    "Pod": "",
    "PodTemplate": "template",
    "ReplicationController": "spec.template",
    "Deployment": "spec.template",
    "StatefulSet": "spec.template",
    "DaemonSet": "spec.template",
    "ReplicaSet": "spec.template",
    "Job": "spec.template",
    "CronJob": "spec.jobTemplate.spec.template",
}
"""Kinds of the groups above; "" is the object itself."""

CUSTOM_POD_TEMPLATES: Final[dict[str, str]] = {
    "/DeploymentConfig": "spec.template",  # OpenShift before its groups
    "apps.openshift.io/DeploymentConfig": "spec.template",
    "argoproj.io/Rollout": "spec.template",
    "serving.knative.dev/Service": "spec.template",
    "serving.knative.dev/Configuration": "spec.template",
    "serving.knative.dev/Revision": "spec",
    "sources.knative.dev/ContainerSource": "spec.template",
    "apps.kruise.io/CloneSet": "spec.template",
    "apps.kruise.io/StatefulSet": "spec.template",
    "apps.kruise.io/DaemonSet": "spec.template",
    "apps.kruise.io/BroadcastJob": "spec.template",
    "actions.github.com/AutoscalingRunnerSet": "spec.template",
    "agones.dev/GameServer": "spec.template",
    "agones.dev/GameServerSet": "spec.template.spec.template",
    "agones.dev/Fleet": "spec.template.spec.template",
    "batch.volcano.sh/Job": "spec.tasks.*.template",
    "jobset.x-k8s.io/JobSet": "spec.replicatedJobs.*.template.spec.template",
    "keda.sh/ScaledJob": "spec.jobTargetRef.template",
    "kubeflow.org/JAXJob": "spec.jaxReplicaSpecs.*.template",
    "kubeflow.org/MXJob": "spec.mxReplicaSpecs.*.template",
    "kubeflow.org/MPIJob": "spec.mpiReplicaSpecs.*.template",
    "kubeflow.org/Notebook": "spec.template",
    "kubeflow.org/PaddleJob": "spec.paddleReplicaSpecs.*.template",
    "kubeflow.org/PyTorchJob": "spec.pytorchReplicaSpecs.*.template",
    "kubeflow.org/TFJob": "spec.tfReplicaSpecs.*.template",
    "kubeflow.org/XGBoostJob": "spec.xgbReplicaSpecs.*.template",
    "leaderworkerset.x-k8s.io/LeaderWorkerSet": (
        "spec.leaderWorkerTemplate.leaderTemplate,spec.leaderWorkerTemplate.workerTemplate"
    ),
    "operators.coreos.com/ClusterServiceVersion": "spec.install.spec.deployments.*.spec.template",
    "ray.io/RayCluster": "spec.headGroupSpec.template,spec.workerGroupSpecs.*.template",
    "ray.io/RayJob": "spec.rayClusterSpec.headGroupSpec.template,spec.rayClusterSpec.workerGroupSpecs.*.template",
    "ray.io/RayService": (
        "spec.rayClusterConfig.headGroupSpec.template,spec.rayClusterConfig.workerGroupSpecs.*.template"
    ),
}

PATTERN_GROUPS: Final = frozenset(
    {
        "kyverno.io",
        "policies.kyverno.io",
        "cli.kyverno.io",
        "chainsaw.kyverno.io",
        "json.kyverno.io",
        "kuttl.dev",
        "config.gatekeeper.sh",
        "constraints.gatekeeper.sh",
        "expansion.gatekeeper.sh",
        "mutations.gatekeeper.sh",
        "templates.gatekeeper.sh",
        "policies.kubewarden.io",
    }
)
"""Groups of policies and tests: containers in their objects are what others are held against, none that run."""

ARGO_WORKFLOWS: Final[dict[str, tuple[str, ...]]] = {
    "argoproj.io/Workflow": ("spec",),
    "argoproj.io/WorkflowTemplate": ("spec",),
    "argoproj.io/ClusterWorkflowTemplate": ("spec",),
    "argoproj.io/CronWorkflow": ("spec", "workflowSpec"),
}
"""Argo Workflows -> where the workflow's spec stands; its templates hold single containers."""

GATEWAY_GROUP: Final = "gateway.networking.k8s.io"
GATEWAY_ROUTES: Final = ("HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute")

OTHER_READ: Final = frozenset(
    {
        f"{GATEWAY_GROUP}/Gateway",
        *(f"{GATEWAY_GROUP}/{kind}" for kind in GATEWAY_ROUTES),
        "route.openshift.io/Route",
        # policies of network plug-ins: what they select is not known, that they are there is
        "cilium.io/CiliumNetworkPolicy",
        "cilium.io/CiliumClusterwideNetworkPolicy",
        "crd.antrea.io/ClusterNetworkPolicy",
        "crd.antrea.io/NetworkPolicy",
        "crd.projectcalico.org/GlobalNetworkPolicy",
        "crd.projectcalico.org/NetworkPolicy",
        "policy.networking.k8s.io/AdminNetworkPolicy",
        "policy.networking.k8s.io/BaselineAdminNetworkPolicy",
        "policy.networking.k8s.io/ClusterNetworkPolicy",
        "projectcalico.org/GlobalNetworkPolicy",
        "projectcalico.org/NetworkPolicy",
    }
)
"""Objects outside of the built-in groups that are read for something else than pod templates."""

BUILTIN_KINDS: Final = frozenset(
    {
        *POD_TEMPLATES,
        "APIService",
        "CSIDriver",
        "CSINode",
        "CSIStorageCapacity",
        "CertificateSigningRequest",
        "ClusterRole",
        "ClusterRoleBinding",
        "ComponentStatus",
        "ConfigMap",
        "ControllerRevision",
        "EndpointSlice",
        "Endpoints",
        "Event",
        "FlowSchema",
        "HorizontalPodAutoscaler",
        "Ingress",
        "IngressClass",
        "Lease",
        "LimitRange",
        "MutatingWebhookConfiguration",
        "Namespace",
        "NetworkPolicy",
        "PersistentVolume",
        "PersistentVolumeClaim",
        "PodDisruptionBudget",
        "PodSecurityPolicy",
        "PriorityClass",
        "PriorityLevelConfiguration",
        "Role",
        "RoleBinding",
        "RuntimeClass",
        "Secret",
        "Service",
        "ServiceAccount",
        "StorageClass",
        "ValidatingAdmissionPolicy",
        "ValidatingAdmissionPolicyBinding",
        "ValidatingWebhookConfiguration",
        "VolumeAttachment",
    }
)
"""Kinds that are looked for where an object's group cannot be seen without parsing (JSON, lists)."""


def kind_of(entry: str) -> str:
    """The `Kind` of a table's `group/Kind`."""
    return entry.rpartition("/")[2]
