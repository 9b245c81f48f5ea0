"""`transformers`: kustomize's own transformers, each configured in a file of its kind with the fields it is to change.

Programs and containers that transform (`config.kubernetes.io/function`, plug-ins) are refused: nothing is run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from batten.formats.kustomize.configuration import specs_of
from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.objects import Object
from batten.formats.kustomize.transform import add_affix, add_pairs, set_images, set_namespace, set_replicas
from batten.formats.nodes import Node

_BUILTIN: Final = "builtin"
PATCHES: Final = frozenset(("PatchTransformer", "PatchJson6902Transformer", "PatchStrategicMergeTransformer"))
REPLACEMENTS: Final = "ReplacementTransformer"
"""What needs the files of the kustomization, and is applied by the build itself."""


def kind_of(node: Node) -> str:
    """The kind of a transformer. Raises `BuildError` for one that is not kustomize's own."""
    kind = node.text("kind")
    if node.text("apiVersion") != _BUILTIN or not (kind in _KINDS or kind in PATCHES or kind == REPLACEMENTS):
        raise BuildError(f"it uses the transformer {kind[:80] or '?'}, which only kustomize itself can run", node.place)
    return kind


def transform(objects: Sequence[Object], node: Node) -> None:
    """Applies one of the transformers that change fields. Raises `BuildError`."""
    _KINDS[kind_of(node)](objects, node)


def _prefix(objects: Sequence[Object], node: Node) -> None:
    _affix(objects, node, "prefix")


def _suffix(objects: Sequence[Object], node: Node) -> None:
    _affix(objects, node, "suffix")


def _both(objects: Sequence[Object], node: Node) -> None:
    _affix(objects, node, "prefix")
    _affix(objects, node, "suffix")


def _affix(objects: Sequence[Object], node: Node, field: str) -> None:
    if node.get("fieldSpecs") is None:
        raise BuildError(f"expected fieldSpecs in a {node.text('kind')}", node.place)
    affix = node.get(field)
    if affix is not None and affix.plain:
        add_affix(objects, affix, specs_of(node.each("fieldSpecs")), prefix=field == "prefix")


def _labels(objects: Sequence[Object], node: Node) -> None:
    _pairs(objects, node, "labels")


def _annotations(objects: Sequence[Object], node: Node) -> None:
    _pairs(objects, node, "annotations")


def _pairs(objects: Sequence[Object], node: Node, field: str) -> None:
    pairs = node.get(field)
    if pairs is not None and pairs.plain:
        add_pairs(objects, pairs, specs_of(node.each("fieldSpecs")))


def _namespace(objects: Sequence[Object], node: Node) -> None:
    for option in ("unsetOnly", "setRoleBindingSubjects"):
        said = node.get(option)
        if said is not None and said.plain not in (None, False, "defaultOnly"):
            raise BuildError(f"it uses {option}, which only kustomize itself can build", said.place)
    metadata = node.get("metadata")
    namespace = metadata.get("namespace") if metadata is not None else None
    namespace = node.get("namespace") if namespace is None else namespace
    if namespace is not None and namespace.plain:
        set_namespace(objects, namespace, specs_of(node.each("fieldSpecs")))


def _replicas(objects: Sequence[Object], node: Node) -> None:
    entry = node.get("replica")
    if entry is None:
        raise BuildError("expected replica in a ReplicaCountTransformer", node.place)
    set_replicas(objects, entry, specs_of(node.each("fieldSpecs")))


def _images(objects: Sequence[Object], node: Node) -> None:
    entry = node.get("imageTag")
    if entry is None:
        raise BuildError("expected imageTag in an ImageTagTransformer", node.place)
    set_images(objects, entry, specs_of(node.each("fieldSpecs")))


_KINDS: Final[dict[str, Callable[[Sequence[Object], Node], None]]] = {
    "AnnotationsTransformer": _annotations,
    "ImageTagTransformer": _images,
    "LabelTransformer": _labels,
    "NamespaceTransformer": _namespace,
    "PrefixTransformer": _prefix,
    "PrefixSuffixTransformer": _both,
    "ReplicaCountTransformer": _replicas,
    "SuffixTransformer": _suffix,
}
