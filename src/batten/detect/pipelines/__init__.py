"""What the steps of pipelines do with images, and who may decide what they run. Nothing here judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.modules import exports

if TYPE_CHECKING:
    from batten.detect.pipelines.containers import Right, rights_of_containers
    from batten.detect.pipelines.evaluated import Evaluated, evaluated
    from batten.detect.pipelines.order import Occurrence, called, known_pipelines, occurrences
    from batten.detect.pipelines.steps import Fact, Kind, facts, script_commands
    from batten.detect.pipelines.untrusted import Source, sources

__all__ = [
    "Evaluated",
    "Fact",
    "Kind",
    "Occurrence",
    "Right",
    "Source",
    "called",
    "evaluated",
    "facts",
    "known_pipelines",
    "occurrences",
    "rights_of_containers",
    "script_commands",
    "sources",
]

__getattr__ = exports(
    globals(),
    {
        "containers": ("Right", "rights_of_containers"),
        "evaluated": ("Evaluated", "evaluated"),
        "order": ("Occurrence", "called", "known_pipelines", "occurrences"),
        "steps": ("Fact", "Kind", "facts", "script_commands"),
        "untrusted": ("Source", "sources"),
    },
)
