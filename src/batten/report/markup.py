"""Builds HTML that cannot be broken out of: what is no `Markup` is text and is escaped.

Characters that a browser would obey rather than show (controls, directions) become visible escapes.
"""

from __future__ import annotations

from html import escape as _escape_html
from typing import Final

from batten.report.text import one_line, printable_lines

_VOID: Final = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_ESCAPED: Final = frozenset("&<>\"'")


class Markup(str):
    """HTML that was built here."""

    __slots__ = ()


def text(value: str) -> Markup:
    """`value` as text of an element or of an attribute."""
    return Markup(_escape_html(printable_lines(value), quote=True))


def tag(name: str, /, *children: str | Markup | None, **attributes: str | int | bool | None) -> Markup:
    """An element. Attribute names are written with `_` for `-`, a final one is dropped (`class_`).

    An attribute that is True stands alone, one that is False or None is left out. Values are escaped,
    and must not be addresses or scripts that come from a report (see `link`).
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        word = key.rstrip("_").replace("_", "-")
        if value is True:
            parts.append(f" {word}")
        elif isinstance(value, int) or value.__class__ is Markup:
            parts.append(f' {word}="{value}"')
        else:
            parts.append(f' {word}="{text(value)}"')
    parts.append(">")
    if name in _VOID:
        return Markup("".join(parts))
    for child in children:
        if child:
            parts.append(child if child.__class__ is Markup else text(child))
    parts.append(f"</{name}>")
    return Markup("".join(parts))


def join(parts: list[Markup], separator: str = "") -> Markup:
    """One after the other."""
    return Markup(separator.join(parts))


def prose(paragraph: str) -> Markup:
    """A paragraph on one line; what stands between backticks is code."""
    parts = one_line(paragraph).split("`")
    if len(parts) % 2 == 0:  # a backtick without its second is a backtick
        return text("`".join(parts))
    return join([tag("code", part) if index % 2 else text(part) for index, part in enumerate(parts)])


def link(address: str, label: str) -> Markup:
    """A link where the address is one of the web, else its text: `javascript:` is never followed."""
    if not address.lower().startswith(("https://", "http://")):
        return text(label)
    return tag("a", label, href=address, rel="noopener noreferrer")
