"""The command line of `podman run` as options: what Quadlet units are turned into and what containers
were created with (podman-run(1))."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from batten.model.source import Pointer

SHORT = {
    "a": "attach",
    "c": "cpu-shares",
    "d": "detach",
    "e": "env",
    "h": "hostname",
    "i": "interactive",
    "l": "label",
    "m": "memory",
    "p": "publish",
    "P": "publish-all",
    "q": "quiet",
    "t": "tty",
    "u": "user",
    "v": "volume",
    "w": "workdir",
}
_ALIASES = {"net": "network"}
# options that are given bare; every other one takes a value
_FLAG_NAMES = """
detach disable-content-trust env-host help http-proxy init interactive no-healthcheck no-hostname no-hosts
oom-kill-disable passwd privileged publish-all quiet read-only read-only-tmpfs replace rm rmi rootfs sig-proxy
tls-verify tty unsetenv-all
"""
_FLAGS = frozenset(_FLAG_NAMES.split())
# lists that may also be written with commas
_COMMA_LISTS = frozenset({"cap-add", "cap-drop", "device", "sysctl", "ulimit"})


class Option(Struct, frozen=True):
    """One option. `value` is "true" for a flag. `words`: where all that belongs to it stands."""

    name: str
    value: str
    pointer: Pointer
    words: tuple[Pointer, ...] = ()


def parse(words: Sequence[tuple[str, Pointer]], *, until_positional: bool = False) -> list[Option]:
    """The options among `words`, each a text and its place.

    `until_positional`: stop at the first word that is no option (the image).
    """
    options: list[Option] = []
    index = 0
    while index < len(words):
        text, pointer = words[index]
        index += 1
        if text == "--" or (until_positional and not _is_option(text)):
            break
        if not _is_option(text):
            continue
        flags, name, value = _taken_apart(text)
        options += [Option(flag, "true", pointer, (pointer,)) for flag in flags]
        places: tuple[Pointer, ...] = (pointer,)
        if name and value is None:
            if index >= len(words):
                break
            value, places = words[index][0], (pointer, words[index][1])
            index += 1
        if name and value is not None:
            options += separate(Option(_ALIASES.get(name, name), value, places[-1], places))
    return options


def _is_option(text: str) -> bool:
    return len(text) > 1 and text[0] == "-"


def _taken_apart(text: str) -> tuple[list[str], str, str | None]:
    """(flags, option that takes a value, its value if it stands in the same word)."""
    if text.startswith("--"):
        name, equals, value = text[2:].partition("=")
        if equals:
            return [], name, value
        return ([name], "", None) if name in _FLAGS else ([], name, None)
    flags: list[str] = []
    for position, letter in enumerate(text[1:], 1):
        name = SHORT.get(letter, letter)
        if name not in _FLAGS:
            rest = text[position + 1 :].removeprefix("=")
            return flags, name, rest or None
        flags.append(name)
    return flags, "", None


def bundled(text: str) -> bool:
    """Several short options in one word: `-dP`, `-itv`."""
    flags, name, _ = _taken_apart(text) if _is_option(text) and not text.startswith("--") else ([], "", None)
    return len(flags) + bool(name) > 1


def separate(option: Option) -> list[Option]:
    """The option once per value where several may be written with commas; each has its own place."""
    if option.name not in _COMMA_LISTS or "," not in option.value:
        return [option]
    parts = enumerate(option.value.split(","))
    return [Option(option.name, part, at, (at,)) for n, part in parts if part for at in [(*option.pointer, n)]]


def takes_next(text: str) -> bool:
    """The word is an option whose value is the next word."""
    if not _is_option(text):
        return False
    _, name, value = _taken_apart(text)
    return bool(name) and value is None


def strays(words: Sequence[str]) -> list[int]:
    """Indexes of words that are neither an option nor the value of one."""
    found, taken = [], False
    for number, text in enumerate(words):
        if not taken and not _is_option(text):
            found.append(number)
        taken = not taken and takes_next(text)
    return found


class Options:
    """What a list of options says, by name."""

    def __init__(self, options: Iterable[Option]) -> None:
        self._by_name: dict[str, list[Option]] = {}
        for option in options:
            self._by_name.setdefault(option.name, []).append(option)

    def every(self, name: str) -> list[Option]:
        return self._by_name.get(name, [])

    def last(self, name: str) -> Option | None:
        """The one that counts where one value is meant."""
        found = self._by_name.get(name)
        return found[-1] if found else None

    def flag(self, name: str) -> Option | None:
        """The option where it is switched on."""
        option = self.last(name)
        return option if option is not None and is_true(option.value) else None


def is_true(text: str) -> bool:
    """A switch of the command line or of a unit file."""
    return text.strip().lower() in ("1", "t", "true", "yes", "on")
