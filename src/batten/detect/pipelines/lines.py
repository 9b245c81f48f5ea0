"""A command line as the tools' readers see it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from batten.detect.pipelines.steps import Fact
from batten.detect.shell import Word
from batten.detect.shell.syntax import Option
from batten.model.pipeline import Step
from batten.model.source import Place


class Line(Struct, frozen=True, eq=False):
    """A command line: its words behind the name, and how their places and texts are found."""

    name: str
    words: tuple[Word, ...]
    step: Step
    text: str
    place: Place
    at: Callable[[int, int], Place]
    assigned: dict[str, str] = {}
    """Variables that the script sets for it, before it or before its name."""

    def value(self, index: int) -> str:
        return (self.words[index].value or self.words[index].text) if index < len(self.words) else ""

    def after(self, count: int) -> Line:
        return replace(self, words=self.words[count:])

    def raw(self, word: Word) -> str:
        """A word with what is put in later, as it is written."""
        if not self.text:  # the arguments of an image
            return word.text
        return self.text[word.start : word.end].strip("'\"")

    def given(self, found: Sequence[Option], *names: str) -> Option | None:
        return next((one for one in found if one.name in names), None)

    def written(self, option: Option) -> str:
        """The value of an option as it is written."""
        if not self.text:
            return option.value or ""
        text = self.text[option.start : option.end]
        head = option.name
        rest = text[len(head) :] if text.startswith(head) else text
        return rest.lstrip("= \t\\\n").strip("'\"")

    def fact(self, kind: str, tool: str, images: Sequence[str] = (), **more: object) -> Fact:
        return Fact(kind, tool, self.place, tuple(images), **more)  # type: ignore[arg-type]


def scan_of(
    line: Line,
    tool: str,
    *,
    gate: bool | None,
    why: str,
    of_images: bool = True,
    reported: bool = False,
    images: Sequence[str] = (),
) -> Fact:
    return line.fact(
        "scan",
        tool,
        images,
        gate=gate,
        gate_place=line.place if gate is False else None,
        gate_why=why if gate is False else "",
        of_images=of_images,
        reported=reported,
    )


def variable_of(line: Line, name: str) -> str:
    """What a variable is when the command runs, "" where nobody sets it."""
    given = line.assigned.get(name)
    if given is not None:
        return given
    return next((one.value.text for one in line.step.environment if one.name == name), "")
