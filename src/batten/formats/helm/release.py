"""A chart, rendered: what each template printed, and what is known of where it is from."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct, field

from batten.formats.helm.decide import Decider
from batten.formats.helm.document import HelmDocument, TemplateDocument
from batten.formats.helm.marks import Run
from batten.formats.helm.origins import Origins
from batten.formats.helm.syntax import Node, Template, walk
from batten.formats.helm.values import Path, Values
from batten.model.source import File


class Marks(Struct, eq=False):
    """What the marked templates of a chart printed, rendered when it is first asked where something was written: most
    edits that are proved never ask."""

    make: Callable[[], tuple[dict[str, str], dict[str, list[Run]]]]
    made: tuple[dict[str, str], dict[str, list[Run]]] | None = None

    def of(self, name: str) -> tuple[str, list[Run]]:
        """What the template that Helm calls by a name printed less its marks, and the runs of it."""
        if self.made is None:
            self.made = self.make()
        texts, runs = self.made
        return texts.get(name, ""), runs.get(name, [])


class Rendered(Struct, eq=False):
    """What one template printed. `path`: the template's in the chart; `prefix`: of its chart's values; `name`: what
    Helm calls the template."""

    path: str
    text: str
    prefix: Path
    name: str
    marks: Marks
    templates: dict[str, Template]
    found: Origins | None = None

    @property
    def origins(self) -> Origins:
        """Where each character of the text was written."""
        if self.found is None:
            self.found = Origins(self.text, *self.marks.of(self.name), self.templates)
        return self.found


class Define(Struct, eq=False):
    """A named template: where it stands, and all nodes in it. `end`: of the last of them."""

    path: str
    node: Node
    nodes: list[Node]
    end: int
    prints: dict[str, bool] = field(default_factory=dict)
    """Keys -> whether it, or what it includes, may print them."""


class Release(Struct, eq=False):
    """All that was rendered of one chart. `files` are those of the chart by their path in it."""

    files: dict[str, File]
    packed: set[str]
    templates: dict[str, Template]
    values: Values
    documents: list[HelmDocument]
    texts: dict[str, TemplateDocument]
    deciders: dict[Path, Decider]
    defines: dict[str, Define | None] = field(default_factory=dict)
    """Named templates that were asked for."""
    nodes: dict[str, list[Node]] = field(default_factory=dict)
    """All nodes of a template's own text, in their order."""

    def define(self, name: str) -> Define | None:
        """The named template of that name; the first one where several files have it."""
        if name not in self.defines:
            self.defines[name] = None
            for path, template in self.templates.items():
                node = template.defines.get(name)
                if node is not None:
                    nodes = list(walk([one for body in node.bodies for one in body]))
                    end = max((one.end for one in nodes), default=node.end)
                    self.defines[name] = Define(path, node, nodes, end)
                    break
        return self.defines[name]

    def nodes_of(self, path: str) -> list[Node]:
        """All nodes of a template, without those of what it defines."""
        if path not in self.nodes:
            self.nodes[path] = list(walk(self.templates[path].body))
        return self.nodes[path]

    def decider(self, prefix: Path) -> Decider:
        """Follows the actions of the chart whose values are at `prefix`."""
        if prefix not in self.deciders:
            self.deciders[prefix] = Decider(self.templates, self.values, prefix)
        return self.deciders[prefix]

    def template(self, path: str) -> TemplateDocument:
        """The template at a path in the chart, as a document: one, whoever asks."""
        found = self.texts.get(path)
        if found is None:
            found = self.texts[path] = TemplateDocument(self.files[path], self)
        return found
