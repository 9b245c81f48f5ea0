"""A rule cannot hang, eat memory or end the program: what is too much is refused before it runs."""

import time

import pytest

from batten.engine.rules.program import Stopped
from batten.engine.rules.tree import RuleError
from batten.limits import RULE_DEPTH, RULE_STEPS
from engine.rules.cases import ask, compiled, read

TEN = str(list(range(10)))
HUNDRED = str(list(range(100)))
REFUSED = {
    "nested comprehensions": f"{HUNDRED}.map(x, {HUNDRED}.map(y, {HUNDRED}.map(z, x + y + z))).size() > 0",
    "many small ones": TEN + "".join(f".map(x{n}, {TEN}.map(y{n}, {TEN})).map(z{n}, 1)" for n in range(40)) + " == []",
    "texts that double": "['aaaaaaaaaaaaaaaa']" + "".join(f".map(x{n}, x{n} + x{n})" for n in range(40)) + " == []",
    "lists that double": "[[1]]" + "".join(f".map(x{n}, x{n} + x{n})" for n in range(40)) + " == []",
    "texts that are replaced": "'a'" + ".replace('a', 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" * 8 + " == ''",
    "joined texts": "'aaaaaaaa'" + ".split('').join('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa')" * 9 + " == ''",
    "patterns that are large when compiled": r"container.name.matches(r'(\w{100}){3}')",
    "patterns of patterns": "container.name.matches('((a{100}){100}){100}')",
    "many patterns": f"{HUNDRED}.all(x, {HUNDRED}.all(y, container.name.matches('^[a-z0-9.-]+$')))",
    "parentheses": "(" * 500 + "true" + ")" * 500,
    "denials": "!" * 500 + "true",
    "lists in lists": "[" * 500 + "]" * 500 + " == []",
    "chains": "1" + " + 1" * 500 + " == 1",
    "fields of fields": "container" + ".user" * 500,
    "choices": "true ? 1 : " * 300 + "1 == 1",
    "long texts": "'" + "a" * 5000 + "' == ''",
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_asks_for_too_much_is_refused_at_once(name: str):
    began = time.process_time()
    with pytest.raises(RuleError):
        compiled(REFUSED[name])
    assert time.process_time() - began < 2


def test_the_deepest_that_is_taken_is_run_by_the_library():
    for text in (
        "true" + " && true" * (RULE_DEPTH - 2),
        "1" + " + 1" * (RULE_DEPTH - 3) + " > 0",
        "1" + " - 1" * (RULE_DEPTH - 3) + " < 1",
        "(" * (RULE_DEPTH - 2) + "true" + ")" * (RULE_DEPTH - 2),
        "!" * (RULE_DEPTH // 2 * 2 - 2) + "true",
    ):
        assert ask(text, read()) is True


def many(number: int) -> str:
    entries = "".join(f"  - {{name: c{one}, image: x}}\n" for one in range(number))
    return f"apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec:\n  containers:\n{entries}"


def test_a_noun_that_makes_a_rule_too_much_is_not_judged():
    text = "workload.containers.exists(a, workload.containers.exists(b, a.name == b.name + 'x'))"
    scan = read(many(1000))
    began = time.process_time()
    with pytest.raises(Stopped, match=f"of {RULE_STEPS:,}"):
        ask(text, scan, "workload")
    assert time.process_time() - began < 2
    assert ask(text, read(many(100)), "workload") is False


@pytest.mark.parametrize(
    "text",
    [
        "workload.containers.map(c, c.name).size() > 0",
        "workload.containers.exists(c, c.name.matches('^(a+)+$'))",
        "workload.containers.filter(c, c.name in ['a', 'b']).map(c, c.name + c.name).size() == 0",
        "workload.containers.all(c, workload.containers.exists(d, c.name == d.name))",
        "workload.containers.map(c, c.name.lowerAscii().replace('c', 'dd')).size() > 0",
    ],
)
def test_the_estimate_bounds_what_is_run(text: str):
    """The largest that is let through takes a second at most, whatever the machine is busy with."""
    for number in (10_000, 3_000, 1_000, 300, 100):
        scan = read(many(number))
        began = time.process_time()
        try:
            ask(text, scan, "workload")
        except Stopped:
            continue
        assert time.process_time() - began < 1
        return
    pytest.fail("nothing was let through")
