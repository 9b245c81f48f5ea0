"""What Go's YAML libraries say, in the form that the judge prints, beside what we read."""

from __future__ import annotations

from typing import Any

from batten.formats.yaml import COMPOSE, KUBERNETES
from batten.formats.yaml.construct import parse
from batten.model.source import Unreadable

SCHEMAS = {"kubernetes": KUBERNETES, "compose": COMPOSE}
REFUSED: Any = object()


def ours(schema: str, text: str) -> Any:
    """The value of the one document in `text`, or REFUSED."""
    try:
        return parse(text, SCHEMAS[schema], 1).value
    except Unreadable:
        return REFUSED


def theirs(answer: dict[str, Any]) -> Any:
    return REFUSED if "error" in answer else answer.get("value")


def agree(one: Any, other: Any) -> bool:
    """Is what we read (`one`) what JSON says of Go's value (`other`)? JSON does not tell 8.0 from 8."""
    if isinstance(other, dict) and other.keys() == {"$float"}:
        return isinstance(one, float) and {".nan": one != one, ".inf": one > 1, "-.inf": one < 1}[other["$float"]]
    if isinstance(other, dict) and other.keys() == {"$time"}:
        return isinstance(one, str)  # a time stamp stays a string on purpose
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(agree(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(agree, one, other))
    if isinstance(one, (int, float)) and not isinstance(one, bool):
        return isinstance(other, (int, float)) and not isinstance(other, bool) and float(one) == float(other)
    return type(one) is type(other) and one == other
