"""What an editor shows of a finding when one points at it, as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from batten.model.report import Finding
from batten.report import RuleInfo
from batten.report.markdown_text import escape
from batten.report.sarif_rules import help_markdown


def explained(findings: Iterable[Finding], rules: Mapping[str, RuleInfo]) -> str:
    """The findings, each with what its check means; a check once."""
    parts: list[str] = []
    told: set[str] = set()
    for finding in findings:
        parts.append(f"**{finding.check}** {escape(finding.title)} ({finding.severity})\n\n{escape(finding.message)}")
        if finding.raised:
            parts.append(escape(finding.raised))
        if finding.fix is not None:
            parts.append(f"Quick fix ({finding.fix.kind}): {escape(finding.fix.summary)}")
        elif finding.no_fix:
            parts.append(f"No quick fix: {escape(finding.no_fix)}")
        rule = rules.get(finding.check)
        if rule is not None and finding.check not in told:
            told.add(finding.check)
            parts.append(help_markdown(rule))
        parts.append("---")
    return "\n\n".join(parts[:-1])


def page(finding: Finding, rules: Mapping[str, RuleInfo], docs: str) -> str:
    """The address of the page that explains a check: below `docs` where that is known; else what it refers to."""
    rule = rules.get(finding.check)
    if rule is None or rule.help_url:
        return rule.help_url if rule is not None else ""
    if docs:
        return f"{docs.rstrip('/')}/{finding.check}.md"
    return next((one for one in rule.references if one.startswith("https://")), "")
