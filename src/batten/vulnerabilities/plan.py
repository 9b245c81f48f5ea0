"""The fewest updates that remove most risk, in order: the base image, packages, entries of lock files.

    for step in plan([Planned("image:shop", packages, rows, heard, image)]):
        print(step.text)     # openssl 3.0.17-1~deb12u2: 6 more of 55 flaws gone

One update moves all binary packages of a source, or every copy of one version of a library, to the lowest version that
leaves the fewest flaws: that is the least number of updates already, but for the base image, which moves all of its
packages at once. A flaw is gone when no package of the target has it any more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from batten.model.image_content import BaseImage, BaseState, Image
from batten.model.package import Package
from batten.model.vulnerability import SharedUpdate, UpdateStep, Vulnerability
from batten.vulnerabilities.commands import base_command, command
from batten.vulnerabilities.db import AdvisoryRow
from batten.vulnerabilities.lookups import DISTRIBUTED, Question, full_name
from batten.vulnerabilities.match import Instance
from batten.vulnerabilities.remedy import remedy

DigestOf = Callable[[str], str]
"""Reference of an image -> the digest that it leads to now; "" where that cannot be had."""

_SEVERAL: Final = 2  # targets
_DIGEST: Final = 19  # `sha256:` and twelve digits


class Planned(Struct, frozen=True, kw_only=True):
    """One target with what was found in it."""

    target: str
    packages: Sequence[Package]
    rows: Sequence[Vulnerability]
    heard: Mapping[Instance, tuple[Question, tuple[AdvisoryRow, ...]]] = field(default_factory=dict)
    """As in `Matches`; without it, the fixed versions of the rows are taken at their word."""
    image: Image | None = None
    base: BaseState | None = None
    """What the registry has of its base now, where it was asked."""
    base_open: frozenset[tuple[str, str]] | None = None
    """(identifier, name of the package) of the flaws that the newest base has; None where it was not read."""

    @property
    def installed(self) -> frozenset[str]:
        """The names of the distribution's packages, where all are known: those of an image that was read."""
        if self.image is None:
            return frozenset()
        return frozenset(package.name for package in self.packages if package.type in DISTRIBUTED)


class _Unit(Struct):
    """What one update moves."""

    kind: str
    name: str
    installed: str
    packages: list[Package]
    rows: list[Vulnerability]
    to: str = ""
    note: str = ""
    gone: list[Vulnerability] = field(default_factory=list)
    """The rows that the update mends."""
    told: str = ""
    """What is moved and where to, as a step says it."""


def plan(targets: Iterable[Planned], digest_of: DigestOf | None = None) -> list[UpdateStep]:
    """The steps of every target, most risk first; those of one target stand in the order in which they are to be
    done, and count what the ones before them have left.

    `digest_of` is asked for the base images; where it is None, or does not know, pulling them again is advised.
    """
    ordered: list[tuple[float, UpdateStep]] = []
    for one in targets:
        least = float("inf")
        for step in _steps(one, digest_of):
            least = min(least, step.risk)  # keeps the order inside the target, whatever comes of the steps together
            ordered.append((least, step))
    return [step for _, step in sorted(ordered, key=lambda pair: -pair[0])]


def shared(steps: Sequence[UpdateStep]) -> list[SharedUpdate]:
    """The steps of several targets, the same update once, most risk first; empty for the steps of one target."""
    totals = {step.target: step.of for step in steps}
    if len(totals) < _SEVERAL:
        return []
    groups: dict[tuple[str, str, str], list[UpdateStep]] = {}
    for step in steps:
        groups.setdefault((step.kind, step.name, step.to), []).append(step)
    found = [_shared(some, sum(totals.values())) for some in groups.values()]
    return sorted(found, key=lambda one: (-one.risk, one.name))


def _shared(some: Sequence[UpdateStep], of: int) -> SharedUpdate:
    first, gone = some[0], sum(len(step.removes) for step in some)
    targets = tuple(dict.fromkeys(step.target for step in some))
    place = "image" if all(name.startswith("image:") for name in targets) else "target"
    where = f"in {len(targets):,} {place}s" if len(targets) > 1 else f"in {targets[0]}"
    base = "the base image " if first.kind == "base" else ""
    return SharedUpdate(
        kind=first.kind,
        name=first.name,
        to=first.to,
        targets=targets,
        removes=tuple(sorted({flaw for step in some for flaw in step.removes})),
        gone=gone,
        of=of,
        risk=round(sum(step.risk for step in some), 1),
        text=f"{base}{first.name} {first.to}: {gone:,} of {of:,} flaws gone {where}",
    )


def _steps(one: Planned, digest_of: DigestOf | None) -> list[UpdateStep]:
    rows = [row for row in one.rows if row.status == "affected"]
    units = [unit for unit in _units(one, rows) if unit.gone]
    if one.image is not None and (one.image.base is not None or one.base is not None):
        units += _base(one, one.image.base or BaseImage(""), rows, units, digest_of)
    _told_apart(units)
    open_flaws = _Open(rows)
    worth = {id(unit): open_flaws.worth(unit) for unit in units}
    steps: list[UpdateStep] = []
    while units:
        best = max(units, key=lambda unit: (worth[id(unit)], len(unit.gone), unit.kind == "base"))
        flaws, risk = open_flaws.mend(best)
        mended = {id(row) for row in best.gone}
        touched = {row.id for row in best.gone}
        units.remove(best)
        for unit in units:
            if any(row.id in touched for row in unit.gone):
                unit.gone = [row for row in unit.gone if id(row) not in mended]
                worth[id(unit)] = open_flaws.worth(unit)
        units = [unit for unit in units if unit.gone]
        steps.append(_step(one, best, flaws, open_flaws, risk, first=not steps))
    return steps


class _Open:
    """The flaws of a target, and the rows that hold each of them open."""

    def __init__(self, rows: Iterable[Vulnerability]) -> None:
        self._left: dict[str, set[int]] = {}
        self._urgency: dict[str, float] = {}
        for row in rows:
            self._left.setdefault(row.id, set()).add(id(row))
            self._urgency[row.id] = max(self._urgency.get(row.id, 0.0), row.priority)
        self.total = len(self._left)

    @property
    def remaining(self) -> int:
        return len(self._left)

    def worth(self, unit: _Unit) -> float:
        """The risk that an update takes away; of a flaw that other packages have as well, its share."""
        return sum(self._urgency[row.id] / len(self._left[row.id]) for row in unit.gone if row.id in self._left)

    def mend(self, unit: _Unit) -> tuple[list[str], float]:
        """(the flaws that are gone with this update, their risk)."""
        gone = set()
        for row in unit.gone:
            held = self._left[row.id]
            held.discard(id(row))
            if not held:
                del self._left[row.id]
                gone.add(row.id)
        return sorted(gone), round(sum(self._urgency[flaw] for flaw in gone), 1)


def _step(one: Planned, unit: _Unit, flaws: list[str], open_flaws: _Open, risk: float, *, first: bool) -> UpdateStep:
    gone = f"{len(flaws)}{'' if first else ' more'} of {open_flaws.total} flaws gone"
    if not flaws:
        number = len({row.id for row in unit.gone})
        gone = f"{number} flaw{'s' if number != 1 else ''} that other packages have as well, mended here"
    note = f" ({unit.note})" if unit.note else ""
    kind = "lock" if unit.kind == "lock" else "base" if unit.kind == "base" else "package"
    if kind == "base":
        text = f"update the base image {unit.name} to {_short(unit.to)}: {gone}{note}"
        said = base_command(unit.name, unit.to)
    else:
        text = f"{unit.told}: {gone}{note}"
        said = command(unit.packages, unit.to, one.installed)
    return UpdateStep(
        target=one.target,
        kind=kind,  # type: ignore[arg-type]
        name=unit.name,
        installed=unit.installed,
        to=unit.to,
        removes=tuple(flaws),
        of=open_flaws.total,
        remaining=open_flaws.remaining,
        risk=risk,
        text=text,
        command=said,
        location=next((row.location for row in unit.rows if row.location is not None), None),
    )


def _told_apart(units: Sequence[_Unit]) -> None:
    """Steps that would read alike say what is installed; what no file names says where it lies as well."""
    alike = Counter((unit.name, unit.to) for unit in units)
    for unit in units:
        unit.told = f"{unit.name} {unit.to}"
        if alike[unit.name, unit.to] > 1:
            where = f" ({_where(unit)})" if unit.kind == "language" and _where(unit) else ""
            unit.told = f"{unit.name} {unit.installed} → {unit.to}{where}"
    same = Counter([unit.told for unit in units])
    for unit in units:
        if same[unit.told] > 1 and (where := _where(unit)):
            unit.told = f"{unit.told} ({where})"


def _where(unit: _Unit) -> str:
    """The file that names a package, else that holds it."""
    places = dict.fromkeys(
        path
        for package in unit.packages
        for path in ((package.place.document.file.path,) if package.place is not None else package.paths[:1])
    )
    if not places:
        return ""
    return f"{next(iter(places))}{f' and {len(places) - 1} more' if len(places) > 1 else ''}"


def _short(to: str) -> str:
    tag, at, digest = to.partition("@")
    if at:
        return f"{tag}, digest {digest[:_DIGEST]}"
    return f"digest {to[:_DIGEST]}" if to.startswith("sha256:") else to


def _units(one: Planned, rows: Sequence[Vulnerability]) -> list[_Unit]:
    """The rows by what one update moves, each with the version that it moves to."""
    known: dict[tuple[str, tuple[str, ...]], Package] = {}
    wanted = {row.paths for row in rows}
    for package in one.packages:
        if package.target == one.target and package.paths in wanted:
            known[package.purl, package.paths] = package
    units: dict[tuple[str, ...], _Unit] = {}
    for row in rows:
        moved = known.get((row.package, row.paths))
        if moved is None:
            continue
        kind, name, installed = _moved(moved)
        key = (kind, moved.type, name, installed, moved.place.document.file.path if moved.place else "")
        unit = units.setdefault(key, _Unit(kind, name, installed, [], []))
        unit.rows.append(row)
        if moved not in unit.packages:
            unit.packages.append(moved)
    for unit in units.values():
        best = remedy(unit.rows, [_heard(one, row) for row in unit.rows])
        if best is not None:
            unit.to, unit.gone, unit.note = best.to, best.gone, best.note
    return list(units.values())


def _heard(one: Planned, row: Vulnerability) -> tuple[Question, tuple[AdvisoryRow, ...]] | None:
    return one.heard.get((row.target, row.package, row.paths))


def _moved(package: Package) -> tuple[str, str, str]:
    """(kind, name, installed version) of what an update of `package` moves."""
    if package.type in DISTRIBUTED and package.source is not None:
        return "system", package.source.name, package.source.version or package.version
    kind = "lock" if package.place is not None else "system" if package.type in DISTRIBUTED else "language"
    return kind, full_name(package), package.version


def _base(
    one: Planned, base: BaseImage, rows: Sequence[Vulnerability], units: Sequence[_Unit], digest_of: DigestOf | None
) -> list[_Unit]:
    """The base image as one update of all that came with it: what is gone with the newest one where that was read,
    else what its distribution has mended."""
    state = one.base
    reference = state.reference if state is not None else base.reference
    if not reference:
        return []
    if state is not None and state.best:
        gone = [row for unit in units for row in unit.gone if row.from_base]
        note = "" if one.base_open is not None else "if it holds the updates; it was not read"
        if one.base_open is not None:
            gone = [row for row in rows if row.from_base and not _stays(row, one.base_open)]
        return [_Unit("base", reference, base.digest, [], gone, state.best, note, gone)] if gone else []
    gone = [row for unit in units for row in unit.gone if row.from_base]
    now = digest_of(reference) if digest_of is not None and state is None else ""
    if not gone or state is not None or (now and now == base.digest):
        return []  # it is the newest there is: its packages have to be updated on top of it
    note = "" if now else "if it was built again since; pull it"
    return [_Unit("base", reference, base.digest, [], gone, now or "its newest build", note, gone)]


def _stays(row: Vulnerability, still: frozenset[tuple[str, str]]) -> bool:
    return any((name, row.name) in still for name in (row.id, *row.aliases))
