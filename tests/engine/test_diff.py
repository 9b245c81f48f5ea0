"""What came and what went: between targets, between saved reports, against a baseline."""

from pathlib import Path

import pytest

from batten import api
from batten.engine import baseline
from batten.engine.diff import Difference, compare, exit_code
from batten.engine.rooms import all_checks
from batten.model.report import Report
from batten.model.settings import Settings
from engine.support import write
from harness import Input, compose, docker, pod, quadlet, stack, task

SETTINGS = Settings(as_of="2026-11-01", persona="auditor")
POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers:
  - name: app
    image: registry.example/app:1.0
    securityContext:
      privileged: true
      procMount: Unmasked
      seLinuxOptions: {type: spc_t}
      seccompProfile: {type: Unconfined}
      appArmorProfile: {type: Unconfined}
      capabilities: {add: [SYS_ADMIN, WAKE_ALARM]}
"""
UNPRIVILEGED = POD.replace("privileged: true", "privileged: false")
BARE = POD[: POD.index("      procMount")]


def report(folder: Path, text: str, name: str = "pod.yaml") -> Report:
    return api.scan([str(write(folder, {name: text}))], SETTINGS).report


def checks(findings: list[object]) -> set[str]:
    return {one.check for one in findings}  # type: ignore[attr-defined]


def saved(path: Path, text: Report) -> str:
    rendered = api.render(text, "json")
    path.write_bytes(rendered if isinstance(rendered, bytes) else rendered.encode())
    return str(path)


@pytest.fixture(params=["targets", "saved", "saved-before", "saved-after"])
def difference(request: pytest.FixtureRequest, tmp_path: Path) -> object:
    """Compares two texts in each way that `batten diff` can."""

    def between(before: str, after: str) -> Difference:
        sides = []
        for side, text in (("before", before), ("after", after)):
            folder = tmp_path / side
            done = report(folder, text)
            keep = request.param in ("saved", f"saved-{side}")
            sides.append(saved(tmp_path / f"{side}.json", done) if keep else str(folder))
        return api.diff(sides[0], sides[1], SETTINGS)

    return between


def test_what_a_privileged_container_hid_is_uncovered_and_not_new(difference: object) -> None:
    found = difference(POD, UNPRIVILEGED)  # type: ignore[operator]
    masked = {one.id for one in all_checks().values() if "PRV001" in one.masked_by}
    assert checks(found.removed) == {"PRV001"}
    assert not found.added
    assert checks(found.uncovered) == masked - {"RUN002", "RUN004"}  # a profile is named here, if a bad one
    assert exit_code(found, "low") == 0
    assert checks(difference(BARE, BARE.replace("privileged: true", "privileged: false")).uncovered) >= {"RUN002"}  # type: ignore[operator]


def test_the_same_findings_are_new_where_nothing_hid_them(difference: object) -> None:
    found = difference(  # type: ignore[operator]
        UNPRIVILEGED.replace("[SYS_ADMIN, WAKE_ALARM]", "[]"), UNPRIVILEGED
    )
    assert checks(found.added) == {"PRV005", "PRV006"}
    assert not found.uncovered
    assert exit_code(found, "high") == 1


def test_another_container_does_not_uncover(difference: object) -> None:
    other = "  - name: other\n    image: registry.example/other:1.0\n"
    calm = "    securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}\n"
    found = difference(POD + other + calm, UNPRIVILEGED + other)  # type: ignore[operator]
    assert {(one.check, one.resource.container) for one in found.added} == {("PRV004", "other"), ("PRV007", "other")}


def test_what_is_still_privileged_uncovers_nothing(tmp_path: Path) -> None:
    before, after = report(tmp_path / "a", POD), report(tmp_path / "b", UNPRIVILEGED)
    both = compare(before, report(tmp_path / "b", POD, "other.yaml"))
    assert after.findings
    assert not both.uncovered


PLATFORMS = [
    (pod("securityContext: {privileged: true}"), "PRV007"),
    (compose("privileged: true"), "PRV007"),
    (task('"privileged": true'), "PRV007"),
    (docker('"Privileged": true'), "PRV007"),
    (quadlet("PodmanArgs=--privileged"), "PRV007"),
]


@pytest.mark.parametrize(("given", "check"), PLATFORMS, ids=lambda one: getattr(one, "platform", ""))
def test_every_platform_says_what_hid_it(tmp_path: Path, given: Input, check: str) -> None:
    before = api.scan([str(write(tmp_path, given.files))], SETTINGS).report
    (graver,) = [one.fingerprint for one in before.findings if one.check == "PRV001"]
    files = {
        path: text.replace("true", "false").replace("--privileged", "--init") for path, text in given.files.items()
    }
    after = api.scan([str(write(tmp_path, files))], SETTINGS).report
    (uncovered,) = [one for one in after.findings if one.check == check]
    assert uncovered.masked_by == [graver]
    assert not any(one.check == check for one in before.findings)


def test_swarm_cannot_be_privileged(tmp_path: Path) -> None:
    done = api.scan([str(write(tmp_path, stack("privileged: true").files))], SETTINGS).report
    assert not any(one.check == "PRV001" for one in done.findings)


def test_the_host_network_hides_that_there_is_no_user_namespace(difference: object) -> None:
    found = difference(POD, POD.replace("  hostNetwork: true\n", ""))  # type: ignore[operator]
    assert "RUN013" in checks(found.uncovered)


def test_a_check_masks_only_checks_that_exist() -> None:
    known = all_checks()
    for one in known.values():
        assert all(name in known and known[name].severity >= one.severity for name in one.masked_by), one.id


def test_a_baseline_knows_what_it_stood_over(tmp_path: Path) -> None:
    known = baseline.read(baseline.make(report(tmp_path, POD).findings, "2026-11-01"), "b.json")
    write(tmp_path, {"pod.yaml": UNPRIVILEGED})
    done = api.scan([str(tmp_path)], SETTINGS, known=known).report
    assert not [one for one in done.findings if one.status == "open"]
    write(tmp_path, {"pod.yaml": UNPRIVILEGED + "  - name: new\n    image: registry.example/new:1.0\n"})
    done = api.scan([str(tmp_path)], SETTINGS, known=known).report
    assert {one.resource.container for one in done.findings if one.status == "open" and one.resource} == {"new"}


def test_a_side_that_was_not_read_whole_is_told(tmp_path: Path) -> None:
    before, after = report(tmp_path / "a", POD), report(tmp_path / "b", POD + "  - [\n")
    found = compare(before, after)
    assert found.partial == [str(tmp_path / "b")]
    assert exit_code(found, "high") == 3


def test_a_framework_blames_each_container_and_keeps_its_findings_when_a_check_takes_over(tmp_path: Path) -> None:
    settings = Settings(as_of="2026-11-01", frameworks=("pss-restricted", "pss-baseline"))
    other = "  - name: other\n    image: registry.example/other:1.0\n"

    def of(folder: str, text: str) -> Report:
        return api.scan([str(write(tmp_path / folder, {"pod.yaml": text}))], settings).report

    before, after = of("a", BARE + other), of("b", BARE.replace("privileged: true", "privileged: false") + other)
    for done in (before, after):
        escalation = [one for one in done.findings if one.check == "PRV004"]
        assert sorted(one.resource.container for one in escalation if one.resource) == ["app", "other"]
        assert len({one.fingerprint for one in done.findings}) == len(done.findings)
    found = compare(before, after)
    assert not found.added
    assert not found.uncovered
    assert checks(found.removed) == {"PRV001"}
