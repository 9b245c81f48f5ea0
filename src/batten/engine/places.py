"""Exact places: of an entry of a list, the value that a check blames."""

from __future__ import annotations

from typing import Literal

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


def argument(container: Container, field: Literal["command", "args"], index: int, span: tuple[int, int]) -> Place:
    """The place of one word of a command; of a text that a shell runs that of `span`, a range of the word."""
    place = container.where(field)
    if container.platform != "dockerfile":
        # a command that is one text has no place for each word: then the text itself is meant
        return Place(place.document, (*place.pointer, index))
    from batten.formats.dockerfile.nodes import Dockerfile

    document, pointer = place.document, place.pointer
    if not isinstance(document, Dockerfile) or len(pointer) < 2 or not isinstance(pointer[1], int):
        return place
    instruction = document.instructions[pointer[1]]
    if instruction.json:
        return Place(document, (*pointer, "arg", index))
    script = instruction.script.find((getattr(container, field) or ())[index])
    return place if script < 0 else Place(document, (*pointer, "text", script + span[0], script + span[1]))
