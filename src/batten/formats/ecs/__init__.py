"""Amazon ECS task definitions and services. What is light enough to recognise them stands here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.formats.ecs.marks import JSON_MARKS, YAML_MARKS, is_json
from batten.formats.interface import ReadContext, Reading
from batten.model.source import File
from batten.modules import exports

if TYPE_CHECKING:
    from batten.formats.ecs.writer import WRITER

__all__ = ["READER", "WRITER"]


class EcsReader:
    """Recognises documents by the fields of the API at their root."""

    name = "ecs"
    priority = 30

    def wants_name(self, path: str) -> bool:
        return path.endswith((".json", ".yaml", ".yml")) or path == "-"

    def wants(self, file: File) -> bool:
        return any(mark in file.data for mark in (JSON_MARKS if is_json(file) else YAML_MARKS))

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.ecs.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.ecs.reader import read

        return read(file, context)


READER = EcsReader()

# Loaded when something is to be written; a scan does without.
__getattr__ = exports(globals(), {"writer": ("WRITER",)})
