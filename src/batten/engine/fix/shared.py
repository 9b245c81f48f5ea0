"""Fixes of what several places share: an anchor of YAML is mended once, where all that repeat it need the same."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from msgspec.structs import replace

from batten.engine.fix.patches import Proposal, mark
from batten.formats.yaml import YamlDocument
from batten.formats.yaml.shares import Shares
from batten.limits import FIX_SHARED_PLACES
from batten.model.edits import Append, Edit, Remove, Set
from batten.model.source import Document, Pointer

_SHARED = (Set, Append, Remove)


def share(proposals: Iterable[Proposal]) -> None:
    """Gives proposals of one check whose edits meet at an anchor the edits of each other, where every place that has
    its value by that anchor is to get the same: each of them mends all. Others keep their edits, which are refused."""
    checks: dict[tuple[str, Hashable], list[Proposal]] = {}
    for one in proposals:
        for key in dict.fromkeys((one.finding.check, mark(document)) for document, _ in one.edits):
            checks.setdefault(key, []).append(one)
    known: dict[Hashable, Shares | None] = {}
    for (_, document), ones in checks.items():
        if len(ones) < 2:
            continue
        if document not in known:
            known[document] = _shares(ones[0], document)
        shares = known[document]
        if shares is not None:
            _share(ones, document, shares)


def _shares(one: Proposal, wanted: Hashable) -> Shares | None:
    """Of the document, which one of these edits; None where it has no anchors that are used again."""
    document = next(document for document, _ in one.edits if mark(document) == wanted)
    if not isinstance(document, YamlDocument) or document.json:
        return None
    data = document.file.data
    return Shares(document.compose()) if b"&" in data and b"*" in data else None


def _share(proposals: list[Proposal], document: Hashable, shares: Shares) -> None:
    there: dict[tuple[type, Pointer], list[tuple[Edit, Proposal]]] = {}
    for one in proposals:
        for edit in _edits(one, document):
            there.setdefault((type(edit), edit.pointer), []).append((edit, one))
    done: set[int] = set()
    for first in proposals:
        if id(first) in done:
            continue
        group = _group(first, document, shares, there)
        if len(group) < 2 or any(_group(one, document, shares, there).keys() != group.keys() for one in group.values()):
            continue
        edits: list[tuple[Document, Edit]] = []
        for one in group.values():
            for where, given in one.edits:
                made = [given]
                places = shares.of(given) if mark(where) == document and isinstance(given, _SHARED) else ()
                if len(places) > 1 and isinstance(given, _SHARED):
                    kept = [place for place in places if _only_kept(place)]
                    made = [replace(given, pointer=place, shared=True) for place in (given.pointer, *kept)]
                edits += [(where, each) for each in made if (where, each) not in edits]
        for one in group.values():
            one.edits = list(edits)
            done.add(id(one))


def _only_kept(place: Pointer) -> bool:
    """Whether the place is one for anchors alone (`x-common` of Compose), where nothing is meant by them."""
    return isinstance(place[0], str) and place[0].startswith("x-")


def _edits(one: Proposal, document: Hashable) -> list[Set | Append | Remove]:
    return [edit for where, edit in one.edits if mark(where) == document and isinstance(edit, _SHARED)]


def _group(
    one: Proposal,
    document: Hashable,
    shares: Shares,
    there: dict[tuple[type, Pointer], list[tuple[Edit, Proposal]]],
) -> dict[int, Proposal]:
    """The proposals, by their id, that make the same edits wherever what this one edits is repeated; none where a place
    is left over."""
    found: dict[int, Proposal] = {}
    for edit in _edits(one, document):
        places = shares.of(edit)
        if len(places) > FIX_SHARED_PLACES:
            return {}
        for place in places if len(places) > 1 else ():
            if _only_kept(place):
                continue
            same = replace(edit, pointer=place)
            other = next((by for given, by in there.get((type(edit), place), ()) if given == same), None)
            if other is None:
                return {}
            found[id(other)] = other
    return found if id(one) in found else {}
