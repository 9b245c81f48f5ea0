"""Packages held against the advisory database: what is known of them, how urgent it is, what mends it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from batten.engine.enrich import EnrichContext, Enrichment
from batten.engine.gate import FAIL_ON
from batten.model.image_content import BaseState, Image
from batten.model.imported import ImportedReport
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.progress import Step
from batten.model.settings import ImageSettings, Settings
from batten.model.source import Problem
from batten.model.vulnerability import Coverage, SharedUpdate, SourceState, UpdateStep, Vulnerability

if TYPE_CHECKING:
    from pathlib import Path

    from batten.vulnerabilities.bases import Base
    from batten.vulnerabilities.db import AdvisoryRow
    from batten.vulnerabilities.lookups import Question

    Heard = dict[tuple[str, str, tuple[str, ...]], tuple[Question, tuple[AdvisoryRow, ...]]]

_STRATEGY: Final = 6  # vulnerability management
_MAKE: Final = "`batten db update`, `batten db build --from DIR` or `batten db import FILE` makes one"


class Advisories:
    """Implements `batten.engine.enrich.Enricher`."""

    name = "advisories"
    needs: tuple[type, ...] = (Package, ImportedReport, BaseState)
    gives: tuple[type, ...] = (Vulnerability, Coverage, SourceState, UpdateStep, SharedUpdate)

    def run(self, inventory: Inventory, context: EnrichContext) -> Enrichment:
        """Rows with priority and decision, coverage, the database's sources, updates in order."""
        from pathlib import Path

        from batten.vulnerabilities.bases import bases_of, with_bases
        from batten.vulnerabilities.bills import joined
        from batten.vulnerabilities.db import DatabaseError, default_path, open_database
        from batten.vulnerabilities.db.ages import age_of
        from batten.vulnerabilities.match import match
        from batten.vulnerabilities.merge import merge
        from batten.vulnerabilities.merge_targets import own_packages, targets_of
        from batten.vulnerabilities.running import images_by_target

        found = Enrichment()
        settings = context.settings.images
        every = inventory.of(ImportedReport)
        images = images_by_target(inventory, inventory.of(Package))
        read, every = joined(inventory.of(Package), every, images) if every else (inventory.of(Package), every)
        reports = [one for one in every if not one.silent]
        packages = own_packages(read, reports, targets_of(reports, images))
        packages = with_bases(packages, inventory.of(BaseState), images)
        path = Path(settings.database) if settings.database else default_path()
        first = next(iter(dict.fromkeys(package.target for package in packages)), "")
        # Lock files among manifests ask for nothing: who scans those must not wait for feeds, nor fail without.
        # Where nothing else was read the call can be about nothing else.
        lying = not images and not every and all(package.place is not None for package in packages)
        beside = lying and inventory.types() != [Package] and not _asked(context.settings)
        if not path.is_file() and not settings.database and not beside and not _offline(settings):
            problems = _fetch(path, packages, context.progress)
            found.problems += [(_target(first, inventory), problem) for problem in problems]
        if not path.is_file():
            if not found.problems:
                problem = _unmatched(path, _why(settings))
                if beside and not settings.database:
                    problem = _beside(len(packages))
                found.problems.append((_target(first, inventory), problem))
            rows = _with_vex(merge([], packages, images, reports), settings.vex, found, images, packages)
            found.nouns += _ranked(rows, packages, {}, images, inventory, bases_of(inventory.of(BaseState), None))
            return found
        try:
            with open_database(path) as db:
                matches = match(packages, db)
                merged = merge(matches.rows, packages, images, reports, db)
                states = [replace(one, age=age_of(one, context.as_of)) for one in db.states()]
                bases = bases_of(inventory.of(BaseState), db)
        except DatabaseError as error:
            found.problems.append((_target(first, inventory), Problem(str(path), f"nothing was matched: {error}")))
            return found
        found.problems += [(_target(one.path, inventory), one) for one in matches.problems]
        if packages and context.settings.fail_on == "kev" and not any(one.name == "kev" for one in states):
            problem = Problem(
                str(path),
                "expected the catalogue of exploited flaws (KEV), which --fail-on kev asks, "
                "found none: `batten db update` brings it, or put it into the mirror",
            )
            found.problems.append((_target(first, inventory), problem))
        rows = _with_vex(merged, settings.vex, found, images, packages)
        found.nouns += _ranked(rows, packages, matches.heard, images, inventory, bases)
        found.nouns += [*matches.coverage, *states]
        return found


def _asked(settings: Settings) -> bool:
    """Whether the call is about vulnerabilities: a gate that looks at nothing else must not pass without any."""
    images = settings.images
    return (
        settings.fail_on not in FAIL_ON
        or _STRATEGY in settings.strategies
        or bool(images.vex)
        or images.ignore_unfixed
        or images.only_fixed
    )


def _offline(settings: ImageSettings) -> bool:
    return settings.offline or os.environ.get("BATTEN_OFFLINE", "") not in ("", "0")


def _why(settings: ImageSettings) -> str:
    if settings.database:
        return "it is named by the configuration or by --db"
    return "--offline fetches none" if _offline(settings) else "none could be fetched"


def _unmatched(path: Path, why: str) -> Problem:
    return Problem(str(path), f"nothing was matched: expected a vulnerability database, found none ({why}); {_MAKE}")


def _beside(number: int) -> Problem:
    what = f"{number:,} packages of lock files" if number != 1 else "1 package of lock files"
    return Problem(what, f"not matched: there is no vulnerability database; {_MAKE}", severe=False)


def _target(name: str, inventory: Inventory) -> str:
    """Images of workloads, and folders of lock files, are no targets of the scan: what is wrong with them stands with
    the first target."""
    if ":" not in name:
        return ""
    return "" if name in {f"image:{one.reference}" for one in inventory.of(Image)} else name


def _fetch(path: Path, packages: Iterable[Package], progress: Callable[[str], None] | None) -> list[Problem]:
    """Fills a new database: from the address that the environment names, else with the feeds of the ecosystems met.

    The problems where nothing, or not all, was had. The addresses are the user's alone to say (no configuration of a
    repository that is scanned decides whom batten believes): `BATTEN_DB_ADDRESS`, `BATTEN_FEED_MIRROR`.
    """
    from batten.detect.addresses import without_credentials
    from batten.vulnerabilities.db import DatabaseError
    from batten.vulnerabilities.db.progress import Bar
    from batten.vulnerabilities.db.ready import take_ready
    from batten.vulnerabilities.db.update import update, wanted
    from batten.vulnerabilities.lookups import question

    bar = Bar()

    def told(feed: str, done: int, total: int) -> None:
        if progress is not None:
            progress(Step(f"advisories {bar.line(feed, done, total)}"))

    if address := os.environ.get("BATTEN_DB_ADDRESS", ""):
        try:
            shown = without_credentials(address)
            take_ready(address, path, progress=lambda done, total: told(shown, done, total))
        except (DatabaseError, OSError) as error:
            return [_unmatched(path, f"none could be taken from BATTEN_DB_ADDRESS: {error}")]
        return []
    ecosystems = dict.fromkeys(name for package in packages for name in question(package).ecosystems)
    try:
        feeds, _ = wanted(path, ecosystems)
        if not feeds:
            return [_unmatched(path, "nobody publishes advisories for the packages met")]
        bar = Bar(len(feeds))
        mirror = os.environ.get("BATTEN_FEED_MIRROR", "")
        outcome = update(path, feeds, mirror=mirror, progress=told, seconds=_SECONDS, waits=_WAITS)
    except (DatabaseError, OSError) as error:
        return [_unmatched(path, f"the feeds cannot be fetched: {error}")]
    lost = [one for one in outcome.problems if one.lost]
    if lost and not path.is_file():
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        return [_unmatched(path, f"{lost[0].origin} {lost[0].text}{more}")]
    again = "nothing was matched with this feed; `batten db update` tries again"
    return [Problem(one.origin, f"{one.text}; {again}") for one in lost]


_SECONDS: Final = 15.0  # without an answer
_WAITS: Final = (0.5,)  # a scan that finds no network should say so soon


def _with_vex(
    rows: list[Vulnerability],
    files: Sequence[str],
    found: Enrichment,
    images: dict[str, list[Image]],
    packages: Sequence[Package],
) -> list[Vulnerability]:
    if not files:
        return rows
    from pathlib import Path

    from batten.vulnerabilities.vex import VexError, apply_vex, read_file

    statements = []
    for file in files:
        try:
            statements += read_file(Path(file))
        except VexError as error:
            found.problems.append(("", Problem(file, str(error))))
    applied, unmatched = apply_vex(rows, statements, images, packages)
    found.problems += [("", Problem(one.origin, f"matched nothing: {one.text()}", severe=False)) for one in unmatched]
    return applied


def _ranked(
    rows: list[Vulnerability],
    packages: Sequence[Package],
    heard: Heard,
    images: dict[str, list[Image]],
    inventory: Inventory,
    bases: dict[str, Base],
) -> list[Vulnerability | UpdateStep | SharedUpdate]:
    """The rows with priorities, and what to update in which order, in each target and over all."""
    from batten.vulnerabilities.plan import Planned, plan, shared
    from batten.vulnerabilities.priority import rank
    from batten.vulnerabilities.running import contexts

    ranked = rank(rows, contexts(inventory, packages))
    by_target: dict[str, list[Vulnerability]] = {}
    for row in ranked:
        by_target.setdefault(row.target, []).append(row)
    held: dict[str, list[Package]] = {}
    for package in packages:
        held.setdefault(package.target, []).append(package)
    targets = []
    for target, some in by_target.items():
        image = images[target][0] if len(images.get(target, ())) == 1 else None
        base = bases.get(image.id) if image is not None else None
        targets.append(
            Planned(
                target=target,
                packages=held.get(target, ()),
                rows=some,
                heard=heard,
                image=image,
                base=base.state if base is not None else None,
                base_open=base.open if base is not None else None,
            )
        )
    steps = plan(targets)
    return [*ranked, *steps, *shared(steps)]


ENRICH = Advisories()
