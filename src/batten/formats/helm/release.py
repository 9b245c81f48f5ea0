"""A chart, rendered: what each template printed, and what is known of where it is from."""

from __future__ import annotations

from msgspec import Struct

from batten.formats.helm.decide import Decider
from batten.formats.helm.document import HelmDocument, TemplateDocument
from batten.formats.helm.origins import Origins
from batten.formats.helm.syntax import Template
from batten.formats.helm.values import Path, Values
from batten.model.source import File


class Rendered(Struct, eq=False):
    """What one template printed. `path`: the template's in the chart; `prefix`: of its chart's values."""

    path: str
    text: str
    prefix: Path
    origins: Origins


class Release(Struct, eq=False):
    """All that was rendered of one chart. `files` are those of the chart by their path in it."""

    files: dict[str, File]
    packed: set[str]
    templates: dict[str, Template]
    values: Values
    documents: list[HelmDocument]
    texts: dict[str, TemplateDocument]
    deciders: dict[Path, Decider]

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
