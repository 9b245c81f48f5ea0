"""Every check has its examples, on every platform that it is declared for, and its words."""

from __future__ import annotations

from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from batten.engine.check import Check, explanation
from batten.engine.rooms import all_checks
from harness import Case

HERE = Path(__file__).parent
NEVER_PASSES = {
    ("ACC013", ""),  # it is asked about secrets that were found, and of nothing else
    ("RUN013", "compose"),  # whether uid 0 is another one outside is for the daemon's settings to say
}
WITHOUT_REFERENCES = ("AUD001", "AUD003")


@cache
def cases() -> list[Case]:
    """The tables of all test modules of checks."""
    found: list[Case] = []
    for path in sorted(HERE.glob("*/checks/test_*.py")):
        spec = spec_from_file_location(f"tables_{path.parts[-3]}_{path.stem}", path)
        assert spec is not None
        assert spec.loader is not None
        module = module_from_spec(spec)
        spec.loader.exec_module(module)
        found += getattr(module, "CASES", ())  # tests of one system alone have none
    return found


def _examples(check: Check) -> set[tuple[str, str]]:
    """(platform, outcome) of the cases of a check; platform "" stands for any."""
    mine = [case for case in cases() if case.check == check.id]
    return {(case.input.platform, case.outcome) for case in mine} | {("", case.outcome) for case in mine}


@pytest.mark.parametrize("check", all_checks().values(), ids=lambda check: check.id)
def test_it_has_a_failing_and_a_passing_example_on_every_platform(check: Check) -> None:
    examples = _examples(check)
    wanted = {(platform, outcome) for platform in ("", *check.platforms) for outcome in ("fails", "passes")}
    wanted -= {(platform, "passes") for identifier, platform in NEVER_PASSES if identifier == check.id}
    assert not wanted - examples


def test_what_never_passes_has_no_passing_example() -> None:
    passing = {(case.check, case.input.platform) for case in cases() if case.outcome == "passes"}
    assert not NEVER_PASSES & passing


@pytest.mark.parametrize("check", all_checks().values(), ids=lambda check: check.id)
def test_it_says_what_it_means_and_how_to_mend_it(check: Check) -> None:
    told = explanation(check)
    assert len(told.summary) > 60
    assert "all" in told.fixes or set(check.platforms) <= told.fixes.keys()
    assert told.fixes
    assert all(told.fixes.values())
    if check.platforms:
        assert told.fixes.keys() <= {*check.platforms, "all"}, "a way to mend it where it cannot be found"
    assert check.id in WITHOUT_REFERENCES or told.references
    assert all(reference.startswith("https://") for reference in told.references)


def test_the_tables_name_only_checks_that_there_are() -> None:
    assert {case.check for case in cases()} == set(all_checks())
