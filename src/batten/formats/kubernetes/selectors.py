"""Label selectors."""

from __future__ import annotations

from batten.formats.kubernetes.source import Json, Source
from batten.model.objects import LabelSelector, SelectorTerm
from batten.model.source import Pointer

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def read_selector(src: Source, owner: Json, key: str, pointer: Pointer) -> LabelSelector | None:
    """The selector under `key`; None where it is not written, empty where it is `{}`."""
    value = owner.get(key)
    if value is None:
        return None
    selector, own = src.mapping(owner, key, pointer), (*pointer, key)
    terms: list[SelectorTerm] = []
    for place, term in src.items(selector, "matchExpressions", own):
        operator = term.get("operator")
        if operator in _OPERATORS:
            terms.append(SelectorTerm(src.text(term, "key", place), operator, src.words(term, "values", place)))
        else:
            src.wrong(operator, f"one of {', '.join(_OPERATORS)}", (*place, "operator"))
    return LabelSelector(src.strings(selector, "matchLabels", own), tuple(terms))
