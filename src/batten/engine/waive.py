"""Waivers: from the configuration, from comments beside the code, from Kubernetes annotations.

A comment `# batten: ignore[PRV001] reason until 2027-03-01` holds for its own line; standing alone it
holds for the block that the next line opens. `# batten: ignore-file[PRV001] reason` holds for the file.
An annotation `batten.dev/ignore.PRV001: reason until 2027-03-01` on an object or its pod template holds
for that object; `batten.dev/ignore.PRV001.app` for its container `app`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from batten.formats.text import TextDocument
from batten.model.objects import WaiverUse
from batten.model.settings import Settings, Waiver
from batten.model.source import File, Location, Unreadable
from batten.model.workload import Resource

ANNOTATION = "batten.dev/ignore."
_COMMENT = re.compile(
    r"(?:#|//|;)[ \t]*batten:[ \t]*(?P<verb>ignore-file|ignore)\[(?P<ids>[^\]\n]{1,200})\](?P<rest>[^\n]*)"
)
_UNTIL = re.compile(r"\buntil[ \t]+(\d{4}-\d{2}-\d{2})[ \t]*\Z")
_OWNER = re.compile(r"(?:^|[ \t])by[ \t]+(@?[\w.@/+-]+)[ \t]*\Z")


class ActiveWaiver(Struct, eq=False):
    """A waiver ready to be matched. Lines are those of `path` that it holds for (0, 0: not by line)."""

    waiver: Waiver
    path: str = ""
    first: int = 0
    last: int = 0
    resource: Resource | None = None
    file: File | None = None
    span: tuple[int, int] = (0, 0)
    expired: bool = False
    refused: str = ""
    matched: int = 0


def split_reason(text: str) -> tuple[str, str, str]:
    """`reason by owner until date` -> (reason, owner, date); what is missing is ""."""
    text = text.strip().removesuffix("-->").strip().lstrip(":-–— ").strip()
    expires = owner = ""
    if found := _UNTIL.search(text):
        expires, text = found[1], text[: found.start()].strip()
    if found := _OWNER.search(text):
        owner, text = found[1], text[: found.start()].strip()
    return text.rstrip(","), owner, expires


def inline_waivers(file: File) -> Iterator[ActiveWaiver]:
    """The waivers in the comments of a file."""
    if b"batten:" not in file.data:
        return
    try:
        text = file.text()
    except Unreadable:
        return
    lines = text.split("\n")
    for match in _COMMENT.finditer(text):
        number = text.count("\n", 0, match.start("ids")) + 1
        reason, owner, expires = split_reason(match["rest"])
        alone = not lines[number - 1].lstrip(" \t\ufeff")[:1].strip("#;/")
        if match["verb"] == "ignore-file":
            first, last = 1, len(lines)
        elif alone:
            first, last = block_after(lines, number)
        else:
            first, last = number, number
        for identifier in match["ids"].split(","):
            yield ActiveWaiver(
                Waiver(
                    check=identifier.strip(),
                    reason=reason,
                    owner=owner,
                    expires=expires or None,
                    path=file.path,
                    where=f"{file.path}:{number}",
                ),
                path=file.path,
                first=first,
                last=last,
                file=file,
                span=(match.start("ids") - 7, match.end()),
            )


def block_after(lines: list[str], number: int) -> tuple[int, int]:
    """Lines (from 1) of the block that begins after line `number`: what is indented deeper belongs to it,
    and in line-oriented formats what a trailing backslash continues."""
    start = number
    while start < len(lines) and (not lines[start].strip() or lines[start].lstrip().startswith(("#", "//", ";"))):
        start += 1
    if start >= len(lines):
        return number, number
    indent = _indent(lines[start])
    end = start
    while end + 1 < len(lines):
        following = lines[end + 1]
        continued = lines[end].rstrip().endswith("\\")
        if following.strip() and _indent(following) <= indent and not continued:
            break
        end += 1
    return start + 1, end + 1


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" \t"))


def annotation_waivers(nouns: Iterable[Any]) -> Iterator[ActiveWaiver]:
    """The waivers in the annotations of Kubernetes objects and their pod templates."""
    seen: set[tuple[Any, ...]] = set()
    for noun in nouns:
        for key, value in noun.annotations.items():
            if not key.startswith(ANNOTATION):
                continue
            identifier, _, container = key.removeprefix(ANNOTATION).partition(".")
            resource = noun.resource
            mark = (noun.document.file.path, resource, noun.pointer[:1], key)
            if mark in seen:
                continue
            seen.add(mark)
            reason, owner, expires = split_reason(value)
            yield ActiveWaiver(
                Waiver(
                    check=identifier,
                    reason=reason,
                    owner=owner,
                    expires=expires or None,
                    container=container,
                    where=f"{noun.document.file.path}: annotation {key}",
                ),
                path=noun.document.file.path,
                resource=resource,
                file=noun.document.file,
            )


class Waivers:
    """All waivers of a scan, indexed by check; remembers which of them matched."""

    def __init__(
        self, waivers: Iterable[ActiveWaiver], settings: Settings, today: str, waivable: dict[str, bool]
    ) -> None:
        self.all = list(waivers)
        self._by_check: dict[str, list[ActiveWaiver]] = {}
        for active in self.all:
            waiver = active.waiver
            active.expired = bool(waiver.expires) and str(waiver.expires) < today
            if not waiver.reason:
                active.refused = "it gives no reason"
            elif waivable.get(waiver.check) is False or any(
                waiver.check.startswith(word) for word in settings.non_waivable
            ):
                active.refused = f"{waiver.check} may not be waived"
            self._by_check.setdefault(waiver.check, []).append(active)

    def match(
        self, check: str, resource: Resource | None, location: Location, subject: str, path: str
    ) -> ActiveWaiver | None:
        """The first valid waiver of this finding; the expired and refused ones that would are counted.

        `path` is relative to the target, `location.path` as shown; a waiver's glob may speak of either.
        """
        chosen = None
        for active in self._by_check.get(check, ()):
            if _covers(active, resource, location, subject, path):
                active.matched += 1
                if chosen is None and not active.expired and not active.refused:
                    chosen = active
        return chosen

    def uses(self) -> list[WaiverUse]:
        """Each waiver as a noun, for the checks on waivers."""
        return [_use(active) for active in self.all]


def _covers(active: ActiveWaiver, resource: Resource | None, location: Location, subject: str, path: str) -> bool:
    waiver = active.waiver
    if active.first and not (active.path == path and active.first <= location.line <= active.last):
        return False
    if active.resource is not None:
        bare = (active.resource.platform, active.resource.kind, active.resource.namespace, active.resource.name)
        if resource is None or bare != (resource.platform, resource.kind, resource.namespace, resource.name):
            return False
        if active.path != path:
            return False
    elif not active.first and waiver.path and not any(fnmatchcase(one, waiver.path) for one in (path, location.path)):
        return False
    if waiver.container and (resource is None or not fnmatchcase(resource.container, waiver.container)):
        return False
    if waiver.subject and not fnmatchcase(subject, waiver.subject):
        return False
    return not waiver.resource or (resource is not None and _names(waiver.resource, resource))


def _names(pattern: str, resource: Resource) -> bool:
    """`name`, `namespace/name`, `kind/name` or `kind/namespace/name`, each a glob."""
    spoken = (
        resource.name,
        f"{resource.namespace}/{resource.name}",
        f"{resource.kind}/{resource.name}",
        f"{resource.kind}/{resource.namespace}/{resource.name}",
    )
    return any(fnmatchcase(one, pattern) for one in spoken)


def _use(active: ActiveWaiver) -> WaiverUse:
    waiver = active.waiver
    path = active.file.path if active.file is not None else waiver.where.partition(":")[0]
    document = TextDocument(active.file if active.file is not None else File(path, b""))
    return WaiverUse(
        document=document,
        pointer=active.span if active.span != (0, 0) else (),
        resource=active.resource
        or Resource("batten", "Waiver", f"{waiver.check} in {waiver.where or 'the configuration'}"),
        scope=".",
        name=waiver.check,
        reason=waiver.reason,
        owner=waiver.owner,
        expires=waiver.expires or "",
        expired=active.expired,
        refused=active.refused,
        matched=active.matched,
    )
