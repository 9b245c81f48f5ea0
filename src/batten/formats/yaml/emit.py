"""Values -> text, in the style of the document that they are put into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from batten.formats.yaml.schema import COMPOSE, KUBERNETES, Schema
from batten.limits import YAML_DEPTH
from batten.model.edits import CannotEdit
from batten.pattern import pattern

# characters that may stand in a plain or single-quoted scalar: printable, and no line break for any reader
_PRINTABLE = pattern("[ -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")
_INDICATORS: Final = frozenset("?:,[]{}#&*!|>'\"%@`")
# what some YAML reader or other takes for a number, a time or base 60
_NUMBER_LIKE = pattern(r"[-+.]?[0-9][-+.:_0-9a-fA-FxXoO]*(?:[Tt ][-+.:0-9Zz ]*)?")
_ALSO_QUOTED: Final = frozenset(("=", "<<", "-", "---", "..."))
_KEY_LENGTH: Final = 1024  # longest key on one line (YAML 1.2.2, section 7.4.2); a margin is taken below
_SURROGATE = pattern("[\ud800-\udfff]")
# what JSON leaves alone in a string and YAML does not
_UNPRINTABLE = pattern("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]")


def _quoted(text: str) -> str:
    import json  # only a fix writes text; a scan must not pay for loading it

    return json.dumps(text, ensure_ascii=False)


class Style(Struct, frozen=True):
    """How a document is laid out. `schema` None: the document is JSON."""

    schema: Schema | None
    newline: str = "\n"
    step: int = 2
    """Columns by which a mapping is indented in its parent."""
    dash: int = 2
    """Columns by which a list is indented in its parent; 0 is flush with the key."""
    unit: str = ""
    """JSON: what a level is indented by; empty where the document stands on one line."""
    colon: str = ": "
    comma: str = ", "
    quote: str = ""
    """The mark that all keys nearby have; new keys and texts have it, too."""

    # ---------------------------------------------------------------------------- on one line

    def scalar(self, value: Any, *, flow: bool = False, quote: str = "") -> str:
        """A scalar, or a collection without content. `quote`: the mark that strings nearby have.

        Raises `CannotEdit` for what the document's reader would not read back as `value`.
        """
        if isinstance(value, str):
            return self.string(value, flow=flow, quote=quote)
        if isinstance(value, (dict, list, tuple)) and not value:
            return "{}" if isinstance(value, dict) else "[]"
        if value is None:
            return "null"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, (int, float)):
            return self._number(value)
        raise CannotEdit(f"a {type(value).__name__} cannot be written in this document")

    def _number(self, value: int | float) -> str:
        text = repr(value)
        if value != value or value in (float("inf"), float("-inf")):
            text = ".nan" if value != value else ".inf" if value > 0 else "-.inf"
            if self.schema is None:
                raise CannotEdit(f"{value} cannot be written in JSON")
            return text
        if self.schema is None:
            read: Any = value if isinstance(value, float) or -(2**63) <= value < 2**64 else None
        else:
            read = self.schema.resolve(text)
        if type(read) is not type(value) or read != value:
            raise CannotEdit(f"{text[:40]} cannot be written as a number in this document")
        return text

    def string(self, text: str, *, flow: bool = False, quote: str = "") -> str:
        """A string, plain where every reader leaves it a string."""
        if self.schema is None:
            return _UNPRINTABLE.sub(_escape, _SURROGATE.sub(_escape, _quoted(text)))
        if not quote and _may_be_plain(text, flow=flow):
            return text
        if quote == "'" and _PRINTABLE.fullmatch(text):
            return "'" + text.replace("'", "''") + "'"
        if _SURROGATE.search(text):
            raise CannotEdit("a lone surrogate cannot be written in YAML")
        return _UNPRINTABLE.sub(_escape, _quoted(text))

    def key(self, key: Any, *, flow: bool = False) -> str:
        if not isinstance(key, str):
            raise CannotEdit(f"expected text as a key, found {key!r}")
        text = self.string(key, flow=flow, quote=self.quote)
        if self.schema is not None and len(text) > _KEY_LENGTH - 24:
            raise CannotEdit("the key is too long to stand on one line")
        return text

    def flow(self, value: Any, depth: int = 0) -> str:
        """Any value on one line, as flow style or JSON writes it."""
        _check_depth(depth)
        if isinstance(value, dict) and value:
            pairs = [
                f"{self.key(key, flow=True)}{self.colon}{self.flow(item, depth + 1)}" for key, item in value.items()
            ]
            return "{" + self.comma.join(pairs) + "}"
        if isinstance(value, (list, tuple)) and value:
            return "[" + self.comma.join(self.flow(item, depth + 1) for item in value) + "]"
        return self.scalar(value, flow=True, quote=self.quote)

    # ------------------------------------------------------------------------ on several lines

    def json(self, value: Any, indent: str, depth: int = 0) -> str:
        """JSON over several lines; the first line is not indented, the others by `indent` and more."""
        _check_depth(depth)
        inner = indent + self.unit
        if not self.unit or not isinstance(value, (dict, list, tuple)) or not value:
            return self.flow(value, depth)
        if isinstance(value, dict):
            parts = [f"{self.key(key)}{self.colon}{self.json(item, inner, depth + 1)}" for key, item in value.items()]
        else:
            parts = [self.json(item, inner, depth + 1) for item in value]
        begin, end = "{}" if isinstance(value, dict) else "[]"
        return f"{begin}{self.newline}{inner}{f',{self.newline}{inner}'.join(parts)}{self.newline}{indent}{end}"

    def pair(self, key: str, value: Any, column: int, depth: int = 0) -> Iterator[str]:
        """The lines of `key: value` in block style for a key in `column`."""
        head = " " * column + self.key(key) + ":"
        if is_block(value):
            yield head
            yield from self.block(value, column + (self.step if isinstance(value, dict) else self.dash), depth + 1)
        else:
            yield f"{head} {self.scalar(value, quote=self.quote)}"

    def item(self, value: Any, column: int, depth: int = 0, *, quote: str = "", width: int = 2) -> Iterator[str]:
        """The lines of a list's item in block style for a dash in `column`, its value `width` columns on."""
        dash = " " * column + "-" + " " * (width - 1)
        if is_block(value):
            lines = self.block(value, column + width, depth + 1)
            yield dash + next(lines)[column + width :]
            yield from lines
        else:
            yield dash + self.scalar(value, quote=quote or self.quote)

    def block(self, value: Any, column: int, depth: int = 0) -> Iterator[str]:
        """The lines of a collection with content in block style, indented to `column` and more."""
        _check_depth(depth)
        if isinstance(value, dict):
            for key, item in value.items():
                yield from self.pair(key, item, column, depth)
        else:
            for item in value:
                yield from self.item(item, column, depth)


def is_block(value: Any) -> bool:
    """Would the value be written in block style: is it a collection with content?"""
    return isinstance(value, (dict, list, tuple)) and bool(value)


def _may_be_plain(text: str, *, flow: bool) -> bool:
    if not text or text[0] in _INDICATORS or text[0] == " " or text[-1] in " :" or text in _ALSO_QUOTED:
        return False
    if text.startswith(("- ", "---", "...")) or ": " in text or " #" in text:
        return False
    if flow and (not set(text).isdisjoint(",[]{}:") or text[0] == "-"):
        return False
    if not _PRINTABLE.fullmatch(text) or _NUMBER_LIKE.fullmatch(text):
        return False
    return bool(KUBERNETES.resolve(text) == text and COMPOSE.resolve(text) == text)


def _escape(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _check_depth(depth: int) -> None:
    if depth > YAML_DEPTH:
        raise CannotEdit("the value is nested too deeply")
