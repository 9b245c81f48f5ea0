"""`docker service inspect` and the Engine API's list of services, as JSON.

A record cannot be edited: `batten.formats.compose` refuses to write for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from batten.formats.interface import ReadContext, Reading
from batten.formats.part import Part
from batten.model.source import File, Problem, Unreadable
from batten.pattern import pattern

if TYPE_CHECKING:
    from collections.abc import Iterator

_OURS = pattern(rb'"TaskTemplate"\s*:')
# how a record begins, which is all that may be left of one that was cut off
_HEAD = pattern(rb'(?:\xef\xbb\xbf)?\s*\[\s*\{\s*"ID"\s*:\s*"[a-z0-9]{25}"\s*,\s*"Version"')


class SwarmReader:
    """Implements `batten.formats.interface.Reader`."""

    name = "swarm"
    priority = 45

    def wants_name(self, path: str) -> bool:
        return path == "-" or path.lower().endswith(".json")

    def wants(self, file: File) -> bool:
        if file.data.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] not in (b"{", b"["):
            return False
        return _OURS.search(file.data) is not None or _HEAD.match(file.data) is not None

    def read(self, file: File, context: ReadContext) -> Reading:
        """One workload per service."""
        from batten.formats.json import RecordDocument, read_json
        from batten.formats.swarm.service import configuration_of, workload_of

        try:
            document = read_json(file, RecordDocument)
        except Unreadable as error:
            return Reading(problems=[Problem(file.path, error.message, error.line)])
        nouns: list[Any] = [workload_of(document, part, file, context.engine) for part in _services(document.value)]
        if nouns and context.engine is not None:
            nouns += [one for found in nouns for one in context.engine.stored(found.containers[0].image)]
        elif context.engine is not None:
            nouns = [configuration_of(document, Part(document.value), file)]
        return Reading(nouns=nouns, problems=list(document.notes) if nouns else [], recognised=bool(nouns))


def _services(value: Any) -> Iterator[Part]:
    """The objects with a task of containers, in a list or alone."""
    items = enumerate(value) if isinstance(value, list) else [(None, value)]
    for index, item in items:
        part = Part(item, () if index is None else (index,))
        if isinstance(part.part("Spec").part("TaskTemplate").get("ContainerSpec"), dict):
            yield part


READER = SwarmReader()
