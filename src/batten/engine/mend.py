"""Short ways to write the fix beside its check."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from batten.model.edits import Edit
from batten.model.source import Document
from batten.model.verdict import Change, DocumentEdit, Fix
from batten.model.workload import Container, Workload


def review(summary: str, target: Container | Workload, **changes: Any) -> Fix:
    """A fix that takes something away from the process: neutral fields (see `batten.formats.interface.Writer`)
    and the values that they should have."""
    return Fix("review", summary, tuple(Change(target, name, value) for name, value in changes.items()))


def lowering(summary: str, target: Container | Workload, **changes: Any) -> Fix:
    """A fix such as `review` makes, after which the finding is still there and less severe."""
    return replace(review(summary, target, **changes), lowers=True)


def safe(summary: str, target: Container | Workload, **changes: Any) -> Fix:
    """A fix that takes nothing away from the process."""
    return Fix("safe", summary, tuple(Change(target, name, value) for name, value in changes.items()))


def removal(target: Container | Workload, part: Any, summary: str) -> Fix:
    """Take one entry (a mount, a device, a variable …) away."""
    return Fix("review", summary, (Change(target, "remove", part),))


def edit(kind: str, summary: str, document: Document, *edits: Edit) -> Fix:
    """A fix of one document that no neutral field expresses; `kind` is `safe` or `review`."""
    return Fix("safe" if kind == "safe" else "review", summary, tuple(DocumentEdit(document, one) for one in edits))
