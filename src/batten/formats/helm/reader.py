"""Reads a Helm chart as what it renders: the objects of one release.

A chart in another one's `charts` folder gives nothing of its own, since it is rendered with it; so do templates and
files of values. Where nothing here can render, the templates are told as such by the reader of their objects.
"""

from __future__ import annotations

from typing import Any, Final
from weakref import WeakKeyDictionary

from batten.formats.helm.chart import CHART, Chart, ChartFiles, collect, missing, tree
from batten.formats.helm.errors import ChartError
from batten.formats.helm.render import release_of
from batten.formats.interface import ReadContext, Reading
from batten.formats.kubernetes.reader import read_objects
from batten.formats.kubernetes.templates import chart_of
from batten.model.source import File, Problem, Unreadable

_outcomes: Final[WeakKeyDictionary[Any, dict[str, bool]]] = WeakKeyDictionary()
"""For the files of a target: the folders of charts -> whether they could be rendered."""


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of a chart; nothing of what is a part of one."""
    charts = context.charts
    assert charts is not None
    root = chart_of(file.directory, context.files)
    if root is None:
        return Reading(recognised=file.path in charts.values_files())
    if file.name != CHART or root != file.directory:
        rendered = _outcomes.get(context.files, {}).get(root, True)
        path = file.path[len(root) + 1 if root else 0 :]
        inside = path.startswith("values") or _is_part(path)
        # of a chart that cannot be rendered, what is no template is judged as it is
        return Reading(recognised=inside and (rendered or b"{{" in file.data or file.name.startswith("values")))
    templates: list[str] = []
    try:
        found = collect(root, context.files)
        templates = [one.path for path, one in found.files.items() if path != CHART and b"{{" in one.data]
        reading = _read(file, found, context)
    except (ChartError, Unreadable) as error:
        _outcomes.setdefault(context.files, {})[root] = False
        told = error if isinstance(error, ChartError) else ChartError(error.message)
        return Reading(problems=[_problem(file, told)], consumed=templates)
    _outcomes.setdefault(context.files, {})[root] = True
    return reading


def _is_part(path: str) -> bool:
    first, _, rest = path.partition("/")
    if first == "charts":
        return True
    return first == "templates" and bool(rest)


def _read(file: File, found: ChartFiles, context: ReadContext) -> Reading:
    assert context.charts is not None
    if _is_foreign(found):
        return Reading(recognised=False)
    chart = tree(found)
    if chart.is_library:
        return Reading(consumed=_parts(found))
    release = release_of(file, chart, found, context.charts, context.files)
    reading = read_objects(file, release.documents, context)
    reading.problems = [*_missing_problems(file, chart, found, release.values.get), *reading.problems]
    reading.consumed = _parts(found)
    outside = [path for path in context.charts.values_files() if path not in reading.consumed]
    reading.consumed += outside
    reading.leads_to = [(path, "helm") for path in outside]
    return reading


def _is_foreign(found: ChartFiles) -> bool:
    """A file of that name that is none of Helm's: those have a version of its API, or templates beside them."""
    text = found.files[CHART].data
    return b"name" not in text or (b"version" not in text and not any(p.startswith("templates/") for p in found.files))


def _parts(found: ChartFiles) -> list[str]:
    """The files that the objects are rendered from, and other templates; what else lies beside them (a Dockerfile, the
    definitions in `crds`) is read by itself."""
    return [
        file.path
        for path, file in found.files.items()
        if path not in found.packed
        and (
            _is_part(path)
            or path.startswith("values")
            or (path != CHART and path.endswith((".yaml", ".yml", ".json")) and b"{{" in file.data)
        )
    ]


def _missing_problems(file: File, chart: Chart, found: ChartFiles, value: Any) -> list[Problem]:
    """What the chart needs and does not hold, in one line; a dependency that is turned off is not needed."""
    wanted = [one for one in missing(found, chart) if not _is_off(one, value)]
    if not wanted:
        return []
    names = ", ".join(str(one.get("alias") or one["name"])[:80] for one in wanted)
    plural = "dependencies are" if len(wanted) > 1 else "dependency is"
    message = f"the {plural} missing in charts/ and not judged: {names}; run helm dependency build there"
    return [Problem(file.path, message)]


def _is_off(dependency: dict[str, Any], value: Any) -> bool:
    for condition in str(dependency.get("condition") or "").split(","):
        found = value(tuple(condition.strip().split("."))) if condition.strip() else None
        if isinstance(found, bool):
            return not found
    return False


def _problem(file: File, error: ChartError) -> Problem:
    where = error.path or file.path
    return Problem(where, f"the chart cannot be rendered: {error.message}", error.line)
