"""Functions of Terraform, as far as they are pure and their arguments are known.

`file` and its like read within the target alone; what depends on the time, on the provider or on the machine is
not known.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from batten.formats.hcl.nodes import Access, Call, Expression, Reference
from batten.formats.nodes import Node
from batten.formats.terraform.embedded import decoded
from batten.formats.terraform.plain_functions import FUNCTIONS, worked_out
from batten.formats.terraform.values import (
    JsonText,
    Partial,
    Unknown,
    as_text,
    is_null,
    is_unknown,
    known,
    listing,
    mapping,
    truth,
    unknown,
)
from batten.limits import TERRAFORM_ITEMS
from batten.model.source import Place, Pointer

if TYPE_CHECKING:
    from batten.formats.terraform.evaluate import Evaluator

Given = list[Node]
_WRITTEN: Final = ("each", "local", "var")


def call(evaluator: Evaluator, expression: Call, pointer: Pointer) -> Node:
    """What the call comes to; `unknown` with its text where that is not known."""
    name = expression.name.removeprefix("core::")
    place = evaluator.place(pointer)
    if name in ("try", "coalesce"):
        found = _first(evaluator, expression, pointer)
    else:
        given = evaluator.arguments(expression, pointer)
        how = _NODES.get(name)
        if how is not None:
            found = how(evaluator, given, place) if given else None
        else:
            found = _of_plain_values(evaluator, name, given, place)
    if found is None:
        return unknown(evaluator.source(expression), place)
    return found


def _of_plain_values(evaluator: Evaluator, name: str, given: Given, place: Place) -> Node | None:
    if name not in FUNCTIONS or not all(known(one, evaluator.module.steps) for one in given):
        return None
    found = worked_out(name, [one.value() for one in given])
    return None if found is None else Node(found, place)


def _first(evaluator: Evaluator, expression: Call, pointer: Pointer) -> Node | None:
    """`try`: the first that is known, for what is not may fail, or not; `coalesce`: the first that is no null."""
    for number, one in enumerate(expression.arguments):
        node = evaluator.node(one, (*pointer, f"#{number}"))
        if expression.name == "try" and is_unknown(node) and _fails(evaluator, one, (*pointer, f"#{number}")):
            continue
        if is_unknown(node):
            return node if expression.name == "try" and number == len(expression.arguments) - 1 else None
        if expression.name == "try" or (not is_null(node) and node.plain != ""):
            return node
    return None


def _fails(evaluator: Evaluator, expression: Expression, pointer: Pointer) -> bool:
    """Is it certain that the expression is an error: a `coalesce` of nothing but null and empty texts, a key or index
    that a known value has not?"""
    if isinstance(expression, Call) and expression.name == "coalesce":
        given = evaluator.arguments(expression, pointer)
        return bool(given) and all(not is_unknown(one) and (is_null(one) or one.plain == "") for one in given)
    if not isinstance(expression, Access) or not isinstance(expression.of, Access | Reference):
        return False
    root = expression
    while isinstance(root.of, Access):
        root = root.of
    # what a resource, module or data source has beside what is written, its provider decides
    if not isinstance(root.of, Reference) or (root.of.name not in _WRITTEN and root.of.name not in evaluator.names):
        return False
    if isinstance(expression.of, Reference) and expression.of.name in _WRITTEN:
        return False
    of = evaluator.node(expression.of, pointer)
    if is_unknown(of):
        return _fails(evaluator, expression.of, pointer)
    key = expression.key if isinstance(expression.key, str) else evaluator.key(expression.key)
    if of.is_map:
        whole = not isinstance(of, Partial) and not any(isinstance(name, Unknown) for name in of.fields)
        return isinstance(key, str) and whole and of.get(key) is None
    if of.is_list:
        return isinstance(key, int) and key >= len(of.items)
    return is_null(of)


def _same(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return given[0]


def _jsonencode(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return given[0] if is_unknown(given[0]) else JsonText(given[0], place, evaluator.module.steps)


def _decode(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return decoded(given[0], evaluator.module.steps)


def _merge(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if any(not one.is_map and not is_null(one) for one in given):
        return None
    fields: dict[str, Node] = {}
    for one in given:
        fields.update(one.fields)
    evaluator.module.steps.spend(len(fields))
    return mapping(fields, given[-1].place if len(given) == 1 else place)


def _concat(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not all(one.is_list for one in given):
        return None
    items = [item for one in given for item in one.items]
    evaluator.module.steps.spend(len(items))
    return listing(items, place)


def _flatten(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_list:
        return None
    found: list[Node] = []
    waiting = given[0].items[::-1]
    while waiting:
        one = waiting.pop()
        evaluator.module.steps.spend()
        if is_unknown(one):
            return None
        if one.is_list:
            waiting += one.items[::-1]
        else:
            found.append(one)
    return listing(found, place)


def _lookup(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if len(given) < 2 or not given[0].is_map or is_unknown(given[1]):
        return None
    found = given[0].get(as_text(given[1]) or "")
    return found if found is not None else given[2] if len(given) > 2 else None


def _element(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    index = given[1].plain if len(given) == 2 else None
    if not given[0].is_list or not given[0].items or not isinstance(index, int):
        return None
    return given[0].items[index % len(given[0].items)]


def _one(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_list or len(given[0].items) > 1:
        return None
    return given[0].items[0] if given[0].items else Node(None, place)


def _values(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_map:
        return None
    return listing([value for _, value in sorted(given[0].fields.items())], place)


def _keys(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return listing([Node(key, place) for key in sorted(given[0].fields)], place) if given[0].is_map else None


def _length(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    one = given[0]
    if is_unknown(one) or is_null(one):
        return None
    if one.is_map or one.is_list:
        return Node(len(one.fields if one.is_map else one.items), place)
    return Node(len(one.plain), place) if isinstance(one.plain, str) else None


def _contains(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if (
        len(given) != 2
        or not given[0].is_list
        or not known(given[0], evaluator.module.steps)
        or not known(given[1], evaluator.module.steps)
    ):
        return None
    return Node(given[1].value() in given[0].value(), place)


def _compact(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_list or any(is_unknown(item) for item in given[0].items):
        return None
    return listing([item for item in given[0].items if item.plain not in (None, "")], place)


def _distinct(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_list or len(given[0].items) > TERRAFORM_ITEMS or not known(given[0], evaluator.module.steps):
        return None
    found: list[Node] = []
    seen: list[Any] = []
    for item in given[0].items:
        value = item.value()
        evaluator.module.steps.spend(len(seen))
        if value not in seen:
            seen.append(value)
            found.append(item)
    return listing(found, place)


def _coalescelist(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    for one in given:
        if is_unknown(one):
            return None
        if one.is_list and one.items:
            return one
    return None


def _can(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return Node(True, place) if known(given[0], evaluator.module.steps) else None


def _zipmap(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if len(given) != 2 or not all(one.is_list for one in given) or not known(given[0], evaluator.module.steps):
        return None
    pairs = zip(given[0].items, given[1].items, strict=False)
    return mapping({as_text(key) or "": value for key, value in pairs}, place)


def _file(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if len(given) != 1 or is_unknown(given[0]):
        return None
    return evaluator.module.file(as_text(given[0]) or "", place)


def _templatefile(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    """The file as a template, with the names that it is given; its parts stand in that file."""
    from batten.formats.terraform.embedded import FileText
    from batten.formats.terraform.evaluate import of_template

    found = _file(evaluator, given[:1], place)
    if not isinstance(found, FileText) or len(given) != 2 or not given[1].is_map:
        return None
    return of_template(evaluator.module, found.file, found.plain, dict(given[1].fields))


def _fileexists(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    found = _file(evaluator, given, place)
    return None if found is None else Node(True, place)


def _tobool(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    value = truth(given[0])
    return given[0] if value is None else Node(value, given[0].place)


def _tonumber(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    value = given[0].plain
    if type(value) is str and value.isascii() and value.isdigit() and len(value) < 19:
        return Node(int(value), given[0].place)
    return given[0]


def _tostring(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    text = as_text(given[0])
    return given[0] if text is None or isinstance(given[0].plain, str) else Node(text, given[0].place)


_NODES: Final[dict[str, Callable[[Any, Given, Place], Node | None]]] = {
    "jsonencode": _jsonencode,
    "yamlencode": _jsonencode,  # JSON is YAML
    "jsondecode": _decode,
    "yamldecode": _decode,
    "merge": _merge,
    "concat": _concat,
    "setunion": _concat,
    "flatten": _flatten,
    "lookup": _lookup,
    "element": _element,
    "one": _one,
    "values": _values,
    "keys": _keys,
    "length": _length,
    "contains": _contains,
    "compact": _compact,
    "distinct": _distinct,
    "coalescelist": _coalescelist,
    "can": _can,
    "zipmap": _zipmap,
    "file": _file,
    "fileexists": _fileexists,
    "templatefile": _templatefile,
    "tobool": _tobool,
    "tonumber": _tonumber,
    "tostring": _tostring,
    "toset": _distinct,
    **dict.fromkeys(("tolist", "tomap", "sensitive", "nonsensitive", "ephemeralasnull"), _same),
}
