"""What a stage adds up to: the configuration of the image that it builds.

Values carry the instruction that sets them, so that a finding can point at it. What only the base image
knows is None. Reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import posixpath
import re
from typing import Final

from msgspec import Struct

from batten.formats.dockerfile.nodes import Dockerfile, Instruction, Pair, Stage, Word
from batten.formats.dockerfile.scope import scopes
from batten.formats.windows import is_windows_image
from batten.limits import DOCKERFILE_STAGE_CHAIN
from batten.pattern import pattern

DEFAULT_SHELL: Final = ("/bin/sh", "-c")
WINDOWS_SHELL: Final = ("cmd", "/S", "/C")
_PORT: Final = pattern(r"(\d{1,5})(?:-(\d{1,5}))?(?:/([A-Za-z]+))?\Z", re.ASCII)


class Setting(Struct, frozen=True, eq=False):
    """One value with the instruction that sets it; `known` False: something in it could not be resolved."""

    value: str
    known: bool
    instruction: Instruction
    source: Word | Pair | None = None
    """The argument or pair that holds it."""


class Port(Struct, frozen=True, eq=False):
    """EXPOSE `first`[-`last`]/`protocol`; a range is one entry."""

    first: int
    last: int
    protocol: str
    setting: Setting


class CommandLine(Struct, frozen=True, eq=False):
    """CMD, ENTRYPOINT or HEALTHCHECK CMD: the argument vector that is run, the shell before a shell form."""

    argv: tuple[str, ...]
    shell_form: bool
    instruction: Instruction


class StageConfig(Struct, eq=False):
    """The sum of a stage and the stages it is built on. None and empty: as in the base image."""

    base: Setting
    """The image at the root of the chain, variables expanded; `scratch` for an empty one."""
    platform: Setting | None
    chain: tuple[Stage, ...]
    """The stages from the root to this one."""
    user: Setting | None = None
    workdir: Setting | None = None
    stop_signal: Setting | None = None
    env: dict[str, Setting] = {}
    labels: dict[str, Setting] = {}
    ports: list[Port] = []
    unknown_ports: list[Setting] = []
    """EXPOSE arguments that are no ports, or not known."""
    volumes: list[Setting] = []
    entrypoint: CommandLine | None = None
    cmd: CommandLine | None = None
    cmd_reset: bool = False
    """ENTRYPOINT took away the CMD of the base image."""
    healthcheck: CommandLine | None = None
    healthcheck_disabled: Instruction | None = None
    shell: tuple[str, ...] = DEFAULT_SHELL
    shell_instruction: Instruction | None = None


def stage_chain(dockerfile: Dockerfile, stage: int) -> tuple[Stage, ...]:
    """The stages that `stage` is built on, the root first, itself last."""
    found = [dockerfile.stages[stage]]
    while found[-1].base_stage is not None and len(found) < DOCKERFILE_STAGE_CHAIN:
        found.append(dockerfile.stages[found[-1].base_stage])
    return tuple(found[::-1])


def base_image(dockerfile: Dockerfile, stage: int) -> Setting:
    """The image that `stage` starts from, through the stages between, ARG defaults put in."""
    instruction = stage_chain(dockerfile, stage)[0].from_
    image = instruction.image
    if image is None:
        return Setting("", False, instruction)
    text, known = scopes(dockerfile).expand(image.raw, instruction)
    return Setting(text, known, instruction, image)


def copied_stage(dockerfile: Dockerfile, name: str, before: int | None = None) -> int | None:
    """The stage that `COPY --from=name` or `--mount=from=name` means: an index or a name without case."""
    if name.isdecimal() and len(name) < 9:
        return int(name) if int(name) < len(dockerfile.stages) else None
    for stage in reversed(dockerfile.stages):
        if stage.name is not None and stage.name.lower() == name.lower() and (before is None or stage.index < before):
            return stage.index
    return None


def shell_at(dockerfile: Dockerfile, instruction: Instruction) -> tuple[str, ...]:
    """The shell that runs the shell form of `instruction`: where none is set, that of the base's system."""
    if instruction.stage is None:
        return DEFAULT_SHELL
    for stage in reversed(stage_chain(dockerfile, instruction.stage)):
        for item in reversed(_shells(dockerfile, stage)):
            if item.index < instruction.index:
                return item.argv
    return WINDOWS_SHELL if is_windows(dockerfile, instruction.stage) else DEFAULT_SHELL


def is_windows(dockerfile: Dockerfile, stage: int) -> bool:
    """Whether a stage is of Windows for certain, by its base and the platform that it asks for."""
    key = f"windows/{stage}"
    found = dockerfile.cache.get(key)
    if found is None:
        first = stage_chain(dockerfile, stage)[0].from_
        platform = first.flag("platform")
        asked = platform is not None and scopes(dockerfile).expand(platform, first)[0].startswith("windows")
        found = dockerfile.cache[key] = asked or is_windows_image(base_image(dockerfile, stage).value)
    return bool(found)


def _shells(dockerfile: Dockerfile, stage: Stage) -> list[Instruction]:
    """The SHELL instructions of a stage, kept with the Dockerfile: every RUN asks for them."""
    found = dockerfile.cache.get("shells")
    if found is None:
        found = dockerfile.cache["shells"] = [
            [item for item in part.instructions if item.keyword == "SHELL" and item.json and item.args]
            for part in dockerfile.stages
        ]
    shells: list[Instruction] = found[stage.index]
    return shells


def stage_config(dockerfile: Dockerfile, stage: int = -1) -> StageConfig:
    """The configuration that `stage` (-1: the last, which is what a build makes) ends with.

    Raises IndexError where there is no such stage.
    """
    stage = dockerfile.stages[stage].index
    chain = stage_chain(dockerfile, stage)
    root = chain[0].from_
    platform = None
    for flag in root.flags:
        if flag.name == "platform":
            text, known = scopes(dockerfile).expand(flag.value or "", root)
            platform = Setting(text, known, root)
    config = StageConfig(base=base_image(dockerfile, stage), platform=platform, chain=chain)
    for part in chain:
        has_cmd = False
        for instruction in part.instructions[1:]:
            has_cmd = has_cmd or instruction.keyword == "CMD"
            _apply(dockerfile, config, instruction, has_cmd)
    return config


def triggered_user(dockerfile: Dockerfile) -> Setting | None:
    """The last `ONBUILD USER` of what the last stage is made of: whom builds on its image go on as; None for none."""
    found = None
    for part in stage_chain(dockerfile, len(dockerfile.stages) - 1):
        for instruction in part.instructions:
            trigger = instruction.onbuild
            if trigger is not None and trigger.keyword == "USER" and trigger.args:
                found = _setting(dockerfile, trigger, trigger.args[0])
    return found


def _apply(dockerfile: Dockerfile, config: StageConfig, instruction: Instruction, has_cmd: bool) -> None:
    keyword = instruction.keyword
    if keyword in ("USER", "WORKDIR", "STOPSIGNAL"):
        if instruction.args:
            setting = _setting(dockerfile, instruction, instruction.args[0])
            _single(dockerfile, config, keyword, setting)
    elif keyword in ("ENV", "LABEL"):
        target = config.env if keyword == "ENV" else config.labels
        for pair in instruction.pairs:
            text, known = scopes(dockerfile).expand(pair.raw or "", instruction)
            key, _ = scopes(dockerfile).expand(pair.key, instruction)
            target[key] = Setting(text, known, instruction, pair)
    elif keyword == "EXPOSE":
        for word in instruction.args:
            _expose(config, _setting(dockerfile, instruction, word))
    elif keyword == "VOLUME":
        config.volumes += [_setting(dockerfile, instruction, word) for word in instruction.args]
    elif keyword == "SHELL" and instruction.json and instruction.args:
        config.shell, config.shell_instruction = instruction.argv, instruction
    elif keyword == "CMD":
        config.cmd, config.cmd_reset = _command(config, instruction), False
    elif keyword == "ENTRYPOINT":
        config.entrypoint = _command(config, instruction)
        if not has_cmd:
            config.cmd, config.cmd_reset = None, True
    elif keyword == "HEALTHCHECK":
        if instruction.disabled:
            config.healthcheck, config.healthcheck_disabled = None, instruction
        else:
            config.healthcheck, config.healthcheck_disabled = _command(config, instruction), None


def _setting(dockerfile: Dockerfile, instruction: Instruction, word: Word) -> Setting:
    raw = word.value if instruction.json else word.raw
    text, known = scopes(dockerfile).expand(raw, instruction)
    return Setting(text, known, instruction, word)


def _with_default(dockerfile: Dockerfile, setting: Setting) -> Setting:
    """A user that only a name of the base image could change: `USER ${NAME:-0}`, where no base sets such a name."""
    word = setting.source
    if setting.known or not isinstance(word, Word):
        return setting
    text, known = scopes(dockerfile).expand_with_defaults(word.raw, setting.instruction)
    return Setting(text, True, setting.instruction, word) if known and text else setting


def _single(dockerfile: Dockerfile, config: StageConfig, keyword: str, setting: Setting) -> None:
    if keyword == "USER":
        config.user = _with_default(dockerfile, setting)
    elif keyword == "STOPSIGNAL":
        config.stop_signal = setting
    else:
        config.workdir = _workdir(config.workdir, setting)


def _workdir(before: Setting | None, setting: Setting) -> Setting:
    """A relative path goes on from the one before; that of the base image is not known."""
    path = setting.value
    if path.startswith("/") or re.match(r"[A-Za-z]:", path):
        return setting
    if before is None:
        return Setting(path, False, setting.instruction, setting.source)
    joined = posixpath.normpath(posixpath.join(before.value, path))
    return Setting(joined, before.known and setting.known, setting.instruction, setting.source)


def _expose(config: StageConfig, setting: Setting) -> None:
    if not setting.known:
        config.unknown_ports.append(setting)
        return
    for text in setting.value.split():
        # [address:][host:]container is accepted, the last part counts
        match = _PORT.match(text.rpartition(":")[2])
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if match is None or not 0 < first <= last <= 65535:
            config.unknown_ports.append(setting)
            continue
        protocol = (match[3] or "tcp").lower()
        config.ports.append(Port(first, last, protocol, setting))


def _command(config: StageConfig, instruction: Instruction) -> CommandLine:
    words = tuple([word.value for word in instruction.command])
    if instruction.json:
        return CommandLine(words, False, instruction)
    return CommandLine((*config.shell, *words), True, instruction)
