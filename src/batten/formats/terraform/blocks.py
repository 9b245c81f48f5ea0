"""Blocks -> nodes: attributes by name, nested blocks as lists, `dynamic`, `count` and `for_each` worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from batten.formats.hcl.nodes import Attribute, Block, Body
from batten.formats.nodes import Node
from batten.formats.terraform.evaluate import Evaluator, Names, entries
from batten.formats.terraform.folder import Declared
from batten.formats.terraform.values import Unknown, as_text, is_unknown, listing, mapping, unknown
from batten.limits import TERRAFORM_INSTANCES
from batten.model.source import Pointer

if TYPE_CHECKING:
    from batten.formats.terraform.module import Module

_META: Final = frozenset({"count", "for_each", "depends_on", "provider", "providers", "lifecycle", "provisioner",
                          "connection"})  # fmt: skip


def body_node(body: Body, evaluator: Evaluator, pointer: Pointer) -> Node:
    """What stands in a body, at `pointer`, as a mapping. Raises `TooMuch`."""
    evaluator.module.steps.spend()
    fields: Names = {}
    for name, attribute in body.attributes.items():
        if name not in _META:
            fields[name] = evaluator.node(attribute.value, (*pointer, name))
    counts: dict[tuple[str, ...], int] = {}
    for block in body.blocks:
        mark = (block.type, *block.labels)
        number = counts[mark] = counts.get(mark, -1) + 1
        where = (*pointer, *mark, number) if number else (*pointer, *mark)
        if block.type == "dynamic" and len(block.labels) == 1:
            _dynamic(fields, block, evaluator, where)
        elif block.type not in _META:
            _add(fields, block.type, body_node(block.body, evaluator, where))
    return mapping(fields, evaluator.place(pointer))


def _add(fields: Names, name: str, node: Node) -> None:
    found = fields.get(name)
    if found is None:
        found = fields[name] = listing([], node.place)
    if found.is_list:
        found.items.append(node)


def _dynamic(fields: Names, block: Block, evaluator: Evaluator, pointer: Pointer) -> None:
    """`dynamic "name"`: a block for each; all blocks of the name are unknown where these are."""
    name = block.labels[0]
    each = block.body.attributes.get("for_each")
    content = next(iter(block.body.of("content")), None)
    if each is None or content is None:
        return
    iterator = block.body.attributes.get("iterator")
    bound = evaluator.source(iterator.value).strip() if iterator is not None else name
    collection = evaluator.node(each.value, (*pointer, "for_each"))
    if not _countable(collection):
        fields[name] = unknown(evaluator.source(each.value), evaluator.place(pointer))
        return
    for key, value in entries(collection):
        names = {bound: mapping({"key": key, "value": value}, value.place)}
        _add(fields, name, body_node(content.body, evaluator.with_names(names), (*pointer, "content")))


def _countable(collection: Node) -> bool:
    if is_unknown(collection) or not (collection.is_map or collection.is_list):
        return False
    return len(collection.fields if collection.is_map else collection.items) <= TERRAFORM_INSTANCES


def declared_node(declared: Declared, module: Module, names: Names | None = None) -> Node:
    """What a block and those that override it come to. Raises `TooMuch`."""
    node: Node | None = None
    for one in declared.parts():
        found = body_node(one.block.body, Evaluator(module, one.document, names), one.pointer)
        if node is None:
            node = found
        else:
            node.fields.update(found.fields)
    assert node is not None
    return node


def instances(declared: Declared, module: Module) -> list[tuple[str, Names]]:
    """(key as an address has it, names that hold in it) of each instance of a resource or a called module.

    One without a key where there is no `count` or `for_each`, or where nobody knows how many there are.
    """
    count, each = declared.attribute("count"), declared.attribute("for_each")
    if count is not None:
        return _counted(*count, module)
    if each is None:
        return [("", {})]
    part, attribute = each
    evaluator = Evaluator(module, part.document)
    collection = evaluator.node(attribute.value, (*part.pointer, "for_each"))
    place = evaluator.place(part.pointer)
    if not _countable(collection):
        value = Node(Unknown("${each.value}"), place)
        return [("", {"each": mapping({"key": Node(Unknown("${each.key}"), place), "value": value}, place)})]
    found = []
    for key, value in entries(collection):
        name = value if collection.is_list else key
        text = as_text(name) or "?"
        found.append((f'"{text}"', {"each": mapping({"key": name, "value": value}, place)}))
    return found


def _counted(part: Declared, attribute: Attribute, module: Module) -> list[tuple[str, Names]]:
    evaluator = Evaluator(module, part.document)
    number = evaluator.node(attribute.value, (*part.pointer, "count")).plain
    place = evaluator.place(part.pointer)
    if type(number) is str and number.isdigit() and len(number) < 9:
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or number > TERRAFORM_INSTANCES:
        return [("", {"count": mapping({"index": Node(Unknown("${count.index}"), place)}, place)})]
    return [(str(n), {"count": mapping({"index": Node(n, place)}, place)}) for n in range(number)]
