"""From neutral changes to edits: finds the writer of a platform."""

from __future__ import annotations

from importlib import import_module

from batten.formats.interface import Writer
from batten.model.edits import CannotEdit, Edit
from batten.model.source import Document, Pointer
from batten.model.verdict import Change, DocumentEdit, Fix
from batten.model.workload import Container, Workload

# platform -> module that holds its WRITER; a record of something that runs has none
_WRITERS = {
    "kubernetes": "batten.formats.kubernetes.writer",
    "compose": "batten.formats.compose.writer",
    "swarm": "batten.formats.compose.writer",
    "ecs": "batten.formats.ecs.writer",
    "quadlet": "batten.formats.quadlet.writer",
    "dockerfile": "batten.formats.dockerfile.writer",
}
_RECORD = (
    "this is a record of a container that exists, no text to mend: recreate it with the option changed, or mend "
    "the file that it was made from (a Compose file, a unit, a script)"
)
_RECORDS = {
    "docker": _RECORD,
    "podman": _RECORD,
}


def writer_of(platform: str) -> Writer:
    """The platform's writer; raises `CannotEdit` where it has none."""
    if platform in _RECORDS:
        raise CannotEdit(_RECORDS[platform])
    if platform not in _WRITERS:
        raise CannotEdit(f"no writer for {platform}")
    writer: Writer = import_module(_WRITERS[platform]).WRITER
    return writer


def inherits(target: Container | Workload) -> Pointer | None:
    """Where in its document what `target` takes over stands (the service that it extends); None where it does not."""
    module = _WRITERS.get(target.platform)
    found = getattr(import_module(module).WRITER, "inherits", None) if module is not None else None
    pointer: Pointer | None = found(target) if found is not None else None
    return pointer


def resolve(fix: Fix) -> list[tuple[Document, Edit]]:
    """The fix as edits of documents, in order; raises `CannotEdit` with the reason where one cannot be."""
    edits = intended(fix)
    for document, _ in edits:
        reason = getattr(document, "not_edited", "")
        if document.file.encoding:
            raise CannotEdit(f"the file is in {document.file.encoding}, and edits are made in UTF-8: save it as that")
        if reason:  # a text inside another file: no fix is offered that could not be made
            raise CannotEdit(reason)
    return [_written(document, edit) for document, edit in edits]


def intended(fix: Fix) -> list[tuple[Document, Edit]]:
    """The edits of the documents that were judged, whatever they were built from; raises `CannotEdit`."""
    edits: list[tuple[Document, Edit]] = []
    for step in fix.steps:
        if isinstance(step, DocumentEdit):
            edits.append((step.document, step.edit))
        else:
            edits += _placed(step)
    return edits


def _placed(change: Change) -> list[tuple[Document, Edit]]:
    reason = getattr(change.target.document, "no_writer", "")
    if reason:
        raise CannotEdit(reason)
    writer = writer_of(change.target.platform)
    placed = getattr(writer, "placed", None)  # of a platform whose workloads are put together from several files
    if placed is None:
        return [(change.target.document, edit) for edit in writer.edits(change)]
    found: list[tuple[Document, Edit]] = placed(change)
    return found


def _written(document: Document, edit: Edit) -> tuple[Document, Edit]:
    """The edit in the file that decides, where the document was built from others."""
    translated = getattr(document, "translated", None)
    if translated is None:
        return document, edit
    found: tuple[Document, Edit] = translated(edit)
    return found


__all__ = ["Change", "resolve", "writer_of"]
