"""Where the comments of a text in HCL stand: not in its strings, nor in its heredocs.

Reference: https://github.com/hashicorp/hcl/blob/main/hclsyntax/spec.md (comments, template expressions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from batten.pattern import pattern

_CODE: Final = pattern(
    r'(?P<comment>(?:#|//)[^\n]*|/\*.*?\*/)|/\*.*|"|<<-?(?P<name>[^\W\d][\w-]*)[ \t\r]*\n|[{}]', re.DOTALL
)
_STRING: Final = pattern(r'\\.|\$\$\{|%%\{|[$%]\{|"|\n', re.DOTALL)


def comments(text: str) -> Iterator[tuple[int, int]]:
    """(start, end) of each comment, in characters and in order; none behind a string that its line does not end."""
    at = 0
    outer: list[int] = []
    """How many braces were open where each `${` began that is open still."""
    braces, quoted = 0, False
    while (found := (_STRING if quoted else _CODE).search(text, at)) is not None:
        at, word = found.end(), found[0]
        if quoted:
            if word == "\n":
                return
            if word == '"':
                quoted = False
            elif word in ("${", "%{"):
                outer.append(braces)
                braces, quoted = 0, False
        elif found["comment"] is not None:
            yield found.span("comment")
        elif word == '"':
            quoted = True
        elif word == "{":
            braces += 1
        elif word == "}":
            if braces == 0 and outer:
                braces, quoted = outer.pop(), True
            else:
                braces = max(braces - 1, 0)
        elif found["name"] is not None:
            close = re.compile(rf"^[ \t]*{re.escape(found['name'])}[ \t\r]*$", re.MULTILINE).search(text, at)
            if close is None:
                return
            at = close.end()
