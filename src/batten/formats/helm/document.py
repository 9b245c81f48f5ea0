"""An object of a rendered chart as a document: its parts stand in templates, and in the values that decide them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from batten.formats.text import TextDocument
from batten.formats.yaml import YamlDocument
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import Document, File, Location, Place, Pointer, Problem

if TYPE_CHECKING:
    from batten.formats.helm.hooks import Region
    from batten.formats.helm.release import Release, Rendered
    from batten.formats.helm.values import Decided


class HelmDocument:
    """Implements `batten.model.source.Document`. `file` is the chart's own: two charts with one template are two."""

    __slots__ = ("_regions", "_written", "file", "hooks", "index", "notes", "release", "rendered", "yaml")

    line = 1
    one_scope = True
    """Whatever file a part of it stands in, it is of the same release."""

    def __init__(self, file: File, index: int, yaml: YamlDocument, rendered: Rendered, release: Release) -> None:
        self.file = file
        self.index = index
        self.yaml = yaml
        self.rendered = rendered
        self.release = release
        self.notes: tuple[Problem, ...] = ()
        self._written: dict[tuple[Pointer, bool], tuple[Place, tuple[Place, ...]]] = {}
        self._regions: dict[Pointer, list[Region]] = {}
        self.hooks: dict[tuple[Pointer, int], Decided | None] = {}
        """What `batten.formats.helm.hooks.hook` answered."""

    @property
    def value(self) -> Any:
        """The object as Helm renders it."""
        return self.yaml.value

    @property
    def original(self) -> tuple[str, str]:
        """Namespace and name, as `batten.engine.judge.as_written` asks for them."""
        return self.deployed

    @property
    def deployed(self) -> tuple[str, str]:
        """Namespace and name."""
        metadata = self.value.get("metadata") if isinstance(self.value, dict) else None
        found = metadata if isinstance(metadata, dict) else {}
        return str(found.get("namespace") or ""), str(found.get("name") or "")

    def written(self, pointer: Pointer, *, key: bool = False) -> Place:
        """The value that decides what stands at `pointer`, else the line of the template that prints it."""
        return self._found(pointer, key)[0]

    def beside(self, pointer: Pointer) -> tuple[Place, ...]:
        """Where else to look: the line of the template that prints a value."""
        return self._found(pointer, False)[1]

    def _found(self, pointer: Pointer, key: bool) -> tuple[Place, tuple[Place, ...]]:
        mark = (pointer, key)
        if mark not in self._written:
            from batten.formats.helm.places import written

            self._written[mark] = written(self, pointer, key=key)
        return self._written[mark]

    def is_made(self, pointer: Pointer) -> bool:
        """Does each rendering print another value at `pointer`: a key or password that is drawn?"""
        return self.rendered.origins.differs(*self.yaml.span(pointer, key=False))

    def regions_of(self, pointer: Pointer, make: Callable[[HelmDocument, Pointer], list[Region]]) -> list[Region]:
        """The texts that the mapping at `pointer` was printed from, found once."""
        if pointer not in self._regions:
            self._regions[pointer] = make(self, pointer)
        return self._regions[pointer]

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self.written(pointer, key=key).location()

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit("it is rendered: edit the chart")

    def translated(self, edit: Edit) -> tuple[Document, Edit]:
        """The same edit in the values, else in the text of the template; raises `CannotEdit` where it is in neither."""
        from batten.formats.helm.edits import translated

        return translated(self, edit)


class TemplateDocument(TextDocument):
    """A template as text. Its edits are of the objects that it renders: their pointers begin with the index of the
    object in the release."""

    def __init__(self, file: File, release: Release) -> None:
        super().__init__(file)
        self._release = release

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        from batten.formats.helm.edits import template_splices

        return template_splices(self._release, self.file, edits)


class OutsideValues:
    """Values in a file that lies outside of the target: read, never edited."""

    names_itself = True

    def __init__(self, document: YamlDocument) -> None:
        self.file = document.file
        self.value = document.value
        self._document = document

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self._document.locate(pointer, key=key)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit("the file of values lies outside of the target; scan the folder that holds both")
