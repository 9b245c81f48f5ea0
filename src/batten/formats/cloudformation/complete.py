"""What a template cannot be without: CloudFormation refuses one whose references lead to nothing, which shows that a
file was cut off.

Source: the CloudFormation template reference (sections of a template, intrinsic functions) and the required properties
of the resources that are read.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.formats.lines import text_of
from batten.formats.yaml import YamlDocument
from batten.formats.yaml.ending import expected_value, open_end
from batten.limits import CLOUDFORMATION_STEPS
from batten.model.source import Document, Pointer, Problem
from batten.pattern import pattern

_SUBSTITUTED: Final = pattern(r"\$\{(?!!)\s*([^}${]{1,200}?)\s*\}")
_TYPE: Final = pattern(r"(?:[A-Za-z0-9]+::){2,3}[A-Za-z0-9]+\Z|Custom::[\w@-]+\Z")
_SERVERLESS: Final = "AWS::Serverless-2016-10-31"
_CUT: Final = "found none: was the file cut off?"
_FUNCTIONS: Final = frozenset(
    {
        "And", "Base64", "Cidr", "Condition", "Contains", "EachMemberEquals", "EachMemberIn", "Equals", "FindInMap",
        "ForEach", "GetAtt", "GetAZs", "GetStackOutput", "If", "ImportValue", "Join", "Length", "Not", "Or", "Ref",
        "RefAll", "Select", "Split", "Sub", "ToJsonString", "Transform", "ValueOf", "ValueOfAll",
    }
)  # fmt: skip
_REQUIRED: Final[dict[str, tuple[str, ...]]] = {
    "AWS::ECS::TaskDefinition": ("ContainerDefinitions",),
    "AWS::IAM::Role": ("AssumeRolePolicyDocument",),
    "AWS::IAM::Policy": ("PolicyName", "PolicyDocument"),
    "AWS::IAM::ManagedPolicy": ("PolicyDocument",),
    "AWS::IAM::RolePolicy": ("PolicyName", "RoleName"),
    "AWS::IAM::UserPolicy": ("PolicyName", "UserName"),
    "AWS::EC2::SecurityGroup": ("GroupDescription",),
    "AWS::EC2::SecurityGroupIngress": ("IpProtocol",),
    "AWS::EC2::SecurityGroupEgress": ("IpProtocol",),
}


def faults(document: Any, value: dict[str, Any], tags: dict[Pointer, str]) -> Iterator[Problem]:
    """What is missing in the template `value`, whose short forms of functions are `tags`: a line for what is missing
    in a resource, one for all names that nothing has."""
    resources = value["Resources"]
    path = document.file.path
    end = open_end(document) if isinstance(document, YamlDocument) else ()
    if end:
        yield Problem(path, expected_value(end), document.locate(end, key=True).line)
    for name, resource in resources.items():
        missing = (
            "" if str(name).startswith("Fn::") or end[:2] == ("Resources", name) else _missing(name, resource, tags)
        )
        if missing:
            line = document.locate(("Resources", name), key=True).line
            yield Problem(path, f"expected {missing} in the resource {name}, {_CUT}", line)
    outputs = _section(value, "Outputs")
    for name, output in outputs.items():
        whole = isinstance(output, dict) and output.get("Value") is not None
        if not whole and not str(name).startswith("Fn::") and end[:2] != ("Outputs", name):
            line = document.locate(("Outputs", name), key=True).line
            yield Problem(path, f"expected a Value of the output {name}, {_CUT}", line)
    for pointer, tag in tags.items():
        if tag.startswith("!") and tag[1:] not in _FUNCTIONS:
            line = document.locate(pointer).line
            yield Problem(path, f"expected a function of CloudFormation, found {tag}: was the file cut off?", line)
    if not end:
        yield from _unnamed(document, value, tags)


def _missing(name: Any, resource: Any, tags: dict[Pointer, str]) -> str:
    """What a resource lacks, in words; "" where it is whole."""
    if not isinstance(resource, dict):
        return "a Type"
    if "Fn::Transform" in resource:
        return ""
    type_ = resource.get("Type")
    if not isinstance(type_, str) or _TYPE.match(type_) is None:
        return "a Type"
    properties = resource.get("Properties")
    if properties is not None and not isinstance(properties, dict):
        return "a mapping of Properties"
    if isinstance(properties, dict) and any(str(key).startswith("Fn::") for key in properties):
        return ""
    given = properties if isinstance(properties, dict) else {}
    missing = [key for key in _REQUIRED.get(type_, ()) if given.get(key) in (None, "")]
    policies = given.get("Policies") if type_.startswith("AWS::IAM::") else None
    for number, one in enumerate(policies if isinstance(policies, list) and not missing else ()):
        made = any(str(key).startswith("Fn::") for key in one) if isinstance(one, dict) else one is None
        made = made or ("Resources", name, "Properties", "Policies", number) in tags
        if not made and not (isinstance(one, dict) and {"PolicyName", "PolicyDocument"} <= one.keys()):
            return "a PolicyName and a PolicyDocument in each of its Policies"
    return " and ".join(missing)


def _unnamed(document: Document, value: dict[str, Any], tags: dict[Pointer, str]) -> Iterator[Problem]:
    """The names that are referred to and that the template does not have."""
    transforms = value.get("Transform", [])
    transforms = transforms if isinstance(transforms, list) else [transforms]
    if any(one != _SERVERLESS for one in transforms) or "Fn::Transform" in text_of(document.file):
        return  # a macro may add anything
    known = {str(name) for part in ("Parameters", "Resources") for name in _section(value, part)}
    conditions = {str(name) for name in _section(value, "Conditions")}
    found: dict[str, Pointer] = {}
    for name, pointer, is_condition in _references(value, tags):
        if not name.isalnum() or name in (conditions if is_condition else known):
            continue
        if transforms and any(name.startswith((one, "Serverless")) for one in known):
            continue  # what SAM makes is named after the resource that it is made for
        found.setdefault(name, pointer)
    if found:
        first, pointer = next(iter(found.items()))
        more = f" and {len(found) - 1} more" if len(found) > 1 else ""
        message = f"expected {first}{more}, which this refers to, in the template, {_CUT}"
        yield Problem(document.file.path, message, document.locate(pointer).line)


def _section(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return found if isinstance(found, dict) else {}


def _references(value: dict[str, Any], tags: dict[Pointer, str]) -> Iterator[tuple[str, Pointer, bool]]:
    """Every name that is referred to, where, and whether it is one of a condition."""
    steps = CLOUDFORMATION_STEPS
    waiting: list[tuple[Any, Pointer]] = [
        (value[part], (part,)) for part in ("Outputs", "Resources", "Conditions") if part in value
    ]
    while waiting and steps > 0:
        steps -= 1
        one, pointer = waiting.pop()
        tag = tags.get(pointer, "")
        if tag.startswith("!"):
            yield from _named(tag[1:], one, pointer)
        elif isinstance(one, dict) and len(one) == 1:
            [(key, inner)] = one.items()
            if key in ("Ref", "Condition") or (isinstance(key, str) and key.startswith("Fn::")):
                yield from _named(key.removeprefix("Fn::"), inner, (*pointer, key))
        if len(pointer) == 2 and pointer[0] != "Conditions" and isinstance(one, dict):
            if isinstance(one.get("Condition"), str):
                yield one["Condition"], (*pointer, "Condition"), True
            waits = one.get("DependsOn")
            for name in waits if isinstance(waits, list) else [waits]:
                if isinstance(name, str):
                    yield name, (*pointer, "DependsOn"), False
        if isinstance(one, dict):
            if any(isinstance(key, str) and key.startswith("Fn::ForEach") for key in one):
                continue  # names of its own
            waiting += [(inner, (*pointer, key)) for key, inner in reversed(one.items())]
        elif isinstance(one, list):
            waiting += [(inner, (*pointer, n)) for n, inner in reversed(list(enumerate(one)))]


def _named(function: str, value: Any, pointer: Pointer) -> Iterator[tuple[str, Pointer, bool]]:
    first = value[0] if isinstance(value, list) and value else value
    if not isinstance(first, str):
        return
    if function == "Ref":
        yield first, pointer, False
    elif function == "GetAtt":
        yield first.partition(".")[0], pointer, False
    elif function == "If" or (function == "Condition" and pointer[0] == "Conditions"):
        yield first, pointer, True
    elif function == "Sub":
        own = value[1] if isinstance(value, list) and len(value) == 2 and isinstance(value[1], dict) else {}
        for found in _SUBSTITUTED.finditer(first):
            if found[1] not in own:
                yield found[1].partition(".")[0], pointer, False
