"""From resources to nouns: what each gives, and what of it nobody knows before Terraform runs."""

from __future__ import annotations

from typing import Any

from batten.formats.aws.nouns import read_properties
from batten.formats.aws.undecided import undecided
from batten.formats.built import NodeDocument
from batten.formats.interface import ReadContext
from batten.formats.nodes import Node
from batten.formats.part import Part
from batten.formats.terraform import kubernetes
from batten.formats.terraform.aws import ECS_SERVICE, ECS_TASK, Shaped, argument, shaped
from batten.formats.terraform.embedded import decoded
from batten.formats.terraform.module import Resource
from batten.formats.terraform.values import Steps, TooMuch, is_unknown, known
from batten.limits import ECS_CONTAINERS, TERRAFORM_RELEASES, TERRAFORM_RESOURCES
from batten.model.source import File, Place, Pointer, Problem

_NAMED = 5  # of modules that are not here
_PLAN = "terraform show -json PLAN | batten scan -"
_LATER = "known when Terraform runs; to have it judged: terraform show -json PLAN | batten scan -"


class Collected:
    """The nouns of one file, and what is to be told of it."""

    def __init__(self, file: File, context: ReadContext, *, planned: bool = False) -> None:
        """`planned`: of a plan, which says as much as there is to be known before it is applied."""
        self.file = file
        self.unknown = "sensitive or known after apply, and not judged" if planned else _LATER
        self.context = context
        self.scope = file.directory or "."
        self.nouns: list[Any] = []
        self.problems: list[Problem] = []
        self.objects: list[NodeDocument] = []
        self.consumed: list[str] = []
        """Files of charts that are rendered."""
        self.leads_to: list[tuple[str, str]] = []
        self._failed: set[str] = set()
        self._missing: dict[str, tuple[int, list[str]]] = {}
        self._documents = 0
        self._resources = 0
        self._releases = 0
        self._containers = 0

    def spend(self, *, resources: int = 0, containers: int = 0, releases: int = 0) -> None:
        """So many more of them. Raises `TooMuch`."""
        self._resources += resources
        self._containers += containers
        self._releases += releases
        if self._releases > TERRAFORM_RELEASES:
            raise TooMuch(f"at most {TERRAFORM_RELEASES} releases of charts for one file")
        if self._resources > TERRAFORM_RESOURCES:
            raise TooMuch(f"at most {TERRAFORM_RESOURCES:,} resources for one file")
        if self._containers > ECS_CONTAINERS:
            raise TooMuch(f"at most {ECS_CONTAINERS:,} containers in the task definitions of one file")

    def document(self, node: Node, resource: Resource) -> NodeDocument:
        self._documents += 1
        document = NodeDocument(self.file, self._documents, node)
        document.original = ("", f"{resource.type}.{resource.name}")
        document.repeated = resource.called
        return document

    def tell(self, place: Place, message: str, *, severe: bool = False) -> None:
        location = place.location()
        problem = Problem(location.path, message, location.line, severe)
        if problem not in self.problems:
            self.problems.append(problem)

    def failed(self, files: dict[str, Problem]) -> None:
        """Files that could not be read, each once."""
        self.problems += [problem for path, problem in files.items() if path not in self._failed]
        self._failed.update(files)

    def missing(self, place: Place, module: str) -> None:
        """A called module that is not in the target; told once for each file that calls some."""
        location = place.location()
        names = self._missing.setdefault(location.path, (location.line, []))[1]
        if module not in names:
            names.append(module)

    def later(self, address: str, document: NodeDocument, pointers: list[Pointer]) -> None:
        """Fields that are judged and not known yet."""
        if pointers:
            fields = ", ".join(dict.fromkeys(str(pointer[-1]) for pointer in pointers))
            self.tell(document.written(pointers[0]), f"{fields} of {address}: {self.unknown}")

    def finish(self) -> tuple[list[Any], list[Problem]]:
        """All nouns and problems; the objects of Kubernetes are read together."""
        for path, (line, names) in self._missing.items():
            few = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            message = (
                f"calls modules that are not here: {few}; have terraform init fetch them, or scan the plan: {_PLAN}"
            )
            self.problems.append(Problem(path, message, line))
        if self.objects:
            from batten.formats.kubernetes.reader import read_objects
            from batten.formats.kubernetes.templates import placeholder_problem

            reading = read_objects(self.file, self.objects, self.context)
            self.nouns += reading.nouns
            placeholder = placeholder_problem(self.file)
            for problem in reading.problems:
                if problem == placeholder:
                    message = f"some fields of kubernetes_* resources are {self.unknown}"
                    problem = Problem(self.file.path, message, severe=False)
                self.problems.append(problem)
        return self.nouns, self.problems


def collect(into: Collected, steps: Steps, resource: Resource) -> None:
    """What one resource gives. Raises `TooMuch`."""
    type_, node = resource.type, resource.node
    into.spend(resources=1)
    if kubernetes.is_read(type_):
        made = kubernetes.objects(type_, node, lambda found: decoded(found, steps))
        if made is None or not made.is_map:
            into.tell(node.place, f"{resource.address}: {into.unknown}", severe=True)
            return
        known(made, steps)  # bounds what is looked at
        document = into.document(made, resource)
        metadata = made.get("metadata")
        document.deployed = (metadata.text("namespace"), metadata.text("name")) if metadata is not None else ("", "")
        if not resource.called:
            document.original = document.deployed
        into.objects.append(document)
        return
    if type_ == "docker_container":
        _container(into, steps, resource)
        return
    if type_ == "helm_release":
        _release(into, steps, resource)
        return
    made_of = shaped(type_, node, steps)
    if made_of is None:
        return
    known(made_of.node, steps)
    _shaped(into, resource, made_of)


def _shaped(into: Collected, resource: Resource, made: Shaped) -> None:
    for field in ("family", "serviceName"):  # what is not known is no name to go by
        named = made.node.get(field)
        if named is not None and is_unknown(named):
            del made.node.fields[field]
    if made.type == ECS_SERVICE and made.node.get("serviceName") is None:
        made.node.fields["serviceName"] = Node(resource.address, made.node.place)
    document = into.document(made.node, resource)
    part = Part(document.value)
    into.spend(containers=len(part.parts("containerDefinitions")))
    for node, name in made.unread:
        whole = name == "container_definitions"
        words = "its containers are" if whole else f"{name} is"
        into.tell(node.place, f"{resource.address}: {words} {into.unknown}", severe=whole)
    if made.type == ECS_TASK:
        from batten.formats.ecs.reader import task_of

        task = task_of(document, part, resource.address, into.scope)
        document.deployed = ("", task.name)
        into.nouns.append(task.workload)
        into.later(resource.address, document, task.templates())
    elif made.type == ECS_SERVICE:
        from batten.formats.ecs.service import workload_of

        service, templates = workload_of(document, part, into.scope)
        document.deployed = ("", service.name)
        into.nouns.append(service)
        into.later(resource.address, document, templates)
    else:
        document.deployed = ("", resource.address)
        into.nouns += read_properties(document, made.type, resource.address, part, into.scope)
        for pointer in undecided(part.value):
            name = argument(str(pointer[-1]))
            into.tell(document.written(pointer), f"{name} of {resource.address}: {into.unknown}")


def _container(into: Collected, steps: Steps, resource: Resource) -> None:
    from batten.formats.terraform.docker import read_container, record_of

    made = record_of(resource.node)
    known(made, steps)
    document = into.document(made, resource)
    document.no_writer = "docker_container blocks are not edited: set it there by hand"
    workload, hidden = read_container(document, Part(document.value), resource.address, into.scope)
    document.deployed = ("", workload.name)
    into.nouns.append(workload)
    into.later(resource.address, document, hidden)


def _release(into: Collected, steps: Steps, resource: Resource) -> None:
    """A chart that Terraform installs: one of the target is rendered with the values that stand here."""
    from batten.formats.terraform.releases import chart_file, read_release

    name = resource.node.text("name") or resource.name
    chart = chart_file(into, resource)
    charts = into.context.charts
    if chart is None:
        message = f"{resource.address}: its chart is not here; to have it judged: helm template {name} CHART -f VALUES"
        into.tell(resource.node.place, f"{message} | batten scan -", severe=True)
    elif charts is None or not charts.available():
        message = f"{resource.address}: its chart {chart.path} is not rendered: pip install 'batten[helm]', or helm"
        into.tell(resource.node.place, f"{message} on the PATH", severe=True)
    else:
        into.spend(releases=1)
        for node, words in read_release(into, steps, resource, chart):
            into.tell(node.place, f"{words} of {resource.address}: {into.unknown}")
