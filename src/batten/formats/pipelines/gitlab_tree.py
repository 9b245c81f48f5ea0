"""Values that keep the place where they were written while `include`, `extends` and `!reference` move them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from batten.formats.part import as_text
from batten.formats.pipelines.document import PipelineDocument
from batten.limits import PIPELINE_DEPTH
from batten.model.pipeline import Text
from batten.model.source import Pointer, Problem

_NOTHING: Final = object()
_LINES: Final = 5_000  # of one job; anchors and references can multiply them


class Located(Struct, frozen=True, eq=False):
    """A value with its place. A mapping that was merged has the place of its uppermost part in `raw`'s stead."""

    raw: Any
    document: PipelineDocument
    pointer: Pointer
    parts: dict[str, Located] | None = None

    @property
    def present(self) -> bool:
        return self.raw is not _NOTHING and self.raw is not None

    def get(self, name: str) -> Located:
        """The value of a key; one that is not `present` where there is none."""
        if self.parts is not None:
            return self.parts.get(name, Located(_NOTHING, self.document, self.pointer))
        if isinstance(self.raw, dict) and name in self.raw:
            return Located(self.raw[name], self.document, (*self.pointer, name))
        return Located(_NOTHING, self.document, self.pointer)

    def mapping(self) -> dict[str, Located]:
        """Its keys, none where it is no mapping."""
        if self.parts is not None:
            return self.parts
        return {name: self.get(name) for name in self.raw} if isinstance(self.raw, dict) else {}

    def items(self) -> Iterator[Located]:
        """The items of a list; of any other value, itself."""
        if isinstance(self.raw, list):
            for number, one in enumerate(self.raw):
                yield Located(one, self.document, (*self.pointer, number))
        elif self.present:
            yield self

    def scalar(self) -> str:
        """A scalar as text, "" for anything else."""
        return as_text(self.raw) if self.present else ""

    def text(self) -> Text:
        """The scalar with its place."""
        return Text(self.scalar(), self.document, self.pointer)


def leaf(document: PipelineDocument, pointer: Pointer, value: Any) -> Located:
    """A value as it stands in its document."""
    return Located(value, document, pointer)


def merged(below: Located, above: Located, depth: int = 0) -> Located:
    """Mappings key by key, as GitLab merges them; of anything else the upper one."""
    lower, upper = below.mapping(), above.mapping()
    if not lower or not upper or depth > PIPELINE_DEPTH:
        return above
    parts = dict(lower)
    for name, one in upper.items():
        parts[name] = merged(parts[name], one, depth + 1) if name in parts else one
    return Located(above.raw, above.document, above.pointer, parts)


class Sources:
    """Resolves what one job says of another."""

    def __init__(self, problems: list[Problem]) -> None:
        self.root: dict[str, Located] = {}
        self.problems = problems
        self.elsewhere = False
        """Something is included that cannot be read: what is missing may stand there."""
        self._references: dict[tuple[int, Pointer], bool] = {}
        self._extended: dict[str, Located] = {}

    def learn(self, document: PipelineDocument) -> None:
        """Remembers where `!reference` stands."""
        for pointer, tag in document.tags().items():
            if tag == "!reference":
                self._references[id(document), pointer] = True

    def extended(self, job: Located, name: str, way: tuple[str, ...] = ()) -> Located:
        """The job over those that it extends."""
        if name in self._extended:
            return self._extended[name]
        found: Located | None = None
        bases = self.resolved(job.get("extends"))
        for base in bases.items():
            word = base.scalar()
            if word in way or word == name or len(way) > PIPELINE_DEPTH:
                self._tell(base, f"{name} extends itself through {word}")
                continue
            other = self.root.get(word)
            if other is None:
                self._missing(base, f"the job {word} that {name} extends")
                continue
            whole = self.extended(other, word, (*way, name))
            found = whole if found is None else merged(found, whole)
        result = job if found is None else merged(found, job)
        self._extended[name] = result
        return result

    def _missing(self, at: Located, what: str) -> None:
        """Told softly where it may be in what is included from elsewhere: that is the pipeline's own way."""
        where = ", which leaves out what is included from elsewhere" if self.elsewhere else ""
        self._tell(at, f"expected {what}, found none in what can be read{where}", severe=not self.elsewhere)

    def _tell(self, at: Located, message: str, *, severe: bool = True) -> None:
        line = at.document.locate(at.pointer).line
        self.problems.append(Problem(at.document.file.path, message, line, severe=severe))

    def resolved(self, value: Located, depth: int = 0) -> Located:
        """What a `!reference` leads to; anything else as it is."""
        if (id(value.document), value.pointer) not in self._references or depth > PIPELINE_DEPTH:
            return value
        path = [as_text(part) for part in value.raw] if isinstance(value.raw, list) else []
        target = self.root.get(path[0]) if path else None
        if target is None:
            self._missing(value, f"{'.'.join(path)} that is referred to")
            return Located(_NOTHING, value.document, value.pointer)
        target = self.extended(target, path[0])
        for part in path[1:]:
            target = target.get(part)
        return self.resolved(target, depth + 1)

    def lines(self, value: Located) -> list[Located]:
        """The lines of a script: lists in lists are one list, as GitLab reads what anchors and references bring."""
        found: list[Located] = []
        waiting = [(value, 0)]
        while waiting and len(found) < _LINES:
            one, depth = waiting.pop()
            one = self.resolved(one)
            if isinstance(one.raw, list):
                if depth < PIPELINE_DEPTH:
                    waiting += [(each, depth + 1) for each in reversed(list(one.items()))]
            elif one.scalar():
                found.append(one)
            elif one.get("script").scalar():  # a step of `run:`
                found.append(one.get("script"))
        return found
