"""What the readers of all systems have in common: from mappings of a document to parts of a pipeline."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from batten.formats.part import as_text
from batten.formats.pipelines.document import PipelineDocument
from batten.limits import PIPELINE_JOBS, PIPELINE_STEPS
from batten.model.image import parse_reference
from batten.model.pipeline import Expression, Head, Job, Pipeline, Rights, Script, Step, Text, Use, Variable
from batten.model.source import Document, File, Place, Pointer, Problem, Unreadable
from batten.model.workload import Resource
from batten.pattern import pattern

GITHUB: Final = "github"
AZURE: Final = "azure"
TEKTON: Final = "tekton"
_MACRO: Final = pattern(r"\$\(([A-Za-z_][\w.-]{0,200})\)")
_REPLACED: Final = pattern(
    r"\$\(((?:params|inputs|tt\.params|context|workspaces|results|tasks|outputs|steps|body|header)[.\[][^()\n]{0,200})\)"
)

KNOWN_SECRETS: Final[dict[str, tuple[str, ...]]] = {
    "gitlab-ci": ("CI_JOB_TOKEN", "CI_REGISTRY_PASSWORD", "CI_DEPLOY_PASSWORD", "CI_DEPENDENCY_PROXY_PASSWORD"),
    "github-actions": ("GITHUB_TOKEN",),
    "azure-pipelines": ("SYSTEM_ACCESSTOKEN",),
}


def expressions(text: str, kind: str) -> tuple[Expression, ...]:
    """The expressions of a text in the spelling of a system."""
    if "$" not in text:
        return ()
    if kind == TEKTON:
        return tuple(Expression(one.start(), one.end(), one[1].strip()) for one in _REPLACED.finditer(text))
    found = list(_in_braces(text))
    if kind == AZURE:
        found += [Expression(one.start(), one.end(), one[1]) for one in _MACRO.finditer(text)]
        found.sort(key=lambda one: one.start)
    return tuple(found)


def _in_braces(text: str) -> Iterator[Expression]:
    """`${{ … }}`, each ended by the next `}}`."""
    start = text.find("${{")
    while start >= 0:
        end = text.find("}}", start + 3)
        if end < 0:
            return
        yield Expression(start, end + 2, text[start + 3 : end].strip())
        start = text.find("${{", end + 2)


def script_at(document: Document, pointer: Pointer, value: Any, shell: str, kind: str, **fields: bool) -> Script:
    """A scalar as a script. `fields`: `certain` and `pipefail` of it."""
    text = as_text(value)
    return Script(text, document, pointer, shell=shell, expressions=expressions(text, kind), **fields)


def reference(text: Text, *, separator: str = "@") -> tuple[str, str]:
    """Name and version of `name@version`."""
    name, _, ref = text.text.partition(separator)
    return name.strip(), ref.strip()


def image_use(text: str) -> tuple[str, str]:
    """Name and digest (else tag) of an image's reference."""
    found = parse_reference(text)
    return (text, "") if found is None else (found.name, found.digest or found.tag or "")


class Builder:
    """One pipeline while it is read."""

    def __init__(self, document: PipelineDocument | Document, file: File, head: Head, name: str, pointer: Pointer = ()):
        self.document = document
        self.file = file
        self.head = head
        self.name = name
        self.pointer = pointer
        self.scope = file.directory or "."
        self.jobs: list[Job] = []
        self.problems: list[Problem] = []
        """What was left out of it."""
        self.steps: dict[str, int] = {}
        self.count = 0

    def resource(self, job: str = "") -> Resource:
        """What findings are about: the pipeline, or one of its jobs."""
        if not job:
            return Resource(self.head.platform, self.head.kind, self.name)
        if job == self.name and self.head.platform in ("tekton", "azure-pipelines", "jenkins"):
            return Resource(self.head.platform, self.head.kind, self.name)  # it has one job, which is all of it
        kind = {"tekton": "PipelineTask", "jenkins": "Stage"}.get(self.head.platform, "Job")
        return Resource(self.head.platform, kind, job, self.name)

    def step(self, document: Document, pointer: Pointer, job: str, **fields: Any) -> Step:
        """A step of a job."""
        self.count += 1
        if self.count > PIPELINE_STEPS:
            line = document.locate(pointer).line
            raise Unreadable(f"expected at most {PIPELINE_STEPS} steps in one pipeline, found more; not judged", line)
        index = self.steps[job] = self.steps.get(job, -1) + 1
        name = fields.pop("name", "") or f"step {index + 1}"
        return Step(
            document=document,
            pointer=pointer,
            resource=self.resource(job),
            scope=self.scope,
            name=name,
            head=self.head,
            job=job,
            index=index,
            **fields,
        )

    def job(self, document: Document, pointer: Pointer, name: str, **fields: Any) -> None:
        """Adds a job."""
        if len(self.jobs) >= PIPELINE_JOBS:
            if not self.problems:
                line = document.locate(pointer).line
                message = f"expected at most {PIPELINE_JOBS} jobs in one pipeline, found more; the rest is not judged"
                self.problems.append(Problem(self.file.path, message, line))
            return
        self.jobs.append(
            Job(
                document=document,
                pointer=pointer,
                resource=self.resource(name),
                scope=self.scope,
                name=name,
                head=self.head,
                **fields,
            )
        )

    def nouns(self, *, rights: Rights | None = None, uses: Iterable[Use] = ()) -> list[Any]:
        """The pipeline with its jobs and steps."""
        jobs = ordered(self.jobs)
        whole = Pipeline(
            document=self.document,
            pointer=self.pointer,
            resource=self.resource(),
            scope=self.scope,
            name=self.name,
            head=self.head,
            rights=rights,
            uses=tuple(uses),
            jobs=tuple(jobs),
        )
        return [whole, *jobs, *whole.steps()]


def ordered(jobs: list[Job]) -> list[Job]:
    """The jobs with all that have ended before them: those that they wait for, and those that these wait for."""
    from msgspec.structs import replace

    numbers = {job.name: number for number, job in enumerate(jobs)}
    names = [job.name for job in jobs]
    waits = [[numbers[name] for name in job.after if name in numbers] for job in jobs]
    closed: dict[int, int] = {}  # sets as the bits of numbers: several thousand of them are joined
    for first in range(len(jobs)):
        stack = [(first, False)]
        opened: set[int] = set()
        while stack:
            one, done = stack.pop()
            if done:
                bits = 0
                for other in waits[one]:
                    bits |= 1 << other | closed.get(other, 0)  # of a circle, what is known
                closed[one] = bits & ~(1 << one)
            elif one not in closed and one not in opened:
                opened.add(one)
                stack.append((one, True))
                stack += [(other, False) for other in waits[one]]
    shared: dict[int, frozenset[str]] = {}
    for bits in closed.values():
        if bits not in shared:
            shared[bits] = frozenset(name for number, name in enumerate(names) if bits >> number & 1)
    return [replace(job, after=shared[closed[number]]) for number, job in enumerate(jobs)]


def secret_names(variables: Iterable[Variable], platform: str) -> tuple[str, ...]:
    """The variables that hold secrets, those that the system sets included."""
    seen: dict[str, bool] = {}
    for one in variables:
        seen.setdefault(one.name, one.secret)
    names = [name for name, secret in seen.items() if secret]
    return (*names, *(name for name in KNOWN_SECRETS.get(platform, ()) if name not in seen))


def place(document: Document, *pointer: str | int) -> Place:
    return Place(document, pointer)


def mapping(value: Any) -> dict[str, Any]:
    """The mapping, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def items(value: Any) -> list[Any]:
    """The list; of one value, a list of it."""
    if isinstance(value, list):
        return value
    return [] if value is None else [value]
