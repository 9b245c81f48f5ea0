"""Types of variables, as far as they give values: `optional(type, default)` within objects."""

from __future__ import annotations

from batten.formats.hcl.nodes import Call, Expression, Object
from batten.formats.hcl.places import name_of
from batten.formats.nodes import Node
from batten.formats.terraform.evaluate import Evaluator
from batten.formats.terraform.values import is_unknown, listing, mapping
from batten.model.source import Pointer


def converted(node: Node, type: Expression, evaluator: Evaluator, pointer: Pointer) -> Node:
    """The value with what its type says of attributes that are not written."""
    evaluator.module.steps.spend()
    if is_unknown(node) or node.plain is None or not isinstance(type, Call) or not type.arguments:
        return node
    inner = type.arguments[0]
    if type.name == "optional":
        return converted(node, inner, evaluator, pointer)
    if type.name in ("list", "set") and node.is_list:
        return listing([converted(item, inner, evaluator, pointer) for item in node.items], node.place)
    if type.name == "map" and node.is_map:
        fields = {key: converted(value, inner, evaluator, pointer) for key, value in node.fields.items()}
        return mapping(fields, node.place)
    if type.name == "object" and isinstance(inner, Object) and node.is_map:
        return _object(node, inner, evaluator, pointer)
    return node


def _object(node: Node, type: Object, evaluator: Evaluator, pointer: Pointer) -> Node:
    fields = {}
    for item in type.items:
        name = name_of(item.key)
        if name is None:
            continue
        found = node.get(name)
        optional = isinstance(item.value, Call) and item.value.name == "optional"
        if found is None or (found.plain is None and optional):
            given = item.value.arguments if isinstance(item.value, Call) else []
            default = evaluator.node(given[1], pointer) if optional and len(given) > 1 else Node(None, node.place)
            found = Node(default.plain, node.place) if not (default.is_map or default.is_list) else default
        fields[name] = converted(found, item.value, evaluator, pointer)
    return mapping(fields, node.place)
