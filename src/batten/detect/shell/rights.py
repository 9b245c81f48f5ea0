"""Rights that a script hands out beyond modes of files: file capabilities, sudo without a password, groups."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec import Struct

from batten.detect.shell.syntax import Command, long_options, options
from batten.pattern import pattern

# groups whose members become root by sudo's configuration as distributions ship it; that of a daemon's socket makes
# nobody root where the socket is not
_ROOT_GROUPS: Final = frozenset(("sudo", "wheel"))
_WRITERS: Final = frozenset(("echo", "printf", "sed", "tee", "cat", "awk", "perl", "python3"))
_SUDOERS: Final = pattern(r"\bNOPASSWD\s{0,4}:")
_ACCOUNTS: Final = {"useradd": "bcdefgGkKpRPsuZ", "usermod": "cdefgGlpRPsuvVwWZ", "adduser": "hgsGuk"}
_ACCOUNT_VALUES: Final = long_options(
    "uid gid home home-dir shell ingroup gecos comment groups base-dir password firstuid lastuid conf login"
)
# a line of passwd(5), or what sed puts in the place of its first fields
_PASSWD_ROOT: Final = pattern(r"""(?:^|[/|#,'"]|\\n)([a-z_][\w-]*+):[^:\s/|#]{0,200}:0+(?=[:/|#]|$)""", re.MULTILINE)
_CAPABILITY: Final = pattern(r"([a-z_,]*)((?:[=+-][eip]*)+)\Z")


class Grant(Struct, frozen=True, eq=False):
    """A right that a command hands out. `start` to `end` covers the command."""

    command: Command
    text: str
    start: int
    end: int


def capability_grants(cmds: Iterable[Command]) -> list[tuple[Grant, frozenset[str]]]:
    """The capabilities, without `cap_` and in capitals, that `setcap` gives to files; ALL for `=ep`.

    Sets that are only made smaller, and removals (`-r`), are none. (cap_from_text(3))
    """
    found: list[tuple[Grant, frozenset[str]]] = []
    for command in cmds:
        if command.name != "setcap":
            continue
        given, operands = options(command.arguments, "n", frozenset())
        if any(one.name == "-r" for one in given):
            continue
        for word in operands[::2]:
            names = _capabilities(word.value or "")
            if names:
                found.append((Grant(command, word.value or word.text, command.start, command.end), names))
    return found


def _capabilities(text: str) -> frozenset[str]:
    names: set[str] = set()
    for clause in text.lower().split():
        match = _CAPABILITY.match(clause)
        if match is None or not any(sign in match[2] for sign in "=+") or not set(match[2]) & set("eip"):
            continue
        names |= {one.removeprefix("cap_").upper() for one in match[1].split(",") if one} or {"ALL"}
    return frozenset(names)


def sudo_without_password(cmds: Iterable[Command]) -> Iterator[Grant]:
    """Rules of sudoers(5) with NOPASSWD that `echo`, `sed`, a heredoc … write."""
    for command in cmds:
        if command.name not in _WRITERS:
            continue
        texts = [*(word.value or word.text for word in command.arguments), *command.heredocs]
        if any("NOPASSWD" in text and _SUDOERS.search(text) for text in texts):
            yield Grant(command, "NOPASSWD", command.start, command.end)


def root_groups(cmds: Iterable[Command]) -> Iterator[Grant]:
    """Users that are put into a group whose members can become root: `usermod -aG sudo web`, `adduser web wheel`."""
    for command in cmds:
        for group in _groups(command):
            if group in _ROOT_GROUPS:
                yield Grant(command, group, command.start, command.end)
                break


def root_accounts(cmds: Iterable[Command]) -> set[str]:
    """The names but root that are given uid 0: by `useradd`, `adduser` and `usermod`, and in what is written into
    /etc/passwd. (useradd(8), passwd(5))"""
    found: set[str] = set()
    piped: dict[int, list[str]] = {}
    for command in cmds:
        texts = [*(word.value or word.text for word in command.arguments), *command.heredocs]
        for number, _ in command.pipes:
            piped.setdefault(number, []).extend(texts)
        if command.name in _ACCOUNTS:
            given, operands = options(command.arguments, _ACCOUNTS[command.name], _ACCOUNT_VALUES)
            uids = [one.value for one in given if one.name in ("-u", "--uid")]
            if operands and operands[0].value and any(uid and not uid.strip("0") for uid in uids):
                found.add(operands[0].value)
        elif _writes_passwd(command):
            for text in (*texts, *(text for number, _ in command.pipes for text in piped[number])):
                found.update(_PASSWD_ROOT.findall(text))
    return found - {"root"}


def _writes_passwd(command: Command) -> bool:
    """Into /etc/passwd by a redirection, or as the file that it edits."""
    targets = [one.target for one in command.redirections if one.target is not None and ">" in one.operator]
    named = command.arguments[-1:] if command.name in ("sed", "tee") else ()
    return any((word.value or word.text).endswith("etc/passwd") for word in (*targets, *named))


def _groups(command: Command) -> Iterator[str]:
    if command.name in ("usermod", "useradd"):
        given, _ = options(
            command.arguments,
            "bcdefgGkKpRPsuZl",
            long_options("uid home home-dir shell comment groups gid base-dir password login"),
        )
        for one in given:
            if one.name in ("-G", "--groups"):
                yield from (one.value or "").split(",")
    elif command.name in ("adduser", "addgroup"):
        _, operands = options(command.arguments, "hgsGuk", long_options("uid gid home shell ingroup gecos"))
        if len(operands) == 2:
            yield operands[1].value or ""
    elif command.name == "gpasswd":
        given, operands = options(command.arguments, "adAMQR", frozenset())
        if any(one.name == "-a" for one in given) and operands:
            yield operands[-1].value or ""
