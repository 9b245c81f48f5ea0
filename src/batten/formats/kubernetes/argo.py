"""Argo Workflows: a workflow's spec is the pod spec of all its templates, each of which holds containers.

Source: https://argo-workflows.readthedocs.io/en/latest/fields/ (WorkflowSpec, Template).
"""

from __future__ import annotations

from collections.abc import Iterator

from batten.formats.kubernetes.source import EMPTY, Json, Source
from batten.formats.kubernetes.workload import Template
from batten.model.source import Pointer
from batten.model.workload import ContainerKind

Listed = tuple[ContainerKind, Json, Pointer]


def read_templates(src: Source, value: Json, pointer: Pointer, path: tuple[str, ...]) -> Template | None:
    """The workflow as one pod template with the containers of all its templates; None without any.

    A template's own `securityContext` and service account, which replace the workflow's, are not looked at.
    """
    spec, own = value, pointer
    for key in path:
        spec, own = src.mapping(spec, key, own), (*own, key)
    containers: list[Listed] = []
    for place, template in src.items(spec, "templates", own):
        containers += _containers(src, template, place)
    if not containers:
        return None
    metadata = src.mapping(spec, "podMetadata", own)
    return Template(
        spec=spec,
        pointer=own,
        metadata=metadata,
        metadata_pointer=(*own, "podMetadata"),
        containers=tuple(containers),
    )


def _containers(src: Source, template: Json, pointer: Pointer) -> Iterator[Listed]:
    for own, raw in src.items(template, "initContainers", pointer):
        yield "init", raw, own
    for key in ("container", "script"):
        single = src.mapping(template, key, pointer)
        if single is not EMPTY:
            name = src.text(template, "name", pointer) or "main"
            yield "main", {"name": name, **single}, (*pointer, key)
    group = src.mapping(template, "containerSet", pointer)
    for own, raw in src.items(group, "containers", (*pointer, "containerSet")):
        yield "main", raw, own
    for own, raw in src.items(template, "sidecars", pointer):
        yield "sidecar", raw, own
