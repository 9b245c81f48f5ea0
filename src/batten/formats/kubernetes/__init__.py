"""Kubernetes manifests: objects of the API server in YAML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.kubernetes.reader import KubernetesReader
from batten.modules import exports

if TYPE_CHECKING:
    from batten.formats.kubernetes.writer import WRITER

__all__ = ["READER", "WRITER", "KubernetesReader"]

READER = KubernetesReader()

# Loaded when something is to be written; a scan does without.
__getattr__ = exports(globals(), {"writer": ("WRITER",)})
