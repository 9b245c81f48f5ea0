"""Podman Quadlet: containers and pods as systemd units. What recognises them stands here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from batten.formats.interface import ReadContext, Reading
from batten.formats.quadlet.names import section_of
from batten.model.source import File
from batten.modules import exports
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.quadlet.writer import WRITER

__all__ = ["READER", "WRITER"]

_SECTION = pattern(rb"^(?:\xef\xbb\xbf)?[ \t]*\[(Container|Pod|Kube|Volume|Network|Image|Build)\]", re.MULTILINE)

_CUT = pattern(rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:[#;][^\n]*)?\r?\n)*+[ \t]*(?:[#;][^\n]*)?(?:\Z|\[)")


class QuadletReader:
    """Recognises units by their file name and section."""

    name = "quadlet"
    priority = 60

    def wants_name(self, path: str) -> bool:
        return bool(section_of(path))

    def wants(self, file: File) -> bool:
        if _SECTION.search(file.data) is not None:
            return True
        # one that was cut off, too; other files have such names, but do not begin so
        return bool(section_of(file.path)) and _CUT.match(file.data) is not None

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.quadlet.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.quadlet.reader import read

        return read(file, context)


READER = QuadletReader()

# Loaded when something is to be written; a scan does without.
__getattr__ = exports(globals(), {"writer": ("WRITER",)})
