"""Files that a tool fills in before they are manifests (`pod.yaml.j2`, `docker-compose.yml.tmpl`), found in a folder
or an archive. No reader wants their names: what they would become is told as not judged, once per folder."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from batten.formats.interface import ReadContext
from batten.limits import KIB
from batten.model.source import Problem, Unreadable
from batten.sources import Entry

if TYPE_CHECKING:
    from batten.engine.read import FileReading

_SUFFIXES: Final = (
    ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".tftpl", ".gotmpl", ".gotpl", ".template", ".erb", ".ejs", ".mako",
    ".hbs", ".mustache", ".liquid", ".envsubst", ".in",
)  # fmt: skip
_TEXT: Final = ".txt"
"""Ends the names of templates, too (`pod.yaml.txt`), where what stands before it names a manifest."""
_LOOKED_AT: Final = 256 * KIB
"""Bytes of a file in which its kind is looked for."""
_TOLD: Final = "holds templates"
_NAMED: Final = 3  # files that are named in one problem


def stem_of(path: str) -> str:
    """`path` without the ends that a template's name has, "" where it has none."""
    stem = path
    while (end := next((one for one in (*_SUFFIXES, _TEXT) if stem.lower().endswith(one)), "")) != "":
        stem = stem[: -len(end)]
    return stem if stem != path else ""


def _says_nothing(stem: str) -> bool:
    """Whether the name of what a template becomes (`pod` of `pod.tpl`) has no end that says what it is."""
    name = stem.rpartition("/")[2]
    return bool(name) and "." not in name


class Templates:
    """Those of one target. `is_read`: whether a file of that name is read as what it is."""

    def __init__(self, is_read: Callable[[str], bool], context: ReadContext) -> None:
        self._is_read = is_read
        self._context = context
        self._found: dict[str, list[str]] = {}

    def wants_name(self, path: str) -> bool:
        """Whether it becomes, by its name, what some reader would want."""
        lower = path.lower()
        if not lower.endswith((*_SUFFIXES, _TEXT)):
            return False
        stem = stem_of(path)
        if lower.endswith(_TEXT) and _says_nothing(stem):
            return False  # the most of them are for people
        return bool(stem.rpartition("/")[2]) and (_says_nothing(stem) or self._is_read(stem))

    def look_at(self, entry: Entry) -> None:
        """Keeps the entry where it becomes a manifest; what it cannot read there is no manifest for certain."""
        try:
            file = entry.read()
        except Unreadable:
            return
        from batten.engine.template_kinds import becomes_manifest

        stem, head = stem_of(entry.path), file.data[:_LOOKED_AT]
        if becomes_manifest(stem, head, self._context.pod_template_kinds) and not self._is_of_chart(file.path):
            self._found.setdefault(file.directory, []).append(file.path)

    def problems(self, read: Mapping[str, FileReading]) -> list[Problem]:
        """One for each folder, given what was read: left out are templates of which the result lies beside them or
        that are a part of something else, and folders of which templates are told already."""
        if not self._found:
            return []
        judged = {part for one in read.values() for part in one.parts}
        judged.update(path for path, one in read.items() if one.recognised)
        told = {problem.path for one in read.values() for problem in one.problems if problem.message.startswith(_TOLD)}
        found = []
        for folder, paths in self._found.items():
            names = [path.rpartition("/")[2] for path in paths if judged.isdisjoint((path, stem_of(path)))]
            if not names or (folder or ".") in told:
                continue
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            message = f"{_TOLD} ({', '.join(names[:_NAMED])}{more}), of which nothing is judged"
            found.append(Problem(folder or ".", f"{message}: render them and scan the result, or exclude them"))
        return found

    def _is_of_chart(self, path: str) -> bool:
        """Whether it is rendered with a Helm chart, or included by what is."""
        if "templates/" not in path and "charts/" not in path:
            return False
        from batten.formats.kubernetes.templates import chart_of

        root = chart_of(path.rpartition("/")[0], self._context.files)
        return root is not None and path[len(root) :].lstrip("/").startswith(("templates/", "charts/"))
