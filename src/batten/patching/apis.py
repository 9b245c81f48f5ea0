"""Kubernetes API versions that are no longer served (the deprecated API migration guide)."""

from __future__ import annotations

# (apiVersion, kind) -> (removed in, replacement, the fields are the same)
_REMOVED: dict[tuple[str, str], tuple[str, str, bool]] = {
    ("extensions/v1beta1", "DaemonSet"): ("1.16", "apps/v1", False),
    ("extensions/v1beta1", "Deployment"): ("1.16", "apps/v1", False),
    ("extensions/v1beta1", "ReplicaSet"): ("1.16", "apps/v1", False),
    ("extensions/v1beta1", "NetworkPolicy"): ("1.16", "networking.k8s.io/v1", True),
    ("extensions/v1beta1", "PodSecurityPolicy"): ("1.16", "", False),
    ("extensions/v1beta1", "Ingress"): ("1.22", "networking.k8s.io/v1", False),
    ("apps/v1beta1", "Deployment"): ("1.16", "apps/v1", False),
    ("apps/v1beta1", "StatefulSet"): ("1.16", "apps/v1", False),
    ("apps/v1beta2", "DaemonSet"): ("1.16", "apps/v1", False),
    ("apps/v1beta2", "Deployment"): ("1.16", "apps/v1", False),
    ("apps/v1beta2", "ReplicaSet"): ("1.16", "apps/v1", False),
    ("apps/v1beta2", "StatefulSet"): ("1.16", "apps/v1", False),
    ("networking.k8s.io/v1beta1", "Ingress"): ("1.22", "networking.k8s.io/v1", False),
    ("networking.k8s.io/v1beta1", "IngressClass"): ("1.22", "networking.k8s.io/v1", True),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRole"): ("1.22", "rbac.authorization.k8s.io/v1", True),
    ("rbac.authorization.k8s.io/v1beta1", "ClusterRoleBinding"): ("1.22", "rbac.authorization.k8s.io/v1", True),
    ("rbac.authorization.k8s.io/v1beta1", "Role"): ("1.22", "rbac.authorization.k8s.io/v1", True),
    ("rbac.authorization.k8s.io/v1beta1", "RoleBinding"): ("1.22", "rbac.authorization.k8s.io/v1", True),
    ("apiextensions.k8s.io/v1beta1", "CustomResourceDefinition"): ("1.22", "apiextensions.k8s.io/v1", False),
    ("admissionregistration.k8s.io/v1beta1", "MutatingWebhookConfiguration"): (
        "1.22",
        "admissionregistration.k8s.io/v1",
        False,
    ),
    ("admissionregistration.k8s.io/v1beta1", "ValidatingWebhookConfiguration"): (
        "1.22",
        "admissionregistration.k8s.io/v1",
        False,
    ),
    ("scheduling.k8s.io/v1beta1", "PriorityClass"): ("1.22", "scheduling.k8s.io/v1", True),
    ("storage.k8s.io/v1beta1", "StorageClass"): ("1.22", "storage.k8s.io/v1", True),
    ("storage.k8s.io/v1beta1", "CSIDriver"): ("1.22", "storage.k8s.io/v1", True),
    ("coordination.k8s.io/v1beta1", "Lease"): ("1.22", "coordination.k8s.io/v1", True),
    ("apiregistration.k8s.io/v1beta1", "APIService"): ("1.22", "apiregistration.k8s.io/v1", True),
    ("certificates.k8s.io/v1beta1", "CertificateSigningRequest"): ("1.22", "certificates.k8s.io/v1", False),
    ("batch/v1beta1", "CronJob"): ("1.25", "batch/v1", True),
    ("discovery.k8s.io/v1beta1", "EndpointSlice"): ("1.25", "discovery.k8s.io/v1", False),
    ("events.k8s.io/v1beta1", "Event"): ("1.25", "events.k8s.io/v1", False),
    ("autoscaling/v2beta1", "HorizontalPodAutoscaler"): ("1.25", "autoscaling/v2", False),
    ("autoscaling/v2beta2", "HorizontalPodAutoscaler"): ("1.26", "autoscaling/v2", True),
    # an empty selector means something else in policy/v1
    ("policy/v1beta1", "PodDisruptionBudget"): ("1.25", "policy/v1", False),
    ("policy/v1beta1", "PodSecurityPolicy"): ("1.25", "", False),
    ("node.k8s.io/v1beta1", "RuntimeClass"): ("1.25", "node.k8s.io/v1", True),
    ("flowcontrol.apiserver.k8s.io/v1beta1", "FlowSchema"): ("1.26", "flowcontrol.apiserver.k8s.io/v1", False),
    ("flowcontrol.apiserver.k8s.io/v1beta2", "FlowSchema"): ("1.29", "flowcontrol.apiserver.k8s.io/v1", False),
    ("flowcontrol.apiserver.k8s.io/v1beta3", "FlowSchema"): ("1.32", "flowcontrol.apiserver.k8s.io/v1", False),
    ("storage.k8s.io/v1beta1", "CSIStorageCapacity"): ("1.27", "storage.k8s.io/v1", True),
}


def replacement(api_version: str, kind: str) -> tuple[str, str, bool] | None:
    """(removed in, replacement or "", whether its fields are the same); None where it is served."""
    return _REMOVED.get((api_version, kind))
