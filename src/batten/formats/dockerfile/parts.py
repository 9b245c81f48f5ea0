"""Setting and removing parts of an instruction: words, flags, values, ranges of text."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from batten.formats.dockerfile.lex import SPACE
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, Pair, Span
from batten.formats.dockerfile.places import flag_at, pair_at, part
from batten.model.edits import CannotEdit
from batten.model.source import Pointer, pointer_text
from batten.pattern import pattern

_COMMANDS: Final = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL", "HEALTHCHECK"))
_PAIRS: Final = frozenset(("ENV", "LABEL", "ARG"))
_WHOLE: Final = frozenset(("USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER"))
_FLAG_NAME: Final = pattern(r"[a-z][a-z-]*\Z")
_KEY: Final = pattern(r"[^\s='\"\\`$#]+\Z")


def set_part(dockerfile: Dockerfile, instruction: Instruction, route: Pointer, value: Any) -> tuple[Span, str]:
    """The range and the new text with which the part at `route` has `value`; raises `CannotEdit`."""
    target = instruction.onbuild or instruction
    kind = route[0]
    if kind == "flag" and len(route) == 2:
        return _set_flag(target, route[1], value)
    if not isinstance(value, str):
        raise CannotEdit(f"the value of {pointer_text(route)} must be text")
    if kind == "value" and len(route) == 2:
        return _set_value(dockerfile, target, route[1], value)
    span = part(instruction, route)
    if span is None:
        raise CannotEdit(f"nothing stands at {pointer_text(route)} of the {instruction.keyword} instruction")
    if kind == "arg":
        index = route[1]
        assert isinstance(index, int)
        return span, _argument(target, index, value)
    return span, value


def _argument(target: Instruction, index: int, value: str) -> str:
    if target.json and not (target.keyword == "HEALTHCHECK" and index == 0):
        return msgspec.json.encode(value).decode()
    if target.keyword in _COMMANDS or target.keyword in _PAIRS:
        return value
    if not value:
        raise CannotEdit(f"{target.keyword} cannot have an empty argument")
    if target.keyword not in _WHOLE and any(char in SPACE for char in value):
        raise CannotEdit(f"an argument with blanks in it needs the JSON form of {target.keyword}")
    return "".join([target.escape + char if char in ("'", '"', target.escape) else char for char in value])


def _set_flag(target: Instruction, name: str | int, value: Any) -> tuple[Span, str]:
    flag = flag_at(target, name)
    if flag is None and (not isinstance(name, str) or not _FLAG_NAME.match(name)):
        raise CannotEdit(f"{target.keyword} has no flag {name!r}")
    label = flag.name if flag is not None else name
    if value is True or value is None:
        text = f"--{label}"
    elif isinstance(value, str):
        text = f"--{label}={_flag_value(target, value)}"
    else:
        raise CannotEdit(f"the value of --{label} must be text or True")
    if flag is not None:
        return flag.span, text
    end = target.keyword_span[1]
    return (end, end), f" {text}"


def _flag_value(target: Instruction, value: str) -> str:
    escaped = "".join([target.escape + char if char in ("'", '"', target.escape) else char for char in value])
    return f'"{escaped}"' if any(char in SPACE for char in value) else escaped


def _quoted(value: str, escape: str, raw: str) -> str:
    """`value` as a word that the build reads literally; in quotes where it needs them or `raw` has them."""
    special = ("'", '"', "$", escape)
    if value and not raw.startswith('"') and not any(char in special or char in SPACE for char in value):
        return value
    body = "".join([escape + char if char in ('"', "$", escape) else char for char in value])
    return f'"{body}"'


def _set_value(dockerfile: Dockerfile, target: Instruction, key: str | int, value: str) -> tuple[Span, str]:
    if target.keyword not in _PAIRS:
        raise CannotEdit(f"{target.keyword} has no named values")
    pair = pair_at(target, key)
    if pair is not None:
        if pair.raw is None:
            return (pair.span[1], pair.span[1]), "=" + _quoted(value, target.escape, "")
        return pair.value_span, _quoted(value, target.escape, pair.raw)
    if not isinstance(key, str) or not _KEY.match(key):
        raise CannotEdit(f"{key!r} is no name for {target.keyword}")
    if not target.pairs or _is_old_form(target):
        raise CannotEdit(f"{target.keyword} name value holds one value only")
    last = target.pairs[-1].span
    return (last[1], last[1]), _gap(dockerfile, target) + f"{key}={_quoted(value, target.escape, '')}"


def _is_old_form(target: Instruction) -> bool:
    """`ENV name value`."""
    return len(target.pairs) == 1 and len(target.args) == 2


def _gap(dockerfile: Dockerfile, target: Instruction) -> str:
    """What stands before the last pair: a blank, or a continued line and its indentation."""
    start = target.pairs[-1].span[0]
    line_start = dockerfile.text.rfind("\n", 0, start) + 1
    indent = dockerfile.text[line_start:start]
    if line_start > target.span[0] and not indent.strip(" \t"):
        return f" {target.escape}\n{indent}"
    return " "


def removal(instruction: Instruction, route: Pointer) -> Span:
    """The range to take away so that the part at `route` is gone; raises `CannotEdit`."""
    target = instruction.onbuild or instruction
    kind = route[0]
    if kind == "flag" and len(route) == 2:
        flag = flag_at(target, route[1])
        if flag is not None:
            return _with_gap(target, flag.span)
    elif kind == "value" and len(route) == 2:
        pair = pair_at(target, route[1])
        if pair is not None:
            return _remove_pair(target, pair)
    elif kind == "arg" and len(route) == 2 and isinstance(route[1], int) and 0 <= route[1] < len(target.args):
        return _remove_argument(target, route[1])
    elif kind in ("text", "heredoc") and len(route) > 2:
        span = part(instruction, route)
        if span is not None:
            return span
    raise CannotEdit(f"nothing that can be removed stands at {pointer_text(route)} of {instruction.keyword}")


def _with_gap(target: Instruction, span: Span) -> Span:
    """`span` with the blanks and continued lines before it."""
    ends = [target.keyword_span[1]]
    spans = [flag.span for flag in target.flags] + [word.span for word in target.args]
    ends += [end for _, end in spans if end <= span[0]]
    return max(ends), span[1]


def _remove_pair(target: Instruction, pair: Pair) -> Span:
    if len(target.pairs) == 1:
        raise CannotEdit(f"it is the only value of this {target.keyword}; remove the instruction")
    return _with_gap(target, pair.span)


def _remove_argument(target: Instruction, index: int) -> Span:
    if target.keyword == "FROM" or (target.keyword in _COMMANDS and not target.json):
        raise CannotEdit(f"{target.keyword} needs this argument")
    if target.keyword in _PAIRS:
        if _is_old_form(target):
            raise CannotEdit(f"{target.keyword} name value needs both")
        return _remove_pair(target, target.pairs[index])
    fixed = 1 if target.keyword == "HEALTHCHECK" else 0
    if len(target.args) - fixed < 2 or index < fixed:
        raise CannotEdit(f"it is the only argument of this {target.keyword}; remove the instruction")
    span = target.args[index].span
    if not target.json:
        return _with_gap(target, span)
    if index + 1 < len(target.args):  # with the comma after it
        return span[0], target.args[index + 1].span[0]
    return target.args[index - 1].span[1], span[1]
