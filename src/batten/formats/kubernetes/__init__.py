"""Kubernetes manifests: objects of the API server in YAML and JSON."""

from batten.formats.kubernetes.reader import KubernetesReader
from batten.formats.kubernetes.writer import KubernetesWriter

READER = KubernetesReader()
WRITER = KubernetesWriter()

__all__ = ["READER", "WRITER", "KubernetesReader", "KubernetesWriter"]
