"""What a Dockerfile is made of: words, flags, heredocs, instructions, stages, the document.

All positions are offsets of characters in the file's text (a byte order mark counts as one). Words of the
format are those of the Dockerfile reference: https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from typing import Any, Final

from msgspec import Struct, field

from batten.limits import KIB
from batten.model.edits import Edit, Splice
from batten.model.source import File, Location, Pointer, Problem

_LARGE: Final = 64 * KIB
Span = tuple[int, int]
"""Start and end (exclusive) in the file's text."""

Pieces = tuple[tuple[int, int], ...]
"""Where joined text comes from: (offset in the joined text, offset in the file), rising in both."""


def to_source(pieces: Pieces, offset: int) -> int:
    """The file offset of the character at `offset` of a joined text."""
    if len(pieces) == 1:
        return pieces[0][1] + offset
    joined, source = pieces[bisect_right(pieces, (offset, 1 << 62)) - 1]
    return source + offset - joined


def span_of(pieces: Pieces, start: int, end: int) -> Span:
    """A range of joined text as a range of the file, not reaching into the continuation after it."""
    if start >= end:
        at = to_source(pieces, start - 1) + 1 if start else to_source(pieces, 0)
        return at, at
    return to_source(pieces, start), to_source(pieces, end - 1) + 1


class Word(Struct, frozen=True, eq=False):
    """One argument. `raw` is as written with continuation lines joined, `value` without quotes and escapes.

    Variables are left alone in both; `scope.resolve(raw)` expands them.
    """

    raw: str
    value: str
    span: Span


class Flag(Struct, frozen=True, eq=False):
    """`--name=value`; `value` is None for a bare `--name`. `value_span` is empty where there is no value."""

    name: str
    value: str | None
    span: Span
    value_span: Span


class Pair(Struct, frozen=True, eq=False):
    """`KEY=value` of ENV, LABEL or ARG. `value` and `raw` are None for an ARG without a default."""

    key: str
    value: str | None
    raw: str | None
    key_span: Span
    value_span: Span
    span: Span


class Heredoc(Struct, frozen=True, eq=False):
    """A here-document of RUN, COPY or ADD. `body` is as written, tabs that `<<-` takes away included."""

    name: str
    body: str
    expand: bool
    chomp: bool
    fd: int
    span: Span
    """Of the body, without the terminating line."""
    closed: bool = True
    """False: the file ended before the terminator."""


class Comment(Struct, frozen=True, eq=False):
    """A comment line; `text` is what stands after `#`, without the blanks around it."""

    line: int
    text: str
    span: Span
    inside: bool = False
    """It stands between the continued lines of an instruction."""


class Mount(Struct, frozen=True, eq=False):
    """`RUN --mount=…`. Empty strings where an option is not given; `read_only` with the type's default."""

    type: str
    source: str
    target: str
    from_: str
    id: str
    sharing: str
    env: str
    required: bool
    read_only: bool
    mode: str
    uid: str
    gid: str
    size: str
    flag: Flag


class Instruction(Struct, frozen=True, eq=False):
    """One instruction with everything that belongs to it: continued lines, comments between, heredocs."""

    keyword: str
    """Upper case; as written but upper-cased where it is unknown."""
    index: int
    stage: int | None
    """None before the first FROM."""
    flags: tuple[Flag, ...]
    args: tuple[Word, ...]
    """Shell form of RUN, CMD, ENTRYPOINT, SHELL and the text of USER, WORKDIR, STOPSIGNAL, MAINTAINER are
    one word; HEALTHCHECK is its type and the command; ENV and LABEL `key=value` are one word each."""
    json: bool
    text: str
    """What follows keyword and flags, continued lines joined."""
    pieces: Pieces
    """Where `text` stands in the file."""
    heredocs: tuple[Heredoc, ...]
    pairs: tuple[Pair, ...]
    span: Span
    line: int
    end_line: int
    raw: str
    """The file's text in `span`."""
    keyword_span: Span
    escape: str
    onbuild: Instruction | None = None
    """The trigger, for ONBUILD; it has the same index and its own span."""
    open: bool = False
    """The file ended while a continued line or a heredoc was still waiting for more."""

    @property
    def words(self) -> tuple[Word, ...]:
        return self.args

    @property
    def argv(self) -> tuple[str, ...]:
        """The values of the arguments; for the JSON form the exact argument vector."""
        return tuple([word.value for word in self.args])

    def flag(self, name: str) -> str | None:
        """The value of the first flag called `name`, "" for a bare one, None where it is absent."""
        for flag in self.flags:
            if flag.name == name:
                return flag.value or ""
        return None

    def flag_values(self, name: str) -> tuple[str, ...]:
        """The values of all flags called `name` (`--exclude`, `--mount`, `--device` may repeat)."""
        return tuple([flag.value or "" for flag in self.flags if flag.name == name])

    def is_set(self, name: str) -> bool:
        """Whether the boolean flag `name` is given and not `false`."""
        value = self.flag(name)
        return value is not None and value.lower() != "false"

    def span_in_text(self, start: int, end: int) -> Span:
        """A range of `text` as a range of the file."""
        return span_of(self.pieces, start, end)

    # RUN
    @property
    def script(self) -> str:
        """The shell script of a shell-form instruction: `text`, then each heredoc's body and terminator.

        Offsets in it (`span_in_script`) are what the pointer ("instruction", i, "text", start, end) means.
        """
        if not self.heredocs:
            return self.text
        return "\n".join([self.text, *[doc.body + doc.name for doc in self.heredocs]])

    def span_in_script(self, start: int, end: int) -> Span:
        """A range of `script` as a range of the file (cut at the border of text and heredoc bodies)."""
        base = 0
        if start <= len(self.text):
            return span_of(self.pieces, start, min(end, len(self.text)))
        base = len(self.text) + 1
        for doc in self.heredocs:
            length = len(doc.body)
            if start <= base + length:
                at = doc.span[0] + max(0, start - base)
                return at, max(at, doc.span[0] + min(end - base, length))
            base += length + len(doc.name) + 1
        return self.span[1], self.span[1]

    @property
    def mounts(self) -> tuple[Mount, ...]:
        from batten.formats.dockerfile.mounts import parse_mount

        return tuple([parse_mount(flag) for flag in self.flags if flag.name == "mount"])

    @property
    def network(self) -> str | None:
        return self.flag("network") if self.keyword == "RUN" else None

    @property
    def security(self) -> str | None:
        return self.flag("security") if self.keyword == "RUN" else None

    @property
    def devices(self) -> tuple[str, ...]:
        return self.flag_values("device") if self.keyword == "RUN" else ()

    # FROM
    @property
    def image(self) -> Word | None:
        """The base of a FROM as written."""
        return self.args[0] if self.keyword == "FROM" and self.args else None

    @property
    def alias(self) -> str | None:
        if self.keyword == "FROM" and len(self.args) == 3 and self.args[1].value.lower() == "as":
            return self.args[2].value
        return None

    @property
    def platform(self) -> str | None:
        return self.flag("platform")

    # COPY, ADD
    @property
    def sources(self) -> tuple[Word, ...]:
        """Paths and URLs; the heredocs among them are in `heredocs`."""
        if self.keyword not in ("COPY", "ADD"):
            return ()
        return tuple(
            [word for word in self.args[:-1] if not (self.heredocs and word.value.lstrip("0123456789")[:2] == "<<")]
        )

    @property
    def destination(self) -> Word | None:
        return self.args[-1] if self.keyword in ("COPY", "ADD") and len(self.args) > 1 else None

    @property
    def from_(self) -> str | None:
        return self.flag("from")

    @property
    def chown(self) -> str | None:
        return self.flag("chown")

    @property
    def chmod(self) -> str | None:
        return self.flag("chmod")

    @property
    def checksum(self) -> str | None:
        return self.flag("checksum")

    @property
    def link(self) -> bool:
        return self.is_set("link")

    @property
    def parents(self) -> bool:
        return self.is_set("parents")

    @property
    def keep_git_dir(self) -> bool:
        return self.is_set("keep-git-dir")

    @property
    def exclude(self) -> tuple[str, ...]:
        return self.flag_values("exclude")

    # HEALTHCHECK
    @property
    def command(self) -> tuple[Word, ...]:
        """The words of a command: all arguments, for HEALTHCHECK those after CMD (none for NONE)."""
        return self.args[1:] if self.keyword == "HEALTHCHECK" else self.args

    @property
    def disabled(self) -> bool:
        """HEALTHCHECK NONE."""
        return self.keyword == "HEALTHCHECK" and bool(self.args) and self.args[0].value.upper() == "NONE"


class Stage(Struct, frozen=True, eq=False):
    """One build stage. What it adds up to (user, ports, environment …) is in `config.stage_config`."""

    index: int
    name: str | None
    """The alias, as written."""
    base: str
    """As written, quotes and variables included."""
    base_stage: int | None
    """The earlier stage that `base` names (stage names have no case), variables expanded."""
    platform: str | None
    instructions: tuple[Instruction, ...]
    """FROM is the first."""

    @property
    def from_(self) -> Instruction:
        return self.instructions[0]


class Dockerfile(Struct, frozen=True, eq=False):
    """A parsed Dockerfile; implements `batten.model.source.Document`."""

    file: File
    text: str
    instructions: tuple[Instruction, ...]
    stages: tuple[Stage, ...]
    directives: dict[str, str]
    global_args: tuple[Instruction, ...]
    problems: tuple[Problem, ...]
    comments: tuple[Comment, ...]
    escape: str = "\\"
    cache: dict[str, Any] = field(default_factory=dict)
    """What `scope` has worked out already."""

    def __repr__(self) -> str:
        return f"<Dockerfile {self.file.path}: {len(self.instructions)} instructions, {len(self.stages)} stages>"

    @property
    def newline(self) -> str:
        """The line end of the file: that of its first line."""
        end = self.text.find("\n")
        return "\r\n" if end > 0 and self.text[end - 1] == "\r" else "\n"

    def rest(self) -> None:
        """Gives back what was worked out of a large file, which is worked out again when somebody asks: the commands
        alone take many times their text."""
        if len(self.text) > _LARGE:
            self.cache.clear()

    def locate(self, pointer: Pointer, *, key: bool = False) -> Location:
        """The place of `pointer` (see the package's docstring), or of its nearest parent that exists."""
        from batten.formats.dockerfile.places import locate

        return locate(self, pointer, key=key)

    def splices(self, edits: Iterable[Edit]) -> list[Splice]:
        """`edits` as replacements in `text`; raises `batten.model.edits.CannotEdit` with the reason."""
        from batten.formats.dockerfile.edit import splices

        return splices(self, edits)


def pointer_of(instruction: Instruction) -> Pointer:
    return ("instruction", instruction.index)
