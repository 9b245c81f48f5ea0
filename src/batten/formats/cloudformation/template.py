"""A template's values with its functions worked out, as far as parameters with defaults and mappings decide them.

Source: the CloudFormation template reference, intrinsic functions and pseudo parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, ClassVar, Final

from batten.formats.nodes import Node
from batten.limits import CLOUDFORMATION_STEPS, CLOUDFORMATION_TEXT
from batten.model.edits import CannotEdit, Edit, Splice
from batten.model.source import Document, Location, Place, Pointer, Unreadable
from batten.pattern import pattern

_REFERENCE: Final = pattern(r"\$\{(!?)([^}$]{1,200})\}")
_ODD: Final = pattern(r"[^\w.:-]+")
NO_VALUE: Final = object()
"""What `AWS::NoValue` comes to: the property is not written."""


class Later(str):
    """A value that nobody knows before the stack is made, as `${what decides it}`."""

    __slots__ = ()


def later(what: str) -> Later:
    return Later(f"${{{_ODD.sub('-', what)[:200]}}}")


class MadeDocument:
    """The document of a value that a function makes: it stands where the function does, and is edited by hand."""

    not_edited: ClassVar[str] = "a function makes it; edit it by hand"

    def __init__(self, document: Document) -> None:
        self.file = document.file
        self._document = document

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        return self._document.locate(pointer, key=key)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        raise CannotEdit(self.not_edited)


class Template:
    """A template being worked out. `tags`: the short forms of functions (`!Ref`) by the pointer of their node."""

    def __init__(self, document: Document, value: dict[str, Any], tags: dict[Pointer, str]) -> None:
        self.document = document
        self.value = value
        self.tags = tags
        self._steps = CLOUDFORMATION_STEPS
        self._made = MadeDocument(document)
        self._conditions: dict[str, bool | None] = {}

    def spend(self) -> None:
        """One value more. Raises `Unreadable` where no template has so many."""
        self._steps -= 1
        if self._steps < 0:
            raise Unreadable(f"expected at most {CLOUDFORMATION_STEPS:,} values in a template, found more")

    def node(self, value: Any, pointer: Pointer, depth: int = 0) -> Node:
        """The value at `pointer`; what it depends on and is not known is `Later`. Raises `Unreadable`."""
        self.spend()
        if depth > 100:
            raise Unreadable("expected values of at most 100 levels in a template, found more")
        tag = self.tags.get(pointer)
        if tag is not None and tag.startswith("!"):
            return self._function(tag[1:], value, pointer, (), depth)
        if isinstance(value, dict) and len(value) == 1:
            [(key, inner)] = value.items()
            if key == "Ref" or (isinstance(key, str) and key.startswith("Fn::")):
                return self._function(key.removeprefix("Fn::"), inner, pointer, (key,), depth)
            if key == "Condition" and isinstance(inner, str) and pointer[:1] != ("Resources",):
                return Node(later(inner), Place(self.document, pointer))
        place = Place(self.document, pointer)
        if isinstance(value, dict):
            node = Node({}, place)
            for key, inner in value.items():
                found = self.node(inner, (*pointer, key), depth + 1)
                if found.plain is not NO_VALUE:
                    node.fields[str(key)] = found
            return node
        if isinstance(value, list):
            node = Node([], place)
            for n, inner in enumerate(value):
                found = self.node(inner, (*pointer, n), depth + 1)
                if found.plain is not NO_VALUE:
                    node.items.append(found)
            return node
        return Node(value, place)

    def _function(self, name: str, value: Any, pointer: Pointer, inside: Pointer, depth: int) -> Node:
        """`inside`: the key that the argument stands under, in the long form."""
        how = _FUNCTIONS.get(name)
        at = (*pointer, *inside)
        found = how(self, value, at, depth + 1) if how is not None else None
        if found is None:
            return Node(later(name), Place(self.document, pointer))
        if isinstance(found, Node):
            return found
        if isinstance(found, str) and len(found) > CLOUDFORMATION_TEXT:
            found = later(name)
        # the text of `Sub` may be another one; what others make is no text of theirs
        return Node(found, Place(self.document if name == "Sub" else self._made, pointer))

    # ------------------------------------------------------------------------------- functions

    def ref(self, value: Any, pointer: Pointer, depth: int) -> Any:
        if not isinstance(value, str):
            return None
        if value == "AWS::NoValue":
            return NO_VALUE
        return self._named(value)

    def _named(self, name: str) -> Any:
        """A parameter's default, where it decides and may be shown; else what the name says."""
        parameters = self.value.get("Parameters")
        parameter = parameters.get(name) if isinstance(parameters, dict) else None
        if not isinstance(parameter, dict) or parameter.get("Default") is None:
            return later(name)
        kind, default = str(parameter.get("Type")), parameter["Default"]
        hidden = str(parameter.get("NoEcho")).lower() == "true"
        if hidden or kind.startswith("AWS::SSM::") or isinstance(default, dict | list):
            return later(name)
        place = Place(self.document, ("Parameters", name, "Default"))
        if kind == "CommaDelimitedList" or kind.startswith("List<"):
            node = Node([], place)
            node.items.extend(Node(part.strip(), place) for part in str(default).split(","))
            return node
        return Node(default, place)

    def sub(self, value: Any, pointer: Pointer, depth: int) -> Any:
        text, own = value, {}
        if isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict):
            text = value[0]
            own = {key: self.node(one, (*pointer, 1, key), depth) for key, one in value[1].items()}
        if not isinstance(text, str):
            return None
        known = True

        def put(found: Any) -> str:
            nonlocal known
            if found[1]:
                return f"${{{found[2]}}}"
            name = found[2].strip()
            one = own[name] if name in own else self._named(name)
            plain = one.plain if isinstance(one, Node) else one
            if isinstance(plain, Later) or not isinstance(plain, str | int | float):
                known = False
                return str(plain) if isinstance(plain, Later) else str(later(name))
            return scalar_text(plain)

        if len(text) > CLOUDFORMATION_TEXT:
            return None
        found = _REFERENCE.sub(put, text)
        return found if known else Later(found)

    def join(self, value: Any, pointer: Pointer, depth: int) -> Any:
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str):
            return None
        items = self.node(value[1], (*pointer, 1), depth)
        if not items.is_list or not all(isinstance(one.plain, str | int | float) for one in items.items):
            return None
        found = value[0].join(scalar_text(one.plain) for one in items.items)
        return Later(found) if any(isinstance(one.plain, Later) for one in items.items) else found

    def select(self, value: Any, pointer: Pointer, depth: int) -> Any:
        if not isinstance(value, list) or len(value) != 2:
            return None
        index, items = self.node(value[0], (*pointer, 0), depth), self.node(value[1], (*pointer, 1), depth)
        number = str(index.plain)
        if not items.is_list or not number.isdigit() or len(number) > 6 or int(number) >= len(items.items):
            return None
        return items.items[int(number)]

    def split(self, value: Any, pointer: Pointer, depth: int) -> Any:
        if not isinstance(value, list) or len(value) != 2 or not isinstance(value[0], str) or not value[0]:
            return None
        text = self.node(value[1], (*pointer, 1), depth)
        if type(text.plain) is not str:
            return None
        node = Node([], text.place)
        node.items.extend(Node(part, text.place) for part in text.plain.split(value[0]))
        return node

    def condition(self, value: Any, pointer: Pointer, depth: int) -> Any:
        """`If`: the answer of its condition; where that is not known and both answers are the same, that is."""
        if not isinstance(value, list) or len(value) != 3:
            return None
        holds = self.holds(str(value[0]))
        if holds is not None:
            chosen = 1 if holds else 2
            return self.node(value[chosen], (*pointer, chosen), depth)
        yes, no = self.node(value[1], (*pointer, 1), depth), self.node(value[2], (*pointer, 2), depth)
        if yes.plain is NO_VALUE or no.plain is NO_VALUE or yes.value() != no.value():
            return later(str(value[0]))
        return Node(yes.value(), Place(self._made, pointer))

    def holds(self, name: str) -> bool | None:
        """A condition of the template, with the defaults of its parameters; None where those do not decide it."""
        if name not in self._conditions:
            self._conditions[name] = None  # while it is worked out: one that asks for itself is not known
            conditions = self.value.get("Conditions")
            if isinstance(conditions, dict) and name in conditions:
                from batten.formats.cloudformation.conditions import truth

                self._conditions[name] = truth(self, conditions[name], ("Conditions", name))
        return self._conditions[name]

    def find_in_map(self, value: Any, pointer: Pointer, depth: int) -> Any:
        if not isinstance(value, list) or len(value) < 3:
            return None
        found: Any = self.value.get("Mappings")
        route: Pointer = ("Mappings",)
        for n, key in enumerate(value[:3]):
            name = self.node(key, (*pointer, n), depth).plain
            if isinstance(name, Later) or not isinstance(name, str | int) or not isinstance(found, dict):
                return None
            found, route = found.get(name, found.get(str(name))), (*route, name)
        return None if found is None else self.node(found, route, depth)


def scalar_text(value: Any) -> str:
    """A scalar as CloudFormation compares it and writes it into texts."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_FUNCTIONS: Final[dict[str, Callable[[Template, Any, Pointer, int], Any]]] = {
    "Ref": Template.ref,
    "Sub": Template.sub,
    "Join": Template.join,
    "Select": Template.select,
    "Split": Template.split,
    "If": Template.condition,
    "FindInMap": Template.find_in_map,
    "GetAtt": lambda template, value, pointer, depth: later(
        ".".join(map(str, value)) if isinstance(value, list) else str(value)
    ),
    "ImportValue": lambda template, value, pointer, depth: later(f"ImportValue-{value}"),
}
