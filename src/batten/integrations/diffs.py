"""The diff of a plan as a client is shown it: what is secret in the files stays in them."""

from __future__ import annotations

import re
from typing import Final

from msgspec.structs import replace

from batten.detect.secrets import looks_like_secret_name
from batten.engine.fix import FixPlan, Patch
from batten.engine.fix.unified import unified_diff
from batten.engine.places import exact
from batten.engine.read import TargetReading
from batten.engine.redact import Masks
from batten.engine.rooms import all_checks
from batten.engine.scan import judge_readings
from batten.integrations.roots import Roots
from batten.model.objects import Configuration, Hidden, SecretText
from batten.model.settings import Settings
from batten.model.workload import Container
from batten.sources.names import native

_HUNK: Final = re.compile(r"@@ -(\d+)")


def masked_diff(plan: FixPlan, roots: Roots) -> tuple[str, int]:
    """The unified diff of a plan, and how many of its lines hold something that is masked in it."""
    lines: list[str] = []
    hidden = 0
    for reading in plan.scan.readings:
        patches = [one for one in plan.patches if one.reading is reading]
        if not patches:
            continue
        masks = _masks(reading, [one.path for one in patches], plan.scan.settings)
        for patch in patches:
            shown, more = _masked(patch, masks, roots)
            lines += shown
            hidden += more
    return "".join(lines), hidden


def _masks(reading: TargetReading, paths: list[str], settings: Settings) -> Masks:
    """By all checks on secrets, whatever the configuration leaves out."""
    of_secrets = tuple(one.id for one in all_checks().values() if one.secret)
    chosen = Settings(checks=of_secrets, persona="auditor", pod_template_kinds=settings.pod_template_kinds)
    scan = judge_readings([reading], replace(chosen, helm=settings.helm, terraform=settings.terraform))
    found = scan.inventory
    # what is named a password is not shown, be it a word that everybody knows
    variables = [
        (exact(container, one), one.name)
        for container in found.of(Container)
        for one in container.environment
        if one.value and looks_like_secret_name(one.name)
    ]
    return Masks(paths, scan.judged, found.of(SecretText), found.of(Configuration), found.of(Hidden), variables)


def _masked(patch: Patch, masks: Masks, roots: Roots) -> tuple[list[str], int]:
    place = patch.reading.opened.native(patch.path)
    name = roots.shown(place).lstrip("/") if place is not None else native(patch.path).lstrip("/")
    found: list[str] = []
    hidden = number = 0
    for index, line in enumerate(unified_diff(patch, name)):
        sign, text = line[:1], line[1:]
        if (hunk := _HUNK.match(line)) is not None:
            number = int(hunk[1])
        elif index >= 2 and sign in " -+":
            body, end, note = text.partition("\n")
            stripped = body.rstrip("\r")
            masked = masks.edited(patch.before, stripped) if sign == "+" else masks.line(patch.before, number)
            if sign != "+":
                number += 1
            if masked != stripped.removeprefix("\ufeff") and masked != stripped:
                line = f"{sign}{masked}{body[len(stripped) :]}{end}{note}"
                hidden += 1
        found.append(line)
    return found, hidden
