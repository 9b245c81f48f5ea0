"""The score and the frameworks' verdicts: what a baseline hides from the gate stays in both."""

from pathlib import Path

from batten import api
from batten.model.settings import Settings
from batten.report.words import framework_text
from engine.support import POD, scan, write


def test_a_baseline_leaves_the_score_as_it_is(tmp_path: Path) -> None:
    first = scan(tmp_path, {"pod.yaml": POD})
    known = {one.fingerprint for one in first.report.findings}
    again = api.scan([str(tmp_path)], Settings(as_of="2026-11-01"), known=known)
    assert again.report.exit_code == 0
    assert again.report.count.baseline == len(first.report.findings)
    assert again.report.score == first.report.score
    assert first.report.score.overall is not None
    assert first.report.score.overall < 100


def test_a_waived_pair_counts_for_nothing(tmp_path: Path) -> None:
    text = POD.replace("true\n", "true  # batten: ignore[PRV001] the agent needs it\n")
    done = scan(tmp_path, {"pod.yaml": text}, checks=("PRV001",))
    privileges = done.report.score.strategies[1]
    assert (privileges.passed, privileges.failed, privileges.waived) == (0, 0, 1)


def test_a_control_whose_findings_are_waived_is_not_passed(tmp_path: Path) -> None:
    text = POD.replace("true\n", "true  # batten: ignore[PRV001] the agent needs it\n")
    settings = Settings(as_of="2026-11-01", frameworks=("pss-baseline",))
    done = api.scan([str(write(tmp_path, {"pod.yaml": text}))], settings)
    (framework,) = done.report.frameworks
    assert [one.id for one in framework.controls if one.status == "waived"] == ["privileged-containers"]
    assert not framework.passed
    told = framework_text(framework)
    assert "baseline 1.36: waived, 0 of" in told
    assert told.endswith("controls failed, 1 waived")
    assert (done.report.exit_code, done.report.exit_reason) == (0, "nothing open at or above high; 1 control waived")
    shown = str(api.render(done.report, "table"))
    assert "~ privileged-containers" in shown
    assert ": passed" not in shown


def test_a_control_that_fails_only_in_the_baseline_neither_passes_nor_fails_the_gate(tmp_path: Path) -> None:
    settings = Settings(as_of="2026-11-01", frameworks=("pss-baseline",))
    first = api.scan([str(write(tmp_path, {"pod.yaml": POD}))], settings)
    known = {one.fingerprint for one in first.report.findings}
    again = api.scan([str(tmp_path)], settings, known=known)
    (framework,) = again.report.frameworks
    assert {one.status for one in framework.controls if one.findings} == {"baseline"}
    assert not framework.passed
    assert (first.report.exit_code, again.report.exit_code) == (1, 0)
