"""Commands that run the command in their arguments: `sudo`, `env`, `exec`, `nice` …"""

from __future__ import annotations

from typing import Final

from batten.detect.shell.syntax import Word
from batten.pattern import pattern

# name -> (short options with a value, long options with a value, operands before the command)
_PREFIXES: Final[dict[str, tuple[str, frozenset[str], int]]] = {
    "sudo": ("ugpCTrtUDRh", frozenset(("--user", "--group", "--prompt", "--chdir", "--chroot", "--host")), 0),
    "doas": ("uC", frozenset(), 0),
    "env": ("uCS", frozenset(("--unset", "--chdir")), 0),
    "exec": ("a", frozenset(), 0),
    "nice": ("n", frozenset(("--adjustment",)), 0),
    "ionice": ("cnpPu", frozenset(("--class", "--classdata")), 0),
    "nohup": ("", frozenset(), 0),
    "setsid": ("", frozenset(), 0),
    "time": ("fo", frozenset(("--format", "--output")), 0),
    "timeout": ("ks", frozenset(("--kill-after", "--signal")), 1),
    "stdbuf": ("ioe", frozenset(("--input", "--output", "--error")), 0),
    "command": ("", frozenset(), 0),
    "builtin": ("", frozenset(), 0),
    "xargs": ("ILnPdasE", frozenset(("--max-args", "--max-procs", "--replace", "--delimiter", "--arg-file")), 0),
    "chroot": ("", frozenset(), 1),
    "gosu": ("", frozenset(), 1),
    "su-exec": ("", frozenset(), 1),
    "setpriv": ("", frozenset(("--reuid", "--regid", "--groups", "--inh-caps", "--ambient-caps", "--bounding-set")), 0),
    "runuser": ("ugGsw", frozenset(("--user", "--group", "--shell")), 0),
    "busybox": ("", frozenset(), 0),
    "eatmydata": ("", frozenset(), 0),
    "tini": ("pge", frozenset(), 0),
    "dumb-init": ("", frozenset(), 0),
    "fakeroot": ("", frozenset(), 0),
}
_ASSIGNMENT: Final = pattern(r"[A-Za-z_][A-Za-z0-9_]*=")
_MAX: Final = 8


def base_name(word: Word) -> str | None:
    return None if word.value is None else word.value.rpartition("/")[2]


def look_through(words: tuple[Word, ...]) -> tuple[tuple[str, ...], tuple[Word, ...]]:
    """The prefixes of a command and the words of what they run (all words, where nothing is run)."""
    found: list[str] = []
    while words and len(found) < _MAX:
        name = base_name(words[0])
        if name not in _PREFIXES:
            break
        rest = _after_prefix(name, words[1:])
        if not rest:
            break
        found.append(name)
        words = rest
    return tuple(found), words


def run_by_find(words: tuple[Word, ...]) -> list[tuple[Word, ...]]:
    """The words of what `find` (its own words, name included) runs for what it finds."""
    found: list[tuple[Word, ...]] = []
    start = None
    for at, word in enumerate(words):
        if start is None:
            start = at + 1 if word.value in _FIND_RUNS else None
        elif word.value == ";" or (word.value == "+" and words[at - 1].value == "{}"):
            found.append(look_through(words[start:at])[1])
            start = None
    return [one for one in found if one]


_FIND_RUNS: Final = ("-exec", "-execdir", "-ok", "-okdir")


def _after_prefix(name: str, words: tuple[Word, ...]) -> tuple[Word, ...]:
    short, long, operands = _PREFIXES[name]
    at = 0
    while at < len(words):
        text = words[at].value if words[at].value is not None else words[at].text
        assert text is not None
        if text == "--":
            at += 1
            break
        if name == "command" and text in ("-v", "-V"):  # asks where a command is
            return ()
        if text.startswith("--"):
            at += 2 if text in long else 1
        elif text.startswith("-") and len(text) > 1:
            letters = [place for place, letter in enumerate(text) if place and letter in short]
            at += 2 if letters and letters[0] == len(text) - 1 else 1
        elif name in ("env", "sudo") and _ASSIGNMENT.match(text):
            at += 1
        else:
            break
    return words[at + operands :]
