"""Charts that `helm_release` installs: those of the target are rendered with the values that stand there.

Source: the documentation of the Helm provider, resource `helm_release`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from batten.formats.built import NodeDocument
from batten.formats.compose.files import resolve
from batten.formats.helm import strvals
from batten.formats.helm.chart import CHART
from batten.formats.helm.values import Layer, Wanted
from batten.formats.interface import Charts
from batten.formats.nodes import Node
from batten.formats.terraform.embedded import FileText, decoded
from batten.formats.terraform.values import Steps, as_text, is_null, is_unknown, known, mapping
from batten.formats.yaml import YamlDocument
from batten.model.source import File, Files, Place
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.terraform.findings import Collected
    from batten.formats.terraform.module import Resource

_ELSEWHERE: Final = "that is Terraform; edit it there"
_RELEASE: Final = pattern(r"[a-z0-9]([-a-z0-9]{0,51}[a-z0-9])?")
_SETS: Final = ("set", "set_list", "set_sensitive")  # in the order in which the provider takes them


class _Given:
    """Values for one release: files and texts first, single ones over them. `later`: what of them is not known."""

    def __init__(self) -> None:
        self.layers: list[Layer] = []
        self.sets: list[tuple[tuple[str | int, ...], Any]] = []
        self.later: list[tuple[Node, str]] = []


class ReleaseCharts:
    """Implements `batten.formats.interface.Charts` for one release: what Terraform gives, then what the user does."""

    def __init__(self, charts: Charts, name: str, namespace: str, given: _Given) -> None:
        self._charts = charts
        self._name = name
        self._namespace = namespace
        self._given = given

    def available(self) -> bool:
        return self._charts.available()

    def values_files(self) -> Sequence[str]:
        return self._charts.values_files()

    def wanted(self, root: str, name: str, files: Files) -> Wanted:
        own = self._charts.wanted(root, name, files)
        return Wanted(
            self._name or own.release,
            self._namespace or own.namespace,
            (*self._given.layers, *own.given),
            (*self._given.sets, *own.sets),
        )

    def render(
        self, files: Mapping[str, bytes], values: Mapping[str, Any], release: str, namespace: str
    ) -> dict[str, str]:
        return self._charts.render(files, values, release, namespace)


def chart_file(into: Collected, resource: Resource) -> File | None:
    """The `Chart.yaml` of a chart that lies in the target; None of one from elsewhere."""
    chart, repository = resource.node.text("chart"), resource.node.get("repository")
    if not chart or (repository is not None and not is_null(repository)):
        return None
    folder = resolve(into.file.directory, chart)
    return None if folder is None else into.context.files.get(f"{folder}/{CHART}" if folder else CHART)


def read_release(into: Collected, steps: Steps, resource: Resource, chart: File) -> list[tuple[Node, str]]:
    """The objects of the release, put into `into`; what of its values is not known. Raises `TooMuch`."""
    from msgspec.structs import replace

    from batten.formats.helm.reader import read
    from batten.formats.kubernetes.templates import placeholder_problem

    assert into.context.charts is not None
    given = _given(into, steps, resource)
    name = resource.node.text("name")
    namespace = resource.node.text("namespace")
    charts = ReleaseCharts(
        into.context.charts,
        name if _RELEASE.fullmatch(name) else "",
        namespace if _RELEASE.fullmatch(namespace) else "",
        given,
    )
    reading = read(chart, replace(into.context, charts=charts))
    into.nouns += reading.nouns
    placeholder = placeholder_problem(chart)  # of what is not known, which is told of the release
    into.problems += [one for one in reading.problems if one not in into.problems and one != placeholder]
    into.consumed += [chart.path, *reading.consumed]
    into.leads_to += reading.leads_to
    return given.later


def _given(into: Collected, steps: Steps, resource: Resource) -> _Given:
    given = _Given()
    values = resource.node.get("values")
    for node in _listed(values, given, "values"):
        found = decoded(node, steps)
        if found is None or not found.is_map:
            if is_unknown(node):
                given.later.append((node, "values"))
            elif not is_null(node) and node.plain != "":
                into.tell(node.place, f"{resource.address}: expected a mapping of values here", severe=True)
            continue
        if not known(found, steps):
            given.later.append((node, "some of values"))
        document = found.place.document
        if isinstance(node, FileText) and isinstance(document, YamlDocument):
            given.layers.append(Layer(document))
        else:
            given.layers.append(Layer(NodeDocument(into.file, 0, found), refused=_ELSEWHERE))
    for kind in _SETS:
        for block in _listed(resource.node.get(kind), given, kind):
            _set(into, given, kind, block)
    return given


def _listed(node: Node | None, given: _Given, name: str) -> Iterator[Node]:
    if node is None or is_null(node):
        return
    if node.is_list:
        yield from node.items
    elif node.is_map:
        yield node
    else:
        given.later.append((node, name))


def _set(into: Collected, given: _Given, kind: str, block: Node) -> None:
    """One value; a list that is set item by item is none of a file, and has no place of its own."""
    path = block.text("name")
    value = block.get("value")
    if kind == "set_list" and value is not None and value.is_list:
        texts = [as_text(one) or "" for one in value.items]
        written = "{" + ",".join(texts) + "}"
    else:
        written = (as_text(value) or "") if value is not None else ""
    if value is None or not path or is_unknown(value):
        given.later.append((value or block, f"{kind} {path}".strip()))
    if not path:
        return
    try:
        found = strvals.parse(f"{path}={written}", strings=block.text("type") == "string")
    except strvals.MalformedSet as error:
        into.tell(block.place, f"{kind} {path[:80]}: {error}", severe=True)
        return
    for way, one in found:
        if one is None or any(isinstance(part, int) for part in way):
            given.sets.append((way, one))
            continue
        place: Place = value.place if value is not None else block.place
        node = Node(one, place)
        for part in reversed(way):
            node = mapping({str(part): node}, block.place)
        given.layers.append(Layer(NodeDocument(into.file, 0, node), refused=_ELSEWHERE))
