"""Finds the pod templates of an object through the tables of `kinds`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec.structs import replace

from batten.formats.kubernetes.complete import absent
from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.kinds import ARGO_WORKFLOWS, CONTROLLER_GROUPS, CUSTOM_POD_TEMPLATES, POD_TEMPLATES
from batten.formats.kubernetes.partial import PARTIAL, read_partial
from batten.formats.kubernetes.source import EMPTY, Json, Source
from batten.formats.kubernetes.workload import Template
from batten.model.source import Pointer

_Found = tuple[Any, Pointer, str]
_CONTAINER_LISTS: Final = ("containers", "initContainers", "ephemeralContainers")


def pod_templates(src: Source, head: Head, value: Json, own: dict[str, str]) -> list[Template]:
    """The pod templates that the object holds, by the user's table `own`, else by ours."""
    entry = f"{head.group}/{head.kind}"
    if own and (paths := own.get(entry, own.get(head.kind))) is not None:
        found = _at_paths(src, head, value, paths)
        if not found:
            message = f"expected a pod template at {paths}, as [kubernetes.pod-templates] says, found none"
            src.complain(message, head.pointer, severe=False)
        return found
    if head.group in CONTROLLER_GROUPS and head.kind in POD_TEMPLATES:
        return _builtin(src, head, value, POD_TEMPLATES[head.kind])
    if entry in CUSTOM_POD_TEMPLATES:
        return _at_paths(src, head, value, CUSTOM_POD_TEMPLATES[entry])
    if entry in ARGO_WORKFLOWS:
        from batten.formats.kubernetes.argo import read_templates

        src.native_templates = True
        workflow = read_templates(src, value, head.pointer, ARGO_WORKFLOWS[entry])
        return [] if workflow is None else [workflow]
    if entry in PARTIAL:
        return read_partial(src, head, value, _follow)
    return []


def _at_paths(src: Source, head: Head, value: Json, paths: str) -> list[Template]:
    found = [
        (path, template)
        for path in (one.strip().split(".") for one in paths.split(","))
        for each in _follow(value, head.pointer, path, "")
        if (template := _template(src, *each)) is not None
    ]
    alike = [path for path, template in found if not template.label]
    if len(alike) < 2:
        return [template for _, template in found]
    return [
        template if template.label else replace(template, label=_told_apart(path, alike)) for path, template in found
    ]


def _told_apart(path: list[str], paths: list[list[str]]) -> str:
    """`leader` of `spec.leaderWorkerTemplate.leaderTemplate`, beside `…workerTemplate`."""
    parts = next((parts for parts in zip(*paths, strict=False) if len(set(parts)) > 1), ())
    part = path[next((at for at, each in enumerate(zip(*paths, strict=False)) if each == parts), len(path) - 1)]
    return part.removesuffix("Template").removesuffix("Spec") or part


def _builtin(src: Source, head: Head, value: Json, path: str) -> list[Template]:
    """Kubernetes' own kinds always have a template; the API server refuses them without."""
    node, pointer = value, head.pointer
    for key in path.split(".") if path else ():
        node, pointer = src.mapping(node, key, pointer), (*pointer, key)
    at = (*pointer, "spec")
    place = f"{path}.spec" if path else "spec"
    if node.get("spec") is None:
        absent(src, f"a pod spec at {place}", at)
        return []
    spec = src.section(node, "spec", pointer)
    if not isinstance(spec, dict):
        return []  # a template; told already
    if spec.get("containers") in (None, []):
        absent(src, f"containers at {place}.containers", at)
    metadata = src.mapping(node, "metadata", pointer) if path else EMPTY
    return [Template(spec=spec, pointer=at, metadata=metadata, metadata_pointer=(*pointer, "metadata"))]


def _follow(node: Any, pointer: Pointer, path: list[str], label: str) -> Iterator[_Found]:
    """What a dotted path leads to; `*` names each thing by its key or its `name`."""
    for position, part in enumerate(path):
        if part == "*":
            rest = path[position + 1 :]
            if type(node) is dict:
                for key, item in node.items():
                    yield from _follow(item, (*pointer, key), rest, f"{label}{key}")
            elif type(node) is list:
                for index, item in enumerate(node):
                    name = item.get("name", item.get("groupName", index)) if type(item) is dict else index
                    yield from _follow(item, (*pointer, index), rest, f"{label}{name}")
            return
        if not part:
            continue
        if type(node) is not dict:
            return
        node, pointer = node.get(part), (*pointer, part)
    if node is not None:
        yield node, pointer, label


def _template(src: Source, node: Any, pointer: Pointer, label: str) -> Template | None:
    """A pod template, or a bare pod spec; None where there are no containers in it."""
    if type(node) is not dict:
        src.wrong(node, "a pod template", pointer)
        return None
    spec, at, metadata = node, pointer, EMPTY
    if not any(key in node for key in _CONTAINER_LISTS):
        spec, at = src.mapping(node, "spec", pointer), (*pointer, "spec")
        metadata = src.mapping(node, "metadata", pointer)
    if not any(spec.get(key) for key in _CONTAINER_LISTS):
        return None
    return Template(spec=spec, pointer=at, metadata=metadata, metadata_pointer=(*pointer, "metadata"), label=label)
