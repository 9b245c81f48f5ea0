"""Texts that are surely meant for waivers and are not written as one: a silent one would be taken for honoured.

A comment or an annotation in which the word batten merely stands is none of them: what comes after the word has to
be the verb, or near it, or a word that other tools use for it beside the identifier of a check.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten.engine.waive import IDENTIFIER, KNOWN
from batten.pattern import pattern

_COMMENT: Final = pattern(
    r"(?:#|//|;)[ \t]*(?P<whole>(?P<name>batten)(?P<mark>[ \t]*:|[ \t]*=|[-._/]?)[ \t]*(?P<word>[a-z][a-z_-]*)?"
    r"(?P<tail>[^\n]*))",
    re.IGNORECASE,
)
_BRACKETS: Final = pattern(r"[ \t:=]*[\[({]")
_NAMED: Final = pattern(rf"[ \t:=\[({{'\"]*(?:(?:check|id)s?[ \t:=]+)?{IDENTIFIER}", re.IGNORECASE)
_BETWEEN: Final = pattern(r"[ \t,;|+:=\[(\]{'\"]*(?:(?:check|id)s?[ \t:=]+)?", re.IGNORECASE)
_PROSE: Final = frozenset({"ignored", "ignores", "ignoring"})
_OTHER_WORDS: Final = frozenset(
    ("accept", "allow", "disable", "except", "exclude", "exempt", "mute", "nolint", "noqa", "off", "silence", "skip",
     "suppress", "waive", "waived", "waiver")
)  # fmt: skip
_LIKE: Final = 0.75  # of the letters of a word that are those of another, in order
_PART: Final = pattern(r"[a-z]+")
_SHOWN: Final = 80


class Slip(Struct, frozen=True):
    """`start`, `end`: of the text, in characters; `identifiers`: of the checks that it names, in capitals."""

    start: int
    end: int
    identifiers: tuple[str, ...]
    message: str


def comments(text: str, start: int = 0, end: int | None = None) -> Iterator[Slip]:
    """The slips in a comment, which stands from `start` to `end` of the text, in order."""
    for match in _COMMENT.finditer(text, start, len(text) if end is None else end):
        if _is_meant(match):
            named = _identifiers(match["tail"])
            found = " ".join(match["whole"].split())[:_SHOWN]
            expected = f"expected `batten: {_verb(match)}[{','.join(named) or 'PRV001'}] reason`, found `{found}`"
            yield Slip(match.start("name"), match.start() + len(match[0].rstrip()), named, expected)


def _is_meant(match: re.Match[str]) -> bool:
    word, tail = (match["word"] or "").lower(), match["tail"]
    names = bool(_NAMED.match(tail))
    if not word:
        return ":" in match["mark"] and bool(_BRACKETS.match(tail)) and names
    first = _PART.match(word)
    verb = first[0] if first is not None else word
    if verb in _OTHER_WORDS:
        return names
    if not like(verb, "ignore"):
        return False
    if ":" in match["mark"] and verb not in _PROSE:
        return True
    return names or bool(_BRACKETS.match(tail))


def _verb(match: re.Match[str]) -> str:
    return "ignore-file" if "file" in (match["word"] or "").lower() else "ignore"


def _identifiers(text: str) -> tuple[str, ...]:
    """Those that stand before the reason."""
    found: dict[str, None] = {}
    at = 0
    while (match := KNOWN.search(text, at)) is not None:
        if _BETWEEN.fullmatch(text[at : match.start()]) is None:
            break
        found[match[0].upper()] = None
        at = match.end()
    return tuple(found)


def annotation(key: str, domain: str) -> tuple[tuple[str, ...], bool]:
    """(identifiers that the key of an annotation names, whether it is meant for a waiver). `domain`: ours."""
    lower = key.lower()
    before, slash, name = lower.rpartition("/")
    labels = re.split(r"[.\-_]", before)
    ours = "batten" in labels or like(before, domain)
    words = [word for word in re.split(r"[.\-_/:]", name if slash else lower) if word]
    if not slash:
        ours, words = "batten" in words, [word for word in words if word != "batten"]
    named = tuple(dict.fromkeys(found.upper() for found in KNOWN.findall(name)))
    spoken = [*words[:2], *(label for label in labels if label != "batten")]
    verb = any(like(word, "ignore") or word in _OTHER_WORDS for word in spoken)
    return named, ours and verb


def like(word: str, other: str) -> bool:
    """Whether a word is another one, but for a slip."""
    if word == other:
        return True
    if abs(len(word) - len(other)) > 2 or not set(word[:2]) & set(other[:2]):
        return False
    from difflib import SequenceMatcher

    return SequenceMatcher(None, word, other).ratio() >= _LIKE
