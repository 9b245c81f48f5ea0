"""CloudFormation and SAM templates, YAML and JSON. What is light enough to recognise them stands here."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

_MARK = b"AWS::"  # every resource has such a type


class CloudFormationReader:
    """Recognises templates by their resources."""

    name = "cloudformation"
    priority = 14

    def wants_name(self, path: str) -> bool:
        return path == "-" or path.endswith((".yaml", ".yml", ".json", ".template"))

    def wants(self, file: File) -> bool:
        return _MARK in file.data and b"Resources" in file.data

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.cloudformation.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.cloudformation.reader import read

        return read(file, context)


READER = CloudFormationReader()
