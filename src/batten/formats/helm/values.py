"""The values of a release: where each of them is decided, from the command line down to a sub-chart's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from batten.detect.secrets import looks_like_secret_name
from batten.formats.built import NodeDocument
from batten.formats.helm import strvals
from batten.formats.helm.chart import VALUES, Chart, ChartFiles
from batten.formats.helm.document import OutsideValues
from batten.formats.helm.errors import ChartError
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.model.source import File, Problem

Path = tuple[str | int, ...]
_NONE: Final[Any] = object()


class Layer(Struct, eq=False):
    """A file of values. `prefix`: where in the values of the root chart its own begin."""

    document: YamlDocument | OutsideValues | NodeDocument
    prefix: Path = ()
    refused: str = ""
    """Why it is not edited."""


class Wanted(Struct, frozen=True, eq=False):
    """What the user gives to a chart. `given`: files of values, the last one wins; `sets`: of `--set`, in order."""

    release: str
    namespace: str
    given: tuple[Layer, ...] = ()
    sets: tuple[tuple[Path, Any], ...] = ()


class Decided(Struct, frozen=True, eq=False):
    """Where a value is decided; `missing`: the part of its path that is not written there."""

    layer: Layer | None
    """None: by `--set`."""
    pointer: Path
    missing: Path = ()


class Values:
    """All values of a release, those that win first."""

    def __init__(
        self, given: Sequence[Layer], own: Sequence[Layer], sets: Sequence[tuple[Path, Any]], names: frozenset[str]
    ) -> None:
        """`given`: the files of the user, in their order; `own`: of the charts; `names`: of all sub-charts."""
        self._given = given
        self._layers = [*reversed(given), *own]
        self._sets = sets
        self._names = names

    def overrides(self) -> dict[str, Any]:
        """What Helm is given besides the charts' own values: the files of the user, then `--set`."""
        made: dict[str, Any] = {}
        for layer in self._given:
            _merge(made, layer.document.value)
        for path, value in self._sets:
            try:
                strvals.put(made, path, value)
            except strvals.MalformedSet as error:
                raise ChartError(f"--set cannot be followed: {error}") from None
        return made

    def secrets(self) -> set[str]:
        """The texts below names that promise a secret (`adminPassword`), whichever file gives them."""
        found: set[str] = set()
        for layer in self._layers:
            _take_secrets(layer.document.value, found)
        for path, value in self._sets:
            _take_secrets({str(path[-1]): value}, found)
        return found

    def decided(self, path: Path) -> Decided | None:
        """Where the value at `path` (of the root chart) is decided; None where nothing of its way is written."""
        best: Decided | None = None
        for way in self._ways(path):
            if any(one == way[: len(one)] for one, _ in self._sets):
                return Decided(None, way)
            for layer in self._layers:
                if way[: len(layer.prefix)] != layer.prefix:
                    continue
                own = way[len(layer.prefix) :]
                depth = _depth(layer.document.value, own)
                if depth == len(own):
                    return Decided(layer, own)
                if depth > 0 and (best is None or len(best.missing) > len(own) - depth):
                    best = Decided(layer, own[:depth], own[depth:])
        return best

    def get(self, path: Path) -> Any:
        """The value at a path as it is rendered: of mappings in several layers all keys; None where there is none."""
        found: Any = _NONE
        for way in self._ways(path):
            for layer in self._layers:
                if way[: len(layer.prefix)] == layer.prefix:
                    value = _at(layer.document.value, way[len(layer.prefix) :])
                    if value is _NONE:
                        continue
                    if isinstance(value, dict) and (found is _NONE or isinstance(found, dict)):
                        found = {**value, **(found if found is not _NONE else {})}
                    elif found is _NONE:
                        found = value
        for one, value in self._sets:
            if one == path:
                found = value
        return None if found is _NONE else found

    def element(self, path: Path, turn: int) -> str | int:
        """The key that a `range` over the value at `path` meets in its n-th turn, from 0."""
        value = self.get(path)
        if isinstance(value, dict):
            keys = sorted(str(key) for key in value)
            return keys[turn] if turn < len(keys) else ""
        return turn

    def _ways(self, path: Path) -> list[Path]:
        """The paths that say what the one says: what is global to a sub-chart is that of its parents first."""
        if "global" not in path:
            return [path]
        at = path.index("global")
        if not all(part in self._names for part in path[:at]):
            return [path]
        return [(*path[:length], *path[at:]) for length in range(at + 1)]


def read_values(file: File) -> YamlDocument | None:
    """The one document of a file of values; None of an empty one. Raises `ChartError`."""
    found = None
    for one in read_documents(file, KUBERNETES):
        if isinstance(one, Problem):
            raise ChartError(one.message, file.path, one.line)
        if one.value is None:
            continue
        if found is not None or not isinstance(one.value, dict):
            raise ChartError("expected one mapping of values", file.path, one.line)
        found = one
    return found


def layers_of(chart: Chart, found: ChartFiles, prefix: Path = ()) -> list[Layer]:
    """The defaults of a chart and of the charts in it: those of a parent win."""
    layers: list[Layer] = []
    path = chart.directory + VALUES
    if path in found.files:
        document = read_values(found.files[path])
        if document is not None:
            layers.append(Layer(document, prefix, "it lies in a packed chart" if path in found.packed else ""))
    for child in chart.children:
        layers += layers_of(child, found, (*prefix, child.name))
    return layers


def names_of(chart: Chart) -> frozenset[str]:
    """The names of all charts below."""
    return frozenset({one.name for one in chart.children}.union(*(names_of(one) for one in chart.children)))


def _merge(into: dict[str, Any], other: dict[str, Any]) -> None:
    for key, value in other.items():
        mine = into.get(key)
        if isinstance(mine, dict) and isinstance(value, dict):
            mine = into[key] = dict(mine)
            _merge(mine, value)
        else:
            into[key] = value


_NO_SECRETS: Final = ("name", "namespace", "kind", "user", "username")
"""Below the name of a secret (`joinTokenSecret`), what it is called by."""


def _take_secrets(value: Any, found: set[str], *, named: bool = False) -> None:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in _NO_SECRETS or not isinstance(inner, str):
                _take_secrets(inner, found, named=named or looks_like_secret_name(str(key)))
    elif isinstance(value, list):
        for inner in value:
            _take_secrets(inner, found, named=named)
    elif named and isinstance(value, str) and value and not ("{{" in value and "}}" in value):
        found.add(value)


def _at(value: Any, path: Path) -> Any:
    for part in path:
        listed = isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value)
        if not listed and not (isinstance(value, dict) and part in value):
            return _NONE
        value = value[part]
    return value


def _depth(value: Any, path: Path) -> int:
    """How many parts of a path lead to something."""
    for depth, part in enumerate(path):
        value = _at(value, (part,))
        if value is _NONE:
            return depth
    return len(path)
