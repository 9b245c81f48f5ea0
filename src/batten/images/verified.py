"""Takes a setting that switches a verification off out of a Dockerfile, where its text can be cut or turned cleanly."""

from __future__ import annotations

import re
from typing import Final

from batten.detect.shell import InsecureFlag
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.formats.dockerfile.nodes import Instruction, Pair
from batten.model.edits import Edit, Remove, ReplaceText, Set
from batten.model.verdict import Fix
from batten.pattern import pattern

# a flag in a word of its own, with its value; what the shell puts together only when it runs is left alone
_VALUE: Final = r"""(?:[^\s"'`$\\;&|()<>]{1,200}|"[^"`$\\\n]{0,200}"|'[^'\n]{0,200}')"""
_FLAG: Final = pattern(rf"(?:--[a-z][a-z-]{{1,60}}(?:[= ]{_VALUE})?|-[A-Za-z](?:[ ]?{_VALUE})?)")
_ASSIGNMENT: Final = pattern(r"[A-Za-z_]\w{0,80}=")
_JOINED: Final = pattern(r"-[A-Za-z]{2,20}\Z")
_GIT_FLAG: Final = pattern(r"[ \t]{1,8}(?:-c|--config)(?:[ \t]{1,8}|=)\Z")
_SWITCH: Final = pattern(r"""([= \t]["']?)(false|true|no|yes|off|on|0|1)(["']?)\Z""", re.IGNORECASE)
_OTHER: Final = {
    "false": "true", "true": "false", "no": "yes", "yes": "no", "off": "on", "on": "off", "0": "1", "1": "0",
}  # fmt: skip
_TRUSTED: Final = pattern(r"(?:trusted|allow-insecure)=yes", re.IGNORECASE)
_TRUSTED_ALONE: Final = pattern(r"\[[ \t]{0,8}(?:trusted|allow-insecure)=yes[ \t]{0,8}\][ \t]{0,8}", re.IGNORECASE)
_EXPORT: Final = frozenset(("export", "declare", "typeset", "readonly", "local"))
# what they say counts for nothing, or the other word is none of theirs
_NEVER_TURNED: Final = ("GIT_SSL_NO_VERIFY", "PIP_TRUSTED_HOST", "GOINSECURE", "GOSUMDB", "GIT_SSH_COMMAND")


def without_flag(build: BuildFile, instruction: Instruction, flag: InsecureFlag) -> Fix | None:
    """The fix of a setting in a RUN; None where taking it out could leave another command."""
    script = instruction.script
    written = script[flag.start : flag.end]
    if instruction.json:
        return _without_argument(build, instruction, flag.text)
    if flag.kind == "configuration" or "\n" in written:
        return None
    if _ASSIGNMENT.match(written) and (not flag.command.argv or _sets(flag)):
        return _without_assignment(build, instruction, flag, written)
    if _FLAG.fullmatch(written) and not (_JOINED.match(written) and flag.text[:2] != written):
        return _cut(build, instruction, flag.text, flag.start, flag.end)
    if _JOINED.match(written) and len(flag.text) == 2:
        at = flag.start + written.index(flag.text[1], 1)
        return _edit(build, f"take {flag.text} away", Remove(_range(instruction, at, at + 1)))
    before = _GIT_FLAG.search(script, max(0, flag.start - 32), flag.start)
    if flag.kind == "git" and before is not None:
        start = before.start()
        taken = script[start : flag.end].strip()
        return _edit(build, f"take {taken} away", Remove(_range(instruction, start, flag.end)))
    if flag.kind == "apt" and len(_TRUSTED.findall(written)) == 1:
        kept = _TRUSTED_ALONE.sub("", written)
        kept = _TRUSTED.sub("", kept).replace("[ ", "[").replace(" ]", "]")
        return _edit(build, f"take {flag.text} away", ReplaceText(_range(instruction, flag.start, flag.end), kept))
    return _turned(build, instruction, flag, written)


def _sets(flag: InsecureFlag) -> bool:
    """Is it a variable: before the command, or what an `export` gives?"""
    return flag.start < flag.command.argv[0].start or flag.command.name in _EXPORT


def without_variable(build: BuildFile, instruction: Instruction, pair: Pair) -> Fix | None:
    """The fix of an ENV or ARG: without the variable, and without the instruction where it sets no other."""
    text = build.dockerfile.text
    if f"${pair.key}" in text or f"${{{pair.key}" in text:
        return None
    pointer = dockerfile.pointer_of(instruction)
    alone = len(instruction.pairs) == 1
    return _edit(build, f"take {pair.key} away", Remove(pointer if alone else (*pointer, "value", pair.key)))


def _edit(build: BuildFile, summary: str, change: Edit) -> Fix:
    return edit("review", summary, build.dockerfile, change)


def _range(instruction: Instruction, start: int, end: int) -> tuple[str | int, ...]:
    return (*dockerfile.pointer_of(instruction), "text", start, end)


def _cut(build: BuildFile, instruction: Instruction, text: str, start: int, end: int) -> Fix:
    """Away with the blanks before it."""
    begin = len(instruction.script[:start].rstrip(" \t"))
    return _edit(build, f"take {text} away", Remove(_range(instruction, begin, end)))


def _without_argument(build: BuildFile, instruction: Instruction, text: str) -> Fix | None:
    """Of an exec form, the word that is the flag, or the letter in it."""
    whole = [number for number, word in enumerate(instruction.args) if number and word.value == text]
    joined = [
        number
        for number, word in enumerate(instruction.args)
        if number and len(text) == 2 and _JOINED.match(word.value) and text[1] in word.value
    ]
    if not text.startswith("-") or len(whole) + len(joined) != 1:
        return None
    pointer = (*dockerfile.pointer_of(instruction), "arg", (whole or joined)[0])
    if whole:
        return _edit(build, f"take {text} away", Remove(pointer))
    letters = instruction.args[joined[0]].value
    return _edit(build, f"take {text} away", Set(pointer, letters[0] + letters[1:].replace(text[1], "", 1)))


def _without_assignment(build: BuildFile, instruction: Instruction, flag: InsecureFlag, written: str) -> Fix | None:
    """`NAME=0 command` goes without it; what is exported is turned, for a command must stay."""
    name = written.partition("=")[0]
    if flag.command.name is not None and flag.command.name not in _EXPORT:
        script = instruction.script
        end = flag.end + len(script[flag.end :]) - len(script[flag.end :].lstrip(" \t"))
        return _edit(build, f"take {name} away", Remove(_range(instruction, flag.start, end)))
    return None if name in _NEVER_TURNED else _turned(build, instruction, flag, written)


def _turned(build: BuildFile, instruction: Instruction, flag: InsecureFlag, written: str) -> Fix | None:
    """`npm config set strict-ssl false` becomes true: the tool's own default, in the same command."""
    switch = _SWITCH.search(written)
    if switch is None:
        return None
    other = _OTHER[switch[2].lower()]
    start = flag.start + switch.start(2)
    summary = f"set {written[: switch.start(1)].strip()} to {other}"
    return _edit(build, summary, ReplaceText(_range(instruction, start, start + len(switch[2])), other))
