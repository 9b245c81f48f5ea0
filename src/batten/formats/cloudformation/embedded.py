"""Policies that are written as a text of JSON inside of a template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from batten.formats.cloudformation.template import Later, MadeDocument
from batten.formats.nodes import Node
from batten.model.source import Place, Problem

_POLICIES: Final = ("AssumeRolePolicyDocument", "PolicyDocument", "RepositoryPolicyText", "PolicyText")


class _TextDocument(MadeDocument):
    not_edited = "it stands in a text of JSON; edit it by hand"


def read_policies(resource: Node, name: str) -> Iterator[Problem]:
    """Takes policies that are texts as what they hold; all of one stands where the text does. The problems are those
    of texts that are no JSON."""
    for owner in (resource, *resource.each("Policies")):
        for key in _POLICIES:
            policy = owner.get(key) if owner.is_map else None
            if policy is None or not isinstance(policy.plain, str) or not policy.plain.lstrip().startswith(("{", "[")):
                continue
            try:
                value = json.loads(policy.plain)
            except (ValueError, RecursionError) as error:
                if not isinstance(policy.plain, Later):
                    found = error.msg.lower() if isinstance(error, json.JSONDecodeError) else "deep nesting"
                    message = f"expected JSON in {key} of {name}, found a fault in it ({found}): was the file cut off?"
                    yield Problem(policy.place.document.file.path, message, policy.place.location().line)
                continue
            policy.become(_node(value, Place(_TextDocument(policy.place.document), policy.place.pointer)))


def _node(value: Any, place: Place) -> Node:
    if isinstance(value, dict):
        made = Node({}, place)
        made.fields.update({key: _node(one, place) for key, one in value.items()})
        return made
    if isinstance(value, list):
        made = Node([], place)
        made.items.extend(_node(one, place) for one in value)
        return made
    return Node(Later(value) if isinstance(value, str) and "${" in value else value, place)
