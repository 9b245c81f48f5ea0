"""Pod Security verdicts: against the reference's recorded answers, a slow model, and single examples."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batten.frameworks import pss
from frameworks.pss_pods import container, hardened_spec, pod, random_pod
from frameworks.pss_reading import workload
from frameworks.pss_slow import failed

Json = dict[str, Any]
CASES = Path(__file__).parents[1] / "data" / "pss" / "cases.jsonl.gz"


def checks(thing: Json, level: str, version: str = pss.NEWEST) -> list[str]:
    return [violation.check for violation in pss.evaluate(workload(thing), level, version)]


def recorded() -> list[Json]:
    with gzip.open(CASES, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_the_verdict_is_that_of_the_reference_for_every_recorded_pod_and_version() -> None:
    different = []
    for case in recorded():
        read = workload(case["object"])
        for level in pss.LEVELS:
            changes = dict(case[level])
            expected: list[str] = []
            for version in pss.VERSIONS:
                expected = changes.get(version, expected)
                found = [violation.check for violation in pss.evaluate(read, level, version)]
                if found != expected:
                    different.append((level, version, expected, found, case["object"]))
    assert different[:3] == []


def test_the_recorded_pods_show_every_check_failing_and_pods_that_pass() -> None:
    seen: dict[str, set[str]] = {level: set() for level in pss.LEVELS}
    passing = dict.fromkeys(pss.LEVELS, 0)
    for case in recorded():
        for level in pss.LEVELS:
            for _, failures in case[level]:
                seen[level].update(failures)
                passing[level] += not failures
    baseline = {rule.check for rule in pss.RULES if rule.level == "baseline"}
    assert seen["baseline"] == baseline
    replaced = {"capabilities_baseline", "hostPathVolumes", "seccompProfile_baseline"}
    assert seen["restricted"] == {rule.check for rule in pss.RULES} - replaced
    assert min(passing.values()) > 300


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=2**32), st.sampled_from(pss.VERSIONS))
def test_the_verdict_is_that_of_the_published_tables(seed: int, version: str) -> None:
    thing = random_pod(random.Random(seed))
    for level in pss.LEVELS:
        assert set(checks(thing, level, version)) == failed(thing, level, version)


def test_a_hardened_pod_passes_everywhere() -> None:
    for version in pss.VERSIONS:
        assert checks(pod(hardened_spec()), "restricted", version) == []


def test_a_violation_names_its_control_its_containers_and_its_places() -> None:
    spec = hardened_spec()
    spec["containers"].append(container("second", {"privileged": True, "allowPrivilegeEscalation": False}))
    spec["initContainers"] = [container("first", {"privileged": True})]
    (violation,) = [v for v in pss.evaluate(workload(pod(spec)), "restricted") if v.check == "privileged"]
    assert violation.control == "privileged-containers"
    assert violation.level == "baseline"
    assert violation.containers == ("first", "second")
    assert [place.pointer for place in violation.places] == [
        ("spec", "initContainers", 0, "securityContext", "privileged"),
        ("spec", "containers", 1, "securityContext", "privileged"),
    ]
    assert violation.message == "containers first, second: is privileged"


def test_a_violation_of_the_pod_itself_blames_no_container() -> None:
    spec = {**hardened_spec(), "hostNetwork": True, "hostPID": True}
    (violation,) = pss.evaluate(workload(pod(spec)), "baseline")
    assert violation.containers == ()
    assert [place.pointer for place in violation.places] == [("spec", "hostNetwork"), ("spec", "hostPID")]
    assert violation.message == "the workload: shares namespaces with the host (network, process ids)"


def test_an_annotation_of_a_controller_does_not_reach_its_pods() -> None:
    mark = {"container.apparmor.security.beta.kubernetes.io/main": "unconfined"}
    template: Json = {"metadata": {}, "spec": hardened_spec()}
    thing = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "w", "annotations": mark},
        "spec": {"template": template},
    }
    assert checks(thing, "baseline") == []
    template["metadata"]["annotations"] = mark
    assert checks(thing, "baseline") == ["appArmorProfile"]


def test_a_policy_changes_with_its_version() -> None:
    spec = hardened_spec()
    spec["securityContext"] = {"sysctls": [{"name": "net.ipv4.tcp_rmem", "value": "1"}]}
    assert checks(pod(spec), "baseline", "1.31") == ["sysctls"]
    assert checks(pod(spec), "baseline", "1.32") == []


@pytest.mark.parametrize("level", pss.LEVELS)
def test_every_violation_is_of_a_control_of_that_level_and_version(level: str) -> None:
    source = random.Random(1)
    for _ in range(50):
        read = workload(random_pod(source))
        for version in ("1.24", "1.34", pss.NEWEST):
            known = [name for name, _ in pss.controls(level, version)]
            assert len(set(known)) == len(known)
            for violation in pss.evaluate(read, level, version):
                assert violation.control in known
                assert violation.places
                assert violation.message


@pytest.mark.parametrize("version", ["1.24", "1.34", pss.NEWEST])
def test_what_is_violated_is_told_without_words_as_well(version: str) -> None:
    source = random.Random(2)
    for _ in range(100):
        read = workload(random_pod(source))
        assert list(pss.violated(read, version)) == [
            (level, violation.control, violation.containers)
            for level in pss.LEVELS
            for violation in pss.evaluate(read, level, version)
        ]


@pytest.mark.parametrize("text", ["1.30", "v1.30"])
def test_a_version_is_read_as_people_write_it(text: str) -> None:
    assert pss.parse_version(text) == "1.30"


def test_the_latest_version_is_the_newest_known() -> None:
    assert pss.parse_version("latest") == pss.NEWEST == "1.36"


@pytest.mark.parametrize("text", ["1.23", "1.99", "", "1.3", "one", "v", "vv1.30"])
def test_an_unknown_version_is_refused_with_what_is_expected(text: str) -> None:
    with pytest.raises(ValueError, match=r"from 1\.24 to 1\.36 or latest, found"):
        pss.parse_version(text)


def test_an_unknown_level_is_refused_with_what_is_expected() -> None:
    with pytest.raises(ValueError, match=r"baseline or restricted, found 'privileged'"):
        pss.evaluate(workload(pod({})), "privileged")
    with pytest.raises(ValueError, match=r"found 'v1\.30'"):
        pss.evaluate(workload(pod({})), "baseline", "v1.30")
