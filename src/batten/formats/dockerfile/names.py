"""Is this file a Dockerfile? By its name, then by what it begins with."""

from __future__ import annotations

import re
from typing import Final

from batten.limits import SNIFF_BYTES
from batten.pattern import pattern

_NAME: Final = pattern(
    r"(?:dockerfile|containerfile)(?:[._-].*|\d*)|.*[._-](?:dockerfile|containerfile)", re.IGNORECASE | re.DOTALL
)
_EXACT: Final = frozenset({"dockerfile", "containerfile"})
_OTHER_FORMATS: Final = pattern(
    r"\.(?:dockerignore|md|markdown|rst|txt|adoc|html?|ya?ml|json5?|toml|ini|cfg|xml|lock|py|go|rs|js|ts|java|rb|c|h|sh|"
    r"png|svg|gif|diff|patch|sum|sig|asc|sha256|zip|gz|tgz|swp)\Z",
    re.IGNORECASE,
)
_DIRECTIVE: Final = pattern(rb"#[ \t]*(?:syntax|escape|check)[ \t]*=[ \t]*[^ \t\r\n]", re.IGNORECASE)
_FIRST: Final = pattern(rb"(?:FROM|ARG)(?:[ \t\r\n\\`]|\Z)", re.IGNORECASE)
_WHOLE_FIRST: Final = pattern(
    rb"""(?: FROM (?:[ \t]++--[^ \t\r\n]++)*+ [ \t]++[^ \t\r\n\\`-][^ \t\r\n]*+ (?:[ \t]++AS[ \t]++[\w.-]++)?+
    | ARG [ \t]++[A-Za-z_]\w*+ (?:=[^\r\n]*+)?+ )
    [ \t]*+ (?:[\\`][ \t]*+)?+ (?:[\r\n]|\Z)""",
    re.IGNORECASE | re.VERBOSE,
)
_TEMPLATE: Final = pattern(rb"\{\{|\{%|\{#|<%")
_NOT_CONTENT: Final = pattern(rb"(?:[ \t\r\n\v\f]++|#[^\n]*+)*+")


def has_dockerfile_name(path: str) -> bool:
    """`Dockerfile`, `Dockerfile.dev`, `api.Dockerfile`, `Containerfile-prod`; not `Dockerfile.md`."""
    name = path.rpartition("/")[2]
    if "erfile" not in name.lower():
        return False  # most names
    return _NAME.fullmatch(name) is not None and _OTHER_FORMATS.search(name) is None


def looks_like_dockerfile(path: str, head: bytes) -> bool:
    """Whether a file called `path` that begins with `head` is one: its first word is FROM or ARG, or its name is
    `Dockerfile` and no more: whatever it holds then, a builder takes it, and its reader tells what is wrong with it.

    One that begins as a template counts, to be told that it must be rendered.

    A parser directive on the first line counts too, as does a head that is nothing but comments and was
    cut at `SNIFF_BYTES`, and the byte order mark of UTF-16 (to be told that it cannot be read).
    """
    if not has_dockerfile_name(path):
        return False
    return path.rpartition("/")[2].lower() in _EXACT or begins_as_dockerfile(head) or begins_as_template(head)


def begins_as_template(head: bytes) -> bool:
    """Whether what `head` begins with, but for comments, is a template's."""
    skipped = _NOT_CONTENT.match(head.removeprefix(b"\xef\xbb\xbf"))
    return skipped is not None and _TEMPLATE.match(skipped.string, skipped.end()) is not None


def begins_as_dockerfile(head: bytes, *, whole: bool = False) -> bool:
    """Whether `head` begins as Dockerfiles do; `whole`: the first instruction is looked at to its end, because
    the name says nothing (`from x import y` is Python)."""
    if whole and b"\0" in head:
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return not whole
    head = head.removeprefix(b"\xef\xbb\xbf")
    if _DIRECTIVE.match(head):
        return True
    skipped = _NOT_CONTENT.match(head)
    rest = head[skipped.end() :] if skipped else head
    if whole:
        return _WHOLE_FIRST.match(rest) is not None
    if not rest:
        return len(head) >= SNIFF_BYTES - 3
    return _FIRST.match(rest) is not None
