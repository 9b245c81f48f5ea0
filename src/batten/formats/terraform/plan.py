"""What `terraform show -json` and `tofu show -json` print of a plan or a state (format version 1).

Source: the JSON output format of Terraform: `planned_values` of a plan, `values` of a state, with what is not known
yet and what is sensitive told beside the values.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Final

from msgspec import Struct

from batten.formats.interface import ReadContext, Reading
from batten.formats.json import JsonDocument, read_json
from batten.formats.nodes import Node
from batten.formats.terraform.configured import at, block, configured, plain, unwritten
from batten.formats.terraform.findings import Collected, collect
from batten.formats.terraform.module import Resource
from batten.formats.terraform.values import Steps, TooMuch, Unknown, listing, mapping
from batten.limits import TERRAFORM_DEPTH
from batten.model.objects import Hidden
from batten.model.source import File, Place, Problem
from batten.model.workload import Resource as Subject

MARK: Final = b'"terraform_version"'
_LATER: Final = Unknown("${known-after-apply}")
_SENSITIVE: Final = Unknown("${sensitive}")


class PlanDocument(JsonDocument):
    """A plan. Its text is not shown: variables and outputs stand in it with their values."""

    __slots__ = ()

    private: ClassVar[bool] = True
    not_edited: ClassVar[str] = "a plan is no text to mend: mend the module that it was made from"


def read(file: File, context: ReadContext) -> Reading:
    """The nouns of what a plan leads to, or a state holds. Raises `Unreadable`."""
    document = read_json(file, PlanDocument)
    value = document.value
    if not isinstance(value, dict) or "format_version" not in value or "terraform_version" not in value:
        return Reading(recognised=False)
    collected = Collected(file, context, planned=True)
    steps = Steps()
    later = _Later(_unknown(value), configured(value))
    reading = Reading()
    version = str(value["format_version"])
    if not version.startswith(("0.", "1.")):
        message = f"expected a plan of format version 1, found {version[:20]}; scan the module, or ask for this format"
        return Reading(problems=[Problem(file.path, message, 1)])
    for top in ("planned_values", "values"):
        root = value.get(top)
        module = root.get("root_module") if isinstance(root, dict) else None
        if isinstance(module, dict):
            try:
                for resource in _resources(module, Place(document, (top, "root_module")), later, steps, 0):
                    collect(collected, steps, resource)
            except TooMuch as error:
                message = f"expected {error}, found more; the rest is not read"
                reading.problems.append(Problem(file.path, message))
            break
    else:
        message = "expected `planned_values` or `values`: print it with terraform show -json PLAN"
        reading.problems.append(Problem(file.path, message, 1))
    reading.nouns, problems = collected.finish()
    # whatever else is found in the text of a plan, nothing of it is shown
    subject = Subject("file", "File", file.path)
    reading.nouns.append(Hidden(document=document, pointer=(), resource=subject, scope=collected.scope, name=file.path))
    reading.problems += problems
    return reading


class _Later(Struct, frozen=True, gc=False):
    """By address: what is known after apply only, and what was written at all."""

    unknown: dict[str, Any]
    written: dict[str, Any]


class _Marks(Struct, frozen=True, gc=False):
    """What is said beside a value."""

    unknown: Any
    sensitive: Any
    written: Any
    """Expressions of the configuration; None where it does not tell of them."""
    optional: frozenset[str]

    def of(self, key: str) -> _Marks:
        later = self.unknown.get(key) if isinstance(self.unknown, dict) else None
        hidden = self.sensitive.get(key) if isinstance(self.sensitive, dict) else None
        return _Marks(later, hidden, block(self.written, key), self.optional)

    def item(self, index: int, length: int) -> _Marks:
        later, hidden = _item(self.unknown, index), _item(self.sensitive, index)
        return _Marks(later, hidden, at(self.written, index, length), self.optional)

    def nobody_wrote(self, key: str) -> bool:
        if not isinstance(self.written, dict) or key in self.written:
            return False
        return key in self.optional and not (key == "name" and "generate_name" in self.written)


def _unknown(value: dict[str, Any]) -> dict[str, Any]:
    """By address, the values that are known after apply only."""
    found = {}
    changes = value.get("resource_changes")
    for one in changes if isinstance(changes, list) else []:
        change = one.get("change") if isinstance(one, dict) else None
        if isinstance(change, dict):
            found[str(one.get("address"))] = change.get("after_unknown")
    return found


def _resources(module: dict[str, Any], place: Place, later: _Later, steps: Steps, depth: int) -> Iterator[Resource]:
    listed = module.get("resources")
    for n, one in enumerate(listed if isinstance(listed, list) else []):
        if not isinstance(one, dict) or one.get("mode") == "data":
            continue
        address, type_, name = (str(one.get(key) or "") for key in ("address", "type", "name"))
        where = place / "resources" / n / "values"
        written = later.written.get(plain(address))
        marks = _Marks(later.unknown.get(address), one.get("sensitive_values"), written, unwritten(type_))
        node = _marked(one.get("values"), marks, where, steps)
        if node.is_map:
            yield Resource(address, type_, name, node, depth > 0)
    inner = module.get("child_modules")
    for n, one in enumerate(inner if isinstance(inner, list) else []):
        if isinstance(one, dict) and depth < TERRAFORM_DEPTH:
            yield from _resources(one, place / "child_modules" / n, later, steps, depth + 1)


def _marked(value: Any, marks: _Marks, place: Place, steps: Steps) -> Node:
    """The value without what is sensitive, and with what is not known yet."""
    steps.spend()
    unknown, sensitive = marks.unknown, marks.sensitive
    if unknown is True:
        return Node(_LATER, place)
    if sensitive is True and isinstance(value, dict):  # the keys of a Secret's data are none
        return mapping({key: Node(_SENSITIVE, place / key) for key in value}, place)
    if sensitive is True:
        return Node(_SENSITIVE, place)
    if not unknown and not sensitive:
        return Node(value, place)
    if isinstance(value, dict) or (value is None and isinstance(unknown, dict)):
        held = value or {}
        later = unknown if isinstance(unknown, dict) else {}
        keys = [*held, *(key for key in later if key not in held and later[key])]
        return mapping(
            {
                key: _marked(held.get(key), marks.of(key), place / key, steps)
                for key in keys
                if later.get(key) is not True or not marks.nobody_wrote(key)
            },
            place,
        )
    if isinstance(value, list):
        length = len(value)
        return listing([_marked(item, marks.item(n, length), place / n, steps) for n, item in enumerate(value)], place)
    return Node(value, place)


def _item(marks: Any, index: int) -> Any:
    return marks[index] if isinstance(marks, list) and index < len(marks) else None
