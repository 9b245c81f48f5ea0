"""Waivers that stand beside what they accept: comments in any file, annotations of Kubernetes objects.

Only what is a comment in the format of the file counts (`batten.formats.comments`): a string may hold anybody's text.
A comment `# batten: ignore[PRV001] reason until 2027-03-01` holds for its own line; standing alone it
holds for the block that the next line opens. `# batten: ignore-file[PRV001] reason` holds for the file.
An annotation `batten.dev/ignore.PRV001: reason until 2027-03-01` on an object or its pod template holds
for that object; `batten.dev/ignore.PRV001.app` for its container `app`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from typing import Any, Final

from msgspec import Struct

from batten import limits
from batten.engine.read import TargetReading
from batten.engine.waive import IDENTIFIER, KNOWN, ActiveWaiver, may_hold_waivers
from batten.formats.text import TextDocument
from batten.model.scope import in_target
from batten.model.settings import Waiver
from batten.model.source import File, Place, Pointer, Problem, Unreadable
from batten.model.workload import Workload
from batten.pattern import pattern
from batten.sources import OpenTarget

Span = tuple[int, int]
ANNOTATION: Final = "batten.dev/ignore."
_DOMAIN: Final = "batten.dev"
_ANNOTATIONS: Final = f"{_DOMAIN}/ignore"
"""With what follows it: whatever is surely meant for a waiver."""
# whatever is surely meant for a waiver: only one that is written as it should be is honoured, the others are told
_COMMENT: Final = pattern(
    r"(?:#|//|;)[ \t]*(?P<word>batten[ \t]*:[ \t]*)(?P<verb>ignore[-_ ]?file|ignore)(?P<gap>[ \t:=(]*)"
    r"(?:\[(?P<ids>[^\]\n]{0,200})(?P<close>\]|(?=\n|\Z))|"
    rf"(?P<bare>{IDENTIFIER}(?:[ \t,]+{IDENTIFIER})*)\)?)(?P<rest>[^\n]*)",
    re.IGNORECASE,
)
_NAMED: Final = pattern(r"(?:#|//|;)[ \t]*batten", re.IGNORECASE)
"""What every comment has that is looked at: where it is missing, no comment is looked for."""
_NO_CHECK: Final = ""
"""What a waiver names that names none."""
_BETWEEN: Final = pattern(r"[ \t,]+")
# what is surely meant for a date, a wrong one too: a waiver must not last for ever by a slip
_UNTIL: Final = pattern(
    r"\buntil[ \t:]+(\d{4}[-/.]\d{1,2}(?:[-/.]\d{1,2})?|\d{1,2}[-/.]\d{1,2}[-/.]\d{4}|\d{8})(?![\w-])", re.IGNORECASE
)
_OWNER: Final = pattern(r"(?:^|[ \t])by[ \t]+(@?[\w.@/+-]+)[ \t]*\Z")
_UNHEARD: Final = "expected a comment on a line of its own, found one behind an instruction, which takes it for text"
_COMMENT_MARKS: Final = ("#", "//", ";")


def split_reason(text: str) -> tuple[str, str, str]:
    """`reason by owner until date` -> (reason, owner, date); what is missing is "".

    What follows the date (the number of a ticket) belongs to the reason.
    """
    text = text.strip().removesuffix("-->").removesuffix("*/").rstrip("\"', \t").lstrip(":-–— ").strip()
    expires = owner = after = ""
    if found := _UNTIL.search(text):
        expires, text, after = found[1], text[: found.start()].rstrip(" \t,"), text[found.end() :].strip(" \t.,;")
        if text.endswith("("):
            text, after = text[:-1].rstrip(), after.removeprefix(")").lstrip()
    if found := _OWNER.search(text):
        owner, text = found[1], text[: found.start()].strip()
    return " ".join(part for part in (text.rstrip(", "), after) if part), owner, expires


def waivers_of(reading: TargetReading) -> Iterator[ActiveWaiver]:
    """The waivers in the comments of a target's files, those included that a reader asked for on its own (the
    override of the one Compose file that is scanned)."""
    consumed = {path: None for one in reading.files.values() for path in one.parts}
    for one in reading.files.values():
        yield from inline_waivers(one.file, reading.opened, one.reader)
    for path in consumed:
        known = reading.files.get(path)
        if known is not None and known.file.data:
            continue
        file = reading.opened.files.get(path)
        if file is not None:
            yield from inline_waivers(file, reading.opened)


def inline_waivers(file: File, opened: OpenTarget | None = None, reader: str = "") -> Iterator[ActiveWaiver]:
    """The waivers in the comments of a file, the first `limits.WAIVERS_PER_FILE` of them. `reader`: the name of the one
    that recognised it; "" where that is not known."""
    if file.packed or not may_hold_waivers(file.data):
        return
    try:
        text = file.text()
    except Unreadable:
        return
    document = TextDocument(file)
    lines: list[str] = []
    number, counted = 1, 0
    block = (0, 0)  # the last one, which is also that of the comments between its own and it
    for told, found in enumerate(_comments(text, *_spans(file, text, reader))):
        if told >= limits.WAIVERS_PER_FILE:
            return
        lines = lines or text.split("\n")
        number += text.count("\n", counted, found.start)
        counted = found.start
        if found.whole:
            first, last = 1, len(lines)
        elif lines[number - 1].lstrip(" \t\ufeff").startswith(_COMMENT_MARKS):
            block = block if number < block[0] else _block(lines, number)
            first, last = number + 1, block[1]
        else:
            first, last = number, number
        reason, owner, expires = split_reason(found.rest)
        for identifier in found.identifiers:
            yield ActiveWaiver(
                Waiver(
                    check=identifier,
                    reason=reason,
                    owner=owner,
                    expires=expires or None,
                    where=f"{file.path}:{number}",
                ),
                file=file,
                opened=opened,
                first=first,
                last=last,
                scope=file.directory or ".",
                place=Place(document, (found.start, found.end)),
                malformed=found.malformed,
            )


class _Comment(Struct, frozen=True):
    """`start`, `end`: of what is meant for a waiver, in characters; `whole`: it speaks of the whole file."""

    start: int
    end: int
    identifiers: list[str]
    rest: str = ""
    whole: bool = False
    malformed: str = ""


def _spans(file: File, text: str, reader: str) -> tuple[list[Span], list[Span]]:
    """Where the comments stand that name batten, in characters; and what looks like such a comment and is none."""
    if _NAMED.search(text) is None:
        return [], []
    from batten.formats.comments import behind, comments

    found = comments(file, text, reader), behind(file, text, reader)
    heard, unheard = ([one for one in spans if _NAMED.search(text, *one) is not None] for spans in found)
    return heard, unheard


def _comments(text: str, spans: list[Span], unheard: list[Span]) -> list[_Comment]:
    """What is written as a waiver, and what is surely meant for one, in the order of the text. `spans`: of its
    comments; `unheard`: of what its format takes for a part of an instruction."""
    found: dict[int, _Comment] = {}
    for malformed, some in (("", spans), (_UNHEARD, unheard)):
        written = chain.from_iterable(_COMMENT.finditer(text, start, end) for start, end in some)
        for match in islice(written, limits.WAIVERS_PER_FILE):
            found[match.start("word")] = _Comment(
                match.start("verb"),
                match.start() + len(match[0].rstrip()),
                _identifiers(match),
                match["rest"],
                match["verb"].lower() != "ignore",
                malformed or _malformed(match),
            )
    from batten.engine import waive_slips

    slips = chain.from_iterable(waive_slips.comments(text, start, end) for start, end in spans)
    for slip in islice(slips, limits.WAIVERS_PER_FILE):
        if slip.start not in found:
            named = [slip.identifiers[0] if slip.identifiers else _NO_CHECK]
            found[slip.start] = _Comment(slip.start, slip.end, named, malformed=slip.message)
    return [found[start] for start in sorted(found)]


def _identifiers(match: re.Match[str]) -> list[str]:
    if match["ids"] is None:
        return [one.upper() for one in _BETWEEN.split(match["bare"])]
    if not match["close"] or _runs_together(match["ids"]):
        return [one.upper() for one in KNOWN.findall(match["ids"])] or [_NO_CHECK]
    return [name for one in match["ids"].split(",") if (name := one.strip())] or [_NO_CHECK]


def _runs_together(listed: str) -> bool:
    """Several identifiers with something other than commas between them."""
    return any(len(KNOWN.findall(one)) > 1 and not KNOWN.sub("", one).strip(" \t;|+&/") for one in listed.split(","))


def _malformed(match: re.Match[str]) -> str:
    """What is wrong with how a waiver is written; "" where nothing is."""
    verb = "ignore" if match["verb"].lower() == "ignore" else "ignore-file"
    named = ",".join(one for one in _identifiers(match) if one)
    found = match[0][match.start("word") - match.start() : match.start("rest") - match.start()]
    as_it_should_be = not match["gap"] and match["verb"] == verb and match["word"].rstrip() == "batten:"
    if match["close"] and named and as_it_should_be and not _runs_together(match["ids"]):
        return ""
    if not match["close"] and match["ids"] is not None:
        return f"expected a closing bracket in `batten: {verb}[{named or 'PRV001'}] reason`, found `{found[:80]}`"
    return f"expected `batten: {verb}[{named or 'PRV001'}] reason`, found `{found[:80]}`"


def too_many(file: File, reader: str = "") -> Problem | None:
    """That a file holds more waivers than are read. `reader`: as of `inline_waivers`."""
    if file.data.count(b"batten:") <= limits.WAIVERS_PER_FILE:
        return None
    try:
        text = file.text()
    except Unreadable:
        return None
    found = sum(1 for start, end in _spans(file, text, reader)[0] for _ in _COMMENT.finditer(text, start, end))
    if found <= limits.WAIVERS_PER_FILE:
        return None
    message = f"expected at most {limits.WAIVERS_PER_FILE:,} waivers in comments, found {found:,}; use ignore-file"
    return Problem(file.path, f"{message}, or a waiver in the configuration: those after the first are not honoured")


def block_after(lines: list[str], number: int) -> tuple[int, int]:
    """Lines (from 1) that a comment alone on line `number` speaks of: what follows it up to the end of the
    block that begins there."""
    return number + 1, _block(lines, number)[1]


def _block(lines: list[str], number: int) -> tuple[int, int]:
    """First and last line of the block after line `number`, further comments passed over: what is indented
    deeper belongs to it, in line-oriented formats what a trailing backslash continues, and in YAML the list
    under a key."""
    start = number
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith(_COMMENT_MARKS)):
        start += 1
    if start >= len(lines):
        return len(lines) + 1, len(lines)
    indent = _indent(lines[start])
    opening = lines[start].strip()
    holds_list = opening.partition(" #")[0].rstrip().endswith(":") and not opening.startswith("- ")
    end = start
    for index in range(start + 1, min(len(lines), start + limits.WAIVER_BLOCK_LINES)):
        text = lines[index].strip()
        if not text or text.startswith(_COMMENT_MARKS):
            continue  # neither begins another block
        continued = lines[end].rstrip().endswith("\\")
        listed = holds_list and _indent(lines[index]) == indent and (text == "-" or text.startswith("- "))
        if _indent(lines[index]) <= indent and not continued and not listed:
            break
        end = index
    return start + 1, end + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def annotation_waivers(nouns: Iterable[Any], opened_of: Any = None) -> list[ActiveWaiver]:
    """The waivers in the annotations of Kubernetes objects and their pod templates.

    `opened_of(file)` gives the target of a file.
    """
    seen: dict[tuple[Any, ...], ActiveWaiver] = {}
    for noun in nouns:
        for key, value in noun.annotations.items():
            if "ig" not in key and "batten" not in key.lower():
                continue
            named = key.startswith(ANNOTATION) and key != ANNOTATION
            if named:
                identifier, _, container = key.removeprefix(ANNOTATION).partition(".")
            else:
                from batten.engine import waive_slips

                spoken, meant = waive_slips.annotation(key, _DOMAIN)
                if not meant and not key.startswith(_ANNOTATIONS):
                    continue
                identifier, container = spoken[0] if spoken else _NO_CHECK, ""
            file = noun.document.file
            pointer = _annotation(noun, key)
            mark = (id(file), getattr(noun.document, "index", 0), pointer)
            if mark in seen:
                seen[mark].resources.append(noun.resource)
                continue
            reason, owner, expires = split_reason(value)
            seen[mark] = ActiveWaiver(
                Waiver(
                    check=identifier,
                    reason=reason,
                    owner=owner,
                    expires=expires or None,
                    container=container,
                    where=f"{file.path}: annotation {key}",
                ),
                file=file,
                opened=opened_of(file) if opened_of is not None else None,
                resources=[noun.resource],
                scope=in_target(noun.scope),
                place=Place(noun.document, pointer),
                malformed=""
                if named
                else f"expected the annotation {ANNOTATION}{identifier or 'PRV001'}, found {key[:80]}",
            )
    return list(seen.values())


def _annotation(noun: Any, key: str) -> Pointer:
    """Where the annotation is written: in the pod template, which wins, or on the object."""
    if not isinstance(noun, Workload):
        return (*noun.pointer, "metadata", "annotations", key)
    job = (*noun.template_pointer[:-3], "metadata")  # of what a CronJob makes
    for metadata in (noun.template_pointer, job, noun.metadata_pointer):
        value = getattr(noun.document, "value", None)
        for part in (*metadata, "annotations") if metadata else ():
            try:
                value = value[part]  # type: ignore[index]
            except (KeyError, IndexError, TypeError):
                value = None
                break
        if isinstance(value, dict) and key in value:
            return (*metadata, "annotations", key)
    return noun.metadata_pointer
