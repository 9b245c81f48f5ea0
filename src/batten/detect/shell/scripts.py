"""Where a command takes a script from: `sh -c '…'`, `eval`, a file, standard input."""

from __future__ import annotations

from typing import Final

from batten.detect.shell.prefixes import base_name, look_through
from batten.detect.shell.syntax import Word

SHELLS: Final = frozenset(("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh"))


def script_word(words: tuple[Word, ...]) -> int | None:
    """Which of the words of a command is a script: what follows `-c` of a shell, `eval`'s only argument."""
    _, argv = look_through(words)
    if not argv:
        return None
    skipped = len(words) - len(argv)
    name = base_name(argv[0])
    if name == "eval":
        return skipped + 1 if len(argv) == 2 else None
    if name not in SHELLS and name not in ("su", "runuser"):
        return None
    for place, word in enumerate(argv[1:-1], 1):
        text = word.value or ""
        if text in ("-c", "--command"):
            return skipped + place + 1
        if name not in SHELLS:
            continue
        if text.startswith("-") and not text.startswith("--") and "c" in text:
            return skipped + place + 1
        if not text.startswith(("-", "+")) and argv[place - 1].value not in ("-o", "+o", "-O"):
            return None
    return None


def has_script_file(argv: tuple[Word, ...]) -> bool:
    """Whether a shell is given a file to read its script from (and so not standard input)."""
    previous = ""
    for word in argv[1:]:
        text = word.value if word.value is not None else word.text
        if text in ("-s", "-", "/dev/stdin"):
            return False
        if not text.startswith(("-", "+")) and previous not in ("-o", "+o", "-O"):
            return True
        previous = text
    return False
