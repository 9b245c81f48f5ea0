"""Functions that read a file of the target, or fill in a template ("Filesystem Functions")."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from batten.formats.nodes import Node
from batten.formats.terraform.functions.convert import Refused
from batten.formats.terraform.functions.encodings import HASHES, hashed, in_base64
from batten.formats.terraform.values import as_text, is_unknown, unknown
from batten.model.source import File, Place

if TYPE_CHECKING:
    from batten.formats.terraform.embedded import FileText
    from batten.formats.terraform.evaluate import Evaluator

Given = list[Node]


def _text(evaluator: Evaluator, given: Given, place: Place) -> FileText | None:
    from batten.formats.terraform.embedded import FileText

    if is_unknown(given[0]):
        return None
    found = evaluator.module.file(as_text(given[0]) or "", place)
    return found if isinstance(found, FileText) else None


def _file(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    return _text(evaluator, given, place) if len(given) == 1 else None


def _fileexists(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    found = _file(evaluator, given, place)
    return None if found is None else Node(True, place)


def _of_bytes(work: Callable[[bytes], str]) -> Callable[[Evaluator, Given, Place], Node | None]:
    def found(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
        text = _text(evaluator, given, place) if len(given) == 1 else None
        return None if text is None else Node(work(text.file.data), place)

    return found


def _templatefile(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    """The file as a template, with the names that it is given; its parts stand in that file."""
    from batten.formats.terraform.evaluate import of_template

    found = _text(evaluator, given, place)
    if found is None or len(given) != 2 or not given[1].is_map:
        return None
    return of_template(evaluator.module, found.file, found.plain, dict(given[1].fields))


def _templatestring(evaluator: Evaluator, given: Given, place: Place) -> Node | None:
    from batten.formats.terraform.evaluate import of_template

    template, names = given
    if is_unknown(template) or not isinstance(template.plain, str) or not names.is_map:
        raise Refused
    evaluator.module.steps.spend(len(template.plain) // 64)
    file = File(evaluator.document.file.path, template.plain.encode("utf-8", "replace"))
    found = of_template(evaluator.module, file, template.plain, dict(names.fields))
    if found is None or is_unknown(found):
        return unknown("templatestring", place)
    # a place in the template would be one in a file that has other text there
    return Node(found.value(), place)


FUNCTIONS: Final[dict[str, Callable[[Any, Given, Place], Node | None]]] = {
    "file": _file,
    "filebase64": _of_bytes(in_base64),
    "fileexists": _fileexists,
    "templatefile": _templatefile,
    "templatestring": _templatestring,
    **{f"file{_hash}": _of_bytes(hashed(_hash)) for _hash in HASHES},
}
