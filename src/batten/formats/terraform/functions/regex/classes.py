"""Classes of letters: which letters one place of a regular expression takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final
from unicodedata import category

from batten.formats.terraform.functions.convert import Refused
from batten.pattern import pattern

Takes = Callable[[str], bool]
Ranges = list[tuple[str, str]]

_PERL: Final[dict[str, Ranges]] = {
    "d": [("0", "9")],
    "s": [("\t", "\n"), ("\f", "\r"), (" ", " ")],
    "w": [("0", "9"), ("A", "Z"), ("_", "_"), ("a", "z")],
}
_POSIX: Final[dict[str, Ranges]] = {
    "alnum": [("0", "9"), ("A", "Z"), ("a", "z")],
    "alpha": [("A", "Z"), ("a", "z")],
    "ascii": [("\0", "\x7f")],
    "blank": [("\t", "\t"), (" ", " ")],
    "cntrl": [("\0", "\x1f"), ("\x7f", "\x7f")],
    "digit": [("0", "9")],
    "graph": [("!", "~")],
    "lower": [("a", "z")],
    "print": [(" ", "~")],
    "punct": [("!", "/"), (":", "@"), ("[", "`"), ("{", "~")],
    "space": [("\t", "\r"), (" ", " ")],
    "upper": [("A", "Z")],
    "word": _PERL["w"],
    "xdigit": [("0", "9"), ("A", "F"), ("a", "f")],
}
_CATEGORIES: Final = {
    "C": "cfos",
    "L": "lmotu",
    "M": "cen",
    "N": "dlo",
    "P": "cdefios",
    "S": "ckmo",
    "Z": "lps",
}
_CONTROL: Final = {"a": "\a", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_HEXADECIMAL: Final = pattern(r"x(?:\{([0-9A-Fa-f]{1,6})\}|([0-9A-Fa-f]{2}))")
_OCTAL: Final = pattern(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")
_UNICODE: Final = pattern(r"([pP])(?:([A-Z])|\{(\^?)([A-Za-z_]+)\})")
_NAMED: Final = pattern(r"\[:(\^?)([a-z]+):\]")


class Source:
    """A text that is read from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.at = 0

    @property
    def more(self) -> bool:
        return self.at < len(self._text)

    @property
    def next(self) -> str:
        """Raises `Refused` at the end."""
        if not self.more:
            raise Refused
        return self._text[self.at]

    def letter(self) -> str:
        found = self.next
        self.at += 1
        return found

    def take(self, sign: str) -> bool:
        found = self._text.startswith(sign, self.at)
        self.at += len(sign) if found else 0
        return found

    def match(self, form: re.Pattern[str]) -> re.Match[str] | None:
        found = form.match(self._text, self.at)
        self.at = found.end() if found is not None else self.at
        return found

    def until(self, end: str) -> str:
        found, sign, _ = self._text[self.at :].partition(end)
        self.at += len(found) + len(sign)
        return found

    def escaped(self) -> str:
        """The letter that an escape without its backslash stands for. Raises `Refused`."""
        found = self.match(_HEXADECIMAL)
        if found is not None:
            code = int(found[1] or found[2], 16)
            if code > 0x10FFFF:
                raise Refused
            return chr(code)
        octal = self.match(_OCTAL)
        if octal is not None:
            return chr(int(octal[0], 8))
        letter = self.letter()
        if letter in _CONTROL:
            return _CONTROL[letter]
        if not letter.isascii() or letter.isalnum():
            raise Refused
        return letter


def ANY(letter: str) -> bool:
    return True


def NO_NEWLINE(letter: str) -> bool:
    return letter != "\n"


def literal(wanted: str, *, fold: bool) -> Takes:
    return _folding(lambda letter: letter == wanted, wanted.isascii()) if fold else wanted.__eq__


def _folding(takes: Takes, known: bool = True) -> Takes:
    """Without regard to case; Raises `Refused` where there may be more than two forms of a letter."""
    if not known:
        raise Refused

    def either(letter: str) -> bool:
        if not letter.isascii():
            raise Refused
        return takes(letter) or takes(letter.swapcase())

    return either


def _within(ranges: Ranges) -> Takes:
    return lambda letter: any(first <= letter <= last for first, last in ranges)


def _not(takes: Takes) -> Takes:
    return lambda letter: not takes(letter)


def escaped_class(source: Source, *, fold: bool) -> Takes | None:
    """A class that an escape without its backslash stands for; None where it is none."""
    name = source.next
    if name.lower() in _PERL:
        source.letter()
        takes = _within(_PERL[name.lower()])
        takes = _folding(takes) if fold and name.lower() == "w" else takes
        return takes if name.islower() else _not(takes)
    found = source.match(_UNICODE)
    if found is None:
        return None
    wanted = found[2] or found[4]
    if wanted == "Any":
        takes = ANY
    elif wanted[1:] in ("", *_CATEGORIES.get(wanted[:1], "")) and wanted[:1] in _CATEGORIES:
        takes = _category(wanted)
    else:
        raise Refused
    takes = _folding(takes) if fold else takes
    return takes if (found[1] == "p") != bool(found[3]) else _not(takes)


def _category(wanted: str) -> Takes:
    return lambda letter: category(letter).startswith(wanted) and category(letter) != "Cn"


def bracketed(source: Source, *, fold: bool) -> Takes:
    """A class in brackets, after the first of these. Raises `Refused`."""
    negated = source.take("^")
    ranges: Ranges = []
    others: list[Takes] = []
    first = True
    while first or source.next != "]":
        first = False
        named = source.match(_NAMED)
        if named is not None:
            inside = _within(_POSIX[named[2]]) if named[2] in _POSIX else None
            if inside is None:
                raise Refused
            inside = _folding(inside) if fold else inside
            others.append(_not(inside) if named[1] else inside)
            continue
        if source.take("\\"):
            known = escaped_class(source, fold=fold)
            if known is not None:
                others.append(known)
                continue
            begin = source.escaped()
        else:
            begin = source.letter()
        ranges.append((begin, _range_end(source, begin)))
    source.letter()
    plain = _within(ranges)
    if fold and ranges:
        plain = _folding(plain, all(last.isascii() for _, last in ranges))

    def takes(letter: str) -> bool:
        return plain(letter) or any(one(letter) for one in others)

    return _not(takes) if negated else takes


def _range_end(source: Source, begin: str) -> str:
    before = source.at
    if not source.take("-") or source.next == "]":
        source.at = before
        return begin
    end = source.escaped() if source.take("\\") else source.letter()
    if end < begin:
        raise Refused
    return end
