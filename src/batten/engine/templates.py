"""Files that a tool fills in before they are manifests (`pod.yaml.j2`, `docker-compose.yml.tmpl`), found in a folder
or an archive. No reader wants their names: what they would become is told as not judged, once per folder."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from batten.formats.interface import ReadContext
from batten.limits import KIB
from batten.model.source import Problem, Unreadable
from batten.pattern import pattern
from batten.sources import Entry

if TYPE_CHECKING:
    from batten.engine.read import FileReading

_SUFFIXES: Final = (".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".gotmpl", ".erb", ".mustache", ".in")
_LOOKED_AT: Final = 256 * KIB
"""Bytes of a file in which its kind is looked for."""
_TOLD: Final = "holds templates"
_NAMED: Final = 3  # files that are named in one problem
_STRUCTURED: Final = (".yaml", ".yml", ".json")
# the services to the next key at the left margin; a line of a template may stand there
_SERVICES: Final = pattern(rb"^(?:\xef\xbb\xbf)?services[ \t]*:[^\n]*\n((?:(?![A-Za-z_\"'])[^\n]*\n?)*)", re.MULTILINE)
_SERVICE: Final = pattern(rb"^(?:[ ]{2,}|\t+)(?:image|build)[ \t]*:", re.MULTILINE)
_TASK: Final = pattern(rb"(?:^|[\s{,\"'])containerDefinitions[\"']?[ \t]*:", re.MULTILINE)
_HEADER: Final = pattern(rb"^[ \t]*\[([A-Z][A-Za-z]*)\]", re.MULTILINE)


def stem_of(path: str) -> str:
    """`path` without the ends that a template's name has, "" where it has none."""
    stem = path
    while (end := next((one for one in _SUFFIXES if stem.lower().endswith(one)), "")) != "":
        stem = stem[: -len(end)]
    return stem if stem != path else ""


class Templates:
    """Those of one target. `is_read`: whether a file of that name is read as what it is."""

    def __init__(self, is_read: Callable[[str], bool], context: ReadContext) -> None:
        self._is_read = is_read
        self._context = context
        self._found: dict[str, list[str]] = {}

    def wants_name(self, path: str) -> bool:
        """Whether it becomes, by its name, what some reader would want."""
        if not path.lower().endswith(_SUFFIXES):
            return False
        stem = stem_of(path)
        return bool(stem.rpartition("/")[2]) and self._is_read(stem)

    def look_at(self, entry: Entry) -> None:
        """Keeps the entry where it becomes a manifest; what it cannot read there is no manifest for certain."""
        try:
            file = entry.read()
        except Unreadable:
            return
        if self._becomes_manifest(stem_of(entry.path), file.data[:_LOOKED_AT]) and not self._is_of_chart(file.path):
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

    def _becomes_manifest(self, stem: str, data: bytes) -> bool:
        name = stem.rpartition("/")[2].lower()
        if not name.endswith(_STRUCTURED):
            from batten.formats.quadlet.names import section_of

            # networkd has units of the same names, with sections of its own beside [Network]
            section, found = section_of(name), [one[1].decode() for one in _HEADER.finditer(data)]
            return section != "" and section in found and "Match" not in found and "NetDev" not in found
        if b"apiVersion" in data and b"kind" in data:
            from batten.formats.kubernetes.recognise import holds_object

            return holds_object(data.decode("utf-8-sig", "replace"), self._context.pod_template_kinds)
        if b"containerDefinitions" in data:
            return _TASK.search(data) is not None
        if name.endswith(".json") or name.startswith("values"):  # values of a chart have services of their own
            return False
        return any(_SERVICE.search(one[1]) is not None for one in _SERVICES.finditer(data))

    def _is_of_chart(self, path: str) -> bool:
        """Whether it is rendered with a Helm chart, or included by what is."""
        if "templates/" not in path and "charts/" not in path:
            return False
        from batten.formats.kubernetes.templates import chart_of

        root = chart_of(path.rpartition("/")[0], self._context.files)
        return root is not None and path[len(root) :].lstrip("/").startswith(("templates/", "charts/"))
