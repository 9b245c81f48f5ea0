"""Coverage-guided fuzzing of the search for secrets: python tests/fuzz/fuzz_secrets.py -max_total_time=600

Whatever the text is, the search ends in time that grows with its length alone, every hit lies in the text,
hits do not overlap, their lines are true, and no hit shows its secret.
"""

from __future__ import annotations

import sys
import time
from itertools import pairwise

from batten.detect.secrets import find, judge_assignment, looks_like_secret_name

SECONDS_PER_MIB = 4.0
REPEATS = 64  # a short input is also tried many times over: what is slow shows only in long texts


def one_input(data: bytes) -> None:
    """Search, check what was promised; raises on any broken promise."""
    text = data.decode("utf-8", "surrogateescape")
    _search(text)
    if len(text) < 4096:
        _search(text * REPEATS)
    name, _, value = text.partition("=")
    looks_like_secret_name(name)
    hit = judge_assignment(name, value)
    if hit is not None:
        assert 0 <= hit.start < hit.end <= len(value)


def _search(text: str) -> None:
    started = time.process_time()
    hits = find(text)
    assert time.process_time() - started < 0.5 + SECONDS_PER_MIB * len(text) / (1 << 20)
    for hit in hits:
        assert 0 <= hit.start < hit.end <= len(text)
        assert hit.line == text.count("\n", 0, hit.start) + 1
        assert len(hit.redacted.partition("…")[0]) <= 4
    for before, after in pairwise(hits):
        assert before.end <= after.start


if __name__ == "__main__":
    from importlib import import_module

    atheris = import_module("atheris")
    atheris.instrument_all()
    atheris.Setup(sys.argv, one_input)
    atheris.Fuzz()
