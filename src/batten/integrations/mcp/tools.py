"""The tools that a coding agent gets: scan, explain, and fix as a diff."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from batten import api, errors
from batten.engine.scan import Scan
from batten.integrations.mcp.arguments import ExplainArguments, FixArguments, ScanArguments
from batten.integrations.mcp.protocol import Answer, Call, Cancelled, Tool
from batten.integrations.mcp.rows import bounded, clipped, finding_row, finding_text, fix_row, fix_text, problem_rows
from batten.integrations.roots import Roots
from batten.limits import MCP_TEXT
from batten.model.settings import Settings
from batten.report.order import SEVERITIES
from batten.report.text import one_line, plural
from batten.report.words import headline
from batten.sources.interface import TargetError

INSTRUCTIONS = """\
batten finds what is loose in containers and what is around them (Kubernetes, Dockerfile, Compose, Helm, Kustomize, \
Terraform, CloudFormation, pipelines) and mends it. Scan what you write before you save it (`scan` with `path` and \
`text`), mend it with `fix`, whose edits are proved by scanning the edited text again, and ask `explain` what a check \
means. Do not waive findings to make them go away: a waiver is a person's decision."""


class CallError(TargetError):
    """The arguments of a call contradict each other; the message is one line."""


class Tools:
    """The tools over some roots. `writes`: fixes may be written where the call asks for it."""

    def __init__(self, roots: Roots, *, writes: bool = False, allow_dirty: bool = False) -> None:
        self._roots = roots
        self._writes = writes
        self._allow_dirty = allow_dirty

    def all(self) -> list[Tool]:
        reads = {"readOnlyHint": True, "openWorldHint": False}
        changes = {"readOnlyHint": False, "destructiveHint": True, "idempotentHint": True, "openWorldHint": False}
        can_write = " With `write` they are written to the files." if self._writes else " Nothing is written."
        return [
            Tool(
                "scan",
                "Find what is loose in container files",
                "Scans files, folders, or a text that is not saved, and gives the findings: place, severity, what is "
                "wrong, how to mend it, whether `fix` can. Most urgent first.",
                ScanArguments,
                reads,
                self.scan,
            ),
            Tool(
                "explain",
                "Explain a check",
                "What a check means, why it matters, how to fix it on each platform, which controls of which "
                "frameworks it answers to.",
                ExplainArguments,
                reads,
                self.explain,
            ),
            Tool(
                "fix",
                "Mend findings, as a diff",
                "Gives a unified diff of the fixes that passed their proof: the edited text was read and judged again, "
                f"the finding is gone, no new one came, nothing else changed its meaning.{can_write}",
                FixArguments,
                changes if self._writes else reads,
                self.fix,
            ),
        ]

    def scan(self, given: ScanArguments, call: Call) -> Answer:
        found = self._scan(given, call, tuple(given.checks))
        report = found.report
        wanted = SEVERITIES[: SEVERITIES.index(given.severity) + 1]
        findings = [one for one in report.findings if one.status == "open" and one.severity in wanted]
        rows = bounded((finding_row(one, self._roots) for one in findings), given.limit)
        problems, unread = problem_rows(report, self._roots)
        summary = " · ".join(headline(report.count))
        left = len(findings) - len(rows)
        if left:
            summary += (
                f"; {left:,} of these severities are not listed: narrow paths, checks or severity, or raise limit"
            )
        lines = [summary, *(finding_text(row) for row in rows)]
        lines += [f"not read: {one['path']}:{one['line']}: {one['message']}" for one in problems]
        if unread > len(problems):
            lines.append(f"{unread - len(problems):,} more could not be read")
        data = {
            "passed": report.exit_code == 0,
            "reason": report.exit_reason,
            "counts": {word: getattr(report.count, word) for word in (*SEVERITIES, "waived")},
            "findings": rows,
            "total": len(findings),
            "truncated": left > 0,
            "problems": problems,
        }
        return Answer(clipped("\n".join(lines)), data)

    def explain(self, given: ExplainArguments, call: Call) -> Answer:
        from batten.engine.rooms import checks_for
        from batten.engine.suggest import nearest_check
        from batten.frameworks import controls_of
        from batten.report.sarif_rules import help_markdown

        settings = self._roots.settings_for(self._roots.folders[0])
        known = api.rules(settings)
        rule = known.get(given.check.strip().upper())
        if rule is None:
            near = nearest_check(given.check, known)
            hint = f"did you mean {near}?" if near else "the findings of scan name them"
            raise CallError(f"no check {one_line(given.check)[:100]!r}; {hint}")
        controls = [*controls_of(rule.id), *checks_for(settings)[rule.id].controls]
        data = {
            "id": rule.id,
            "title": rule.title,
            "severity": rule.severity,
            "strategy": rule.strategy,
            "summary": rule.summary,
            "remediation": dict(rule.remediation),
            "references": list(rule.references),
            "controls": [{"framework": framework, "id": control} for framework, control in controls],
        }
        text = f"# {rule.id} {rule.title} ({rule.severity})\n\n{help_markdown(rule)}"
        if controls:
            text += "\n\n**Answers to**\n\n" + "\n".join(f"- {framework} {control}" for framework, control in controls)
        return Answer(clipped(text), data)

    def fix(self, given: FixArguments, call: Call) -> Answer:
        from batten.engine.fix import plan, write
        from batten.integrations.diffs import masked_diff

        writes = given.write
        if writes and not self._writes:
            raise CallError("this server writes nothing: it was started without --write; apply the diff instead")
        if writes and given.text is not None:
            raise CallError("expected `paths` with `write`, found `text`: a text that is not saved is not written")
        kinds = ("safe", "review") if given.review else ("safe",)
        found = self._scan(given, call, ())
        call.go_on()
        self._verify_checks(given.checks, found.settings)

        def wanted(proposal: Any) -> bool:
            call.go_on()
            return not given.checks or proposal.finding.check.startswith(tuple(given.checks))

        planned = plan(found, kinds=kinds, choose=wanted)
        call.go_on()
        diff, hidden = masked_diff(planned, self._roots)
        written = (
            [self._roots.shown(str(path)) for path in write(planned.patches, allow_dirty=self._allow_dirty)]
            if writes
            else []
        )
        asked = [
            one for one in planned.proposals if not given.checks or one.finding.check.startswith(tuple(given.checks))
        ]
        applied = [one for one in asked if one.applied]
        left = [one for one in asked if not one.applied]
        cut = len(diff) > MCP_TEXT
        did = "mended" if writes else "would be mended"
        lines = [f"{plural(len(applied), 'finding')} {did} with proof, {len(left):,} left as they are"]
        if hidden:
            lines.append(
                f"the diff is for reading, git apply refuses it: secrets are masked in {plural(hidden, 'line')}"
            )
        if cut:
            lines.append("the diff was cut: narrow paths or checks to see the rest")
        rows = [bounded((fix_row(one, self._roots) for one in some), given.limit) for some in (applied, left)]
        lines += [fix_text(one, self._roots) for one in left[: len(rows[1])]]
        data = {
            "written": written,
            "applied": rows[0],
            "left": rows[1],
            "counts": {"applied": len(applied), "left": len(left)},
            "diff": clipped(diff),
            "masked_lines": hidden,
            "truncated": cut or len(rows[0]) < len(applied) or len(rows[1]) < len(left),
        }
        return Answer(clipped("\n".join(lines)) + ("\n\n" + clipped(diff) if diff else ""), data)

    def _scan(self, given: ScanArguments | FixArguments, call: Call, checks: Sequence[str]) -> Scan:
        """The scan that a call asks for, by the nearest configuration."""
        if given.text is not None or given.path:
            if given.text is None or not given.path or given.paths:
                raise CallError("expected either `paths`, or `path` with `text`")
            path = self._roots.real(given.path)
            if os.path.isdir(path):
                raise CallError(f"{one_line(given.path)[:200]!r}: expected the path of a file, found a folder")
            return api.scan_text(path, given.text, self._settings(path, checks), root=self._roots.around(path))
        paths = list(dict.fromkeys(self._roots.existing(one) for one in given.paths or self._roots.folders))
        return api.scan(paths, self._settings(paths[0], checks), progress=call.go_on)

    def _settings(self, path: str, checks: Sequence[str]) -> Settings:
        settings = self._roots.settings_for(path)
        if checks:
            self._verify_checks(checks, settings)
            settings = replace(settings, checks=tuple(checks))
        return settings

    def _verify_checks(self, checks: Sequence[str], settings: Settings) -> None:
        from batten.engine.rooms import checks_for
        from batten.engine.suggest import nearest_check

        known = checks_for(settings)
        for word in checks:
            if not word or not any(one.startswith(word) for one in known):
                near = nearest_check(word, known)
                hint = f"did you mean {near}?" if near else "the findings of scan name them"
                raise CallError(f"no check {one_line(word)[:100]!r}; {hint}")


def told(error: BaseException) -> str:
    """One line for what a tool raises: the mistake of the caller, else that something failed and nothing of what."""
    if isinstance(error, errors.SHOWN()):
        return one_line(errors.explain(error))[:1000]
    if isinstance(error, Cancelled):
        return "cancelled"
    return f"internal error ({type(error).__name__}); please report it: batten scan of the same shows more"
