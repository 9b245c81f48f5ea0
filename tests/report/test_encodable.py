"""What is written part by part is the text that it would be as a whole."""

from __future__ import annotations

import json
from typing import Any

import pytest

from batten.report import encodable
from batten.report.encodable import indented, with_list


@pytest.mark.parametrize("number", [0, 1, 2, 5])
@pytest.mark.parametrize("depth", [1, 3])
def test_a_list_part_by_part_is_the_same_text(monkeypatch: pytest.MonkeyPatch, number: int, depth: int) -> None:
    monkeypatch.setattr(encodable, "_AT_ONCE", 2)
    items: list[dict[str, Any]] = [{"a": ["\n ]", {"b": '\n "items": []'}], "c": {}, "\x7f": n} for n in range(number)]
    whole: dict[str, Any] = {"first": [1], "items": items, "last": {"x": []}}
    value: Any = {"runs": [whole]} if depth == 3 else whole
    expected = indented(value) + b"\n"
    whole["items"] = []
    assert b"".join(with_list(lambda: value, "items", iter(items), depth)) == expected
    assert json.loads(expected)


def test_what_is_known_when_the_items_are_written_may_stand_behind_them() -> None:
    whole: dict[str, Any] = {"items": []}
    seen: list[int] = []

    def described() -> dict[str, Any]:
        return {**whole, "seen": seen} if seen else whole

    def items() -> Any:
        for n in range(3):
            seen.append(n)
            yield n

    assert json.loads(b"".join(with_list(described, "items", items()))) == {"items": [0, 1, 2], "seen": [0, 1, 2]}
