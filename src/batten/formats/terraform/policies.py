"""The data source `aws_iam_policy_document`: blocks -> the policy that it writes."""

from __future__ import annotations

from typing import Final

from batten.formats.nodes import Node
from batten.formats.terraform.embedded import decoded
from batten.formats.terraform.values import JsonText, Steps, is_null, is_unknown, listing, mapping, unknown

_LISTS: Final = {"actions": "Action", "not_actions": "NotAction", "resources": "Resource",
                 "not_resources": "NotResource"}  # fmt: skip


def policy_text(block: Node, steps: Steps) -> Node:
    """The text of the policy that `block`, the body of the data source, describes; unknown where a part is."""
    statements: list[Node] = []
    for name in ("source_policy_documents", "override_policy_documents"):
        given = block.get(name)
        if given is None or is_null(given):
            continue
        for text in given.items if given.is_list else [given]:
            found = decoded(text, steps)
            inner = found.get("Statement") if found is not None else None
            if inner is None:
                return unknown("aws_iam_policy_document", block.place)
            statements += inner.items if inner.is_list else [inner]
    written = block.get("statement")
    if written is not None and not written.is_list:
        return unknown("aws_iam_policy_document", block.place)
    statements += [_statement(one) for one in written.items] if written is not None else []
    policy = mapping({"Statement": listing(statements, block.place)}, block.place)
    return JsonText(policy, block.place, steps)


def _statement(block: Node) -> Node:
    effect = block.get("effect")
    fields = {"Effect": Node("Allow", block.place) if effect is None or is_null(effect) else effect}
    for name, key in _LISTS.items():
        found = block.get(name)
        if found is not None and not is_null(found):
            fields[key] = found
    for name, key in (("principals", "Principal"), ("not_principals", "NotPrincipal")):
        found = block.get(name)
        if found is not None:
            fields[key] = _principals(found)
    condition = block.get("condition")
    if condition is not None and (is_unknown(condition) or condition.items):
        fields["Condition"] = _condition(condition)
    return mapping(fields, block.place)


def _principals(blocks: Node) -> Node:
    fields: dict[str, Node] = {}
    for one in blocks.items:
        kind, who = one.get("type"), one.get("identifiers")
        if kind is not None and who is not None and isinstance(kind.plain, str):
            known = fields.get(kind.plain)
            fields[kind.plain] = who if known is None else listing([*known.items, *who.items], who.place)
    return mapping(fields, blocks.place) if fields else unknown("principals", blocks.place)


def _condition(blocks: Node) -> Node:
    fields: dict[str, Node] = {}
    for one in blocks.items:
        test, variable = one.text("test"), one.text("variable")
        inner = fields.setdefault(test, mapping({}, one.place))
        inner.fields[variable] = one.get("values") or Node(None, one.place)
    return mapping(fields, blocks.place) if fields else unknown("condition", blocks.place)
