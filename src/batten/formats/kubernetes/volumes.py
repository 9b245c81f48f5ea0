"""Volumes of a pod and what containers mount of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batten.formats.kubernetes.source import EMPTY, Json, Source
from batten.model.source import Pointer
from batten.model.workload import Mount, Volume, VolumeKind

_SOURCES: Final[dict[str, tuple[VolumeKind, str]]] = {
    "hostPath": ("host", "path"),
    "emptyDir": ("volume", ""),
    "persistentVolumeClaim": ("volume", "claimName"),
    "ephemeral": ("volume", ""),
    "secret": ("secret", "secretName"),
    "configMap": ("config", "name"),
    "downwardAPI": ("config", ""),
    "projected": ("projected", ""),
    "image": ("image", "reference"),
    "csi": ("other", "driver"),
    "nfs": ("other", "server"),
    "flexVolume": ("other", "driver"),
    "gitRepo": ("other", "repository"),
    "awsElasticBlockStore": ("volume", "volumeID"),
    "azureDisk": ("volume", "diskName"),
    "azureFile": ("volume", "shareName"),
    "cephfs": ("volume", ""),
    "cinder": ("volume", "volumeID"),
    "fc": ("volume", ""),
    "flocker": ("volume", "datasetName"),
    "gcePersistentDisk": ("volume", "pdName"),
    "glusterfs": ("volume", "path"),
    "iscsi": ("volume", "targetPortal"),
    "photonPersistentDisk": ("volume", "pdID"),
    "portworxVolume": ("volume", "volumeID"),
    "quobyte": ("volume", "volume"),
    "rbd": ("volume", "image"),
    "scaleIO": ("volume", "volumeName"),
    "storageos": ("volume", "volumeName"),
    "vsphereVolume": ("volume", "volumePath"),
}
"""Every volume source of the core/v1 API -> our kind, and its field that names what is behind it."""


def read_volumes(src: Source, spec: Json, pointer: Pointer) -> tuple[Volume, ...]:
    """The volumes of a pod spec.

    A volume with no source that the API knows has type "" (the server makes it an `emptyDir`); one with
    several, which the server refuses, gives one entry for each, all with the volume's pointer.
    """
    found: list[Volume] = []
    for own, raw in src.items(spec, "volumes", pointer):
        name = src.text(raw, "name", own)
        sources = [key for key in raw if key in _SOURCES and raw[key] is not None]
        if not sources:
            found.append(Volume(name, "volume", "", "", own))
        elif len(sources) > 1:
            src.complain(f"expected one source for volume {name!r}, found {', '.join(sources)}", own)
        for key in sources:
            kind, label = _SOURCES[key]
            section = src.mapping(raw, key, own)
            at = (*own, key)
            if key == "emptyDir" and section.get("medium") == "Memory":
                kind = "memory"
            source = src.text(section, label, at) if label and section is not EMPTY else ""
            read_only = section.get("readOnly") is True
            found.append(Volume(name, kind, key, source, own, read_only))
            if kind == "host":
                src.unknown(source)  # a path that a template decides cannot be judged
    return tuple(found)


def read_mounts(src: Source, raw: Json, pointer: Pointer) -> tuple[Mount, ...]:
    """The `volumeMounts` of a container."""
    if raw.get("volumeMounts") is None:
        return ()
    text: Callable[[Json, str, Pointer], str] = src.text
    return tuple(
        Mount(text(item, "name", own), text(item, "mountPath", own), src.flag(item, "readOnly", own) is True, own)
        for own, item in src.items(raw, "volumeMounts", pointer)
    )
