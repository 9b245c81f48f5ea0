"""`regex`, `regexall` and `replace`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.functions.regex.machine import Machine, Slots
from batten.formats.terraform.functions.regex.program import Program
from batten.formats.terraform.functions.regex.syntax import parsed
from batten.formats.terraform.functions.strings import bounded
from batten.formats.terraform.values import Steps
from batten.limits import TERRAFORM_ITEMS
from batten.pattern import pattern

Captured = str | list[str | None] | dict[str, str | None]
_REFERENCE: Final = pattern(r"\$(?:(\$)|(\w+)|\{(\w+)\})")
_program: Final = lru_cache(maxsize=64)(parsed)


def _capturing(expression: str) -> Program:
    program = _program(expression)
    if len({name is None for name in program.names}) > 1:
        raise Refused
    return program


def _captured(program: Program, text: str, slots: Slots) -> Captured:
    """The match; of an expression with groups what these hold, by their names if they have any."""
    if not program.groups:
        return text[slots[0] : slots[1]]
    pairs = zip(slots[2::2], slots[3::2], strict=True)
    held = [None if begin < 0 or end < 0 else text[begin:end] for begin, end in pairs]
    if program.names[0] is None:
        return held
    return {name or "": one for name, one in zip(program.names, held, strict=True)}


def _regex(steps: Steps, expression: str, text: str) -> Captured:
    program = _capturing(expression)
    machine = Machine(program, text, steps.spend)
    found = machine.search(0)
    if found is None:
        raise Refused
    return _captured(program, text, found)


def _regexall(steps: Steps, expression: str, text: str) -> list[Captured]:
    program = _capturing(expression)
    machine = Machine(program, text, steps.spend)
    found = []
    for slots in machine.every():
        found.append(_captured(program, text, slots))
        if len(found) > TERRAFORM_ITEMS:
            raise Refused
    return found


def _replace(steps: Steps, text: str, old: str, new: str) -> str:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return _replaced(steps, _program(old[1:-1]), text, new)
    bounded(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, new)


def _replaced(steps: Steps, program: Program, text: str, new: str) -> str:
    """Go's `ReplaceAllString`."""
    machine = Machine(program, text, steps.spend)
    pieces: list[str] = []
    last = at = size = 0
    while at <= len(text):
        found = machine.search(at)
        if found is None:
            break
        begin, end = found[:2]
        pieces.append(text[last:begin])
        if end > last or begin == 0:
            pieces.append(_expanded(program, text, found, new))
            size += len(pieces[-1])
            bounded(size)
        last = end
        at = max(at + 1, end)
    pieces.append(text[last:])
    return "".join(pieces)


def _expanded(program: Program, text: str, slots: Slots, new: str) -> str:
    """`$1`, `${name}` and `$$` of a replacement; what is no group is nothing."""
    if "$" not in new:
        return new
    texts = []
    at = size = 0
    for found in _REFERENCE.finditer(new):
        texts.append(new[at : found.start()])
        at = found.end()
        name = found[2] or found[3]
        texts.append("$" if found[1] else _held(program, text, slots, name))
        size += len(texts[-1])
        bounded(size)
    return "".join([*texts, new[at:]])


def _held(program: Program, text: str, slots: Slots, name: str) -> str:
    if name.isascii() and name.isdigit() and (name == "0" or not name.startswith("0")):
        number = int(name) if len(name) < 5 else program.groups + 1
    else:
        number = program.names.index(name) + 1 if name in program.names else program.groups + 1
    if number > program.groups:
        return ""
    begin, end = slots[2 * number : 2 * number + 2]
    return text[begin:end] if begin >= 0 else ""


FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "regex": ("text text", _regex),
    "regexall": ("text text", _regexall),
    "replace": ("text text text", _replace),
}
