"""Bills of materials as targets: CycloneDX 1.2 to 1.6, SPDX 2.2, 2.3 and 3.0, recognised by what is in them."""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File
from batten.pattern import pattern

_HEAD = 4096  # characters in which an XML or tag-value document says what it is

_TAG_VALUE = pattern(rb"(?m)^SPDXVersion:")
_CYCLONEDX_XML = b"http://cyclonedx.org/schema/bom/"


class SbomReader:
    """Recognises them by the keys that every such document has."""

    name = "sbom"
    priority = 30

    def wants_name(self, path: str) -> bool:
        """Only what is named itself: one that lies in a directory tells of something else than the directory."""
        return path == "-"

    def wants(self, file: File) -> bool:
        return kind_of(file.data) != ""

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.sbom.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.sbom.reader import read

        return read(file, kind_of(file.data))


def kind_of(data: bytes) -> str:
    """`cyclonedx-json`, `cyclonedx-xml`, `spdx-json`, `spdx-tag-value`, `spdx3-json`, or "" for anything else."""
    head = data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head[:1] == b"{":
        if b'"bomFormat"' in data:
            return "cyclonedx-json"
        if b'"spdxVersion"' in data and b'"SPDXID"' in data:
            return "spdx-json"
        if b'"@graph"' in data and b"spdx.org/rdf/3." in data:
            return "spdx3-json"
    elif head[:1] == b"<":
        return "cyclonedx-xml" if _CYCLONEDX_XML in head else ""
    elif _TAG_VALUE.search(head) is not None:
        return "spdx-tag-value"
    return ""


READER = SbomReader()
