"""Which values decide what an action prints: its pipeline followed to `.Values`, through variables, blocks, includes.

Nothing is computed here: Helm has rendered the chart, and each answer is a guess until the edit of the value that
it names has been rendered and judged.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct

from batten.formats.helm.expressions import Call, Constant, Expression, Field, Pipeline, parse_pipeline
from batten.formats.helm.marks import Frame
from batten.formats.helm.syntax import Node, Template, walk
from batten.formats.helm.values import Path, Values

_DEPTH: Final = 24  # includes that lead to one another
_MOST: Final = 64  # alternatives that are kept
_INCLUDES: Final = 1_000  # that are followed for one answer; real charts stay below 30
_SAME: Final = (
    "toYaml", "toYamlPretty", "toJson", "toString", "quote", "squote", "indent", "nindent", "trim", "int", "int64",
    "float64", "deepCopy", "mustDeepCopy", "fromYaml", "fromJson", "mustToJson", "first", "mustFirst", "print",
    "toDecimal", "sortAlpha", "uniq", "compact", "atoi", "toPrettyJson", "toRawJson", "fromYamlArray",
    "mustToPrettyJson",
)  # fmt: skip
_PICKS: Final = ("omit", "pick", "mustOmit", "mustPick", "unset", "set")
_MERGES: Final = ("merge", "mustMerge")
_OVERWRITES: Final = ("mergeOverwrite", "mustMergeOverwrite")


class Top(Struct, frozen=True):
    """What `.` is at the top of a template, and `$` everywhere."""


class Value(Struct, frozen=True):
    """A value of the chart. `exact`: it is itself what is meant, not a part of a text that is made of it."""

    path: Path
    exact: bool = True


class Made(Struct, frozen=True):
    """A mapping that the template makes: `dict "key" .Values.x "context" $`."""

    fields: tuple[tuple[str, Meaning], ...]


class Either(Struct, frozen=True):
    """The first of them that is not empty."""

    of: tuple[Meaning, ...]


class Text(Struct, frozen=True):
    """A constant of the template."""

    value: Any


Meaning = Top | Value | Made | Either | Text | None

_BUILTIN: Final = ("Release", "Chart", "Files", "Capabilities", "Template", "Subcharts")


class Scope(Struct):
    dot: Meaning
    variables: dict[str, Meaning]


class Decider:
    """Follows the actions of one chart with its sub-charts."""

    def __init__(self, templates: dict[str, Template], values: Values, prefix: Path = ()) -> None:
        """`prefix`: where the values of the chart are whose template is followed."""
        self._templates = templates
        self._values = values
        self._prefix = prefix
        self._includes = 0
        """Followed for the answer that is looked for."""
        self._defines = {name: (path, node) for path, one in templates.items() for name, node in one.defines.items()}

    def values(self, frame: Frame) -> list[Value]:
        """The values that decide what an action printed itself, the likeliest first; several where it is made of
        several or takes the first that is not empty."""
        return _values(self._printed(frame.node, self.scope(frame.path, frame.node, frame.outer, frame.turns), 0))

    def values_of(self, node: Node, scope: Scope) -> list[Value]:
        self._includes = 0
        return _values(self._printed(node, scope, 0))

    def scope(self, path: str, node: Node, outer: Frame | None, turns: dict[int, int], depth: int = 0) -> Scope:
        """What `.` and the variables mean where a node stands. `outer`: the action that included its text."""
        if depth > _DEPTH:
            return Scope(None, {})
        self._includes = self._includes if depth else 0
        route = [node]
        while route[-1].parent is not None:
            route.append(route[-1].parent)
        route.reverse()
        start: Meaning = Top()
        if outer is not None:
            start = self._handed(outer, depth)
        scope = Scope(start, {"$": start})
        if route[0].kind == "root":
            body = self._templates[path].body
            if len(route) > 1:
                self._pass(body, route[1], scope, turns)
            route = route[1:]
        elif route[0].kind != "define":
            self._pass(self._templates[path].body, route[0], scope, turns)
        for block, inner in pairwise(route):
            self._enter(block, inner, scope, turns)
        return scope

    def _handed(self, outer: Frame, depth: int) -> Meaning:
        """What an action hands to the text that it includes."""
        scope = self.scope(outer.path, outer.node, outer.outer, outer.turns, depth + 1)
        if outer.node.kind == "template":
            return self._piped(parse_pipeline(outer.node.inner), scope, depth)
        call = include_in(outer.node.pipeline.value)
        if call is None or len(call.arguments) < 2:
            return None
        return self._meaning(call.arguments[1], scope, depth)

    def _enter(self, block: Node, inner: Node, scope: Scope, turns: dict[int, int]) -> None:
        """Goes into the body of a block in which `inner` stands."""
        for body, condition in zip(block.bodies, block.conditions, strict=False):
            held = any(one is inner for one in body)
            if block.kind in ("if", "with", "range", "block") and condition:
                pipeline = parse_pipeline(condition)
                meaning = self._piped(pipeline, scope, 0)
                if block.kind == "range" and held:
                    turn = turns.get(id(block), 0)
                    meaning, key = self._turn(meaning, turn)
                    names = pipeline.declares
                    if len(names) == 2:
                        scope.variables[names[0]] = key
                    if names:
                        scope.variables[names[-1]] = meaning
                    scope.dot = meaning
                else:
                    for name in pipeline.declares[:1]:
                        scope.variables[name] = meaning
                    if held and block.kind in ("with", "block"):
                        scope.dot = meaning
            if held:
                self._pass(body, inner, scope, turns)
                return

    def _turn(self, meaning: Meaning, turn: int) -> tuple[Meaning, Meaning]:
        """Element and key of a turn of a `range`."""
        for one in _values(meaning):
            if one.exact:
                key = self._values.element((*self._prefix, *one.path), turn)
                return Value((*one.path, key)), Text(key)
        if isinstance(meaning, Made) and turn < len(meaning.fields):
            key, element = sorted(meaning.fields, key=lambda pair: pair[0])[turn]
            return element, Text(key)
        return None, None

    def _pass(self, body: list[Node], until: Node, scope: Scope, turns: dict[int, int]) -> None:
        """Notes the variables that are set before a node."""
        for node in body:
            if node is until:
                return
            if node.kind == "assign":
                pipeline = node.pipeline
                meaning = self._piped(pipeline, scope, 0)
                for name in pipeline.declares:
                    scope.variables[name] = meaning
            elif node.bodies and node.kind != "define":
                for one in walk([node]):
                    if one.kind == "assign" and not one.pipeline.anew:
                        for name in one.pipeline.declares:
                            found = self._piped(one.pipeline, scope, 0)
                            scope.variables[name] = _either(found, scope.variables.get(name))

    def _printed(self, node: Node, scope: Scope, depth: int) -> Meaning:
        if node.kind == "template":
            return self._included(node.name, self._piped(parse_pipeline(node.inner), scope, depth), depth)
        return self._piped(node.pipeline, scope, depth)

    def _piped(self, pipeline: Pipeline, scope: Scope, depth: int) -> Meaning:
        return None if pipeline.value is None else self._meaning(pipeline.value, scope, depth)

    def _meaning(self, one: Expression, scope: Scope, depth: int) -> Meaning:
        if depth > _DEPTH:
            return None
        if isinstance(one, Constant):
            return Text(one.value)
        if isinstance(one, Field):
            start: Meaning
            if one.of is not None:
                start = self._meaning(one.of, scope, depth + 1)
            elif one.variable is not None:
                start = scope.variables.get(one.variable)
            else:
                start = scope.dot
            for name in one.names:
                start = _field(start, name)
            return start
        arguments = one.arguments
        function = one.function
        if function == "include" and arguments and isinstance(arguments[0], Constant):
            handed = self._meaning(arguments[1], scope, depth + 1) if len(arguments) > 1 else None
            return self._included(str(arguments[0].value), handed, depth + 1)
        meanings = [self._meaning(argument, scope, depth + 1) for argument in arguments]
        return _called(function, meanings)

    def _included(self, name: str, handed: Meaning, depth: int) -> Meaning:
        """What a named template prints: what decides all of its parts."""
        self._includes += 1
        if depth > _DEPTH or self._includes > _INCLUDES or name not in self._defines:
            return None
        path, define = self._defines[name]
        prints = [one for one in walk(define.bodies[0]) if one.kind in ("print", "template", "text")]
        alone = sum(one.kind != "text" or bool(_words(self._templates[path], one)) for one in prints) == 1
        found: list[Meaning] = []
        for one in prints[:_MOST]:
            if one.kind == "text":
                continue
            scope = Scope(handed, {"$": handed})
            route = [one]
            while route[-1].parent is not None:
                route.append(route[-1].parent)
            route.reverse()
            for block, inner in pairwise(route):
                self._enter(block, inner, scope, {})
            found.append(self._printed(one, scope, depth + 4))
        return found[0] if alone and found else _mixed(found)


def _words(template: Template, node: Node) -> str:
    return template.text[node.start : node.end].strip()


def include_in(expression: Expression | None) -> Call | None:
    """The include whose text an action prints."""
    while isinstance(expression, Call):
        if expression.function == "include":
            return expression
        expression = expression.arguments[-1] if expression.arguments else None
    return None


def _field(meaning: Meaning, name: str) -> Meaning:
    if isinstance(meaning, Top):
        if name == "Values":
            return Value(())
        return Text(None) if name in _BUILTIN else None
    if isinstance(meaning, Value):
        return Value((*meaning.path, name)) if meaning.exact else None
    if isinstance(meaning, Made):
        return next((value for key, value in meaning.fields if key == name), None)
    if isinstance(meaning, Either):
        return _either(*(_field(one, name) for one in meaning.of))
    return None


def _called(function: str, meanings: list[Meaning]) -> Meaning:
    """What a function gives of what it is given."""
    last = meanings[-1] if meanings else None
    if function in _SAME:
        return last
    if function in ("required", "tpl", "default", "ternary", "coalesce", "or", "and", "hasKey"):
        return _choice(function, meanings)
    if function in _PICKS or function in ("squash",):
        return meanings[0] if function not in ("squash",) else last
    if function in _MERGES:
        return _either(*meanings)
    if function in _OVERWRITES:
        return _either(*reversed(meanings))
    if function == "dict":
        pairs = zip(meanings[::2], meanings[1::2], strict=False)
        return Made(tuple((str(key.value), value) for key, value in pairs if isinstance(key, Text)))
    if function in ("get", "index") and meanings:
        found = meanings[0]
        for key in meanings[1:]:
            found = _item(found, key.value) if isinstance(key, Text) else None
        return found
    if function == "dig" and len(meanings) >= 3:
        found = last
        for key in meanings[:-2]:
            found = _item(found, key.value) if isinstance(key, Text) else None
        return _either(found, meanings[-2])
    if function == "printf" and len(meanings) == 2 and meanings[0] == Text("%s"):
        return last
    return _mixed(meanings)


def _choice(function: str, meanings: list[Meaning]) -> Meaning:
    last = meanings[-1] if meanings else None
    if function == "required":
        return last
    if function == "tpl":
        return meanings[0] if meanings else None
    if function == "default":
        return _either(*reversed(meanings))
    if function == "ternary":
        return _either(*meanings[:2])
    if function == "and":
        return last
    return _either(*meanings)


def _item(meaning: Meaning, key: Any) -> Meaning:
    if isinstance(key, int) and isinstance(meaning, Value):
        return Value((*meaning.path, key)) if meaning.exact else None
    return _field(meaning, str(key)) if key is not None else None


def _either(*meanings: Meaning) -> Meaning:
    found: list[Meaning] = []
    for one in meanings:
        for each in one.of if isinstance(one, Either) else (one,):
            if each is not None and each not in found and len(found) < _MOST:
                found.append(each)
    return found[0] if len(found) == 1 else Either(tuple(found)) if found else None


def _mixed(meanings: Iterable[Meaning]) -> Meaning:
    """A text that is made of all of them."""
    found: list[Meaning] = []
    for one in meanings:
        for value in _values(one):
            inexact = Value(value.path, False)
            if inexact not in found and len(found) < _MOST:
                found.append(inexact)
    return found[0] if len(found) == 1 else Either(tuple(found)) if found else None


def _values(meaning: Meaning) -> list[Value]:
    if isinstance(meaning, Value):
        return [meaning] if meaning.path else []
    if isinstance(meaning, Either):
        return [value for one in meaning.of for value in _values(one)]
    if isinstance(meaning, Made):
        return [Value(value.path, False) for _, one in meaning.fields for value in _values(one)]
    return []
