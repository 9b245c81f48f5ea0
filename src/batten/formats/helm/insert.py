"""Puts keys into a mapping of a template: as lines of their own before one of its keys that is literal text.

Where such a mapping ends in a template is often an expression, so that its end, where an editor of YAML would write,
is no place; the lines of its keys are.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING, Any, Final

from batten.formats.helm.origins import Literal
from batten.formats.helm.places import there
from batten.formats.helm.syntax import Template, start_of
from batten.formats.yaml import KUBERNETES
from batten.formats.yaml.emit import Style
from batten.model.edits import Append, CannotEdit, Edit, Set, Splice
from batten.model.source import Pointer

if TYPE_CHECKING:
    from batten.formats.helm.document import HelmDocument

_AFTER: Final = ("name", "image", "imagePullPolicy", "command", "args", "serviceAccountName")
"""Keys that readers look for first: what is new comes after them."""
_STYLE: Final = Style(KUBERNETES)


class Additions:
    """What is to be put into the mappings of one object, those of one place together."""

    def __init__(self, document: HelmDocument) -> None:
        self._document = document
        self._of: dict[Pointer, dict[str, Any]] = {}

    def take(self, edit: Edit) -> bool:
        """Takes an edit that adds keys to a mapping of literal text; False where it is none."""
        if not isinstance(edit, Set | Append):
            return False
        value = self._document.value
        depth = there(value, edit.pointer)
        rest = edit.pointer[depth:]
        if not rest or any(not isinstance(part, str) for part in rest):
            return False
        for part in edit.pointer[:depth]:
            value = value[part]
        if not isinstance(value, dict) or rest[0] in value:
            return False
        place = edit.pointer[:depth]
        if place not in self._of and _line(self._document, place) is None:
            return False
        here: Any = self._of.setdefault(place, {})
        for part in rest[:-1]:
            here = here.setdefault(part, {})
            if not isinstance(here, dict):
                raise CannotEdit("another fix writes something else here; run fix again")
        if isinstance(edit, Append):
            items = here.setdefault(rest[-1], [])
            if edit.value not in items:
                items.append(edit.value)
        else:
            here[rest[-1]] = edit.value
        return True

    def splices(self) -> list[tuple[str, Splice]]:
        """With the path of the template of each."""
        found = []
        for place, added in self._of.items():
            line = _line(self._document, place)
            if line is None:
                raise CannotEdit("it stands between expressions of the template; edit it there")
            path, offset = line
            text = self._document.release.templates[path].text
            begin = text.rfind("\n", 0, offset) + 1
            newline = "\r\n" if text[begin - 2 : begin] == "\r\n" else "\n"
            column = offset - begin
            lines = [one for key, value in added.items() for one in _STYLE.pair(key, value, column)]
            if any("{{" in one for one in lines):
                raise CannotEdit("it would be taken for an expression of the template")
            found.append((path, Splice(begin, begin, "".join(one + newline for one in lines))))
        return found


def _line(document: HelmDocument, place: Pointer) -> tuple[str, int] | None:
    """The key of a mapping before whose line something can be written: its template, and where it begins there."""
    value = document.value
    for part in place:
        value = value[part]
    found: list[tuple[int, str, str, int]] = []
    for key in value:
        if not isinstance(key, str):
            continue
        start, _ = document.yaml.span((*place, key), key=True)
        origin = document.rendered.origins.at(start)
        if not isinstance(origin, Literal) or origin.path in document.release.packed:
            continue
        template = document.release.templates[origin.path]
        begin = template.text.rfind("\n", 0, origin.offset) + 1
        rendered = document.rendered.text
        above = rendered[rendered.rfind("\n", 0, start) + 1 : start]
        if template.text[begin : origin.offset].strip(" ") or above.strip(" "):
            continue
        found.append((_blocks(template, origin.offset), key, origin.path, origin.offset))
    if not found:
        return None
    least = min(depth for depth, *_ in found)
    fit = [one for one in found if one[0] == least]
    later = [one for one in fit if one[1] not in _AFTER]
    _, _, path, offset = (later or fit[-1:])[0]
    return path, offset


def _blocks(template: Template, offset: int) -> int:
    """How many blocks stand around a place of a template."""
    number = bisect_right(template.texts, offset, key=start_of) - 1
    if number < 0 or offset >= template.texts[number].end:
        return 1000
    depth = 0
    above = template.texts[number].parent
    while above is not None:
        depth += 1
        above = above.parent
    return depth
