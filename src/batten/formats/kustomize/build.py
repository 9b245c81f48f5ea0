"""Builds a kustomization: objects of its resources, changed as it says, each value knowing where it was written.

    built = build("overlays/prod", files)

The order of the steps is that of kustomize 5: resources, generators, components, then patches, namespace, prefix,
suffix, labels, annotations, JSON patches, replicas, images, replacements; hashes and the names that follow come last.
What would need the network or a program is refused with the reason, never left out.
https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Final
from weakref import WeakKeyDictionary

from msgspec import Struct, field

from batten.formats.kustomize import json6902
from batten.formats.kustomize.configuration import Configuration, read_configuration
from batten.formats.kustomize.errors import BuildError, outside, said
from batten.formats.kustomize.generate import add_hashes, generate
from batten.formats.kustomize.load import (
    KINDS,
    KNOWN,
    REFUSED,
    Noting,
    documents_of,
    inline,
    is_remote,
    kustomization_file,
    objects_of,
    root_of,
    whole,
)
from batten.formats.kustomize.merge import merge
from batten.formats.kustomize.objects import Object, by_id, one_of, selector_of
from batten.formats.kustomize.references import follow_names
from batten.formats.kustomize.replacements import replace
from batten.formats.kustomize.specs import ANNOTATIONS, COMMON_LABELS, NAMES, NAMESPACE, REPLICAS
from batten.formats.kustomize.transform import add_affix, add_labels, add_pairs, set_images, set_namespace, set_replicas
from batten.formats.kustomize.transformers import REPLACEMENTS, kind_of, transform
from batten.formats.kustomize.variables import Variable, declare, put_in
from batten.formats.nodes import Node
from batten.formats.yaml import YamlDocument
from batten.limits import KUSTOMIZE_DEPTH, KUSTOMIZE_OBJECTS
from batten.model.source import Files, Place, Problem, Unreadable

_DEFINITION: Final = "CustomResourceDefinition"
_LOCAL: Final = "config.kubernetes.io/local-config"


class Built(Struct):
    """What came of a kustomization."""

    objects: list[Object] = field(default_factory=list)
    read: dict[str, None] = field(default_factory=dict)
    """Every file that it is made of, in the order read."""
    notes: dict[Problem, None] = field(default_factory=dict)
    """What is worth telling of the texts of its resources: keys that stand twice."""
    configuration: Configuration = Configuration()
    """Its own, and that of what it builds on."""
    variables: list[Variable] = field(default_factory=list)
    """Likewise."""


def build(folder: str, files: Files, skip: Callable[[str], bool] | None = None) -> Built:
    """Builds the kustomization of `folder` ("" is the root of the target). `skip` is asked for the text of each
    document of the resources: what it answers True for is left out unread.

    Raises `BuildError`.
    """
    work = _Build(files, skip)
    objects = work.accumulate(folder, [], depth=0)
    add_hashes(objects)
    follow_names(objects, work.built.configuration.references)
    put_in(objects, work.built.variables, work.built.configuration.variables)
    work.built.objects = [one for one in objects if not _is_local(one)]
    for one in work.built.objects:
        metadata = one.node.fields["metadata"]
        if (annotations := metadata.get("annotations")) is not None and not annotations.value():
            del metadata.fields["annotations"]  # as kustomize prints it
    return work.built


def _is_local(one: Object) -> bool:
    metadata = one.node.get("metadata")
    annotations = metadata.get("annotations") if metadata is not None else None
    return annotations is not None and annotations.get(_LOCAL) is not None and annotations.text(_LOCAL) != "false"


_made: WeakKeyDictionary[Files, dict[tuple[str, object], Built]] = WeakKeyDictionary()
"""What the kustomizations of a target come to, each built once for all those that build on it."""


class _Build:
    def __init__(self, files: Files, skip: Callable[[str], bool] | None) -> None:
        self.files = files
        self.skip = skip
        self.built = Built()
        self.open: list[str] = []

    def accumulate(
        self, folder: str, objects: list[Object], *, depth: int, referrer: Node | None = None
    ) -> list[Object]:
        """The objects of a kustomization; a component takes those of its parent and changes them."""
        place = referrer.place if referrer is not None else None
        file = kustomization_file(folder, self.files)
        if file is None:
            raise BuildError(f"expected a kustomization in {folder or '.'}, found none in the target", place)
        if folder in self.open or depth > KUSTOMIZE_DEPTH:
            raise BuildError(f"{folder or '.'} leads to itself", place)
        known = _made.setdefault(self.files, {})
        mark = (folder, self.skip)
        if not objects and mark in known:
            self._note(known[mark])
            return [one.copy() for one in known[mark].objects]
        whole, self.built = self.built, Built()
        self.open.append(folder)
        self.built.read[file.path] = None
        if objects:  # a component works with what its parent is configured with
            self.built.configuration = whole.configuration
        root = root_of(file)
        kind = root.text("kind") or KINDS[0]
        if kind not in KINDS:
            raise BuildError(f"expected a Kustomization or Component, found {kind[:40]!r}", root.place)
        step = _Step(self, root, folder, objects, depth)
        alone = not objects
        found = step.run()
        self.open.pop()
        part, self.built = self.built, whole
        self._note(part)
        if alone and kind != "Component":
            part.objects = [one.copy() for one in found]
            known[mark] = part
        return found

    def _note(self, part: Built) -> None:
        self.built.read.update(part.read)
        self.built.notes.update(part.notes)
        self.built.configuration = self.built.configuration.merged(part.configuration)
        known = {one.name for one in self.built.variables}
        self.built.variables += [one for one in part.variables if one.name not in known]

    def documents(self, path: str, referrer: Node, *, all_of: bool = False) -> Iterator[Node]:
        """The values of a file's documents. Raises `BuildError`."""
        file = self.files.get(path)
        if file is None:
            raise BuildError(f"expected {path[:200]!r}, found nothing there in the target", referrer.place)
        self.built.read[file.path] = None
        try:
            found = documents_of(self.files, file, None if all_of else self.skip)
        except Unreadable as error:
            raise BuildError(f"{file.path}:{error.line or 1}: {said(error.message)}", referrer.place) from None
        for one in found:
            if isinstance(one, Problem):
                raise BuildError(f"{one.path}:{one.line or 1}: {said(one.message)}", referrer.place)
            if isinstance(one, YamlDocument) and one.value is not None:
                self.built.notes.update(dict.fromkeys(one.notes))
                yield Node(one.value, Place(one))


class _Step:
    """One kustomization of the build."""

    def __init__(self, work: _Build, root: Node, folder: str, objects: list[Object], depth: int) -> None:
        self.work = work
        self.root = root
        self.folder = folder
        self.depth = depth
        self.component = root.text("kind") == "Component"
        self.told_outside = False
        self.objects = objects

    def run(self) -> list[Object]:
        self._refuse()
        for one in (*self._list("resources"), *self._list("bases")):
            self._resource(one)
        built = self.work.built
        for one in self._list("configurations"):
            for root in self.work.documents(self._path(one, str(one.plain)), one, all_of=True):
                built.configuration = built.configuration.merged(read_configuration(root))
        options = self.root.get("generatorOptions")
        for name in ("configMapGenerator", "secretGenerator"):
            for one in self._list(name):
                read: dict[str, None] = {}
                generate(
                    self.objects,
                    one,
                    options,
                    secret=name == "secretGenerator",
                    folder=self.folder,
                    files=Noting(self.work.files, read),
                )
                self.work.built.read.update(read)
                for path in read:
                    if self.folder and not path.startswith(f"{self.folder}/"):
                        self._outside(one, path)
        for one in self._list("components"):
            self.objects = self.work.accumulate(
                self._path(one, str(one.plain)), self.objects, depth=self.depth + 1, referrer=one
            )
        self._transform()
        return self.objects

    def _refuse(self) -> None:
        for key, value in self.root.fields.items():
            if key in REFUSED and value.plain:
                options = "--enable-helm " if key.startswith("helm") else ""
                raise BuildError(f"it uses {REFUSED[key]}, which only kustomize itself can build", value.place, options)
            if key not in KNOWN and key not in REFUSED:
                raise BuildError(f"expected a field of a kustomization, found {key[:80]!r}", value.place)

    def _list(self, name: str) -> list[Node]:
        found = self.root.get(name)
        if found is None or found.plain is None:
            return []
        if not found.is_list:
            raise BuildError(f"expected a list in {name}", found.place)
        return found.items

    def _path(self, node: Node, text: str) -> str:
        if is_remote(text):
            raise BuildError(f"{text[:200]!r} lies elsewhere, and nothing is fetched", node.place)
        path = posixpath.normpath(posixpath.join(self.folder, text))
        if path.startswith(("../", "/")) or path == "..":
            raise BuildError(f"{text[:200]!r} lies outside of the target: scan the folder that holds both", node.place)
        if self.folder and not path.startswith(f"{self.folder}/") and self.work.files.get(path) is not None:
            self._outside(node, text)
        return "" if path == "." else path

    def _outside(self, node: Node, text: str) -> None:
        if not self.told_outside:
            self.told_outside = True
            self.work.built.notes[outside(node, text)] = None

    def _resource(self, node: Node) -> None:
        path = self._path(node, str(node.plain))
        if self.work.files.get(path) is None:
            own = self.work.accumulate(path, [], depth=self.depth + 1, referrer=node)
            self._add(own, node)
            return
        for value in self.work.documents(path, node):
            self._add(list(objects_of(value, node)), node)

    def _add(self, more: list[Object], node: Node) -> None:
        known = {one.id for one in self.objects}
        for one in more:
            if one.id in known:
                raise BuildError(f"expected {one.id} once, found it twice", node.place)
            known.add(one.id)
        self.objects = [*self.objects, *more]
        if len(self.objects) > KUSTOMIZE_OBJECTS:
            raise BuildError(f"expected at most {KUSTOMIZE_OBJECTS:,} objects, found more", node.place)

    def _transform(self) -> None:
        for one in self._list("patchesStrategicMerge"):
            self._merge_all(list(self._patch_documents(one, str(one.plain))), one)
        for one in self._list("patches"):
            self._patch(one)
        root, more = self.root, self.work.built.configuration
        namespace = root.get("namespace")
        if namespace is not None and namespace.plain:
            set_namespace(self.objects, namespace, (*NAMESPACE, *more.namespace))
        for name, specs in (("namePrefix", more.prefix), ("nameSuffix", more.suffix)):
            affix = root.get(name)
            if affix is not None and affix.plain:
                add_affix(self.objects, affix, (*NAMES, *specs), prefix=name == "namePrefix")
        for one in self._list("labels"):
            add_labels(self.objects, one, more)
        if (pairs := root.get("commonLabels")) is not None:
            add_pairs(self.objects, pairs, (*COMMON_LABELS, *more.common_labels))
        if (pairs := root.get("commonAnnotations")) is not None:
            add_pairs(self.objects, pairs, (*ANNOTATIONS, *more.annotations))
        for one in self._list("patchesJson6902"):
            self._patch(one)
        for one in self._list("replicas"):
            set_replicas(self.objects, one, (*REPLICAS, *more.replicas))
        for one in (*self._list("images"), *self._list("imageTags")):
            set_images(self.objects, one, more.images)
        self._replace(root)
        for one in self._list("transformers"):
            for transformer in self._transformers(one):
                self._run(transformer)
        for one in self._list("vars"):
            self.work.built.variables.append(declare(self.objects, one))

    def _replace(self, holder: Node) -> None:
        for one in holder.each("replacements"):
            path = one.text("path")
            for entry in self._file_entries(one, path) if path else [one]:
                replace(self.objects, entry)

    def _transformers(self, node: Node) -> list[Node]:
        """A file, a folder with a kustomization of its own, or the text itself."""
        text = str(node.plain)
        if "\n" in text:
            return list(inline(text, node))
        path = self._path(node, text)
        if self.work.files.get(path) is None:
            return [one.node for one in self.work.accumulate(path, [], depth=self.depth + 1, referrer=node)]
        return list(self.work.documents(path, node, all_of=True))

    def _run(self, node: Node) -> None:
        kind = kind_of(node)
        if kind == REPLACEMENTS:
            self._replace(node)
        elif kind == "PatchTransformer":
            self._patch(node)
        elif kind == "PatchJson6902Transformer":
            self._patch(node, text_in="jsonOp")
        elif kind == "PatchStrategicMergeTransformer":
            for one in node.each("paths"):
                self._merge_all(list(self._patch_documents(one, str(one.plain))), one)
            if (text := node.get("patches")) is not None:
                self._merge_all(list(inline(str(text.plain), text)), text)
        else:
            transform(self.objects, node)

    def _file_entries(self, node: Node, path: str) -> list[Node]:
        found = list(self.work.documents(self._path(node, path), node, all_of=True))
        return [entry for one in found for entry in (one.items if one.is_list else [one])]

    # ------------------------------------------------------------------------------------ patches

    def _patch_documents(self, node: Node, text: str) -> Iterator[Node]:
        """A patch is a file, or stands as text in the kustomization."""
        path = posixpath.normpath(posixpath.join(self.folder, text))
        if "\n" not in text and self.work.files.get(path) is not None:
            yield from self.work.documents(self._path(node, text), node, all_of=True)
            return
        yield from inline(text, node)

    def _patch(self, node: Node, text_in: str = "patch") -> None:
        path, text = node.text("path"), node.get(text_in)
        if bool(path) == (text is not None):
            raise BuildError("expected a patch with either path or patch", node.place)
        if text is not None:
            documents = list(inline(str(text.plain), text))
        else:
            documents = list(self.work.documents(self._path(node, path), node, all_of=True))
        target = node.get("target")
        options = node.get("options")
        if all(one.is_map and one.get("kind") is not None for one in documents):
            self._merge_all(documents, node, target, options)
            return
        if target is None:
            raise BuildError("expected a target for a JSON patch", node.place)
        for one in selector_of(target).select(self.objects):
            one.remember()
            for operations in documents:
                json6902.apply(one.node, operations)
            whole(one.node, node)

    def _merge_all(
        self, patches: list[Node], node: Node, target: Node | None = None, options: Node | None = None
    ) -> None:
        for patch in patches:
            if target is not None:
                chosen = selector_of(target).select(self.objects)
            else:
                wanted = Object(patch).id
                found = by_id(self.objects, wanted)
                if not found and wanted.kind == _DEFINITION and self.work.skip is not None:
                    continue  # it may be among those left out
                chosen = [one_of(found, f"the patch of {wanted}")]
            for one in chosen:
                self._merge(one, patch.copy(), options)

    def _merge(self, one: Object, patch: Node, options: Node | None) -> None:
        now = one.remember()
        before = one.node.get("metadata")
        said = before.get("namespace") if before is not None else None
        namespace = said.copy() if said is not None else None
        if not merge(one.node, patch):
            self.objects = [other for other in self.objects if other is not one]
            return
        whole(one.node, patch)
        metadata = one.node.fields["metadata"].fields
        if namespace is not None:  # nor does a patch move an object
            metadata["namespace"] = namespace
        else:
            metadata.pop("namespace", None)
        # a patch changes neither kind nor name, unless its options say so
        for option, route in (("allowKindChange", ("kind",)), ("allowNameChange", ("metadata", "name"))):
            said = options.get(option) if options is not None else None
            if said is None or said.plain is not True:
                holder = one.node if len(route) == 1 else one.node.fields["metadata"]
                value = now.kind if route == ("kind",) else now.name
                if holder.text(route[-1]) != value:
                    holder.fields[route[-1]] = Node(value, holder.place)
        if one.node.get("apiVersion") is None or one.id.version != now.version:
            version = f"{now.group}/{now.version}" if now.group else now.version
            one.node.fields["apiVersion"] = Node(version, one.node.place)
