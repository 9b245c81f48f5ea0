"""What a kustomization is read from: its own file, the documents of its resources, patches that are texts."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final
from weakref import WeakKeyDictionary

from batten.formats.kustomize import NAMES
from batten.formats.kustomize.errors import BuildError, said
from batten.formats.kustomize.objects import Object
from batten.formats.lines import lines_of
from batten.formats.literal import lines_below
from batten.formats.nodes import Node
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.formats.yaml.split import Chunk
from batten.limits import KUSTOMIZE_VALUES
from batten.model.source import File, Files, Place, Pointer, Problem, Unreadable

KINDS: Final = ("Kustomization", "Component")
_QUIET: Final = frozenset(("apiVersion", "kind", "metadata", "buildMetadata", "sortOptions", "generatorOptions"))
REFUSED: Final = {
    "helmCharts": "Helm charts",
    "helmChartInflationGenerator": "Helm charts",
    "generators": "generators of its own",
    "validators": "validators of its own",
    "openapi": "a schema of its own",
}
KNOWN: Final = _QUIET | {
    *("resources", "bases", "components", "crds", "configMapGenerator", "secretGenerator", "patchesStrategicMerge"),
    *("patches", "namespace", "namePrefix", "nameSuffix", "commonLabels", "labels", "commonAnnotations"),
    *("patchesJson6902", "replicas", "images", "imageTags", "replacements", "helmGlobals"),
    *("configurations", "transformers", "vars"),
}
_SPELLED: Final = {name.lower(): name for name in (*KNOWN, *REFUSED)}


def kustomization_file(folder: str, files: Files) -> File | None:
    """The kustomization of a folder."""
    for name in NAMES:
        found = files.get(posixpath.join(folder, name))
        if found is not None:
            return found
    return None


def kind_of(file: File) -> str:
    """`Kustomization`, `Component`; "" where a file of that name is another tool's. Raises `BuildError`."""
    root = root_of(file)
    version = root.text("apiVersion")
    return "" if version and not version.startswith("kustomize.config.k8s.io/") else root.text("kind") or KINDS[0]


def root_of(file: File) -> Node:
    values = []
    for one in read_documents(file, KUBERNETES):
        if isinstance(one, Problem):
            raise BuildError(f"{one.path}:{one.line or 1}: {said(one.message)}")
        if one.value is not None:
            values.append(one)
    if len(values) != 1 or not isinstance(values[0].value, dict):
        raise BuildError(f"expected one mapping in {file.path}, found {len(values)} documents")
    root = Node(values[0].value, Place(values[0]))
    for key in [*root.fields]:
        name = _SPELLED.get(key.lower(), key)
        if name not in root.fields:  # kustomize does not look at upper and lower case
            root.fields[name] = root.fields.pop(key)
    return root


_parsed: WeakKeyDictionary[Any, dict[tuple[str, object], list[YamlDocument | Problem]]] = WeakKeyDictionary()


def documents_of(files: Files, file: File, skip: Callable[[str], bool] | None) -> list[YamlDocument | Problem]:
    """The documents of a file, read once for all the kustomizations of a target: edits of one file, whoever wants
    them, are then edits of one document. Nodes leave the values as they are."""
    kept = getattr(files, "kept", None)  # what several views of a target have in common (`batten.engine.fix.overlay`)
    known = _parsed.setdefault(kept if kept is not None and kept.files.get(file.path) is file else files, {})
    mark = (file.path, skip)
    if mark not in known:
        wanted = None if skip is None else (lambda text: not skip(text))
        known[mark] = [_bounded(one) for one in read_documents(file, KUBERNETES, wanted, kind=_kind(file))]
    return known[mark]


def _kind(file: File) -> type[YamlDocument]:
    """Pipelines are judged word by word of their scripts."""
    if b"tekton.dev/" not in file.data:
        return YamlDocument
    from batten.formats.pipelines.document import PipelineDocument

    return PipelineDocument


def _bounded(document: YamlDocument | Problem) -> YamlDocument | Problem:
    if isinstance(document, Problem) or _weight(document.value, {}) <= KUSTOMIZE_VALUES:
        return document
    what = f"expected at most {KUSTOMIZE_VALUES:,} values in a document, found more"
    return Problem(document.file.path, what, document.line)


def _weight(value: Any, known: dict[int, int]) -> int:
    """The values in a value, with those that aliases repeat: each is opened where a rule looks into it."""
    if not isinstance(value, dict | list):
        return 1
    found = known.get(id(value))
    if found is None:
        inner = value.values() if isinstance(value, dict) else value
        found = known[id(value)] = 1 + sum(_weight(one, known) for one in inner)
    return found


def is_remote(path: str) -> bool:
    """An address or a repository; as kustomize tells them from folders."""
    return "://" in path or path.startswith(("git@", "git::", "github.com/", "file:")) or "?ref=" in path


class Noting:
    """The files of a target, noting which were asked for."""

    def __init__(self, files: Files, read: dict[str, None]) -> None:
        self._files = files
        self._read = read

    def get(self, path: str) -> File | None:
        found = self._files.get(path)
        if found is not None:
            self._read[found.path] = None
        return found

    def names(self, directory: str) -> Sequence[str]:
        return self._files.names(directory)

    def folders(self, directory: str) -> Sequence[str]:
        return self._files.folders(directory)


def inline(text: str, node: Node) -> Iterator[Node]:
    """The documents of a text in the kustomization. One that is written line by line below a `|` has its places there;
    all of any other stands where the text stands."""
    file = File(node.place.document.file.path, text.encode())
    found = list(read_documents(file, KUBERNETES))
    written = _written(text, node.place) if len(found) == 1 else None
    for one in found:
        if isinstance(one, Problem):
            raise BuildError(f"the patch is no YAML: {said(one.message)}", node.place)
        if isinstance(one, YamlDocument) and one.value is not None:
            if written is not None and written.value == one.value:
                yield Node(written.value, Place(written))
            else:
                yield Node(one.value, _Text(node.place.document, node.place.pointer))


class InlineDocument(YamlDocument):
    """A document that is a block of text in another one: the same lines, further to the right. `index` is of no other
    document of the file; `at`: where the text stands in the kustomization."""

    __slots__ = ("at",)
    at: Pointer

    def within(self, file: File) -> InlineDocument | None:
        """The same text in another version of the file; None where it is not one any more."""
        around = next((one for one in read_documents(file, KUBERNETES) if isinstance(one, YamlDocument)), None)
        value: Any = around.value if around is not None else None
        for part in self.at:
            try:
                value = value[part]
            except (LookupError, TypeError):
                return None
        return _written(value, Place(around, self.at)) if around is not None and isinstance(value, str) else None


_INLINE: Final = 1_000_000  # more documents than a file may have; the line makes the index


def _written(text: str, place: Place) -> InlineDocument | None:
    """The lines of a literal block as a document of the file around them; None for any other text."""
    file = place.document.file
    try:
        lines = lines_of(file)
        first = place.location().line + 1
        written = text.split("\n")
        count = len(lines_below(file.text().split("\n"), first - 1, written, written))
        start, end = lines.offset(first), lines.offset(first + count)
        if not count or start < 0:
            return None
        whole = file.text()
        chunk = Chunk(start, end if end >= 0 else len(whole), first)
        document = InlineDocument(file, _INLINE + first, chunk, KUBERNETES)
        document.at = place.pointer
        document.read(whole[chunk.start : chunk.end])
    except Unreadable:
        return None
    return document


class _Text(Place, frozen=True, eq=False):
    """A place inside of a text that is a value: wherever it leads, it is the text's own."""

    def __truediv__(self, part: str | int) -> Place:
        return self


def objects_of(value: Node, referrer: Node) -> Iterator[Object]:
    """The object of a document, or those of a list."""
    if value.is_map and value.text("kind").endswith("List") and value.get("items") is not None:
        for item in value.fields["items"].items:
            yield from objects_of(item, referrer)
        return
    whole(value, value)
    yield Object(value)


def whole(value: Node, referrer: Node) -> None:
    """Raises `BuildError` for what is no object, or after a patch is none any more."""
    if not value.is_map or not value.text("kind"):
        raise BuildError("expected an object of Kubernetes with its kind", referrer.place)
    metadata = value.get("metadata")
    if metadata is None or not metadata.is_map or not metadata.text("name"):
        raise BuildError(f"expected a {value.text('kind')[:80]} with a name", referrer.place)
