"""The rules that the settings name, as checks beside batten's own."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from batten.engine.check import Check, severity_of
from batten.engine.rules.file import read_rules
from batten.engine.rules.judge import RuleFunction
from batten.engine.rules.rule import Problem, Rule
from batten.limits import RULE_FILES, RULES
from batten.model.settings import Settings

Stamp = tuple[str, int, int]


class RuleSet(Struct, frozen=True):
    """All rules of one configuration, and what is wrong with others of them."""

    rules: tuple[Rule, ...] = ()
    problems: tuple[Problem, ...] = ()

    def checks(self) -> dict[str, Check]:
        """The rules as checks, by identifier."""
        return {rule.id: check_of(rule) for rule in self.rules}


def rules_of(settings: Settings) -> RuleSet:
    """Read anew only when one of the files has changed."""
    return load(settings.rules) if settings.rules else RuleSet()


def load(paths: tuple[str, ...]) -> RuleSet:
    """The rules of these files (absolute, or from the current directory); of one that is named twice once."""
    once: dict[str, str] = {}
    for path in paths:
        once.setdefault(os.path.realpath(path), path)
    return _load(tuple(map(_stamp, once.values())), str(Path.cwd()))


def _stamp(path: str) -> Stamp:
    try:
        found = Path(path).stat()
    except OSError:
        return path, 0, -1
    return path, found.st_mtime_ns, found.st_size


@lru_cache(8)
def _load(stamps: tuple[Stamp, ...], folder: str) -> RuleSet:
    rules: dict[str, Rule] = {}
    problems: list[Problem] = []
    for path, _, _ in stamps[:RULE_FILES]:
        shown = _shown(path, folder)
        found, wrong = read_rules(Path(path), shown)
        problems += wrong
        for rule in found:
            if rule.id in rules:
                other = rules[rule.id]
                words = f"expected an identifier of its own, found that of {other.path}:{other.line}"
                problems.append(Problem(rule.path, rule.line, 0, rule.id, words))
            elif len(rules) >= RULES:
                problems.append(Problem(rule.path, rule.line, 0, rule.id, f"expected at most {RULES:,} rules in all"))
            else:
                rules[rule.id] = rule
    if len(stamps) > RULE_FILES:
        problems.append(
            Problem(_shown(stamps[RULE_FILES][0], folder), 1, 0, "", f"expected at most {RULE_FILES} files of rules")
        )
    return RuleSet(tuple(rules.values()), tuple(problems))


def _shown(path: str, folder: str) -> str:
    """The path as the user would write it: from the current directory where it lies below."""
    below = folder.rstrip(os.sep) + os.sep
    return (path[len(below) :] if path.startswith(below) else path).replace(os.sep, "/")


@lru_cache(4096)
def check_of(rule: Rule) -> Check:
    """One rule as a check."""
    form = rule.form
    return Check(
        form.id,
        form.title,
        severity_of(form.severity),
        RuleFunction(rule),
        rule.noun.carrier,
        wants_context=True,
        platforms=tuple(form.platforms),
        persona=form.persona,
        group="",
        exposure=False,
        waivable=form.waivable,
        secret=False,
        number=form.strategy,
        controls=rule.controls,
    )
