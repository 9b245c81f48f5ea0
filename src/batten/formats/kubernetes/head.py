"""What every object has: version, kind, name, labels, annotations."""

from __future__ import annotations

from typing import Any

from msgspec import Struct

from batten.formats.kubernetes.source import Json, Source
from batten.model.source import Pointer
from batten.model.workload import Resource


class Head(Struct, frozen=True, eq=False):
    """An object of a document before its kind is looked at."""

    api_version: str
    group: str
    """"" for the core group."""
    kind: str
    name: str
    """`metadata.name`, else `generateName`."""
    namespace: str
    labels: dict[str, str]
    annotations: dict[str, str]
    pointer: Pointer
    resource: Resource

    def declared(self, src: Source) -> dict[str, Any]:
        """The fields that every declared noun has."""
        return {
            "document": src.document,
            "pointer": self.pointer,
            "resource": self.resource,
            "scope": src.scope,
            "name": self.name,
            "namespace": self.namespace,
            "labels": self.labels,
            "annotations": self.annotations,
        }


def read_head(src: Source, value: Json, pointer: Pointer, api_version: str, kind: str) -> Head:
    """The head of the object `value` at `pointer`."""
    metadata = src.mapping(value, "metadata", pointer)
    own = (*pointer, "metadata")
    name = src.text(metadata, "name", own) or src.text(metadata, "generateName", own)
    namespace = src.text(metadata, "namespace", own)
    group, slash, _ = api_version.partition("/")
    return Head(
        api_version,
        group if slash else "",
        kind,
        name,
        namespace,
        src.strings(metadata, "labels", own) if "labels" in metadata else {},
        src.strings(metadata, "annotations", own) if "annotations" in metadata else {},
        pointer,
        Resource("kubernetes", kind, name, namespace),
    )
