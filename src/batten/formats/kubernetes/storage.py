"""Persistent volumes, and the claims that they are bound to."""

from __future__ import annotations

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.source import Json, Source
from batten.model.objects import PersistentVolume, VolumeClaim


def read_persistent_volume(src: Source, head: Head, value: Json) -> PersistentVolume:
    """A PersistentVolume."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    claim, own = src.mapping(spec, "claimRef", at), (*at, "claimRef")
    return PersistentVolume(
        host_path=src.text(src.mapping(spec, "hostPath", at), "path", (*at, "hostPath")),
        storage_class=src.text(spec, "storageClassName", at),
        claim=(src.text(claim, "namespace", own), src.text(claim, "name", own)) if claim else None,
        **head.declared(src),
    )


def read_volume_claim(src: Source, head: Head, value: Json) -> VolumeClaim:
    """A PersistentVolumeClaim."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    return VolumeClaim(
        volume=src.text(spec, "volumeName", at),
        storage_class=src.text(spec, "storageClassName", at),
        **head.declared(src),
    )
