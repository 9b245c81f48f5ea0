"""One report: which scanner wrote it, and what it says."""

from __future__ import annotations

from importlib import import_module
from typing import Final

from batten.formats.interface import Reading
from batten.formats.part import Part
from batten.model.source import File, Unreadable

MODULES: Final = ("trivy", "trivy_operator", "grype", "clair", "snyk", "anchore", "inspector", "securityhub", "sarif")
"""In the order in which they are asked."""


def _is_vex(root: Part) -> bool:
    """OpenVEX and CSAF, which speak of other targets than themselves."""
    if not isinstance(root.value, dict):
        return False
    return "openvex" in root.text("@context") or bool(root.part("document").text("csaf_version"))


def read(file: File) -> Reading:
    """An `ImportedReport` for each target of the file; raises `Unreadable` where it is no JSON."""
    from batten.formats.json import read_json

    document = read_json(file)
    root = Part(document.value)
    if _is_vex(root):
        raise Unreadable("expected a scanner's report, found VEX statements: give them with --vex FILE")
    for name in MODULES:
        module = import_module(f"batten.formats.scanners.{name}")
        if module.wants(root):
            found = module.read(root, document, file.path)
            document.forget()
            nouns = list(found.reports())
            return Reading(nouns=nouns, problems=[*document.notes, *found.problems])
    return Reading(recognised=False)
