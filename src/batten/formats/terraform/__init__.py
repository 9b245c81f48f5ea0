"""Terraform and OpenTofu: `.tf`, `.tofu`, their JSON syntax, and plans as JSON. What is light enough to recognise
them stands here."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File
from batten.pattern import pattern

_MODULES = (".tf", ".tofu", ".tf.json", ".tofu.json")
_VALUES = (".tfvars", ".tfvars.json")  # decide, and create nothing
_BLOCK = pattern(rb'(?m)^(?:resource|data|module|variable|output|provider)[ \t]+"[^"\n]+"(?:[ \t]+"[^"\n]+")?[ \t]*\{')
_PLAN = b'"terraform_version"'


class TerraformReader:
    """Recognises modules by their names, plans by the fields at their root."""

    name = "terraform"
    priority = 12

    def wants_name(self, path: str) -> bool:
        return path == "-" or path.endswith((*_MODULES, ".json", ".tfvars"))

    def wants(self, file: File) -> bool:
        if file.path.endswith(_VALUES) or _is_module(file):
            return True
        return file.data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{" and _PLAN in file.data

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.terraform.reader.read` and `plan.read`, which are loaded when such a file comes."""
        if file.path.endswith(_VALUES):
            from batten.formats.terraform.folder import read_document

            read_document(file)  # for its faults
            return Reading()
        if _is_module(file):
            from batten.formats.terraform.reader import read

            return read(file, context)
        from batten.formats.terraform import plan

        return plan.read(file, context)


def _is_module(file: File) -> bool:
    """By its name; what is piped in has none, and is told by its blocks."""
    return file.path.endswith(_MODULES) or (file.path == "-" and _BLOCK.search(file.data) is not None)


READER = TerraformReader()
