"""Runs the examples that stand beside a rule: each is scanned as a file of its own, by that rule alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, Literal

from msgspec import Struct

from batten.engine.rules.form import ExampleForm
from batten.engine.rules.rule import Rule
from batten.model.settings import Settings
from batten.sources.interface import Entry, NoFiles, OpenTarget, Target, Wanted

_FORMATS: Final = (
    (re.compile(r"^[ \t]*FROM[ \t]", re.MULTILINE | re.IGNORECASE), "Dockerfile"),
    (re.compile(r"^\[(?:Container|Pod)\]", re.MULTILINE), "example.container"),
    (re.compile(r"^[\"']?services[\"']?[ \t]*:", re.MULTILINE), "compose.yaml"),
    (re.compile(r"\A\s*[\[{]"), "example.json"),
)


class Example(Struct, frozen=True):
    """How one example turned out. `why`: what is wrong, "" where all is well."""

    rule: str
    kind: Literal["failing", "passing"]
    number: int
    """From 1."""
    why: str
    findings: tuple[str, ...] = ()
    """Messages of the rule."""

    @property
    def passed(self) -> bool:
        return not self.why


class MemoryTarget(OpenTarget):
    """One file that stands nowhere."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(Target(f"memory:{path}", "file", path))
        self.files = NoFiles()
        self._path = path
        self._data = text.encode("utf-8", "surrogatepass")

    def entries(self, wanted_name: Wanted | None = None) -> Iterator[Entry]:
        yield Entry(self._path, len(self._data), self._data)

    def shown(self, path: str) -> str:
        return path


def run_examples(rule: Rule) -> list[Example]:
    """Every example of the rule, failing ones first."""
    examples = rule.form.examples
    if examples is None:
        return []
    found: list[Example] = []
    kinds: tuple[tuple[Literal["failing", "passing"], Any], ...]
    kinds = (("failing", examples.failing), ("passing", examples.passing))
    for kind, texts in kinds:
        for number, text in enumerate(texts, 1):
            form = text if isinstance(text, ExampleForm) else ExampleForm(text=text)
            why, messages = _run(rule, form, failing=kind == "failing")
            found.append(Example(rule.id, kind, number, why, messages))
    return found


def _run(rule: Rule, form: ExampleForm, *, failing: bool) -> tuple[str, tuple[str, ...]]:
    from batten.engine.scan import scan_targets  # the engine's whole, for this alone

    settings = Settings(checks=(rule.id,), rules=(rule.file,))
    scan = scan_targets([MemoryTarget(form.file or _name_of(form.text), form.text)], settings)
    problems = [one for report in scan.report.targets for one in report.problems]
    messages = tuple(one.message for one in scan.report.findings if one.check == rule.id)
    if unread := [one for one in problems if one.severe]:
        return f"the example cannot be judged: {unread[0].message}", messages
    judged = any(one.check.id == rule.id for one in scan.results)
    if failing and not messages:
        hint = "it passes" if judged else f"no {rule.form.on} in it that the rule applies to"
        return f"expected a finding, found none: {hint}", messages
    if not failing and messages:
        return f"expected none, found: {messages[0]}", messages
    if failing and rule.form.fix is not None and form.fixed:
        return _fix(rule, scan), messages
    return "", messages


def _fix(rule: Rule, scan: Any) -> str:
    from batten.engine.fix import plan

    made = plan(scan, kinds=("safe", "review"))
    left = [one for one in made.proposals if not one.applied and one.finding.check == rule.id]
    return f"the fix does not mend it: {left[0].reason}" if left else ""


def _name_of(text: str) -> str:
    for pattern, name in _FORMATS:
        if pattern.search(text):
            return name
    return "example.yaml"
