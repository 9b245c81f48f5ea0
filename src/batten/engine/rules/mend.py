"""The fix that a rule declares, for the noun that it failed on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from batten.engine.rules.program import Program
from batten.engine.rules.rule import Rule
from batten.model.edits import Remove, Set
from batten.model.source import Pointer
from batten.model.verdict import Change, DocumentEdit, Fix


def fix_of(rule: Rule, noun: Any, part: Any, text: Callable[[Sequence[str | Program]], str]) -> tuple[Fix | None, str]:
    """The fix, or why there is none. `text` fills a template in."""
    form = rule.form.fix
    if form is None:
        return None, ""
    steps: list[Change | DocumentEdit] = []
    if form.remove:
        steps.append(Change(noun, "remove", part))
    for name, value in form.set.items():
        if name == "image":
            value = text(rule.image)
        steps.append(Change(noun, name, tuple(value) if isinstance(value, list) else value))
    edits = [one for one in form.edits if one.platform == noun.resource.platform]
    if form.edits and not edits:
        return None, f"the rule has no edit for {noun.resource.platform}"
    for one in edits:
        pointer = (*noun.pointer, *_pointer(one.set or one.remove))
        steps.append(DocumentEdit(noun.document, Set(pointer, one.value) if one.set else Remove(pointer)))
    return Fix(form.kind, form.summary, tuple(steps)), ""


def _pointer(text: str) -> Pointer:
    """A relative pointer: `securityContext/runAsNonRoot`, RFC 6901 without the first `/`."""
    parts = [part.replace("~1", "/").replace("~0", "~") for part in text.strip("/").split("/")]
    return tuple(int(part) if part.isdigit() else part for part in parts)
