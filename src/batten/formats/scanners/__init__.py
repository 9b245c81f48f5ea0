"""Other scanners' reports as targets: recognised by content, one module per scanner.

A module has `SOURCE`, its name in messages, and

    wants(root: Part) -> bool                                   from the keys of the document
    read(root: Part, document: Document, path: str) -> Imports

where `root.value` is the document, an object or a list.
"""

from __future__ import annotations

from batten.formats.interface import ReadContext, Reading
from batten.model.source import File

_MARKS = (
    (b'"ArtifactName"', b'"SchemaVersion"'),
    (b'"Results"', b'"SchemaVersion"'),
    (b'"ClusterName"', b'"Resources"'),
    (b'"ClusterName"', b'"Findings"'),
    (b'"ClusterName"', b'"Vulnerabilities"'),
    (b'"ClusterName"', b'"Misconfigurations"'),
    (b'"Target"', b'"Vulnerabilities"'),
    (b"aquasecurity.github.io/", b'"report"'),
    (b'"matches"', b'"descriptor"'),
    (b'"package_vulnerabilities"',),
    (b'"vulnerabilities"', b'"packageManager"'),
    (b'"vulnerabilities"', b'"imageDigest"'),
    (b'"vulnerabilities"', b'"image_digest"'),
    (b'"vulnerabilities"', b'"vulnerability_type"'),
    (b'"securityEvaluation"',),
    (b'"package_type"', b'"vuln"'),
    (b'"packageType"', b'"vuln"'),
    (b'"packageVulnerabilityDetails"',),
    (b'"2018-10-08"', b'"SchemaVersion"'),
    (b'"runs"', b'"driver"'),
    (b'"statements"', b"openvex"),
    (b'"csaf_version"', b'"document"'),
)
"""Keys that stand together in reports of one kind."""


class ScannerReader:
    """Recognises reports by their keys."""

    name = "scanner-report"
    priority = 17  # before Kubernetes, whose objects the reports of an operator are

    def wants_name(self, path: str) -> bool:
        """Only what is named itself: a report that lies in a directory tells of something else."""
        return path == "-"

    def wants(self, file: File) -> bool:
        data = file.data
        if data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return False
        return any(all(mark in data for mark in marks) for marks in _MARKS)

    def read(self, file: File, context: ReadContext) -> Reading:
        """See `batten.formats.scanners.reader.read`, which is loaded when the first such file comes."""
        from batten.formats.scanners.reader import read

        return read(file)


READER = ScannerReader()
