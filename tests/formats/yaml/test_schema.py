"""Scalars, keys and merge keys as the platforms' own readers have them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batten.formats.yaml import COMPOSE, KUBERNETES
from batten.formats.yaml.schema import key_text
from formats.yaml.reading import problem, value
from formats.yaml.recorded import REFUSED, agree, ours, theirs

# scripts/record_yaml.py writes it anew with the judge (tests/judges/yaml)
RECORD = Path(__file__).parents[2] / "data" / "yaml" / "go.jsonl"
ROWS = [json.loads(line) for line in RECORD.read_text("utf-8").splitlines()]


def on_purpose(schema: str, text: str, answer: Any, read: Any) -> bool:
    """Where we differ from Go, and why."""
    key = text.removesuffix(" : 1")
    if text != key and schema == "compose" and not isinstance(COMPOSE.resolve(key), str):
        return True  # compose-go refuses keys that are no strings, however they would be printed
    if text != key and schema == "compose" and key[:4].isdigit() and "-" in key:
        return True  # a time stamp
    if text != key and answer is REFUSED:
        resolved = KUBERNETES.resolve(key)
        return resolved is None or (isinstance(resolved, int) and resolved > 2**63 - 1)  # kept: "null", the number
    if answer is REFUSED and schema == "kubernetes" and isinstance(read, dict) and isinstance(read.get("k"), float):
        return read["k"] != read["k"] or abs(read["k"]) == float("inf")  # JSON has no infinity; the rest is judged
    if (
        answer is REFUSED
        and schema == "compose"
        and text
        in (
            "a: 1\na: 2",
            "x: &x {a: 1}\nz:\n  <<: *x\n  <<: {a: 2, b: 3}",
        )
    ):
        return True  # keys that stand twice are noted
    if schema == "compose" and text == "k: +18446744073709551615":
        return True  # an integer for yaml v4.0.0, a float for its release candidate, which compose-go has
    # libyaml: takes more escapes, and no scalar of colons
    return text == 'a: "\\/\\N\\_\\L\\P\\e\\0"' or (schema == "compose" and text == "k: [::]")


@pytest.mark.parametrize("schema", ["kubernetes", "compose"])
def test_every_recorded_answer_of_go_is_ours(schema: str) -> None:
    different = []
    for row in ROWS:
        answer, read = theirs(row[schema]), ours(schema, row["text"])
        same = read is answer if REFUSED in (read, answer) else agree(read, answer)
        if not same and not on_purpose(schema, row["text"], answer, read):
            different.append((row["text"], read, answer))
    assert different == []


def test_the_record_covers_both_words_and_numbers() -> None:
    texts = {row["text"] for row in ROWS}
    assert {"k: yes", "k: y", "k: 0777", "k: 0o17", "k: 1_000", "k: .inf", "k: 190:20:30", "on : 1"} <= texts


@pytest.mark.parametrize(
    ("text", "kubernetes", "compose"),
    [
        ("yes", True, "yes"),
        ("y", True, "y"),
        ("Off", False, "Off"),
        ("true", True, True),
        ("~", None, None),
        ("", None, None),
        ("0777", 511, 511),
        ("0o17", 15, 15),
        ("08", 8.0, 8.0),
        ("0b-1", -1, "0b-1"),
        ("1_000", 1000, 1000),
        ("190:20:30", "190:20:30", "190:20:30"),
        ("1e3", 1000.0, 1000.0),
        ("1e400", "1e400", "1e400"),
        ("18446744073709551615", 2**64 - 1, 2**64 - 1),
        ("18446744073709551616", float(2**64), float(2**64)),
        ("9" * 5000, "9" * 5000, "9" * 5000),
        ("2001-01-01", "2001-01-01", "2001-01-01"),
        ("١٢", "١٢", "١٢"),
    ],
)
def test_a_plain_scalar(text: str, kubernetes: Any, compose: Any) -> None:
    for schema, wanted in ((KUBERNETES, kubernetes), (COMPOSE, compose)):
        found = schema.plain[text]
        assert (found, type(found)) == (wanted, type(wanted))


@pytest.mark.parametrize(
    ("key", "text"),
    [
        (True, "true"),
        (False, "false"),
        (80, "80"),
        (None, "null"),
        (1.5, "1.5"),
        (1000000.0, "1e+06"),
        (100000.0, "100000"),
        (0.0001, "0.0001"),
        (0.00001, "1e-05"),
        (-2.5e-10, "-2.5e-10"),
        (0.1, "0.1"),
        (16777217.0, "1.6777216e+07"),
        (1e300, ".inf"),
        (float("-inf"), "-.inf"),
        (float("nan"), ".nan"),
        (0.0, "0"),
    ],
)
def test_a_key_that_is_no_string_becomes_one_as_go_prints_it(key: Any, text: str) -> None:
    assert key_text(key) == text


def test_a_merge_key_overrides_what_stands_above_it_in_kubernetes_only() -> None:
    text = "x: &x {a: 1, b: 1}\nz: {a: 2, <<: *x, b: 2}\n"
    assert value(text, KUBERNETES)["z"] == {"a": 1, "b": 2}
    assert value(text, COMPOSE)["z"] == {"a": 2, "b": 2}


def test_the_first_mapping_of_a_merged_list_wins() -> None:
    for schema in (KUBERNETES, COMPOSE):
        assert value("z: {<<: [{a: 1}, {a: 2, b: 2}]}", schema) == {"z": {"a": 1, "b": 2}}


def test_a_quoted_merge_key_is_a_key() -> None:
    assert value('"<<": {a: 1}') == {"<<": {"a": 1}}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: !!int x", "expected an integer after !!int, found 'x'"),
        ("a: !!binary '*'", "expected base64 after !!binary"),
        ("a:\n  <<: 5", "expected a mapping after `<<`, found something else"),
        ("x: &x [{a: 1}]\na:\n  <<: *x", "expected a mapping after `<<`, found something else"),
    ],
)
def test_what_the_platforms_refuse_is_refused(text: str, message: str) -> None:
    assert problem(text).message == message


def test_tables_stay_small_whatever_is_read() -> None:
    for number in range(40_000):
        KUBERNETES.plain[f"text {number}"]
        KUBERNETES.keys[f"key {number}"]
    KUBERNETES.plain["x" * 10_000]
    assert len(KUBERNETES.plain) <= 16_384
    assert len(KUBERNETES.keys) <= 16_384
    assert "x" * 10_000 not in KUBERNETES.plain
    KUBERNETES.plain.clear()
    KUBERNETES.keys.clear()
