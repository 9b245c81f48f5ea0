"""The structural half of the proof: apart from what an edit says, a document means what it meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from batten.engine.fix.anchors import inherited_through
from batten.engine.fix.patches import Patch, edits_by_document
from batten.engine.read import FileReading
from batten.formats.built import NodeDocument
from batten.formats.kustomize.load import InlineDocument
from batten.formats.yaml import YamlDocument, read_documents
from batten.model.edits import Append, Edit, Remove, ReplaceText, Set
from batten.model.image import ImageReference
from batten.model.pipeline import RANGE, ranges_replaced
from batten.model.source import Document, Pointer, Problem, pointer_text
from batten.model.workload import Container

_GONE = object()


def structure(patch: Patch, old: FileReading | None, new: FileReading | None) -> str:
    """Why the edited file does not mean what it should; "" where it does."""
    documents: list[Any]
    if new is None:
        if old is None and patch.reading.opened.target.kind in ("file", "stdin"):
            return f"it stands in {patch.path}, which was not named: run fix on its folder"
        if old is not None or not _is_yaml(patch):
            return "the edited file could not be read"
        documents = []  # it gives nothing by itself and is read as part of another, as patches of a kustomization are
    else:
        if old is not None and sum(one.severe for one in new.problems) > sum(one.severe for one in old.problems):
            return f"the edited file has a new problem: {new.problems[-1].message}"
        if old is not None and old.nouns and not new.nouns and not _is_part(patch):
            return "nothing could be read of the edited file"
        if old is not None and _lost(old, new):
            return "the edit would take away more than it says"
        # packages of lock files have a place instead
        known = [document for noun in new.nouns if (document := getattr(noun, "document", None)) is not None]
        documents = [document for document in known if document.file.path == patch.path]
    fresh = {(type(document), getattr(document, "index", 0)): document for document in documents}
    for document, mine in edits_by_document(patch.proposals):
        if document.file.path != patch.path:
            continue
        mark = (type(document), getattr(document, "index", 0))
        if isinstance(document, InlineDocument):
            inner = document.within(patch.after)
            told = difference(document, inner, mine) if inner is not None else "the edited patch could not be read"
            if told:
                return told
            continue
        if mark not in fresh and isinstance(document, YamlDocument):
            # the file is read as part of another, and gives nothing by itself
            for one in read_documents(patch.after, document.schema):
                if isinstance(one, Problem):
                    return f"the edited file has a problem: {one.message}"
                fresh.setdefault((type(one), one.index), one)
        again = fresh.get(mark)
        if again is None:
            continue  # the findings are the proof there
        if hasattr(document, "value"):
            told = difference(document, again, mine)
            if told:
                return told
        elif hasattr(document, "instructions"):
            texts = [[one.text for one in side.instructions] for side in (document, again)]
            if not lines_kept(texts[0], texts[1], len(mine)):
                return "the edited file differs in more than the edit"
    return ""


def _lost(old: FileReading, new: FileReading) -> bool:
    """Something that a module or template declares is not there any more, or a container has lost its image: an
    entry that was added took the place of one that was there."""
    was, now = _declared(old), _declared(new)
    return any(
        key not in now or (isinstance(image, ImageReference) and not isinstance(now[key], ImageReference))
        for key, image in was.items()
    )


def _declared(reading: FileReading) -> dict[tuple[Any, ...], Any]:
    found: dict[tuple[Any, ...], Any] = {}
    for noun in reading.nouns:
        if isinstance(getattr(noun, "document", None), NodeDocument):
            found[type(noun), noun.resource, getattr(noun, "kind", "")] = None
            for container in getattr(noun, "containers", ()):
                found[Container, container.resource] = container.image
    return found


def _is_part(patch: Patch) -> bool:
    """Another file draws on it (an override, whose last key may go)."""
    return any(patch.path in one.parts for path, one in patch.reading.files.items() if path != patch.path)


def _is_yaml(patch: Patch) -> bool:
    mine = [document for one in patch.proposals for document, _ in one.edits if document.file.path == patch.path]
    return all(isinstance(document, YamlDocument) for document in mine)


def difference(before: Document, after: Document, edits: Iterable[Edit]) -> str:
    """Where the edited document means something else than what `edits` say of the one before; "" nowhere."""
    value, again = getattr(before, "value", None), getattr(after, "value", None)
    wanted, free = expected_value(value, edits)
    if same(wanted, again, free):
        return ""
    place = first_difference(wanted, again, free)
    told = f"it would change more than it says: {pointer_text(place)[:200] or 'the whole document'}"
    source = inherited_through(before, place)
    if source:
        return f"{told} is inherited through {source}; mend it where that anchor stands"
    return f"{told} on line {before.locate(place, key=True).line}"


def expected_value(value: Any, edits: Iterable[Edit]) -> tuple[Any, list[Pointer]]:
    """(what the document's value must be after `edits`, pointers whose value is free).

    `value` itself is not changed; what is edited at an anchor is not expected where an alias repeats it.
    Removals are done last and from the end, so that indexes keep their meaning.
    """
    result = value
    free: list[Pointer] = []
    removals: list[Remove] = []
    ranges: dict[Pointer, list[tuple[Any, ...]]] = {}
    for edit in edits:
        if isinstance(edit, Set):
            result = _set(_own(result, edit.pointer), edit.pointer, edit.value)
        elif isinstance(edit, Append):
            result = _append(_own(result, edit.pointer), edit)
        elif isinstance(edit, Remove):
            removals.append(edit)
        elif isinstance(edit, ReplaceText):
            if RANGE in edit.pointer:
                ranges.setdefault(edit.pointer[:-3], []).append((*edit.pointer[-2:], edit.text))
            else:
                free.append(edit.pointer)
    for pointer, parts in ranges.items():
        result = _set(_own(result, pointer), pointer, ranges_replaced(_walk(value, pointer), parts))
    for removal in sorted(removals, key=lambda one: _order(one.pointer), reverse=True):
        result = _own(result, removal.pointer)
        _remove(result, removal.pointer, removal.prune)
    return result, free


def _own(value: Any, pointer: Pointer) -> Any:
    """`value` with the collections on the way to `pointer` copied, so that they can be changed."""
    if not isinstance(value, dict | list):
        return value
    here: Any
    root = here = value.copy()
    for part in pointer:
        inner = _walk(here, (part,))
        if not isinstance(inner, dict | list):
            break
        here[part] = inner.copy()
        here = here[part]
    return root


def same(one: Any, other: Any, free: Iterable[Pointer] = ()) -> bool:
    """Structural equality, numbers by type, apart from the values at the free pointers."""
    return _equal(*_without(one, other, free))


def first_difference(one: Any, other: Any, free: Iterable[Pointer] = ()) -> Pointer:
    """The way to the first place that is not the same on both sides; () where all is."""
    left, right = _without(one, other, free)
    way: list[str | int] = []
    while not _equal(left, right):
        if isinstance(left, dict) and isinstance(right, dict):
            parts: Iterable[Any] = [*left, *(key for key in right if key not in left)]
        elif isinstance(left, list) and isinstance(right, list):
            parts = range(max(len(left), len(right)))
        else:
            break
        sides = ((part, _walk(left, (part,)), _walk(right, (part,))) for part in parts)
        found = next(((part, a, b) for part, a, b in sides if a is _GONE or b is _GONE or not _equal(a, b)), None)
        if found is None:
            break
        part, left, right = found
        way.append(part)
    return tuple(way)


def _without(one: Any, other: Any, free: Iterable[Pointer]) -> tuple[Any, Any]:
    for pointer in free:
        if _walk(one, pointer) is not _GONE and _walk(other, pointer) is not _GONE:
            one, other = (_set(_own(side, pointer), pointer, None) for side in (one, other))
    return one, other


def _equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return (
            isinstance(other, dict)
            and one.keys() == other.keys()
            and all(_equal(value, other[key]) for key, value in one.items())
        )
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(_equal, one, other))
    return type(one) is type(other) and (one == other or one != one)


def lines_kept(before: Iterable[str], after: Iterable[str], edits: int) -> bool:
    """Line-oriented documents: at most `edits` instructions differ either way."""
    first, second = Counter(before), Counter(after)
    return (first - second).total() <= edits and (second - first).total() <= edits


def _order(pointer: Pointer) -> tuple[Any, ...]:
    return tuple((0, part, "") if isinstance(part, int) else (1, 0, part) for part in pointer)


def _walk(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        if isinstance(value, dict):
            value = value.get(part, _GONE)
        elif isinstance(value, list) and isinstance(part, int) and part < len(value):
            value = value[part]
        else:
            return _GONE
    return value


def _set(value: Any, pointer: Pointer, new: Any) -> Any:
    if not pointer:
        return new
    if value is None:
        value = {}
    here: Any = value
    for part in pointer[:-1]:
        inner: Any = here.get(part) if isinstance(here, dict) else here[part]
        if inner is None:
            inner = here[part] = {}
        here = inner
    here[pointer[-1]] = new
    return value


def _append(value: Any, edit: Append) -> Any:
    found = _walk(value, edit.pointer)
    if found is _GONE or found is None:
        return _set(value, edit.pointer, [edit.value])
    if edit.value not in found:
        found.append(edit.value)
    return value


def _remove(value: Any, pointer: Pointer, prune: bool) -> None:
    parent = _walk(value, pointer[:-1])
    last = pointer[-1]
    if isinstance(parent, dict):
        parent.pop(last, None)
    elif isinstance(parent, list) and isinstance(last, int) and last < len(parent):
        del parent[last]
    # an item of a list is never pruned: that would move its neighbours
    if prune and parent is not _GONE and not parent and len(pointer) > 1 and isinstance(pointer[-2], str):
        _remove(value, pointer[:-1], prune)
