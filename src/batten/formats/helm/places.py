"""Where a part of a rendered object was written: the value that decides it, the line of the template that prints it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from batten.formats.helm.decide import Value
from batten.formats.helm.marks import Frame
from batten.formats.helm.origins import Literal
from batten.model.source import Place, Pointer

if TYPE_CHECKING:
    from batten.formats.helm.document import HelmDocument
    from batten.formats.helm.values import Decided

_AROUND = 400  # characters of a scalar that are looked at for actions in it


class Printed(Struct, eq=False):
    """A part of an object that an action printed. `rest`: the way from what it printed to the part that is asked
    for; `whole`: that part is all of it, and nothing else is."""

    frame: Frame
    rest: Pointer
    whole: bool = True


def there(value: Any, pointer: Pointer) -> int:
    """How many parts of a pointer lead to something that is not null."""
    for depth, part in enumerate(pointer):
        inner = value.get(part) if isinstance(value, dict) else None
        if isinstance(value, list) and isinstance(part, int) and 0 <= part < len(value):
            inner = value[part]
        if inner is None:
            return depth
        value = inner
    return len(pointer)


def printed(document: HelmDocument, pointer: Pointer) -> list[Printed]:
    """The actions that printed what stands at `pointer`, those that decide it most first; none of literal text."""
    origins = document.rendered.origins
    depth = there(document.value, pointer)
    for length in range(depth + 1):
        here = pointer[:length]
        start, end = document.yaml.span(here, key=False)
        if length:
            part = here[-1]
            if isinstance(part, str):
                by_key = origins.at(document.yaml.span(here, key=True)[0])
                if isinstance(by_key, Frame):
                    return [Printed(by_key, pointer[length - 1 :])]
            else:
                dash = document.rendered.text.rfind("-", 0, start)
                by_dash = origins.at(dash) if dash >= 0 else None
                if isinstance(by_dash, Frame) and not document.rendered.text[dash + 1 : start].strip():
                    first = _first_item(document, here, by_dash)
                    return [Printed(by_dash, (part - first, *pointer[length:]))]
        first_origin = origins.at(start)
        if isinstance(first_origin, Frame):
            value_end = origins.at(max(start, end - 1))
            alone = value_end is first_origin or length < len(pointer)
            if alone or isinstance(_value_at(document.value, here), dict | list):
                return [Printed(first_origin, pointer[length:])]
        if length == depth and not isinstance(_value_at(document.value, here), dict | list):
            return _inside(document, start, end)
    return []


def _first_item(document: HelmDocument, here: Pointer, frame: Frame) -> int:
    """The index of the first item of a list that an action printed."""
    first = int(here[-1])
    while first > 0:
        start, _ = document.yaml.span((*here[:-1], first - 1), key=False)
        dash = document.rendered.text.rfind("-", 0, start)
        if document.rendered.origins.at(dash) is not frame:
            break
        first -= 1
    return first


def _inside(document: HelmDocument, start: int, end: int) -> list[Printed]:
    """The actions in a scalar that is made of several parts, the last one first: of an image that is its tag."""
    frames: list[Frame] = []
    literal = False
    for offset in range(start, min(end, start + _AROUND)):
        origin = document.rendered.origins.at(offset)
        if isinstance(origin, Frame) and (not frames or frames[-1] is not origin):
            frames.append(origin)
        elif isinstance(origin, Literal) and document.rendered.text[offset] not in "\"'":
            literal = True
    whole = len(frames) == 1 and not literal
    return [Printed(frame, (), whole) for frame in reversed(frames)]


def _value_at(value: Any, pointer: Pointer) -> Any:
    for part in pointer:
        value = value[part]
    return value


def deciding(document: HelmDocument, one: Printed) -> tuple[Value, Decided] | None:
    """The value that decides what an action printed, and where it is written; None where no value is known to."""
    release = document.release
    best: tuple[Value, Decided] | None = None
    for value in release.decider(document.rendered.prefix).values(one.frame):
        path = (*document.rendered.prefix, *value.path, *(one.rest if value.exact else ()))
        found = release.values.decided(path)
        if found is None:
            continue
        if not found.missing and release.values.get(path) not in (None, "", {}, []):
            return value, found
        if best is None or len(found.missing) < len(best[1].missing):
            best = value, found
    if best is not None and len(best[1].missing) > len(one.rest):
        return None  # the value is written nowhere: its default stands in the template
    return best


def template_place(document: HelmDocument, start: int, end: int) -> Place | None:
    """The text of a template that printed a range of what was rendered; None where that is not known."""
    release, origins = document.release, document.rendered.origins
    origin = origins.at(start)
    if isinstance(origin, Literal):
        last = origins.at(max(start, end - 1))
        same = isinstance(last, Literal) and last.path == origin.path and last.offset >= origin.offset
        stop = last.offset + 1 if same and isinstance(last, Literal) else origin.offset + 1
        return Place(release.template(origin.path), (origin.offset, stop))
    if isinstance(origin, Frame):
        return Place(release.template(origin.path), (origin.node.start, origin.node.end))
    return None


def written(document: HelmDocument, pointer: Pointer, *, key: bool) -> tuple[Place, tuple[Place, ...]]:
    """The place of what stands at `pointer`, and those beside it."""
    depth = there(document.value, pointer)
    start, end = document.yaml.span(pointer[:depth], key=key and depth == len(pointer) and depth > 0)
    shown = template_place(document, start, end) or _nearby(document, start)
    for one in printed(document, pointer[:depth]):
        found = deciding(document, one)
        if found is None or found[1].layer is None:
            continue
        decided = found[1]
        whose = decided.layer.document if decided.layer is not None else None
        if whose is not None:
            return Place(whose, decided.pointer, key and bool(decided.pointer)), (shown,)
    return shown, ()


def _nearby(document: HelmDocument, start: int) -> Place:
    """The nearest line before or after that has an origin; else the template as a whole."""
    text = document.rendered.text
    for offset in range(start, max(-1, start - _AROUND), -1):
        place = template_place(document, offset, offset + 1) if text[offset : offset + 1].strip() else None
        if place is not None:
            return place
    for offset in range(start, min(len(text), start + _AROUND)):
        place = template_place(document, offset, offset + 1) if text[offset].strip() else None
        if place is not None:
            return place
    return Place(document.release.template(document.rendered.path), ())
