"""`batten fix`."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from batten.cli import complete, select
from batten.cli.output import (
    DECIDING,
    OwnHelp,
    Progress,
    check_writable,
    colored_diff,
    common,
    formatted,
    note,
    note_problems,
    note_wrong_rules,
    put,
    repeated,
    wants_color,
)
from batten.cli.select import selecting, settings_from
from batten.report.text import one_line, plural, printable, shell_argument

if TYPE_CHECKING:
    from batten.engine.fix import FixPlan, Proposal
    from batten.engine.fix.names import PatchNames
    from batten.model.settings import Settings
    from batten.sources.oci.tags import Tags

_UNREAD = 5  # problems that are named before the rest is only counted
_SHOWN = 40  # findings without a fix that are listed before the rest is only counted


@click.command("fix", cls=OwnHelp)
@select.targets
@selecting
@select.images
@click.option("--diff", "only_diff", is_flag=True, help="Print a unified diff, change nothing (default).")
@click.option("--write", "writes", is_flag=True, help="Write the fixes that passed their proof.")
@click.option("--unsafe", is_flag=True, help="Also fixes that take rights away from the running process (review).")
@click.option(
    "--pin", is_flag=True, help="Also pin images to the digest that their tag leads to today; asks registries."
)
@click.option("--interactive", "-i", is_flag=True, help="Ask about each fix, showing its diff; then write.")
@click.option(
    "--patch",
    "patch_file",
    metavar="FILE",
    help="Write the diff to a file, for git apply.",
    shell_complete=complete.files,
)
@click.option("--allow-dirty", is_flag=True, help="Write although the Git tree has uncommitted changes.")
@formatted("text", "json")
@click.option("--verbose", "-v", is_flag=True, help="List every finding that got no fix.")
@common
def command(
    targets: tuple[str, ...],
    only_diff: bool,
    writes: bool,
    unsafe: bool,
    pin: bool,
    interactive: bool,
    patch_file: str | None,
    allow_dirty: bool,
    format_name: str,
    verbose: bool,
    quiet: bool,
    color: str,
    **selection: Any,
) -> int:
    """Mend what can be mended in text. Each fix is proved before a byte is written: the edited text is read
    and judged again, the finding is gone, no new one came, nothing else changed its meaning.

    Without --write nothing is changed. `safe` fixes take nothing away from the running process; all others
    need --unsafe.

    Exit codes: 0 all went well, 2 the call is wrong or writing was refused, 3 something could not be read,
    or a registry did not give a digest. Where nothing can be mended, --patch writes no file.

    \b
    Examples:
      batten fix .                                  the safe fixes, as a diff
      batten fix . --unsafe --write                 everything that passes its proof
      batten fix k8s/web.yaml --unsafe --check PRV001
      batten fix . --unsafe --interactive
      batten fix . --unsafe --patch fixes.patch     then: git apply fixes.patch
      batten fix . --pin                            nginx:1.27 becomes nginx:1.27@sha256:...
      batten fix . --pin --check IMG --write        the pins alone
    """
    from batten import api
    from batten.engine.fix import write
    from batten.engine.fix.names import patch_names
    from batten.engine.fix.write import refuse

    if not targets:
        raise click.UsageError("expected at least one target; try: batten fix .")
    if only_diff and (writes or interactive):
        other = "--write" if writes else "--interactive"
        hint = "name one of them" + ("; with --write, --patch FILE keeps the diff" if writes else "")
        raise click.UsageError(f"--diff changes nothing and {other} does: {hint}")
    mode = "write" if writes else "diff"
    if interactive and {"-", "stdin:"} & set(targets):
        raise click.UsageError("--interactive reads the answers from standard input; it cannot be the target too")
    check_writable(patch_file, "--patch", targets)
    flags = _flags(unsafe, pin, selection)
    settings = settings_from(targets, **selection)
    progress = Progress("reading", quiet=quiet)
    tags = _tags(settings, progress) if pin else None
    try:
        plan = api.fix(targets, settings, review=unsafe, progress=progress, tags=tags)
        progress.done()
        if interactive:
            from batten.cli.ask import chosen

            mode = "diff" if patch_file is not None else "write"
            if mode == "write":  # better than after the last answer
                refuse(plan.patches, allow_dirty=allow_dirty)
            wanted = chosen(plan, color)
            plan = api.fix(
                targets, settings, review=unsafe, choose=lambda one: one.finding.fingerprint in wanted, tags=tags
            )
    finally:
        progress.done()
    names = patch_names(plan.patches)
    diff = _diff(plan, names)
    if patch_file is not None and diff:
        put(diff, patch_file)
        note(f"wrote {patch_file}", quiet=quiet)
    elif patch_file is not None:
        note(f"{patch_file}: not written, there is nothing to mend by it", quiet=quiet)
    if mode == "write":
        write(plan.patches, allow_dirty=allow_dirty)
    if format_name == "json":
        put(_json(plan, mode, diff))
    elif mode == "diff" and patch_file is None and diff:
        put(colored_diff(diff, wants_color(sys.stdout, color)) if _for_a_person(color) else diff)
    code = _unread(plan, verbose=verbose, quiet=quiet)
    for path in names.left_out if mode != "write" else ():
        note(f"{path}: left out of the patch: it lies in no folder with the other files; name it in a run of its own")
        code = 3
    if not quiet and format_name == "text":
        _summary(plan, mode, verbose)
        if mode == "diff" and any(one.applied for one in plan.proposals):
            note(f"nothing was changed; to write it: {_next(plan, targets, flags, patch_file, names.folder)}")
    return 2 if note_wrong_rules(settings) else code


def _for_a_person(color: str) -> bool:
    """What goes into a file or to `git apply` stays as it is."""
    return color == "always" or (sys.stdout is not None and sys.stdout.isatty())


def _tags(settings: Settings, progress: Progress) -> Tags:
    """What registries are asked through; raises `click.UsageError` where --pin could pin nothing."""
    from batten.engine.fix.pins import CHECKS
    from batten.engine.run import selected
    from batten.sources.oci.tags import Tags

    if settings.images.offline or os.environ.get("BATTEN_OFFLINE", "") not in ("", "0"):
        raise click.UsageError("--pin asks registries for digests, and this run is to fetch nothing (offline)")
    if not settings.frameworks and not any(one.id in CHECKS for one in selected(replace(settings, also=CHECKS))):
        raise click.UsageError(f"--pin mends {', '.join(CHECKS)}; all of them are left out: name them with --check")
    return Tags(settings.images.plain_http, progress)


_SELECTING = {
    "checks": "--check",
    "skip": "--skip",
    "strategies": "--strategy",
    "frameworks": "--framework",
    "persona": "--persona",
    "min_confidence": "--min-confidence",
    "exclude": "--exclude",
    "pss_version": "--pss-version",
    "as_of": "--as-of",
}
"""What decides which fixes there are beside what `DECIDING` holds, and their options."""


def _flags(unsafe: bool, pin: bool, selection: dict[str, Any]) -> str:
    """The options that make the same fixes again, with a blank behind each."""
    found = [flag for flag, given in (("--unsafe", unsafe), ("--pin", pin)) if given]
    return "".join(f"{one} " for one in (*found, *repeated(selection, {**DECIDING, **_SELECTING})))


def _next(plan: FixPlan, targets: tuple[str, ...], flags: str, patch_file: str | None, folder: str) -> str:
    """The command that writes what was shown; `folder`: where the paths of the patch begin."""
    if patch_file is not None and folder:
        return f"git -C {shell_argument(folder)} apply {shell_argument(str(Path(patch_file).absolute()))}"
    if patch_file is not None:
        return f"git apply {shell_argument(patch_file)}"
    from batten.engine.fix.write import WRITABLE

    can_write = all(patch.reading.opened.target.kind in WRITABLE for patch in plan.patches)
    how = "--write" if can_write else "--patch fixes.patch"
    words = " ".join(one if one == "-" else shell_argument(one) for one in targets)
    return f"batten fix {how} {flags}{words}"


def _unread(plan: FixPlan, *, verbose: bool, quiet: bool) -> int:
    """Name what could not be read or pinned, which nobody may miss; the exit code."""
    from batten.report.words import problem_place, problems

    unread = [problem for _, problem in problems(plan.scan.report) if problem.severe] + plan.unresolved
    lines = [f"{problem_place(problem)}: {one_line(problem.message)}" for problem in unread]
    note_problems(lines, "batten fix -v", limit=None if verbose else _UNREAD, quiet=quiet)
    return 3 if unread else 0


def _diff(plan: FixPlan, names: PatchNames) -> str:
    from batten.engine.fix.unified import unified_diff

    pairs = zip(plan.patches, names.names, strict=True)
    return "".join(line for patch, name in pairs if name for line in unified_diff(patch, name))


def _summary(plan: FixPlan, mode: str, verbose: bool) -> None:
    applied = [one for one in plan.proposals if one.applied]
    left = [one for one in plan.proposals if not one.applied]
    files = len(plan.patches)
    if applied:
        verb = "mended" if mode == "write" else "would mend"
        lowered = sum(one.lowers for one in applied)
        mended = plural(len(applied) - lowered, "finding")
        if lowered:
            lower = "lowered" if mode == "write" else "lower"
            mended += f" and {lower} the severity of {lowered}"
        note(f"{verb} {mended} in {plural(files, 'file')}, each with proof")
    elif plan.scan.report.findings or not plan.scan.report.exit_code:
        note("nothing was mended" if left else "nothing to mend")
    _tell_moving(applied, verbose)
    for one in applied:
        for shown in sorted(one.uncovers.values()):
            place = f"{one.finding.location.path}:{one.finding.location.line}"
            note(f"{place}: once {one.finding.check} is mended, {shown} (it hid that, which has no fix here)")
    if not left:
        return
    by_reason: dict[str, list[Proposal]] = {}
    for one in left:
        by_reason.setdefault(one.reason, []).append(one)
    note(f"{len(left)} left as they are:")
    told = 0
    for reason, ones in sorted(by_reason.items(), key=lambda row: -len(row[1])):
        sys.stderr.write(f"  {len(ones):4}  {one_line(reason)}\n")
        for one in ones:
            told += 1
            if verbose or (told <= _SHOWN and len(left) <= _SHOWN):
                finding = one.finding
                place = f"{printable(finding.location.path)}:{finding.location.line}"
                sys.stderr.write(f"        {finding.check}  {place}  {one_line(finding.message)}\n")
    if not verbose and len(left) > _SHOWN:
        sys.stderr.write("        (batten fix -v names each)\n")


def _tell_moving(applied: list[Proposal], verbose: bool) -> None:
    """Name what was pinned to a tag that says nothing of a version."""
    moving: dict[str, Proposal] = {}
    for one in applied:
        image = one.judged.failure.pin
        if image is not None and image.is_mutable_tag:
            moving.setdefault(image.raw, one)
    shown = [*moving.items()] if verbose else [*moving.items()][:_UNREAD]
    for name, one in shown:
        place = f"{printable(one.finding.location.path)}:{one.finding.location.line}"
        note(f"{place}: {one_line(name)} is pinned to what latest leads to today; better name the tag of a release")
    if len(shown) < len(moving):
        note(f"{len(moving) - len(shown)} more are pinned to what latest leads to today (batten fix -v names each)")


def _json(plan: FixPlan, mode: str, diff: str) -> bytes:
    import msgspec

    rows = [
        {
            "fingerprint": one.finding.fingerprint,
            "check": one.finding.check,
            "location": one.finding.location,
            "message": one.finding.message,
            "applied": one.applied,
            "lowers": one.lowers,
            "kind": one.finding.fix.kind if one.finding.fix is not None else None,
            "summary": one.finding.fix.summary if one.finding.fix is not None else "",
            "reason": "" if one.applied else one.reason,
            "uncovers": sorted(one.uncovers.values()),
        }
        for one in plan.proposals
    ]
    whole = {
        "schema": "batten.fixes/v0",
        "written": mode == "write",
        "files": [patch.reading.opened.shown(patch.path) for patch in plan.patches],
        "applied": sum(one.applied for one in plan.proposals),
        "fixes": rows,
        "unresolved": plan.unresolved,
        "diff": diff,
    }
    return msgspec.json.format(msgspec.json.encode(whole), indent=2) + b"\n"
