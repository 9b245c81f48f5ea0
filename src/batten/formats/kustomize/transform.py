"""What a kustomization does to all objects: namespace, names, labels, annotations, replicas, images."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from batten.formats.kustomize.configuration import Configuration, specs_of
from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.objects import Object
from batten.formats.kustomize.specs import (
    COMMON_LABELS,
    METADATA_LABELS,
    NAMES,
    NAMESPACE,
    REPLICAS,
    TEMPLATE_LABELS,
    UNPREFIXED,
    Spec,
    fields,
)
from batten.formats.nodes import Node

_NAME: Final = ("metadata", "name")
_OWN_NAMESPACE: Final = ("metadata", "namespace")
_BINDINGS: Final = ("RoleBinding", "ClusterRoleBinding")
_CONTAINERS: Final = ("containers", "initContainers")
_NO_NAME: Final = re.compile(r"[^\w./:@~-]")
_HOLDERS: Final = frozenset((*_CONTAINERS, "volumes"))


def _apply(objects: Iterable[Object], specs: Sequence[Spec], create: Node) -> Iterator[Node]:
    """The fields that `specs` name, made where they may be."""
    for one in objects:
        known = one.id
        for spec in specs:
            if spec.meets(known.group, known.version, known.kind):
                yield from fields(one.node, spec.path, create if spec.create else None)


def set_namespace(objects: Sequence[Object], namespace: Node, specs: Sequence[Spec] = NAMESPACE) -> None:
    """Every namespaced object lies in it; bindings know the account `default` there. `specs`: what names it too."""
    specs = [spec for spec in specs if spec.path != _OWN_NAMESPACE]
    for one in objects:
        known = one.id
        one.remember()
        if not known.cluster:
            for node in fields(one.node, ("metadata", "namespace"), namespace):
                node.become(namespace.copy())
        if known.kind in _BINDINGS:
            for subject in fields(one.node, ("subjects",)):
                if subject.text("name") == "default":
                    subject.fields["namespace"] = namespace.copy()
        for node in _apply([one], specs, namespace):
            node.become(namespace.copy())


def add_affix(objects: Iterable[Object], affix: Node, specs: Sequence[Spec] = NAMES, *, prefix: bool) -> None:
    """Names (or what else `specs` says) begin, or end, with it."""
    text = str(affix.plain)
    for one in objects:
        known = one.original
        if known.kind in UNPREFIXED:
            continue
        for spec in specs:
            if not spec.meets(known.group, known.version, known.kind):
                continue
            if spec.path == _NAME:
                one.remember()
                prefixes, suffixes = one.affixes
                one.affixes = ((*prefixes, text), suffixes) if prefix else (prefixes, (*suffixes, text))
            for name in fields(one.node, spec.path, Node("", affix.place) if spec.create else None):
                named = "" if name.plain is None else str(name.plain)
                name.become(Node(text + named if prefix else named + text, name.place))


def _specs_of(label: Node, more: Configuration) -> tuple[Spec, ...]:
    own = (*specs_of(label.each("fields")), *more.labels)
    if _true(label.get("includeSelectors")):
        return (*COMMON_LABELS, *more.common_labels, *own)
    if _true(label.get("includeTemplates")):
        return (*TEMPLATE_LABELS, *more.template_labels, *own)
    return (*METADATA_LABELS, *own)


def _true(node: Node | None) -> bool:
    return node is not None and node.plain is True


def add_labels(objects: Sequence[Object], label: Node, more: Configuration) -> None:
    """One entry of `labels`: `pairs`, and where they go."""
    pairs = label.get("pairs")
    if pairs is not None:
        add_pairs(objects, pairs, _specs_of(label, more))


def add_pairs(objects: Sequence[Object], pairs: Node, specs: Sequence[Spec]) -> None:
    """Sets each pair in the mappings that `specs` name."""
    for node in _apply(objects, specs, Node({}, pairs.place)):
        if node.plain is None:
            node.become(Node({}, pairs.place))
        for key, value in pairs.fields.items():
            node.fields[key] = value.copy()


def set_replicas(objects: Sequence[Object], entry: Node, specs: Sequence[Spec] = REPLICAS) -> None:
    """One entry of `replicas`. Raises `BuildError` where it meets no object."""
    name, count = entry.text("name"), entry.get("count")
    found = False
    for one in objects:
        for spec in specs:
            if any(known.name == name and spec.meets(known.group, known.version, known.kind) for known in one.ids):
                found = True
                if count is not None:
                    for node in fields(one.node, spec.path, count if spec.create else None):
                        node.become(count.copy())
    if not found:
        raise BuildError(f"expected a workload named {name[:80]!r} to scale, found none", entry.place)


def set_images(objects: Iterable[Object], entry: Node, specs: Sequence[Spec] = ()) -> None:
    """One entry of `images`: the images of that name get another name, tag or digest. `specs`: more places."""
    name = entry.text("name")
    if _NO_NAME.search(name):  # kustomize takes the name for an expression; names of images have none of these
        raise BuildError(f"expected the name of an image, found {name[:80]!r}", entry.place)
    try:
        wanted = re.compile(f"{name}(:[a-zA-Z0-9_.{{}}-]*)?(@sha256:[a-zA-Z0-9_.{{}}-]*)?")
    except re.error:
        raise BuildError(f"expected the name of an image, found {name[:80]!r}", entry.place) from None
    for one in objects:
        if one.id.kind == "CustomResourceDefinition":
            continue
        for image in (*_images(one.node), *_apply([one], specs, entry)):
            if isinstance(image.plain, str) and wanted.fullmatch(image.plain):
                image.become(_image(image.plain, entry))


def _holds_images(value: Any) -> bool:
    if isinstance(value, dict):
        return any(key in _HOLDERS or _holds_images(inner) for key, inner in value.items())
    return isinstance(value, list) and any(_holds_images(inner) for inner in value)


def _images(node: Node) -> Iterator[Node]:
    """Those of the containers, wherever in the object those stand, and of volumes."""
    if not node.opened and not _holds_images(node.plain):
        return
    if node.is_list:
        for item in node.items:
            yield from _images(item)
    elif node.is_map:
        for key, value in list(node.fields.items()):
            if key in _CONTAINERS and value.is_list:
                yield from (image for item in value.items if (image := item.get("image")) is not None)
            if key == "volumes" and value.is_list:
                yield from fields(value, ("image", "reference"))
            yield from _images(value)


def _image(text: str, entry: Node) -> Node:
    base = text.find("/") + 1
    rest = text[base:]
    digest = rest.partition("@")[2]
    rest = rest.partition("@")[0]
    short, _, tag = rest.partition(":")
    name = entry.text("newName") or text[:base] + short
    # a number is what YAML makes of `newTag: 1.10` without quotes; kustomize takes its text
    new_tag, new_digest = _text(entry, "newTag"), entry.text("digest")
    deciding = "newName"
    if new_tag or new_digest:
        tag, digest = new_tag, new_digest
        deciding = "digest" if new_digest else "newTag"
    elif suffix := entry.text("tagSuffix"):
        tag, digest, deciding = tag + suffix, "", "tagSuffix"
    whole = name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    return Node(whole, entry.place / deciding)


def _text(entry: Node, key: str) -> str:
    node = entry.get(key)
    return "" if node is None or node.plain is None or node.is_map or node.is_list else str(node.plain)
