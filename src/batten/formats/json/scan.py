"""JSON text -> values, and -> a tree with places. RFC 8259; what is read must be UTF-8 text by now."""

from __future__ import annotations

import re
from typing import Any, Final

from msgspec import Struct

from batten.formats.tree import MAP, SCALAR, SEQ, Node, Tree
from batten.limits import JSON_ESCAPES, YAML_DEPTH, YAML_NODES, YAML_PLACES
from batten.model.source import Unreadable
from batten.pattern import pattern

_MARK = pattern(r'"[^"\\]*(?:\\.[^"\\]*)*"?|([\[{])|([\]}])|([,:])', re.DOTALL)
# of a text that is known to be JSON: what separates values says nothing then
_TOKEN = pattern(r'[ \t\r\n,:]*(?:([{}\[\]])|("[^"\\]*(?:\\.[^"\\]*)*")|([^ \t\r\n{}\[\],:"]+))')
_SURROGATE = pattern(r"\\u[dD][89a-fA-F]")
_ESCAPE = pattern(
    r"(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|(\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.", re.DOTALL
)
_EXPECTED: Final = (
    ("Expecting value", "a value"),
    ("Expecting property name", "a key in double quotes"),
    ("Illegal trailing comma", "a value after the comma"),
    ("Expecting ':'", "`:`"),
    ("Expecting ','", "`,` or a closing bracket"),
    ("Extra data", "the end of the document"),
    ("Unterminated string", "the closing quote of the string that begins here"),
    ("Invalid control character", "an escape instead of a control character"),
    ("Invalid \\", "an escape that JSON knows"),
)


class Parsed(Struct, gc=False):
    """A document's value; `repeated`: some object has a key twice (the last one counts). `size`: its keys and
    values, at most; collections count twice."""

    value: Any = None
    repeated: bool = False
    size: int = 0


def parse(text: str, line: int = 1) -> Parsed:
    """The value of the JSON document `text`, which begins on line `line` of its file.

    An integer beyond 64 bits becomes a float, as in Go; a lone surrogate becomes U+FFFD. Raises `Unreadable`:
    also for NaN, Infinity and numbers that no float holds.
    """
    from json import JSONDecodeError, JSONDecoder

    parsed = Parsed(size=_size(text, line))

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        mapping = dict(items)
        if len(mapping) != len(items):
            parsed.repeated = True
        return mapping

    decoder = JSONDecoder(object_pairs_hook=pairs, parse_constant=_constant, parse_float=_float, parse_int=_integer)
    try:
        parsed.value = decoder.decode(_without_lone_surrogates(text))
    except JSONDecodeError as error:
        raise Unreadable(_explain(error.msg, text, error.pos), line + text.count("\n", 0, error.pos)) from None
    except ValueError as error:
        raise Unreadable(str(error), line) from None
    return parsed


def compose(text: str, start: int, end: int) -> Tree:
    """The tree of the JSON document between `start` and `end` of `text`, which `parse` has taken."""
    stack: list[Node] = []
    root: Node | None = None
    keys: dict[str, str] = {}  # one text for all keys that are alike
    position = start
    while root is None or stack:
        token = _TOKEN.match(text, position, end)
        if token is None:
            raise Unreadable("expected JSON")
        position = token.end()
        mark = token[1]
        if mark == "}" or mark == "]":
            stack.pop().end = position
            continue
        begin = token.start(token.lastindex or 0)
        if mark is not None:
            node = Node(MAP if mark == "{" else SEQ, begin, begin, position, mark, items=[])
        elif token[2] is not None:
            key = ""
            if stack and stack[-1].kind == MAP and not len(stack[-1].items) % 2:
                key = _string(token[2])
                key = keys.setdefault(key, key)
            node = Node(SCALAR, begin, begin, position, '"', key)
        else:
            node = Node(SCALAR, begin, begin, position)
        if stack:
            stack[-1].items.append(node)
        else:
            root = node
        if mark is not None:
            stack.append(node)
    return Tree(text, start, end, root, json=True)


def _string(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    from json import loads

    value: str = loads(_without_lone_surrogates(token))
    return value


def _without_lone_surrogates(text: str) -> str:
    if _SURROGATE.search(text) is None:
        return text
    return _ESCAPE.sub(lambda escape: "\\ufffd" if escape[2] else escape[0], text)


def _size(text: str, line: int) -> int:
    """Keys and values, at most. Refuses what would cost too much before it is parsed: nesting, and their number."""
    if text.count("\\") > JSON_ESCAPES:
        raise Unreadable(f"expected at most {JSON_ESCAPES} backslashes in one document, found more", line)
    opened = text.count("[") + text.count("{")
    most = 2 * opened + text.count(",") + text.count(":")
    if opened <= YAML_DEPTH and most <= YAML_PLACES:
        return most
    depth = nodes = 0
    for token in _MARK.finditer(text):
        if token[1]:
            depth += 1
            nodes += 1
            if depth > YAML_DEPTH:
                line += text.count("\n", 0, token.start())
                raise Unreadable(f"expected at most {YAML_DEPTH} nested levels, found more", line)
        elif token[2]:
            depth -= 1
            continue
        elif not token[3]:
            continue
        nodes += 1
        if nodes >= YAML_NODES:
            line += text.count("\n", 0, token.start())
            raise Unreadable(f"expected at most {YAML_NODES} values in one document, found more", line)
    return nodes


def _constant(name: str) -> Any:
    raise ValueError(f"expected a JSON number, found {name}")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"expected a number that fits 64 bits, found {text[:40]}")
    return number


def _integer(text: str) -> int | float:
    if len(text) < 19:
        return int(text)
    if len(text) > 40:
        return _float(text)
    number = int(text)
    return number if -(2**63) <= number < 2**64 else float(number)


def _explain(message: str, text: str, position: int) -> str:
    expected = next((words for start, words in _EXPECTED if message.startswith(start)), message)
    rest = text[position : position + 200].lstrip().split("\n", 1)[0].rstrip()
    if not rest:
        found = "the end of the document"
    else:
        found = f"`{rest}`" if len(rest) <= 40 else f"`{rest[:37]}…`"
    return f"expected {expected}, found {found}"
