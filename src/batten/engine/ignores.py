"""Ignores of other tools, turned into waivers that a person completes.

Read are: `# checkov:skip=ID:reason`, `# trivy:ignore:ID`, `# hadolint ignore=ID,ID` and
`# hadolint global ignore=ID` in comments; `checkov.io/skipN: ID=reason`,
`ignore-check.kube-linter.io/NAME: reason` and `kube-linter.io/ignore-all: reason` in the annotations of
Kubernetes objects; `.trivyignore`, and the configuration files of `batten.engine.peer_configs`. What an
ignore covers is looked up among the findings of a scan, so that a waiver names the very resource and
never more than the ignore did.
"""

from __future__ import annotations

import glob
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from batten.engine import peer_configs
from batten.engine.judge import Judged
from batten.engine.peer_ids import TABLES
from batten.engine.peer_ignore import Ignore
from batten.engine.scan import Scan, annotated
from batten.engine.waive_inline import block_after
from batten.formats.comments import comments
from batten.model.settings import Waiver
from batten.model.source import File, Unreadable

_COMMENTS = (
    (
        "checkov",
        re.compile(
            r"(?:#|//)[ \t]*(?:checkov|bridgecrew):skip=[ \t]*"
            r"(?P<ids>[A-Za-z0-9_]{3,40}(?:[ \t]*,[ \t]*[A-Z0-9]{2,8}_[A-Za-z0-9_]{3,40}){0,99})"
            r"(?::(?P<reason>[^\n]*))?"
        ),
    ),
    (
        "trivy",
        re.compile(
            r"(?:#|//|[ \t])[ \t]*(?:trivy|tfsec):ignore:(?P<ids>[A-Za-z0-9_-]{3,40})"
            r"(?::exp:(?P<expires>\d{4}-\d{2}-\d{2}))?(?P<reason>)"
        ),
    ),
    (
        "hadolint",
        re.compile(
            r"#[ \t]*hadolint[ \t]+(?P<whole>global[ \t]+)?ignore[ \t]*=[ \t]*"
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
_OF_TOOL = {"hadolint": "dockerfile", "kube-linter": "kubernetes", "kubescape": "kubernetes"}
_KUBE_LINTER = "ignore-check.kube-linter.io/"
_IGNORE_ALL = "kube-linter.io/ignore-all"
_CHECKOV = ("checkov.io/skip", "bridgecrew.io/skip")
_SEPARATOR = re.compile(r"---(?:[ \t]|\Z)")
_CROSSINGS = 4  # `**` in a glob that is followed
_DOUBLE_STAR = re.compile(r"\*\*/|\*\*|\*|\?|[^*?]+")
_TRIVYIGNORE = ".trivyignore"


class Import(Struct, frozen=True):
    """`waivers`: each with the ignore that it comes from. `left`: ignores without one, and why. `passed_over`: (file,
    why) of what is not read; `registries`: (registry that may be used, where that is written)."""

    waivers: list[tuple[Ignore, Waiver]]
    left: list[tuple[Ignore, str]]
    passed_over: list[tuple[str, str]] = []
    registries: list[tuple[str, str]] = []


def import_from(scan: Scan, owner: str = "") -> Import:
    """All that other tools are told to pass over in the targets of a scan, as waivers of what it found."""
    configured = [(one, peer_configs.find(one.opened.files, list(one.files))) for one in scan.readings]
    found = find(scan)
    found += [replace(ignore, target=one.id) for one, said in configured for ignore in said.ignores]
    imported = waivers(found, scan.judged, owner, scan.settings.as_of or scan.report.started[:10])
    return replace(
        imported,
        passed_over=[(one.opened.shown(path), why) for one, said in configured for path, why in said.passed_over],
        registries=[row for _, said in configured for row in said.registries],
    )


def find(scan: Scan) -> list[Ignore]:
    """Every ignore of another tool in the files of a scan, in the order of the files."""
    found: list[Ignore] = []
    for reading in scan.readings:
        here: list[Ignore] = []
        listed = reading.opened.files.get(_TRIVYIGNORE)
        if listed is not None:
            here += in_trivyignore(listed)
        for one in reading.files.values():
            here += in_comments(one.file, one.reader)
        found += [replace(ignore, target=reading.id) for ignore in here]
    return found + list(in_annotations(annotated(scan.inventory)))


def in_comments(file: File, reader: str = "") -> Iterator[Ignore]:
    """The ignores in the comments of one file, not those in its strings; `reader` as in `comments`."""
    if not any(mark in file.data for mark in (b"checkov:skip", b"bridgecrew:skip", b":ignore:", b"hadolint")):
        return
    try:
        text = file.text()
    except Unreadable:
        return
    lines = text.split("\n")
    dockerfile = any(word in file.name.lower() for word in ("dockerfile", "containerfile"))
    spans = list(comments(file, text, reader))
    begins = [0, *accumulate(len(line) + 1 for line in lines)]
    for number, line in enumerate(lines, 1):
        for tool, pattern in _COMMENTS:
            for match in pattern.finditer(line):
                if not _stands_in(spans, begins[number - 1] + match.end() - 1):
                    continue
                # Checkov knows no lines of a Dockerfile: a comment anywhere in it holds for all of it
                whole = (tool == "checkov" and dockerfile) or bool(match.groupdict().get("whole"))
                alone = not line[: match.start()].strip(" \t\ufeff")
                first, last = block_after(lines, number) if alone else (number, number)
                if whole:
                    first, last = 0, 0
                elif tool == "checkov":
                    # it skips a check of a resource, wherever in it the comment stands
                    first, last = _document(lines, number)
                reason = match["reason"] or ""
                for identifier in match["ids"].split(","):
                    yield Ignore(
                        tool=tool,
                        identifier=identifier.strip(),
                        reason=reason.strip().lstrip("#:;,-– ").strip(),
                        expires=match.groupdict().get("expires") or "",
                        written=f"{file.path}:{number}",
                        path=file.path,
                        first=first,
                        last=last,
                        block=tool == "checkov",
                    )


def _stands_in(spans: list[tuple[int, int]], position: int) -> bool:
    """Whether one of the spans, which are in order, holds the position."""
    at = bisect_right(spans, position, key=lambda span: span[0]) - 1
    return at >= 0 and position < spans[at][1]


def _document(lines: list[str], number: int) -> tuple[int, int]:
    """First and last line of the YAML document that line `number` stands in; of the one that follows, where it
    stands alone before a separator."""
    marks = [0, *(at for at, line in enumerate(lines, 1) if _SEPARATOR.match(line)), len(lines) + 1]
    for first, last in pairwise(marks):
        if last < number:
            continue
        written = (line.strip() for line in lines[first : last - 1])
        if last == len(lines) + 1 or any(line and not line.startswith(("#", "%")) for line in written):
            return first + 1, last - 1
    return 1, len(lines)


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
            if any(mark in key for mark in _CHECKOV):
                tool, (identifier, _, reason) = "checkov", value.partition("=")
            elif key == _IGNORE_ALL:
                tool, identifier, reason = "kube-linter", "ignore-all", value
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
    table = TABLES[ignore.tool]
    if ignore.tool == "checkov" and "*" in identifier:
        return _all_of(row for name, row in table.items() if fnmatchcase(name, identifier))
    if ignore.tool == "kube-linter" and identifier == "ignore-all":
        return _all_of(table.values())
    return table.get(identifier, ())


def _all_of(rows: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(check for row in rows for check in row))


def waivers(ignores: Iterable[Ignore], judged: Iterable[Judged], owner: str = "", today: str = "") -> Import:
    """A waiver for every finding that an ignore covers, the same one once. `today`: what expired before it is left."""
    by_check: dict[str, list[Judged]] = {}
    for one in judged:
        by_check.setdefault(one.finding.check, []).append(one)
    rows: dict[tuple[str, ...], tuple[Ignore, Waiver]] = {}
    left: list[tuple[Ignore, str]] = []
    for ignore in ignores:
        if why := _cannot_follow(ignore, today):
            left.append((ignore, why))
            continue
        if _FLAW.match(ignore.identifier):
            # a vulnerability is waived by its own name, whether this scan knows of it or not
            path = glob.escape(ignore.path or (_below(ignore, ignore.globs[0]) if ignore.globs else ""))
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
            named = " and ".join(checks[:3]) if len(checks) < 4 else f"{len(checks)} checks"
            left.append((ignore, f"{named} find{'s' if len(checks) == 1 else ''} nothing there"))
    return Import(list(rows.values()), left)


def _cannot_follow(ignore: Ignore, today: str) -> str:
    """Why no waiver is made of an ignore, whatever was found; "" where one is."""
    if ignore.expires and today and ignore.expires < today:
        return f"it expired on {ignore.expires}"
    if ignore.not_followed:
        return ignore.not_followed
    # with many `**` a path can be matched in more ways than there is time for
    odd = [one for one in ignore.globs if any(mark in one for mark in "{}[]\\") or one.count("**") > _CROSSINGS]
    if odd:
        return f"its path {odd[0][:80]!r} is not followed"
    if _FLAW.match(ignore.identifier):
        if ignore.packages:
            return "it holds for some packages alone, which a waiver does not name"
        if len(ignore.globs) > 1 or any("*" in one or "?" in one for one in ignore.globs):
            return "it holds for some paths alone; write a waiver with the path"
    return ""


def _below(ignore: Ignore, path: str) -> str:
    return f"{ignore.folder}/{path}" if ignore.folder else path


def _covers(ignore: Ignore, one: Judged) -> bool:
    resource = one.finding.resource
    platforms = [platform for prefix, platform in _PLATFORMS if ignore.identifier.upper().startswith(prefix)]
    platforms += [_OF_TOOL[ignore.tool]] if ignore.tool in _OF_TOOL else []
    if platforms and resource is not None and resource.platform not in platforms:
        return False
    if ignore.target and ignore.target != one.finding.target:
        return False
    if ignore.path and ignore.path != one.file.path:
        return False
    if ignore.folder and not one.file.path.startswith(f"{ignore.folder}/"):
        return False
    if ignore.globs:
        path = one.file.path[len(ignore.folder) + 1 if ignore.folder else 0 :]
        if not any(_expression(pattern).fullmatch(path) for pattern in ignore.globs):
            return False
    if ignore.named is not None and (resource is None or not ignore.named.covers(resource)):
        return False
    if ignore.first and not ignore.first <= one.finding.location.line <= ignore.last:
        return False
    if ignore.resource is None:
        return True
    found = one.finding.resource
    mine = ignore.resource
    return found is not None and (mine.kind, mine.namespace, mine.name) == (found.kind, found.namespace, found.name)


@lru_cache(1024)
def _expression(pattern: str) -> re.Pattern[str]:
    """Of a glob in which `*` stays inside a folder and `**` crosses them."""
    meant = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = _DOUBLE_STAR.findall(pattern.removeprefix("./"))
    return re.compile("".join(meant.get(part) or re.escape(part) for part in parts))


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
        subject=glob.escape(one.failure.subject) if ignore.first and not ignore.block else "",
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
    if imported.registries:
        names = ", ".join(toml_string(_registry_glob(name)) for name, _ in imported.registries)
        lines.append(
            f"# hadolint trustedRegistries, {_plain(imported.registries[0][1])}; to be put into [images] above:"
        )
        lines += [f"# allowed-registries = [{names}]", ""]
    if imported.passed_over:
        lines.append("# Not imported:")
        lines += [f"#   {_plain(path)}: {_plain(why)}" for path, why in imported.passed_over]
        lines.append("")
    return "\n".join(lines)


def _registry_glob(name: str) -> str:
    return name if name.endswith("*") else f"{name}/*"


def toml_string(text: str) -> str:
    """A TOML basic string: what must be escaped there is."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(char if char.isprintable() else f"\\U{_scalar(char):08x}" for char in escaped) + '"'


def _scalar(char: str) -> int:
    code = ord(char)
    return 0xFFFD if 0xD800 <= code < 0xE000 else code


def _plain(text: str) -> str:
    return "".join(char if char.isprintable() else "?" for char in text)[:200]
