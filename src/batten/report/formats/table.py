"""The terminal report: reads like a good compiler's, most urgent first, one root cause once."""

from __future__ import annotations

from batten.model.report import Finding, Report
from batten.report import Format, Options
from batten.report.excerpt import first_line, for_terminal
from batten.report.groups import Entry
from batten.report.order import RANK, STATUS_RANK, Block, FileBlock, arrange, finding_key
from batten.report.summary import summary_lines
from batten.report.terminal import Terminal
from batten.report.text import cut, one_line, plural, printable, width, wrap
from batten.report.words import (
    Commands,
    controls,
    fix_kind,
    fix_summaries,
    line_place,
    remedies,
    resource_text,
    waiver_text,
)

_BODY = 11  # column where what belongs to a finding begins
_GUTTER = 13  # column of the line between line numbers and source
_RELATED = 3  # other places named before they are only counted


def render(report: Report, options: Options) -> str:
    """The report for a terminal of `options.width` columns."""
    terminal = Terminal(options)
    commands = Commands(report, options.repeated)
    files = arrange(report)
    chosen, hidden = _choose(files, options.limit)
    lines: list[str] = []
    for file in files:
        if any(id(entry) in chosen for entry in file.entries()):
            lines += [*_file(file, chosen, commands, terminal, options), ""]
    if hidden:
        entries, in_files = hidden
        rest = f"{plural(entries, 'more entry', 'more entries')} in {plural(in_files, 'file')}, less urgent"
        lines += [f"{terminal.symbol('… ', '... ')}{rest}: batten scan --limit 0", ""]
    if options.verbose:
        lines += _not_open(files, terminal)
    if report.packages or report.vulnerabilities or report.coverage or report.minimality:
        from batten.report.vulnerable import vulnerability_lines

        lines += vulnerability_lines(report, options, terminal)
    lines += summary_lines(report, options, terminal)
    return "\n".join(lines) + "\n"


def _choose(files: list[FileBlock], limit: int) -> tuple[set[int], tuple[int, int] | None]:
    """The ids of the open entries to show, and how many entries in how many files are left out."""
    every = [
        (RANK[entry.lead.severity], index, order, entry)
        for index, file in enumerate(files)
        for order, entry in enumerate(file.entries())
        if entry.lead.status == "open"
    ]
    if not limit or len(every) <= limit:
        return {id(entry) for *_, entry in every}, None
    every.sort(key=lambda one: one[:3])
    left_out = every[limit:]
    chosen = {id(entry) for *_, entry in every[:limit]}
    return chosen, (len(left_out), len({index for _, index, *_ in left_out}))


def _file(file: FileBlock, chosen: set[int], commands: Commands, terminal: Terminal, options: Options) -> list[str]:
    lines = [terminal.bold(terminal.safe(printable(file.path)))]
    left_out = 0
    for block in file.blocks:
        shown = [entry for entry in block.entries if id(entry) in chosen]
        left_out += sum(entry.lead.status == "open" for entry in block.entries) - len(shown)
        if not shown:
            continue
        lines += _block_header(block, terminal)
        for entry, after in zip(shown, [*shown[1:], None], strict=True):
            repeated = after is not None and commands.next(entry) == commands.next(after)
            lines += _entry(entry, "" if repeated else commands.next(entry), terminal, options)
    if left_out:
        more = f"  {terminal.symbol('…', '...')} {plural(left_out, 'less urgent entry', 'less urgent entries')} here"
        lines.append(terminal.dim(more))
    return lines


def _block_header(block: Block, terminal: Terminal) -> list[str]:
    if block.resource is None:
        return []
    names = ["  " + line for line in wrap(terminal.safe(resource_text(block.resource)), terminal.width - 2)]
    *before, last = names or ["  "]
    lines = [terminal.cyan(name) for name in before]
    if not block.exposure:
        return [*lines, terminal.cyan(last)]
    exposure = terminal.safe(one_line(f"reachable through {block.exposure}"))
    space = terminal.width - width(last) - width(exposure)
    if space >= 2:
        return [*lines, terminal.cyan(last) + " " * space + terminal.yellow(exposure)]
    wrapped = wrap(exposure, terminal.width - 2)
    return [*lines, terminal.cyan(last), *("  " + terminal.yellow(line) for line in wrapped)]


def _entry(entry: Entry, command: str, terminal: Terminal, options: Options) -> list[str]:
    """`command` is "" where the next entry of the resource has the same."""
    lead = entry.lead
    lines = _head(entry, terminal)
    if entry.merged:
        for finding in entry.findings:
            lines += _member(finding, lead, terminal)
    else:
        lines += _source(lead, terminal)
    lines += _notes(entry, terminal, options)
    lines += _what_to_do(entry, command, terminal, options)
    return lines


def _head(entry: Entry, terminal: Terminal) -> list[str]:
    """`  41:11  critical  PRV001  the container is privileged`, wrapped under the title."""
    lead = entry.lead
    place = line_place(lead)
    title = printable(entry.title)
    check = "" if entry.merged else printable(lead.check)
    if lead.confidence != "high":
        title += f" ({lead.confidence} confidence)"
    if lead.raised and not lead.exposure:
        title += f" (raised: {one_line(lead.raised)})"
    start = f"  {place:<8} {terminal.severity(lead.severity)} " + (f"{terminal.bold(check)}  " if check else "")
    indent = 2 + max(8, len(place)) + 1 + 8 + 1 + (width(check) + 2 if check else 0)
    first, *rest = wrap(terminal.safe(title), max(20, terminal.width - indent)) or [""]
    return [start + terminal.bold(first), *(" " * indent + terminal.bold(line) for line in rest)]


def _member(finding: Finding, lead: Finding, terminal: Terminal) -> list[str]:
    """One check of a merged entry: `PRV004  the process may gain privileges (line 27)`."""
    check = terminal.safe(printable(finding.check))
    message = one_line(finding.message or finding.title)
    if finding.location.line != lead.location.line:
        message += f" (line {finding.location.line})"
    indent = _BODY + width(check) + 2
    first, *rest = wrap(terminal.safe(message), max(20, terminal.width - indent)) or [""]
    return [f"{' ' * _BODY}{check}  {first}", *(" " * indent + line for line in rest)]


def _source(finding: Finding, terminal: Terminal) -> list[str]:
    """The line with its underline and the message beside it, or the message alone."""
    message = terminal.safe(one_line(finding.message))
    if message.casefold() == printable(finding.title).casefold():
        message = ""
    line = first_line(finding)
    if line is None or not line.text.strip():
        return [" " * _BODY + part for part in wrap(message, terminal.width - _BODY)]
    shown = for_terminal(line, terminal.width - _GUTTER - 2, terminal.unicode)
    bar = terminal.symbol("│", "|")
    lines = [f"{terminal.dim(f'{line.number:>{_GUTTER - 1}} {bar}')} {shown.text}"]
    gutter = terminal.dim(" " * _GUTTER + bar)
    if not shown.length:
        return [*lines, *(f"{gutter} {part}" for part in wrap(message, terminal.width - _GUTTER - 2))]
    underline = terminal.symbol("━", "^") * shown.length
    end = _GUTTER + 2 + shown.offset + shown.length
    marked = f"{gutter} {' ' * shown.offset}{terminal.paint(underline, finding.severity)}"
    if not message or end + 1 + width(message) <= terminal.width:
        return [*lines, f"{marked} {message}".rstrip()]
    indent = min(shown.offset, max(0, terminal.width - _GUTTER - 2 - 60))
    parts = wrap(message, terminal.width - _GUTTER - 2 - indent)
    return [*lines, marked, *(f"{gutter} {' ' * indent}{part}" for part in parts)]


def _notes(entry: Entry, terminal: Terminal, options: Options) -> list[str]:
    """Other places that belong to the finding; in a verbose report also controls and reasons."""
    lead = entry.lead
    notes: list[str] = []
    places = list(dict.fromkeys(f"{printable(one.path)}:{one.line}" for f in entry.findings for one in f.related))
    if places:
        more = len(places) - _RELATED
        notes.append("see also " + ", ".join(places[:_RELATED]) + (f" and {more} more" if more > 0 else ""))
    if options.verbose:
        if lead.raised:
            notes.append(f"raised to {lead.severity}: {lead.raised}")
        answered = controls(entry.findings)
        if answered:
            notes.append("controls: " + "; ".join(answered))
    indent = " " * _BODY
    wrapped = [part for note in notes for part in wrap(terminal.safe(one_line(note)), terminal.width - _BODY)]
    return [terminal.dim(indent + part) for part in wrapped]


def _what_to_do(entry: Entry, command: str, terminal: Terminal, options: Options) -> list[str]:
    """What mends it, and the command beside it."""
    indent = " " * _BODY
    painted = terminal.command(terminal.safe(command))
    below = [indent + painted] if command else []
    by_hand = remedies(entry)
    if fix_kind(entry.findings):
        label, text = f"fix ({fix_kind(entry.findings)}): ", fix_summaries(entry)
        text += f"; by hand: {by_hand}" if by_hand else ""
    elif by_hand:
        label, text = "by hand: ", by_hand
    else:
        return below
    text = terminal.safe(one_line(text))
    if options.verbose:
        return [*_in_full(entry, label + text, terminal), *below]
    room = terminal.width - _BODY - len(label)
    space = room - width(text) - width(terminal.safe(command))
    if command and space >= 4:
        return [f"{indent}{label}{text}{' ' * space}{painted}"]
    return [f"{indent}{label}{cut(text, room, terminal.symbol('…', '...'))}", *below]


def _in_full(entry: Entry, first: str, terminal: Terminal) -> list[str]:
    """The fix, the way by hand, and the reason where there is no fix, uncut."""
    lead = entry.lead
    texts = [first]
    if lead.fix is not None and lead.remediation and not entry.merged:  # else `first` says it
        texts.append(lead.remediation)
    if lead.no_fix:
        texts.append(f"no automatic fix: {lead.no_fix}")
    columns = terminal.width - _BODY
    return [" " * _BODY + part for text in texts for part in wrap(terminal.safe(one_line(text)), columns)]


def _not_open(files: list[FileBlock], terminal: Terminal) -> list[str]:
    """Waived findings and those of the baseline, one after the other."""
    found = [f for file in files for entry in file.entries() for f in entry.findings if f.status != "open"]
    lines: list[str] = []
    for finding in sorted(found, key=lambda one: (STATUS_RANK[one.status], one.location.path, finding_key(one))):
        place = f"{printable(finding.location.path)}:{finding.location.line}:{finding.location.column}"
        head = f"{place}  {finding.severity}  {printable(finding.check)}  {one_line(finding.title)}"
        lines.append(cut(terminal.safe(head), terminal.width, terminal.symbol("…", "...")))
        reason = terminal.safe(one_line(waiver_text(finding)))
        lines += [terminal.dim("    " + part) for part in wrap(reason, terminal.width - 4)]
    return [terminal.bold("Waived or in the baseline"), *lines, ""] if lines else []


RENDERER = Format(
    "table",
    "for a person at a terminal: findings under their file, then a summary",
    ".txt",
    render,
    shows_controls=False,
)
