"""What a pipeline cannot be without: its system refuses it, and a file that was cut off is most often such a one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from batten.formats.lines import text_of
from batten.formats.part import as_text
from batten.formats.pipelines.document import PipelineDocument
from batten.formats.yaml.ending import expected_value, open_end
from batten.model.source import File, Pointer, Problem

if TYPE_CHECKING:
    from batten.formats.pipelines.groovy_nodes import Node

CUT: Final = "found none: was the file cut off?"
_MAY_BE_EMPTY: Final = ("on", "inputs")  # events and inputs of a workflow
_EXPRESSION: Final = "${{"
_STAGES: Final = frozenset(("stage", "template"))
_JOBS: Final = frozenset(("job", "deployment", "template", "phase"))
_STEPS: Final = frozenset(
    (
        *("task", "script", "bash", "pwsh", "powershell", "checkout", "download", "downloadBuild", "getPackage"),
        *("publish", "reviewApp", "template", "upload"),
    )
)
"""Keys of which each entry has one: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/"""


def problem_at(document: PipelineDocument, pointer: Pointer, message: str, *, key: bool = False) -> Problem:
    return Problem(document.file.path, message, document.locate(pointer, key=key).line)


def ending(document: PipelineDocument) -> list[Problem]:
    """The problem of a key that is the last thing in its file and has no value, and of an expression that the file
    ends in."""
    text = text_of(document.file)
    opened = text.rfind(_EXPRESSION)
    if opened > text.rfind("}}") and "#" not in text[text.rfind("\n", 0, opened) + 1 : opened]:
        line = text.count("\n", 0, opened) + 1
        return [
            Problem(document.file.path, "expected `}}` of the expression, found the end: was the file cut off?", line)
        ]
    end = open_end(document)
    if not end or end[0] in _MAY_BE_EMPTY or (len(end) == 1 and str(end[0]).startswith(".")):
        return []
    return [problem_at(document, end, expected_value(end), key=True)]


def unknown_jobs(document: PipelineDocument, jobs: dict[str, Any]) -> Iterable[Problem]:
    """The jobs of a workflow that wait for one that is not there."""
    for name, job in jobs.items():
        needs = job.get("needs") if isinstance(job, dict) else None
        for one in needs if isinstance(needs, list) else [needs]:
            if isinstance(one, str) and one not in jobs and _EXPRESSION not in one:
                message = f"expected the job {one} that {name} needs, {CUT}"
                yield problem_at(document, ("jobs", name, "needs"), message)


class Azure:
    """The parts of a pipeline of Azure."""

    def __init__(self, document: PipelineDocument, problems: list[Problem]) -> None:
        self._document = document
        self._problems = problems

    def tell(self, root: dict[str, Any]) -> None:
        """What is missing in the pipeline or template that the document holds."""
        for key, look in (("stages", self._stages), ("jobs", self._jobs), ("steps", self._steps)):
            if root.get(key) is not None:
                look(root[key], (key,))

    def _say(self, pointer: Pointer, what: str, *, key: bool = False) -> None:
        self._problems.append(problem_at(self._document, pointer, f"expected {what}, {CUT}", key=key))

    def _entries(
        self, value: Any, pointer: Pointer, known: frozenset[str], what: str, look: Callable[[Any, Pointer], None]
    ) -> bool:
        """Looks at each entry of a list; False where names of more may come from elsewhere."""
        if not isinstance(value, list):
            words = value if isinstance(value, dict) else [value]
            if not any(_EXPRESSION in str(word) for word in words):
                self._say(pointer, f"a list of {what}s")
            return False
        whole = True
        for number, one in enumerate(value):
            at: Pointer = (*pointer, number)
            keys = [key for key in one if _EXPRESSION in str(key)] if isinstance(one, dict) else []
            for key in keys:
                whole = False
                if isinstance(one[key], list):
                    self._entries(one[key], (*at, key), known, what, look)
            if keys or one is None or (isinstance(one, str) and _EXPRESSION in one):
                whole = False
            elif not isinstance(one, dict) or known.isdisjoint(one):
                self._say(at, f"a {what} ({', '.join(sorted(known)[:4])} …)")
            else:
                whole = whole and "template" not in one
                look(one, at)
        return whole

    def _stages(self, value: Any, pointer: Pointer) -> None:
        if self._entries(value, pointer, _STAGES, "stage", self._stage):
            self._waiting(value, pointer, ("stage",))

    def _stage(self, one: Any, at: Pointer) -> None:
        if one.get("jobs") is not None:
            self._jobs(one["jobs"], (*at, "jobs"))
        elif "template" not in one and "jobs" not in one and not any(_EXPRESSION in str(key) for key in one):
            self._say(at, f"jobs in the stage {as_text(one.get('stage'))}".rstrip())

    def _jobs(self, value: Any, pointer: Pointer) -> None:
        if self._entries(value, pointer, _JOBS, "job", self._job):
            self._waiting(value, pointer, ("job", "deployment"))

    def _job(self, one: Any, at: Pointer) -> None:
        if one.get("steps") is not None:
            self._steps(one["steps"], (*at, "steps"))

    def _steps(self, value: Any, pointer: Pointer) -> None:
        self._entries(value, pointer, _STEPS, "step", lambda one, at: None)

    def _waiting(self, value: list[Any], pointer: Pointer, keys: tuple[str, ...]) -> None:
        """Stages and jobs that wait for one that is not there; all of them are known."""
        names = {as_text(one[key]) for one in value for key in keys if isinstance(one, dict) and key in one}
        for number, one in enumerate(value):
            waits = one.get("dependsOn") if isinstance(one, dict) else None
            for name in waits if isinstance(waits, list) else [waits]:
                if isinstance(name, str) and name and name not in names and "$" not in name:
                    self._say((*pointer, number, "dependsOn"), f"{name}, which this waits for")


_TEKTON_KINDS: Final = (
    *("Task", "ClusterTask", "StepAction", "Pipeline", "TaskRun", "PipelineRun", "CustomRun", "Run", "Condition"),
    *("PipelineResource", "VerificationPolicy", "TriggerTemplate", "TriggerBinding", "ClusterTriggerBinding"),
    *("EventListener", "Trigger", "Interceptor", "ClusterInterceptor"),
)
_TASKS: Final = ("Task", "ClusterTask")
_RUNS: Final = {"TaskRun": ("taskRef", "taskSpec"), "PipelineRun": ("pipelineRef", "pipelineSpec")}
_CALLED: Final = ("taskRef", "taskSpec", "pipelineRef", "pipelineSpec")


def tekton_faults(document: PipelineDocument, root: dict[str, Any], pointer: Pointer) -> list[Problem]:
    """What the object of Tekton at `pointer` lacks, told once: the first that is missing."""
    kind = as_text(root.get("kind"))
    if kind not in _TEKTON_KINDS:
        near = [one for one in _TEKTON_KINDS if kind and one.startswith(kind)]
        message = f"expected a kind of Tekton, found {kind}: was the file cut off?"
        return [problem_at(document, (*pointer, "kind"), message)] if near else []
    for what, at in _tekton_lacks(kind, root, pointer):
        return [problem_at(document, at, f"expected {what}, {CUT}")]
    return []


def _tekton_lacks(kind: str, root: dict[str, Any], pointer: Pointer) -> Iterator[tuple[str, Pointer]]:
    metadata, spec, at = root.get("metadata"), root.get("spec"), (*pointer, "spec")
    if not (isinstance(metadata, dict) and (metadata.get("name") or metadata.get("generateName"))):
        yield f"metadata.name in the {kind}", pointer
    if kind not in (*_TASKS, *_RUNS, "Pipeline", "StepAction"):
        return
    if not isinstance(spec, dict):
        yield f"spec in the {kind}", pointer
        return
    if kind in _RUNS and not any(spec.get(key) for key in _RUNS[kind]):
        yield f"{' or '.join(_RUNS[kind])} in the {kind}", at
    if kind == "StepAction" and not spec.get("image"):
        yield "an image in the StepAction", at
    for key, look in (("taskSpec", _task_lacks), ("pipelineSpec", _pipeline_lacks)):
        if isinstance(spec.get(key), dict):
            yield from look(spec[key], (*at, key))
    if kind in _TASKS:
        yield from _task_lacks(spec, at)
    elif kind == "Pipeline":
        yield from _pipeline_lacks(spec, at)


def _task_lacks(spec: dict[str, Any], at: Pointer) -> Iterator[tuple[str, Pointer]]:
    steps, template = spec.get("steps"), spec.get("stepTemplate")
    if not isinstance(steps, list) or not steps:
        yield "steps in the task", at
        return
    given = isinstance(template, dict) and template.get("image")
    for number, one in enumerate(steps):
        if not isinstance(one, dict) or not (one.get("image") or one.get("ref") or given):
            yield "an image of the step", (*at, "steps", number)


def _pipeline_lacks(spec: dict[str, Any], at: Pointer) -> Iterator[tuple[str, Pointer]]:
    tasks = spec.get("tasks")
    if not isinstance(tasks, list) or not tasks:
        yield "tasks in the pipeline", at
        return
    names = {as_text(one.get("name")) for one in tasks if isinstance(one, dict)}
    for key in ("tasks", "finally"):
        listed = spec.get(key)
        for number, one in enumerate(listed if isinstance(listed, list) else ()):
            place = (*at, key, number)
            if not isinstance(one, dict) or not any(one.get(call) for call in _CALLED):
                yield "taskRef or taskSpec of the task", place
                continue
            waits = one.get("runAfter")
            for name in waits if isinstance(waits, list) else ():
                if isinstance(name, str) and name not in names:
                    yield f"the task {name} that {as_text(one.get('name'))} runs after", (*place, "runAfter")
            if isinstance(one.get("taskSpec"), dict) and not one["taskSpec"].get("apiVersion"):
                yield from _task_lacks(one["taskSpec"], (*place, "taskSpec"))


def jenkins_faults(file: File, text: str, statements: list[Node]) -> list[Problem]:
    """The problem of a Jenkinsfile that does nothing or ends in a word alone."""
    if not statements:
        return [Problem(file.path, f"expected a pipeline, {CUT}", 1)]
    last = statements[-1]
    if last.kind == "name" and last.name != "_" and not text[: last.start].endswith("return "):
        line = text.count("\n", 0, last.start) + 1
        return [
            Problem(file.path, f"expected a statement, found {last.name[:40]!r} alone: was the file cut off?", line)
        ]
    if file.name.lower().endswith(".groovy") or any(map(_acts, statements)):
        return []
    line = text.count("\n", 0, last.start) + 1
    return [Problem(file.path, f"expected a pipeline or steps after the declarations, {CUT}", line)]


def _acts(node: Node) -> bool:
    """Whether a statement does more than to declare: it calls something, or is left by a script that is loaded."""
    if node.kind == "call":
        return not node.name.startswith("@") and node.name not in ("properties", "library")
    if node.kind == "assign":
        return any(map(_acts, node.arguments))
    return node.kind in ("block", "name")  # a name: what a script that is loaded returns
