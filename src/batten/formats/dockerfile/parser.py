"""Text -> `Dockerfile`: instructions with their words and places, stages, problems."""

from __future__ import annotations

from typing import Final

from batten.formats.dockerfile import words
from batten.formats.dockerfile.lex import SPACE, unquote
from batten.formats.dockerfile.lines import Lines, Logical
from batten.formats.dockerfile.nodes import (
    Dockerfile,
    Flag,
    Heredoc,
    Instruction,
    Pair,
    Pieces,
    Stage,
    Word,
    span_of,
    to_source,
)
from batten.formats.dockerfile.validity import KEYWORDS, complaints
from batten.limits import DOCKERFILE_BYTES, DOCKERFILE_INSTRUCTIONS, DOCKERFILE_WORDS
from batten.model.source import File, Unreadable

_JSON_OR_SHELL: Final = frozenset(("RUN", "CMD", "ENTRYPOINT", "SHELL"))
_JSON_OR_FIELDS: Final = frozenset(("COPY", "ADD", "VOLUME"))
_FIELDS: Final = frozenset(("FROM", "EXPOSE"))
_PAIRS: Final = frozenset(("ENV", "LABEL"))
_WHOLE: Final = frozenset(("USER", "WORKDIR", "STOPSIGNAL", "MAINTAINER"))
_HEREDOCS: Final = frozenset(("RUN", "COPY", "ADD"))


def parse(file: File) -> Dockerfile:
    """The Dockerfile in `file`.

    What is wrong inside (an unknown instruction, a heredoc without end) is told in `problems`, and the rest
    is read. Raises `Unreadable` for what is no Dockerfile at all: no UTF-8, binary, no instruction in it.
    """
    if len(file.data) > DOCKERFILE_BYTES:
        raise Unreadable(f"expected a Dockerfile of at most {DOCKERFILE_BYTES:,} bytes, found {len(file.data):,}")
    text = file.text()
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Unreadable("expected a Dockerfile, found a NUL byte: this is a binary file", line)
    lines = Lines(file.path, text)
    reading = _Reading(lines)
    for logical in lines:
        if len(reading.instructions) == DOCKERFILE_INSTRUCTIONS:
            raise Unreadable(f"expected at most {DOCKERFILE_INSTRUCTIONS} instructions, found more", logical.line)
        reading.add(logical)
    if not any(instruction.keyword in KEYWORDS for instruction in reading.instructions):
        found = repr(reading.instructions[0].keyword[:40]) if reading.instructions else "no instruction"
        raise Unreadable(f"expected a Dockerfile that begins with FROM or ARG, found {found}")
    if reading.stage is None and not any(problem.severe for problem in lines.problems):
        lines.problem("expected a FROM instruction, found none", lines.line)
    return _document(file, text, lines, reading.instructions)


def parse_lines(text: str, escape: str) -> list[Instruction]:
    """The instructions of some lines of a Dockerfile with the given escape character; no directives."""
    lines = Lines("", text)
    lines.escape = escape
    lines.directives_open = False
    reading = _Reading(lines)
    for logical in lines:
        reading.add(logical)
    return reading.instructions


class _Reading:
    """Collects instructions; knows the stage that the next one belongs to."""

    def __init__(self, lines: Lines) -> None:
        self.lines = lines
        self.instructions: list[Instruction] = []
        self.stage: int | None = None
        self.words = 0
        self.told = 0
        """Problems that stand with the instructions before."""

    def add(self, logical: Logical) -> None:
        lines = self.lines
        parsed = _Parts(lines, logical.text, logical.pieces, logical.line)
        inner = None
        if parsed.keyword == "ONBUILD" and parsed.body:
            inner = _Parts(lines, parsed.body, parsed.pieces, logical.line)
        heredocs: tuple[Heredoc, ...] = ()
        holder = inner or parsed
        if holder.keyword in _HEREDOCS and not holder.json and "<<" in logical.text:
            heredocs = lines.heredocs(logical.text, logical.line)
        if parsed.keyword == "FROM":
            self.stage = 0 if self.stage is None else self.stage + 1
        is_open = logical.open or any(not heredoc.closed for heredoc in heredocs)
        onbuild = None
        if inner is not None:
            onbuild = self._instruction(inner, None, heredocs, logical, inner.keyword_span[0], is_open)
        instruction = self._instruction(parsed, onbuild, heredocs, logical, logical.start, is_open)
        self.instructions.append(instruction)
        self.words += len(holder.args) + len(holder.flags)
        if self.words > DOCKERFILE_WORDS:
            raise Unreadable(f"expected at most {DOCKERFILE_WORDS} arguments, found more", logical.line)
        trigger = onbuild.keyword if onbuild else None
        # what else is wrong in an instruction follows from the first fault, as where it was cut off
        told = any(problem.severe for problem in lines.problems[self.told :])
        for message, severe in complaints(
            parsed.keyword, parsed.flags, parsed.args, parsed.pairs, parsed.json, trigger
        ):
            if not (severe and told):
                lines.problem(message, logical.line, severe=severe)
            told = told or severe
        self.told = len(lines.problems)
        if not told and self.stage is None and parsed.keyword in KEYWORDS and parsed.keyword != "ARG":
            lines.problem(f"expected FROM before {parsed.keyword}, found none", logical.line)

    def _instruction(
        self,
        parts: _Parts,
        onbuild: Instruction | None,
        heredocs: tuple[Heredoc, ...],
        logical: Logical,
        start: int,
        is_open: bool,
    ) -> Instruction:
        lines = self.lines
        end = max(lines.end, parts.keyword_span[1])
        return Instruction(
            keyword=parts.keyword,
            index=len(self.instructions),
            stage=self.stage,
            flags=parts.flags,
            args=parts.args,
            json=parts.json,
            text=parts.body,
            pieces=parts.pieces,
            heredocs=heredocs,
            pairs=parts.pairs,
            span=(start, end),
            line=logical.line,
            end_line=lines.line,
            raw=lines.text[start:end],
            keyword_span=parts.keyword_span,
            escape=lines.escape,
            onbuild=onbuild,
            open=is_open,
        )


class _Parts:
    """A logical line taken apart: keyword, flags, argument text, arguments."""

    def __init__(self, lines: Lines, text: str, pieces: Pieces, line: int) -> None:
        self.lines = lines
        self.line = line
        start = len(text) - len(text.lstrip(SPACE))
        text = text.rstrip(SPACE)
        start = min(start, len(text))
        blank = words.BLANKS.search(text, start)
        stop = blank.start() if blank else len(text)
        self.keyword = text[start:stop].upper()
        self.keyword_span = span_of(pieces, start, stop)
        self.flags: tuple[Flag, ...] = ()
        at = blank.end() if blank else len(text)
        if text.startswith("-", at) or (at < len(text) and text[at] in SPACE):
            self.flags, at = words.flags(text, at, pieces, lines.escape)
        while at < len(text) and text[at] in SPACE:
            at += 1
        self.body = text[at:]
        self.pieces = _rebased(pieces, at)
        self.json = False
        self.args: tuple[Word, ...] = ()
        self.pairs: tuple[Pair, ...] = ()
        self._arguments()

    def _arguments(self) -> None:
        body, pieces, escape, keyword = self.body, self.pieces, self.lines.escape, self.keyword
        if keyword in _JSON_OR_SHELL:
            found = self._json(0)
            self.args = words.whole(body, pieces, escape, command=True) if found is None else found
        elif keyword in _JSON_OR_FIELDS:
            found = self._json(0)
            self.args = words.fields(body, pieces, escape) if found is None else found
        elif keyword in _FIELDS:
            self.args = words.fields(body, pieces, escape)
        elif keyword in _WHOLE:
            self.args = words.whole(body, pieces, escape)
        elif keyword in _PAIRS:
            self._key_values()
        elif keyword == "ARG":
            self._set_pairs(words.words(body, escape))
        elif keyword == "HEALTHCHECK":
            self._healthcheck()

    def _json(self, start: int) -> tuple[Word, ...] | None:
        """The JSON form; None (and `json` False) where the text has another one."""
        try:
            found = words.json_array(self.body, self.pieces, start)
        except ValueError:
            self.lines.problem("expected a JSON array of strings, found other values in it", self.line)
            return None
        self.json = found is not None
        if found is None and self.body.startswith('["', start):  # with a blank between, it is the shell's `test`
            message = "expected a JSON array, found one that is not closed or not well formed; a shell will run it"
            self.lines.problem(message, self.line)
        return found

    def _key_values(self) -> None:
        found = words.words(self.body, self.lines.escape)
        if found and "=" not in found[0][0]:  # the old form: KEY, blanks, the rest is the value
            blank = words.BLANKS.search(self.body)
            if blank is None:
                self.lines.problem(f"expected {self.keyword} name=value, found no value", self.line)
                self.args = words.whole(self.body, self.pieces, self.lines.escape)
            else:
                self._old_pair(blank.start(), blank.end())
            return
        for raw, _, _ in found:
            if "=" not in raw:
                self.lines.problem(f"expected name=value in {self.keyword}, found {raw[:40]!r}", self.line)
                break
        self._set_pairs(found)

    def _set_pairs(self, found: list[tuple[str, int, int]]) -> None:
        escape = self.lines.escape
        pairs = [words.pair(raw, start, self.pieces, escape, end) for raw, start, end in found]
        self.pairs = tuple(pairs)
        self.args = tuple(
            [Word(raw, unquote(raw, escape), pair.span) for (raw, _, _), pair in zip(found, pairs, strict=True)]
        )

    def _old_pair(self, key_end: int, value_start: int) -> None:
        body, pieces, escape = self.body, self.pieces, self.lines.escape
        key, value = body[:key_end], body[value_start:]
        key_span = span_of(pieces, 0, key_end)
        value_span = span_of(pieces, value_start, len(body))
        plain = unquote(value, escape)
        self.pairs = (Pair(key, plain, value, key_span, value_span, (key_span[0], value_span[1])),)
        self.args = (Word(key, key, key_span), Word(value, plain, value_span))

    def _healthcheck(self) -> None:
        body = self.body
        stop = 0
        while stop < len(body) and body[stop] not in SPACE:
            stop += 1
        if not stop:
            return
        first = Word(body[:stop], body[:stop], span_of(self.pieces, 0, stop))
        start = stop
        while start < len(body) and body[start] in SPACE:
            start += 1
        command = self._json(start)
        if command is None:
            command = words.whole(body, self.pieces, self.lines.escape, start, command=True)
        self.args = (first, *command)


def _rebased(pieces: Pieces, at: int) -> Pieces:
    """The pieces of `text[at:]` of a text with `pieces`."""
    if len(pieces) == 1:
        return ((0, pieces[0][1] + at),)
    kept = [(joined - at, source) for joined, source in pieces if joined > at]
    return ((0, to_source(pieces, at)), *kept)


def _document(file: File, text: str, lines: Lines, instructions: list[Instruction]) -> Dockerfile:
    first = next((number for number, item in enumerate(instructions) if item.stage is not None), len(instructions))
    document = Dockerfile(
        file=file,
        text=text,
        instructions=tuple(instructions),
        stages=(),
        directives=lines.directives,
        global_args=tuple([item for item in instructions[:first] if item.keyword == "ARG"]),
        problems=(),
        comments=tuple(lines.comments),
        escape=lines.escape,
    )
    stages = _stages(document, instructions[first:])
    problems = sorted(lines.problems, key=lambda problem: problem.line or 0)
    return Dockerfile(
        file=file,
        text=text,
        instructions=document.instructions,
        stages=stages,
        directives=document.directives,
        global_args=document.global_args,
        problems=tuple(problems),
        comments=document.comments,
        escape=document.escape,
    )


def _stages(document: Dockerfile, instructions: list[Instruction]) -> tuple[Stage, ...]:
    groups: list[list[Instruction]] = []
    for instruction in instructions:
        if instruction.keyword == "FROM":
            groups.append([])
        groups[-1].append(instruction)
    named: dict[str, int] = {}
    stages = []
    for index, group in enumerate(groups):
        image = group[0].image
        base = image.raw if image else ""
        stages.append(
            Stage(
                index=index,
                name=group[0].alias,
                base=base,
                base_stage=named.get(_base_name(document, group[0]).lower()),
                platform=group[0].platform,
                instructions=tuple(group),
            )
        )
        if group[0].alias:
            named[group[0].alias.lower()] = index
    return tuple(stages)


def _base_name(document: Dockerfile, instruction: Instruction) -> str:
    image = instruction.image
    if image is None:
        return ""
    if "$" not in image.raw:
        return image.value
    from batten.formats.dockerfile.scope import resolve

    name, known = resolve(document, image.raw, instruction.index)
    return name if known else ""
