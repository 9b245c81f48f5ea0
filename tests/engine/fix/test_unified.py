"""The diff of a patch: `git apply` makes the file after from the file before, and no line is shown in vain."""

from __future__ import annotations

import subprocess
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.engine.fix.unified import matches, unified_diff

_LINES = st.lists(st.sampled_from(["---", "spec:", "  a: 1", "  b: 2", "", "name: web", "tmp: {}"]), max_size=30)


def _patch(before: bytes, after: bytes, path: str = "k8s/web.yaml") -> Any:
    reading = SimpleNamespace(opened=SimpleNamespace(shown=lambda one: one))
    sides = {"before": SimpleNamespace(data=before), "after": SimpleNamespace(data=after)}
    return SimpleNamespace(reading=reading, path=path, **sides)


def _applied(diff: str, before: list[str]) -> list[str]:
    """`before` with the hunks of a diff, every context line compared."""
    lines = iter(diff.split("\n"))
    result: list[str] = []
    done = 0
    for line in lines:
        if line.startswith("@@"):
            old = line.split()[1][1:].split(",")
            start = int(old[0]) - (0 if old[-1] == "0" and len(old) > 1 else 1)
            result += before[done:start]
            done = start
        elif line.startswith(("---", "+++")) and not result and not done and "/" in line:
            continue
        elif line[:1] in (" ", "-"):
            assert before[done] == line[1:]
            done += 1
            if line[0] == " ":
                result.append(line[1:])
        elif line[:1] == "+":
            result.append(line[1:])
    return result + before[done:]


@given(_LINES, _LINES)
def test_hunks_lead_from_before_to_after(before: list[str], after: list[str]) -> None:
    sides = ["".join(f"{line}\n" for line in side).encode() for side in (before, after)]
    diff = "".join(unified_diff(_patch(*sides)))
    assert _applied(diff, before) == after
    assert bool(diff) == (before != after)


@given(_LINES, _LINES)
def test_matches_rise_and_join_equal_lines(before: list[str], after: list[str]) -> None:
    done = new_done = 0
    for start, new_start, length in matches(before, after):
        assert length > 0
        assert start >= done
        assert new_start >= new_done
        assert before[start : start + length] == after[new_start : new_start + length]
        done, new_done = start + length, new_start + length


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=12), st.integers(0, 12), st.lists(st.just("new")))
def test_an_insertion_removes_no_line(before: list[str], place: int, new: list[str]) -> None:
    after = [*before[:place], *new, *before[place:]]
    assert sum(length for _, _, length in matches(before, after)) == len(before)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"a: 1\nb: 2\n", b"a: 1\nb: 3\n"),
        (b"a: 1", b"a: 1\nb: 2"),
        (b"a: 1\n", b"a: 1"),
        (b"a: 1\r\nb: 2\r\n", b"a: 1\r\nc: 3\r\nb: 2\r\n"),
        (b"x: 0\n" * 9 + b"a: 1\n" + b"y: 0\n" * 9, b"x: 0\n" * 9 + b"a: 2\n" + b"y: 0\n" * 8 + b"z: 0\n"),
        ("key: \x0c\x85\u2028one\n".encode(), "key: \x0c\x85\u2028two\n".encode()),
    ],
)
def test_git_applies_it(before: bytes, after: bytes, tmp_path: Path) -> None:
    file = tmp_path / "k8s" / "web.yaml"
    file.parent.mkdir()
    file.write_bytes(before)
    diff = "".join(unified_diff(_patch(before, after))).encode()
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, input=diff, check=True, capture_output=True)
    assert file.read_bytes() == after


def test_many_equal_lines_take_no_quadratic_time() -> None:
    """Fixes put lines between thousands that repeat: every inserted line is shown, and no other."""
    old = [f"  - name: c{n % 3}" if n % 4 else "---" for n in range(40_000)]
    new = [line for n, line in enumerate(old) for line in ([line, f"    added: {n}"] if n % 400 == 1 else [line])]
    sides = ["".join(f"{line}\n" for line in side).encode() for side in (old, new)]
    diff = list(unified_diff(_patch(*sides)))
    assert sum(line.startswith("+ ") for line in diff) == len(new) - len(old)
    assert not any(line.startswith("- ") for line in diff)
