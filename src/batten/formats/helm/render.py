"""Renders a chart twice, once with marks, and reads what was printed as the objects of a release."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import chain, islice
from typing import TYPE_CHECKING, Final

from batten.formats.helm.chart import CHART, Chart, ChartFiles, missing
from batten.formats.helm.document import HelmDocument
from batten.formats.helm.errors import ChartError
from batten.formats.helm.marks import Marker, Run, can_mark
from batten.formats.helm.release import Marks, Release, Rendered
from batten.formats.helm.syntax import MalformedTemplate, Template, parse
from batten.formats.helm.values import Path, Values, Wanted, layers_of, names_of
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.limits import HELM_OBJECTS
from batten.model.source import File, Files, Problem, Unreadable
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.interface import Charts

_PARTIALS: Final = ("_", ".")
_WORD: Final = pattern(r"\w+")
_SHORTEST: Final = 4  # a shorter word would be taken out of what is said
_PLACES: Final = pattern(r"([^\s:()]+/templates/[^\s:()]+:\d{1,7}(?::\d{1,7})?)")
_BLANKED: Final = pattern(r"[^\n]")
_DRAWN_UP: Final = pattern(r"(?:\A|\n)---(?=[^ \t\r\n])")
_DRAWN_UP_MOST: Final = 64  # each part is held with the length of the whole
_SAID: Final = pattern(r"([^\s:()]+/templates/[^\s:()]+):(\d{1,7})")


def release_of(file: File, chart: Chart, found: ChartFiles, charts: Charts, target: Files) -> Release:
    """What the chart renders. Raises `ChartError` where it cannot be rendered."""
    wanted = charts.wanted(found.root, str(chart.metadata["name"]), target)
    values = Values(wanted.given, layers_of(chart, found), wanted.sets, names_of(chart))
    try:
        return _release(file, chart, found, charts, wanted, values)
    except ChartError as error:
        raise ChartError(_masked(error.message, values.secrets()), error.path, error.line) from None


def _masked(message: str, secrets: set[str]) -> str:
    """What Helm says, without the values of secrets that it quotes, cut or not."""
    words = {word for secret in secrets for word in _WORD.findall(secret)}
    hidden = [text for text in sorted({*secrets, *words}, key=len, reverse=True) if len(text) >= _SHORTEST]
    parts = _PLACES.split(message)  # every second one is a place, which quotes nothing
    for number in range(0, len(parts), 2):
        for text in hidden:
            parts[number] = parts[number].replace(text, "\u2026")
    return "".join(parts)


def _release(file: File, chart: Chart, found: ChartFiles, charts: Charts, wanted: Wanted, values: Values) -> Release:
    templates = _templates(found)
    files = {path: one.data for path, one in found.files.items()}
    absent = missing(found, chart)
    if absent:
        files[CHART] = _without(chart, absent)
        files.pop("requirements.yaml", None)
    overrides = values.overrides()
    sources = dict(_sources(chart, chart.name, ()))
    try:
        true = charts.render(files, overrides, wanted.release, wanted.namespace)
    except ChartError as error:
        raise error if error.path else _placed(error, sources, found) from None
    given = (overrides, wanted.release, wanted.namespace)
    marks = Marks(lambda: _marked(files, templates, true, charts, given))
    release = Release(
        files=found.files,
        packed=found.packed,
        templates=templates,
        values=values,
        documents=[],
        texts={},
        deciders={},
    )
    for name in sorted(true):
        folder = next((one for one in sources if name.startswith(one + "/templates/")), "")
        source = sources.get(folder)
        if source is None or _prints_nothing(name):
            continue
        directory, prefix = source
        path = directory + name[len(folder) + 1 :]
        if path not in found.files:
            continue
        _add(release, file, Rendered(path, true[name], prefix, name, marks, templates))
    return release


def _placed(error: ChartError, sources: dict[str, tuple[str, Path]], found: ChartFiles) -> ChartError:
    """The error at the line of the template that Helm names first."""
    for said in _SAID.finditer(error.message):
        folder, _, rest = said[1].rpartition("/templates/")
        source = sources.get(folder)
        path = f"{source[0]}templates/{rest}" if source is not None else ""
        if path in found.files:
            return ChartError(error.message, found.files[path].path, int(said[2]))
    return error


def _prints_nothing(name: str) -> bool:
    """Partials, and the notes for who installs the chart."""
    base = name.rpartition("/")[2]
    return base.startswith(_PARTIALS) or base == "NOTES.txt"


def _templates(found: ChartFiles) -> dict[str, Template]:
    """The templates that can be followed; what Helm says of the others decides."""
    templates = {}
    for path, file in found.files.items():
        parts = path.split("/")
        if "templates" in parts[:-1]:
            try:
                templates[path] = parse(file.text())
            except (MalformedTemplate, Unreadable):
                continue
    return templates


def _marked(
    files: dict[str, bytes],
    templates: dict[str, Template],
    true: dict[str, str],
    charts: Charts,
    given: tuple[dict[str, object], str, str],
) -> tuple[dict[str, str], dict[str, list[Run]]]:
    """What the marked templates print less their marks, and the runs of each; nothing where they cannot be rendered."""
    if not can_mark(template.text for template in templates.values()) or not can_mark(true.values()):
        return {}, {}
    for bodies in (True, False):
        marker = Marker(templates, bodies=bodies)
        try:
            printed = charts.render({**files, **{p: t.encode() for p, t in marker.texts.items()}}, *given)
        except ChartError:
            continue
        read = {name: marker.read(text) for name, text in printed.items()}
        return {name: text for name, (text, _) in read.items()}, {name: runs for name, (_, runs) in read.items()}
    return {}, {}


def _sources(chart: Chart, name: str, prefix: Path) -> Iterator[tuple[str, tuple[str, Path]]]:
    """What Helm calls the folder of each chart -> its folder, and where its values are."""
    for child in chart.children:
        yield from _sources(child, f"{name}/charts/{child.name}", (*prefix, child.name))
    yield name, (chart.directory, prefix)


def _without(chart: Chart, absent: list[dict[str, object]]) -> bytes:
    """The metadata without dependencies that are not there."""
    kept = [one for one in chart.metadata.get("dependencies") or [] if one not in absent]
    return json.dumps({**chart.metadata, "dependencies": kept}, default=str).encode()


def _add(release: Release, file: File, rendered: Rendered) -> None:
    """The objects that one template printed; tests, which run when they are asked for, are none of the release."""
    source = release.files[rendered.path]
    texts = [File(source.path, text.encode(), source.directory) for text in _parts(rendered.text)]
    for one in chain.from_iterable(read_documents(text, KUBERNETES) for text in texts):
        if isinstance(one, Problem):
            message = f"what it renders is no YAML: {one.message.removeprefix('template: ')} (line {one.line} of that)"
            raise ChartError(message, source.path)
        if not isinstance(one.value, dict) or _is_test(one):
            continue
        if len(release.documents) >= HELM_OBJECTS:
            raise ChartError(f"expected at most {HELM_OBJECTS:,} objects, found more")
        release.documents.append(HelmDocument(file, len(release.documents), one, rendered, release))


def _parts(text: str) -> list[str]:
    """What Helm takes apart at a `---` that something follows without a blank: `{{- end -}}` below the line of a
    `---` draws the next line up to it. Each part keeps its offsets in the whole. Source: `SplitManifests` of Helm."""
    marks = [found.end() for found in islice(_DRAWN_UP.finditer(text), _DRAWN_UP_MOST + 1)]
    if not marks or len(marks) > _DRAWN_UP_MOST:
        return [text]
    parts = [text[: marks[0] - 3]]
    for start, end in zip(marks, [*(mark - 3 for mark in marks[1:]), len(text)], strict=True):
        parts.append(_BLANKED.sub(" ", text[: start - 1]) + "\n" + text[start:end])
    return parts


def _is_test(document: YamlDocument) -> bool:
    metadata = document.value.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    found = annotations.get("helm.sh/hook") if isinstance(annotations, dict) else None
    return isinstance(found, str) and found.strip() in ("test", "test-success", "test-failure")
