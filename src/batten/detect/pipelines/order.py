"""Which step of a pipeline comes before which, steps of the same repository that it calls included."""

from __future__ import annotations

import posixpath
from collections import ChainMap
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from batten.detect.pipelines.steps import Fact, facts
from batten.limits import PIPELINE_DEPTH
from batten.model.inventory import Inventory
from batten.model.pipeline import Job, Pipeline, Step, Use
from batten.model.source import Place

Known = Mapping[str, Sequence[Pipeline]]
"""Pipelines by the path of their file, and Tekton's tasks by `scope//name`."""


class Occurrence(Struct, frozen=True, eq=False):
    """A fact, and where in the pipeline it comes. `place`: in the pipeline's own text, where it is called from."""

    fact: Fact
    job: Job
    index: tuple[int, ...]
    place: Place
    step: Step

    def before(self, other: Occurrence) -> bool:
        """Has it ended when the other begins?"""
        if self.job is other.job:
            return self.index < other.index
        return self.job.name in other.job.after

    @property
    def may_fail(self) -> Place | None:
        """Where it is written that nothing stops when it fails."""
        return self.step.may_fail or self.job.may_fail


def occurrences(pipeline: Pipeline, known: Known) -> list[Occurrence]:
    """Everything that the pipeline does, in the order written."""
    found: list[Occurrence] = []
    for job in pipeline.jobs:
        if job.use is not None:
            for called in _called(job.use, pipeline, known):
                found += _inside(called, job, (0,), job.use.text.place, known, 0)
        for step in job.steps:
            found += _of_step(step, job, (step.index,), None, pipeline, known, 0)
    return found


def _of_step(
    step: Step,
    job: Job,
    index: tuple[int, ...],
    place: Place | None,
    pipeline: Pipeline,
    known: Known,
    depth: int,
) -> Iterator[Occurrence]:
    for number, fact in enumerate(facts(step)):
        yield Occurrence(fact, job, (*index, number), place or fact.place, step)
    if step.use is not None and depth < PIPELINE_DEPTH:
        for called in _called(step.use, pipeline, known):
            yield from _inside(called, job, index, place or step.use.text.place, known, depth + 1)


def _inside(
    called: Pipeline, job: Job, index: tuple[int, ...], place: Place, known: Known, depth: int
) -> Iterator[Occurrence]:
    if depth > 4:  # GitHub allows ten; what is deeper adds nothing
        return
    count = 0
    for inner in called.jobs:
        for step in inner.steps:
            yield from _of_step(step, job, (*index, count), place, called, known, depth + 1)
            count += 1


def called(use: Use, step: Step, known: Known) -> Sequence[Pipeline]:
    """The action or workflow of the same repository that a step uses."""
    return _called(use, step, known)


def _called(use: Use, pipeline: Pipeline | Step, known: Known) -> Sequence[Pipeline]:
    """The pipeline of the same repository that a use means."""
    if not use.local:
        return ()
    if pipeline.head.platform == "tekton":
        return [one for one in known.get(f"{pipeline.scope}//{use.name}", ()) if one is not pipeline]
    if pipeline.head.platform != "github-actions":
        return ()
    path = posixpath.normpath(use.name)
    own = pipeline.document.file.path
    root = own.partition(".github/")[0] if ".github/" in own else ""
    for name in (path, f"{path}/action.yml", f"{path}/action.yaml"):
        # a scan of `.github` alone sees the paths below it
        for each in (f"{root}{name}", name.removeprefix(".github/")):
            if each in known:
                return [one for one in known[each] if one is not pipeline]
    return ()


def by_path(pipeline: Pipeline) -> str:
    """The path of its file: how actions and workflows of the same repository are named."""
    return pipeline.document.file.path


def by_name(pipeline: Pipeline) -> str:
    """How Tekton's tasks are named."""
    return f"{pipeline.scope}//{pipeline.name}"


def known_pipelines(inventory: Inventory) -> Known:
    """Every pipeline that was read, under its names."""
    return ChainMap(inventory.indexed(Pipeline, by_path), inventory.indexed(Pipeline, by_name))  # type: ignore[arg-type]
