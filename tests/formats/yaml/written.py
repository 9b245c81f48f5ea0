"""Random YAML whose value is known: the same value written in many styles, with comments everywhere."""

from __future__ import annotations

import json
import re
from random import Random
from typing import Any

from hypothesis import strategies as st
from msgspec import Struct

_SHORT = "a b name image spec nginx:1.25 yes on 0777 1e3 null ~ #no é it's {x %d * << 8080:80 [ ] , ? ! & | >"
_ODD = ["", "a b", "x: y", "- a", "😀 z", 'say "x"', "tail ", " lead", "a\nb", "a\nb\n", "a\n\n b\n\n", "\ttab"]
WORDS = st.sampled_from([*_SHORT.split(), *_ODD])
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([0.5, -1.25, 1e30]),
    WORDS,
    st.text(max_size=8),
)
KEYS = st.one_of(
    st.sampled_from(["a", "b", "c", "name", "image", "x/y", "1", "true", "a b", "é", "k:v"]), WORDS, st.text(max_size=5)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=14,
)
_PLAIN = re.compile(r"[a-zA-Zé][a-zA-Z0-9é/.]*(?:[ :][a-zA-Z0-9]+)*")
_NOT_PLAIN = frozenset(("yes", "on", "null", "true", "y", "n", "no", "off", "false"))
_PRINTABLE = re.compile("[\t\n -~\xa1-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]*")


class Written(Struct, frozen=True):
    text: str
    value: Any


@st.composite
def documents(draw: st.DrawFn, values: st.SearchStrategy[Any] = VALUES) -> Written:
    """One document with its value; surrogates and control characters do not occur in it."""
    value = draw(values)
    return Written(_Writer(draw(st.randoms(use_true_random=False))).document(value), value)


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.step = random.choice((1, 2, 2, 2, 4))
        self.dash = random.choice((0, 0, 1, 2, 4))
        self.flow_at = random.choice((0.0, 0.2, 0.6))
        self.comment_at = random.choice((0.0, 0.2, 0.5))
        self.newline = random.choice(("\n", "\n", "\r\n"))
        self.count = 0

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def document(self, value: Any) -> str:
        lines = self.block(value, 0) if isinstance(value, (dict, list)) and value and self.chance(0.9) else None
        if lines is None:
            lines = [self.flow(value, 1)]
        if self.chance(0.3):
            lines = ["---" + self.comment(), *lines]
        text = self.newline.join(lines)
        last = lines[-1] if lines else ""
        # a block of text needs its line end
        if self.chance(0.8) or self.ends_in_text or not last.strip():
            text += self.newline
        return ("\ufeff" if self.chance(0.1) else "") + text

    def comment(self) -> str:
        """What may stand behind a value."""
        self.count += 1
        return f" # c{self.count}: {{x" if self.chance(self.comment_at) else " " * self.chance(0.1)

    def above(self, indent: int) -> list[str]:
        """What may stand above an entry."""
        self.count += 1
        if self.chance(self.comment_at):
            # a blank line below a block of text may be part of it
            blank = not self.ends_in_text and self.chance(0.3)
            return ["" if blank else " " * self.random.choice((indent, indent, 0)) + f"# above {self.count}"]
        return []

    # ------------------------------------------------------------------------------------ block

    ends_in_text = False

    def block(self, value: Any, indent: int) -> list[str]:
        """The lines of a collection with content, indented."""
        lines: list[str] = []
        for entry in value.items() if isinstance(value, dict) else value:
            head, item = (self.key(entry[0]) + ":", entry[1]) if isinstance(value, dict) else ("-", entry)
            lines += self.above(indent)
            self.ends_in_text = False
            lines += self.entry(" " * indent + head, item, indent, of_list=head == "-")
        return lines

    def entry(self, head: str, value: Any, indent: int, *, of_list: bool) -> list[str]:
        if isinstance(value, (dict, list)) and value and not self.chance(self.flow_at):
            below = indent + (self.step if isinstance(value, dict) or of_list else self.dash)
            if of_list and self.chance(0.8):
                return self.compact(head, value, indent)
            return [head + self.comment(), *self.block(value, max(below, indent + of_list))]
        if isinstance(value, str) and self.chance(0.3) and (text := self.text_block(value, indent + self.step)):
            self.ends_in_text = True
            return [head + " " + text[0] + self.comment(), *text[1:]]
        if value is None and self.chance(0.3):
            return [head + self.comment()]
        if self.chance(0.1) and not of_list:
            return [head + self.comment(), " " * (indent + self.step) + self.flow(value, indent + 1) + self.comment()]
        return [head + " " + self.flow(value, indent + 1) + self.comment()]

    def compact(self, head: str, value: Any, indent: int) -> list[str]:
        width = self.random.choice((2, 2, 3))
        lines = self.block(value, indent + width)
        while (lines and not lines[0].strip()) or lines[0].lstrip().startswith("#"):
            lines.pop(0)  # nothing may stand above on the line of the dash
        return [head + " " * (width - 1) + lines[0].lstrip(" "), *lines[1:]]

    def text_block(self, text: str, indent: int) -> list[str]:
        if not text.strip() or text[0] in " \n\t" or not _PRINTABLE.fullmatch(text) or "\t" in text:
            return []
        if text.rstrip(" ") != text or text.endswith(" \n"):
            return []
        chomp = "+" if text.endswith("\n\n") else "" if text.endswith("\n") else "-"
        body = text.split("\n")
        if text.endswith("\n"):
            body.pop()
        return ["|" + chomp, *(" " * indent + line if line else "" for line in body)]

    # ------------------------------------------------------------------------------------- flow

    def flow(self, value: Any, indent: int) -> str:
        if not isinstance(value, (dict, list)):
            return self.scalar(value)
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        entries = []
        for entry in value.items() if isinstance(value, dict) else value:
            if isinstance(value, dict):
                entries.append(f"{self.key(entry[0])}: {self.flow(entry[1], indent + 1)}")
            else:
                entries.append(self.flow(entry, indent + 1))
        if not entries:
            return opening + closing
        trailing = "," if self.chance(0.1) else ""
        if self.chance(0.3):
            inner = self.newline + " " * (indent + 1)
            body = inner.join(
                entry + ("," if n < len(entries) - 1 else trailing) + self.comment() for n, entry in enumerate(entries)
            )
            return opening + inner + body + self.newline + " " * indent + closing
        space = self.random.choice(("", "", " "))
        return opening + space + ", ".join(entries) + trailing + space + closing

    def key(self, key: str) -> str:
        return self.scalar(key)

    def scalar(self, value: Any) -> str:
        if value is None:
            return self.random.choice(("null", "~"))
        if isinstance(value, bool):
            return self.random.choice(("true", "yes", "on") if value else ("false", "no", "off"))
        if not isinstance(value, str):
            return repr(value)
        if _PLAIN.fullmatch(value) and value.lower() not in _NOT_PLAIN and self.chance(0.7):
            return value
        if _PRINTABLE.fullmatch(value) and not set(value) & {"\n", "\t"} and self.chance(0.5):
            return "'" + value.replace("'", "''") + "'"
        escaped = json.dumps(value, ensure_ascii=False)
        return re.sub("[\x7f-\xa0\u2028\u2029\ufeff\ufffe\uffff]", lambda odd: f"\\u{ord(odd[0]):04x}", escaped)
