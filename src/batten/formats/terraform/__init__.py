"""Terraform and OpenTofu: `.tf`, `.tofu` and their JSON syntax. What is light enough to recognise them stands here."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File


class TerraformReader:
    """Recognises files by their names."""

    name = "terraform"
    priority = 12

    def wants_name(self, path: str) -> bool:
        return path.endswith((".tf", ".tofu", ".tf.json", ".tofu.json"))

    def wants(self, file: File) -> bool:
        return self.wants_name(file.path)

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.terraform.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.terraform.reader import read

        return read(file, context)


READER = TerraformReader()
