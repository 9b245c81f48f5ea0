"""Modes of files, users, and becoming another user."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import chain
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from batten.detect.shell.prefixes import base_name, run_by_find
from batten.detect.shell.syntax import Command, Word, long_options, options
from batten.pattern import pattern

SUDO_PACKAGES: Final = frozenset(("sudo", "doas", "opendoas"))
REMOTE_LOGIN_PACKAGES: Final = frozenset(
    ["openssh-server", "openssh", "dropbear", "telnetd", "telnet-server", "inetutils-telnetd", "rsh-server", "vsftpd"]
)
"""Servers through which one logs in from elsewhere (`openssh` is Alpine's and SUSE's whole)."""

_OCTAL: Final = pattern(r"[0-7]{1,5}\Z")
_CLAUSE: Final = pattern(r"([ugoa]*)((?:[-+=][rwxXstugo]*)+)\Z")
_ACTION: Final = pattern(r"([-+=])([rwxXstugo]*)")


class Mode(Struct, frozen=True):
    """What a mode sets, octal or symbolic."""

    setuid: bool = False
    setgid: bool = False
    world_writable: bool = False
    sticky: bool = False
    """Deleting is left to owners: a world-writable folder with it is what /tmp is."""


class ModeChange(Struct, frozen=True, eq=False):
    """A `chmod`, `install -m` or `mkdir -m`. `mode` is None where it is not known when the file is read."""

    command: Command
    text: str
    mode: Mode | None
    recursive: bool
    paths: tuple[Word, ...]
    start: int
    end: int
    """`start` to `end` is the mode's word."""


class UserCreated(Struct, frozen=True, eq=False):
    """A `useradd` or `adduser`. None where it is not given, or not known."""

    command: Command
    name: str | None
    uid: str | None
    system: bool
    shell: str | None


def parse_mode(text: str) -> Mode | None:
    """`4755`, `u+s,o+w`: what it sets; None for what is no mode."""
    if _OCTAL.match(text):
        bits = int(text, 8)
        return Mode(bool(bits & 0o4000), bool(bits & 0o2000), bool(bits & 0o2), bool(bits & 0o1000))
    setuid = setgid = writable = sticky = False
    for clause in text.split(","):
        match = _CLAUSE.match(clause)
        if match is None:
            return None
        who = match[1]
        everyone = not who or "a" in who
        for operator, permissions in _ACTION.findall(match[2]):
            on = operator != "-"
            if "s" in permissions:
                setuid = on if everyone or "u" in who else setuid
                setgid = on if everyone or "g" in who else setgid
            if "t" in permissions:
                sticky = on
            if "w" in permissions and ("o" in who or "a" in who):  # without a letter the umask holds it back
                writable = on
            elif operator == "=" and ("o" in who or everyone):
                writable = False
    return Mode(setuid, setgid, writable, sticky)


def chmod_calls(cmds: Iterable[Command]) -> list[ModeChange]:
    """Every change of a mode among `cmds`, and by what `find` runs."""
    found = []
    for command in chain.from_iterable(_with_found(one) for one in cmds):
        if command.name == "chmod":
            change = _chmod(command)
        elif command.name in ("install", "mkdir"):
            change = _with_mode_option(command)
        else:
            change = None
        if change is not None:
            found.append(change)
    return found


def _with_found(command: Command) -> list[Command]:
    """The command, and those that it runs where it is `find`."""
    if command.name != "find":
        return [command]
    return [command, *(replace(command, name=base_name(argv[0]), argv=argv) for argv in run_by_find(command.argv))]


def _chmod(command: Command) -> ModeChange | None:
    # `chmod -x file` is a mode, not an option
    plain = [word for word in command.arguments if not _is_chmod_option(word)]
    recursive = any(
        _is_chmod_option(word) and ("R" in (word.value or "") or word.value == "--recursive")
        for word in command.arguments
    )
    if not plain or any((word.value or "").startswith("--reference") for word in command.arguments):
        return None
    word = plain[0]
    mode = parse_mode(word.value) if word.value is not None else None
    return ModeChange(command, word.value or word.text, mode, recursive, tuple(plain[1:]), word.start, word.end)


def _is_chmod_option(word: Word) -> bool:
    text = word.value or ""
    return text.startswith("--") or (text.startswith("-") and re.fullmatch(r"-[Rcfv]+", text) is not None)


def _with_mode_option(command: Command) -> ModeChange | None:
    short = "mogtS" if command.name == "install" else "mZ"
    given, operands = options(command.arguments, short, frozenset(("--mode", "--owner", "--group")))
    for option in given:
        if option.name in ("-m", "--mode") and option.value is not None:
            mode = parse_mode(option.value)
            return ModeChange(command, option.value, mode, False, tuple(operands), option.start, option.end)
    return None


def users_created(cmds: Iterable[Command]) -> list[UserCreated]:
    """The users that `useradd` and `adduser` (Debian's and BusyBox's) make."""
    found = []
    for command in cmds:
        if command.name == "useradd":
            short = "bcdefgGkKpRPsuZ"
        elif command.name == "adduser":
            short = "hgsGuk"
        else:
            continue
        long = long_options(
            "uid gid home home-dir shell ingroup gecos comment groups base-dir password firstuid lastuid conf"
        )
        given, operands = options(command.arguments, short, long)
        values = {option.name: option.value for option in given}
        found.append(
            UserCreated(
                command=command,
                name=operands[0].value if operands else None,
                uid=values.get("-u", values.get("--uid")),
                system="--system" in values or ("-r" if command.name == "useradd" else "-S") in values,
                shell=values.get("-s", values.get("--shell")),
            )
        )
    return found


def sudo_uses(cmds: Iterable[Command]) -> list[Command]:
    """The commands that go through sudo or doas."""
    return [
        item for item in cmds if "sudo" in item.prefixes or "doas" in item.prefixes or item.name in ("sudo", "doas")
    ]
