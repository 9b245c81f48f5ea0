"""Edits of a Dockerfile as replacements of ranges of its text.

Refused with `CannotEdit`: taking a FROM away (its instructions would fall to another stage), changing a
range with a comment in it, putting something after an instruction that the file's end cuts off, a line
break where it would end the instruction, a value that its place cannot express.
"""

from __future__ import annotations

from collections.abc import Iterable

from batten.formats.dockerfile.lines import is_directive
from batten.formats.dockerfile.nodes import Dockerfile, Instruction, Span
from batten.formats.dockerfile.parser import parse_lines
from batten.formats.dockerfile.parts import removal, set_part
from batten.formats.dockerfile.places import instruction_at, part
from batten.model.edits import Append, CannotEdit, Edit, InsertAfter, InsertBefore, Remove, ReplaceText, Set, Splice
from batten.model.source import Pointer, Unreadable, pointer_text


def splices(dockerfile: Dockerfile, edits: Iterable[Edit]) -> list[Splice]:
    """`edits` as splices in rising order that do not overlap; raises `CannotEdit`."""
    found = [_splice(dockerfile, edit) for edit in edits]
    merged: list[Splice] = []
    for splice in sorted(found, key=lambda item: (item.start, item.end)):
        last = merged[-1] if merged else None
        if last is not None and splice.start < last.end:
            raise CannotEdit("two edits change the same text")
        if last is not None and last.start == last.end == splice.start == splice.end:
            merged[-1] = Splice(last.start, last.end, last.text + splice.text)
        else:
            merged.append(splice)
    return merged


def _splice(dockerfile: Dockerfile, edit: Edit) -> Splice:
    pointer = edit.pointer
    if isinstance(edit, Append):
        raise CannotEdit("an instruction is no list; insert an instruction or set an argument instead")
    if pointer[:1] == ("end",):
        if isinstance(edit, InsertBefore | InsertAfter):
            return _insert_after(dockerfile, _last_of_stage(dockerfile, pointer), edit.text)
        raise CannotEdit("the end of a stage takes insertions only")
    instruction = instruction_at(dockerfile, pointer)
    if instruction is None:
        raise CannotEdit(f"no instruction stands at {pointer_text(pointer)}")
    if isinstance(edit, InsertBefore | InsertAfter):
        if len(pointer) > 2:
            raise CannotEdit("lines are put before or after whole instructions only")
        if isinstance(edit, InsertBefore):
            return _insert_before(dockerfile, instruction, edit.text)
        return _insert_after(dockerfile, instruction, edit.text)
    if len(pointer) == 2:
        if isinstance(edit, Remove):
            return _remove(dockerfile, instruction)
        return _replace(dockerfile, instruction, edit)
    if isinstance(edit, Remove):
        span, text = removal(instruction, pointer[2:]), ""
    elif isinstance(edit, Set):
        span, text = set_part(dockerfile, instruction, pointer[2:], edit.value)
    else:
        found = part(instruction, pointer[2:])
        if found is None:
            raise CannotEdit(f"nothing stands at {pointer_text(pointer)}")
        span, text = found, edit.text
    _refuse_comments(dockerfile, span)
    if pointer[2] == "heredoc" or _in_heredoc(instruction, span):
        _check_heredoc(dockerfile, instruction, span, text)
    else:
        _check_one_instruction(dockerfile, text)
    splice = Splice(*span, _with_newlines(dockerfile, text))
    _check_result(dockerfile, instruction, splice)
    return splice


def _with_newlines(dockerfile: Dockerfile, text: str) -> str:
    return text.replace("\r\n", "\n").replace("\n", dockerfile.newline)


def _last_of_stage(dockerfile: Dockerfile, pointer: Pointer) -> Instruction:
    stage = pointer[1] if len(pointer) == 2 else None
    if not isinstance(stage, int) or not 0 <= stage < len(dockerfile.stages):
        raise CannotEdit(f"no stage stands at {pointer_text(pointer)}")
    return dockerfile.stages[stage].instructions[-1]


def _line_start(dockerfile: Dockerfile, offset: int) -> int:
    start = dockerfile.text.rfind("\n", 0, offset) + 1
    return start + (not start and dockerfile.text.startswith("\ufeff"))


def _insert_before(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Splice:
    _check_lines(dockerfile, text)
    start = _line_start(dockerfile, _above_comments(dockerfile, instruction))
    return Splice(start, start, _with_newlines(dockerfile, text.rstrip("\r\n") + "\n"))


def _above_comments(dockerfile: Dockerfile, instruction: Instruction) -> int:
    """Where `instruction` begins, the comments directly above it counted in; but not the file's head."""
    if not instruction.index:
        return instruction.span[0]
    begin, line = instruction.span[0], instruction.line
    for comment in reversed(dockerfile.comments):
        if comment.line >= line:
            continue
        if comment.line != line - 1 or comment.inside:
            break
        begin, line = comment.span[0], comment.line
    return begin


def _insert_after(dockerfile: Dockerfile, instruction: Instruction, text: str) -> Splice:
    _refuse_open(instruction)
    _check_lines(dockerfile, text)
    end = instruction.span[1]
    return Splice(end, end, _with_newlines(dockerfile, "\n" + text.rstrip("\r\n")))


def _remove(dockerfile: Dockerfile, instruction: Instruction) -> Splice:
    if instruction.keyword == "FROM":
        raise CannotEdit("without its FROM the instructions of this stage would fall to another one")
    _refuse_open(instruction)
    text = dockerfile.text
    if not instruction.index and any(
        comment.span[0] > instruction.span[0] and is_directive(comment.text) for comment in dockerfile.comments
    ):
        raise CannotEdit("without it a comment below it would be a parser directive")
    start = _line_start(dockerfile, instruction.span[0])
    newline = text.find("\n", instruction.span[1])
    if newline >= 0:
        if not start and text.startswith("\ufeff", newline + 1):
            raise CannotEdit("without it a byte order mark below it would begin the file")
        return Splice(start, newline + 1, "")
    before = text[:start]
    if before.endswith("\n"):  # the last line has no line break, nor shall the one that becomes the last
        start -= 2 if before.endswith("\r\n") else 1
    return Splice(start, len(text), "")


def _replace(dockerfile: Dockerfile, instruction: Instruction, edit: Set | ReplaceText) -> Splice:
    text = edit.value if isinstance(edit, Set) else edit.text
    if not isinstance(text, str) or not text.strip():
        raise CannotEdit("an instruction is replaced by the text of an instruction")
    _refuse_open(instruction)
    _check_lines(dockerfile, text)
    _refuse_comments(dockerfile, instruction.span)
    return Splice(*instruction.span, _with_newlines(dockerfile, text.strip("\r\n")))


def _refuse_open(instruction: Instruction) -> None:
    if instruction.open:
        raise CannotEdit("the file ends in the middle of this instruction")


def _refuse_comments(dockerfile: Dockerfile, span: Span) -> None:
    for comment in dockerfile.comments:
        if comment.span[0] < span[1] and span[0] < comment.span[1]:
            raise CannotEdit(f"the comment on line {comment.line} stands in the text to be changed")


def _check_lines(dockerfile: Dockerfile, text: str) -> None:
    """Whole lines must not reach for the line after them."""
    if any(instruction.open for instruction in _read(dockerfile, text)):
        raise CannotEdit("the new text ends in the middle of an instruction")


def _read(dockerfile: Dockerfile, text: str) -> list[Instruction]:
    try:
        return parse_lines(text, dockerfile.escape)
    except Unreadable as error:
        raise CannotEdit(error.message) from None


def _check_result(dockerfile: Dockerfile, instruction: Instruction, splice: Splice) -> None:
    """What a changed part leaves must be one instruction with the heredocs that it had."""
    start, end = instruction.span
    text = dockerfile.text[start : splice.start] + splice.text + dockerfile.text[splice.end : end]
    found = _read(dockerfile, text)
    if len(found) != 1 or found[0].open != instruction.open:
        raise CannotEdit("the new text would not leave one whole instruction")
    if [heredoc.name for heredoc in found[0].heredocs] != [heredoc.name for heredoc in instruction.heredocs]:
        raise CannotEdit("the new text would open or close a heredoc")


def _check_one_instruction(dockerfile: Dockerfile, text: str) -> None:
    """A part of an instruction may break lines only with the escape character before the break."""
    for line in text.replace("\r\n", "\n").split("\n")[:-1]:
        body = line.rstrip(" \t")
        if not body.endswith(dockerfile.escape) or body.endswith(dockerfile.escape * 2):
            raise CannotEdit("a line break would end the instruction")
    if text.rstrip(" \t\r\n").endswith(dockerfile.escape):
        raise CannotEdit("the new text ends with the continuation character")


def _in_heredoc(instruction: Instruction, span: Span) -> bool:
    return any(doc.span[0] <= span[0] and span[1] <= doc.span[1] for doc in instruction.heredocs)


def _check_heredoc(dockerfile: Dockerfile, instruction: Instruction, span: Span, text: str) -> None:
    """The body must keep its last line break and must not gain its terminator."""
    for doc in instruction.heredocs:
        if not (doc.span[0] <= span[0] and span[1] <= doc.span[1]):
            continue
        body = dockerfile.text[doc.span[0] : span[0]] + text + dockerfile.text[span[1] : doc.span[1]]
        if body and not body.endswith("\n"):
            raise CannotEdit("the body of a heredoc must end with a line break")
        lines = [line.rstrip("\r") for line in body.split("\n")]
        if doc.name in ([line.lstrip("\t") for line in lines] if doc.chomp else lines):
            raise CannotEdit(f"the new text holds the line {doc.name!r} that ends the heredoc")
