"""Random expressions: what we take the library takes, and it answers as the slow model here does.

The model evaluates the tree straight from the language definition, with Python's own operations.
"""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from batten.engine.rules.names import NOUNS
from batten.engine.rules.program import Stopped, Unanswered, program
from batten.engine.rules.syntax import parse
from batten.engine.rules.tree import (
    Binary,
    Call,
    Comprehension,
    ListOf,
    Literal,
    Name,
    Node,
    RuleError,
    Select,
    Ternary,
    Unary,
)
from batten.model.values import Absent
from engine.rules.cases import read

NOUN = NOUNS["container"]
COMPOSE = "services:\n  web:\n    image: nginx\n    privileged: ${P}\n    user: '5'\n    ports: ['80:80', '81:81']\n"
SCANS = (read(), read(COMPOSE, "compose.yaml"))

BOOLS = ["container.privileged", "container.read_only_root", "workload.host_network", "true", "false"]
BOOLS += ["has(container.user.uid)", "has(container.pids_limit)", "'team' in workload.labels", "container.user == null"]
INTS = ["0", "1", "7", "-3", "size(container.ports)", "container.name.size()", "size(workload.labels)"]
TEXTS = ["'a'", "''", '"é\\n"', "r'\\d'", "container.name", "workload.name", "container.file"]
LISTS = ["container.ports.map(p, string(p.host))", "workload.labels.filter(k, k != 'app')", "['a', container.name]"]


def _bools(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.builds("({} && {})".format, inner, inner),
        st.builds("({} || {})".format, inner, inner),
        st.builds("!({})".format, inner),
        st.builds("({} ? {} : {})".format, inner, inner, inner),
        st.builds("({} {} {})".format, _ints, st.sampled_from(["<", "<=", "==", "!=", ">", ">="]), _ints),
        st.builds("({} {} {})".format, _texts, st.sampled_from(["<", "==", "!="]), _texts),
        st.builds("{}.{}({})".format, _texts, st.sampled_from(["startsWith", "contains", "endsWith"]), _texts),
        st.builds("({} in {})".format, _texts, _lists),
        st.builds("{}.{}(x, x != {})".format, _lists, st.sampled_from(["all", "exists", "exists_one"]), _texts),
        st.builds("container.ports.{}(p, p.host > {})".format, st.sampled_from(["all", "exists"]), _ints),
        st.builds("workload.containers.{}(c, c.privileged)".format, st.sampled_from(["all", "exists"])),
    )


_ints = st.recursive(
    st.sampled_from(INTS),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["+", "-", "*", "/", "%"]), inner),
    max_leaves=4,
)
_texts = st.recursive(
    st.sampled_from(TEXTS),
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("{}.upperAscii()".format, inner),
        st.builds("{}.replace('a', 'bb')".format, inner),
        st.builds("{}.split('e').join('-')".format, inner),
    ),
    max_leaves=4,
)
_lists = st.recursive(st.sampled_from(LISTS), lambda inner: st.builds("({} + {})".format, inner, inner), max_leaves=3)
expressions = st.recursive(st.sampled_from([f"({one})" for one in BOOLS]), _bools, max_leaves=8)


class Fault(Exception):
    """The expression has no value."""


def model(node: Node, scope: dict[str, Any], inventory: Any) -> Any:
    if isinstance(node, Literal):
        return node.value
    if isinstance(node, Name):
        return scope[node.name]
    if isinstance(node, Select):
        return select(node, scope, inventory)
    if isinstance(node, ListOf):
        return [model(one, scope, inventory) for one in node.items]
    if isinstance(node, Unary):
        value = model(node.operand, scope, inventory)
        return not value if node.operator == "!" else -value
    if isinstance(node, Ternary):
        chosen = node.then if model(node.condition, scope, inventory) else node.otherwise
        return model(chosen, scope, inventory)
    if isinstance(node, Comprehension):
        return comprehension(node, scope, inventory)
    if isinstance(node, Call):
        given_ = [model(one, scope, inventory) for one in ([node.target] if node.target else []) + node.arguments]
        return CALLS[node.name](*given_)
    assert isinstance(node, Binary), type(node)
    return binary(node, scope, inventory)


CALLS: dict[str, Any] = {
    "size": len,
    "string": str,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": lambda text, part: part in text,
    "upperAscii": lambda text: "".join(one.upper() if one.isascii() else one for one in text),
    "replace": str.replace,
    "split": str.split,
    "join": lambda items, by: by.join(items),
}


def select(node: Select, scope: dict[str, Any], inventory: Any) -> Any:
    from batten.engine.rules.names import fields

    target = model(node.target, scope, inventory)
    if target is None:
        raise Fault
    name = next(name for name, struct in KINDS.items() if isinstance(target, struct))
    value = fields(name)[node.field].get(target, inventory)
    if isinstance(value, Absent):
        raise Fault
    return value is not None if node.test else list(value) if isinstance(value, tuple) else value


def _kinds() -> dict[str, type]:
    from batten.engine.rules.names import _structs

    return {name: struct for name, struct in _structs().items() if name in ("container", "workload", "user", "port")}


KINDS = _kinds()


def comprehension(node: Comprehension, scope: dict[str, Any], inventory: Any) -> Any:
    target = list(model(node.target, scope, inventory))
    answers = [(one, model(node.body, {**scope, node.variable: one}, inventory)) for one in target]
    found = [answer for _, answer in answers]
    if node.macro == "map":
        return found
    if node.macro == "filter":
        return [one for one, answer in answers if answer]
    return {"all": all(found), "exists": any(found), "exists_one": sum(found) == 1}[node.macro]


def binary(node: Binary, scope: dict[str, Any], inventory: Any) -> Any:
    if node.operator in ("&&", "||"):
        stop = node.operator == "||"
        sides = []
        for side in (node.left, node.right):
            try:
                sides.append(model(side, scope, inventory))
            except (Fault, ZeroDivisionError):
                sides.append(None)
        if stop in sides:
            return stop
        if None in sides:
            raise Fault
        return not stop
    left, right = model(node.left, scope, inventory), model(node.right, scope, inventory)
    if node.operator in ("/", "%"):
        whole = abs(left) // abs(right)  # towards zero
        whole = whole if (left < 0) == (right < 0) else -whole
        return whole if node.operator == "/" else left - right * whole
    operations: dict[str, Any] = {
        "+": lambda: left + right,
        "-": lambda: left - right,
        "*": lambda: left * right,
        "==": lambda: left == right,
        "!=": lambda: left != right,
        "<": lambda: left < right,
        "<=": lambda: left <= right,
        ">": lambda: left > right,
        ">=": lambda: left >= right,
        "in": lambda: left in right,
    }
    return operations[node.operator]()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(expressions, st.sampled_from(range(len(SCANS))))
def test_the_library_answers_as_the_model_does(text: str, number: int):
    scan = SCANS[number]
    container = scan.inventory.of(NOUN.carrier)[0]
    roots = {"container": container, "workload": scan.inventory.workload_of(container)}
    try:
        made = program(text, NOUN.roots)
    except RuleError as error:
        assume("steps" not in error.message)
        raise
    try:
        expected: Any = model(parse(text), roots, scan.inventory)
    except (Fault, ZeroDivisionError):
        expected = None
    try:
        answer: Any = made.run(roots, scan.inventory)[0]
    except (Unanswered, Stopped):
        answer = None
    # an entry without a value leaves the whole without one in the library, and in the model, too
    assert answer == expected, made.run_text


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="abcx.()[]{}'\"\\&|!=<>?:,+-*/% \n0123u", max_size=40))
def test_no_text_ends_in_another_error(text: str):
    at = 0
    try:
        program(text, NOUN.roots)
    except RuleError as error:
        at = error.at
    assert 0 <= at <= len(text)
