"""Exact places: of an entry of a list, the value that a check blames."""

from __future__ import annotations

from batten.model.source import Place
from batten.model.workload import Container, EnvVar, Mount, Port, Volume, Workload

# platform -> what of the entry is meant; where the entry is a plain string, its own place is the answer
_PARTS: dict[str, dict[type, tuple[str, ...]]] = {
    "kubernetes": {Volume: ("hostPath", "path"), Port: ("hostPort",), EnvVar: ("value",), Mount: ("mountPath",)},
    "ecs": {Volume: ("host", "sourcePath"), Port: ("hostPort",), EnvVar: ("value",)},
    "compose": {Volume: ("source",), Port: ("published",)},
    "swarm": {Volume: ("source",), Port: ("published",)},
}


def exact(owner: Container | Workload, part: Volume | Port | EnvVar | Mount) -> Place:
    """The place of what is blamed in one entry, e.g. the path of a `hostPath` volume."""
    place = owner.at(part)  # type: ignore[arg-type]
    inner = _PARTS.get(owner.platform, {}).get(type(part), ())
    return Place(place.document, (*place.pointer, *inner)) if inner else place
