"""The sentences of the report, and the command beside a finding."""

from __future__ import annotations

import shlex

import pytest
from msgspec.structs import replace

from batten.model.report import ControlRef, Count, FixNote, TargetReport
from batten.model.source import Location
from batten.model.workload import Resource
from batten.report.groups import Entry
from batten.report.words import (
    Commands,
    clamp,
    controls,
    framework_text,
    headline,
    problem_place,
    problems,
    reading,
    remedies,
    resource_text,
    score_text,
    target_text,
    waiver_text,
)
from report import sample


def entry(path: str = sample.K8S, **more: object) -> Entry:
    finding = next(one for one in sample.findings() if one.check == "PRV001")
    return Entry((replace(finding, location=Location(path, 1), **more),))


def test_a_fix_that_takes_something_away_needs_unsafe() -> None:
    commands = Commands(sample.report())
    assert commands.next(entry()) == "batten fix --unsafe --check PRV001 k8s/web.yaml"
    assert commands.next(entry(fix=FixNote("safe", "x"))) == "batten fix --check PRV001 k8s/web.yaml"


def test_a_group_is_fixed_by_one_command() -> None:
    group = Entry(tuple(sample.hardening(sample.K8S, "- name: app", sample.WEB)[:2]))
    assert Commands(sample.report()).next(group) == "batten fix --unsafe --check PRV002,PRV003 k8s/web.yaml"


def test_without_a_fix_the_command_explains() -> None:
    assert Commands(sample.report()).next(entry(fix=None)) == "batten explain PRV001"


def test_what_is_not_on_disk_is_not_fixed() -> None:
    commands = Commands(replace(sample.report(), targets=[TargetReport(id="a", kind="archive", ref="a.zip")]))
    assert commands.fix(entry(target="a")) == ""
    assert commands.fix(entry("-")) == ""


def test_a_hostile_path_stays_one_argument() -> None:
    command = Commands(sample.report()).next(entry("-x; rm -rf $(HOME)`id`'.yaml"))
    assert shlex.split(command)[-1] == "./-x; rm -rf $(HOME)`id`'.yaml"
    assert len(shlex.split(command)) == 6


def test_a_path_with_control_characters_is_named_as_it_is() -> None:
    # as discovery shows a file called `a`, a line feed, `b\c`
    command = Commands(sample.report()).next(entry("a\\nb\\\\c.yaml"))
    assert command.endswith("$'a\\012b\\\\c.yaml'")


def test_a_resource_is_called_by_kind_namespace_and_container() -> None:
    assert resource_text(sample.WEB) == "Deployment shop/web, container app"
    assert resource_text(Resource("compose", "Service", "db", container="db")) == "Service db"


def test_a_container_of_the_name_of_its_workload_is_told_from_the_workload() -> None:
    assert resource_text(Resource("kubernetes", "Pod", "db", container="db")) == "Pod db, container db"
    assert resource_text(Resource("kubernetes", "Pod", "db")) == "Pod db"


@pytest.mark.parametrize(
    ("target", "text"),
    [
        ("directory:shop//api", "shop/api"),
        ("directory:.//api", "api"),
        ("directory:/srv/shop", "/srv/shop"),
        ("image:shop/web:1", "image:shop/web:1"),
    ],
)
def test_a_folder_is_called_by_its_path(target: str, text: str) -> None:
    assert target_text(target) == text


def test_a_score_is_rounded_down() -> None:
    assert score_text(99.9) == "99"
    assert score_text(100.0) == "100"
    assert score_text(None) == "not assessed"
    assert clamp(1e308) == 100.0
    assert clamp(-5) == 0.0


def test_the_headline_names_what_is_not_open_too() -> None:
    assert headline(Count(critical=1, low=2, waived=3, baseline=1, hidden=4)) == [
        "3 open findings: 1 critical, 2 low",
        "3 waived",
        "1 in the baseline",
        "4 hidden (other personas, low confidence)",
    ]
    assert headline(Count()) == ["no open findings"]


def test_a_path_with_two_problems_is_counted_once() -> None:
    report = sample.report()
    target = report.targets[0]
    doubled = replace(target, problems=[target.problems[1], replace(target.problems[1], line=99)])
    assert reading(replace(report, targets=[doubled])) == ["1 path could not be read"]


def test_what_could_not_be_read_comes_before_notes() -> None:
    severe = [problem.severe for _, problem in problems(sample.report())]
    assert severe == sorted(severe, reverse=True)
    assert problem_place(problems(sample.report())[2][1]) == "k8s/broken.yaml:12"


def test_a_waiver_is_told_with_owner_and_end() -> None:
    told = [waiver_text(one) for one in sample.findings() if one.status != "open"]
    assert told == [
        "known when the baseline was written",
        "waived by alice until 2027-01-01: the backup job stops containers through it (batten.toml)",
        "waived: debugging (compose.yaml:12)",
    ]


def test_a_framework_says_what_failed_and_what_was_not_looked_at() -> None:
    framework = sample.report().frameworks[0]
    expected = "Pod Security Standards, baseline 1.36: failed, 2 of 4 controls failed, 1 not assessed"
    assert framework_text(framework) == expected


def test_controls_are_told_by_framework() -> None:
    finding = sample.findings()[1]
    more = replace(finding, controls=[ControlRef("cis-docker", "5.26"), ControlRef("cis-docker", "5.5")])
    assert controls([finding, more]) == ["pss-baseline privileged", "cis-docker 5.5, 5.26"]


def test_each_member_of_an_entry_without_a_fix_says_what_to_do_by_hand() -> None:
    finding = entry().lead
    bare = replace(finding, fix=None, check="PRV004", remediation="set a.")
    mended = replace(finding, fix=FixNote("safe", "pin it"), check="PRV007", remediation="set b")
    assert remedies(Entry((bare,))) == "set a."
    assert remedies(Entry((bare, replace(bare, check="PRV005"), mended))) == "PRV004, PRV005: set a."
    assert remedies(Entry((bare, mended)), all_of_them=True) == "PRV004: set a. PRV007: set b."


def test_options_that_decide_what_is_judged_are_given_again() -> None:
    commands = Commands(sample.report(), "--values prod.yaml")
    assert commands.next(entry()) == "batten fix --unsafe --check PRV001 --values prod.yaml k8s/web.yaml"
