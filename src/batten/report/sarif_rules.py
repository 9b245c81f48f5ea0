"""The rules of a SARIF log, made from the catalogue of checks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from batten.engine.check import STRATEGIES
from batten.model.report import Finding
from batten.report import RuleInfo
from batten.report.sarif_text import message, paragraphs
from batten.report.text import one_line

LEVELS: Final = {"critical": "error", "high": "error", "medium": "warning", "low": "note", "info": "note"}
RANKS: Final = {"critical": 95.0, "high": 80.0, "medium": 50.0, "low": 20.0, "info": 5.0}
# GitHub's bands: above 9.0 critical, from 7.0 high, from 4.0 medium, from 0.1 low
_SCORES: Final = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0", "info": "0.1"}


def rule_catalogue(findings: Iterable[Finding], known: Mapping[str, RuleInfo]) -> list[dict[str, Any]]:
    """Every known rule, and those that findings speak of without being known, sorted by identifier."""
    rules = dict(known)
    for finding in findings:
        if finding.check not in rules:
            rules[finding.check] = RuleInfo(
                id=finding.check, title=finding.title, severity=finding.severity, strategy=finding.strategy
            )
    return [_rule(identifier, rules[identifier]) for identifier in sorted(rules)]


def _rule(identifier: str, rule: RuleInfo) -> dict[str, Any]:
    title = rule.title or identifier
    descriptor: dict[str, Any] = {
        "id": identifier,
        "shortDescription": {"text": message(title)},
        "fullDescription": {"text": paragraphs(rule.summary or title)},
        "help": {"text": paragraphs(_help(rule, title)), "markdown": _braces(help_markdown(rule, title))},
        "defaultConfiguration": {"level": LEVELS[rule.severity], "rank": RANKS[rule.severity]},
        "properties": {
            "security-severity": _SCORES[rule.severity],
            "precision": "high",
            "tags": ["security", *_tags(rule)],
        },
    }
    if rule.help_url:
        descriptor["helpUri"] = rule.help_url
    return descriptor


def _tags(rule: RuleInfo) -> list[str]:
    if 1 <= rule.strategy <= len(STRATEGIES):
        return [f"strategy/{rule.strategy}-{STRATEGIES[rule.strategy - 1]}"]
    return []


def _help(rule: RuleInfo, title: str) -> str:
    parts = [rule.summary or title]
    parts += [f"{_platform(name)}: {one_line(text)}" for name, text in rule.remediation.items()]
    parts += rule.references
    return "\n\n".join(parts)


def help_markdown(rule: RuleInfo, title: str = "") -> str:
    """The catalogue is the program's own text, so its Markdown is kept; a rule known only from a finding has none."""
    parts = [_without_html(rule.summary)] if rule.summary else [_literal(title)]
    if rule.remediation:
        lines = [f"- **{_platform(name)}**: {_without_html(one_line(text))}" for name, text in rule.remediation.items()]
        parts += ["**How to fix it**", "\n".join(lines)]
    if rule.references:
        parts += ["**References**", "\n".join(f"- <{address}>" for address in rule.references)]
    return "\n\n".join(parts)


def _without_html(text: str) -> str:
    """Section 3.11.4.2: no HTML. Code keeps its angle brackets."""
    parts = text.split("`")
    return "`".join(part if index % 2 else part.replace("<", "&lt;") for index, part in enumerate(parts))


def _literal(text: str) -> str:
    """Markdown that shows `text` as it is."""
    from batten.report.markdown_text import escape

    return escape(text)


def _platform(name: str) -> str:
    return "Everywhere" if name == "all" else name


def _braces(text: str) -> str:
    return text.replace("{", "{{").replace("}", "}}")
