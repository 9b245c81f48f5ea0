"""Functions of Terraform from plain values to plain values: what they have no places for."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from typing import Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.values import as_text
from batten.limits import TERRAFORM_ITEMS, TERRAFORM_TEXT


def worked_out(name: str, values: Sequence[Any]) -> Any:
    """What the function of that name, one of `FUNCTIONS`, comes to; None where Terraform refuses the values, or where
    it is not known."""
    try:
        return FUNCTIONS[name](*values)
    except (TypeError, ValueError, IndexError, KeyError, AttributeError, OverflowError, Base64Error):
        return None


def _format(form: str, *values: Any) -> str | None:
    """`format` with the verbs that need no number to be laid out."""
    pieces = form.split("%")
    texts, rest = [pieces[0]], list(values)
    at = 1
    while at < len(pieces):
        piece = pieces[at]
        if piece == "" and at + 1 < len(pieces):
            texts.append(f"%{pieces[at + 1]}")
            at += 2
            continue
        if piece[:1] not in ("s", "d", "v") or not rest:
            return None
        text = as_text(Node(rest.pop(0), _NOWHERE))
        if text is None:
            return None
        texts.append(text + piece[1:])
        at += 1
    return "".join(texts)


def _joined(separator: str, *lists: list[Any]) -> str | None:
    texts = [as_text(Node(item, _NOWHERE)) for items in lists for item in items]
    total = sum(len(text or "") + len(separator) for text in texts)
    return None if total > TERRAFORM_TEXT or None in texts else separator.join(text or "" for text in texts)


def _replaced(text: str, old: str, new: str) -> str | None:
    if len(old) > 1 and old.startswith("/") and old.endswith("/"):
        return None  # a regular expression of another's making is not run
    if old == "" or len(text) + text.count(old) * len(new) > TERRAFORM_TEXT:
        return None
    return text.replace(old, new)


def _split(separator: str, text: str) -> list[str] | None:
    found = text.split(separator) if separator else list(text)
    return found if len(found) <= TERRAFORM_ITEMS else None


def _substr(text: str, at: int, length: int) -> str:
    """From the end where `at` is negative, to the end where `length` is."""
    at += len(text) if at < 0 else 0
    return text[at:] if length < 0 else text[at : at + length]


def _range(*numbers: int) -> list[int] | None:
    found = range(*numbers)
    return list(found) if len(found) <= TERRAFORM_ITEMS else None


_NOWHERE: Final[Any] = None
FUNCTIONS: Final[dict[str, Callable[..., Any]]] = {
    "format": _format,
    "join": _joined,
    "split": _split,
    "replace": _replaced,
    "range": _range,
    "lower": lambda text: text.lower(),
    "upper": lambda text: text.upper(),
    "trimspace": lambda text: text.strip(),
    "chomp": lambda text: text.rstrip("\r\n"),
    "trim": lambda text, cut: text.strip(cut),
    "trimprefix": lambda text, cut: text.removeprefix(cut),
    "trimsuffix": lambda text, cut: text.removesuffix(cut),
    "startswith": lambda text, start: text.startswith(start),
    "endswith": lambda text, end: text.endswith(end),
    "strcontains": lambda text, part: part in text,
    "substr": _substr,
    "reverse": lambda items: items[::-1],
    "sort": lambda items: sorted(items) if all(isinstance(one, str) for one in items) else None,
    "slice": lambda items, start, end: items[start:end],
    "index": lambda items, value: items.index(value),
    "min": lambda *numbers: None if any(isinstance(one, str) for one in numbers) else min(numbers),
    "max": lambda *numbers: None if any(isinstance(one, str) for one in numbers) else max(numbers),
    "abs": lambda number: abs(number),
    "base64encode": lambda text: b64encode(text.encode()).decode(),
    "base64decode": lambda text: b64decode(text, validate=True).decode(),
    "basename": lambda path: path.rstrip("/").rpartition("/")[2],
    "dirname": lambda path: path.rstrip("/").rpartition("/")[0] or ".",
    "alltrue": lambda items: all(item in (True, "true") for item in items),
    "anytrue": lambda items: any(item in (True, "true") for item in items),
}
