"""GitHub Actions: workflows, and actions that are made of steps (`action.yml`).

Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax and `…/metadata-syntax`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from batten.formats.interface import ReadContext, Reading
from batten.formats.part import as_text
from batten.formats.pipelines.complete import CUT, ending, unknown_jobs
from batten.formats.pipelines.document import PipelineDocument, read_pipeline, text_at
from batten.formats.pipelines.draft import (
    GITHUB,
    Builder,
    expressions,
    items,
    mapping,
    place,
    reference,
    script_at,
    secret_names,
)
from batten.model.pipeline import Head, HostMount, JobImage, Rights, Runner, Step, Text, Trigger, Use, Variable
from batten.model.source import File, Place, Pointer, Problem
from batten.pattern import pattern

_HOSTED: Final = pattern(r"(?:ubuntu|windows|macos)-[\w.-]+\Z")
_SECRET: Final = pattern(r"\bsecrets\.(?!inherit)|\bgithub\.token\b|secrets\[")
_OPTION: Final = pattern(r"(?:-v|--volume|--mount)[ =]([^\s]+)")
_SHELLS: Final = {"pwsh": "powershell", "bash": "bash", "sh": "sh", "cmd": "cmd", "python": "python"}
_SYSTEM: Final = pattern(r"ubuntu|linux|macos|windows|debian|centos|fedora", re.IGNORECASE)
_NOT_FAILING: Final = ("true", "${{ true }}")


def read(file: File, context: ReadContext) -> Reading:
    """The pipeline that the file holds."""
    reading = Reading()
    for document in read_pipeline(file, context.files):
        if isinstance(document, Problem):
            reading.problems.append(document)
            continue
        found = _read(document, file, reading.problems)
        if found is None:
            continue
        reading.nouns += found
        reading.problems += document.notes
        reading.problems += ending(document)
    reading.recognised = bool(reading.nouns or reading.problems)
    return reading


def _read(document: PipelineDocument, file: File, problems: list[Problem]) -> list[Any] | None:
    root = mapping(document.value)
    if isinstance(root.get("jobs"), dict) and "on" in root:
        return _Workflow(document, file, root, problems).read()
    runs = root.get("runs")
    if isinstance(runs, dict) and "using" in runs:
        return _action(document, file, root, runs, problems)
    if _is_workflow(file.path):
        what = "`on` and `jobs`"
        problems.append(Problem(file.path, f"expected a workflow with {what}, found none of it", document.line))
    return None


def _is_workflow(path: str) -> bool:
    return "/.github/workflows/" in f"/{path}"


def _triggers(document: PipelineDocument, value: Any) -> Iterator[Trigger]:
    if isinstance(value, str):
        yield Trigger(value, place(document, "on"))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield Trigger(as_text(one), place(document, "on", number))
    else:
        for name in mapping(value):
            yield Trigger(name, Place(document, ("on", name), True))


def _parameters(value: Any) -> dict[str, str]:
    """The types of what callers and users hand in, by the expression that reads it."""
    found = {}
    for event in ("workflow_call", "workflow_dispatch"):
        for name, one in mapping(mapping(mapping(value).get(event)).get("inputs")).items():
            found[name] = as_text(mapping(one).get("type")) or "string"
    return found


def _rights(document: PipelineDocument, value: Any, pointer: Pointer) -> Rights | None:
    """`permissions`: a word for all scopes, or a word for each; what is not named there is none."""
    at = Place(document, pointer)
    if isinstance(value, str):
        word = {"read-all": "read", "write-all": "write"}.get(value)
        return Rights({"all": word}, at) if word else None
    if not isinstance(value, dict):
        return None
    scopes = {name: as_text(word) for name, word in value.items()}
    return Rights(scopes, at, {name: Place(document, (*pointer, name)) for name in value})


def _variables(document: PipelineDocument, value: Any, pointer: Pointer) -> tuple[Variable, ...]:
    found = []
    for name, one in mapping(value).items():
        text = text_at(document, (*pointer, name), one)
        secret = any(_SECRET.search(each.text) for each in expressions(text.text, GITHUB))
        found.append(Variable(name, text, secret))
    return tuple(found)


def action_use(text: Text, kind: str = "action") -> Use:
    """`owner/name/path@ref`, `./local`, `docker://image:tag`."""
    name, ref = reference(text)
    local = text.text.startswith(("./", "../"))
    return Use("workflow" if kind == "workflow" else "action", text, name, ref, local)


class _Workflow:
    def __init__(self, document: PipelineDocument, file: File, root: dict[str, Any], problems: list[Problem]) -> None:
        self.document = document
        self.root = root
        self.problems = problems
        triggers = tuple(_triggers(document, root.get("on")))
        part = bool(triggers) and all(one.name == "workflow_call" for one in triggers)
        head = Head("github-actions", "Workflow", part, triggers, _parameters(root.get("on")))
        self.build = Builder(document, file, head, file.name.partition(".")[0])
        self.environment = _variables(document, root.get("env"), ("env",))
        self.shell = as_text(mapping(mapping(root.get("defaults")).get("run")).get("shell"))

    def read(self) -> list[Any]:
        rights = _rights(self.document, self.root.get("permissions"), ("permissions",))
        for name, value in mapping(self.root.get("jobs")).items():
            pointer: Pointer = ("jobs", name)
            if isinstance(value, dict):
                self.job(name, value, pointer)
            else:
                line = self.document.locate(pointer).line
                self.problems.append(Problem(self.document.file.path, f"expected job {name} to be a mapping", line))
        self.problems += self.build.problems
        self.problems += unknown_jobs(self.document, mapping(self.root.get("jobs")))
        return self.build.nouns(rights=rights)

    def job(self, name: str, value: dict[str, Any], pointer: Pointer) -> None:
        document = self.document
        environment = (*_variables(document, value.get("env"), (*pointer, "env")), *self.environment)
        runner = _runner(document, value.get("runs-on"), (*pointer, "runs-on"))
        shell = as_text(mapping(mapping(value.get("defaults")).get("run")).get("shell")) or self.shell
        self._tell_incomplete(name, value, pointer)
        images, mounts, privileged = _containers(document, value, pointer)
        shells = (shell,) if shell else _default_shells(runner, value)
        steps = _steps(
            self.build, name, value.get("steps"), (*pointer, "steps"), environment, shell, shells, self.problems
        )
        use = None
        if isinstance(value.get("uses"), str):
            use = action_use(text_at(document, (*pointer, "uses"), value["uses"]), "workflow")
        self.build.job(
            document,
            pointer,
            name,
            after=frozenset(as_text(one) for one in items(value.get("needs"))),
            runner=runner,
            images=images,
            mounts=mounts,
            privileged=privileged,
            rights=_rights(document, value.get("permissions"), (*pointer, "permissions")),
            use=use,
            condition=_condition(document, value, pointer),
            may_fail=_may_fail(document, value, pointer),
            steps=steps,
        )

    def _tell_incomplete(self, name: str, value: dict[str, Any], pointer: Pointer) -> None:
        """What GitHub refuses the workflow for: a job runs steps on something, or calls another workflow."""
        if value.get("uses") is not None:
            return
        missing = [key for key in ("runs-on", "steps") if not value.get(key)]
        if missing:
            line = self.document.locate(pointer, key=True).line
            message = f"expected {' and '.join(missing)} in the job {name}, {CUT}"
            self.problems.append(Problem(self.document.file.path, message, line))


def _runner(document: PipelineDocument, value: Any, pointer: Pointer) -> Runner:
    if isinstance(value, dict):  # a group of runners, with labels
        labels = items(value.get("labels"))
        text = text_at(document, pointer, labels[0] if labels else value.get("group"))
        own = any(as_text(one) == "self-hosted" for one in labels)
        return Runner("own" if own else "unknown", text)
    labels = [as_text(one) for one in items(value)]
    if not labels:
        return Runner("unknown")
    text = text_at(document, (*pointer, 0) if isinstance(value, list) else pointer, labels[0])
    if "self-hosted" in labels:
        return Runner("own", text)
    return Runner("hosted" if _HOSTED.match(labels[0]) else "unknown", text)


def _default_shells(runner: Runner, job: dict[str, Any]) -> tuple[str, ...]:
    """The shells that a job's scripts may be run by where none is named: Windows has another one.

    A runner that an expression names is one of the job's matrix; what only the caller knows may be any.
    """
    word = runner.text.text if runner.text is not None else ""
    if job.get("container"):
        return ("sh",)
    if "${{" not in word:
        return ("powershell",) if word.lower().startswith("windows") else ("bash",)
    matrix = mapping(job.get("strategy")).get("matrix")
    words = [word, *_words(matrix)] if "matrix." in word else [word]
    systems = [one for one in words if _SYSTEM.search(one)]
    windows = [one for one in systems if "windows" in one.lower()]
    if windows:
        return ("powershell",) if len(windows) == len(systems) else ("bash", "powershell")
    known = systems and not any("fromJSON" in one for one in words)
    return ("bash",) if known else ("bash", "powershell")


def _words(value: Any) -> list[str]:
    """Every text in a value."""
    if isinstance(value, dict):
        return [word for inner in value.values() for word in _words(inner)]
    if isinstance(value, list):
        return [word for inner in value for word in _words(inner)]
    return [value] if isinstance(value, str) else []


def _containers(
    document: PipelineDocument, value: dict[str, Any], pointer: Pointer
) -> tuple[tuple[JobImage, ...], tuple[HostMount, ...], tuple[Place, ...]]:
    """`container` and `services` of a job, the paths of the machine in them, and where rights are given."""
    images: list[JobImage] = []
    mounts: list[HostMount] = []
    privileged: list[Place] = []
    entries: list[tuple[str, Any, Pointer]] = []
    if value.get("container"):
        entries.append(("job", value["container"], (*pointer, "container")))
    entries += [("service", one, (*pointer, "services", name)) for name, one in mapping(value.get("services")).items()]
    for kind, one, at in entries:
        body = mapping(one)
        options = as_text(body.get("options"))
        allowed = None
        if "--privileged" in options.split():
            allowed = Place(document, (*at, "options"))
            privileged.append(allowed)
        if isinstance(one, str):
            images.append(JobImage("job" if kind == "job" else "service", text_at(document, at, one)))
        elif body.get("image"):
            text = text_at(document, (*at, "image"), body["image"])
            images.append(JobImage("job" if kind == "job" else "service", text, allowed))
        for number, volume in enumerate(items(body.get("volumes"))):
            source = as_text(volume).split(":")[0]
            mounts.append(HostMount(source, Place(document, (*at, "volumes", number))))
        mounts += [
            HostMount(found[1].split(":")[0], Place(document, (*at, "options"))) for found in _OPTION.finditer(options)
        ]
    return tuple(images), tuple(mounts), tuple(privileged)


def _condition(document: PipelineDocument, value: dict[str, Any], pointer: Pointer) -> Text | None:
    return text_at(document, (*pointer, "if"), value["if"]) if value.get("if") is not None else None


def _may_fail(document: PipelineDocument, value: dict[str, Any], pointer: Pointer) -> Place | None:
    word = as_text(value.get("continue-on-error")).strip()
    return Place(document, (*pointer, "continue-on-error")) if word in _NOT_FAILING else None


def _steps(
    build: Builder,
    job: str,
    value: Any,
    pointer: Pointer,
    around: tuple[Variable, ...],
    shell: str,
    shells: tuple[str, ...],
    problems: list[Problem],
) -> tuple[Step, ...]:
    """`shell`: the one that is named for all; `shells`: those that may run what names none."""
    document = build.document
    assert isinstance(document, PipelineDocument)
    found: list[Step] = []
    for number, one in enumerate(value if isinstance(value, list) else ()):
        at: Pointer = (*pointer, number)
        if not isinstance(one, dict) or (one.get("run") is None and one.get("uses") is None):
            line = document.locate(at).line
            problems.append(Problem(document.file.path, "expected a step with `run` or `uses`, found none", line))
            continue
        environment = (*_variables(document, one.get("env"), (*at, "env")), *around)
        fields: dict[str, Any] = {
            "name": as_text(one.get("name")) or as_text(one.get("id")) or as_text(one.get("uses")).partition("@")[0],
            "environment": environment,
            "secrets": secret_names(environment, "github-actions"),
            "condition": _condition(document, one, at),
            "may_fail": _may_fail(document, one, at),
            "always": "always()" in as_text(one.get("if")),
        }
        if one.get("run") is not None:
            named = as_text(one.get("shell")) or shell
            word = named.split()[0] if named.split() else shells[0]
            fields["script"] = script_at(
                document,
                (*at, "run"),
                one["run"],
                _SHELLS.get(word, word),
                GITHUB,
                certain=bool(named.split()) or len(shells) == 1,
                # https://docs.github.com/actions/reference/workflow-syntax-for-github-actions, defaults.run.shell
                pipefail=named.strip() == "bash" or "pipefail" in named,
            )
        elif isinstance(one.get("uses"), str):
            text = text_at(document, (*at, "uses"), one["uses"])
            if text.text.startswith("docker://"):
                fields["image"] = Text(text.text[9:], document, text.pointer, 9, whole=False)
            else:
                fields["use"] = action_use(text)
            inputs = mapping(one.get("with"))
            fields["inputs"] = {name: text_at(document, (*at, "with", name), each) for name, each in inputs.items()}
            if fields.get("use") is not None and fields["use"].name == "actions/github-script" and "script" in inputs:
                fields["script"] = script_at(document, (*at, "with", "script"), inputs["script"], "javascript", GITHUB)
        found.append(build.step(document, at, job, **fields))
    return tuple(found)


def _action(
    document: PipelineDocument, file: File, root: dict[str, Any], runs: dict[str, Any], problems: list[Problem]
) -> list[Any]:
    folder = file.directory.rpartition("/")[2] or "action"
    inputs = dict.fromkeys(mapping(root.get("inputs")), "string")
    build = Builder(document, file, Head("github-actions", "Action", True, (), inputs), folder)
    images: tuple[JobImage, ...] = ()
    image = as_text(runs.get("image"))
    if image.startswith("docker://"):
        images = (JobImage("job", Text(image[9:], document, ("runs", "image"), 9, whole=False)),)
    steps = _steps(build, "runs", runs.get("steps"), ("runs", "steps"), (), "", ("bash",), problems)
    build.job(document, ("runs",), "runs", steps=steps, images=images)
    return build.nouns()
