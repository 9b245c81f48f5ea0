"""What libyaml says about broken YAML, as: what was expected, what was found, what to do."""

from __future__ import annotations

from typing import Any

from batten.model.source import Unreadable
from batten.pattern import pattern

_CONTROL = pattern("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]|\ufeff")
_END = "the end of the document"
_TAB = "expected spaces as indentation, found a tab; replace it by spaces"

# problem -> message; {found}: what stands at the place, {line}: where the construct begins
_MESSAGES = {
    "did not find expected node content": "expected a value, found {found}",
    "could not find expected ':'": "expected `key: value`, found a line without a colon",
    "did not find expected key": "expected a key of the mapping that begins on line {line}, found {found}; "
    "check the indentation and the quotes",
    "did not find expected '-' indicator": "expected the next `-` of the list that begins on line {line}, "
    "found {found}; check the indentation",
    "did not find expected ',' or ']'": "expected `,` or `]` in the list opened on line {line}, found {found}",
    "did not find expected ',' or '}'": "expected `,` or `}}` in the mapping opened on line {line}, found {found}",
    "did not find expected <document start>": "expected `---` or the end of the document, found {found}",
    "mapping values are not allowed in this context": "expected one `key: value` on a line, found a second colon; "
    "quote the value, or check the indentation",
    "block sequence entries are not allowed in this context": "expected a value on this line, found a list item; "
    "put the `-` on a line of its own",
    "mapping keys are not allowed in this context": "expected a value on this line, found `?`; quote it",
    "found a tab character where an indentation space is expected": _TAB,
    "found a tab character that violates indentation": _TAB,
    "found unexpected end of stream": "expected the closing quote of the string that begins here, "
    "found the end of the document",
    "found unexpected document indicator": "expected the closing quote of the string that begins here, "
    "found the end of the document",
    "found unknown escape character": "expected an escape that YAML knows after `\\` in double quotes, found {found}; "
    "write `\\\\` or use single quotes",
    "did not find expected hexdecimal number": "expected hexadecimal digits after the escape, found {found}",
    "found invalid Unicode character escape code": "expected the code of a character after the escape, "
    "found one that is none (a lone surrogate)",
    "found undefined tag handle": "expected a tag whose prefix is declared, found {found}",
    "did not find expected alphabetic or numeric character": "expected a name after `&` or `*`, found {found}; "
    "quote a value that begins with them",
    "did not find expected comment or line break": "expected the end of the line after `|` or `>`, found {found}",
    "did not find expected whitespace or line break": "expected a space after the tag, found {found}",
    "could not find expected directive name": "expected a directive after `%`, found {found}; "
    "quote a value that begins with `%`",
    "found incompatible YAML document": "expected YAML 1.1 or 1.2, found another version in the %YAML line",
    "exceeded maximum nesting depth": "expected a document of sane depth, found hundreds of nested levels",
    "found unexpected ':'": "expected a value, found a colon before {found}; quote the value",
}
# these are told where the construct begins, the place where the parser gave up says nothing
_AT_START = frozenset(
    ("could not find expected ':'", "found unexpected end of stream", "found unexpected document indicator")
)


def explain(error: Any, text: str, line: int) -> Unreadable:
    """The `yaml.YAMLError` that was raised while reading `text`, which begins on line `line` of its file."""
    problem = getattr(error, "problem", None)
    mark = getattr(error, "problem_mark", None)
    if problem is None or mark is None:
        return _unacceptable(error, text, line)
    start = getattr(error, "context_mark", None) or mark
    offset = start.index if problem in _AT_START else mark.index
    found = _found(text, mark.index)
    if problem == "found character that cannot start any token":
        message = _TAB if found == "a tab" else f"expected a value, found {found}, which cannot begin one; quote it"
    elif problem in _MESSAGES:
        begin = line + text.count("\n", 0, start.index)
        message = _MESSAGES[problem].format(found=found, line=begin)
        if found == _END:  # what was opened, or the last line, says more than a line with nothing on it
            offset = start.index if "opened on" in message else min(offset, len(text.rstrip()))
    else:
        message = f"expected valid YAML, found: {problem}"
    return Unreadable(message, line + text.count("\n", 0, offset))


def _unacceptable(error: Any, text: str, line: int) -> Unreadable:
    bad = _CONTROL.search(text)
    if bad is None:
        return Unreadable(f"expected valid YAML, found: {' '.join(str(error).split())}", line)
    return Unreadable(
        f"expected text, found the control character U+{ord(bad[0]):04X}; is this a binary file?",
        line + text.count("\n", 0, bad.start()),
    )


def _found(text: str, position: int) -> str:
    """What stands at `position`, quoted and short."""
    if text[position : position + 1] == "\t":
        return "a tab"
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    if position >= len(text):
        return _END
    rest = text[position : position + 200].split("\n", 1)[0].rstrip()
    return f"`{rest}`" if len(rest) <= 40 else f"`{rest[:37]}…`"
