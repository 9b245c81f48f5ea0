"""What a step does: builds, pushes, scans, signs, deploys."""

from __future__ import annotations

from typing import Final, Literal

from msgspec import Struct

from batten.detect import shell
from batten.detect.shell import Command
from batten.limits import PIPELINE_SCRIPT
from batten.model.pipeline import Script, Step
from batten.model.source import Place
from batten.pattern import pattern

Kind = Literal["build", "push", "scan", "sign", "deploy"]
POSIX: Final = ("sh", "bash", "dash", "ash", "zsh", "ksh")

# words without which no script does anything of the kind: parsing is dear, and most scripts have none of them
_WORTH: Final = pattern(
    r"docker|podman|nerdctl|buildah|kaniko|\bko\b|jib|\bpack\b|skopeo|crane|regctl|trivy|grype|snyk|clair|anchore|"
    r"batten|twistcli|wizcli|dockle|osv-scanner|cosign|notation|kubectl|helm|kustomize|\bocp?\b|\becs\b|gcloud|\baz\b|"
    r"\$[{(]?\w*(?:TOKEN|PASS|PSW|PWD|SECRET|KEY|URL|URI|DSN|STRING|token|pass|secret|key)|\bsecrets\.|\bgithub\.token"
)


class Fact(Struct, frozen=True, eq=False):
    """One thing that a step does.

    `images`: as written, with what is put in later. `gate` of a scan: does a bad result end the job? None where
    that is decided elsewhere. `gate_place`, `gate_why`: what decides it, where it is off.
    """

    kind: Kind
    tool: str
    place: Place
    images: tuple[str, ...] = ()
    of_images: bool = True
    """Of a scan: it looks at an image, not at files or settings."""
    gate: bool | None = None
    gate_place: Place | None = None
    gate_why: str = ""
    gate_input: str = ""
    """The input of the action that would switch it on."""
    gate_text: str = ""
    """What at `gate_place` would switch it on."""
    reported: bool = False
    """Of a scan: its result is written for another tool to judge (SARIF)."""


def masked(script: Script) -> str:
    """The script as a shell can read it: what is put in later becomes a variable of the same length."""
    text = script.text
    pieces: list[str] = []
    at = 0
    for one in script.expressions:
        length = one.end - one.start
        if length < 4 or one.start < at:
            continue
        pieces += [text[at : one.start], "${" + "X" * (length - 3) + "}"]
        at = one.end
    return "".join([*pieces, text[at:]]) if pieces else text


def posix_script(step: Step) -> Script | None:
    """The step's script, where it is one of a POSIX shell and not too long to be looked at."""
    script = step.script
    return None if script is None or script.shell not in POSIX or len(script.text) > PIPELINE_SCRIPT else script


def parsed(step: Step, script: Script) -> list[Command]:
    """The commands of the step's script, whatever they are; parsed once."""
    key = ("parsed", step.document, step.pointer)
    known: list[Command] | None = step.head.cache.get(key)
    if known is None:
        known = step.head.cache[key] = shell.commands(masked(script))
    return known


def script_commands(step: Step) -> list[Command]:
    """The commands of the step's script; none where it is no POSIX shell's, or holds nothing of interest."""
    script = posix_script(step)
    if script is None:
        return []
    key = ("commands", step.document, step.pointer)
    known: list[Command] | None = step.head.cache.get(key)
    if known is None:
        worth = _WORTH.search(script.text) is not None or any(name in script.text for name in step.secrets)
        known = step.head.cache[key] = parsed(step, script) if worth else []
    return known


def facts(step: Step) -> list[Fact]:
    """What the step does, in order."""
    key = ("facts", step.document, step.pointer)
    known: list[Fact] | None = step.head.cache.get(key)
    if known is None:
        known = step.head.cache[key] = []
        if script_commands(step) or step.arguments:
            from batten.detect.pipelines import tools

            known += [*tools.of_script(step), *tools.of_arguments(step)]
        if step.use is not None:
            from batten.detect.pipelines.actions import of_use

            known += of_use(step)
    return known
