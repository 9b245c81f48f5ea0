"""Where outside knowledge joins the inventory: advisories, images that workloads run, dates of support.

A module `<room>/enrich/NAME.py` that defines `ENRICH` adds one step. Steps add nouns and never judge.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from msgspec import Struct, field

from batten.engine.rooms import all_enrichers
from batten.model.inventory import Inventory
from batten.model.settings import Settings
from batten.model.source import Problem


class EnrichContext(Struct, frozen=True):
    """What a step may use besides the inventory."""

    settings: Settings
    as_of: str
    """Date `YYYY-MM-DD`."""
    progress: Callable[[str], None] | None = None


class Enrichment(Struct):
    """What a step adds. Problems belong to the target whose identifier they are listed under; "": the first."""

    nouns: list[Any] = field(default_factory=list)
    problems: list[tuple[str, Problem]] = field(default_factory=list)


class Enricher(Protocol):
    """One step."""

    name: str
    needs: tuple[type, ...]
    """It runs where the inventory holds one of these."""
    gives: tuple[type, ...]
    """What it adds: steps that need these run later."""

    def run(self, inventory: Inventory, context: EnrichContext) -> Enrichment:
        """The nouns to be added. What fails becomes a problem; it raises nothing that a user caused."""


def in_order(steps: tuple[Enricher, ...]) -> list[Enricher]:
    """Givers before those that need what they give, else by name."""
    waiting, ordered = sorted(steps, key=lambda step: step.name), []
    while waiting:
        given_later = {kind for step in waiting for kind in step.gives}
        ready = next((step for step in waiting if not (set(step.needs) & (given_later - set(step.gives)))), waiting[0])
        waiting.remove(ready)
        ordered.append(ready)
    return ordered


def enrich(inventory: Inventory, context: EnrichContext) -> list[tuple[str, Problem]]:
    """Runs every step whose nouns are there; gives what could not be had, by target."""
    problems: list[tuple[str, Problem]] = []
    for step in in_order(all_enrichers()):
        if not any(inventory.of(kind) for kind in step.needs):
            continue
        try:
            found = step.run(inventory, context)
        except Exception as error:
            what = f"the step {step.name} failed ({type(error).__name__}: {str(error)[:100]}); please report this"
            problems.append(("", Problem(".", what)))
            continue
        inventory.extend(found.nouns)
        problems += found.problems
    return problems
