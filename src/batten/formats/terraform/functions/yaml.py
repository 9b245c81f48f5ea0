"""What `yamlencode` writes: blocks, texts in double quotes, those of several lines as they are (go-cty-yaml)."""

from __future__ import annotations

from typing import Any

from batten.formats.nodes import Node
from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.values import as_text, json_text

_NOWHERE: Any = None
_LONGEST_KEY = 120  # beyond, a key is written with a `?`


def yaml_text(value: Any) -> str:
    """Raises `Refused` where a text in it needs more care than quotes."""
    lines = _lines(value)
    end = "" if isinstance(value, dict | list | str) else "...\n"
    return "\n".join(lines) + "\n" + end


def _lines(value: Any) -> list[str]:
    if isinstance(value, dict) and value:
        return [line for key in sorted(value) for line in _field(_key(key), value[key])]
    if isinstance(value, list) and value:
        return [line for item in value for line in _item(item)]
    if isinstance(value, str) and "\n" in value:
        return _literal(value)
    return [_scalar(value)]


def _scalar(value: Any) -> str:
    if isinstance(value, str):
        if not value.replace("\t", "").isprintable() or "\ufeff" in value:
            raise Refused
        return json_text(value, html=False)
    if value is None:
        return "null"
    if isinstance(value, dict | list):
        return "{}" if isinstance(value, dict) else "[]"
    found = as_text(Node(value, _NOWHERE))
    if found is None:
        raise Refused
    return found


def _key(key: Any) -> str:
    if not isinstance(key, str) or len(key) > _LONGEST_KEY:
        raise Refused
    return _scalar(key)


def _literal(text: str) -> list[str]:
    """`|`, with a `-` where no line end closes it."""
    body = text.removesuffix("\n")
    lines = body.split("\n")
    if text[0] in " \n" or lines[-1] == "" or any(not one.isprintable() or one.endswith(" ") for one in lines):
        raise Refused
    return ["|" if body != text else "|-", *(f"  {line}" if line else "" for line in lines)]


def _field(name: str, value: Any) -> list[str]:
    inner = _lines(value)
    if isinstance(value, dict) and value:
        return [f"{name}:", *_indented(inner)]
    if isinstance(value, list) and value:
        return [f"{name}:", *inner]
    return [f"{name}: {inner[0]}", *inner[1:]]


def _item(value: Any) -> list[str]:
    first, *rest = _lines(value)
    return [f"- {first}", *(_indented(rest) if isinstance(value, dict | list) else rest)]


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}" if line else "" for line in lines]
