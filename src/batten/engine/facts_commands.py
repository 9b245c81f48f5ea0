"""Commands, arguments and variables of containers as facts: never a value that may be a secret.

A word of a command stands as it is, without what `batten.detect` takes for a secret. Of a variable stands the name.
That it has another value is told by marks: short digests of what is no secret, which a saved report may hold; of
secrets only where both sides are scanned now, since a digest that is kept lets guesses be tried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Final

from batten.detect import secrets
from batten.detect.build_steps import masked
from batten.model.workload import Container, EnvVar

FROM_IMAGE: Final = "as the image says"
MASK: Final = "…"
_BETWEEN: Final = "\x1f"  # white space for a regular expression, and in no command
_SAVED_DIGITS: Final = 8  # hexadecimal digits of a mark that may be kept
_LONGEST: Final = 2_000  # characters of one word that are kept: a script that is handed over whole


def command_facts(container: Container) -> dict[str, str | list[str]]:
    """`command` and `args`, word by word."""
    found: dict[str, str | list[str]] = {}
    for name, words in (("command", container.command), ("args", container.args)):
        found[name] = FROM_IMAGE if words is None else _shown(words)
    return found


def value_marks(container: Container, *, compared: bool) -> dict[str, str]:
    """What values are compared by: `command`, `args` and `environment NAME`. `compared`: they are never kept."""
    marks = {
        f"environment {one.name}": _mark(one.value, kept=not compared)
        for one in container.environment
        if one.value is not None and (compared or not _may_be_secret(one))
    }
    if compared:
        for name, words in (("command", container.command), ("args", container.args)):
            if words is not None:
                marks[name] = _mark("\0".join(words), kept=False)
    return marks


def _shown(words: Sequence[str]) -> list[str]:
    # together: whether a word is a password is often said by the one before it
    known = list(words)
    for index, hit in secrets.find_in_words(words):
        known[index] = known[index][: hit.start] + MASK + known[index][hit.end :]
    together = masked(_BETWEEN.join(known)).split(_BETWEEN)
    shown = together if len(together) == len(known) else [masked(" ".join(known))]
    return [_cut(word) for word in _without_secrets(shown)]


def _without_secrets(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        for hit in reversed(secrets.find(word)):
            word = word[: hit.start] + MASK + word[hit.end :]
        yield word


def _cut(word: str) -> str:
    return word if len(word) <= _LONGEST else f"{word[:_LONGEST]}… ({_mark(word, kept=True)})"


def _may_be_secret(variable: EnvVar) -> bool:
    value = variable.value or ""
    named = secrets.looks_like_secret_name(variable.name)
    return named or secrets.judge_assignment(variable.name, value) is not None or bool(secrets.find(value))


def _mark(value: str, *, kept: bool) -> str:
    digest = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return digest[:_SAVED_DIGITS] if kept else digest
