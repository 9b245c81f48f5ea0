"""`configurations`: files that name more fields for the built-in transformers, and more names that follow.

https://github.com/kubernetes-sigs/kustomize/tree/master/examples/transformerconfigs
What a base is configured with holds for the kustomizations that build on it too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from batten.formats.kustomize.errors import BuildError
from batten.formats.kustomize.references import Reference
from batten.formats.kustomize.specs import Spec
from batten.formats.nodes import Node

_SLASH: Final = re.compile(r"(?<!\\)/")
_LISTS: Final = {
    "namePrefix": "prefix",
    "nameSuffix": "suffix",
    "namespace": "namespace",
    "commonLabels": "common_labels",
    "labels": "labels",
    "templateLabels": "template_labels",
    "commonAnnotations": "annotations",
    "images": "images",
    "replicas": "replicas",
    "varReference": "variables",
}
_OTHERS: Final = frozenset(("nameReference", "volumeClaimTemplateLabels"))
"""Names have fields of their own; the labels of claims serve an option that is not known here."""


class Configuration(Struct, frozen=True):
    """Fields beside those that kustomize knows by itself, by the transformer that changes them."""

    prefix: tuple[Spec, ...] = ()
    suffix: tuple[Spec, ...] = ()
    namespace: tuple[Spec, ...] = ()
    common_labels: tuple[Spec, ...] = ()
    labels: tuple[Spec, ...] = ()
    template_labels: tuple[Spec, ...] = ()
    annotations: tuple[Spec, ...] = ()
    images: tuple[Spec, ...] = ()
    replicas: tuple[Spec, ...] = ()
    variables: tuple[Spec, ...] = ()
    references: tuple[Reference, ...] = ()

    def merged(self, other: Configuration) -> Configuration:
        """Both, each field once."""
        if other == _NOTHING:
            return self
        both = {
            name: tuple(dict.fromkeys((*getattr(self, name), *getattr(other, name)))) for name in self.__struct_fields__
        }
        return Configuration(**both)


_NOTHING: Final = Configuration()


def read_configuration(root: Node) -> Configuration:
    """What one file says. Raises `BuildError`."""
    if not root.is_map:
        raise BuildError("expected a mapping of transformers to fields", root.place)
    for key, value in root.fields.items():
        if key not in _LISTS and key not in _OTHERS:
            raise BuildError(f"expected a transformer of kustomize, found {key[:80]!r}", value.place)
    found = {name: specs_of(root.each(key)) for key, name in _LISTS.items()}
    return Configuration(**found, references=tuple(_references(root.each("nameReference"))))


def specs_of(nodes: Iterable[Node]) -> tuple[Spec, ...]:
    """The fields that a list of field specifications names. Raises `BuildError`."""
    return tuple(_spec(one) for one in nodes)


def _spec(node: Node) -> Spec:
    path, create = node.text("path"), node.get("create")
    if not path:
        raise BuildError("expected a field specification with a path", node.place)
    parts = tuple(part.replace("\\/", "/") for part in _SLASH.split(path))
    create_it = create is not None and create.plain is True
    return Spec(parts, node.text("kind"), node.text("group"), create_it, node.text("version"))


def _references(nodes: Iterable[Node]) -> Iterable[Reference]:
    for one in nodes:
        if not one.text("kind"):
            raise BuildError("expected the kind that is named in nameReference", one.place)
        for spec in specs_of(one.each("fieldSpecs")):
            yield Reference(one.text("kind"), spec.kind, spec.path, one.text("group"), spec.group)
