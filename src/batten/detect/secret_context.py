"""Settings in any text: `password: x`, `API_KEY=x`, `"token": "x"`, a name beside its value.

No parser: the same few shapes stand in YAML, JSON, environment files, shell, HCL and INI, in strings
inside of them, and in files that no parser reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from batten import limits
from batten.detect.secret_names import Name, name_kind
from batten.pattern import pattern

_SYLLABLES: Final = ("pass", "pw", "secret", "token", "key")
"""One of these stands in every name that `secret_names.name_kind` knows."""

_NAME_CHARACTERS: Final = 128
# From a syllable on: the rest of the name, what separates it from the value, the value's first character.
# Of a list's words: `"--password", "x"` and, on lines of their own, `- --password` and `- x`.
_LISTED: Final = pattern(
    r"([\w.-]{0,80}+)(\\?[\"']?)[ \t]{0,8}(?:(,)[ \t]{0,8}(?:\r?\n[ \t]{0,80})?|\r?\n[ \t]{0,80}-[ \t]{1,8})(?=[^\s\-])"
)
_BEFORE_LIST: Final = (":", "-", "[", ",")
_LISTED_BEFORE: Final = pattern(r"[ \t]*-[ \t]{1,8}\\?[\"']?\Z")
# Their --password takes its value behind an equals sign alone, or asks for it: the next word is a database.
_ASKING: Final = pattern(
    r"(?<![\w.-])(?:psql|pg_\w{1,16}|createdb|createuser|mysql\w{0,8}|mariadb(?:-\w{1,12})?)[\"',\s][^;|&]*\Z"
)
_SWITCHES: Final = frozenset(
    ("no", "ask", "prompt", "skip", "without", "disable", "enable", "allow", "generate", "random")
)
"""What flags begin with that take no value: `pg_dump --no-password shop`, `ansible --ask-pass`."""
_PART: Final = pattern(r"(?:id|type|src|source|env|name|target)=")
"""How what says where a secret is begins: `docker build --secret id=npm,src=.npmrc`."""
_SETTING: Final = pattern(r"([\w.-]{0,80}+)(\\?[\"']?)([ \t]{0,8}(?:=>|:=|[=:])[ \t]{0,40}|[ \t]{1,2})(?=[^\s])")
# `- name: DB_PASSWORD`, then `value: x` behind a comma or on the next line.
_PAIR: Final = pattern(
    r"([\w.-]{0,80}+)\\?[\"']?[ \t]{0,8},?[ \t]{0,8}(?:\r?\n[ \t]{0,80})?"
    r"\\?[\"']?[Vv](?:alue|ALUE)\\?[\"']?[ \t]{0,8}[:=][ \t]{0,40}(?=\S)"
)
_PAIR_NAME: Final = pattern(r"(?:name|key)\\?[\"']?[ \t]{0,8}[:=][ \t]{0,8}\\?[\"']?$", re.IGNORECASE)
_LINE_CHARACTERS: Final = 256
# What may stand before a key that is followed by a colon: indentation, list marks, quotes, brackets, comments.
_BEFORE_KEY: Final = pattern(r"(?:^|[{,\[(])[ \t\-?#/*]*\\?[\"']?$")
_BEFORE_ASSIGNED: Final = frozenset(" \t\"'`;&?,{([-!|=")
_REGISTRY: Final = "/:"
"""What a registry ends with before its setting in .npmrc: `//registry.example/:_password=x`."""
_QUOTED: Final = {quote: pattern(rf"(?:[^{quote}\\\n]|\\.){{0,4096}}+(?={quote})") for quote in ('"', "'", "`")}
_ESCAPED_QUOTED: Final = pattern(r"[^\"\\\n]{0,4096}+(?=\\\")")
_PLAIN: Final = pattern(r"[^\n\r]{0,1025}")
_WORD: Final = pattern(r"[^\s;&,\"'`<>)|\\]{0,1025}")
_OF_CONNECTION: Final = pattern(r"[^\s;\"'`<>]{0,1025}")
"""A value in `Server=db;Password=x&y;`: there a semicolon alone ends it."""
_EXPRESSION: Final = pattern(r"[.(\[]")
_COMMENT: Final = pattern(r"[ \t]#|,[ \t]*[\"'\w]+[ \t]*:")


class Setting(Struct, frozen=True):
    """A name of a secret with what it is set to; `start` and `end` are the value's offsets."""

    name: str
    kind: Name
    start: int
    end: int
    in_comment: bool
    is_quoted: bool


def settings(text: str, lowered: str, start: int, end: int) -> Iterator[Setting]:
    """The settings between two offsets. `lowered` is `text` in small letters, of the same length."""
    seen = -1
    for position in _candidates(lowered, start, end):
        if position < seen:  # `secret_key` has two syllables
            continue
        match = _SETTING.match(text, position, end)
        pair = None if match else _PAIR.match(text, position, end)
        found = match or pair or _LISTED.match(text, position, end)
        if found is None:
            continue
        name_start = _name_start(text, position, start)
        raw_name = text[name_start : found.end(1)]
        separator = ":" if pair else found[3].strip() if match else ""
        line_start = text.rfind("\n", max(start, name_start - _LINE_CHARACTERS), name_start) + 1
        line = text[max(start, line_start, name_start - _LINE_CHARACTERS) : name_start]
        if pair:
            is_set = _PAIR_NAME.search(line) is not None
        elif match:
            is_set = _is_assigned(separator, raw_name, line)
        else:
            is_set = _is_listed(text, found, raw_name, line)
        if not is_set:
            continue
        name = raw_name.strip("-.")
        kind = name_kind(name)
        if kind is None:
            continue
        seen = found.end(1)
        begin = found.end()
        if separator == ":" and line.endswith("${"):  # what is said, or put in, where a variable has (no) value
            if text[begin] in "?+":
                continue
            begin += text[begin] in "-=" and begin + 1 < end
        value = _value(text, begin, end, separator, line)
        if value is None or (not separator and _is_no_argument(raw_name, text[slice(*value)], line)):
            continue
        is_quoted = text[begin] in "\"'`\\"
        if (
            not is_quoted
            and separator != ":"
            and _is_variable(text[slice(*value)], name, text[found.end() - 1] in " \t")
        ):
            continue
        in_comment = line.lstrip(" \t-").startswith(("#", "//", "*", ";")) and not line.endswith(_REGISTRY)
        yield Setting(name, kind, *value, in_comment, is_quoted)


def _candidates(lowered: str, start: int, end: int) -> list[int]:
    """Where a syllable of a secret's name stands, in order."""
    found: list[int] = []
    for syllable in _SYLLABLES:
        position = lowered.find(syllable, start, end)
        room = len(found) + limits.SECRET_NAMES_PER_FILE
        while position >= 0 and len(found) < room:
            found.append(position)
            position = lowered.find(syllable, position + len(syllable), end)
    found.sort()
    return found


def _name_start(text: str, position: int, start: int) -> int:
    lowest = max(start, position - _NAME_CHARACTERS)
    while position > lowest and ((before := text[position - 1]).isalnum() or before in "_-."):
        position -= 1
    return position


def _is_assigned(separator: str, raw_name: str, line: str) -> bool:
    """Is a name with this separator behind it, after `line`, set to something, or is it prose?"""
    if not separator:  # `--requirepass x`, and `ENV PASSWORD x` in a Dockerfile
        return raw_name.startswith("--") or line.strip().upper() == "ENV"
    if separator == ":":
        return _BEFORE_KEY.search(line) is not None
    return not line or line[-1] in _BEFORE_ASSIGNED or line.endswith(_REGISTRY)


def _is_listed(text: str, found: re.Match[str], raw_name: str, line: str) -> bool:
    """Is a name the flag in a list whose next word is its value? In a line both are quoted, or a bracket is open."""
    if not raw_name.startswith("-"):
        return False
    if found[3] is None:
        return _LISTED_BEFORE.match(line) is not None
    if found[2]:
        return line.endswith(found[2]) and text[found.end()] in "\\\"'"
    bracket = line.rfind("[")
    is_open = bracket > line.rfind("]") and line[:bracket].rstrip()[-1:] in _BEFORE_LIST
    return is_open and text[found.end()] not in "\\\"'"


def _is_no_argument(raw_name: str, value: str, line: str) -> bool:
    """Is the word behind a flag something else than its value? No of what is no flag, as in `ENV PASSWORD x`."""
    if not raw_name.startswith("-"):
        return False
    name = raw_name.strip("-.")
    if value.startswith("-") or _PART.match(value) or name.partition("-")[0].lower() in _SWITCHES:
        return True
    # `option("--db-password", "db_password")`: what a program calls it
    return value.lower().replace("_", "-") == name.lower() or _ASKING.search(line) is not None


def _is_variable(value: str, name: str, is_spaced: bool) -> bool:
    """Is a bare word behind an equals sign what a program calls the secret, as in `password = password`?"""
    if value == name.rpartition(".")[2]:
        return True
    # `password = module.db.password`, `password = decrypt(x)`: with spaces around the sign it is no shell.
    return is_spaced and (_EXPRESSION.search(value) is not None or name_kind(value) is not None)


def _value(text: str, start: int, end: int, separator: str, line: str) -> tuple[int, int] | None:
    """Where the value that begins at `start` stands, without its quotes; None where it is no literal.

    `line` is what stands before the name.
    """
    first = text[start]
    if first == "\\" and text[start + 1 : start + 2] == '"':
        match = _ESCAPED_QUOTED.match(text, start + 2, end)
        return match.span() if match else None
    if first in _QUOTED:
        match = _QUOTED[first].match(text, start + 1, end)
        return match.span() if match else None
    if separator == ":":
        if first in "!&*|>%@`{[#":  # YAML: tags, anchors, aliases, blocks, collections
            return None
        match = _PLAIN.match(text, start, end)
        value = match[0] if match else ""
        cut = _COMMENT.search(value)
        value = value[: cut.start()] if cut else value
        if line[-1:] in _QUOTED:  # `"X-Token: x"`: the quote before the name ends its value
            value = value.partition(line[-1])[0]
        if "{" in line:
            value = value.partition("}")[0].partition(",")[0]
        value = value.rstrip(" \t,")
        if " " in value:  # prose, a type, a list: a password with spaces is quoted
            return None
        return start, start + len(value)
    is_connection = line.endswith(";") and "=" in line
    match = (_OF_CONNECTION if is_connection else _WORD).match(text, start, end)
    value = match[0] if match else ""
    value = value.partition("}")[0] if line.endswith("${") else value
    value = value.rstrip("]") if "[" in line else value
    return (start, start + len(value)) if value and value[0] != "=" else None
