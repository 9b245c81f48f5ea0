"""What builds refuse: each complaint says what was expected and what was found.

`complaints` holds one instruction against the rules of BuildKit's instruction parser; reference:
https://docs.docker.com/reference/dockerfile/
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from batten.formats.dockerfile.lex import SPACE
from batten.formats.dockerfile.mounts import csv_fields
from batten.formats.dockerfile.nodes import Flag, Pair, Word
from batten.pattern import pattern

# fmt: off
KEYWORDS: Final = frozenset((
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
))
# fmt: on
_BOOL, _ONE, _MANY = "boolean", "one", "many"
_FLAGS: Final[dict[str, dict[str, str]]] = {
    "ADD": {
        "chown": _ONE,
        "chmod": _ONE,
        "link": _BOOL,
        "keep-git-dir": _BOOL,
        "checksum": _ONE,
        "unpack": _BOOL,
        "exclude": _MANY,
    },
    "COPY": {"chown": _ONE, "chmod": _ONE, "from": _ONE, "link": _BOOL, "parents": _BOOL, "exclude": _MANY},
    "FROM": {"platform": _ONE},
    "HEALTHCHECK": {"interval": _ONE, "timeout": _ONE, "start-period": _ONE, "start-interval": _ONE, "retries": _ONE},
    "RUN": {"mount": _MANY, "network": _ONE, "security": _ONE, "device": _MANY},
}
_NO_FLAG_CHECK: Final = frozenset(("ARG", "STOPSIGNAL"))
_ONE_ARGUMENT: Final = frozenset(("MAINTAINER", "STOPSIGNAL", "USER", "WORKDIR"))
_SOME_ARGUMENTS: Final = frozenset(("ARG", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "SHELL", "VOLUME"))
_STAGE_NAME: Final = pattern(r"[a-z][a-z0-9_.-]*+\Z")
_DURATION: Final = pattern(r"[+-]?(?:0|(?:(?:\d++(?:\.\d*+)?|\.\d++)(?:ns|us|µs|μs|ms|s|m|h))++)\Z", re.ASCII)
_DURATION_PART: Final = pattern(r"(\d*+\.?\d*+)(ns|us|µs|μs|ms|s|m|h)", re.ASCII)
_NANOSECONDS: Final = {"ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9}
_HEREDOC_WORD: Final = pattern(r"\d*+<<-?+[ \t\n\f\r]*+[^<]++\Z", re.ASCII)

Complaint = tuple[str, bool]
"""Message, and whether builds refuse the instruction whatever their version."""


def complaints(
    keyword: str,
    flags: tuple[Flag, ...],
    args: tuple[Word, ...],
    pairs: tuple[Pair, ...],
    json: bool,
    trigger: str | None,
) -> Iterator[Complaint]:
    """What is wrong with one instruction, in the order a reader meets it. `trigger` is ONBUILD's."""
    if keyword not in KEYWORDS:
        yield f"expected a Dockerfile instruction, found {keyword[:40]!r}; is a continuation missing before it?", True
        return
    none = keyword == "HEALTHCHECK" and bool(args) and args[0].value.upper() == "NONE"
    if keyword not in _NO_FLAG_CHECK and not none:
        yield from _flag_complaints(keyword, flags)
    if keyword in _ONE_ARGUMENT and not args:
        yield f"expected one argument after {keyword}, found none", True
    elif keyword in _SOME_ARGUMENTS and not args:
        yield f"expected at least one argument after {keyword}, found none", True
    elif keyword in ("COPY", "ADD"):
        yield from _copy_complaints(keyword, args)
    elif keyword == "FROM":
        yield from _from_complaints(args)
    elif keyword == "HEALTHCHECK":
        yield from _healthcheck_complaints(flags, args)
    elif keyword == "ONBUILD":
        yield from _onbuild_complaints(trigger)
    elif keyword == "RUN" and flags:
        yield from _run_complaints(flags)
    elif keyword == "SHELL" and not json:
        yield 'expected SHELL ["executable", "argument"], found no JSON array', True
    elif keyword == "VOLUME" and any(not word.value.strip(SPACE) for word in args):
        yield "expected a path after VOLUME, found an empty string", True
    if any(not pair.key for pair in pairs):
        yield f"expected a name before = in {keyword}, found none", True


def _flag_complaints(keyword: str, flags: tuple[Flag, ...]) -> Iterator[Complaint]:
    known = _FLAGS.get(keyword, {})
    seen: set[str] = set()
    for flag in flags:
        kind = known.get(flag.name)
        if kind is None:
            options = ", ".join(f"--{name}" for name in known) or "no flags"
            yield f"expected {options} after {keyword}, found --{flag.name[:40]}", False
            continue
        if flag.name in seen and kind != _MANY:
            yield f"expected --{flag.name} once, found it again", True
        seen.add(flag.name)
        if kind == _BOOL:
            if flag.value is not None and flag.value.lower() not in ("true", "false"):
                yield f"expected --{flag.name}=true or false, found {flag.value[:20]!r}", True
        elif flag.value is None:
            yield f"expected --{flag.name}=value, found no value", True


def _copy_complaints(keyword: str, args: tuple[Word, ...]) -> Iterator[Complaint]:
    if len(args) < 2:
        yield f"expected sources and a destination after {keyword}, found {len(args)} argument(s)", True
    elif _HEREDOC_WORD.match(args[-1].value):
        yield f"expected a path as the destination of {keyword}, found a heredoc", True


def _from_complaints(args: tuple[Word, ...]) -> Iterator[Complaint]:
    if len(args) == 3 and args[1].raw.lower() == "as":
        if not _STAGE_NAME.match(args[2].raw.lower()):
            yield f"expected a stage name (a letter, then letters, digits, - _ .), found {args[2].raw[:40]!r}", True
    elif len(args) != 1:
        found = " ".join(word.raw for word in args[:5])[:60]
        yield f"expected FROM image or FROM image AS name, found {found!r}", True


def _healthcheck_complaints(flags: tuple[Flag, ...], args: tuple[Word, ...]) -> Iterator[Complaint]:
    kind = args[0].value.upper()
    if kind == "NONE":
        if len(args) > 1:
            yield "expected nothing after HEALTHCHECK NONE, found arguments", True
        return
    if kind != "CMD":
        yield f"expected HEALTHCHECK NONE or HEALTHCHECK CMD, found {args[0].value[:40]!r}", True
    elif len(args) == 1:
        yield "expected a command after HEALTHCHECK CMD, found none", True
    for flag in flags:
        value = flag.value or ""
        if flag.name == "retries":
            if value and not (re.fullmatch(r"\+?\d{1,10}|-0+", value, re.ASCII) and int(value) < 1 << 31):
                yield f"expected --retries to be a number from 0, found {value[:20]!r}", True
        elif flag.name in _FLAGS["HEALTHCHECK"] and value and not is_duration(value):
            yield f"expected --{flag.name} to be a duration of at least 1ms such as 30s, found {value[:20]!r}", True


def is_duration(text: str) -> bool:
    """Whether `text` is a duration as Go writes them, zero or at least a millisecond."""
    if not _DURATION.match(text):
        return False
    total = sum(float(number) * _NANOSECONDS[unit] for number, unit in _DURATION_PART.findall(text[:64]))
    return total < 1 or (total >= 1e6 and not text.startswith("-"))


def _onbuild_complaints(trigger: str | None) -> Iterator[Complaint]:
    if trigger is None:
        yield "expected an instruction after ONBUILD, found none", True
    elif trigger in ("ONBUILD", "FROM", "MAINTAINER"):
        yield f"expected an instruction that ONBUILD can trigger, found {trigger}", True
    elif trigger not in KEYWORDS:
        yield f"expected a Dockerfile instruction after ONBUILD, found {trigger[:40]!r}", False


def _run_complaints(flags: tuple[Flag, ...]) -> Iterator[Complaint]:
    for flag in flags:
        value = flag.value or ""
        if flag.name == "network" and value not in ("default", "none", "host"):
            yield f"expected --network=default, none or host, found {value[:20]!r}", True
        elif flag.name == "security" and value not in ("sandbox", "insecure"):
            yield f"expected --security=sandbox or insecure, found {value[:20]!r}", True
        elif flag.name in ("mount", "device") and flag.value is not None:
            entries = csv_fields(value)
            if entries is None:
                yield f"expected comma-separated options in --{flag.name}, found nothing or a stray quote", True
            elif flag.name == "mount":
                yield from _mount_complaints(entries)


def _mount_complaints(entries: list[str]) -> Iterator[Complaint]:
    for entry in entries:
        name, _, value = entry.partition("=")
        if name.lower() == "from" and "$" in value[:-1]:
            yield "expected a stage or an image in --mount=from, found a variable, which is not expanded there", True
