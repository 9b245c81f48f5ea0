"""Edits of a rendered object, as edits of the values that decide or of the text of the template."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from batten.formats.helm.hooks import hook
from batten.formats.helm.insert import Additions
from batten.formats.helm.origins import Literal
from batten.formats.helm.places import Printed, deciding, printed, there
from batten.formats.helm.values import Decided
from batten.model.edits import Append, CannotEdit, Edit, ReplaceText, Set, Splice
from batten.model.source import Document, File

if TYPE_CHECKING:
    from batten.formats.helm.document import HelmDocument
    from batten.formats.helm.release import Release


def translated(document: HelmDocument, edit: Edit) -> tuple[Document, Edit]:
    """The edit of the values, else of the template's text; raises `CannotEdit` with the reason."""
    pointer = edit.pointer
    depth = there(document.value, pointer)
    parts = printed(document, pointer[:depth])
    if parts:
        one = parts[0]
        if len(parts) > 1 or not one.whole:
            raise CannotEdit(f"it is made of several values; edit them: {_names(document, parts)}")
        found = deciding(document, Printed(one.frame, (*one.rest, *pointer[depth:])))
        if found is None or not found[0].exact:
            where = document.release.template(one.frame.path).locate((one.frame.node.start, one.frame.node.end))
            raise CannotEdit(f"the template works it out, on line {where.line} of {one.frame.path}; edit it there")
        _only_printed(document, found[1], edit)
        return in_values(found[1], edit)
    if depth < len(pointer) and isinstance(edit, Set | Append):
        decided = hook(document, pointer, depth)
        if decided is not None:
            return in_values(decided, edit)
    placed = _template_edits(document, [edit])
    paths = {path for path, _ in placed}
    if len(paths) != 1:
        raise CannotEdit("its text comes from several templates; edit them there")
    path = paths.pop()
    encoding = document.release.files[path].encoding
    if encoding:
        raise CannotEdit(f"the template is in {encoding}, and edits are made in UTF-8: save it as that")
    if path in document.release.packed:
        raise CannotEdit("it stands in a packed chart; change that chart, or set the value for it")
    return document.release.template(path), replace(edit, pointer=(document.index, *pointer))


_PRINTED = (
    r"\{\{-?\s*(?:(?:toYaml|quote|default\s+\S+)\s+)?\$?\.Values\.%s"
    r"(?:\s*\|\s*(?:quote|squote|toYaml|toString|trim|n?indent\s+\d+|default\s+\S+))*\s*-?\}\}\Z"
)


def _only_printed(document: HelmDocument, decided: Decided, edit: Edit) -> None:
    """Raises `CannotEdit` where the templates do more with a plain value than print it: decide by it, take it apart."""
    if not isinstance(edit, Set) or isinstance(edit.value, dict | list):
        return
    path = r"\.".join(re.escape(str(part)) for part in (*decided.pointer, *decided.missing))
    inside = r"(?:(?!\}\})[^\n]){0,400}"
    uses = re.compile(rf"\{{\{{{inside}?\.Values\.{path}(?![\w.]){inside}\}}\}}")
    printed = re.compile(_PRINTED % path)
    for name, template in document.release.templates.items():
        for use in uses.finditer(template.text):
            if printed.match(use[0]) is None:
                line = template.text.count("\n", 0, use.start()) + 1
                raise CannotEdit(f"the value decides more than this, on line {line} of {name}; edit it by hand")


def in_values(decided: Decided, edit: Edit) -> tuple[Document, Edit]:
    """The edit where a value is decided."""
    if decided.layer is None:
        raise CannotEdit("a --set of this run decides it; change that")
    if decided.layer.refused:
        raise CannotEdit(f"the value is decided in {decided.layer.document.file.path}, and {decided.layer.refused}")
    if decided.missing and not isinstance(edit, Set | Append):
        raise CannotEdit("the default of the template decides it; edit it there")
    if isinstance(edit, ReplaceText):
        raise CannotEdit("its text is printed by the template; edit the value")
    return decided.layer.document, replace(edit, pointer=(*decided.pointer, *decided.missing))


def template_splices(release: Release, file: File, edits: Iterable[Edit]) -> list[Splice]:
    """Edits of rendered objects as replacements in the text of one template, each once."""
    by_document: dict[int, list[Edit]] = {}
    for edit in edits:
        index = int(edit.pointer[0])
        by_document.setdefault(index, []).append(replace(edit, pointer=edit.pointer[1:]))
    found: dict[Splice, None] = {}
    for index, mine in by_document.items():
        document = release.documents[index]
        for path, placed in _template_edits(document, mine):
            if release.files[path].path != file.path:
                raise CannotEdit("its text comes from several templates; edit them there")
            found[placed] = None
    return list(found)


def _template_edits(document: HelmDocument, edits: list[Edit]) -> list[tuple[str, Splice]]:
    """Replacements in templates, with the path of each. Raises `CannotEdit`."""
    additions = Additions(document)
    others = [edit for edit in edits if not additions.take(edit)]
    for edit in others:
        _refuse_second_key(document, edit)
    placed = [_placed(document, splice) for splice in document.yaml.splices(others)] if others else []
    return [*placed, *additions.splices()]


def _refuse_second_key(document: HelmDocument, edit: Edit) -> None:
    """A key without a value has an expression after it, which prints nothing now and may print something."""
    depth = there(document.value, edit.pointer)
    value = document.value
    for part in edit.pointer[:depth]:
        value = value[part]
    if depth < len(edit.pointer) and isinstance(value, dict) and edit.pointer[depth] in value:
        raise CannotEdit(f"an expression of the template decides {edit.pointer[depth]}; edit it there")


def _names(document: HelmDocument, parts: list[Printed]) -> str:
    named = []
    for one in parts:
        found = deciding(document, one)
        if found is not None:
            named.append(".".join(str(part) for part in found[0].path))
    return ", ".join(dict.fromkeys(reversed(named))) or "the template works them out"


def _placed(document: HelmDocument, splice: Splice) -> tuple[str, Splice]:
    """A replacement in what was rendered as one in the template that printed it: its path, and the replacement."""
    origins = document.rendered.origins
    if splice.start < splice.end:
        first, last = origins.at(splice.start), origins.at(splice.end - 1)
        if not isinstance(first, Literal) or not isinstance(last, Literal) or first.path != last.path:
            raise CannotEdit("it stands between expressions of the template; edit it there")
        text = document.release.templates[first.path].text
        start, end = first.offset, last.offset + 1
        before = document.rendered.text[splice.start : splice.end]
        if start >= end or text[start:end].split() != before.split():
            raise CannotEdit("expressions of the template stand in it; edit it there")
        path = first.path
    else:
        found = origins.at(splice.start - 1) if splice.start else None
        if isinstance(found, Literal):
            path, start = found.path, found.offset + 1
        else:
            found = origins.at(splice.start)
            if not isinstance(found, Literal):
                raise CannotEdit("it stands between expressions of the template; edit it there")
            path, start = found.path, found.offset
        end = start
    return path, Splice(start, end, _indented(document, splice, path, start))


def _indented(document: HelmDocument, splice: Splice, path: str, source: int) -> str:
    """The new text, its lines indented as the template has them."""
    if "\n" not in splice.text:
        return splice.text
    extra = document.rendered.origins.inserted(max(0, splice.start - 1), max(0, source - 1), path)
    if not extra:
        return splice.text
    lines = splice.text.split("\n")
    begins = splice.start == 0 or document.rendered.text[splice.start - 1] == "\n"
    for number, line in enumerate(lines):
        if not line.strip() or (number == 0 and not begins):
            continue
        blanks = len(line) - len(line.lstrip(" "))
        if extra > blanks:
            raise CannotEdit("the template indents it in a way that cannot be followed; edit it there")
        lines[number] = line[extra:] if extra > 0 else " " * -extra + line
    return "\n".join(lines)


__all__ = ["in_values", "template_splices", "translated"]
