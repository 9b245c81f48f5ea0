"""What a chart renders with edits differs from what it rendered before by what they say, and by no more.

An edit of a value changes all that templates do with it: print it in other objects, decide by it, count with it. So the
whole rendering is compared, object by object.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from batten.engine.fix.patches import Proposal
from batten.engine.fix.structure import expected_value
from batten.engine.read import FileReading, TargetReading
from batten.formats.writers import intended
from batten.model.edits import Append, CannotEdit, Edit, Set
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.formats.helm.document import HelmDocument
    from batten.formats.helm.release import Release

_TAIL: Final = 2  # keys by which a change is known again in another object
_ONCE: Final = {
    "volumeMounts": ("mountPath",),
    **dict.fromkeys(("containers", "initContainers", "volumes", "env", "sysctls"), ("name",)),
}
"""List -> the keys whose values the API server takes once in it."""
_DIGEST: Final = pattern(r"[0-9a-f]{32,128}")
_CHANGING: Final = pattern(r"\{\{[^\n]{0,400}?\b(?:rand\w+|gen\w+|uuidv4|now|htpasswd|bcrypt|derivePassword)\b")

Way = tuple[str, ...]
"""The way to a scalar, `*` for every item of a list."""
Leaf = tuple[Way, str, str]
"""The way to a scalar, its type, its text."""


class _Allowed(Struct, eq=False):
    """What the edits say: the last keys and the text of every scalar that comes or goes."""

    leaves: set[tuple[Way, str]] = field(default_factory=set)
    free: set[Way] = field(default_factory=set)
    """Last keys of what is replaced as text."""
    texts: set[str] = field(default_factory=set)
    """Values that were set where it is not known what templates make of them."""

    def take(self, leaf: Leaf) -> bool:
        way, _, text = leaf
        tail = _tail(way)
        return (tail, text) in self.leaves or tail in self.free or any(one in text for one in self.texts)


def unexpected(before: TargetReading, after: TargetReading, proposals: Iterable[Proposal]) -> Iterator[tuple[str, str]]:
    """(path of a chart, what would change there that no edit says)."""
    pairs = [
        (path, mine, theirs)
        for path, new in after.files.items()
        if (old := before.files.get(path)) is not None
        and old is not new
        and (mine := _release(old)) is not None
        and (theirs := _release(new)) is not None
    ]
    if not pairs:
        return
    allowed = _allowed(proposals)
    for path, mine, theirs in pairs:
        told = _difference(mine, theirs, allowed)
        if told:
            yield path, told


def _release(reading: FileReading) -> Release | None:
    documents = (getattr(noun, "document", None) for noun in reading.nouns)
    return next((found for one in documents if (found := getattr(one, "release", None)) is not None), None)


def _allowed(proposals: Iterable[Proposal]) -> _Allowed:
    allowed = _Allowed()
    for proposal in proposals:
        fixes = [one for one in (proposal.judged.failure.fix, *proposal.followed) if one is not None]
        for fix in fixes:
            try:
                edits = intended(fix)
            except CannotEdit:
                continue
            by_document: dict[int, tuple[Any, list[Edit]]] = {}
            for document, edit in edits:
                if hasattr(document, "release"):
                    by_document.setdefault(id(document), (document, []))[1].append(edit)
                elif isinstance(edit, Set | Append) and not isinstance(edit.value, dict | list):
                    allowed.texts.add(str(edit.value))
            for document, mine in by_document.values():
                wanted, free = expected_value(document.value, mine)
                came, went = _changes(document.value, wanted)
                allowed.leaves.update((_tail(way), text) for way, _, text in (*came, *went))
                allowed.free.update(
                    _tail(tuple("*" if isinstance(part, int) else part for part in one)) for one in free
                )
    return allowed


def _difference(before: Release, after: Release, allowed: _Allowed) -> str:
    old, new = _by_name(before, after), _by_name(after, before)
    changing = _is_changing(before) if old or new else False
    for name in old.keys() | new.keys():
        mine, theirs = old.get(name, []), new.get(name, [])
        if len(mine) != len(theirs):
            kind, _, word = name
            return f"{kind} {word} would {'vanish' if len(mine) > len(theirs) else 'come'} where the chart is rendered"
        for one, other in zip(mine, theirs, strict=True):
            told = _of_object(one, other, allowed, changing=changing)
            if told:
                return told
    return ""


def _by_name(release: Release, other: Release) -> dict[tuple[str, str, str], list[HelmDocument]]:
    """The objects of the templates that print something else in the other release, by kind, namespace and name."""
    texts = {one.rendered.path: one.rendered.text for one in other.documents}
    found: dict[tuple[str, str, str], list[HelmDocument]] = {}
    for one in release.documents:
        if texts.get(one.rendered.path) != one.rendered.text:
            found.setdefault((str(one.value.get("kind")), *one.deployed), []).append(one)
    return found


def _of_object(before: HelmDocument, after: HelmDocument, allowed: _Allowed, *, changing: bool) -> str:
    name = f"{after.value.get('kind')} {after.deployed[1]}"
    if len(after.yaml.notes) > len(before.yaml.notes):
        return f"a key would stand twice in {name} where the chart is rendered"
    came, went = _changes(before.value, after.value)
    if not came and not went:
        return ""
    doubled = _doubled(after.value) - _doubled(before.value)
    if doubled:
        (way, text), *_ = doubled
        return f"{'.'.join(way)} would be {text} twice in {name} where the chart is rendered"
    texts = {way: text for way, _, text in went}
    told = next((one for one in came if not _is_allowed(one, texts.get(one[0]), allowed, changing=changing)), None)
    if told is None:
        said = {way for way, _, _ in came}
        told = next((one for one in went if one[0] not in said and not allowed.take(one)), None)
    if told is None:
        return ""
    return f"it would change more than it says where the chart is rendered: {'.'.join(told[0])[:200]} of {name}"


def _is_allowed(leaf: Leaf, before: str | None, allowed: _Allowed, *, changing: bool) -> bool:
    if allowed.take(leaf):
        return True
    if before is None:
        return False
    # a checksum of what the edit changes; what every rendering makes anew
    digests = _DIGEST.fullmatch(leaf[2]) is not None and _DIGEST.fullmatch(before) is not None
    return digests or (changing and leaf[1] == "str" and len(before) >= len("2006-01-02"))


def _is_changing(release: Release) -> bool:
    """Does it print what is another with every rendering (a password, a certificate, the time)?"""
    return any(_CHANGING.search(template.text) for template in release.templates.values())


def _doubled(value: Any) -> Counter[tuple[Way, str]]:
    """What may stand once in a list and stands there more often: a path that is mounted to, the name of a volume. The
    text of a `range` is that of all its turns."""
    found: Counter[tuple[Way, str]] = Counter()
    waiting: list[tuple[Any, Way]] = [(value, ())]
    while waiting:
        here, way = waiting.pop()
        if isinstance(here, dict):
            waiting += [(inner, (*way, str(key))) for key, inner in here.items()]
        elif isinstance(here, list):
            waiting += [(inner, way) for inner in here]
            for key in _ONCE.get(way[-1] if way else "", ()):
                seen = Counter(str(one[key]) for one in here if isinstance(one, dict) and key in one)
                found.update({((*way, key), text): count - 1 for text, count in seen.items() if count > 1})
    return found


def _changes(before: Any, after: Any) -> tuple[list[Leaf], list[Leaf]]:
    """Scalars that came, and that went."""
    was: Counter[Leaf] = Counter()
    now: Counter[Leaf] = Counter()
    waiting: list[tuple[Any, Any, Way]] = [(before, after, ())]
    while waiting:  # what both have at one place is passed over: an edit changes little of a large object
        mine, theirs, way = waiting.pop()
        if isinstance(mine, dict) and isinstance(theirs, dict):
            waiting += [(mine.get(key), theirs.get(key), (*way, str(key))) for key in mine.keys() | theirs.keys()]
        elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
            waiting += [(one, other, (*way, "*")) for one, other in zip(mine, theirs, strict=True)]
        elif type(mine) is not type(theirs) or mine != theirs:
            was.update(_leaves(mine, way))
            now.update(_leaves(theirs, way))
    return list(now - was), list(was - now)


def _tail(way: Way) -> Way:
    """Its last keys, whatever lists they stand in."""
    return tuple(part for part in way if part != "*")[-_TAIL:]


def _leaves(value: Any, way: Way) -> Iterator[Leaf]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*way, str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, (*way, "*"))
    elif value is not None:
        yield way, type(value).__name__, str(value)
