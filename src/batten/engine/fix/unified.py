"""A patch as a unified diff.

The standard library's matcher takes quadratic time on manifests, whose lines repeat. Here lines that stand
once on either side are matched first, and only what lies between is compared line by line.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise

from batten.engine.fix.patches import Patch
from batten.pattern import pattern

Match = tuple[int, int, int]
"""Index before, index after, number of lines."""
Change = tuple[int, int, int, int]
"""Lines before (start, end) that became lines after (start, end)."""

_CONTEXT = 3  # unchanged lines around a change, as everywhere
_EDITS = 400  # lines removed and added between two lines that stand once; a longer stretch is shown as replaced
_TO_QUOTE = pattern(r'[\x00-\x1f\x7f"\\\ud800-\udfff]')
_ESCAPES = {ord(char): f"\\{letter}" for char, letter in zip('\a\b\t\n\v\f\r"\\', 'abtnvfr"\\', strict=True)}
_NO_NEWLINE = "\n\\ No newline at end of file\n"


def unified_diff(patch: Patch, name: str = "") -> Iterator[str]:
    """The patch as lines of a unified diff that `git apply` and `patch -p1` take. `name`: the path to write, as
    the system has it (see `batten.engine.fix.names`); without it the diff is for reading."""
    path = name or patch.reading.opened.shown(patch.path).lstrip("/")
    before, after = (lines(one.data.decode("utf-8")) for one in (patch.before, patch.after))
    heads = [f"--- {_quoted('a/' + path)}\n", f"+++ {_quoted('b/' + path)}\n"]
    for hunk in _hunks(list(changes(before, after))):
        yield from heads
        heads = []
        (start, _, new_start, _), (_, end, _, new_end) = hunk[0], hunk[-1]
        above, below = min(_CONTEXT, start), min(_CONTEXT, len(before) - end)
        old, new = _range(start - above, end + below), _range(new_start - above, new_end + below)
        yield f"@@ -{old} +{new} @@\n"
        done = start - above
        for start, end, new_start, new_end in hunk:
            yield from _marked(" ", before[done:start])
            yield from _marked("-", before[start:end])
            yield from _marked("+", after[new_start:new_end])
            done = end
        yield from _marked(" ", before[done : done + below])


def _quoted(path: str) -> str:
    """As Git writes a path: in C's quotes where it holds what would end the line or the quotes (git-config(1),
    core.quotePath), and with a tab behind spaces, so that nobody takes them for the end."""
    if not _TO_QUOTE.search(path):
        return path + "\t" if " " in path else path
    octets = path.encode("utf-8", "surrogateescape")
    return '"' + "".join(_ESCAPES.get(octet) or _octet(octet) for octet in octets) + '"'


def _octet(octet: int) -> str:
    return chr(octet) if 0x20 <= octet < 0x7F else f"\\{octet:03o}"


def lines(text: str) -> list[str]:
    """Lines with their ends; only a line feed ends one (str.splitlines knows others)."""
    parts = text.split("\n")
    return [line + "\n" for line in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        yield f"{mark}{line}" if line.endswith("\n") else f"{mark}{line}{_NO_NEWLINE}"


def _range(start: int, end: int) -> str:
    """Lines from 1; an empty range names the line before it."""
    length = end - start
    if length == 1:
        return str(start + 1)
    return f"{start + 1 if length else start},{length}"


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[Change]:
    """What lies between equal lines, in rising order."""
    done = new_done = 0
    for start, new_start, length in (*matches(before, after), (len(before), len(after), 0)):
        if start > done or new_start > new_done:
            yield done, start, new_done, new_start
        done, new_done = start + length, new_start + length


def _hunks(changes: list[Change]) -> list[list[Change]]:
    """Changes whose context lines touch stand together."""
    hunks: list[list[Change]] = []
    for change in changes:
        if hunks and change[0] - hunks[-1][-1][1] <= 2 * _CONTEXT:
            hunks[-1].append(change)
        else:
            hunks.append([change])
    return hunks


def matches(before: Sequence[str], after: Sequence[str]) -> Iterator[Match]:
    """Ranges of equal lines in rising order; they may touch, never cross."""
    waiting = [(0, len(before), 0, len(after))]
    while waiting:
        start, end, new_start, new_end = waiting.pop()
        head = 0
        while start + head < end and new_start + head < new_end and before[start + head] == after[new_start + head]:
            head += 1
        if head:
            yield start, new_start, head
            start, new_start = start + head, new_start + head
        tail = 0
        while start < end - tail and new_start < new_end - tail and before[end - tail - 1] == after[new_end - tail - 1]:
            tail += 1
        end, new_end = end - tail, new_end - tail
        if tail:
            waiting.append((end, end + tail, new_end, new_end + tail))
        if start == end or new_start == new_end:
            continue
        anchors = _anchors(before[start:end], after[new_start:new_end])
        if not anchors:
            yield from _blocks(before[start:end], after[new_start:new_end], start, new_start)
            continue
        # each anchor begins a range of its own: its head is the anchor
        cuts = [(start, new_start), *((start + one, new_start + other) for one, other in anchors), (end, new_end)]
        ranges = [(one[0], two[0], one[1], two[1]) for one, two in pairwise(cuts)]
        waiting += [each for each in reversed(ranges) if each[0] < each[1] and each[2] < each[3]]


def _anchors(before: Sequence[str], after: Sequence[str]) -> list[tuple[int, int]]:
    """The longest rising run of lines that stand once on either side, as indexes before and after."""
    counts, new_counts = Counter(before), Counter(after)
    places = {line: index for index, line in enumerate(after) if new_counts[line] == 1 and counts[line] == 1}
    pairs = [(index, places[line]) for index, line in enumerate(before) if line in places]
    ends: list[int] = []  # the lowest place after at which a run of each length ends
    last: list[int] = []  # and the pair that ends it
    previous = [-1] * len(pairs)
    for number, (_, place) in enumerate(pairs):
        length = bisect_left(ends, place)
        previous[number] = last[length - 1] if length else -1
        ends[length : length + 1] = [place]
        last[length : length + 1] = [number]
    run: list[tuple[int, int]] = []
    number = last[-1] if last else -1
    while number >= 0:
        run.append(pairs[number])
        number = previous[number]
    return run[::-1]


def _blocks(before: Sequence[str], after: Sequence[str], start: int, new_start: int) -> Iterator[Match]:
    """The matches of a shortest edit script (E. W. Myers, "An O(ND) Difference Algorithm", 1986); none where
    it would be longer than anybody wants to read."""
    furthest = {1: 0}
    trail: list[dict[int, int]] = []
    for edits in range(min(len(before) + len(after), _EDITS) + 1):
        trail.append(furthest.copy())
        for diagonal in range(-edits, edits + 1, 2):
            down = _adds(furthest, diagonal, edits)
            old = furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1
            new = old - diagonal
            while old < len(before) and new < len(after) and before[old] == after[new]:
                old, new = old + 1, new + 1
            furthest[diagonal] = old
            if old >= len(before) and new >= len(after):
                for one, other, length in _walked_back(trail, len(before), len(after)):
                    yield start + one, new_start + other, length
                return


def _adds(furthest: dict[int, int], diagonal: int, edits: int) -> bool:
    """Is the best way to this diagonal a line that is added (else one that is removed)?"""
    if diagonal in (-edits, edits):
        return diagonal == -edits
    return furthest[diagonal - 1] < furthest[diagonal + 1]


def _walked_back(trail: list[dict[int, int]], old: int, new: int) -> list[Match]:
    found: list[Match] = []
    for edits in range(len(trail) - 1, -1, -1):
        furthest, diagonal = trail[edits], old - new
        down = _adds(furthest, diagonal, edits)
        came = diagonal + 1 if down else diagonal - 1
        before = furthest[came] if edits else 0
        begins = (before if down else before + 1) if edits else 0
        if old > begins:
            found.append((begins, begins - diagonal, old - begins))
        old, new = before, before - came
    return found[::-1]
