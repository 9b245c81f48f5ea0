"""What a script runs and what a program's own code imports, roughly: names, never a proof.

Only texts outside of packages are read: what packages import among themselves their metadata say.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Final

from batten import limits
from batten.detect import secrets
from batten.images.facts import Script
from batten.pattern import pattern

PYTHON: Final = (".py", ".pyw")
NODE: Final = (".js", ".mjs", ".cjs", ".ts", ".jsx", ".tsx")
LOOKED_AT: Final = 256 * limits.KIB
"""A longer text is generated or a bundle, whose imports are inside of it."""
_NAMES: Final = 1_000  # kept of one text
_WORD: Final = 256

_PYTHON_IMPORT: Final = pattern(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import\b|import[ \t]+([\w., \t]+))", 8)
_NODE_IMPORT: Final = pattern(rb"""(?:\brequire\(|\bimport\(|\bfrom|\bimport)\s{0,8}["']([@\w./-]{1,200})["']""")
_SEPARATORS: Final = pattern(r"[;&|(){}`\n]|\$\(")
_KEYWORDS: Final = frozenset(
    ["then", "do", "else", "if", "elif", "while", "until", "!", "time", "exec", "nohup", "command", "builtin"]
)
_WRAPPERS: Final = frozenset(
    [
        "env",
        "sudo",
        "gosu",
        "su-exec",
        "setpriv",
        "tini",
        "dumb-init",
        "nice",
        "ionice",
        "timeout",
        "chroot",
        "xargs",
        "catatonit",
        "s6-setuidgid",
    ]
)
_ASSIGNMENT: Final = pattern(r"[A-Za-z_]\w*\+?=")
_NAME: Final = pattern(r"[\w./+-]+")
_TOKEN: Final = 16  # characters from which on a word may be a token, which nothing keeps
_BEHIND_A_WRAPPER: Final = 4  # words that are looked at: a user, a time limit, then the program


def interpreter(data: bytes) -> tuple[str, ...]:
    """The words after `#!` on the first line, at most three."""
    line = data[2:512].partition(b"\n")[0].decode("utf-8", "replace").strip()
    return tuple(word[:_WORD] for word in line.split(None, 2))


def read_script(name: str, data: bytes) -> Script:
    """The script or module at `name`; what language it is its interpreter or its ending says."""
    words = interpreter(data) if data.startswith(b"#!") else ()
    program = " ".join(words)
    if name.endswith(PYTHON) or "python" in program:
        return Script(words, (), _python_imports(data))
    if name.endswith(NODE) or "node" in program:
        return Script(words, (), _distinct(match[1] for match in _NODE_IMPORT.finditer(data)))
    if (words and words[0].endswith("sh")) or "sh" in words[1:] or name.endswith(".sh"):
        return Script(words, _commands(data), ())
    return Script(words)


def _python_imports(data: bytes) -> tuple[str, ...]:
    names: list[bytes] = []
    for match in _PYTHON_IMPORT.finditer(data):
        if match[1]:
            names.append(match[1])
        else:
            names += [word.split()[0] for word in match[2].split(b",") if word.strip()]
    return _distinct(names)


def _commands(data: bytes) -> tuple[str, ...]:
    """Words where a shell looks for a command; a word in a text or a comment now and then."""
    found: dict[str, None] = {}
    for part in _SEPARATORS.split(data.decode("utf-8", "replace")):
        words = iter(part.split()[:_NAMES])
        left = 1
        for word in words:
            if word.startswith("#") or not left or len(found) >= _NAMES:
                break
            word = word.strip("\"'")
            if word in _KEYWORDS or word.startswith("-") or _ASSIGNMENT.match(word):
                continue
            left -= 1
            if _NAME.fullmatch(word) and (len(word) < _TOKEN or not secrets.find(word)):
                found[word[:_WORD]] = None
            if word.rpartition("/")[2] in _WRAPPERS:
                left = _BEHIND_A_WRAPPER
    return tuple(found)


def _distinct(names: Iterable[bytes]) -> tuple[str, ...]:
    kept = dict.fromkeys(name[:_WORD].decode("utf-8", "replace") for name in islice(names, 20 * _NAMES))
    return tuple(kept)[:_NAMES]
