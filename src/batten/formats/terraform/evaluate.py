"""Expressions -> nodes, as far as they are decided by what is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from batten.formats.hcl.document import HclDocument
from batten.formats.hcl.expressions import template_parts
from batten.formats.hcl.nodes import (
    Access,
    Attribute,
    Body,
    Call,
    Conditional,
    Expression,
    For,
    Interpolation,
    List,
    Literal,
    Object,
    Operation,
    Parentheses,
    Reference,
    Splat,
    Template,
)
from batten.formats.hcl.places import TRANSPARENT, name_of
from batten.formats.lines import text_of
from batten.formats.nodes import Node
from batten.formats.terraform.operators import operate
from batten.formats.terraform.templates import NotWorkedOut, plain_parts, printed
from batten.formats.terraform.values import (
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
from batten.limits import TERRAFORM_ITEMS, TERRAFORM_TEXT
from batten.model.source import File, Place, Pointer, Unreadable

if TYPE_CHECKING:
    from batten.formats.terraform.module import Module

Names = dict[str, Node]
_TEMPLATE: Final = "template"


class Evaluator:
    """Expressions of one document of a module. `names` are those of `for`, `each`, `count` and iterators."""

    def __init__(self, module: Module, document: HclDocument, names: Names | None = None) -> None:
        self.module = module
        self.document = document
        self.names = names or {}

    def with_names(self, names: Names) -> Evaluator:
        return Evaluator(self.module, self.document, {**self.names, **names})

    def place(self, pointer: Pointer) -> Place:
        return Place(self.document, pointer)

    def node(self, expression: Expression, pointer: Pointer) -> Node:
        """What the expression at `pointer` comes to. Raises `TooMuch`."""
        self.module.steps.spend()
        found = _HOW[type(expression)](self, expression, pointer)
        if isinstance(found.plain, str) and len(found.plain) > TERRAFORM_TEXT:
            return unknown("long", found.place)
        return found

    def source(self, expression: Expression) -> str:
        return text_of(self.document.file)[expression.start : expression.end]

    # -------------------------------------------------------------------------------- literals

    def literal(self, expression: Literal, pointer: Pointer) -> Node:
        return Node(expression.value, self.place(pointer))

    def template(self, expression: Template, pointer: Pointer) -> Node:
        parts = expression.parts
        place = self.place(pointer)
        if len(parts) == 1 and isinstance(parts[0], Interpolation) and not expression.heredoc:
            return self.node(parts[0].value, pointer)
        try:
            text, whole = printed(self, plain_parts(parts, indented=expression.indented))
        except NotWorkedOut as error:
            return unknown(str(error), place)
        node = Node(text if whole else Unknown(text), place)
        return HeredocText(self, expression, node) if expression.heredoc else node

    def parentheses(self, expression: Parentheses, pointer: Pointer) -> Node:
        return self.node(expression.inner, pointer)

    def sequence(self, expression: List, pointer: Pointer) -> Node:
        items = [self.node(item, (*pointer, n)) for n, item in enumerate(expression.items)]
        return listing(items, self.place(pointer))

    def object(self, expression: Object, pointer: Pointer) -> Node:
        fields: Names = {}
        for number, item in enumerate(expression.items):
            key = step = name_of(item.key)
            if key is None and isinstance(item.key, Expression):
                key, step = as_text(self.node(item.key, ())), f"#{number}"
            if key is not None and step is not None:
                fields[key] = self.node(item.value, (*pointer, step))
        if len(fields) == len(expression.items) and not any(isinstance(key, Unknown) for key in fields):
            return mapping(fields, self.place(pointer))
        found = Partial({}, self.place(pointer))
        found.fields.update(fields)
        return found

    # ------------------------------------------------------------------------------ references

    def reference(self, expression: Reference, pointer: Pointer) -> Node:
        found = self.names.get(expression.name)
        return found if found is not None else unknown(expression.name, self.place(pointer))

    def access(self, expression: Access, pointer: Pointer) -> Node:
        root, steps = chain(expression)
        if isinstance(root, Reference):
            keys = [step if isinstance(step, str) else self.key(step) for step in steps]
            if root.name in self.names:
                found: Node = self.names[root.name]
            else:
                words = "".join(f".{key}" if isinstance(key, str) else f"[{key}]" for key in keys)
                named = self.module.named(root.name, keys, f"{root.name}{words}", self.place(pointer))
                if named is None:
                    return unknown(self.source(expression), self.place(pointer))
                found, keys = named
        else:
            found = self.node(root, pointer)
            keys = [step if isinstance(step, str) else self.key(step) for step in steps]
        return self._walk(found, keys, expression, pointer)

    def _walk(self, node: Node, keys: list[str | int | None], expression: Expression, pointer: Pointer) -> Node:
        for key in keys:
            child: Node | None = None
            if is_unknown(node):
                return unknown(self.source(expression), self.place(pointer))
            if isinstance(key, str) and node.is_map:
                child = node.get(key)
            elif isinstance(key, int) and node.is_list and 0 <= key < len(node.items):
                child = node.items[key]
            if child is None:
                return unknown(self.source(expression), self.place(pointer))
            node = child
        return node

    def key(self, expression: Expression) -> str | int | None:
        node = self.node(expression, ())
        value = node.plain
        if is_unknown(node) or isinstance(value, bool):
            return None
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value if isinstance(value, str | int) else None

    def splat(self, expression: Splat, pointer: Pointer) -> Node:
        of = self.node(expression.of, pointer)
        place = self.place(pointer)
        if is_unknown(of):
            return unknown(self.source(expression), place)
        items = of.items if of.is_list else [] if is_null(of) else [of]
        self.module.steps.spend(len(items))
        keys = [step if isinstance(step, str) else self.key(step) for step in expression.names]
        return listing([self._walk(item, keys, expression, pointer) for item in items], place)

    # ------------------------------------------------------------------------------- decisions

    def conditional(self, expression: Conditional, pointer: Pointer) -> Node:
        test = truth(self.node(expression.test, (*pointer, "#0")))
        if test is not None:
            branch = expression.yes if test else expression.no
            return self.node(branch, (*pointer, "#1" if test else "#2"))
        yes = self.node(expression.yes, (*pointer, "#1"))
        no = self.node(expression.no, (*pointer, "#2"))
        steps = self.module.steps
        if known(yes, steps) and known(no, steps) and yes.value() == no.value():
            return yes
        return unknown(self.source(expression.test), self.place(pointer))

    def operation(self, expression: Operation, pointer: Pointer) -> Node:
        left = None if expression.left is None else self.node(expression.left, ())
        right = self.node(expression.right, ())
        found = operate(expression.operator, left, right, self.module.steps)
        if found is None:
            return unknown(self.source(expression), self.place(pointer))
        return Node(found, self.place(pointer))

    def for_each(self, expression: For, pointer: Pointer) -> Node:
        collection = self.node(expression.collection, (*pointer, "#0"))
        place = self.place(pointer)
        if is_unknown(collection) or not (collection.is_map or collection.is_list):
            return unknown(self.source(expression.collection), place)
        pairs = entries(collection)
        if len(pairs) > TERRAFORM_ITEMS:
            return unknown("for", place)
        items: list[Node] = []
        fields: Names = {}
        for key, value in pairs:
            names = dict(zip(expression.names, (key, value) if len(expression.names) == 2 else (value,), strict=False))
            inner = self.with_names(names)
            if expression.condition is not None:
                chosen = truth(inner.node(expression.condition, ()))
                if chosen is None:
                    return unknown(self.source(expression.condition), place)
                if not chosen:
                    continue
            made = inner.node(expression.value, (*pointer, "#1"))
            if expression.key is None:
                items.append(made)
                continue
            name = as_text(inner.node(expression.key, ()))
            if name is None:
                return unknown("for", place)
            if expression.grouped:
                fields.setdefault(name, listing([], place)).items.append(made)
            else:
                fields[name] = made
        return listing(items, place) if expression.key is None else mapping(fields, place)

    def call(self, expression: Call, pointer: Pointer) -> Node:
        from batten.formats.terraform.functions import call

        found = call(self, expression, pointer)
        return unknown(self.source(expression), self.place(pointer)) if found is None else found

    def arguments(self, expression: Call, pointer: Pointer) -> list[Node]:
        """What a function is given."""
        alone = expression.name in TRANSPARENT and len(expression.arguments) == 1
        given = [
            self.node(one, pointer if alone else (*pointer, f"#{n}")) for n, one in enumerate(expression.arguments)
        ]
        if expression.expanded and given and given[-1].is_list:
            given[-1:] = given[-1].items
        return given


class HeredocText(Node):
    """A heredoc, which may hold JSON whose parts have places of their own."""

    __slots__ = ("evaluator", "template")

    def __init__(self, evaluator: Evaluator, template: Template, node: Node) -> None:
        super().__init__(node.plain, node.place)
        self.evaluator = evaluator
        self.template = template


def of_template(module: Module, file: File, text: str, names: Names) -> Node | None:
    """What a file that is a template comes to; None where it is no template of Terraform."""
    try:
        parts = template_parts(text)
    except Unreadable:
        return None
    template = Template(0, len(text), 0, len(text), parts, heredoc=True)
    body = Body(0, len(text), {_TEMPLATE: Attribute(_TEMPLATE, 0, 0, template)}, [])
    return Evaluator(module, HclDocument(file, body), names).node(template, (_TEMPLATE,))


def chain(expression: Expression) -> tuple[Expression, list[str | Expression]]:
    """What names and indexes are applied to, and these in their order."""
    steps: list[str | Expression] = []
    while isinstance(expression, Access):
        steps.append(expression.key)
        expression = expression.of
    return expression, steps[::-1]


def entries(collection: Node) -> list[tuple[Node, Node]]:
    """Keys and values of a mapping in the order of its keys; indexes and items of a list."""
    if collection.is_map:
        return [(Node(key, value.place), value) for key, value in sorted(collection.fields.items())]
    return [(Node(n, item.place), item) for n, item in enumerate(collection.items)]


_HOW: Final[dict[type, Callable[[Evaluator, Any, Pointer], Node]]] = {
    Literal: Evaluator.literal,
    Template: Evaluator.template,
    Parentheses: Evaluator.parentheses,
    List: Evaluator.sequence,
    Object: Evaluator.object,
    Reference: Evaluator.reference,
    Access: Evaluator.access,
    Splat: Evaluator.splat,
    Conditional: Evaluator.conditional,
    Operation: Evaluator.operation,
    For: Evaluator.for_each,
    Call: Evaluator.call,
}
