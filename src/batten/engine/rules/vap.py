"""Rules as ValidatingAdmissionPolicies, for those that Kubernetes can express.

https://kubernetes.io/docs/reference/access-authn-authz/validating-admission-policy/
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from msgspec import Struct

from batten.engine.rules.rule import Rule
from batten.engine.rules.tree import Comprehension, Literal, Name, Node, Select, children
from batten.engine.rules.types import Checked
from batten.engine.rules.vap_names import FILLED_IN, NAMES, NEVER, ONLY_ASKED_FOR, PASSED_ON, POD, RESOURCES
from batten.engine.rules.writer import Writer, literal

_API: Final = "admissionregistration.k8s.io/v1"
_OF_CONTAINERS: Final = ("container", "image", "mount", "port", "variable")
_ENTRIES: Final = {"mount": "mounts", "port": "ports", "variable": "environment"}
_OF_CRON: Final = ("object.spec", "object.spec.jobTemplate", "object.spec.jobTemplate.spec")
_CRON: Final = f"{_OF_CRON[-1]}.template"
_TEMPLATE: Final = (
    "has(object.spec) && has(object.spec.template) ? object.spec.template : has(object.template) ? object.template : "
    f"{' && '.join(f'has({one})' for one in (*_OF_CRON, _CRON))} ? {_CRON} : object"
)
"""By what is there: an object without a template, which the API server refuses later, has no containers."""
_CONTAINERS: Final = f"(has({POD}.containers) ? {POD}.containers : [])"
_VARIABLES: Final = (
    ("template", _TEMPLATE),
    ("pod", "has(variables.template.spec) ? variables.template.spec : dyn({})"),
    ("podMetadata", "has(variables.template.metadata) ? variables.template.metadata : dyn({})"),
    ("containers", f"{_CONTAINERS} + (has({POD}.initContainers) ? {POD}.initContainers : [])"),
)


class CannotExport(Exception):
    """Kubernetes cannot express the rule; the message says why."""


class Exported(Struct):
    """The objects to apply, rule -> why it is left out, and rule -> what its policy sees that batten does not."""

    objects: list[dict[str, Any]]
    left_out: dict[str, str]
    notes: dict[str, str]


def export(rules: Iterable[Rule], actions: Sequence[str]) -> Exported:
    """A policy and its binding for every rule that can be one. `actions`: `Deny`, `Warn`, `Audit`."""
    exported = Exported([], {}, {})
    for rule in rules:
        try:
            exported.objects += [policy(rule, actions), _binding(rule, actions)]
        except CannotExport as reason:
            exported.left_out[rule.id] = str(reason)
        else:
            if told := _filled_in(rule):
                exported.notes[rule.id] = "; ".join(told)
    return exported


def _filled_in(rule: Rule) -> list[str]:
    """Of the fields that a rule reads, those that stand in every object by the time that a policy is asked."""
    read: set[tuple[str, str]] = set()
    for one in (rule.when, rule.fails_if):
        if one is not None:
            todo: list[Node] = [one.checked.node]
            while todo:
                node = todo.pop()
                if isinstance(node, Select):
                    read.add((one.checked.objects.get(id(node), ""), node.field))
                todo += children(node)
    return [words for key, words in FILLED_IN.items() if key in read]


def policy(rule: Rule, actions: Sequence[str] = ("Audit",)) -> dict[str, Any]:
    """The ValidatingAdmissionPolicy of a rule. Raises `CannotExport`."""
    form = rule.form
    if form.platforms and "kubernetes" not in form.platforms:
        raise CannotExport(f"it is for {', '.join(form.platforms)} alone")
    if form.on not in RESOURCES:
        raise CannotExport(f"rules on {form.on} have no translation")
    variables, validation = _validation(rule)
    rules = [
        {
            "apiGroups": list(groups),
            "apiVersions": ["*"] if form.on == "object" else ["v1"],
            "operations": ["CREATE", "UPDATE"],
            "resources": list(resources),
        }
        for groups, resources in RESOURCES[form.on]
    ]
    spec: dict[str, Any] = {
        # a rule that errs is told by batten as not judged; a gate that is to deny stays shut
        "failurePolicy": "Fail" if "Deny" in actions else "Ignore",
        "matchConstraints": {"resourceRules": rules},
    }
    if variables:
        spec["variables"] = [{"name": name, "expression": text} for name, text in variables]
    spec["validations"] = [validation]
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": _name(rule), "annotations": {"batten.dev/rule": rule.id, "batten.dev/title": form.title}},
        "spec": spec,
    }


def _binding(rule: Rule, actions: Sequence[str]) -> dict[str, Any]:
    return {
        "apiVersion": _API,
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": _name(rule), "annotations": {"batten.dev/rule": rule.id}},
        "spec": {"policyName": _name(rule), "validationActions": list(actions)},
    }


def _name(rule: Rule) -> str:
    return f"batten-{rule.id.lower()}"


def _title(rule: Rule) -> str:
    return " ".join(f"{rule.id}: {rule.form.title}".split())


def _validation(rule: Rule) -> tuple[list[tuple[str, str]], dict[str, str]]:
    """The variables and what must hold."""
    on = rule.form.on
    programs = [one for one in (rule.when, rule.fails_if) if one is not None]
    bases = dict.fromkeys(rule.noun.roots, "object")
    if on in _OF_CONTAINERS:
        bases = dict.fromkeys(rule.noun.roots, "c") | {"workload": "object"} | ({on: "e"} if on in _ENTRIES else {})
    fails = " && ".join(_Translator(one.checked, bases).write(one.checked.node) for one in programs)
    if on not in _OF_CONTAINERS:
        variables = list(_VARIABLES) if on == "workload" else []
        if variables:
            fails = f"has({POD}.containers) && {fails}"
        return variables, {"expression": f"!({fails})", "message": _title(rule)}
    if on == "image":
        fails = f"has(c.image) && c.image != '' && {fails}"
    if on in _ENTRIES:
        fails = f"{NAMES['container', _ENTRIES[on]].replace('{0}', 'c')}.exists(e, {fails})"
    names = "variables.failing.map(c, c.name).join(', ')"
    return [*_VARIABLES, ("failing", f"variables.containers.filter(c, {fails})")], {
        "expression": "size(variables.failing) == 0",
        "messageExpression": f"{_quoted(_title(rule) + ': container ')} + {names}",
        "message": _title(rule),
    }


def _quoted(text: str) -> str:
    return "'" + literal(text)[1:-1].replace('\\"', '"').replace("'", "\\'") + "'"


class _Translator(Writer):
    """Writes a checked expression over the objects of the API."""

    def __init__(self, checked: Checked, bases: dict[str, str]) -> None:
        super().__init__(checked)
        self.bases = bases
        self.compared: set[int] = set()
        """Parts that are compared with null alone."""

    def write(self, node: Node) -> str:
        if isinstance(node, Name):
            return self.bases.get(node.name, f"x_{node.name}")
        if isinstance(node, Select) and id(node) in self.checked.objects:
            return self.field(node)
        if isinstance(node, Comprehension):
            return self.comprehension(node)
        if isinstance(node, Literal | Select):
            return literal(node.value) if isinstance(node, Literal) else self.select(node)
        return self.part(node)

    def comprehension(self, node: Comprehension) -> str:
        macro = "exists_one" if node.macro == "existsOne" else node.macro
        condition = "" if node.condition is None else f"{self.write(node.condition)}, "
        return f"{self.write(node.target)}.{macro}(x_{node.variable}, {condition}{self.write(node.body)})"

    def field(self, node: Select) -> str:
        key = (self.checked.objects[id(node)], node.field)
        if key in PASSED_ON:
            # the object stands for the container itself: it is there, but for an image that is not written
            there = f"has({self.write(node.target)}.image)" if key[1] == "image" else "true"
            return there if node.test else self.write(node.target)
        if key in NEVER:
            raise CannotExport(f"Kubernetes has no notion of {'.'.join(key)}, so that the rule never applies there")
        if key not in NAMES:
            raise CannotExport(f"{'.'.join(key)} cannot be read of what the API server admits")
        value = NAMES[key].replace("{0}", self.write(node.target))
        if node.test:
            return f"({value} != null)"
        if key in ONLY_ASKED_FOR and id(node) not in self.compared:
            raise CannotExport(f"{'.'.join(key)} is a text in the API: whether it is there can be asked, not how much")
        return value

    def binary(self, node: Any) -> str:
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(other, Literal) and other.value is None and isinstance(one, Select):
                self.compared.add(id(one))
                key = (self.checked.objects.get(id(one), ""), one.field)
                if key in PASSED_ON and not one.test:
                    there = f"has({self.write(one.target)}.image)" if key[1] == "image" else "true"
                    return f"(!{there})" if node.operator == "==" else there
        return super().binary(node)


def policies_text(objects: Iterable[dict[str, Any]]) -> str:
    """The objects as YAML documents."""
    import yaml

    return "".join("---\n" + yaml.safe_dump(one, sort_keys=False, allow_unicode=True, width=10_000) for one in objects)
