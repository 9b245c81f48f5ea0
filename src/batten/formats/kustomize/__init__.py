"""Kustomize overlays (`kustomization.yaml`): the objects that they build. What recognises them stands here."""

from __future__ import annotations

from typing import Final

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

__all__ = ["NAMES", "READER"]

NAMES: Final = ("kustomization.yaml", "kustomization.yml", "Kustomization")


class KustomizeReader:
    """Implements `batten.formats.interface.Reader`."""

    name = "kustomize"
    priority = 10

    def wants_name(self, path: str) -> bool:
        return path.rpartition("/")[2] in NAMES

    def wants(self, file: File) -> bool:
        return file.name in NAMES

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.kustomize.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.kustomize.reader import read

        return read(file, context)


READER = KustomizeReader()
