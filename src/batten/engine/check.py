"""The check decorator and the registry of checks.

A check is a function from a noun to a verdict. Its facts stand in the decorator, its reasons in the
docstring; documentation, SARIF rules and `batten explain` are made from both (see `explanation`).
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Literal

from msgspec import Struct

from batten.model.inventory import Inventory
from batten.model.settings import Persona, Settings
from batten.model.verdict import Severity, Verdict

ROOMS = {
    "IMG": (1, "images"),
    "PRV": (2, "privileges"),
    "ACC": (3, "access"),
    "RUN": (4, "runtime"),
    "NET": (5, "network"),
    "VUL": (6, "vulnerabilities"),
    "AUD": (7, "audit"),
    "SUR": (8, "surface"),
    "PAT": (9, "patching"),
    "CLD": (10, "cloud"),
}
STRATEGIES = tuple(name for _, name in ROOMS.values())
DEPLOYED = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet", "dockerfile")
"""The platforms that containers and workloads are described on."""
_OF_NOUN = {"BuildFile": ("dockerfile",), "Image": ("image",), "SecretText": ("file",), "WaiverUse": ("batten",)}


class Context(Struct, frozen=True):
    """What a check may look at besides its noun. It reads no file, no network, no clock."""

    inventory: Inventory
    settings: Settings
    as_of: str
    """Date `YYYY-MM-DD` that ages are judged at."""


class Check(Struct, frozen=True, eq=False):
    """One check as it was declared."""

    id: str
    title: str
    severity: Severity
    function: Callable[..., Verdict]
    noun: type
    wants_context: bool
    platforms: tuple[str, ...]
    """Platforms that can express what it looks at; empty: it does not depend on the platform."""
    persona: Persona
    group: str
    exposure: bool
    waivable: bool
    secret: bool
    """Its place is a secret: reports never show the text there."""
    masked_by: tuple[str, ...] = ()
    """Checks that say it all where they fail on the same resource: this one does not apply there then."""
    number: int = 0
    """The strategy of a rule of the user's own, whose identifier names no room; 0: the room says it."""
    controls: tuple[tuple[str, str], ...] = ()
    """(framework, control) that a rule of the user's own answers; for the others the frameworks' tables say it."""

    @property
    def strategy(self) -> int:
        return self.number or ROOMS[self.id[:3]][0]


def platforms_of(check: Check) -> tuple[str, ...]:
    """Every platform that a resource of its findings may have, as reports name it."""
    return check.platforms or _OF_NOUN.get(check.noun.__name__, DEPLOYED)


class Explanation(Struct, frozen=True):
    """A check's docstring, taken apart."""

    summary: str
    """What it means and why it matters; paragraphs separated by blank lines."""
    fixes: dict[str, str]
    """platform -> how to fix it there; key `all` holds everywhere else."""
    references: tuple[str, ...]


_registry: dict[str, Check] = {}


def check(
    identifier: str,
    title: str,
    *,
    severity: Severity,
    platforms: tuple[str, ...] = (),
    persona: Persona = "regular",
    group: str = "",
    exposure: bool = False,
    waivable: bool = True,
    secret: bool = False,
    masked_by: tuple[str, ...] = (),
) -> Callable[[Callable[..., Verdict]], Callable[..., Verdict]]:
    """Declare a check. Its first parameter's annotation names the noun that it runs on; with a second
    parameter it is given the `Context`. `exposure`: the severity rises by one step where the workload
    can be reached from outside. `group`: failures on one container that share a root cause.
    `secret`: the place that it blames holds a secret, which no report may show. `masked_by`: checks that say
    it all where they fail on the same resource, so that this one returns `NOT_APPLICABLE` there; what
    comes to light when they are mended is told as uncovered, not as new.
    """

    def declare(function: Callable[..., Verdict]) -> Callable[..., Verdict]:
        if identifier in _registry:
            raise ValueError(f"check {identifier} is declared twice")
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        annotation = function.__annotations__[names[0]]
        noun = vars(sys.modules[function.__module__])[annotation] if isinstance(annotation, str) else annotation
        _registry[identifier] = Check(
            identifier,
            title,
            severity,
            function,
            noun,
            len(names) > 1,
            platforms,
            persona,
            group,
            exposure,
            waivable,
            secret,
            masked_by,
        )
        return function

    return declare


def registered() -> dict[str, Check]:
    """The checks declared so far, by identifier (see `batten.engine.rooms.all_checks` for all of them)."""
    return _registry


def explanation(declared: Check) -> Explanation:
    """The docstring of a check in parts.

    The docstring begins with paragraphs; a line `Fix:` opens an indented list `platform: text` (long
    texts go on in deeper-indented lines), a line `References:` an indented list of addresses.
    """
    lines = [line.strip() if not line.strip() else line for line in (declared.function.__doc__ or "").splitlines()]
    margin = min((len(line) - len(line.lstrip()) for line in lines[1:] if line), default=0)
    section = "summary"
    summary: list[str] = []
    fixes: dict[str, str] = {}
    references: list[str] = []
    last = ""
    for index, raw in enumerate(lines):
        line = raw if index == 0 else raw[margin:]
        if line in ("Fix:", "References:"):
            section = line[:-1].lower()
        elif section == "summary":
            summary.append(line.strip())
        elif section == "references" and line.strip():
            references.append(line.strip())
        elif section == "fix" and line.strip():
            depth = len(line) - len(line.lstrip())
            platform, colon, text = line.strip().partition(":")
            if depth <= 4 and colon and " " not in platform:
                last = platform
                fixes[last] = text.strip()
            elif last:
                fixes[last] += " " + line.strip()
    paragraphs = "\n".join(summary).strip()
    return Explanation(paragraphs, fixes, tuple(references))


Word = Literal["critical", "high", "medium", "low", "info"]


def severity_of(word: str) -> Severity:
    """The severity of that name; raises `KeyError`."""
    return Severity[word.upper()]


def as_list(verdict: Verdict) -> list[Any]:
    """The failures of a verdict."""
    if isinstance(verdict, list):
        return verdict
    return [] if not isinstance(verdict, Struct) else [verdict]
