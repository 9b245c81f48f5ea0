"""Go's YAML libraries themselves (`make judges`), on random scalars, random documents and real ones."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.formats.yaml.split import split
from formats.yaml.recorded import REFUSED, SCHEMAS, agree, ours, theirs
from formats.yaml.written import Written, documents

PROGRAM = Path(__file__).parents[2] / ".judges" / "yaml"
pytestmark = [
    pytest.mark.judge,
    pytest.mark.skipif(not PROGRAM.exists(), reason="the judge is not built: make judges"),
]
PIECES = [
    *"01789_.e+-xbofnyYNO~:aATE",
    "inf",
    "nan",
    "null",
    "true",
    "False",
    "on",
    "off",
    "yes",
    "no",
    "0x",
    "0b",
    "0o",
    "<<",
]
BIG = ["18446744073709551615", "9223372036854775808"]


def ask(schema: str, texts: list[str]) -> list[Any]:
    lines = "".join(json.dumps({"schema": schema, "text": text}) + "\n" for text in texts)
    out = subprocess.run([PROGRAM], input=lines, capture_output=True, text=True, check=True).stdout
    return [theirs(json.loads(line)) for line in out.split("\n") if line]


@pytest.mark.parametrize("schema", SCHEMAS)
def test_random_scalars(schema: str) -> None:
    source = random.Random(20261124)
    words = ["".join(source.choices([*PIECES, *BIG], k=source.randint(1, 6))) for _ in range(20_000)]
    tags = ["", "", "", "!!int ", "!!float ", "!!bool ", "!!str ", "!x "]
    texts = [f"k: {source.choice(tags)}{word}" for word in words if " " not in word]
    different = [
        (text, read, answer)
        for text, answer in zip(texts, ask(schema, texts), strict=True)
        for read in [ours(schema, text)]
        if not (read is answer if REFUSED in (read, answer) else agree(read, answer)) and not _infinite(read)
    ]
    assert [one for one in different if one[0] not in ("k: +18446744073709551615",)] == []


def _infinite(read: Any) -> bool:
    """JSON has neither infinity nor NaN: the judge refuses what we keep. Also a !!float beyond 64 bits."""
    value = read.get("k") if isinstance(read, dict) else 0
    return isinstance(value, float) and (value != value or abs(value) >= 2.0**63)


@pytest.mark.parametrize("schema", SCHEMAS)
@settings(max_examples=30)
@given(st.lists(documents(), min_size=20, max_size=20))
def test_random_documents(schema: str, many: list[Written]) -> None:
    texts = [one.text.removeprefix("\ufeff") for one in many]
    for text, answer in zip(texts, ask(schema, texts), strict=True):
        read = ours(schema, text)
        assert (read is answer) if REFUSED in (read, answer) else agree(read, answer), text


@pytest.mark.shared
@pytest.mark.parametrize("schema", SCHEMAS)
def test_real_documents(schema: str, shared_manifests: Path) -> None:
    texts = []
    for path in sorted(shared_manifests.rglob("*.y*ml")):
        if path.is_file():
            text = path.read_bytes().decode()
            texts += [text[chunk.start : chunk.end] for chunk in split(text)]
    refused = 0
    for begin in range(0, len(texts), 200):
        part = texts[begin : begin + 200]
        for text, answer in zip(part, ask(schema, part), strict=True):
            read = ours(schema, text)
            if answer is REFUSED and schema == "compose" and read is not REFUSED:
                refused += 1  # a key that stands twice
                continue
            assert (read is answer) if REFUSED in (read, answer) else agree(read, answer), text[:500]
    assert refused <= 10
