"""The user that a Dockerfile makes for its program."""

from __future__ import annotations

from batten.detect.shell import root_accounts, users_created
from batten.formats.dockerfile.config import StageConfig, stage_config
from batten.formats.dockerfile.nodes import Dockerfile
from batten.formats.dockerfile.shell_runs import runs_of
from batten.pattern import pattern

_NAME = pattern(r"[a-z_][a-z0-9_.-]*\$?\Z")  # useradd(8); what a variable holds is not known here
_HIGHEST = 2**31 - 1


def own_user(dockerfile: Dockerfile) -> int | str | None:
    """Who files of the image are handed to with `--chown`, else the user that is made last in its stages.

    The numeric id where it is written, for a platform that has to refuse root can judge no name; else the
    name. None where no such user is made, or only root.
    """
    made: dict[str, int | str] = {}
    roots: set[str] = set()
    for _, commands in runs_of(dockerfile, final=True):
        roots |= root_accounts(commands)
        for user in users_created(commands):
            if user.name is None or not _NAME.match(user.name) or user.name == "root":
                continue
            uid = _uid(user.uid)
            if uid != 0:
                made[user.name] = user.name if uid is None else uid
    made = {name: user for name, user in made.items() if name not in roots}
    for stage in reversed(stage_config(dockerfile).chain):
        for instruction in reversed(stage.instructions):
            for flag in instruction.flags if instruction.keyword in ("COPY", "ADD") else ():
                owner = (flag.value or "").partition(":")[0] if flag.name == "chown" else ""
                if owner in made:
                    return made[owner]
                if uid := _uid(owner):
                    return uid
    return list(made.values())[-1] if made else None


def root_names(dockerfile: Dockerfile, config: StageConfig) -> set[str]:
    """The users but root that have uid 0 in the image of these stages."""
    stages = {stage.index for stage in config.chain}
    found: set[str] = set()
    for instruction, commands in runs_of(dockerfile):
        if instruction.stage in stages:
            found |= root_accounts(commands)
    return found


def _uid(text: str | None) -> int | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > len(str(_HIGHEST)):
        return None
    return int(text) if int(text) <= _HIGHEST else None
