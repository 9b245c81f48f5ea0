"""The plan of updates without the flaws whose risk somebody has accepted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from batten.model.vulnerability import SharedUpdate, UpdateStep, Vulnerability


def without_waived(
    steps: Sequence[UpdateStep], together: Sequence[SharedUpdate], rows: Iterable[Vulnerability]
) -> tuple[list[UpdateStep], list[SharedUpdate]]:
    """The steps, and those of several targets, as they are where the waived flaws do not count.

    A flaw counts as long as one package of the target has it open. A step that mends nothing else goes; what the
    others mend is counted anew. `rows`: of all targets, with their status after the waivers.
    """
    accepted: dict[str, dict[str, float]] = {}
    still: set[tuple[str, str]] = set()
    for row in rows:
        if row.status == "waived":
            flaws = accepted.setdefault(row.target, {})
            flaws[row.id] = max(flaws.get(row.id, 0.0), row.priority)
        elif row.status == "affected":
            still.add((row.target, row.id))
    accepted = {
        target: {name: risk for name, risk in flaws.items() if (target, name) not in still}
        for target, flaws in accepted.items()
    }
    if not any(accepted.values()):
        return list(steps), list(together)
    kept: list[UpdateStep] = []
    open_now: dict[str, int] = {}
    for step in steps:
        waived = accepted.get(step.target, {})
        removes = tuple(name for name in step.removes if name not in waived)
        if step.removes and not removes:
            continue
        of = step.of - len(waived)
        text = step.text
        for more in ("", " more"):
            was = f": {len(step.removes)}{more} of {step.of} flaws gone"
            text = text.replace(was, f": {len(removes)}{' more' if step.target in open_now else ''} of {of} flaws gone")
        left = open_now[step.target] = open_now.get(step.target, of) - len(removes)
        kept.append(
            replace(
                step,
                removes=removes,
                of=of,
                remaining=left,
                risk=round(step.risk - sum(waived[name] for name in step.removes if name in waived), 1),
                text=text,
            )
        )
    return kept, [found for one in together if (found := _together(one, kept)) is not None]


def _together(one: SharedUpdate, steps: Sequence[UpdateStep]) -> SharedUpdate | None:
    """The same update over its targets, from their steps as they are now; None where none of them is left."""
    some = [step for step in steps if (step.kind, step.name, step.to) == (one.kind, one.name, one.to)]
    if not some:
        return None
    gone = sum(len(step.removes) for step in some)
    of = sum({step.target: step.of for step in steps}.values())
    targets = tuple(dict.fromkeys(step.target for step in some))
    text = one.text.replace(f": {one.gone:,} of {one.of:,} flaws gone", f": {gone:,} of {of:,} flaws gone")
    return replace(
        one,
        targets=targets,
        removes=tuple(sorted({flaw for step in some for flaw in step.removes})),
        gone=gone,
        of=of,
        risk=round(sum(step.risk for step in some), 1),
        text=text.replace(f" in {len(one.targets):,} ", f" in {len(targets):,} "),
    )
