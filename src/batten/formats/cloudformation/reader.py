"""Reads templates as what their stack would hold, as far as it stands in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.formats.aws.nouns import read_properties
from batten.formats.aws.undecided import undecided
from batten.formats.built import NodeDocument
from batten.formats.cloudformation.complete import faults
from batten.formats.cloudformation.embedded import read_policies
from batten.formats.cloudformation.names import of_api, of_template, template_name
from batten.formats.cloudformation.template import Template
from batten.formats.compose.files import resolve
from batten.formats.docker_values import is_template as is_later
from batten.formats.interface import ReadContext, Reading
from batten.formats.json import read_json
from batten.formats.kubernetes.templates import template_problem
from batten.formats.nodes import Node
from batten.formats.part import Part, as_text
from batten.formats.yaml import KUBERNETES, YamlDocument, read_documents
from batten.formats.yaml.split import is_template
from batten.limits import CLOUDFORMATION_RESOURCES, ECS_CONTAINERS
from batten.model.edits import Append, Edit, Set
from batten.model.objects import Hidden
from batten.model.source import File, Pointer, Problem, Unreadable
from batten.model.workload import Resource
from batten.pattern import pattern

_LATER: Final = "known when the stack is made; give the parameter a default to have it judged"
_MACRO: Final = "worked out by CloudFormation alone; scan the processed template (aws cloudformation get-template)"
_OURS: Final = pattern(rb"(?m)^[\s{]*[\"']?Resources[\"']?\s*:")


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of the file. Raises `Unreadable`."""
    reading = Reading(recognised=False)
    for document, tags in _documents(file, context, reading):
        value = document.value
        resources = value.get("Resources") if isinstance(value, dict) else None
        if not isinstance(resources, dict) or not any(_type(one) for one in resources.values()):
            continue
        reading.recognised = True
        if len(resources) > CLOUDFORMATION_RESOURCES:
            message = f"expected at most {CLOUDFORMATION_RESOURCES} resources in a template, found more"
            reading.problems.append(Problem(file.path, message, 1))
            continue
        template = Template(document, value, tags)
        stack = _Stack(file, template, reading)
        for name, resource in resources.items():
            type_ = _type(resource)
            if str(name).startswith("Fn::"):
                message = f"{name}: what it makes is {_MACRO}"
                line = document.locate(("Resources", name)).line
                reading.problems.append(Problem(file.path, message, line))
            elif type_ and stack.is_made(resource):
                stack.resource(str(name), type_, resource, ("Resources", name))
        reading.nouns += stack.hidden(value.get("Parameters"))
        reading.problems += document.notes
        reading.problems += faults(document, value, tags)
    reading.recognised = reading.recognised or bool(reading.problems)
    return reading


def _documents(file: File, context: ReadContext, reading: Reading) -> Iterator[tuple[Any, dict[Pointer, str]]]:
    if file.data[:64].lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{":
        try:
            yield read_json(file), {}
        except Unreadable as error:
            if _OURS.search(file.data) is not None:
                problem = Problem(file.path, error.message, error.line)
                templated = is_template(file.data.decode("utf-8", "replace"))
                reading.problems.append(template_problem(file, context.files) if templated else problem)
        return
    for document in read_documents(file, KUBERNETES, lambda text: "Resources" in text and "AWS::" in text):
        if isinstance(document, YamlDocument):
            yield document, document.tags()
        elif _OURS.search(file.data) is not None:
            if document.message.startswith("template:"):
                document = template_problem(file, context.files)
            reading.problems.append(document)


def _type(resource: Any) -> str:
    found = resource.get("Type") if isinstance(resource, dict) else None
    return found if isinstance(found, str) and found.startswith("AWS::") else ""


class CloudDocument(NodeDocument):
    """A resource with the names of the API; edits get those of templates back. `spelt`: they are other ones."""

    __slots__ = ("spelt",)

    def __init__(self, file: File, index: int, node: Node, spelt: bool) -> None:
        super().__init__(file, index, node)
        self.spelt = spelt

    def respelt(self, edit: Edit, rest: Pointer) -> tuple[Edit, Pointer]:
        from msgspec.structs import replace

        if not self.spelt:
            return edit, rest
        names = tuple(template_name(part) if isinstance(part, str) else part for part in rest)
        if isinstance(edit, Set | Append) and isinstance(edit.value, dict | list):
            edit = replace(edit, value=of_template(edit.value))
        return edit, names


class _Stack:
    """The resources of one template."""

    def __init__(self, file: File, template: Template, reading: Reading) -> None:
        self.file = file
        self.template = template
        self.reading = reading
        self.scope = file.directory or "."
        self._count = 0
        self._containers = 0

    def is_made(self, resource: dict[str, Any]) -> bool:
        """Whether its condition lets it be made; one that is not known is taken to."""
        condition = resource.get("Condition")
        return not isinstance(condition, str) or self.template.holds(condition) is not False

    def resource(self, name: str, type_: str, resource: dict[str, Any], pointer: Pointer) -> None:
        """What one resource gives. Raises `Unreadable` where there is too much."""
        written = resource.get("Properties")
        if type_ == "AWS::Serverless::Function":
            self._image(resource)
        if not isinstance(written, dict) or type_ not in _WANTED:
            return
        node = self.template.node(written, (*pointer, "Properties"))
        if type_ in ("AWS::ECS::TaskDefinition", "AWS::ECS::Service"):
            self._ecs(name, type_, node)
            return
        if type_ == "AWS::Serverless::Function":
            type_, node = "AWS::IAM::Role", _of_function(node)
        self.reading.problems += read_policies(node, name)
        document = self._document(node, name, spelt=False)
        part = Part(document.value)
        self.reading.nouns += read_properties(document, type_, name, part, self.scope)
        self._later(name, document, undecided(part.value))

    def _document(self, node: Node, name: str, *, spelt: bool) -> CloudDocument:
        self._count += 1
        document = CloudDocument(self.file, self._count, node, spelt)
        document.deployed = document.original = ("", name)
        return document

    def _ecs(self, name: str, type_: str, node: Node) -> None:
        made = of_api(node)
        for field in ("family", "serviceName"):
            named = made.get(field)
            if named is not None and is_later(as_text(named.plain)):
                del made.fields[field]
        if type_ == "AWS::ECS::Service":
            made.fields.setdefault("serviceName", Node(name, node.place))
        document = self._document(made, name, spelt=True)
        part = Part(document.value)
        self._containers += len(part.parts("containerDefinitions"))
        if self._containers > ECS_CONTAINERS:
            raise Unreadable(f"expected at most {ECS_CONTAINERS:,} containers in a template, found more")
        if type_ == "AWS::ECS::TaskDefinition":
            from batten.formats.ecs.reader import task_of

            task = task_of(document, part, name, self.scope)
            self.reading.nouns.append(task.workload)
            self._later(name, document, task.templates())
            containers = part.get("containerDefinitions")
            if containers is not None and not isinstance(containers, list):
                place = document.written(("containerDefinitions",))
                message = f"{name}: its containers are {_LATER}"
                self.reading.problems.append(Problem(self.file.path, message, place.location().line))
            return
        from batten.formats.ecs.service import workload_of

        service, templates = workload_of(document, part, self.scope)
        self.reading.nouns.append(service)
        self._later(name, document, templates)

    def _later(self, name: str, document: NodeDocument, pointers: list[Pointer]) -> None:
        if pointers:
            fields = ", ".join(dict.fromkeys(template_name(str(pointer[-1])) for pointer in pointers))
            line = document.locate(pointers[0]).line
            self.reading.problems.append(Problem(self.file.path, f"{fields} of {name}: {_LATER}", line, severe=False))

    def hidden(self, parameters: Any) -> list[Hidden]:
        """The defaults of parameters that are not to be echoed."""
        resource = Resource("file", "File", self.file.path)
        return [
            Hidden(
                document=self.template.document,
                pointer=("Parameters", name, "Default"),
                resource=resource,
                scope=self.scope,
                name=str(name),
            )
            for name, one in (parameters.items() if isinstance(parameters, dict) else ())
            if isinstance(one, dict) and str(one.get("NoEcho")).lower() == "true" and "Default" in one
        ]

    def _image(self, resource: dict[str, Any]) -> None:
        """A function that `sam build` makes of a Dockerfile: that is read whatever its name."""
        metadata = resource.get("Metadata")
        if not isinstance(metadata, dict):
            return
        dockerfile, context = metadata.get("Dockerfile"), metadata.get("DockerContext", ".")
        if isinstance(dockerfile, str) and isinstance(context, str):
            folder = resolve(self.file.directory, context)
            path = resolve(folder, dockerfile) if folder is not None else None
            if path:
                self.reading.leads_to.append((path, "dockerfile"))


def _of_function(node: Node) -> Node:
    """The rights of a function of SAM as those of the role that is made for it."""
    made = Node({}, node.place)
    policies = node.get("Policies")
    if policies is None:
        return made
    listed = policies.items if policies.is_list else [policies]
    arns, inline = Node([], policies.place), Node([], policies.place)
    for one in listed:
        if one.is_map and one.get("Statement") is not None:
            wrapped = Node({}, one.place)
            wrapped.fields["PolicyDocument"] = one
            inline.items.append(wrapped)
        elif isinstance(one.plain, str):
            # the name of a policy of AWS stands for its ARN
            text = one.plain if one.plain.startswith(("arn:", "$")) else f"arn:aws:iam::aws:policy/{one.plain}"
            arns.items.append(Node(text, one.place))
    made.fields.update({"ManagedPolicyArns": arns, "Policies": inline})
    return made


_WANTED: Final = frozenset(
    {
        "AWS::ECS::TaskDefinition",
        "AWS::ECS::Service",
        "AWS::Serverless::Function",
        "AWS::IAM::Role",
        "AWS::IAM::User",
        "AWS::IAM::Group",
        "AWS::IAM::Policy",
        "AWS::IAM::RolePolicy",
        "AWS::IAM::UserPolicy",
        "AWS::IAM::GroupPolicy",
        "AWS::IAM::ManagedPolicy",
        "AWS::ECR::Repository",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
    }
)
