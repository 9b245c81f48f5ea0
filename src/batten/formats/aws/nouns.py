"""Properties of CloudFormation resources -> nouns.

Source: the resource types AWS::IAM::*, AWS::ECR::* and AWS::EC2::SecurityGroup* of the CloudFormation reference, and
the policy language of IAM.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

from batten.formats.docker_values import is_template
from batten.formats.part import Part, as_text
from batten.model.cloud import (
    AccessPolicy,
    ImageRepository,
    PolicyAttachment,
    RegistryScanning,
    SecurityGroup,
    SecurityRule,
    Statement,
)
from batten.model.objects import Declared
from batten.model.source import Document, Pointer
from batten.model.values import UNKNOWN, Absent
from batten.model.workload import Resource

PORTS: Final = (0, 65535)
_PROTOCOLS: Final = {"-1": "all", "6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


def read_properties(document: Document, type: str, name: str, properties: Part, scope: str) -> list[Declared]:
    """The nouns of a resource of this CloudFormation type, `name` is how its own file calls it."""
    read = _READ.get(type)
    return [] if read is None else list(read(_Source(document, type, name, scope), properties))


def is_read(type: str) -> bool:
    return type in _READ


class _Source:
    """One resource on its way to nouns."""

    def __init__(self, document: Document, type: str, name: str, scope: str) -> None:
        self.document = document
        self.scope = scope
        self.name = name
        self.resource = Resource("aws", type.removeprefix("AWS::").replace("::", " "), name)

    def declared(self, pointer: Pointer) -> dict[str, Any]:
        return {
            "document": self.document,
            "pointer": pointer,
            "resource": self.resource,
            "scope": self.scope,
            "name": self.name,
        }


def statements(policy: Part) -> tuple[Statement, ...]:
    """The statements of a policy: a list, or one alone."""
    written = policy.get("Statement")
    if isinstance(written, dict):
        return (_statement(policy.part("Statement")),)
    return tuple(map(_statement, policy.parts("Statement")))


def _statement(part: Part) -> Statement:
    effect = part.text("Effect")
    condition = part.get("Condition")
    keys: tuple[str, ...] = ()
    if isinstance(condition, dict):
        tests = [test for test in condition.values() if isinstance(test, dict)]
        keys = tuple(str(key) for test in tests for key in test) or (("?",) if condition else ())
    elif condition is not None:
        keys = ("?",)
    return Statement(
        "Allow" if effect == "Allow" else "Deny" if effect == "Deny" else UNKNOWN,
        _words(part, "Action"),
        _words(part, "NotAction"),
        _words(part, "Resource"),
        _words(part, "NotResource"),
        tuple(_principals(part.get("Principal"))),
        keys,
        part.pointer,
    )


def _words(part: Part, name: str) -> tuple[str, ...]:
    """A list of texts, or one alone."""
    found = part.get(name)
    if isinstance(found, list):
        return tuple(as_text(item) for item in found)
    return (as_text(found),) if found is not None else ()


def _principals(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value if value == "*" else f"?:{value}"
    elif isinstance(value, dict):
        for kind, who in value.items():
            for one in who if isinstance(who, list) else [who]:
                yield "*" if kind in ("*", "AWS") and one == "*" else f"{kind}:{as_text(one)}"


# -------------------------------------------------------------------------------------------- IAM


def _policy(source: _Source, part: Part, kind: Any = "identity") -> Iterator[Declared]:
    if isinstance(part.value, dict):
        yield AccessPolicy(kind=kind, statements=statements(part), **source.declared(part.pointer))


def _role(source: _Source, part: Part) -> Iterator[Declared]:
    yield from _policy(source, part.part("AssumeRolePolicyDocument"), "trust")
    yield from _identity(source, part)


def _identity(source: _Source, part: Part) -> Iterator[Declared]:
    """What roles, users and groups have in common."""
    for inner in part.parts("Policies"):
        yield from _policy(source, inner.part("PolicyDocument"))
    managed = part.get("ManagedPolicyArns")
    if isinstance(managed, list) and managed:
        policies = tuple((as_text(arn), (*part.at("ManagedPolicyArns"), n)) for n, arn in enumerate(managed))
        yield PolicyAttachment(policies=policies, **source.declared(part.pointer))


def _identity_policy(source: _Source, part: Part) -> Iterator[Declared]:
    yield from _policy(source, part.part("PolicyDocument"))


# -------------------------------------------------------------------------------------------- ECR


def _repository(source: _Source, part: Part) -> Iterator[Declared]:
    word = part.text("ImageTagMutability").upper() or "MUTABLE"
    mutable: bool | Absent = not word.startswith("IMMUTABLE")
    if is_template(word):
        mutable = UNKNOWN
    excluded = part.parts("ImageTagMutabilityExclusionFilters")
    exceptions = tuple(one.text("ImageTagMutabilityExclusionFilterValue") for one in excluded)
    if word == "IMMUTABLE_WITH_EXCLUSION":
        mutable = "*" in exceptions
    scanning = part.get("ImageScanningConfiguration")
    scans = part.part("ImageScanningConfiguration").flag("ScanOnPush")
    if isinstance(scanning, str) and is_template(scanning):
        scans = UNKNOWN
    yield ImageRepository(
        mutable_tags=mutable,
        exceptions=exceptions,
        scan_on_push=scans,
        own_key=_own_key(part),
        **source.declared(part.pointer),
    )
    yield from _policy(source, part.part("RepositoryPolicyText"), "resource")


def _own_key(part: Part) -> bool | Absent:
    written = part.get("EncryptionConfiguration")
    word = (
        part.part("EncryptionConfiguration").text("EncryptionType") if isinstance(written, dict) else as_text(written)
    )
    return UNKNOWN if is_template(word) else word.upper().startswith("KMS")


def _repository_policy(source: _Source, part: Part) -> Iterator[Declared]:
    yield from _policy(source, part.part("PolicyText"), "resource")


def _registry_scanning(source: _Source, part: Part) -> Iterator[Declared]:
    rules = part.get("Rules")
    yield RegistryScanning(
        rules=bool(rules) if isinstance(rules, list) or rules is None else UNKNOWN, **source.declared(part.pointer)
    )


# -------------------------------------------------------------------------------- security groups


def _group(source: _Source, part: Part) -> Iterator[Declared]:
    rules = [_rule(one, "in") for one in part.parts("SecurityGroupIngress")]
    rules += [_rule(one, "out") for one in part.parts("SecurityGroupEgress")]
    yield SecurityGroup(rules=tuple(one for one in rules if one is not None), **source.declared(part.pointer))


def _rule_alone(direction: Any) -> Callable[[_Source, Part], Iterator[Declared]]:
    def read(source: _Source, part: Part) -> Iterator[Declared]:
        rule = _rule(part, direction)
        yield SecurityGroup(rules=(rule,) if rule is not None else (), **source.declared(part.pointer))

    return read


def _rule(part: Part, direction: Any) -> SecurityRule | None:
    """A rule; None where it is not known what it lets through."""
    protocol = part.text("IpProtocol").lower()
    if not protocol or is_template(protocol):
        return None
    protocol = _PROTOCOLS.get(protocol, protocol)
    first, last = part.integer("FromPort"), part.integer("ToPort")
    if protocol not in ("tcp", "udp"):
        first, last = PORTS
    elif first is None or last is None:
        first, last = PORTS if first is None and last is None else (first or 0, last or first)
    if not isinstance(first, int) or not isinstance(last, int):
        return None
    if first == -1 or last == -1:
        first, last = PORTS
    ranges = tuple(
        text
        for name in ("CidrIp", "CidrIpv6")
        for text in ([part.text(name)] if not isinstance(part.get(name), list) else part.texts(name))
        if text and not is_template(text)
    )
    return SecurityRule(direction, protocol, first, last, ranges, part.pointer)


_READ: Final[dict[str, Callable[[_Source, Part], Iterator[Declared]]]] = {
    "AWS::IAM::Role": _role,
    "AWS::IAM::User": _identity,
    "AWS::IAM::Group": _identity,
    "AWS::IAM::Policy": _identity_policy,
    "AWS::IAM::RolePolicy": _identity_policy,
    "AWS::IAM::UserPolicy": _identity_policy,
    "AWS::IAM::GroupPolicy": _identity_policy,
    "AWS::IAM::ManagedPolicy": _identity_policy,
    "AWS::ECR::Repository": _repository,
    "AWS::ECR::RepositoryPolicy": _repository_policy,
    "AWS::ECR::RegistryScanningConfiguration": _registry_scanning,
    "AWS::EC2::SecurityGroup": _group,
    "AWS::EC2::SecurityGroupIngress": _rule_alone("in"),
    "AWS::EC2::SecurityGroupEgress": _rule_alone("out"),
}
