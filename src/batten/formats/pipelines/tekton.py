"""Tekton: Task, StepAction, Pipeline, TaskRun, PipelineRun and TriggerTemplate.

Source: https://tekton.dev/docs/pipelines/. Other objects of the same file are read as the Kubernetes reader reads them.
"""

from __future__ import annotations

from typing import Any, Final

from batten.formats.interface import ReadContext, Reading
from batten.formats.kubernetes.templates import kept_in_parts
from batten.formats.kustomize.document import BuiltDocument
from batten.formats.part import as_text
from batten.formats.pipelines.complete import tekton_faults
from batten.formats.pipelines.document import PipelineDocument, read_pipeline, text_at
from batten.formats.pipelines.draft import TEKTON, Builder, expressions, items, mapping, script_at, secret_names
from batten.formats.yaml import KUBERNETES
from batten.formats.yaml.ending import AT_THE_END
from batten.model.pipeline import Head, HostMount, JobImage, Step, Text, Use, Variable
from batten.model.source import File, Place, Pointer, Problem
from batten.pattern import pattern

_Whole = PipelineDocument | BuiltDocument
_SHEBANG: Final = pattern(r"\s*#![ \t]*(?:\S*/env[ \t]+(?:-S[ \t]+)?)?(?:\S*/)?([^\s/]+)")
_TASKS: Final = ("Task", "ClusterTask", "StepAction")
_KINDS: Final = (*_TASKS, "Pipeline", "TaskRun", "PipelineRun", "TriggerTemplate")
_PARAMETER: Final = pattern(r"\$\((?:inputs\.)?params\.([\w-]+)\)\Z")


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of every object in the file."""
    from batten.formats.kubernetes import READER

    reading = READER.read(file, context)
    reading.problems = [one for one in reading.problems if one.severe or "tekton.dev/" not in one.message]
    known = {(one.line, one.message) for one in reading.problems}
    # what is told of its end already, and a part of an object that a test compares with, lacks nothing more
    whole = not any(one.message.endswith(AT_THE_END) for one in reading.problems)
    whole = whole and not kept_in_parts(file, context.files)
    count = len(reading.nouns)
    for document in read_pipeline(file, context.files, KUBERNETES):
        if isinstance(document, Problem):
            if (document.line, document.message) not in known:
                reading.problems.append(document)
            continue
        root = mapping(document.value)
        objects = [(root, ())] if root.get("kind") != "List" else _of_list(root)
        for one, pointer in objects:
            reading.nouns += _object(document, file, one, pointer, reading.problems, whole=whole)
    reading.recognised = bool(reading.recognised or len(reading.nouns) > count)
    return reading


def nouns_of(document: BuiltDocument, file: File, problems: list[Problem]) -> list[Any]:
    """The nouns of one object that Kustomize builds."""
    return _object(document, file, mapping(document.value), (), problems, whole=False)


def _of_list(root: dict[str, Any]) -> list[tuple[dict[str, Any], Pointer]]:
    return [(mapping(one), ("items", number)) for number, one in enumerate(items(root.get("items")))]


def _object(
    document: _Whole,
    file: File,
    root: dict[str, Any],
    pointer: Pointer,
    problems: list[Problem],
    *,
    whole: bool,
) -> list[Any]:
    """`whole`: nothing is told of the file that explains what is missing."""
    group = as_text(root.get("apiVersion")).partition("/")[0]
    kind = as_text(root.get("kind"))
    if group not in ("tekton.dev", "triggers.tekton.dev"):
        return []
    if whole and isinstance(document, PipelineDocument):
        problems += tekton_faults(document, root, pointer)
    if kind not in _KINDS:
        return []
    spec = mapping(root.get("spec"))
    if kind == "TriggerTemplate":
        found: list[Any] = []
        for number, one in enumerate(items(spec.get("resourcetemplates"))):
            at_own = (*pointer, "spec", "resourcetemplates", number)
            found += _object(document, file, mapping(one), at_own, problems, whole=whole)
        return found
    metadata = mapping(root.get("metadata"))
    name = as_text(metadata.get("name")) or as_text(metadata.get("generateName")).rstrip("-") or file.name
    at: Pointer = (*pointer, "spec")
    inner, inner_at = spec, at
    for key in ("pipelineSpec", "taskSpec"):
        if isinstance(spec.get(key), dict):
            inner, inner_at = spec[key], (*at, key)
    head = Head("tekton", kind, kind in (*_TASKS, "Pipeline"), (), _parameters(inner))
    tekton = _Tekton(document, file, head, name, pointer)
    nouns = tekton.read(spec, at, inner, inner_at)
    problems += tekton.build.problems
    return nouns


def _parameters(spec: dict[str, Any]) -> dict[str, str]:
    found = {}
    for one in items(spec.get("params")):
        if isinstance(one, dict) and "name" in one:
            found[as_text(one["name"])] = "choice" if one.get("enum") else as_text(one.get("type")) or "string"
    return found


class _Tekton:
    def __init__(
        self, document: PipelineDocument | BuiltDocument, file: File, head: Head, name: str, pointer: Pointer
    ) -> None:
        self.document = document
        self.build = Builder(document, file, head, name, pointer)

    def read(self, spec: dict[str, Any], at: Pointer, inner: dict[str, Any], inner_at: Pointer) -> list[Any]:
        if self.build.head.kind in ("Pipeline", "PipelineRun"):
            self.tasks(inner, inner_at)
        else:
            self.task(inner, inner_at, self.build.name, frozenset())
        uses = []
        for key in ("pipelineRef", "taskRef"):
            if isinstance(spec.get(key), dict):
                uses += self.reference(spec[key], (*at, key))
        return self.build.nouns(uses=uses)

    def tasks(self, spec: dict[str, Any], at: Pointer) -> None:
        before: set[str] = set()
        for key in ("tasks", "finally"):
            names: set[str] = set()
            for number, one in enumerate(items(spec.get(key))):
                if not isinstance(one, dict):
                    continue
                name = as_text(one.get("name")) or f"task {number + 1}"
                after = frozenset(as_text(each) for each in items(one.get("runAfter"))) | _used(one)
                if key == "finally":
                    after |= before
                place: Pointer = (*at, key, number)
                if isinstance(one.get("taskSpec"), dict):
                    self.task(one["taskSpec"], (*place, "taskSpec"), name, after)
                else:
                    self.call(one, place, name, after)
                names.add(name)
            before |= names

    def call(self, one: dict[str, Any], at: Pointer, name: str, after: frozenset[str]) -> None:
        """A task that stands elsewhere, with what is handed to it."""
        inputs = {}
        for number, each in enumerate(items(one.get("params"))):
            if isinstance(each, dict) and not isinstance(each.get("value"), dict | list):
                place = (*at, "params", number, "value")
                inputs[as_text(each.get("name"))] = text_at(self.document, place, each.get("value"))
        uses = self.reference(mapping(one.get("taskRef")), (*at, "taskRef"))
        steps: tuple[Step, ...] = ()
        if uses:
            steps = (self.build.step(self.document, at, name, name=name, use=uses[0], inputs=inputs),)
        self.build.job(self.document, at, name, after=after, steps=steps)

    def reference(self, value: dict[str, Any], at: Pointer) -> list[Use]:
        """`taskRef`: a task of the cluster, or one that a resolver fetches."""
        if value.get("bundle"):
            text = text_at(self.document, (*at, "bundle"), value["bundle"])
            name, _, digest = text.text.partition("@")
            return [Use("task", text, name, digest)]
        if value.get("resolver"):
            text = text_at(self.document, (*at, "resolver"), value["resolver"])
            given = {as_text(one.get("name")): as_text(one.get("value")) for one in items(value.get("params")) if one}
            name = given.get("name") or given.get("pathInRepo") or given.get("bundle", "").partition("@")[0]
            name = name or given.get("url", "")
            ref = given.get("version") or given.get("revision") or given.get("bundle", "").partition("@")[2]
            return [Use("task", text, name, ref, local=text.text == "cluster")]
        if value.get("name"):
            text = text_at(self.document, (*at, "name"), value["name"])
            return [Use("task", text, text.text, "", local=True)]
        return []

    def task(self, spec: dict[str, Any], at: Pointer, name: str, after: frozenset[str]) -> None:
        defaults: dict[str, Text] = {}
        for number, one in enumerate(items(spec.get("params"))):
            if isinstance(one, dict) and isinstance(one.get("default"), str):
                place = (*at, "params", number, "default")
                defaults[as_text(one.get("name"))] = text_at(self.document, place, one["default"])
        images: list[JobImage] = []
        privileged: list[Place] = []
        steps: list[Step] = []
        template = mapping(spec.get("stepTemplate"))
        entries = [("step", one, (*at, "steps", n)) for n, one in enumerate(items(spec.get("steps")))]
        entries += [("service", one, (*at, "sidecars", n)) for n, one in enumerate(items(spec.get("sidecars")))]
        if self.build.head.kind == "StepAction":
            entries.append(("step", spec, at))
        for kind, value, place in entries:
            one = mapping(value)
            allowed = None
            if as_text(mapping(one.get("securityContext")).get("privileged")) == "true":
                allowed = Place(self.document, (*place, "securityContext", "privileged"))
                privileged.append(allowed)
            image = self.image(one, place, defaults)
            if image is not None and image.text and not expressions(image.text, TEKTON):
                images.append(JobImage("step" if kind == "step" else "service", image, allowed))
            if kind == "step":
                steps += self.step(one, place, name, template, at, image)
        if as_text(mapping(template.get("securityContext")).get("privileged")) == "true":
            privileged.append(Place(self.document, (*at, "stepTemplate", "securityContext", "privileged")))
        mounts = [
            HostMount(as_text(one["hostPath"].get("path")), Place(self.document, (*at, "volumes", n, "hostPath")))
            for n, one in enumerate(items(spec.get("volumes")))
            if isinstance(one, dict) and isinstance(one.get("hostPath"), dict)
        ]
        unique = {one.text.pointer: one for one in reversed(images)}  # steps may share the default of a parameter
        self.build.job(
            self.document,
            at,
            name,
            after=after,
            images=tuple(reversed(unique.values())),
            privileged=tuple(privileged),
            mounts=tuple(mounts),
            steps=tuple(steps),
        )

    def image(self, one: dict[str, Any], at: Pointer, defaults: dict[str, Text]) -> Text | None:
        """The image of a step; of a parameter, its default."""
        if not isinstance(one.get("image"), str):
            return None
        found = _PARAMETER.match(one["image"])
        if found is not None and found[1] in defaults:
            return defaults[found[1]]
        return text_at(self.document, (*at, "image"), one["image"])

    def step(
        self,
        one: dict[str, Any],
        at: Pointer,
        job: str,
        template: dict[str, Any],
        task_at: Pointer,
        image: Text | None,
    ) -> list[Step]:
        environment = (*self.variables(one, at), *self.variables(template, (*task_at, "stepTemplate")))
        script = None
        if isinstance(one.get("script"), str):
            shebang = _SHEBANG.match(one["script"])
            script = script_at(self.document, (*at, "script"), one["script"], shebang[1] if shebang else "sh", TEKTON)
        arguments = [
            text_at(self.document, (*at, key, number), word)
            for key in ("command", "args")
            for number, word in enumerate(items(one.get(key)))
            if not isinstance(word, dict | list)
        ]
        use = None
        if isinstance(one.get("ref"), dict):
            found = self.reference(one["ref"], (*at, "ref"))
            use = found[0] if found else None
        may_fail = Place(self.document, (*at, "onError")) if as_text(one.get("onError")) == "continue" else None
        return [
            self.build.step(
                self.document,
                at,
                job,
                name=as_text(one.get("name")) if self.build.head.kind != "StepAction" else self.build.name,
                script=script,
                use=use,
                image=image,
                arguments=tuple(arguments),
                environment=environment,
                secrets=secret_names(environment, "tekton"),
                may_fail=may_fail,
            )
        ]

    def variables(self, one: dict[str, Any], at: Pointer) -> tuple[Variable, ...]:
        found = []
        for number, each in enumerate(items(one.get("env"))):
            if not isinstance(each, dict):
                continue
            place = (*at, "env", number)
            secret = "secretKeyRef" in mapping(each.get("valueFrom"))
            value = text_at(self.document, (*place, "value") if "value" in each else place, each.get("value"))
            found.append(Variable(as_text(each.get("name")), value, secret))
        return tuple(found)


_RESULT: Final = pattern(r"\$\(tasks\.([\w-]+)\.results\.")


def _used(task: dict[str, Any]) -> frozenset[str]:
    """The tasks whose results it is given: it waits for them."""
    words = [as_text(mapping(one).get("value")) for one in items(task.get("params"))]
    return frozenset(found[1] for word in words for found in _RESULT.finditer(word))
