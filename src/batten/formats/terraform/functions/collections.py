"""Functions of lists, sets and mappings ("Collection Functions"): their items keep their places, and one that is not
known leaves the others known."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TYPE_CHECKING, Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.functions.convert import (
    Refused,
    boolean,
    identity,
    in_order,
    in_order_of_hashes,
    texts,
    unified,
    whole,
)
from batten.formats.terraform.functions.strings import letters
from batten.formats.terraform.values import Partial, SetNode, as_text, is_null, is_unknown, known, listing, mapping
from batten.limits import TERRAFORM_ITEMS
from batten.model.source import Place

if TYPE_CHECKING:
    from batten.formats.terraform.evaluate import Evaluator

Given = list[Node]


def _whole(evaluator: Evaluator, *nodes: Node) -> None:
    """Raises `Refused` where not all of them is known."""
    if not all(known(one, evaluator.module.steps) for one in nodes):
        raise Refused


def _items(evaluator: Evaluator, node: Node) -> list[Node]:
    """Raises `Refused` where it is no list."""
    if not node.is_list:
        raise Refused
    evaluator.module.steps.spend(len(node.items))
    return node.items


def _indexed(evaluator: Evaluator, node: Node) -> list[Node]:
    """Raises `Refused` where it is no list, or a set."""
    if isinstance(node, SetNode):
        raise Refused
    return _items(evaluator, node)


def _set(nodes: list[Node], place: Place) -> Node:
    node = SetNode([], place)
    node.items.extend(nodes)
    return node


def _mapped(node: Node) -> dict[str, Node]:
    """Raises `Refused` where it is no mapping that is known by its keys."""
    if not node.is_map or isinstance(node, Partial):
        raise Refused
    return node.fields


def _number(node: Node) -> int:
    """Raises `Refused`."""
    if is_unknown(node):
        raise Refused
    return whole(node.plain)


def _merge(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if any(not one.is_map and not is_null(one) for one in given):
        return None
    fields: dict[str, Node] = {}
    for one in given:
        fields.update(one.fields)
    evaluator.module.steps.spend(len(fields))
    return mapping(fields, given[-1].place if len(given) == 1 else place)


def _concat(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return listing([item for one in given for item in _indexed(evaluator, one)], place)


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
    of, index = given
    items = _indexed(evaluator, of)
    return items[_number(index) % len(items)] if items else None


def _one(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    if not given[0].is_list or len(given[0].items) > 1:
        return None
    return given[0].items[0] if given[0].items else Node(None, place)


def _values(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return listing([value for _, value in sorted(_mapped(given[0]).items())], place)


def _keys(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return listing([Node(key, place) for key in sorted(_mapped(given[0]))], place)


def _length(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    one = given[0]
    if is_unknown(one) or is_null(one):
        return None
    if one.is_list:
        return Node(len(one.items), place)
    if one.is_map:
        return Node(len(_mapped(one)), place)
    written = as_text(one)
    return None if written is None or not isinstance(one.plain, str) else Node(len(letters(written)), place)


def _identities(evaluator: Evaluator, nodes: Iterable[Node]) -> list[Hashable]:
    found: list[Hashable] = []
    for one in nodes:
        _whole(evaluator, one)
        found.append(identity(one.value()))
    return found


def _contains(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    of, wanted = given
    _whole(evaluator, wanted)
    if is_null(wanted):
        return None
    sought = identity(wanted.value())
    every = True
    for item in _items(evaluator, of):
        if not known(item, evaluator.module.steps):
            every = False
        elif identity(item.value()) == sought:
            return Node(True, place)
    return Node(False, place) if every else None


def _index(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    of, wanted = given
    _whole(evaluator, wanted)
    if is_null(wanted):
        return None
    sought = identity(wanted.value())
    for number, item in enumerate(_indexed(evaluator, of)):
        if _identities(evaluator, [item]) == [sought]:
            return Node(number, place)
    return None


def _compact(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    items = _items(evaluator, given[0])
    if any(is_unknown(item) for item in items):
        return None
    return listing([_text(item) for item in items if item.plain not in (None, "")], place)


def _text(node: Node) -> Node:
    """Raises `Refused`."""
    if isinstance(node.plain, str):
        return node
    written = as_text(node)
    if written is None:
        raise Refused
    return Node(written, node.place)


def _each_once(evaluator: Evaluator, nodes: list[Node]) -> list[Node]:
    """Without what is there already. Raises `Refused` where that is not known."""
    if len(nodes) > TERRAFORM_ITEMS:
        raise Refused
    found: dict[Hashable, Node] = {}
    for node, key in zip(nodes, _identities(evaluator, nodes), strict=True):
        found.setdefault(key, node)
    return list(found.values())


def _distinct(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return listing(_each_once(evaluator, unified(_items(evaluator, given[0]))), place)


def _toset(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return _set(in_order(_each_once(evaluator, unified(_items(evaluator, given[0])))), place)


def _tolist(evaluator: Evaluator, given: Given, place: Place) -> Node:
    if not given[0].is_list:
        return given[0]
    return listing(unified(_items(evaluator, given[0])), given[0].place)


def _tomap(evaluator: Evaluator, given: Given, place: Place) -> Node:
    if not given[0].is_map or isinstance(given[0], Partial):
        return given[0]
    fields = given[0].fields
    return mapping(dict(zip(fields, unified(list(fields.values())), strict=True)), given[0].place)


def _sets(evaluator: Evaluator, given: Given) -> list[dict[Hashable, Node]]:
    """What is in each, of one type."""
    lists = [unified(_items(evaluator, one)) for one in given]
    sizes = [len(one) for one in lists]
    together = unified([item for one in lists for item in one])
    if len(together) > TERRAFORM_ITEMS:
        raise Refused
    found, at = [], 0
    for size in sizes:
        nodes = together[at : at + size]
        found.append(dict(zip(_identities(evaluator, nodes), nodes, strict=True)))
        at += size
    return found


def _setunion(evaluator: Evaluator, given: Given, place: Place) -> Node:
    found: dict[Hashable, Node] = {}
    for one in _sets(evaluator, given):
        found = one | found
    return _set(in_order(list(found.values())), place)


def _setintersection(evaluator: Evaluator, given: Given, place: Place) -> Node:
    first, *rest = _sets(evaluator, given)
    kept = [node for key, node in first.items() if all(key in one for one in rest)]
    return _set(in_order(kept), place)


def _setsubtract(evaluator: Evaluator, given: Given, place: Place) -> Node:
    one, other = _sets(evaluator, given)
    return _set(in_order([node for key, node in one.items() if key not in other]), place)


def _setproduct(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    lists = [unified(_items(evaluator, one)) for one in given]
    total = 1
    for one in lists:
        total *= len(one)
    if len(given) < 2 or total * len(given) > TERRAFORM_ITEMS:
        return None
    evaluator.module.steps.spend(total * len(given))
    found: list[list[Node]] = [[]]
    for one in lists:
        found = [[*before, item] for before in found for item in one]
    product = [listing(one, place) for one in found]
    if not any(isinstance(one, SetNode) for one in given):
        return listing(product, place)
    return _set(in_order_of_hashes(_each_once(evaluator, product)), place)


def _coalescelist(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    for one in given:
        if is_unknown(one):
            return None
        if one.is_list and one.items:
            return one
    return None


def _zipmap(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    keys, values = _items(evaluator, given[0]), _indexed(evaluator, given[1])
    _whole(evaluator, given[0])
    return mapping(dict(zip(texts([one.plain for one in keys]), values, strict=True)), place)


def _slice(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    of, first, last = given
    start, end, items = _number(first), _number(last), _indexed(evaluator, of)
    return listing(items[start:end], place) if 0 <= start <= end <= len(items) else None


def _reverse(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return listing(_items(evaluator, given[0])[::-1], place)


def _sort(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    _whole(evaluator, given[0])
    return listing(sorted(map(_text, _items(evaluator, given[0])), key=lambda one: str(one.plain)), place)


def _chunklist(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    of, count = given
    items, size = unified(_items(evaluator, of)), _number(count)
    if size < 0:
        return None
    chunks = [items[at : at + size] for at in range(0, len(items), size)] if size else [items] if items else []
    return listing([listing(one, place) for one in chunks], place)


def _matchkeys(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    values = unified(_items(evaluator, given[0]))
    keys, sought = _items(evaluator, given[1]), _items(evaluator, given[2])
    together = unified([*keys, *sought])
    if len(values) != len(keys):
        return None
    wanted = set(_identities(evaluator, together[len(keys) :]))
    found = _identities(evaluator, together[: len(keys)])
    return listing([value for value, key in zip(values, found, strict=True) if key in wanted], place)


def _transpose(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    _whole(evaluator, given[0])
    found: dict[str, list[str]] = {}
    for key, value in sorted(_mapped(given[0]).items()):
        for item in texts([one.plain for one in _items(evaluator, value)]):
            found.setdefault(item, []).append(key)
    fields = {item: listing([Node(key, place) for key in keys], place) for item, keys in found.items()}
    return mapping(fields, place)


def _alltrue(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return _decided(evaluator, given, place, deciding=False)


def _anytrue(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return _decided(evaluator, given, place, deciding=True)


def _decided(evaluator: Evaluator, given: Given, place: Place, *, deciding: bool) -> Node | None:
    """The first that decides does so, unless one before it is not known; null is false."""
    items = _items(evaluator, given[0])
    truths = [None if is_unknown(one) else not is_null(one) and boolean(one.plain) for one in items]
    decided = next((one for one in truths if one is None or one is deciding), not deciding)
    return None if decided is None else Node(decided, place)


FUNCTIONS: Final[dict[str, Callable[[Any, Given, Place], Node | None]]] = {
    "alltrue": _alltrue,
    "anytrue": _anytrue,
    "chunklist": _chunklist,
    "coalescelist": _coalescelist,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "flatten": _flatten,
    "index": _index,
    "keys": _keys,
    "length": _length,
    "lookup": _lookup,
    "matchkeys": _matchkeys,
    "merge": _merge,
    "one": _one,
    "reverse": _reverse,
    "setintersection": _setintersection,
    "setproduct": _setproduct,
    "setsubtract": _setsubtract,
    "setunion": _setunion,
    "slice": _slice,
    "sort": _sort,
    "tolist": _tolist,
    "tomap": _tomap,
    "toset": _toset,
    "transpose": _transpose,
    "values": _values,
    "zipmap": _zipmap,
}
