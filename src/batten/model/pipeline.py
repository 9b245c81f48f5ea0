"""Pipelines of continuous integration, whatever system runs them: what runs, in which order, with which rights.

GitHub Actions, GitLab CI, Azure Pipelines, Jenkins and Tekton become the same nouns. A `Pipeline` is what is started
as one (a workflow, a `.gitlab-ci.yml`, a Jenkinsfile, a Tekton object), a `Job` is what gets a machine or pod of its
own, a `Step` is one script, action or image that runs there.
"""

from __future__ import annotations

from typing import Any, Final, Literal

from msgspec import Struct, field

from batten.model.objects import Declared
from batten.model.source import Document, Place, Pointer

RANGE: Final = "\0range"
"""In a pointer: what follows are the first and the last character (exclusive) of the scalar's value."""


def ranges_replaced(value: Any, parts: list[tuple[Any, ...]]) -> Any:
    """The value of a scalar after its characters from `first` to `end` became `text`, for each of `parts`."""
    if not isinstance(value, str):
        return value
    for first, end, text in sorted(parts, reverse=True):
        value = value[:first] + text + value[end:]
    return value


class Text(Struct, frozen=True, eq=False, gc=False):
    """A text that stands in a document. `start`: where it begins in the value of the scalar at `pointer`."""

    text: str
    document: Document
    pointer: Pointer
    start: int = 0
    whole: bool = True
    """It is the scalar's whole value, so that its place is the scalar's own."""

    def at(self, start: int, end: int) -> Place:
        """The place of the characters from `start` to `end` of the text."""
        return Place(self.document, (*self.pointer, RANGE, self.start + start, self.start + end))

    @property
    def place(self) -> Place:
        """The place of all of it."""
        return Place(self.document, self.pointer) if self.whole else self.at(0, len(self.text))


class Expression(Struct, frozen=True, gc=False):
    """What the system puts into a text before anything runs: `${{ … }}`, `$(…)`, `${…}` of a Groovy string.

    `start` and `end` are characters of the text that it stands in; `text` is without delimiters.
    """

    start: int
    end: int
    text: str


class Script(Text, frozen=True, eq=False, gc=False, kw_only=True):
    """A text that an interpreter runs."""

    shell: str = "sh"
    """`sh`, `bash`, `powershell`, `cmd`, `python`, `javascript`, or the word that is written."""
    certain: bool = True
    """False: where the runner is another one (a matrix with Windows), the shell is another one, too."""
    pipefail: bool = False
    """The system starts the shell so that a command that fails before a pipe ends the script."""
    expressions: tuple[Expression, ...] = ()


class Variable(Struct, frozen=True, eq=False, gc=False):
    """A variable of the environment; `secret`: its value comes from the system's store of secrets."""

    name: str
    value: Text
    secret: bool = False


class Use(Struct, frozen=True, eq=False, gc=False):
    """Code of other people that is fetched when the pipeline runs.

    `name`: `actions/checkout`; `ref`: `v4`, a commit, a digest, "" where none is written.
    """

    kind: Literal["action", "workflow", "template", "task", "library"]
    text: Text
    name: str
    ref: str = ""
    local: bool = False
    """It is a file of the same repository, or comes with the system itself."""


class JobImage(Struct, frozen=True, eq=False, gc=False):
    """An image that a job runs in, or that runs beside it (`service`)."""

    kind: Literal["job", "service", "step"]
    text: Text
    privileged: Place | None = None
    """Where it is given all rights."""


class HostMount(Struct, frozen=True, eq=False, gc=False):
    """A path of the machine that is mounted into a job."""

    source: str
    place: Place


class Runner(Struct, frozen=True, eq=False, gc=False):
    """The machine: `hosted` is one that the system lends for one job, `own` one that is kept."""

    kind: Literal["hosted", "own", "unknown"]
    text: Text | None = None


class Rights(Struct, frozen=True, eq=False, gc=False):
    """The rights of the token that a job is given: scope -> `read`, `write`, `none`; `all` stands for every scope."""

    scopes: dict[str, str]
    place: Place
    places: dict[str, Place] = field(default_factory=dict)


class Trigger(Struct, frozen=True, eq=False, gc=False):
    """What starts the pipeline, in the system's own word: `push`, `pull_request_target`, `schedule`."""

    name: str
    place: Place


class Head(Struct, frozen=True, eq=False):
    """What all parts of one pipeline share."""

    platform: str
    kind: str
    """`Workflow`, `Action`, `Pipeline`, `Template`, `Jenkinsfile`, `Task`, `PipelineRun` …"""
    part: bool
    """It does not run by itself: other pipelines call it."""
    triggers: tuple[Trigger, ...] = ()
    parameters: dict[str, str] = field(default_factory=dict)
    """Name -> type (`string`, `boolean`, `choice`, `number` …) of what the caller or the user hands in."""
    cache: dict[Any, Any] = field(default_factory=dict)
    """What is worked out of its parts, kept for the next check that asks."""


class Step(Declared, frozen=True, eq=False, kw_only=True):
    """One thing that a job does, in the order written."""

    head: Head
    job: str
    index: int
    script: Script | None = None
    use: Use | None = None
    inputs: dict[str, Text] = field(default_factory=dict)
    environment: tuple[Variable, ...] = ()
    """Its own variables, then those of its job and of the pipeline; the first of a name counts."""
    secrets: tuple[str, ...] = ()
    """Variables that hold secrets where it runs, whoever set them."""
    image: Text | None = None
    arguments: tuple[Text, ...] = ()
    """Command and arguments, where an image is run with some instead of a script."""
    condition: Text | None = None
    may_fail: Place | None = None
    """Where it is written that the job goes on whatever becomes of it."""
    always: bool = False
    """Runs also after others have failed, as a clean-up does."""


class Job(Declared, frozen=True, eq=False, kw_only=True):
    """What runs on a machine or in a pod of its own."""

    head: Head
    stage: str = ""
    after: frozenset[str] = frozenset()
    """Jobs that have ended when it begins, those before them included."""
    runner: Runner = Runner("unknown")
    images: tuple[JobImage, ...] = ()
    mounts: tuple[HostMount, ...] = ()
    privileged: tuple[Place, ...] = ()
    rights: Rights | None = None
    """What is written at the job; None: the pipeline's hold."""
    use: Use | None = None
    """It runs a whole workflow that stands elsewhere."""
    condition: Text | None = None
    may_fail: Place | None = None
    steps: tuple[Step, ...] = ()


class Pipeline(Declared, frozen=True, eq=False, kw_only=True):
    """What is started as one."""

    head: Head
    rights: Rights | None = None
    uses: tuple[Use, ...] = ()
    """Files and libraries that are drawn in for the whole of it."""
    jobs: tuple[Job, ...] = ()

    def steps(self) -> list[Step]:
        """The steps of all jobs in the order written."""
        return [step for job in self.jobs for step in job.steps]
