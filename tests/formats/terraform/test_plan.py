"""What `terraform show -json` prints is read as what will be there; what is sensitive is not."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.formats.interface import Reading
from batten.model.cloud import ImageRepository
from batten.model.objects import Hidden
from batten.model.settings import Settings
from batten.model.source import Unreadable
from batten.model.values import UNKNOWN, User
from batten.model.workload import Workload
from formats.terraform.reading import read_files

PLAN = Path(__file__).parents[2] / "data" / "terraform" / "plan.json"


def plan(**resource: Any) -> Reading:
    """A plan of one task definition."""
    unknown = resource.pop("unknown", {})
    sensitive = resource.pop("sensitive", {})
    values = {"family": "web", "container_definitions": '[{"name": "web", "image": "a:1"}]', **resource}
    one = {"address": "aws_ecs_task_definition.web", "mode": "managed", "type": "aws_ecs_task_definition",
           "name": "web", "values": values, "sensitive_values": sensitive}  # fmt: skip
    change = {"address": one["address"], "change": {"actions": ["create"], "after_unknown": unknown}}
    whole = {"format_version": "1.2", "terraform_version": "1.9.5",
             "planned_values": {"root_module": {"resources": [one]}}, "resource_changes": [change]}  # fmt: skip
    return read_files({"plan.json": json.dumps(whole)}, "plan.json")


def task(reading: Reading) -> Workload:
    [found] = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    return found


def test_resources_of_all_modules_are_read() -> None:
    reading = read_files({"plan.json": PLAN.read_text("utf-8")}, "plan.json")
    assert reading.problems == []
    web, pod = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    assert (web.platform, web.host_network, web.volumes[0].source) == ("ecs", True, "/var/run/docker.sock")
    assert (web.containers[0].privileged, pod.containers[0].user) == (True, User(uid=0))
    assert (pod.platform, pod.host_network, pod.containers[0].read_only_root) == ("kubernetes", True, False)
    assert [noun.mutable_tags for noun in reading.nouns if isinstance(noun, ImageRepository)] == [True]
    location = web.where("host_network").location()
    assert location.pointer == "/planned_values/root_module/resources/0/values/network_mode"


def test_a_state_is_read_as_well() -> None:
    whole = json.loads(PLAN.read_text("utf-8"))
    state = {"format_version": "1.0", "terraform_version": "1.9.5", "values": whole["planned_values"]}
    assert len(read_files({"state.json": json.dumps(state)}, "state.json").nouns) == 5


def test_what_is_known_after_apply_is_not_guessed() -> None:
    assert task(plan(unknown={"network_mode": True})).host_network is UNKNOWN
    hidden = plan(container_definitions=None, unknown={"container_definitions": True})
    assert task(hidden).containers == ()
    assert [problem.severe for problem in hidden.problems] == [True]


def test_what_is_sensitive_is_not_read() -> None:
    reading = plan(sensitive={"container_definitions": True})
    assert task(reading).containers == ()
    assert [problem.severe for problem in reading.problems] == [True]


def test_nothing_of_the_text_is_shown(tmp_path: Path) -> None:
    whole = json.loads(PLAN.read_text("utf-8"))
    (tmp_path / "plan.json").write_text(json.dumps(whole))
    report = api.scan([str(tmp_path)], Settings(as_of="2026-11-01")).report
    assert report.findings
    assert {finding.excerpt for finding in report.findings} == {None}
    plan = read_files({"plan.json": PLAN.read_text("utf-8")}, "plan.json")
    assert [noun.pointer for noun in plan.nouns if isinstance(noun, Hidden)] == [()]
    assert {bool(finding.no_fix) for finding in report.findings} == {True}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"format_version": "2.0", "terraform_version": "9"}', "format version 1"),
        ('{"format_version": "1.0", "terraform_version": "1"}', "planned_values"),
    ],
)
def test_what_is_no_plan_says_so(text: str, words: str) -> None:
    [problem] = read_files({"plan.json": text}, "plan.json").problems
    assert problem.severe
    assert words in problem.message


def test_other_json_is_left_to_others() -> None:
    assert read_files({"x.json": '{"terraform_version": "1"}'}, "x.json").recognised is False
    with pytest.raises(Unreadable):
        read_files({"x.json": '{"terraform_version": '}, "x.json")
