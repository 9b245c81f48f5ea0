from __future__ import annotations

import pytest

from batten.engine import enrich as module
from batten.engine.enrich import EnrichContext, Enrichment, enrich, in_order
from batten.model.inventory import Inventory
from batten.model.settings import Settings

CONTEXT = EnrichContext(Settings(), "2026-11-28")


class Step:
    def __init__(self, name: str, needs: tuple[type, ...], gives: tuple[type, ...], noun: object = None) -> None:
        self.name, self.needs, self.gives, self._noun = name, needs, gives, noun

    def run(self, inventory: Inventory, context: EnrichContext) -> Enrichment:
        if isinstance(self._noun, Exception):
            raise self._noun
        return Enrichment([] if self._noun is None else [self._noun])


@pytest.fixture
def with_steps(monkeypatch: pytest.MonkeyPatch):
    return lambda *steps: monkeypatch.setattr(module, "all_enrichers", lambda: steps)


def test_a_step_runs_after_those_that_give_what_it_needs():
    steps = (Step("a", (int,), (str,)), Step("b", (str,), (float,)), Step("c", (bytes,), (int,)))
    assert [step.name for step in in_order(steps)] == ["c", "a", "b"]


def test_steps_that_need_each_other_still_run_once():
    steps = (Step("a", (int,), (str,)), Step("b", (str,), (int,)))
    assert sorted(step.name for step in in_order(steps)) == ["a", "b"]


def test_what_one_step_gives_another_takes(with_steps):
    with_steps(Step("late", (str,), (float,), 1.5), Step("early", (int,), (str,), "text"))
    inventory = Inventory()
    inventory.add(1)
    assert enrich(inventory, CONTEXT) == []
    assert (inventory.of(str), inventory.of(float)) == (["text"], [1.5])


def test_a_step_without_its_nouns_does_not_run(with_steps):
    with_steps(Step("one", (str,), (float,), 1.5))
    inventory = Inventory()
    enrich(inventory, CONTEXT)
    assert inventory.of(float) == []


def test_a_step_that_fails_is_told_and_the_others_go_on(with_steps):
    with_steps(Step("broken", (int,), (str,), ValueError("no")), Step("sound", (int,), (float,), 1.5))
    inventory = Inventory()
    inventory.add(1)
    [(target, problem)] = enrich(inventory, CONTEXT)
    assert target == ""
    assert "broken" in problem.message
    assert inventory.of(float) == [1.5]
