"""Ignores of other tools, turned into waivers that a person completes.

Read are: `# checkov:skip=ID:reason`, `# trivy:ignore:ID`, `# hadolint ignore=ID,ID` and
`# hadolint global ignore=ID` in comments; `checkov.io/skipN: ID=reason` and
`ignore-check.kube-linter.io/NAME: reason` in the annotations of Kubernetes objects; `.trivyignore` at the
root of the target. What an ignore covers is looked up among the findings of a scan, so that a waiver
names the very resource and never more than the ignore did.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator
from typing import Any

from msgspec import Struct

from batten.engine.judge import Judged
from batten.engine.peer_ids import TABLES
from batten.engine.scan import Scan, annotated
from batten.engine.waive_inline import block_after
from batten.model.settings import Waiver
from batten.model.source import File, Unreadable
from batten.model.workload import Resource

_COMMENTS = (
    ("checkov", re.compile(r"(?:#|//)[ \t]*checkov:skip=(?P<ids>[A-Za-z0-9_]{3,40})(?::(?P<reason>[^\n]*))?")),
    ("trivy", re.compile(r"(?:#|//)[ \t]*(?:trivy|tfsec):ignore:(?P<ids>[A-Za-z0-9_-]{3,40})(?P<reason>)")),
    (
        "hadolint",
        re.compile(
            r"#[ \t]*hadolint[ \t]+(?P<whole>global[ \t]+)?ignore="
            r"(?P<ids>[A-Z0-9]{3,8}(?:[ \t]*,[ \t]*[A-Z0-9]{3,8}){0,99})(?P<reason>[^\n]*)"
        ),
    ),
)
_TRIVY_ID = re.compile(r"(?:AVD-)?([A-Z]{2,5})-?(\d{3,4})\Z")
_TRIVY_LINE = re.compile(r"(?P<id>[^\s#]{3,80})(?:[ \t]+exp:(?P<expires>\d{4}-\d{2}-\d{2}))?[^\n]*\Z")
_FLAW = re.compile(r"(?:CVE-\d{4}-\d{4,}|GHSA(?:-[0-9a-z]{4}){3})\Z", re.IGNORECASE)
_PLATFORMS = (
    ("CKV_DOCKER", "dockerfile"), ("DS", "dockerfile"), ("AVD-DS", "dockerfile"),
    ("CKV_K8S", "kubernetes"), ("CKV2_K8S", "kubernetes"), ("KSV", "kubernetes"), ("AVD-KSV", "kubernetes"),
)  # fmt: skip
"""What the first letters of an identifier say that its check looks at."""
_OF_TOOL = {"hadolint": "dockerfile", "kube-linter": "kubernetes"}
_KUBE_LINTER = "ignore-check.kube-linter.io/"
_CHECKOV = "checkov.io/skip"
_TRIVYIGNORE = ".trivyignore"


class Ignore(Struct, frozen=True, kw_only=True):
    """One identifier that some file tells another tool to pass over.

    `path` is relative to the target. `first` and `last` are the lines that it holds for (0, 0: all of the
    file); `resource` the object that carries the annotation; with neither and no `path`, it holds for
    everything in the target.
    """

    tool: str
    identifier: str
    reason: str = ""
    expires: str = ""
    written: str
    """Where it was found, for the person: `web/Dockerfile:3`."""
    path: str = ""
    first: int = 0
    last: int = 0
    resource: Resource | None = None


class Import(Struct, frozen=True):
    """`waivers`: each with the ignore that it comes from. `left`: ignores without one, and why."""

    waivers: list[tuple[Ignore, Waiver]]
    left: list[tuple[Ignore, str]]


def find(scan: Scan) -> list[Ignore]:
    """Every ignore of another tool in the files of a scan, in the order of the files."""
    found: list[Ignore] = []
    for reading in scan.readings:
        listed = reading.opened.files.get(_TRIVYIGNORE)
        if listed is not None:
            found += in_trivyignore(listed)
        for one in reading.files.values():
            found += in_comments(one.file)
    return found + list(in_annotations(annotated(scan.inventory)))


def in_comments(file: File) -> Iterator[Ignore]:
    """The ignores in the comments of one file."""
    if b"checkov:skip" not in file.data and b":ignore:" not in file.data and b"hadolint" not in file.data:
        return
    try:
        text = file.text()
    except Unreadable:
        return
    lines = text.split("\n")
    dockerfile = any(word in file.name.lower() for word in ("dockerfile", "containerfile"))
    for number, line in enumerate(lines, 1):
        for tool, pattern in _COMMENTS:
            for match in pattern.finditer(line):
                # Checkov knows no lines of a Dockerfile: a comment anywhere in it holds for all of it
                whole = (tool == "checkov" and dockerfile) or bool(match.groupdict().get("whole"))
                alone = not line[: match.start()].strip(" \t\ufeff")
                first, last = (0, 0) if whole else block_after(lines, number) if alone else (number, number)
                reason = match["reason"] or ""
                for identifier in match["ids"].split(","):
                    yield Ignore(
                        tool=tool,
                        identifier=identifier.strip(),
                        reason=reason.strip().lstrip("#:;,-– ").strip(),
                        written=f"{file.path}:{number}",
                        path=file.path,
                        first=first,
                        last=last,
                    )


def in_trivyignore(file: File) -> Iterator[Ignore]:
    """The rows of a `.trivyignore`; a comment above a row is taken for its reason."""
    try:
        lines = file.text().removeprefix("\ufeff").split("\n")
    except Unreadable:
        return
    reason = ""
    for number, raw in enumerate(lines, 1):
        line = raw.strip()
        if line.startswith("#"):
            reason = line.lstrip("# ").strip()
        elif match := _TRIVY_LINE.match(line):
            yield Ignore(
                tool="trivy",
                identifier=match["id"],
                reason=reason,
                expires=match["expires"] or "",
                written=f"{file.path}:{number}",
            )
        else:
            reason = ""


def in_annotations(nouns: Iterable[Any]) -> Iterator[Ignore]:
    """The ignores in the annotations of Kubernetes objects."""
    for noun in nouns:
        path = noun.document.file.path
        for key, value in noun.annotations.items():
            tool = identifier = reason = ""
            if key.startswith(_CHECKOV):
                tool, (identifier, _, reason) = "checkov", value.partition("=")
            elif key.startswith(_KUBE_LINTER):
                tool, identifier, reason = "kube-linter", key.removeprefix(_KUBE_LINTER), value
            if tool:
                yield Ignore(
                    tool=tool,
                    identifier=identifier.strip()[:80],
                    reason=reason.strip(),
                    written=f"{path}: annotation {key}",
                    path=path,
                    resource=noun.resource,
                )


def checks_for(ignore: Ignore) -> tuple[str, ...]:
    """Our checks for what the other tool passes over; () where there is none that is surely the same."""
    identifier = ignore.identifier
    if ignore.tool == "trivy" and (match := _TRIVY_ID.match(identifier.upper())):
        identifier = f"{match[1]}-{int(match[2]):04d}"
    return TABLES[ignore.tool].get(identifier, ())


def waivers(ignores: Iterable[Ignore], judged: Iterable[Judged], owner: str = "") -> Import:
    """A waiver for every finding that an ignore covers, the same one once."""
    by_check: dict[str, list[Judged]] = {}
    for one in judged:
        by_check.setdefault(one.finding.check, []).append(one)
    rows: dict[tuple[str, ...], tuple[Ignore, Waiver]] = {}
    left: list[tuple[Ignore, str]] = []
    for ignore in ignores:
        if _FLAW.match(ignore.identifier):
            # a vulnerability is waived by its own name, whether this scan knows of it or not
            path = glob.escape(ignore.path)
            name, expires = ignore.identifier.upper(), ignore.expires or None
            if name.startswith("GHSA"):
                name = "GHSA" + ignore.identifier[4:].lower()
            flaw = Waiver(check=name, reason=ignore.reason, owner=owner, expires=expires, path=path)
            rows.setdefault((flaw.check, flaw.path), (ignore, flaw))
            continue
        checks = checks_for(ignore)
        if not checks:
            left.append((ignore, "no check of batten is surely the same"))
            continue
        covered = [one for check in checks for one in by_check.get(check, ()) if _covers(ignore, one)]
        for one in covered:
            waiver = _waiver(ignore, one, owner)
            key = (waiver.check, waiver.path, waiver.resource, waiver.container, waiver.subject)
            if key not in rows or (waiver.reason and not rows[key][1].reason):
                rows[key] = (ignore, waiver)
        if not covered:
            left.append((ignore, f"{' and '.join(checks)} find{'s' if len(checks) == 1 else ''} nothing there"))
    return Import(list(rows.values()), left)


def _covers(ignore: Ignore, one: Judged) -> bool:
    resource = one.finding.resource
    platforms = [platform for prefix, platform in _PLATFORMS if ignore.identifier.upper().startswith(prefix)]
    platforms += [_OF_TOOL[ignore.tool]] if ignore.tool in _OF_TOOL else []
    if platforms and resource is not None and resource.platform not in platforms:
        return False
    if ignore.path and ignore.path != one.file.path:
        return False
    if ignore.first and not ignore.first <= one.finding.location.line <= ignore.last:
        return False
    if ignore.resource is None:
        return True
    found = one.finding.resource
    mine = ignore.resource
    return found is not None and (mine.kind, mine.namespace, mine.name) == (found.kind, found.namespace, found.name)


def _waiver(ignore: Ignore, one: Judged, owner: str) -> Waiver:
    resource = one.finding.resource
    name = container = ""
    if resource is not None:
        parts = [resource.kind, resource.namespace, resource.name]
        name = glob.escape("/".join(part for part in parts if part))
        container = glob.escape(resource.container)
    return Waiver(
        check=one.finding.check,
        reason=ignore.reason,
        owner=owner,
        expires=ignore.expires or None,
        path=glob.escape(one.file.path),
        resource=name,
        container=container,
        subject=glob.escape(one.failure.subject) if ignore.first else "",
    )


def tables(imported: Import) -> str:
    """The waivers as TOML. One without a reason or an owner is commented out: it must not hold before a
    person has said why and who."""
    lines: list[str] = []
    for ignore, waiver in imported.waivers:
        complete = bool(waiver.reason.strip() and waiver.owner.strip())
        mark = "" if complete else "# "
        lines.append(f"# {ignore.tool} {_plain(ignore.identifier)}, {_plain(ignore.written)}")
        if not complete:
            missing = " and ".join(name for name in ("reason", "owner") if not getattr(waiver, name).strip())
            lines.append(f"# give {missing}, then take the # away:")
        lines.append(f"{mark}[[waiver]]")
        for name in ("check", "reason", "owner", "expires", "path", "resource", "container", "subject"):
            value = getattr(waiver, name)
            if value or name in ("reason", "owner"):
                lines.append(f"{mark}{name} = {toml_string(value or '')}")
        lines.append("")
    if imported.left:
        lines.append("# Ignores without a waiver:")
        for ignore, why in imported.left:
            lines.append(f"#   {ignore.tool} {_plain(ignore.identifier)}, {_plain(ignore.written)}: {why}")
        lines.append("")
    return "\n".join(lines)


def toml_string(text: str) -> str:
    """A TOML basic string: what must be escaped there is."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{_scalar(char):08x}" for char in escaped) + '"'


def _scalar(char: str) -> int:
    code = ord(char)
    return 0xFFFD if 0xD800 <= code < 0xE000 else code


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]
