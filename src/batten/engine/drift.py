"""What is different between two inventories in terms of the model: an added capability, another image, a new port.

Resources are paired by what they are called, not by where they were read, so that a folder can be held against a
cluster, a Compose file against an engine, and anything against a saved report.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from batten.engine.facts_commands import FROM_IMAGE, MASK
from batten.model.facts import ResourceFacts
from batten.model.source import Location
from batten.model.workload import Resource


class Change(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A resource that came or went, or one fact of it that is another now.

    `kind`: `added`, `removed` (then `fact` is empty), `changed`. Of a list `came` and `went` say which entries, and
    `altered` which have another value that is not shown; of anything else (of a list in another order, too) `before`
    and `after` are the two values, empty where a side does not say.
    """

    kind: str
    resource: Resource
    location: Location
    """In what came after; of a resource that went, in what was before."""
    fact: str = ""
    before: str = ""
    after: str = ""
    came: list[str] = field(default_factory=list)
    went: list[str] = field(default_factory=list)
    altered: list[str] = field(default_factory=list)


def drift(before: Iterable[ResourceFacts], after: Iterable[ResourceFacts]) -> list[Change]:
    """The changes, in the order of what came after; what went follows."""
    pairs, gone = _paired(list(before), list(after))
    new = {_owner(now) for now, then in pairs if then is None and now.noun == "workload"}
    lost = {_owner(one) for one in gone if one.noun == "workload"}
    found: list[Change] = []
    for now, then in pairs:
        if then is not None:
            found += _changes(then, now)
        elif now.noun != "container" or _owner(now) not in new:  # its workload says it for all
            found.append(Change(kind="added", resource=now.resource, location=now.location))
    for one in gone:
        if one.noun != "container" or _owner(one) not in lost:
            found.append(Change(kind="removed", resource=one.resource, location=one.location))
    return found


def _changes(then: ResourceFacts, now: ResourceFacts) -> list[Change]:
    found = []
    across = then.resource.platform != now.resource.platform
    altered = _altered(then, now)
    for name in dict.fromkeys([*now.facts, *then.facts]):
        was, is_now = then.facts.get(name), now.facts.get(name)
        if was is None or is_now is None:
            continue  # a side does not say it
        if across and FROM_IMAGE in (was, is_now):
            continue  # an engine says what it took from the image
        said = Change(kind="changed", resource=now.resource, location=now.location, fact=name)
        others = altered.get(name, [])
        if was == is_now:
            if others:
                found.append(_with(said, altered=others))
        elif isinstance(was, list) and isinstance(is_now, list):
            came, went = [x for x in is_now if x not in was], [x for x in was if x not in is_now]
            if came or went:
                found.append(_with(said, came=came, went=went, altered=others))
            else:
                found.append(_with(said, before=" ".join(was), after=" ".join(is_now), altered=others))
        else:
            found.append(_with(said, before=_text(was), after=_text(is_now)))
    return found


def _altered(then: ResourceFacts, now: ResourceFacts) -> dict[str, list[str]]:
    """Fact -> the entries that have another value: variables by name, masked words of a command."""
    found: dict[str, list[str]] = {}
    for key, mark in now.values.items():
        if (was := then.values.get(key)) is None or _same_mark(was, mark):
            continue
        fact, _, name = key.partition(" ")
        if name:
            found.setdefault(fact, []).append(name)
        elif then.facts.get(fact) == now.facts.get(fact):
            words = now.facts.get(fact)
            found[fact] = [word for word in words if MASK in word] if isinstance(words, list) else []
    return found


def _same_mark(one: str, other: str) -> bool:
    """One of them may be the short form that a saved report keeps."""
    length = min(len(one), len(other))
    return one[:length] == other[:length]


def _with(change: Change, **fields: Any) -> Change:
    return replace(change, **fields)


def _text(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " ".join(value) or "none"


# ------------------------------------------------------------------------------------ pairing

_ENGINES: Final = frozenset({"docker", "podman", "compose", "quadlet", "swarm"})


def _owner(one: ResourceFacts) -> Hashable:
    resource = one.resource
    return (one.scope, resource.platform, resource.kind, resource.namespace, resource.name)


def _exact(one: ResourceFacts) -> Hashable:
    return (one.noun, _owner(one), one.resource.container)


def _named(one: ResourceFacts) -> Hashable:
    resource = one.resource
    return (one.noun, resource.platform, resource.kind, resource.namespace, resource.name, resource.container)


def _in_default(one: ResourceFacts) -> Hashable:
    """As a cluster has it: what names no namespace is in `default`."""
    resource = one.resource
    place = resource.namespace or "default"
    return (one.noun, resource.platform, resource.kind, place, resource.name, resource.container)


def _without_namespace(one: ResourceFacts) -> Hashable:
    """A manifest that leaves the namespace to whoever applies it."""
    resource = one.resource
    return (one.noun, resource.platform, resource.kind, resource.name, resource.container)


def _across_engines(one: ResourceFacts) -> Hashable:
    """A service of Compose and the container that an engine runs of it."""
    resource = one.resource
    if resource.platform not in _ENGINES or one.noun not in ("workload", "container"):
        return (one.noun, id(one))
    return (one.noun, one.aliases[0] if one.aliases else resource.name)


_STEPS: Final[tuple[Callable[[ResourceFacts], Hashable], ...]] = (
    _exact,
    _named,
    _in_default,
    _without_namespace,
    _across_engines,
)


def _paired(
    before: list[ResourceFacts], after: list[ResourceFacts]
) -> tuple[list[tuple[ResourceFacts, ResourceFacts | None]], list[ResourceFacts]]:
    """(now, then) for everything that is there now, and what went.

    From the closest likeness to the loosest; at each step only what is alone with its likeness on both sides is a
    pair, but for the first two, where the order decides.
    """
    partner: dict[int, ResourceFacts] = {}
    left, right = before, after
    for step, key in enumerate(_STEPS):
        there: dict[Hashable, list[ResourceFacts]] = defaultdict(list)
        here: dict[Hashable, list[ResourceFacts]] = defaultdict(list)
        for one in left:
            there[key(one)].append(one)
        for one in right:
            here[key(one)].append(one)
        taken: set[int] = set()
        for likeness, ones in here.items():
            others = there.get(likeness, [])
            if step > 1 and (len(ones) != 1 or len(others) != 1):
                continue
            for one, other in zip(ones, others, strict=False):
                partner[id(one)] = other
                taken |= {id(one), id(other)}
        left = [one for one in left if id(one) not in taken]
        right = [one for one in right if id(one) not in taken]
    return [(one, partner.get(id(one))) for one in after], left
