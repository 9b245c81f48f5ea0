"""Versions and ranges against the implementations of their ecosystems, a million random pairs each (`make judges`)."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from random import Random

import pytest

from batten.versions import InvalidVersion, compare, satisfies, sort_key
from versions.generated import RANGES, pair, ranged
from versions.judged import INVALID, Judge, find

JUDGES = find()
PAIRS = int(os.environ.get("JUDGED_PAIRS", "1000000"))
SEED = int(os.environ.get("JUDGED_SEED", "1"))
CHUNK = 100_000
DATA = Path(__file__).parents[1] / "data/versions"

pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not JUDGES, reason="no judge of versions is here: make judges"),
]


def ours(scheme: str, left: str, right: str) -> str:
    try:
        return str(compare(scheme, left, right))
    except InvalidVersion:
        return INVALID


def ours_in_range(scheme: str, version: str, text: str, prereleases: bool) -> str:
    try:
        return str(int(satisfies(scheme, version, text, prereleases=prereleases)))
    except InvalidVersion:
        return INVALID


def chunks(count: int) -> Iterator[int]:
    while count > 0:
        yield min(count, CHUNK)
        count -= CHUNK


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_random_pairs(judge: Judge) -> None:
    random = Random(SEED)
    for size in chunks(PAIRS):
        pairs = [pair(judge.scheme, random) for _ in range(size)]
        differences = [
            (left, right, found, answer)
            for (left, right), answer in zip(pairs, judge.answers(pairs), strict=True)
            if not judge.agrees(found := ours(judge.scheme, left, right), answer)
        ]
        assert not differences, differences[:10]


def questions(scheme: str, random: Random) -> Iterator[tuple[str, str]]:
    """Versions and ranges; only versions that every tool takes, which npm asks in their full form."""
    while True:
        version, text = ranged(scheme, random)
        try:
            key = sort_key(scheme, version)
        except InvalidVersion:
            continue
        if scheme == "semver":
            labels = ".".join(map(str, key[5::2]))
            version = ".".join(map(str, key[:3])) + (f"-{labels}" if labels else "")
        yield version, text


@pytest.mark.parametrize(
    ("judge", "prereleases"),
    [
        pytest.param(judge, prereleases, id=f"{name}-{prereleases}")
        for name, judge in JUDGES.items()
        if judge.scheme in RANGES
        for prereleases in ((False, True) if judge.scheme == "semver" else (False,))  # npm alone has that option
    ],
)
def test_random_ranges(judge: Judge, prereleases: bool) -> None:
    asked = questions(judge.scheme, Random(SEED))
    for size in chunks(PAIRS):
        pairs = list(islice(asked, size))
        differences = [
            (version, text, found, answer)
            for (version, text), answer in zip(
                pairs, judge.answers(pairs, "--ranges", str(int(prereleases))), strict=True
            )
            if (found := ours_in_range(judge.scheme, version, text, prereleases)) != answer
        ]
        assert not differences, differences[:10]


def test_packaging_agrees_with_the_slow_model() -> None:
    slow = importlib.import_module("versions.slow_pep440")
    random = Random(SEED)
    for _ in range(PAIRS):
        left, right = pair("pep440", random)
        expected = slow.compare(left, right)
        assert ours("pep440", left, right) == (INVALID if expected is None else str(expected)), (left, right)


@pytest.mark.parametrize("judge", JUDGES.values(), ids=JUDGES)
def test_the_recorded_pairs_are_what_the_judge_says(judge: Judge) -> None:
    signs = {"<": "-1", "=": "0", ">": "1", "invalid": INVALID}
    rows = json.loads((DATA / "pairs.json").read_text("utf-8"))[judge.scheme]
    answers = judge.answers([(left, right) for left, _, right in rows])
    assert [row for row, answer in zip(rows, answers, strict=True) if not judge.agrees(signs[row[1]], answer)] == []


@pytest.mark.skipif(shutil.which("apk") is None, reason="apk is not installed")
def test_apk() -> None:
    """One process for each pair, so a thousand."""
    random = Random(SEED)
    for _ in range(1000):
        left, right = pair("apk", random)
        expected = {"-1": "<", "0": "=", "1": ">"}.get(ours("apk", left, right))
        if expected:
            command = ["apk", "version", "-t", left, right]
            assert subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() == expected
