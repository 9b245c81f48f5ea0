"""What a shell script is made of: simple commands with their words, redirections and pipelines.

All offsets are characters of the script that was given to `commands`, also for what was found inside
`sh -c '…'` and heredocs.
"""

from __future__ import annotations

from msgspec import Struct


class Word(Struct, frozen=True, eq=False):
    """One word as written; `value` is what the shell makes of it, None where that is only known at run time."""

    text: str
    value: str | None
    start: int
    end: int


class Assignment(Struct, frozen=True, eq=False):
    """`NAME=value` before a command, or alone; `value` is None where it is only known at run time."""

    name: str
    value: str | None
    start: int
    end: int


class Redirection(Struct, frozen=True, eq=False):
    """`> file`, `< file`, `<<< word`; heredocs are in `Command.heredocs`."""

    operator: str
    target: Word | None
    start: int
    end: int


class Command(Struct, frozen=True, eq=False):
    """A simple command. `argv` is what runs in the end: `sudo`, `env X=1`, `exec`, `nice -n 5` are looked through."""

    index: int
    name: str | None
    """The last part of the path of `argv[0]`; None for assignments alone and for what is only known at run time."""
    argv: tuple[Word, ...]
    words: tuple[Word, ...]
    """All words as written, prefixes included."""
    prefixes: tuple[str, ...]
    """`("sudo", "env")`: the commands that were looked through."""
    assignments: tuple[Assignment, ...]
    redirections: tuple[Redirection, ...]
    heredocs: tuple[str, ...]
    start: int
    end: int
    pipes: tuple[tuple[int, int], ...]
    """(pipeline, position in it), outermost first: `(a | b) | c` puts `a` at ((0, 0), (1, 0))."""
    connector: str
    """What stands before it: `&&`, `||`, `|`, `;` (a new line too), `&`, or nothing at the beginning."""
    context: str
    """"" at the top, "substitution" for `$(…)`, "process" for `<(…)`, "script" for `sh -c`, "heredoc"."""
    parent: int | None
    """The command that it stands inside of."""
    slot: int | None
    """Inside which of the parent's `words` it stands; None in assignments, redirections and heredocs."""

    @property
    def values(self) -> tuple[str | None, ...]:
        return tuple([word.value for word in self.argv])

    @property
    def arguments(self) -> tuple[Word, ...]:
        return self.argv[1:]

    @property
    def pipeline(self) -> tuple[int, int] | None:
        """The innermost pipeline and the position in it."""
        return self.pipes[-1] if self.pipes else None


class Script(Struct, frozen=True, eq=False):
    """A script that was read. `unread` says why parts of it were passed over, "" where none were."""

    commands: list[Command]
    unread: str = ""


class Option(Struct, frozen=True, eq=False):
    """`-o value`, `--name=value`, `-k`; `name` includes the dashes, `value` is "" for none, None if dynamic."""

    name: str
    value: str | None
    start: int
    end: int


def long_options(names: str) -> frozenset[str]:
    """`"output user"` as {"--output", "--user"}."""
    return frozenset(["--" + name for name in names.split()])


def options(
    words: tuple[Word, ...], short_values: str = "", long_values: frozenset[str] = frozenset(), *, permute: bool = True
) -> tuple[list[Option], list[Word]]:
    """Options and operands among `words` as getopt parts them.

    short_values, long_values: the options that take a value ("o", "--output"). Single-letter options may be
    joined (`-fsSLk`). permute=False: the first operand ends the options.
    """
    found: list[Option] = []
    operands: list[Word] = []
    at = 0
    while at < len(words):
        word = words[at]
        text = word.value if word.value is not None else word.text
        at += 1
        if text == "--":
            operands += words[at:]
            break
        if not text.startswith("-") or text == "-":
            if not permute:
                operands += words[at - 1 :]
                break
            operands.append(word)
            continue
        following = words[at] if at < len(words) else None
        if text.startswith("--"):
            at += _long(found, word, text, following, long_values)
        else:
            at += _short(found, word, text, following, short_values, long_values)
    return found, operands


def _long(found: list[Option], word: Word, text: str, following: Word | None, takes: frozenset[str]) -> int:
    name, equals, value = text.partition("=")
    if equals:
        found.append(Option(name, value if word.value is not None else None, word.start, word.end))
        return 0
    if name in takes and following is not None:
        found.append(Option(name, following.value, word.start, following.end))
        return 1
    found.append(Option(name, "", word.start, word.end))
    return 0


def _short(
    found: list[Option], word: Word, text: str, following: Word | None, takes: str, words: frozenset[str]
) -> int:
    if text in words:  # single-dash words that take a value, such as -name
        if following is None:
            return 0
        found.append(Option(text, following.value, word.start, following.end))
        return 1
    for place, letter in enumerate(text[1:], 1):
        if letter not in takes:
            found.append(Option("-" + letter, "", word.start, word.end))
            continue
        rest = text[place + 1 :]
        if rest:
            found.append(Option("-" + letter, rest if word.value is not None else None, word.start, word.end))
            return 0
        if following is None:
            return 0
        found.append(Option("-" + letter, following.value, word.start, following.end))
        return 1
    return 0
