"""Kubernetes manifests: objects of the API server in YAML and JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.kubernetes.reader import KubernetesReader

if TYPE_CHECKING:
    from batten.formats.kubernetes.writer import KubernetesWriter

__all__ = ["READER", "WRITER", "KubernetesReader"]

READER = KubernetesReader()


def __getattr__(name: str) -> KubernetesWriter:
    """`WRITER`: imported when something is to be written."""
    if name != "WRITER":
        raise AttributeError(name)
    from batten.formats.kubernetes.writer import WRITER

    return WRITER
