"""Secrets in the steps of an image's history: what a builder wrote of a Dockerfile, quotes and newlines gone.

Two questions with two answers: `secrets_in` says what is surely enough a secret to be reported, `masked` gives the
step as it may be shown, where a word too much that is hidden costs nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from batten.detect import secrets
from batten.detect.secret_names import name_kind
from batten.pattern import pattern

_MASK: Final = "…"
# BuildKit: `ENV A=1 B=two words`, `RUN |2 A=1 B=2 /bin/sh -c make # buildkit`; before it, `/bin/sh -c #(nop)  ENV A=1`
_SETTING: Final = pattern(r"^(?:/bin/sh -c #\(nop\)\s{1,8})?(?:ENV|ARG|LABEL)\s{1,8}")
_ARGUMENTS: Final = pattern(r"^(?:RUN )?\|\d{1,6}\s{1,8}")
_COMMAND: Final = pattern(r"\s(?:/[\w./-]{1,200}|cmd|powershell|pwsh)\s+[-/]")
# Values of settings stand without their quotes: they end where the next name begins.
_NAME: Final = pattern(r"(?:^|\s)([A-Za-z_][\w.-]{0,79})=")
# `NAME=value` inside of a command
_ASSIGNMENT: Final = pattern(r"""(?:^|\s)([A-Za-z_]\w{0,79})=("[^"]{0,4096}"|'[^']{0,4096}'|[^\s"']{1,4096})""")
# What programs take as a password, however it looks: curl, HTTP headers, sshpass, mysql, docker login, chpasswd, flags
_GIVEN: Final = tuple(
    pattern(expression, re.IGNORECASE)
    for expression in (
        r"(?:\s-u|\s--user|\s--proxy-user)[ =]?[\"']?[^\s\"':]{1,200}:([^\s\"']{1,4096})",
        r"\bauthorization\s{0,4}:\s{0,4}(?:(?:basic|bearer|token|digest)\s{1,4})?([^\s\"']{1,4096})",
        r"\b(?:x-[a-z-]{0,40}(?:key|token)|private-token|job-token|cookie)\s{0,4}:\s{0,4}([^\s\"']{1,4096})",
        r"\bsshpass\s{1,4}-p\s{0,4}[\"']?([^\s\"']{1,4096})",
        r"\b(?:mysql|mysqldump|mysqladmin|mariadb)\s(?:[^;&|]{0,400}?\s)?-p[\"']?([^\s\"']{1,4096})",
        r"\blogin\s(?:[^;&|]{0,400}?\s)?-p[ =]?[\"']?([^\s\"']{1,4096})",
        r"\becho\s{1,4}(?:-n\s{1,4})?[\"']?([^|\"']{1,400}?)[\"']?\s{0,4}\|\s{0,4}[\w/ ]{0,40}?(?:ch)?passwd\b",
        r"(?:password|passwd|secret|token|api_?key|access_key)[\"']?\s{0,4}[=:]\s{0,4}[\"']?([^\s\"'|&;$]{1,4096})",
        r"(?:password|passwd|secret|token|api_?key|access_key)\s{1,4}([^\s\"'|&;<>=$-][^\s\"']{3,4095})",
    )
)


def secrets_in(step: str) -> list[tuple[str, int, int, secrets.Hit]]:
    """The secrets in one step of a history: the name that it is assigned to ("" where there is none), where it
    begins and ends; assignments are judged by their names, anything else by its form."""
    found: list[tuple[str, int, int, secrets.Hit]] = []
    for name, start, end in _assignments(step):
        hit = secrets.judge_assignment(name, step[start:end].strip("\"'"))
        if hit is not None:
            found.append((name, start, end, hit))
    for hit in secrets.find(step):
        if not any(start < hit.end and hit.start < end for _, start, end, _ in found):
            found.append(("", hit.start, hit.end, hit))
    return found


@lru_cache(maxsize=128)
def masked(step: str) -> str:
    """`step` as it may stand in a report: without secrets, without values under the name of one, and without what
    programs are given as a password."""
    spans = [(start, end) for _, start, end, _ in secrets_in(step)]
    spans += [(start, end) for name, start, end in _assignments(step) if name_kind(name) is not None]
    for expression in _GIVEN:
        spans += [match.span(1) for match in expression.finditer(step)]
    if not spans:
        return step
    parts: list[str] = []
    position = 0
    for start, end in sorted(spans):
        if start >= position and start < end:
            parts += (step[position:start], _MASK)
        position = max(position, end)
    return "".join(parts) + step[position:]


def _assignments(step: str) -> Iterator[tuple[str, int, int]]:
    """(name, start, end) of every value that is set, its quotes counted in."""
    start = 0
    arguments = _ARGUMENTS.match(step)
    setting = arguments or _SETTING.match(step)
    if setting is not None:
        command = _COMMAND.search(step, setting.end()) if arguments else None
        start = command.start() if command else len(step)
        names = list(_NAME.finditer(step, setting.end() - 1, start))
        ends = [*(name.start() for name in names[1:]), start]
        for name, end in zip(names, ends, strict=False):
            value = step[name.end() : end].rstrip()
            if value:
                yield name[1], name.end(), name.end() + len(value)
    for one in _ASSIGNMENT.finditer(step, start):
        yield one[1], *one.span(2)
