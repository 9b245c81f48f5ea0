"""Lets a RUN clean up after its package manager, where a flag or one more command does and nothing relies on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from batten.detect import shell
from batten.detect.shell import Command, PackageCall
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.formats.dockerfile.nodes import Instruction
from batten.model.edits import ReplaceText
from batten.model.verdict import Fix
from batten.pattern import pattern

# what the command line must say so that nothing is left; manager -> flag that keeps its cache out
FLAGS: Final = {"pip": "--no-cache-dir", "apk": "--no-cache"}
_COMMANDS: Final = {
    "apt": "rm -rf /var/lib/apt/lists/*",
    "yum": "{tool} clean all",
    "dnf": "{tool} clean all",
    "microdnf": "{tool} clean all",
    "zypper": "zypper clean --all",
}
# variables that do the same; pip takes whatever they hold for yes, also 0 and off
_VARIABLES: Final = {"pip": "PIP_NO_CACHE_DIR", "uv": "UV_NO_CACHE"}
_INDENT: Final = pattern(r"[ \t]*")
_ENDS_WITH_AND: Final = pattern(r"[ \t]*&&[ \t]*([\\`])[ \t]*\r?\n([ \t]*)(?=[^\s#])")
# what a command may stand among so that one more behind it is run whenever it is, and fails when it does
_NESTED: Final = pattern(r"(?:^|[\s;&|])(?:if|case|for|while|until|function|\{|\(|!)(?:\s|\()|\(\)|^\(|[;&|\s]\(")


def clean_up(build: BuildFile, instruction: Instruction, call: PackageCall, found: Sequence[Command]) -> Fix | None:
    """The fix for a manager whose first call in the RUN is `call`; None where what comes of it cannot be seen."""
    calls = [one for one in shell.package_manager_calls(found) if one.manager == call.manager]
    nested = _NESTED.search(instruction.script)
    reach = nested.end() if nested is not None else len(instruction.script)
    if instruction.json or any(one.start >= reach or not _is_plain(one) for one in calls):
        return None
    flag = FLAGS.get(call.manager)
    if flag is not None:
        return _with_flag(build, instruction, [one for one in calls if one.installs], flag)
    if call.manager not in _COMMANDS or (call.manager == "apt" and _lists_are_used_later(build, instruction)):
        return None
    return _with_command(build, instruction, calls[-1])


def keeps_none(build: BuildFile, instruction: Instruction, call: PackageCall, found: Sequence[Command]) -> bool:
    """Does a variable say so: of an ENV or ARG before the RUN, before the command, or exported?"""
    name = _VARIABLES.get("uv" if call.tool == "uv" else call.manager)
    if name is None:
        return False
    value, known = dockerfile.resolve(build.dockerfile, f"${{{name}:-}}", instruction.index)
    if known and value:
        return True
    for command in found:
        if command.start > call.start:
            break
        if command is call.command or command.name in (None, "export"):
            if any(one.name == name and one.value for one in command.assignments):
                return True
            if any((word.value or "").startswith(f"{name}=") for word in command.words):
                return True
    return False


def _is_plain(call: PackageCall) -> bool:
    """Does it stand in a list of commands, as it was written?"""
    command = call.command
    return (
        not command.context
        and "sudo" not in command.prefixes
        and command.connector in ("", "&&", ";")
        and not command.pipes
        and not command.redirections
    )


def _with_flag(build: BuildFile, instruction: Instruction, calls: list[PackageCall], flag: str) -> Fix | None:
    changes = []
    for call in calls:
        verb = next((word for word in call.command.argv if word.value == call.subcommand), None)
        if verb is None or verb.text != verb.value:
            return None
        if not call.has(flag):
            at = (*dockerfile.pointer_of(instruction), "text", verb.end, verb.end)
            changes.append(ReplaceText(at, f" {flag}"))
    return edit("safe", f"add {flag}", build.dockerfile, *changes)


def _with_command(build: BuildFile, instruction: Instruction, call: PackageCall) -> Fix | None:
    """Right behind the last call, joined as what follows it is: so it fails when that does."""
    after = instruction.script[call.end :]
    command = _COMMANDS[call.manager].format(tool=call.tool)
    if instruction.heredocs:
        text = _in_heredoc(instruction, call, after, command)
    elif after.strip() and not after.lstrip().startswith(("&&", ";")):
        text = ""
    elif after.lstrip().startswith(";"):
        text = f";{_break(build, instruction, call) or ' '}{command}"
    else:
        text = _ended(build, instruction, call, command) or f"{_break(build, instruction, call) or ' '}&& {command}"
    # its last character with it: an instruction that another fix adds may begin where this one ends
    at = (*dockerfile.pointer_of(instruction), "text", call.end - 1, call.end)
    last = instruction.script[call.end - 1]
    return edit("safe", f"add {command}", build.dockerfile, ReplaceText(at, last + text)) if text else None


def _in_heredoc(instruction: Instruction, call: PackageCall, after: str, command: str) -> str:
    """Behind the last line of a script on the same one, for its status is that of the script; else on its own, as
    `set -e` does not look at the first of two that are joined."""
    rest, _, following = after.partition("\n")
    if rest.strip() or len(instruction.heredocs) != 1 or call.start < len(instruction.text):
        return ""
    if following.strip() == instruction.heredocs[0].name:
        return f" && {command}"
    indent = _INDENT.match(instruction.script, instruction.script.rfind("\n", 0, call.start) + 1)
    return f"\n{indent[0] if indent else ''}{command}"


def _ended(build: BuildFile, instruction: Instruction, call: PackageCall, command: str) -> str:
    """The command on a line of its own in a RUN whose lines end with `&&`; "" in others."""
    end = instruction.span_in_script(call.end - 1, call.end)[1]
    found = _ENDS_WITH_AND.match(build.dockerfile.text, end)
    return f" && {found[1]}\n{found[2]}{command}" if found and found[1] == instruction.escape else ""


def _break(build: BuildFile, instruction: Instruction, call: PackageCall) -> str:
    """A new line as the RUN has them, indented as the call's last; "" where the RUN stands on one line."""
    text = build.dockerfile.text
    end = instruction.span_in_script(call.end - 1, call.end)[1]
    line = text.rfind("\n", 0, end) + 1
    if line <= instruction.span[0]:
        return ""
    indent = _INDENT.match(text, line)
    return f" {instruction.escape}\n{indent[0] if indent else ''}"


def _lists_are_used_later(build: BuildFile, instruction: Instruction) -> bool:
    """Does a later RUN install without fetching the lists itself?"""
    cache = build.dockerfile.cache
    if "lists" not in cache:
        cache["lists"] = max((run.index for run, found in dockerfile.runs(build) if _takes_lists(found)), default=-1)
    last: int = cache["lists"]
    return last > instruction.index


def _takes_lists(found: Sequence[Command]) -> bool:
    for one in shell.package_manager_calls(found):
        if one.manager == "apt" and one.subcommand == "update":
            return False
        if one.manager == "apt" and one.subcommand not in ("clean", "autoclean"):
            return True
    return False
