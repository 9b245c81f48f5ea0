"""Names and shapes of arguments: `snake_case` and lists of one block here, `camelCase` and mappings in the APIs."""

from __future__ import annotations

from batten.formats.nodes import Node
from batten.formats.terraform.values import is_unknown, listing, mapping

_NONE: frozenset[str] = frozenset()


def first(node: Node | None) -> Node | None:
    """A block that may stand once: the block itself, or what is not known of it. None where there is none."""
    if node is None or node.plain is None:
        return None
    if node.is_list:
        return node.items[0] if node.items else None
    return node


def camel_name(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def camel(node: Node, *, single: frozenset[str] = _NONE, verbatim: frozenset[str] = _NONE) -> Node:
    """The mapping with names in camel case, all the way down. `single`: blocks that stand once are no list;
    `verbatim`: what is in these mappings are no names of arguments."""
    if is_unknown(node):
        return node
    if node.is_list:
        return listing([camel(item, single=single, verbatim=verbatim) for item in node.items], node.place)
    if not node.is_map:
        return node
    fields: dict[str, Node] = {}
    for name, value in node.fields.items():
        key = camel_name(name)
        if key in verbatim:
            fields[key] = value
            continue
        found = first(value) if key in single else value
        if found is not None:
            fields[key] = camel(found, single=single, verbatim=verbatim)
    return mapping(fields, node.place)
