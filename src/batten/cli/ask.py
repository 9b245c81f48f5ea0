"""`batten fix --interactive`: one question for each fix, on standard error, answered on standard input."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Final

import click

from batten.cli.output import colored_diff, wants_color
from batten.report.text import one_line, plural, printable, wrap
from batten.report.words import resource_text

if TYPE_CHECKING:
    from batten.engine.fix import FixPlan, Proposal

_WORDS: Final = {"y": "y", "yes": "y", "n": "n", "no": "n", "": "n", "a": "a", "all": "a", "q": "q", "quit": "q"}
_HELP: Final = """\
  y  yes, mend it
  n  no, leave it (also: Enter)
  a  mend this and all that follow
  q  ask no more; write what was chosen
  Ctrl-C  stop; nothing is written
"""


def chosen(plan: FixPlan, color: str) -> frozenset[str]:
    """The fingerprints of the findings to be mended.

    Raises `click.ClickException` where the input ends before the answers do: nothing is to be written then.
    """
    wanted: set[str] = set()
    proposals = [one for one in plan.proposals if one.applied]
    for index, proposal in enumerate(proposals):
        _show(plan, proposal, f"[{index + 1}/{len(proposals)}]", color)
        answer = _answer()
        if answer == "q":
            break
        if answer == "a":
            wanted |= {one.finding.fingerprint for one in proposals[index:]}
            break
        if answer == "y":
            wanted.add(proposal.finding.fingerprint)
    sys.stderr.write(f"\n{plural(len(wanted), 'fix', 'fixes')} of {len(proposals)} chosen\n")
    return frozenset(wanted)


def _show(plan: FixPlan, proposal: Proposal, number: str, color: str) -> None:
    from batten.engine.fix.plan import single_patches
    from batten.engine.fix.unified import unified_diff

    finding = proposal.finding
    told = [
        f"{number} {printable(finding.location.path)}:{finding.location.line}",
        f"{finding.severity}  {printable(finding.check)}  {one_line(finding.message or finding.title)}",
    ]
    if finding.resource is not None:
        told.insert(1, resource_text(finding.resource))
    if finding.fix is not None:
        told.append(f"fix ({finding.fix.kind}): {one_line(finding.fix.summary)}")
    columns = max(20, shutil.get_terminal_size((80, 24)).columns)
    lines = [line for text in told for line in wrap(text, columns)]
    diff = "".join(line for patch in single_patches(plan, proposal) for line in unified_diff(patch))
    sys.stderr.write("\n" + "\n".join(lines) + "\n" + colored_diff(diff, wants_color(sys.stderr, color)))


def _answer() -> str:
    while True:
        sys.stderr.write("mend it? (y, n, a, q, ?) ")
        sys.stderr.flush()
        said = sys.stdin.readline()
        if not said:
            sys.stderr.write("\n")
            raise click.ClickException("the answers ended before the questions did; nothing was written")
        word = _WORDS.get(said.strip().lower())
        if word is not None:
            return word
        sys.stderr.write(_HELP)
