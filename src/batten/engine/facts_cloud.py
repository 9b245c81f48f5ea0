"""The facts of what a cloud account declares, as plain text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from batten.model.cloud import (
    AccessPolicy,
    ImageRepository,
    PolicyAttachment,
    SecurityGroup,
    SecurityRule,
    Statement,
)
from batten.model.values import Absent


def _repository(noun: ImageRepository) -> dict[str, str | list[str]]:
    fields = {"mutable_tags": noun.mutable_tags, "scan_on_push": noun.scan_on_push, "own_key": noun.own_key}
    return {name: "yes" if value else "no" for name, value in fields.items() if not isinstance(value, Absent)}


def _rule(rule: SecurityRule) -> str:
    ports = str(rule.first) if rule.first == rule.last else f"{rule.first}-{rule.last}"
    return f"{rule.direction} {rule.protocol} {ports} {','.join(sorted(rule.ranges)) or 'of other groups'}"


def _statement(one: Statement) -> str:
    what = ",".join(sorted(one.actions)) or f"all but {','.join(sorted(one.not_actions))}"
    where = ",".join(sorted(one.resources)) or f"all but {','.join(sorted(one.not_resources))}"
    parts = [one.effect if isinstance(one.effect, str) else "Allow or Deny", what]
    parts += [f"on {where}"] if one.resources or one.not_resources else []
    parts += [f"by {','.join(sorted(one.principals))}"] if one.principals else []
    parts += [f"if {','.join(sorted(one.conditions))}"] if one.conditions else []
    return " ".join(parts)


CLOUD: Final[dict[type[Any], Callable[[Any], dict[str, str | list[str]]]]] = {
    AccessPolicy: lambda noun: {noun.kind: sorted(map(_statement, noun.statements))},
    PolicyAttachment: lambda noun: {"policies": sorted(name for name, _ in noun.policies)},
    ImageRepository: _repository,
    SecurityGroup: lambda noun: {"rules": sorted(map(_rule, noun.rules))},
}
