"""Checks an expression against the names of the model: what it reads, of what type, and what may be unset.

The library that runs expressions finds a wrong name or type only when it meets one, and not even then where `||` or
`&&` need not look. Here all of it is told before, with its place.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct, field

from batten.engine.config import guess
from batten.engine.rules.functions import FUNCTIONS, Function
from batten.engine.rules.names import ANY, BOOL, DOUBLE, INT, NULL, STRING, Type, fields
from batten.engine.rules.tree import (
    Binary,
    Call,
    Comprehension,
    Index,
    ListOf,
    Literal,
    MapOf,
    Name,
    Node,
    RuleError,
    Select,
    Ternary,
    Unary,
    children,
)

Path = tuple[str, ...]
"""A root and the fields from there: `("container", "user", "uid")`."""
_NUMBERS: Final = ("int", "double")
_ORDERED: Final = ("int", "double", "string", "any")


class Shape(Struct, eq=False):
    """What is read of the objects in a list: field -> what is read of that."""

    fields: dict[str, Shape] = field(default_factory=dict)


class Read(Struct, eq=False):
    """One value that an expression reads from a noun; `presence`: only whether an object is there."""

    path: Path
    type: Type
    shape: Shape
    node: Node
    presence: bool = False


class Checked(Struct, eq=False):
    """An expression that is right. `reads` are in the order of the text; `node_reads` by the part that reads."""

    node: Node
    type: Type
    reads: dict[int, Read] = field(default_factory=dict)
    """`id` of a part of the tree -> what it reads."""
    tests: set[int] = field(default_factory=set)
    """Parts `has(map.key)`, which ask whether a key is there; every other `has` asks for null."""
    known: frozenset[str] = frozenset()
    """What is not null where the expression is true."""
    objects: dict[int, str] = field(default_factory=dict)
    """`id` of a part that selects a field -> the object that it is a field of."""


class _Value(Struct):
    type: Type
    shape: Shape | None = None
    path: Path | None = None


def check(
    node: Node, roots: dict[str, str], wanted: Type | None = None, known: frozenset[str] = frozenset()
) -> Checked:
    """Raises `RuleError` with the place of what cannot be. `known`: paths that are not null before it is asked."""
    checker = _Checker(roots)
    value = checker.visit(node, known)
    if wanted is not None:
        if value.type.kind != wanted.kind:
            raise RuleError(f"expected an expression that is {_a(wanted)}, found {_a(value.type)}", node.start)
        checker.needs(node, value.type, known)
    if value.type.kind == "object" or (value.type.item or value.type).kind == "object":
        raise RuleError(f"expected a value, found {_a(value.type)}; name one of its fields", node.start)
    return Checked(node, value.type, checker.reads, checker.tests, known | facts(node, True), checker.objects)


def facts(node: Node, truth: bool) -> frozenset[str]:
    """The paths that cannot be null where the expression turned out as `truth`."""
    if isinstance(node, Unary) and node.operator == "!":
        return facts(node.operand, not truth)
    if isinstance(node, Select) and node.test:
        return frozenset({_key(node.target) + "." + node.field}) if truth else frozenset()
    if isinstance(node, Binary):
        if node.operator == "in" and truth and isinstance(node.left, Literal) and (target := _key(node.right)):
            return frozenset({f"{target}.{node.left.value}"})
        if node.operator in ("&&", "||"):
            left, right = facts(node.left, truth), facts(node.right, truth)
            return left | right if (node.operator == "&&") == truth else left & right
        if node.operator in ("==", "!=") and (node.operator == "==") == truth:
            sides = ((node.left, node.right), (node.right, node.left))
            return frozenset(_key(a) for a, b in sides if isinstance(b, Literal) and b.value is not None and _key(a))
        if node.operator in ("==", "!="):
            sides = ((node.left, node.right), (node.right, node.left))
            return frozenset(_key(a) for a, b in sides if isinstance(b, Literal) and b.value is None and _key(a))
    return frozenset()


def _key(node: Node) -> str:
    if isinstance(node, Name):
        return node.name
    if isinstance(node, Select) and (inner := _key(node.target)):
        return f"{inner}.{node.field}"
    if isinstance(node, Index) and isinstance(node.index, Literal) and (inner := _key(node.target)):
        return f"{inner}.{node.index.value}"
    return ""


def _a(kind: Type) -> str:
    article = "an" if str(kind)[0] in "aio" else "a"
    return f"{article} {kind}" if kind.kind != "any" else "anything"


class _Checker:
    def __init__(self, roots: dict[str, str]) -> None:
        self.scope: dict[str, _Value] = {
            name: _Value(Type("object", object=kind), None, (name,)) for name, kind in roots.items()
        }
        self.reads: dict[int, Read] = {}
        self.tests: set[int] = set()
        self.objects: dict[int, str] = {}

    def visit(self, node: Node, known: frozenset[str]) -> _Value:
        if isinstance(node, Literal):
            return _Value(_literal(node))
        if isinstance(node, Name):
            return self.name(node)
        if isinstance(node, Select):
            return self.select(node, known)
        if isinstance(node, Index):
            return self.index(node, known)
        if isinstance(node, Unary):
            return self.unary(node, known)
        if isinstance(node, Binary):
            return self.binary(node, known)
        if isinstance(node, Ternary):
            return self.ternary(node, known)
        if isinstance(node, Call):
            return self.call(node, known)
        if isinstance(node, Comprehension):
            return self.comprehension(node, known)
        if isinstance(node, ListOf):
            return _Value(Type("list", item=self.unified(node.items, known)))
        assert isinstance(node, MapOf)
        for key in node.keys:
            self.of_kind(key, known, ("string",))
        return _Value(Type("map", item=self.unified(node.values, known)))

    def name(self, node: Name) -> _Value:
        found = self.scope.get(node.name)
        if found is None:
            hint = guess(node.name, tuple(self.scope)) or f"; known here: {', '.join(self.scope)}"
            raise RuleError(f"nothing is called {node.name!r} here{hint}", node.start)
        return found

    def select(self, node: Select, known: frozenset[str]) -> _Value:
        target = self.visit(node.target, known)
        if target.type.kind == "map":
            if node.test:
                self.tests.add(id(node))
                return _Value(BOOL)
            self.has_key(node.target, node.field, node.field_at, known)
            return _Value(target.type.item or ANY)
        if target.type.kind != "object":
            raise RuleError(f"{_a(target.type)} has no fields, found .{node.field}", node.field_at)
        table = fields(target.type.object)
        self.objects[id(node)] = target.type.object
        found = table.get(node.field)
        if found is None:
            hint = guess(node.field, tuple(table)) or f"; it has {', '.join(table)}"
            raise RuleError(f"{_a(target.type)} has no {node.field!r}{hint}", node.field_at)
        path = None if target.path is None else (*target.path, node.field)
        shape = Shape()
        if target.shape is not None:
            shape = target.shape.fields.setdefault(node.field, shape)
        value = _Value(found.type, shape if target.shape is not None or found.type.kind == "list" else None, path)
        if path is not None and (node.test or found.type.kind != "object"):
            presence = node.test and found.type.kind == "object"
            self.reads[id(node)] = Read(path, found.type, shape, node, presence)
        if node.test:
            return _Value(BOOL)
        kind = found.type
        if kind.nullable and _key(node) in known:
            value.type = Type(kind.kind, kind.item, kind.object, kind.words, absent=kind.absent)
        return value

    def index(self, node: Index, known: frozenset[str]) -> _Value:
        target = self.of_kind(node.target, known, ("list", "map"))
        self.of_kind(node.index, known, ("int",) if target.type.kind == "list" else ("string",))
        if target.type.kind == "map" and isinstance(node.index, Literal):
            self.has_key(node.target, str(node.index.value), node.index.start, known)
        return _Value(target.type.item or ANY, target.shape if target.type.kind == "list" else None)

    def has_key(self, target: Node, key: str, at: int, known: frozenset[str]) -> None:
        """A key that is not there has no value: it must be asked for before."""
        shown = _key(target)
        if shown and f"{shown}.{key}" not in known:
            raise RuleError(f"the key {key!r} may be missing; say so first: {key!r} in {shown} && …", at)

    def unary(self, node: Unary, known: frozenset[str]) -> _Value:
        found = self.of_kind(node.operand, known, ("bool",) if node.operator == "!" else _NUMBERS)
        return _Value(BOOL if node.operator == "!" else Type(found.type.kind))

    def binary(self, node: Binary, known: frozenset[str]) -> _Value:
        operator = node.operator
        if operator in ("&&", "||"):
            self.of_kind(node.left, known, ("bool",))
            self.of_kind(node.right, known | facts(node.left, operator == "&&"), ("bool",))
            return _Value(BOOL)
        if operator in ("==", "!="):
            self.equal(node, known)
            return _Value(BOOL)
        left = self.visit(node.left, known)
        if operator == "in":
            right = self.of_kind(node.right, known, ("list", "map"))
            item = (right.type.item or ANY) if right.type.kind == "list" else STRING
            self.comparable(node, left.type, item)
            if left.type.words and isinstance(node.right, ListOf):
                for one in node.right.items:
                    self.possible(one, left.type)
            return _Value(BOOL)
        self.needs(node.left, left.type, known)
        right = self.visit(node.right, known)
        self.needs(node.right, right.type, known)
        kinds = {left.type.kind, right.type.kind} - {"any"}
        if operator in ("<", "<=", ">", ">="):
            if (len(kinds) > 1 and kinds != set(_NUMBERS)) or not kinds <= set(_ORDERED):
                self.mismatch(node, left.type, right.type)
            return _Value(BOOL)
        allowed = {*_NUMBERS, "string", "list"} if operator == "+" else {"int"} if operator == "%" else {*_NUMBERS}
        if len(kinds) > 1 or not kinds <= allowed:
            self.mismatch(node, left.type, right.type)
        if any((one.type.item or ANY).kind == "object" for one in (left, right)):
            raise RuleError("expected lists of plain values on both sides of +, found objects", node.at)
        return _Value(Type(left.type.kind, item=left.type.item))

    def equal(self, node: Binary, known: frozenset[str]) -> None:
        sides = ((node.left, node.right), (node.right, node.left))
        for one, other in sides:
            if isinstance(other, Literal) and other.value is None and isinstance(one, Select) and not one.test:
                # asked as has() is: an object is not handed to the library as a whole
                found = self.visit(one, known).type
                key = id(one)
                if found.kind == "object" and key not in self.reads and (path := self._path(one)) is not None:
                    self.reads[key] = Read(path, found, Shape(), one, presence=True)
                if not found.nullable and not found.absent:
                    raise RuleError(f"{_text(one)} is never null", one.start)
                return
        left, right = self.visit(node.left, known), self.visit(node.right, known)
        self.comparable(node, left.type, right.type)
        self.possible(node.right, left.type)
        self.possible(node.left, right.type)

    def _path(self, node: Node) -> Path | None:
        if isinstance(node, Name):
            return self.scope[node.name].path
        if isinstance(node, Select) and (inner := self._path(node.target)) is not None:
            return (*inner, node.field)
        return None

    def ternary(self, node: Ternary, known: frozenset[str]) -> _Value:
        self.of_kind(node.condition, known, ("bool",))
        then = self.visit(node.then, known | facts(node.condition, True))
        otherwise = self.visit(node.otherwise, known | facts(node.condition, False))
        if "object" in (then.type.kind, (then.type.item or ANY).kind, (otherwise.type.item or ANY).kind):
            raise RuleError("expected plain values on both sides of :, found objects", node.then.start)
        kinds = {then.type.kind, otherwise.type.kind} - {"any", "null"}
        if len(kinds) > 1:
            raise RuleError(
                f"expected values of one type on both sides of :, found {_a(then.type)} and {_a(otherwise.type)}",
                node.otherwise.start,
            )
        first = then.type if then.type.kind != "null" else otherwise.type
        nullable = any(one.type.nullable or one.type.kind == "null" for one in (then, otherwise))
        return _Value(Type(first.kind, first.item, nullable=nullable))

    def call(self, node: Call, known: frozenset[str]) -> _Value:
        found: Function | None = FUNCTIONS.get(node.name)
        if found is None:
            hint = guess(node.name, tuple(FUNCTIONS)) or f"; known: {', '.join(FUNCTIONS)}"
            raise RuleError(f"there is no function {node.name}(){hint}", node.at)
        given = children(node)
        if (node.target is None and found.form == "method") or (node.target is not None and found.form == "function"):
            form = f"value.{node.name}(…)" if found.form == "method" else f"{node.name}(value)"
            raise RuleError(f"expected {form}", node.at)
        if len(given) != len(found.takes):
            wanted = len(found.takes) - (node.target is not None)
            raise RuleError(
                f"expected {node.name}() with {wanted} argument{'s' * (wanted != 1)}, found {len(node.arguments)}",
                node.at,
            )
        for one, kinds in zip(given, found.takes, strict=True):
            self.of_kind(one, known, kinds)
        if node.name == "matches" and not isinstance(given[1], Literal):
            raise RuleError("expected a pattern that is written out, found an expression", given[1].start)
        return _Value(found.gives)

    def comprehension(self, node: Comprehension, known: frozenset[str]) -> _Value:
        target = self.of_kind(node.target, known, ("list", "map"))
        if node.variable in self.scope:
            raise RuleError(f"expected a name of its own for each, found {node.variable!r} a second time", node.start)
        item = STRING if target.type.kind == "map" else target.type.item or ANY
        self.scope[node.variable] = _Value(item, target.shape if target.type.kind == "list" else None)
        inner = known
        if node.condition is not None:
            self.of_kind(node.condition, known, ("bool",))
            inner = known | facts(node.condition, True)
        body = self.visit(node.body, inner)
        if node.macro != "map":
            self.needs(node.body, body.type, inner)
            if body.type.kind not in ("bool", "any"):
                raise RuleError(f"expected a bool in {node.macro}(), found {_a(body.type)}", node.body.start)
        del self.scope[node.variable]
        if node.macro == "map":
            return _Value(Type("list", item=body.type), body.shape)
        if node.macro == "filter":
            return _Value(Type("list", item=item), target.shape)
        return _Value(BOOL)

    def unified(self, nodes: list[Node], known: frozenset[str]) -> Type:
        found = [self.visit(one, known).type for one in nodes]
        for one, kind in zip(nodes, found, strict=True):
            if kind.kind == "object":
                raise RuleError(f"expected a value, found {_a(kind)}; name one of its fields", one.start)
        kinds = {one.kind for one in found}
        return Type(found[0].kind, found[0].item) if len(kinds) == 1 else ANY

    def of_kind(self, node: Node, known: frozenset[str], kinds: tuple[str, ...]) -> _Value:
        found = self.visit(node, known)
        if found.type.kind not in kinds and found.type.kind != "any":
            raise RuleError(f"expected {_a(Type(' or '.join(kinds)))}, found {_a(found.type)}", node.start)
        self.needs(node, found.type, known)
        return found

    def needs(self, node: Node, kind: Type, known: frozenset[str]) -> None:
        """The value is used, so that it must not be null."""
        if kind.nullable and kind.kind != "object" and _key(node) not in known:
            shown = _text(node)
            raise RuleError(f"{shown} may be unset (null); say so first: has({shown}) && …", node.start)

    def comparable(self, node: Binary, left: Type, right: Type) -> None:
        kinds = {left.kind, right.kind} - {"any"}
        if "object" in kinds or "object" in ((left.item or ANY).kind, (right.item or ANY).kind):
            raise RuleError("an object cannot be compared; name one of its fields", node.at)
        for one, other in ((left, right), (right, left)):
            if one.kind == "null" and not other.nullable and not other.absent and other.kind not in ("any", "null"):
                raise RuleError(f"{_a(other)} is never null here", node.at)
        if len(kinds - {"null"}) > 1 and kinds != set(_NUMBERS):
            self.mismatch(node, left, right)
        if left.kind == right.kind == "list" and {(left.item or ANY).kind, (right.item or ANY).kind} - {"any"} == set():
            return
        if left.kind == right.kind == "list" and left.item is not None and right.item is not None:
            self.comparable(node, left.item, right.item)

    def possible(self, node: Node, kind: Type) -> None:
        """A word that a field never has is a mistake."""
        if kind.words and isinstance(node, Literal) and isinstance(node.value, str) and node.value not in kind.words:
            shown = ", ".join(repr(one) for one in kind.words)
            hint = guess(node.value, kind.words)
            raise RuleError(f"it is never {node.value!r}, only one of {shown}{hint}", node.start)

    def mismatch(self, node: Binary, left: Type, right: Type) -> None:
        raise RuleError(f"{_a(left)} {node.operator} {_a(right)} is not defined", node.at)


def _literal(node: Literal) -> Type:
    value = node.value
    if value is None:
        return NULL
    if isinstance(value, bool):
        return BOOL
    return INT if isinstance(value, int) else DOUBLE if isinstance(value, float) else STRING


def _text(node: Node) -> str:
    return _key(node) or "it"
