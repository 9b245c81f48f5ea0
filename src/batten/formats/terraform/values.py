"""What expressions come to: nodes that know where they were written, or what is only known when Terraform runs."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from batten.formats.nodes import Node
from batten.limits import TERRAFORM_STEPS
from batten.model.source import Place
from batten.pattern import pattern


class TooMuch(Exception):
    """More is made of the files than of any real ones; what was read so far is kept. The message says what."""


class Steps:
    """How much may still be worked out for one module: values may be short to write and endless to look at."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = TERRAFORM_STEPS

    def spend(self, steps: int = 1) -> None:
        """Take `steps` off; raises `TooMuch`."""
        self.left -= steps
        if self.left < 0:
            raise TooMuch(f"what is worked out in at most {TERRAFORM_STEPS:,} steps")


_ODD: Final = pattern(r"[^\w.\[\]*-]+")
_SHOWN: Final = 200  # characters: enough to tell one expression from another


class Unknown(str):
    """A value that nobody knows before Terraform runs, as the text `${what decides it}`; a text of which a part is
    not known, with that in it. Readers of other formats take both for what they are: filled in later."""

    __slots__ = ()


class JsonText(Node):
    """What `jsonencode` makes; `inner` is what it was given."""

    __slots__ = ("inner",)

    def __init__(self, inner: Node, place: Place, steps: Steps) -> None:
        self.inner = inner
        super().__init__(_dumped(inner, steps), place)


def _dumped(inner: Node, steps: Steps) -> str:
    return json_text(inner.value()) if known(inner, steps) else Unknown("${jsonencode}")


_HTML: Final = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


def json_text(value: Any, *, html: bool = True) -> str:
    """JSON as Go writes it: keys in order, and `html`: what HTML would take for its own as escapes."""
    found = _json(value)
    if html:
        for letter, escape in _HTML.items():
            found = found.replace(letter, escape)
    return found


def _json(value: Any) -> str:
    from json import dumps

    if isinstance(value, dict):
        keys = {key if isinstance(key, str) else str(key): one for key, one in value.items()}
        return "{" + ",".join(f"{_json(key)}:{_json(one)}" for key, one in sorted(keys.items())) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_json, value)) + "]"
    if isinstance(value, float):
        return _float_text(value) or repr(value)
    return dumps(value, ensure_ascii=False, default=str)


def unknown(what: str, place: Place) -> Node:
    """`what`: the words that decide it, such as `aws_iam_role.web.arn`."""
    return Node(Unknown(f"${{{_ODD.sub('-', what)[:_SHOWN]}}}"), place)


def is_unknown(node: Node) -> bool:
    """Nothing of it is known, or not all of a text."""
    return type(node.plain) is Unknown


def known(node: Node, steps: Steps) -> bool:
    """Whether all of it is known; each value counts as a step, however many lead to it. Raises `TooMuch`."""
    waiting: list[Any] = [node]
    while waiting:
        one = waiting.pop()
        steps.spend()
        if isinstance(one, Node):
            if not one.opened:
                waiting.append(one.plain)
            else:
                waiting += one.fields.values() if one.is_map else one.items
        elif type(one) is Unknown:
            return False
        elif isinstance(one, dict):
            waiting += one.values()
        elif isinstance(one, list):
            waiting += one
    return True


class Partial(Node):
    """A mapping that may have more keys than are known."""

    __slots__ = ()


class SetNode(Node):
    """A list whose items have no index: a set."""

    __slots__ = ()


def mapping(fields: dict[str, Node], place: Place) -> Node:
    node = Node({}, place)
    node.fields.update(fields)
    return node


def listing(items: list[Node], place: Place) -> Node:
    node = Node([], place)
    node.items.extend(items)
    return node


def is_null(node: Node) -> bool:
    return node.plain is None


def as_text(node: Node) -> str | None:
    """A scalar as Terraform writes it into a text; None for anything else."""
    value = node.plain
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _float_text(value)
    return str(value) if isinstance(value, int) else None


def _float_text(value: float) -> str | None:
    """None where it has more digits than a float keeps: Terraform keeps 150."""
    if value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    digits = f"{value:.15g}"
    if float(digits) != value or len(digits.partition("e")[0].strip("-0.").replace(".", "")) > 14:
        return None
    return f"{Decimal(digits):f}"


def truth(node: Node) -> bool | None:
    """A condition; None where it is not known."""
    value = node.plain
    if isinstance(value, bool):
        return value
    return {"true": True, "false": False}.get(value) if type(value) is str else None
