"""Functions of texts (https://opentofu.org/docs/language/functions, "String functions").

Terraform counts what a reader sees as one letter (grapheme clusters); where a letter may be made of several code
points, nothing is counted here.
"""

from __future__ import annotations

from collections.abc import Callable
from posixpath import normpath
from typing import Any, Final
from unicodedata import category

from batten.formats.terraform.functions.convert import Refused
from batten.limits import TERRAFORM_ITEMS, TERRAFORM_TEXT

_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"
)
# scripts of which each code point but the marks is a letter; Chinese, Japanese and Korean
_ALONE: Final = (("\0", "\u05ff"), ("\u2010", "\u2027"), ("\u3000", "\u9fff"), ("\uac00", "\ud7a3"))


def letters(text: str) -> str:
    """The text, where each code point of it is a letter of its own. Raises `Refused` where that is not certain."""
    if "\r\n" in text or (not text.isascii() and not all(map(_stands_alone, text))):
        raise Refused
    return text


def _stands_alone(letter: str) -> bool:
    return any(first <= letter <= last for first, last in _ALONE) and category(letter)[0] != "M" and letter != "\xad"


def bounded(size: int) -> None:
    """Raises `Refused` before a text is made that is longer than any real one."""
    if size > TERRAFORM_TEXT:
        raise Refused


def _joined(separator: str, *lists: list[str]) -> str:
    found = [one for each in lists for one in each]
    bounded(sum(len(one) + len(separator) for one in found))
    return separator.join(found)


def _split(separator: str, text: str) -> list[str]:
    if (text.count(separator) if separator else len(text)) >= TERRAFORM_ITEMS:
        raise Refused
    return text.split(separator) if separator else list(text)


def _substr(text: str, at: int, length: int) -> str:
    """From the end where `at` is negative, to the end where `length` is."""
    letters(text)
    if at >= 0 and length == 0:
        return ""
    at += len(text) if at < 0 else 0
    text = text[max(at, 0) :]
    # asked for nothing at a place from the end, Terraform gives all of it
    return text if length <= 0 else text[:length]


def _indent(spaces: int, text: str) -> str:
    if spaces < 0:
        raise Refused
    bounded(len(text) + spaces * text.count("\n"))
    return text.replace("\n", "\n" + " " * spaces)


def _title(text: str) -> str:
    found = []
    before = " "
    for one in text:
        found.append(_one_letter(one.title()) if _separates(before) else one)
        before = one
    return "".join(found)


def _separates(letter: str) -> bool:
    """Go's `strings.Title`: of what is no ASCII, only blanks."""
    if letter.isascii():
        return not (letter.isalnum() or letter == "_")
    return category(letter)[0] not in "LN" and letter in _SPACE


def _one_letter(made: str) -> str:
    """Raises `Refused` where a letter comes to several, which Go's tables do not know."""
    if len(made) != 1:
        raise Refused
    return made


def _lower(text: str) -> str:
    return text.lower() if text.isascii() else "".join(_one_letter(one.lower()) for one in text)


def _upper(text: str) -> str:
    return text.upper() if text.isascii() else "".join(_one_letter(one.upper()) for one in text)


def clean(path: str) -> str:
    """Go's `path.Clean`."""
    return normpath("/" + path.lstrip("/") if path.startswith("//") else path)


def _basename(path: str) -> str:
    if not path:
        return "."
    return path.rstrip("/").rpartition("/")[2] or "/"


def _dirname(path: str) -> str:
    return clean(path.rpartition("/")[0] + ("/" if "/" in path else ""))


def _pathexpand(path: str) -> str:
    if path.startswith("~"):
        raise Refused
    return path


def _abspath(path: str) -> str:
    if not path.startswith("/"):
        raise Refused
    return clean(path)


FUNCTIONS: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "abspath": ("text", _abspath),
    "basename": ("text", _basename),
    "chomp": ("text", lambda text: text.rstrip("\r\n")),
    "dirname": ("text", _dirname),
    "endswith": ("text text", str.endswith),
    "indent": ("whole text", _indent),
    "join": ("text texts *texts", _joined),
    "lower": ("text", _lower),
    "pathexpand": ("text", _pathexpand),
    "split": ("text text", _split),
    "startswith": ("text text", str.startswith),
    "strcontains": ("text text", str.__contains__),
    "strrev": ("text", lambda text: letters(text)[::-1]),
    "substr": ("text whole whole", _substr),
    "title": ("text", _title),
    "trim": ("text text", str.strip),
    "trimprefix": ("text text", str.removeprefix),
    "trimspace": ("text", lambda text: text.strip(_SPACE)),
    "trimsuffix": ("text text", str.removesuffix),
    "upper": ("text", _upper),
}
