"""A chart as it lies in a target: its files, its metadata, the charts in it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct, field

from batten.formats.helm.errors import ChartError
from batten.formats.yaml import KUBERNETES, read_documents
from batten.limits import HELM_BYTES, HELM_DEPTH, HELM_FILES
from batten.model.source import File, Files, Problem, Unreadable

CHART: Final = "Chart.yaml"
VALUES: Final = "values.yaml"


class Chart(Struct, eq=False):
    """One chart of the tree. `name`: its alias in its parent, else its own."""

    name: str
    directory: str
    """Relative to the root chart, with `/` at its end; "" of the root."""
    metadata: dict[str, Any]
    children: list[Chart] = field(default_factory=list)

    @property
    def is_library(self) -> bool:
        return self.metadata.get("type") == "library"


class ChartFiles(Struct, eq=False):
    """The files of a chart by their path in it; those of packed sub-charts among them, unpacked."""

    root: str
    """Where the chart lies in the target; "" at its root."""
    files: dict[str, File]
    packed: set[str] = field(default_factory=set)
    """Paths that came out of an archive."""


def collect(root: str, files: Files) -> ChartFiles:
    """All files of the chart at `root`. Raises `ChartError` where it is larger than any chart is."""
    found = ChartFiles(root, {})
    size = 0
    for path in _walk(root, files, 0):
        try:
            file = files.get(path)
        except Unreadable as error:
            raise ChartError(error.message, path, error.line) from None
        if file is None:
            continue
        size += len(file.data)
        if size > HELM_BYTES or len(found.files) >= HELM_FILES:
            raise ChartError(f"expected at most {HELM_FILES:,} files and {HELM_BYTES >> 20} MiB in a chart, found more")
        found.files[path[len(root) + 1 if root else 0 :]] = file
    for path in [one for one in found.files if _is_packed_chart(one)]:
        _unpack(found, path)
    return found


def _walk(directory: str, files: Files, depth: int) -> Iterator[str]:
    if depth > HELM_DEPTH:
        raise ChartError(f"expected folders at most {HELM_DEPTH} deep in a chart, found deeper ones")
    below = f"{directory}/" if directory else ""
    for name in files.names(directory):
        yield below + name
    for name in files.folders(directory):
        if name not in (".git", ".hg", ".svn", "node_modules"):
            yield from _walk(below + name, files, depth + 1)


def _is_packed_chart(path: str) -> bool:
    folder, _, name = path.rpartition("/")
    return name.endswith(".tgz") and folder.rpartition("/")[2] == "charts"


def _unpack(found: ChartFiles, path: str) -> None:
    """Puts the files of a packed sub-chart where its archive lies; it stays packed where a folder has its name."""
    import gzip
    import tarfile
    import zlib

    archive = found.files[path]
    folder = path.rpartition("/")[0]
    size = sum(len(file.data) for file in found.files.values())
    made: dict[str, File] = {}
    try:
        # the stream of tarfile itself stumbles over the note that `helm package` puts into the header
        with (
            gzip.GzipFile(fileobj=io.BytesIO(archive.data)) as packed,
            tarfile.open(fileobj=packed, mode="r|") as opened,
        ):
            for member in opened:
                name = member.name.removeprefix("./")
                parts = name.split("/")
                if not member.isreg() or len(parts) < 2 or ".." in parts or name.startswith("/"):
                    continue
                size += member.size
                if size > HELM_BYTES or len(found.files) + len(made) >= HELM_FILES:
                    raise ChartError("expected a sub-chart that unpacks to less, found a larger one", archive.path)
                stream = opened.extractfile(member)
                data = stream.read() if stream is not None else b""
                shown = f"{archive.path}!{name}"
                made[f"{folder}/{name}"] = File(shown, data, shown.rpartition("/")[0])
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        raise ChartError(f"expected a packed chart, found none ({str(error)[:100]})", archive.path) from None
    tops = {one[len(folder) + 1 :].partition("/")[0] for one in made}
    if len(tops) != 1 or any(one.startswith(f"{folder}/{top}/") for top in tops for one in found.files):
        return
    del found.files[path]
    found.files |= made
    found.packed |= set(made)


def tree(found: ChartFiles) -> Chart:
    """The chart with those in its `charts` folders. Raises `ChartError` for what Helm would not load."""
    return _chart(found, "", "", 0)


def _chart(found: ChartFiles, directory: str, name: str, depth: int) -> Chart:
    if depth > HELM_DEPTH:
        raise ChartError("expected charts in charts to end, found no end")
    metadata = _mapping(found, directory + CHART)
    own = metadata.get("name")
    if not isinstance(own, str) or not own:
        raise ChartError("expected a chart with its name", found.files[directory + CHART].path)
    chart = Chart(name or own, directory, metadata)
    folders = dict.fromkeys(
        rest.partition("/")[0]
        for path in found.files
        if path.startswith(directory + "charts/") and "/" in (rest := path[len(directory) + 7 :])
    )
    for folder in folders:
        inner = f"{directory}charts/{folder}/"
        if folder.startswith(("_", ".")) or inner + CHART not in found.files:
            continue
        first = _chart(found, inner, "", depth + 1)
        mine = [one for one in dependencies(found, chart) if one.get("name") == first.metadata["name"]]
        aliases = [one["alias"] for one in mine if isinstance(one.get("alias"), str) and one["alias"]]
        if not aliases or len(aliases) < len(mine):
            chart.children.append(first)
        chart.children += [_chart(found, inner, alias, depth + 1) for alias in aliases]
    return chart


def dependencies(found: ChartFiles, chart: Chart) -> list[dict[str, Any]]:
    """What a chart says that it needs."""
    listed = chart.metadata.get("dependencies")
    if listed is None and chart.directory + "requirements.yaml" in found.files:
        listed = _mapping(found, chart.directory + "requirements.yaml").get("dependencies")
    if not isinstance(listed, list):
        return []
    return [one for one in listed if isinstance(one, dict) and isinstance(one.get("name"), str)]


def missing(found: ChartFiles, chart: Chart) -> list[dict[str, Any]]:
    """The dependencies that do not lie in `charts`, of a chart alone."""
    there = {one.metadata["name"] for one in chart.children}
    packed = [path.rpartition("/")[2] for path in found.files if _is_packed_chart(path)]
    return [
        one
        for one in dependencies(found, chart)
        if one["name"] not in there and not any(path.startswith(f"{one['name']}-") for path in packed)
    ]


def _mapping(found: ChartFiles, path: str) -> dict[str, Any]:
    file = found.files[path]
    for one in read_documents(file, KUBERNETES):
        if isinstance(one, Problem):
            raise ChartError(one.message, file.path, one.line)
        if isinstance(one.value, dict):
            return one.value
        break
    raise ChartError("expected a mapping", file.path, 1)
