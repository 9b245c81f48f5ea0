"""Azure Pipelines: `azure-pipelines.yml` and the templates that such files are made of.

Source: https://learn.microsoft.com/azure/devops/pipelines/yaml-schema/. Templates of the same repository are read as
pipelines of their own; keys such as `${{ if … }}` are looked through, whatever their condition says.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.detect.secrets import looks_like_secret_name
from batten.formats.interface import ReadContext, Reading
from batten.formats.part import as_text
from batten.formats.pipelines import AZURE_NAME
from batten.formats.pipelines.complete import Azure, ending
from batten.formats.pipelines.document import PipelineDocument, read_pipeline, text_at
from batten.formats.pipelines.draft import (
    AZURE,
    Builder,
    expressions,
    items,
    mapping,
    script_at,
    secret_names,
)
from batten.limits import PIPELINE_DEPTH
from batten.model.pipeline import Head, HostMount, JobImage, Runner, Step, Trigger, Use, Variable
from batten.model.source import File, Place, Pointer, Problem
from batten.pattern import pattern

_SHELLS: Final = {"script": "sh", "bash": "bash", "pwsh": "powershell", "powershell": "powershell"}
# the task whose input is a script -> the input, and the shell
_SCRIPT_TASKS: Final = {
    "Bash": ("script", "bash"),
    "CmdLine": ("script", "sh"),
    "PowerShell": ("script", "powershell"),
    "AzureCLI": ("inlineScript", "bash"),
    "AzurePowerShell": ("Inline", "powershell"),
    "SSH": ("inline", "bash"),
}
_HOSTED_POOLS: Final = ("Azure Pipelines", "Hosted Ubuntu 1604", "Hosted VS2017", "Default Hosted")
_PHASES: Final = ("preDeploy", "deploy", "routeTraffic", "postRouteTraffic")
_IMAGE: Final = pattern(r"[/:@]")
_MOUNT: Final = pattern(r"(?:-v|--volume|--mount)[ =]([^\s]+)")


def read(file: File, context: ReadContext) -> Reading:
    """The pipeline or template that the file holds."""
    reading = Reading()
    for document in read_pipeline(file, context.files):
        if isinstance(document, Problem):
            reading.problems.append(document)
            continue
        root = mapping(document.value)
        if not any(name in root for name in ("steps", "jobs", "stages", "extends")):
            continue
        reading.nouns += _Azure(document, file, root, reading.problems).read()
        reading.problems += document.notes
        Azure(document, reading.problems).tell(root)
        reading.problems += ending(document)
    reading.recognised = bool(reading.nouns or reading.problems)
    return reading


class _Azure:
    def __init__(self, document: PipelineDocument, file: File, root: dict[str, Any], problems: list[Problem]) -> None:
        self.document = document
        self.file = file
        self.root = root
        self.problems = problems
        parameters = {}
        for one in items(root.get("parameters")):
            if isinstance(one, dict) and "name" in one:
                kind = "choice" if "values" in one else as_text(one.get("type")) or "string"
                parameters[as_text(one["name"])] = kind
        if isinstance(root.get("parameters"), dict):  # the short form of templates: name and default
            parameters = dict.fromkeys(root["parameters"], "string")
        triggers = tuple(
            Trigger(name, Place(document, (name,), True)) for name in ("trigger", "pr", "schedules") if name in root
        )
        part = not triggers and "parameters" in root and "pool" not in root and "resources" not in root
        head = Head("azure-pipelines", "Template" if part else "Pipeline", part, triggers, parameters)
        self.build = Builder(document, file, head, file.name.rpartition(".")[0])
        self.environment = tuple(self.variables(root.get("variables"), ("variables",)))
        self.containers = {
            as_text(one.get("container")): (one, ("resources", "containers", number))
            for number, one in enumerate(items(mapping(root.get("resources")).get("containers")))
            if isinstance(one, dict)
        }
        self.repositories = {
            as_text(one.get("repository")): one
            for one in items(mapping(root.get("resources")).get("repositories"))
            if isinstance(one, dict)
        }
        self.uses: list[Use] = []

    def read(self) -> list[Any]:
        root = self.root
        pool, at = root.get("pool"), ("pool",)
        if "extends" in root:
            self.template(mapping(root["extends"]), ("extends",))
        if "stages" in root:
            self.stages(root["stages"], pool, at)
        elif "jobs" in root:
            self.jobs(root["jobs"], ("jobs",), "", frozenset(), pool, at, self.environment)
        elif "steps" in root:
            self.job({**root, "job": self.build.name}, (), "", frozenset(), pool, at, self.environment)
        self.problems += self.build.problems
        return self.build.nouns(uses=self.uses)

    # ------------------------------------------------------------------------------------ parts

    def entries(self, value: Any, pointer: Pointer, depth: int = 0) -> Iterator[tuple[dict[str, Any], Pointer]]:
        """The mappings of a list, those below `${{ if … }}:` and `${{ each … }}:` included."""
        if depth > PIPELINE_DEPTH:
            return
        for number, one in enumerate(value if isinstance(value, list) else ()):
            at: Pointer = (*pointer, number)
            if not isinstance(one, dict):
                continue
            keys = [key for key in one if key.startswith("${{")]
            for key in keys:
                below = one[key]
                if isinstance(below, list):
                    yield from self.entries(below, (*at, key), depth + 1)
                elif isinstance(below, dict):
                    yield below, (*at, key)
            if len(keys) < len(one):
                yield one, at

    def stages(self, value: Any, pool: Any, pool_at: Pointer) -> None:
        done: list[str] = []
        names: dict[str, frozenset[str]] = {}
        for number, (one, at) in enumerate(self.entries(value, ("stages",))):
            if "template" in one:
                self.template(one, at)
                continue
            name = as_text(one.get("stage")) or f"stage {number + 1}"
            if "dependsOn" in one:
                before = [as_text(each) for each in items(one["dependsOn"])]
            else:
                before = done[-1:]
            after = frozenset(job for each in before for job in names.get(each, frozenset()))
            own = one.get("pool", pool)
            environment = (*self.variables(one.get("variables"), (*at, "variables")), *self.environment)
            first = len(self.build.jobs)
            self.jobs(
                one.get("jobs"),
                (*at, "jobs"),
                name,
                after,
                own,
                (*at, "pool") if "pool" in one else pool_at,
                environment,
            )
            names[name] = frozenset(job.name for job in self.build.jobs[first:]) | after
            done.append(name)

    def jobs(
        self,
        value: Any,
        pointer: Pointer,
        stage: str,
        after: frozenset[str],
        pool: Any,
        pool_at: Pointer,
        environment: tuple[Variable, ...],
    ) -> None:
        for one, at in self.entries(value, pointer):
            if "template" in one:
                self.template(one, at)
            elif "job" in one or "deployment" in one:
                self.job(one, at, stage, after, pool, pool_at, environment)

    def job(
        self,
        one: dict[str, Any],
        at: Pointer,
        stage: str,
        after: frozenset[str],
        pool: Any,
        pool_at: Pointer,
        environment: tuple[Variable, ...],
    ) -> None:
        document = self.document
        name = as_text(one.get("job")) or as_text(one.get("deployment")) or as_text(one.get("displayName")) or "job"
        prefix = f"{stage}." if stage else ""
        name = f"{prefix}{name}"
        if at:
            environment = (*self.variables(one.get("variables"), (*at, "variables")), *environment)
        if at and "pool" in one:
            pool, pool_at = one["pool"], (*at, "pool")
        images, mounts, privileged = self.images(one, at)
        runner = self.runner(pool, pool_at)
        steps: list[Step] = []
        windows = runner.text is not None and runner.text.text.lower().startswith(("windows", "vs20"))
        for value, place in self.step_lists(one, at):
            for each, where in self.entries(value, place):
                steps += self.step(each, where, name, environment, windows=windows)
        self.build.job(
            document,
            at,
            name,
            stage=stage,
            after=after | {f"{prefix}{as_text(each)}" for each in items(one.get("dependsOn"))},
            runner=runner,
            images=tuple(images),
            mounts=tuple(mounts),
            privileged=tuple(privileged),
            condition=text_at(document, (*at, "condition"), one["condition"]) if one.get("condition") else None,
            may_fail=self.may_fail(one, at),
            steps=tuple(steps),
        )

    def step_lists(self, one: dict[str, Any], at: Pointer) -> Iterator[tuple[Any, Pointer]]:
        if "steps" in one:
            yield one["steps"], (*at, "steps")
        for kind, strategy in mapping(one.get("strategy")).items():
            phases = mapping(strategy)
            for phase in _PHASES:
                if phase in phases:
                    yield mapping(phases[phase]).get("steps"), (*at, "strategy", kind, phase, "steps")
            for phase, below in mapping(phases.get("on")).items():
                yield mapping(below).get("steps"), (*at, "strategy", kind, "on", phase, "steps")

    def step(
        self, one: dict[str, Any], at: Pointer, job: str, around: tuple[Variable, ...], *, windows: bool
    ) -> Iterator[Step]:
        document = self.document
        if "template" in one:
            self.template(one, at)
        environment = (*self.variables(one.get("env"), (*at, "env"), step=True), *around)
        fields: dict[str, Any] = {
            "name": as_text(one.get("displayName")) or as_text(one.get("name")) or as_text(one.get("task")),
            "environment": environment,
            "secrets": secret_names(environment, "azure-pipelines"),
            "condition": text_at(document, (*at, "condition"), one["condition"]) if one.get("condition") else None,
            "may_fail": self.may_fail(one, at),
            "always": "always()" in as_text(one.get("condition")),
        }
        inputs = {name: text_at(document, (*at, "inputs", name), each) for name, each in self.inputs(one)}
        for key, shell in _SHELLS.items():
            if one.get(key) is not None:
                word = "cmd" if key == "script" and windows else shell
                fields["script"] = script_at(document, (*at, key), one[key], word, AZURE)
                break
        else:
            if isinstance(one.get("task"), str):
                text = text_at(document, (*at, "task"), one["task"])
                name, _, ref = text.text.partition("@")
                fields["use"] = Use("task", text, name, ref, local=True)
                key, shell = _SCRIPT_TASKS.get(name, ("", ""))
                if key and key in inputs:
                    if "pscore" in as_text(mapping(one.get("inputs")).get("scriptType")):
                        shell = "powershell"
                    fields["script"] = script_at(document, inputs[key].pointer, inputs[key].text, shell, AZURE)
            elif "checkout" in one:
                fields["use"] = Use("task", text_at(document, (*at, "checkout"), one["checkout"]), "checkout", "", True)
                inputs = {name: text_at(document, (*at, name), each) for name, each in one.items() if name != "env"}
            else:
                return
        fields["inputs"] = inputs
        yield self.build.step(document, at, job, **fields)

    def inputs(self, one: dict[str, Any]) -> list[tuple[str, Any]]:
        return [(name, each) for name, each in mapping(one.get("inputs")).items() if not isinstance(each, dict | list)]

    def may_fail(self, one: dict[str, Any], at: Pointer) -> Place | None:
        word = as_text(one.get("continueOnError")).strip().lower()
        return Place(self.document, (*at, "continueOnError")) if word == "true" else None

    def template(self, one: dict[str, Any], at: Pointer) -> None:
        """A template: of this repository, or of one that `resources` names."""
        text = text_at(self.document, (*at, "template"), one.get("template"))
        path, _, alias = text.text.partition("@")
        if not path:
            return
        repository = mapping(self.repositories.get(alias))
        local = not alias or alias == "self"
        name = path if local else f"{as_text(repository.get('name')) or alias}/{path}"
        self.uses.append(Use("template", text, name, as_text(repository.get("ref")), local=local))

    def variables(self, value: Any, pointer: Pointer, *, step: bool = False) -> Iterator[Variable]:
        entries: list[tuple[str, Any, Pointer]] = []
        if isinstance(value, list):
            for one, at in self.entries(value, pointer):
                if "name" in one:
                    entries.append((as_text(one["name"]), one.get("value"), (*at, "value")))
        else:
            entries = [(name, one, (*pointer, name)) for name, one in mapping(value).items()]
        for name, one, at in entries:
            text = text_at(self.document, at, one)
            # what is set in the library or the user interface stands in no file; its name is all there is
            secret = step and any(
                looks_like_secret_name(each.text) or each.text == "System.AccessToken"
                for each in expressions(text.text, AZURE)
            )
            yield Variable(name, text, secret)

    def runner(self, pool: Any, at: Pointer) -> Runner:
        if isinstance(pool, str):
            text = text_at(self.document, at, pool)
            return Runner("hosted" if pool in _HOSTED_POOLS else "unknown" if "$" in pool else "own", text)
        body = mapping(pool)
        if body.get("vmImage"):
            return Runner("hosted", text_at(self.document, (*at, "vmImage"), body["vmImage"]))
        name = as_text(body.get("name"))
        if not name:
            return Runner("hosted" if pool is None and not self.build.head.part else "unknown")
        kind = "hosted" if name in _HOSTED_POOLS else "unknown" if "$" in name or "{{" in name else "own"
        return Runner(kind, text_at(self.document, (*at, "name"), name))  # type: ignore[arg-type]

    def is_resource(self, container: str) -> bool:
        """Is a container one of the resources of the pipeline that this template is part of? Their names are words."""
        is_whole = "resources" in self.root or AZURE_NAME.fullmatch(self.file.name) is not None
        return not is_whole and _IMAGE.search(container) is None

    def images(self, one: dict[str, Any], at: Pointer) -> tuple[list[JobImage], list[HostMount], list[Place]]:
        images: list[JobImage] = []
        mounts: list[HostMount] = []
        privileged: list[Place] = []
        wanted = [("job", one.get("container"), (*at, "container"))]
        wanted += [("service", each, (*at, "services", name)) for name, each in mapping(one.get("services")).items()]
        for kind, value, place in wanted:
            if isinstance(value, str) and value in self.containers:
                value, place = self.containers[value]
            if isinstance(value, str) and value and "$" not in value and not self.is_resource(value):
                images.append(JobImage("job" if kind == "job" else "service", text_at(self.document, place, value)))
            body = mapping(value)
            if not body.get("image"):
                continue
            options = as_text(body.get("options"))
            allowed = Place(self.document, (*place, "options")) if "--privileged" in options.split() else None
            if allowed is not None:
                privileged.append(allowed)
            text = text_at(self.document, (*place, "image"), body["image"])
            images.append(JobImage("job" if kind == "job" else "service", text, allowed))
            for number, volume in enumerate(items(body.get("volumes"))):
                where = Place(self.document, (*place, "volumes", number))
                mounts.append(HostMount(as_text(volume).split(":")[0], where))
            where = Place(self.document, (*place, "options"))
            mounts += [HostMount(found[1].split(":")[0], where) for found in _MOUNT.finditer(options)]
        return images, mounts, privileged
