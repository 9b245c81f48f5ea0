from __future__ import annotations

import pytest

from batten import limits
from batten.formats.compose.ledger import Ledger
from batten.model.source import Problem, Unreadable
from formats.compose.support import compose, messages, project


def test_parts_and_characters_run_out() -> None:
    ledger = Ledger()
    ledger.spend(limits.COMPOSE_PARTS)
    with pytest.raises(Unreadable, match="values when merged"):
        ledger.spend(1)
    ledger.spend_text(limits.COMPOSE_VARIABLES)
    with pytest.raises(Unreadable, match="characters"):
        ledger.spend_text(1)


def test_a_problem_is_kept_once_and_their_number_is_bounded() -> None:
    ledger = Ledger()
    for _ in range(2):
        for line in range(limits.COMPOSE_PROBLEMS + 5):
            ledger.report(Problem("a", "x", line))
    assert len(ledger.problems) == limits.COMPOSE_PROBLEMS + 1
    assert ledger.problems[-1].message == "more problems of this project are not listed"


@pytest.mark.parametrize(
    "files",
    [
        {"compose.yaml": "services:\n" + "".join(f"  s{n}: {{image: x}}\n" for n in range(4_000))},
        {
            "compose.yaml": "services:\n" + "".join(f"  s{n}: {{image: x, env_file: a.env}}\n" for n in range(500)),
            "a.env": "#\n" * 50_000,
        },
        {
            "compose.yaml": "x: &e {"
            + ", ".join(f"K{n}: v" for n in range(1_000))
            + "}\nservices:\n"
            + "".join(f"  s{n}: {{image: x, environment: *e}}\n" for n in range(400))
        },
        {
            "compose.yaml": "services: {a: {image: x, command: [" + ", ".join(["$A"] * 1_000) + "]}}",
            ".env": "A=" + "x" * 20_000,
        },
    ],
    ids=["services", "env file", "anchor", "variables"],
)
def test_project_that_grows_out_of_bounds_is_one_problem(files: dict[str, str]) -> None:
    reading = project(files)
    assert len(reading.problems) == 1
    assert messages(reading)[0].startswith("compose.yaml:None: expected ")
    assert reading.nouns == []


def test_flood_of_broken_values_is_cut() -> None:
    reading = compose("services: {a: {image: x, ports: [" + "a:b, " * 1_000 + "]}}")
    assert len(reading.problems) == limits.COMPOSE_PROBLEMS + 1
