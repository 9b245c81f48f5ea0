"""The values that a template has ready for what is not there yet: `{{- with .Values.securityContext }}` around a
`securityContext:` that is printed only where the value says something."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from batten.formats.helm.decide import Value, include_in
from batten.formats.helm.expressions import Constant
from batten.formats.helm.marks import Frame
from batten.formats.helm.syntax import Node, start_of, walk
from batten.formats.helm.values import Decided
from batten.model.source import Pointer

if TYPE_CHECKING:
    from batten.formats.helm.document import HelmDocument
    from batten.formats.helm.release import Define, Release

_DEEP: Final = 4  # includes that are looked into
_CHAIN: Final = 50  # includes within each other that are followed for the words in them
_NODES: Final = 2_000  # that are looked at for one edit


class Region(Struct, eq=False):
    """A part of a text of a template: that of a file, or of what `frame` includes."""

    path: str
    frame: Frame | None
    first: int
    last: int
    turns: dict[int, int]


def hook(document: HelmDocument, pointer: Pointer, depth: int) -> Decided | None:
    """Where the value is to be written that puts something at `pointer`, of which `depth` parts are there; None where
    the template has nothing ready for it."""
    mark = (pointer, depth)
    if mark not in document.hooks:
        document.hooks[mark] = _hook(document, pointer, depth)
    return document.hooks[mark]


def _hook(document: HelmDocument, pointer: Pointer, depth: int) -> Decided | None:
    rest = pointer[depth:]
    for region in document.regions_of(pointer[:depth], _regions):
        for length in range(len(rest), 0, -1):
            key = rest[length - 1]
            if not isinstance(key, str):
                continue
            above = [one for one in rest[: length - 1] if isinstance(one, str)]
            for value in _ready(document, region, key, above, 0):
                path = (*document.rendered.prefix, *value.path, *rest[length:])
                decided = document.release.values.decided(path)
                if decided is not None and len(decided.missing) <= len(rest) - length + 1:
                    return decided
    return None


def _regions(document: HelmDocument, pointer: Pointer) -> list[Region]:
    """The texts that a mapping of the object was printed from, up to what was printed next."""
    start, end = document.yaml.span(pointer, key=False)
    found: dict[tuple[str, int], Region] = {}
    for run in document.rendered.origins.literals(start, end):
        assert run.segment is not None
        mark = (run.path, id(run.frame))
        first, last = run.segment.shown
        if mark in found:
            known = found[mark]
            known.first, known.last = min(known.first, first), max(known.last, last)
        else:
            found[mark] = Region(run.path, run.frame, first, last, run.turns)
    stop = document.yaml.range[1]
    after = document.rendered.origins.literals(end, stop) if end < stop else []
    regions = list(found.values())
    for region in regions:
        later = [run for run in after if run.path == region.path and run.frame is region.frame and run.segment]
        following = [run.segment.shown[0] for run in later if run.segment and run.segment.shown[0] > region.last]
        region.last = min(following, default=region.last + 100_000)
    # what is nearest to the mapping first: where its first key stands
    return regions


def _ready(document: HelmDocument, region: Region, key: str, above: list[str], deep: int) -> Iterator[Value]:
    """The values that are printed after `key:` in a region."""
    release = document.release
    template = release.templates[region.path]
    whole = release.nodes_of(region.path)
    if region.frame is not None:
        known = (release.define(name) for name in template.defines)
        inside = [one for one in known if one is not None and one.path == region.path]
        whole = [node for one in inside if one.node.start <= region.first < one.end for node in one.nodes]
    ends = re.compile(rf"(?:^|\n|- )[ \t]*{re.escape(key)}:\s*\Z")
    first, last = (bisect_left(whole, offset, key=start_of) for offset in (region.first, region.last))
    nodes = whole[first : min(last, first + _NODES)]
    seen = ""
    for node, after in pairwise([*nodes, None]):
        assert node is not None
        if node.kind == "text":
            text = template.text[node.start : node.end]
            seen += text
            if after is None or not ends.search(text) or not all(f"{one}:" in seen for one in above):
                continue
            for one in walk([after]):
                if one.kind in ("print", "template"):
                    scope = release.decider(document.rendered.prefix).scope(
                        region.path, one, region.frame, region.turns
                    )
                    yield from (
                        value
                        for value in release.decider(document.rendered.prefix).values_of(one, scope)
                        if value.exact
                    )
                    break
        elif node.kind in ("print", "template") and deep < _DEEP:
            yield from _in_include(document, region, node, key, above, deep)


def _in_include(
    document: HelmDocument, region: Region, node: Node, key: str, above: list[str], deep: int
) -> Iterator[Value]:
    name = _included(node)
    define = document.release.define(name)
    if define is None or not _may_print(document.release, define, key, 0):
        return
    frame = Frame(region.path, node, region.frame, region.turns)
    inner = Region(define.path, frame, define.node.end, define.end, {})
    yield from _ready(document, inner, key, above, deep + 1)


def _included(node: Node) -> str:
    """The name of the template that an action prints, "" where it prints none."""
    if node.kind != "print":
        return node.name
    call = include_in(node.pipeline.value)
    first = call.arguments[0] if call is not None and call.arguments else None
    return str(first.value) if isinstance(first, Constant) else ""


def _may_print(release: Release, define: Define, key: str, deep: int) -> bool:
    """Whether the key stands in the text of a named template, or of one that it includes."""
    if deep > _CHAIN:
        return True
    if key not in define.prints:
        define.prints[key] = False  # while it is looked into
        text = release.templates[define.path].text
        found = f"{key}:" in text[define.node.start : define.end]
        for node in () if found else define.nodes:
            if node.kind in ("print", "template") and (name := _included(node)):
                inner = release.define(name)
                found = inner is not None and _may_print(release, inner, key, deep + 1)
                if found:
                    break
        define.prints[key] = found
    return define.prints[key]
