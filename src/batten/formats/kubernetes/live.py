"""What an API server knows of objects besides what they say: which images their pods run."""

from __future__ import annotations

from typing import ClassVar, Final

from msgspec import Struct, field
from msgspec.structs import replace

from batten.formats.yaml import YamlDocument
from batten.model.workload import Workload

RUNNING: Final = "running "
"""Before the name of a container, in `Workload.facts`: the digests of the images that its pods run."""


class LiveDocument(YamlDocument):
    """An object as an API server gives it."""

    __slots__ = ()

    not_edited: ClassVar[str] = (
        "what runs is no text: mend the manifest, chart or overlay that it was applied from, and apply that"
    )
    no_writer = not_edited


class ClusterFacts(Struct, eq=False):
    """One cluster. Filled by the source that asks it, for each file before it is read."""

    running: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    """Path -> container -> digests (`sha256:…`), sorted."""


def as_it_runs(workload: Workload, path: str, cluster: ClusterFacts | None) -> Workload:
    """The workload with what is known of its pods."""
    found = cluster.running.get(path) if cluster is not None else None
    if not found:
        return workload
    known = {f"{RUNNING}{name}": " ".join(digests) for name, digests in found.items()}
    return replace(workload, facts={**workload.facts, **known})
