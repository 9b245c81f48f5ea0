"""Shell scripts as simple commands, and what checks ask about them. Nothing here judges.

    found = commands("apt-get update && apt-get install -y curl=7.88 | tee log")
    package_manager_calls(found)[1].packages

A real grammar (tree-sitter-bash) reads the text; it is imported when the first script is read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from batten.modules import exports

if TYPE_CHECKING:
    from collections.abc import Sequence

    from batten.detect.shell.cmd import cmd_downloads_run
    from batten.detect.shell.downloaded import downloads_run
    from batten.detect.shell.downloads import (
        DownloadRun,
        InsecureFlag,
        downloads_into_shell,
        fetched,
        insecure_downloads,
        insecure_variable,
    )
    from batten.detect.shell.files import (
        REMOTE_LOGIN_PACKAGES,
        SUDO_PACKAGES,
        Mode,
        ModeChange,
        UserCreated,
        chmod_calls,
        parse_mode,
        sudo_uses,
        users_created,
    )
    from batten.detect.shell.packages import (
        Cleanup,
        Package,
        PackageCall,
        cache_cleanups,
        installed,
        package_manager_calls,
    )
    from batten.detect.shell.powershell import SwitchedOff, Unseen, downloads_unseen, is_powershell, switched_off
    from batten.detect.shell.rights import Grant, capability_grants, root_accounts, root_groups, sudo_without_password
    from batten.detect.shell.syntax import Assignment, Command, Option, Redirection, Script, Word, options

_POSIX = ("sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "busybox")


def is_posix_shell(shell: tuple[str, ...] | list[str]) -> bool:
    """Whether scripts for `shell` (a SHELL instruction's words) are of the Bourne family."""
    if not shell:
        return True
    return _name(shell) in _POSIX


def is_cmd_shell(shell: tuple[str, ...] | list[str]) -> bool:
    """Whether scripts for `shell` are cmd's, the shell of Windows."""
    return bool(shell) and _name(shell) == "cmd"


def _name(shell: tuple[str, ...] | list[str]) -> str:
    return shell[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".exe")


def read_script(text: str, shell: tuple[str, ...] | list[str] = ("/bin/sh", "-c")) -> Script:
    """The simple commands of `text`, and why some of it was not read, if so.

    Nothing is read for PowerShell, and of text beyond the limits. What the grammar cannot read is
    passed over; what stands around it is still found. A heredoc that no command reads is taken as a script,
    as a Dockerfile's `RUN <<EOF` does. Offsets are those of `text`.
    """
    from batten.detect.shell.syntax import Script

    if is_cmd_shell(shell):
        from batten.detect.shell.cmd import read_cmd

        return read_cmd(text)
    if not is_posix_shell(shell):
        return Script([], f"{shell[0]} is no POSIX shell")
    if not text.strip():
        return Script([])
    from batten.detect.shell.reader import read

    return read(text)


def commands(text: str, shell: tuple[str, ...] | list[str] = ("/bin/sh", "-c")) -> list[Command]:
    """The commands of `read_script`, in order; those inside `sh -c '…'` and heredocs come after the others."""
    return read_script(text, shell).commands


def exec_commands(words: Sequence[tuple[str, Sequence[int]]]) -> list[Command]:
    """The command that an argument vector is (the JSON form of a Dockerfile's RUN), and those of `sh -c` in it.

    Each word comes with the place of each of its characters in the text that offsets are to mean. No shell
    touches the words: what they hold is literal.
    """
    from batten.detect.shell.reader import read

    text: list[str] = []
    places: list[int] = []
    for value, offsets in words:
        first, last = (offsets[0], offsets[-1]) if offsets else (0, 0)
        # quotes have no place of their own: what a finding points at begins with the word's first character
        text.append('"')
        places.append(first)
        for char, offset in zip(value, offsets, strict=True):
            quoted = "\\" + char if char in '"\\$`' else char
            text.append(quoted)
            places += [offset] * len(quoted)
        text.append('" ')
        places += [last, last]
    return read("".join(text), places).commands


__all__ = [
    "REMOTE_LOGIN_PACKAGES",
    "SUDO_PACKAGES",
    "Assignment",
    "Cleanup",
    "Command",
    "DownloadRun",
    "Grant",
    "InsecureFlag",
    "Mode",
    "ModeChange",
    "Option",
    "Package",
    "PackageCall",
    "Redirection",
    "Script",
    "SwitchedOff",
    "Unseen",
    "UserCreated",
    "Word",
    "cache_cleanups",
    "capability_grants",
    "chmod_calls",
    "cmd_downloads_run",
    "commands",
    "downloads_into_shell",
    "downloads_run",
    "downloads_unseen",
    "exec_commands",
    "fetched",
    "insecure_downloads",
    "insecure_variable",
    "installed",
    "is_cmd_shell",
    "is_posix_shell",
    "is_powershell",
    "options",
    "package_manager_calls",
    "parse_mode",
    "read_script",
    "root_accounts",
    "root_groups",
    "sudo_uses",
    "sudo_without_password",
    "switched_off",
    "users_created",
]

# Loaded when they are first asked for: most scans meet no script.
__getattr__ = exports(
    globals(),
    {
        "cmd": ("cmd_downloads_run",),
        "downloaded": ("downloads_run",),
        "downloads": (
            "DownloadRun",
            "InsecureFlag",
            "downloads_into_shell",
            "fetched",
            "insecure_downloads",
            "insecure_variable",
        ),
        "files": (
            "Mode",
            "ModeChange",
            "REMOTE_LOGIN_PACKAGES",
            "SUDO_PACKAGES",
            "UserCreated",
            "chmod_calls",
            "parse_mode",
            "sudo_uses",
            "users_created",
        ),
        "packages": (
            "Cleanup",
            "Package",
            "PackageCall",
            "cache_cleanups",
            "installed",
            "package_manager_calls",
        ),
        "powershell": ("SwitchedOff", "Unseen", "downloads_unseen", "is_powershell", "switched_off"),
        "rights": ("Grant", "capability_grants", "root_accounts", "root_groups", "sudo_without_password"),
        "syntax": (
            "Assignment",
            "Command",
            "Option",
            "Redirection",
            "Script",
            "Word",
            "options",
        ),
    },
)
