"""Which Dockerfile builds an image, where both were read: said by a Compose `build`, else by the image's history.

A builder writes every instruction of the last stage into the history of what it builds, in order and last. A
Dockerfile whose instructions are the end of a history, with commands that are the same word for word, built it, or
its text did.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from batten.engine.link_images import leads_to, names_of
from batten.model.image import ImageReference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.workload import Container
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.dockerfile.nodes import Dockerfile, Instruction

_ARGUMENTS: Final = pattern(r"^\|\d{1,6} .{0,65536}?(?=/\S{1,200} -)")  # BuildKit: `RUN |1 A=b /bin/sh -c make`
_SHELL: Final = pattern(r"^/\S{1,200}(?: -[a-z]{1,3}(?: pipefail)?){1,4} ")
_CLASSIC: Final = "/bin/sh -c "
_NOTHING: Final = "#(nop) "
_UNTOLD: Final = frozenset({"FROM", "ARG", "MAINTAINER", "ONBUILD"})
"""Instructions that not every builder writes into the history."""

_Step = tuple[str, str]
"""Keyword, and what follows with single blanks; of RUN the script alone."""


def dockerfile_of(image: Image, inventory: Inventory) -> Container | None:
    """The container of the Dockerfile that builds `image`; None where none was read or several may be it."""
    named = _by_name(image, inventory)
    if named is not None:
        return named
    told = [_told(step.created_by) for step in image.history]
    history = [step for step in told if step[0] not in _UNTOLD]
    fits: list[tuple[int, Container]] = []
    for container in inventory.of(Container):
        if container.platform != "dockerfile":
            continue
        steps = list(_steps(container.document))  # type: ignore[arg-type]
        if _is_end(steps, history):
            fits.append((len(steps), container))
    most = max((number for number, _ in fits), default=0)
    best = [container for number, container in fits if number == most]
    return best[0] if len(best) == 1 else None


def _by_name(image: Image, inventory: Inventory) -> Container | None:
    """Through a service with `image` and `build`."""
    names = names_of(image)
    found: list[Container] = []
    for container in inventory.of(Container):
        wanted = container.image
        if container.build is None or not isinstance(wanted, ImageReference):
            continue
        if any(leads_to(wanted, name, image) for name in names):
            built = inventory.links.dockerfile.get((container.workload, container.name))
            if isinstance(built, Container) and all(built is not one for one in found):
                found.append(built)
    return found[0] if len(found) == 1 else None


def _is_end(steps: Sequence[_Step], history: Sequence[_Step]) -> bool:
    """Keywords alike throughout, commands word for word; and enough of them that it is no chance."""
    if not steps or len(steps) > len(history):
        return False
    same = 0
    for (keyword, text), (other, told) in zip(steps, history[-len(steps) :], strict=True):
        if keyword != other or (keyword == "RUN" and text and text != told):
            return False
        if keyword == "RUN" and text:
            same += 2
        elif text == told:
            same += 1
    return same >= 2


def _steps(dockerfile: Dockerfile) -> Iterator[_Step]:
    """The instructions of the last stage, after those of the stages that it begins with."""
    stages = dockerfile.stages
    chain = [stages[-1]]
    while (base := chain[-1].base_stage) is not None and len(chain) <= len(stages):
        chain.append(stages[base])
    for stage in reversed(chain):
        for one in stage.instructions:
            if one.keyword not in _UNTOLD:
                yield one.keyword, _text(one)


def _text(one: Instruction) -> str:
    """ "" of a command that a builder writes down in another way: an exec form, a script in heredocs."""
    if one.keyword == "RUN" and (one.json or one.heredocs):
        return ""
    return " ".join(one.text.split())


def _told(created_by: str) -> _Step:
    """One step of a history, of BuildKit or of the builders before it."""
    text = " ".join(created_by.split()).removesuffix("# buildkit").rstrip()
    if text.startswith(_CLASSIC):
        text = text.removeprefix(_CLASSIC).lstrip()
        if not text.startswith(_NOTHING):
            return "RUN", text
        text = text.removeprefix(_NOTHING).lstrip()
    elif text.startswith("|"):
        text = f"RUN {text}"
    keyword, _, rest = text.partition(" ")
    if keyword == "RUN":
        rest = _SHELL.sub("", _ARGUMENTS.sub("", rest))
    return keyword.upper(), rest
