"""Which anchor a part of a YAML document is inherited through."""

from __future__ import annotations

from batten.formats.document import TreeDocument, tree_of
from batten.formats.tree import ALIAS, MAP, SEQ, Node, target
from batten.model.source import Document, Pointer


def inherited_through(document: Document, pointer: Pointer) -> str:
    """`*name on line N` or `<<: *name on line N`: the last alias or merge key on the way to `pointer`, also
    where the last key stands there itself above one that is merged; "" where there is none."""
    if not isinstance(document, TreeDocument):
        return ""
    tree = tree_of(document)
    found: tuple[Node, str] | None = None
    node = tree.root
    for depth, part in enumerate(pointer):
        here = target(node)
        if here.kind == MAP and isinstance(part, str):
            step = tree.lookup(here, part)
            if step is None:
                break
            owner, index = step
            last = depth == len(pointer) - 1
            merged = step if owner is not here else tree.merged(here, part) if last else None
            if merged is not None:
                found = _merge(here, merged[0]) or found
            node = owner.items[index + 1]
        elif here.kind == SEQ and isinstance(part, int) and 0 <= part < len(here.items):
            node = here.items[part]
        else:
            break
        if node.kind == ALIAS:
            found = node, f"*{node.text}"
    if found is None:
        return ""
    line = document.line + tree.text.count("\n", document.range[0], found[0].start)
    return f"{found[1]} on line {line}"


def _merge(here: Node, owner: Node) -> tuple[Node, str] | None:
    """The merge key of `here` that leads to `owner`."""
    for index in here.merges():
        value = here.items[index + 1]
        for source in target(value).items if target(value).kind == SEQ else [value]:
            if _leads_to(source, owner, set()):
                return here.items[index], f"<<: *{source.text}" if source.kind == ALIAS else "<<"
    return None


def _leads_to(node: Node, owner: Node, seen: set[int]) -> bool:
    node = target(node)
    if node is owner:
        return True
    if id(node) in seen:
        return False
    seen.add(id(node))
    values = [node.items[index + 1] for index in node.merges()] if node.kind == MAP else node.items
    return (node.kind == SEQ or node.kind == MAP) and any(_leads_to(one, owner, seen) for one in values)
