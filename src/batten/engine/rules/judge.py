"""Asks a rule of a noun: what a check's function is for the checks of batten itself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from batten.engine.check import Check, Context
from batten.engine.rules.mend import fix_of
from batten.engine.rules.parts import place_in_pipeline, place_of_package
from batten.engine.rules.program import Program, Stopped, Unanswered
from batten.engine.rules.rule import Rule
from batten.limits import RULE_MESSAGE, RULE_SCAN_STEPS
from batten.model.image_content import Image
from batten.model.objects import Declared
from batten.model.pipeline import Job, Pipeline, Step
from batten.model.source import Place, Problem
from batten.model.verdict import NOT_APPLICABLE, PASS, Failure, Verdict
from batten.model.workload import Container, Workload

_NAMES: Final = frozenset(
    {"name", "kind", "platform", "file", "written", "os", "namespace", "cluster", "secret", "system", "job", "part"}
)
"""Fields that say which noun it is; the others are what is blamed."""
_DECLARED: Final[dict[str, tuple[str, ...]]] = {
    "labels": ("metadata", "labels"),
    "annotations": ("metadata", "annotations"),
    "name": ("metadata", "name"),
    "namespace": ("metadata", "namespace"),
    "api_version": ("apiVersion",),
    "kind": ("kind",),
    "automount_token": ("automountServiceAccountToken",),
    "permissions": ("rules",),
    "subjects": ("subjects",),
    "role_kind": ("roleRef", "kind"),
    "role_name": ("roleRef", "name"),
    "selector": ("spec", "selector"),
    "ingress": ("spec", "ingress"),
    "egress": ("spec", "egress"),
    "ports": ("spec", "ports"),
    "external_ips": ("spec", "externalIPs"),
    "source_ranges": ("spec", "loadBalancerSourceRanges"),
    "tls": ("spec", "tls"),
    "tls_hosts": ("spec", "tls"),
    "hosts": ("spec", "rules"),
    "backends": ("spec", "rules"),
    "keys": ("data",),
}
_TYPED: Final = {"service": ("spec", "type"), "config": ("type",)}


class NotJudged(Exception):
    """A noun that a rule said nothing of, and why. `severe`: the rule is at fault, not what was read."""

    def __init__(self, words: str, *, severe: bool) -> None:
        super().__init__(words)
        self.severe = severe
        self.failures: list[Failure] = []
        """What it did say of other entries of the same container."""


class RuleFunction:
    """The function of a rule's check."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.__doc__ = _docstring(rule)
        self._spent: tuple[Context | None, float] = (None, 0.0)

    def __call__(self, noun: Any, context: Context) -> Verdict:
        """Raises `NotJudged`."""
        rule = self.rule
        roots = _roots(rule, noun, context)
        if rule.noun.entries is None:
            return self._verdict(noun, roots, context, None, None)
        answers: list[Failure] = []
        applied = False
        declined: NotJudged | None = None
        for entry in rule.noun.entries(noun, context.inventory):
            try:
                found = self._verdict(noun, {**roots, rule.noun.name: entry}, context, rule.noun.part(entry), entry)
            except NotJudged as why:
                declined = why if declined is None or why.severe else declined
                continue
            applied = applied or found is not NOT_APPLICABLE
            if isinstance(found, Failure):
                answers.append(found)
        if declined is not None:
            declined.failures = answers
            raise declined
        return answers or (PASS if applied else NOT_APPLICABLE)

    def _verdict(self, noun: Any, roots: dict[str, Any], context: Context, part: Any, entry: Any) -> Verdict:
        rule = self.rule
        if rule.when is not None and self._truth(rule.when, roots, context) is not True:
            return NOT_APPLICABLE
        answer = self._truth(rule.fails_if, roots, context)
        if answer is None:
            return NOT_APPLICABLE
        if answer is False:
            return PASS
        fix, no_fix = fix_of(rule, noun, part, lambda parts: self._text(parts, roots, context))
        subject = rule.noun.subject
        return Failure(
            self._place(noun, roots, part),
            self._text(rule.message, roots, context)[:RULE_MESSAGE],
            subject=subject(entry) if subject is not None and entry is not None else "",
            fix=fix,
            no_fix=no_fix,
            confidence=rule.form.confidence,
        )

    def _truth(self, program: Program, roots: dict[str, Any], context: Context) -> bool | None:
        """None: the question has no answer here, since the platform has no such notion."""
        known, spent = self._spent
        spent = spent if known is context else 0.0
        if spent > RULE_SCAN_STEPS:
            raise NotJudged("it was stopped: it asks for too much work in one scan", severe=True)
        try:
            value, steps = program.run(roots, context.inventory)
        except Unanswered as missing:
            self._spent = (context, spent + 1)
            if missing.unknown:
                raise NotJudged(f"{missing.field} is decided elsewhere", severe=False) from None
            return None
        except Stopped as stopped:
            raise NotJudged(str(stopped), severe=True) from None
        self._spent = (context, spent + steps)
        return bool(value)

    def _text(self, parts: Sequence[str | Program], roots: dict[str, Any], context: Context) -> str:
        words = []
        for part in parts:
            if isinstance(part, str):
                words.append(part)
                continue
            try:
                words.append(shown(part.run(roots, context.inventory)[0]))
            except (Unanswered, Stopped):
                words.append("?")
        return "".join(words).strip()

    def _place(self, noun: Any, roots: dict[str, Any], part: Any) -> Place:
        rule = self.rule
        if isinstance(noun, Container) and part is not None and not rule.form.where:
            return noun.where("image") if rule.noun.name == "image" else noun.at(part)
        if isinstance(noun, Image) and part is not None:
            return place_of_package(noun, part)
        if rule.form.where:
            root, _, name = rule.form.where.rpartition(".")
            return place_of(roots[root or next(iter(rule.noun.roots))], name, rule.noun.name)
        reads = sorted(rule.fails_if.checked.reads.values(), key=lambda read: read.node.start)
        blamed = [read.path for read in reads if len(read.path) > 1 and read.path[1] not in _NAMES]
        written = [path for path in blamed if _is_set(roots[path[0]], path[1])]
        for path in (*written, *blamed):
            return place_of(roots[path[0]], path[1], rule.noun.name)
        return place_of(noun, "", rule.noun.name)


def place_of(noun: Any, name: str, kind: str) -> Place:
    """The place of a field of a noun, where it is written; else the noun's own."""
    if isinstance(noun, Workload) and name in ("labels", "annotations") and name not in noun.places:
        return Place(noun.document, (*(noun.template_pointer or noun.metadata_pointer), name))
    if isinstance(noun, Workload | Container):
        return noun.where(name)
    assert isinstance(noun, Declared)
    if isinstance(noun, Step | Job | Pipeline):
        return place_in_pipeline(noun, name)
    if isinstance(noun, Image):
        return noun.where()
    if noun.resource.platform != "kubernetes":
        return noun.where(name) if name else noun.where()
    return noun.where(*(_TYPED.get(kind, ()) if name == "type" else _DECLARED.get(name, ())))


def _is_set(noun: Any, name: str) -> bool:
    return isinstance(noun, Workload | Container) and noun.is_set(name)


def _roots(rule: Rule, noun: Any, context: Context) -> dict[str, Any]:
    if isinstance(noun, Container):
        return {"container": noun, "workload": context.inventory.workload_of(noun)}
    if isinstance(noun, Image):
        return {"built_image": noun}
    return {rule.noun.name: noun}


def shown(value: Any) -> str:
    """A value in a message."""
    if value is None:
        return "unset"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ", ".join(map(shown, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{key}={shown(one)}" for key, one in value.items()) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)


def declined_problems(check: Check, nouns: Sequence[tuple[Any, Exception]]) -> list[Problem]:
    """One line for each reason why a rule said nothing, however many nouns it held for."""
    found: dict[tuple[str, bool], list[Any]] = {}
    for noun, why in nouns:
        severe = not isinstance(why, NotJudged) or why.severe
        words = str(why) if isinstance(why, NotJudged) else f"{type(why).__name__}: {why}; please report this"
        found.setdefault((words, severe), []).append(noun)
    problems = []
    for (words, severe), whom in list(found.items())[:_REASONS]:
        resource = whom[0].resource
        more = f" and {len(whom) - 1} more" if len(whom) > 1 else ""
        container = f", container {resource.container}" if resource.container else ""
        name = f"{resource.kind} {resource.name}{container}"
        problems.append(
            Problem(whom[0].document.file.path, f"rule {check.id} did not judge {name}{more}: {words}", severe=severe)
        )
    return problems


_REASONS: Final = 5  # lines about one rule; a reason names a field, so that there are few


def _docstring(rule: Rule) -> str:
    """What `batten.engine.check.explanation` takes apart."""
    form = rule.form
    lines = [" ".join((form.description or form.title).split()) or form.title]
    if not form.description:
        lines[0] = lines[0].rstrip(".") + "."
    lines += ["", f"    A rule of your own, {rule.path}:{rule.line}: it fails where {_line(form.fails_if)}"]
    if form.when:
        lines[-1] += f", asked where {_line(form.when)}"
    fixes = {"all": form.remediation} if isinstance(form.remediation, str) else form.remediation
    if any(fixes.values()):
        lines += ["", "    Fix:", *(f"        {key}: {_line(text)}" for key, text in fixes.items())]
    if form.references:
        lines += ["", "    References:", *(f"        {_line(one)}" for one in form.references)]
    return "\n".join(lines) + "\n    "


def _line(text: str) -> str:
    return " ".join(text.split())
