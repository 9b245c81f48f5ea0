"""Amazon ECS: task definitions and services, as JSON or YAML.

Read are what `register-task-definition` and `create-service` take, what `describe-task-definition` and
`describe-services` print, bare lists of container definitions, and lists of any of these. What CloudFormation
and Terraform declare comes here by `task_of`, with the names of the API.

Facts of a task definition: `launch-type` (comma-separated: `EC2`, `FARGATE`, `EXTERNAL`,
`MANAGED_INSTANCES`), `efs-encryption:VOLUME` and `efs-iam:VOLUME` (`true` or `false`; encryption in transit
and authorisation by IAM of an EFS volume). Facts of a service: `exec` and `public-ip` (`true` or `false`),
`launch-type`, `task-definition`. Each has its place under `places["fact:…"]`: the field that says it, else
the mapping that it would stand in. What a template decides is no fact but a problem.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from batten.formats.ecs.marks import HEAD, WORDS, is_json
from batten.formats.ecs.service import workload_of
from batten.formats.ecs.shapes import CONTAINERS, SERVICE, TASK, faults
from batten.formats.ecs.task import Task
from batten.formats.interface import ReadContext, Reading
from batten.formats.part import Part
from batten.limits import ECS_CONTAINERS, ECS_PROBLEMS, ECS_VALUES
from batten.model.source import Document, File, Pointer, Problem, Unreadable, pointer_text
from batten.model.workload import Workload
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.document import TreeDocument

# text that is ours even where it cannot be parsed: fields of the API, none of CloudFormation's
_OURS = pattern(rb'"containerDefinitions"\s*:')
_HEAD = pattern(rb'\s*\{\s*"(?:family|' + "|".join(HEAD).encode() + rb')"\s*:')
_OURS_YAML = pattern(rb"^(?:containerDefinitions|" + "|".join(HEAD).encode() + rb")\s*:", re.MULTILINE)
_TEMPLATE = pattern(r"\$\{|\{\{|<%")
_CONTAINER_KEYS = frozenset({"essential", "portMappings", "mountPoints", "logConfiguration", "volumesFrom"})
_SERVICE_KEYS = ("networkConfiguration", "enableExecuteCommand", "serviceArn", "desiredCount")


def read(file: File, context: ReadContext) -> Reading:
    """The workloads of the file."""
    reading = Reading()
    for document in _documents(file):
        if isinstance(document, Problem):
            reading.problems.append(document)
            continue
        before = len(reading.nouns)
        left = ECS_CONTAINERS
        for part in _objects(Part(document.value), 0):
            left -= max(1, _containers_in(part))
            if left < 0 or document.size > ECS_VALUES:
                reading.problems.append(_too_much(document))
                break
            reading.nouns.append(_workload(document, part, file, reading.problems))
            _tell_faults(document, part, reading.problems)
        if len(reading.nouns) > before:
            reading.problems += document.notes
        if _lacks_containers(document.value):
            message = "expected containerDefinitions in the task definition, found none: was the file cut off?"
            reading.problems.append(Problem(file.path, message, document.line))
    reading.recognised = bool(reading.nouns or reading.problems)
    return reading


def _lacks_containers(value: Any) -> bool:
    """A task definition by its other fields, none of another tool's templates."""
    if not isinstance(value, dict) or not isinstance(value.get("family"), str):
        return False
    return not value.get("containerDefinitions") and (
        "containerDefinitions" in value or any(word in value for word in HEAD)
    )


def _containers_in(part: Part) -> int:
    value = part.get("containerDefinitions") if isinstance(part.value, dict) else part.value
    return len(value) if isinstance(value, list) else 0


def _too_much(document: TreeDocument) -> Problem:
    expected = f"expected at most {ECS_CONTAINERS:,} containers and {ECS_VALUES:,} values in one file"
    return Problem(document.file.path, f"{expected}, found more; part it into several files", document.line)


def _documents(file: File) -> Iterator[TreeDocument | Problem]:
    """The documents that may hold something, and what kept one from being read."""
    if is_json(file):
        from batten.formats.json import read_json

        try:
            yield read_json(file)
        except Unreadable as error:
            if _OURS.search(file.data) is not None or _HEAD.match(file.data) is not None:
                yield _unreadable(file, error.message, error.line)
        return
    from batten.formats.yaml import COMPOSE, read_documents

    for document in read_documents(file, COMPOSE, lambda text: any(mark in text for mark in (*WORDS, *HEAD))):
        if not isinstance(document, Problem):
            yield document
        elif _OURS_YAML.search(file.data) is not None:
            yield _unreadable(file, document.message, document.line)


def _unreadable(file: File, message: str, line: int | None) -> Problem:
    """Text that is no JSON or YAML until a template is rendered says so; other faults are told as they are."""
    text = file.text()
    mark = _TEMPLATE.search(text)
    if mark is None:
        return Problem(file.path, message, line)
    line = text.count("\n", 0, mark.start()) + 1
    message = f"found a template (“{mark[0]}”); render the task definition, then scan the result"
    return Problem(file.path, message, line)


def _objects(part: Part, depth: int) -> Iterator[Part]:
    """Task definitions, services and bare lists of containers in what a file holds."""
    value = part.value
    if isinstance(value, list):
        if _is_containers(value):
            yield part
        elif depth == 0:
            for number, item in enumerate(value):
                yield from _objects(Part(item, (*part.pointer, number)), 1)
        return
    if not isinstance(value, dict):
        return
    containers = value.get("containerDefinitions")
    if isinstance(containers, list) or (containers and isinstance(value.get("family"), str)):
        yield part
    elif isinstance(value.get("taskDefinition"), dict):
        yield from _objects(part.part("taskDefinition"), 2)
    elif _is_service(value):
        yield part
    else:
        if isinstance(value.get("service"), dict) and _is_service(value["service"]):
            yield part.part("service")
        for name in ("services", "taskDefinitions"):
            yield from (
                one for one in part.parts(name) if _is_service(one.value) or "containerDefinitions" in one.value
            )


def _is_containers(items: list[Any]) -> bool:
    """What `--container-definitions` takes."""
    return bool(items) and all(
        isinstance(item, dict)
        and isinstance(item.get("name"), str)
        and isinstance(item.get("image"), str)
        and not _CONTAINER_KEYS.isdisjoint(item)
        for item in items
    )


def _is_service(value: dict[str, Any]) -> bool:
    named = isinstance(value.get("serviceName", value.get("service")), str)
    runs = isinstance(value.get("taskDefinition"), str) or "serviceArn" in value or "networkConfiguration" in value
    return named and runs and any(name in value for name in _SERVICE_KEYS)


def _workload(document: Document, part: Part, file: File, problems: list[Problem]) -> Workload:
    scope = file.directory or "."
    if isinstance(part.value, dict) and "containerDefinitions" not in part.value:
        service, templates = workload_of(document, part, scope)
        problems += _templates(document, file, service.name, templates)
        return service
    task = task_of(document, part, file.name.partition(".")[0] or "task", scope)
    problems += _told(document, task, file)
    return task.workload


def task_of(document: Document, part: Part, name: str, scope: str) -> Task:
    """The task definition in `part` with its `workload`; `name`: what it is called where it names no family."""
    bare = isinstance(part.value, list)
    task = Task(document, _Bare(part.value, part.pointer) if bare else part, name, scope)
    task.workload = Workload(
        id=task.id,
        platform="ecs",
        kind="TaskDefinition",
        name=task.name,
        document=document,
        pointer=part.pointer,
        object_pointer=part.pointer,
        resource=task.resource,
        scope=scope,
        **task.fields(),
    )
    return task


def _tell_faults(document: Document, part: Part, problems: list[Problem]) -> None:
    """What is of another type than the API takes: it was read as if it were not there."""
    if isinstance(part.value, list):
        shape = CONTAINERS
    else:
        shape = TASK if "containerDefinitions" in part.value else SERVICE
    for pointer, message in (*faults(part.value, shape, part.pointer), *_without_image(part)):
        location = document.locate(pointer)
        if len(problems) >= ECS_PROBLEMS:
            problems.append(Problem(location.path, "more problems of this file are not listed"))
            return
        problems.append(Problem(location.path, f"{pointer_text(pointer)}: {message}", location.line))


def _without_image(part: Part) -> Iterator[tuple[Pointer, str]]:
    """Containers that say no image, as the last one of a file that was cut off."""
    bare = isinstance(part.value, list)
    containers = part.value if bare else part.value.get("containerDefinitions")
    for number, item in enumerate(containers if isinstance(containers, list) else ()):
        if isinstance(item, dict) and item.get("image") in (None, ""):
            where: Pointer = (*part.pointer, number) if bare else (*part.pointer, "containerDefinitions", number)
            yield where, "expected an image of the container, found none: was the file cut off?"


def _templates(document: Document, file: File, name: str, templates: list[Pointer]) -> Iterator[Problem]:
    if templates:
        fields = ", ".join(dict.fromkeys(str(pointer[-1]) for pointer in templates))
        message = f"{fields} of {name}: filled in by a template; render the definition, then scan the result"
        yield Problem(file.path, message, document.locate(templates[0]).line)


def _told(document: Document, task: Task, file: File) -> Iterator[Problem]:
    yield from _templates(document, file, task.name, task.templates())
    refused = task.refused()
    if refused:
        where = "Windows" if task.platform.windows else "Fargate"
        message = f"{task.name}: {where} does not support {', '.join(refused)}; registering the definition fails"
        yield Problem(file.path, message, document.locate(task.part.pointer).line, False)


class _Bare(Part, frozen=True, eq=False):
    """A list of container definitions that stands alone, as the only field of a task definition."""

    def parts(self, name: str) -> list[Part]:
        if name != "containerDefinitions":
            return []
        return [Part(item, (*self.pointer, n)) for n, item in enumerate(self.value) if isinstance(item, dict)]
