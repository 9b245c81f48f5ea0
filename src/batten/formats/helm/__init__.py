"""Helm charts (`Chart.yaml`): the objects that they render. What recognises them stands here."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

__all__ = ["READER"]


class HelmReader:
    """Implements `batten.formats.interface.Reader`."""

    name = "helm"
    priority = 5

    def wants_name(self, path: str) -> bool:
        """The chart itself; its templates and values, so that they are not read as manifests."""
        name = path.rpartition("/")[2]
        if name == "Chart.yaml":
            return True
        if name.startswith("values") and name.endswith((".yaml", ".yml")):
            return True
        return "templates/" in path and name.endswith((".yaml", ".yml", ".tpl", ".json"))

    def wants(self, file: File) -> bool:
        return self.wants_name(file.path)

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.helm.reader.read`, which is loaded when the first such file comes."""
        if context.charts is None or not context.charts.available():
            return Reading(recognised=False)
        from batten.formats.helm.reader import read

        return read(file, context)


READER = HelmReader()
