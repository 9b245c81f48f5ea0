"""What the steps of pipelines do with images, and who may decide what they run. Nothing here judges."""

from batten.detect.pipelines.facts import Fact, Kind, facts, script_commands
from batten.detect.pipelines.order import Occurrence, called, known_pipelines, occurrences
from batten.detect.pipelines.untrusted import Source, sources

__all__ = [
    "Fact",
    "Kind",
    "Occurrence",
    "Source",
    "called",
    "facts",
    "known_pipelines",
    "occurrences",
    "script_commands",
    "sources",
]
