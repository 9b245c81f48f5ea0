"""Functions from one type to another, and between values and JSON or YAML ("Type Conversion Functions")."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from json import loads
from typing import TYPE_CHECKING, Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.embedded import decoded
from batten.formats.terraform.functions.convert import Refused, boolean, number, text
from batten.formats.terraform.functions.yaml import yaml_text
from batten.formats.terraform.values import JsonText, is_null, is_unknown, known
from batten.model.source import Place

if TYPE_CHECKING:
    from batten.formats.terraform.evaluate import Evaluator

Given = list[Node]


def _same(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return given[0] if len(given) == 1 else None


def _jsonencode(evaluator: Evaluator, given: Given, place: Place) -> Node:
    return given[0] if is_unknown(given[0]) else JsonText(given[0], place, evaluator.module.steps)


def _yamlencode(evaluator: Evaluator, given: Given, place: Place) -> Node:
    if is_unknown(given[0]):
        return given[0]
    found = JsonText(given[0], place, evaluator.module.steps)
    if not is_unknown(found):
        with suppress(Refused):  # then JSON, which is YAML
            found.plain = yaml_text(given[0].value())
    return found


def _decode(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return decoded(given[0], evaluator.module.steps)


def _jsondecode(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    one = given[0]
    if type(one) is Node and isinstance(one.plain, str) and one.plain.lstrip()[:1] not in ("{", "["):
        return Node(loads(one.plain), one.place)
    return _decode(evaluator, given, place)


def _can(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return Node(True, place) if known(given[0], evaluator.module.steps) else None


def _scalar(convert: Callable[[Any], Any]) -> Callable[[Evaluator, Given, Place], Node | None]:
    def found(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
        one = given[0]
        if is_unknown(one) or is_null(one):
            return one
        value = convert(one.plain)
        return one if type(value) is type(one.plain) else Node(value, one.place)

    return found


FUNCTIONS: Final[dict[str, Callable[[Any, Given, Place], Node | None]]] = {
    "can": _can,
    "jsondecode": _jsondecode,
    "jsonencode": _jsonencode,
    "tobool": _scalar(boolean),
    "tonumber": _scalar(number),
    "tostring": _scalar(text),
    "yamldecode": _decode,
    "yamlencode": _yamlencode,
    **dict.fromkeys(("ephemeralasnull", "nonsensitive", "sensitive"), _same),
}
