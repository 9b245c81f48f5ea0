"""Conditions are worked out from the defaults of parameters; what those do not decide is not known."""

from __future__ import annotations

import json

import pytest

from batten.model.cloud import SecurityGroup
from batten.model.source import Unreadable
from batten.model.values import UNKNOWN
from batten.model.workload import Container, Workload
from formats.cloudformation.test_reader import read, web

CONDITIONS = """\
Parameters:
  Stage: {Type: String, Default: prod}
  Size: {Type: Number, Default: 2}
  Asked: {Type: String}
Mappings:
  Stages: {prod: {open: "yes"}}
Conditions:
  Prod: !Equals [!Ref Stage, prod]
  Large: !Equals [!Ref Size, "2"]
  Asked: !Equals [!Ref Asked, "true"]
  Open: !Equals [!FindInMap [Stages, !Ref Stage, open], "yes"]
  Here: !Equals [!Ref AWS::Region, eu-central-1]
  Named: !Condition Prod
  Not: !Not [!Condition Prod]
  Both: !And [!Condition Prod, !Condition Large]
  BothAsked: !And [!Condition Prod, !Condition Asked]
  NotBoth: !And [!Condition Asked, !Condition Not]
  One: !Or [!Condition Asked, !Condition Prod]
  OneAsked: !Or [!Condition Asked, !Condition Not]
  Long: {"Fn::And": [{Condition: Prod}, {"Fn::Not": [{"Fn::Equals": [{Ref: Stage}, test]}]}]}
  Loop: !Not [!Condition Loop]
"""
TASK = """\
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      ContainerDefinitions:
        - Name: web
          Image: web:1
          Privileged: VALUE
"""


def privileged(value: str) -> object:
    return web(read(CONDITIONS + TASK.replace("VALUE", value))).privileged


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        *(("Prod", True), ("Large", True), ("Open", True), ("Named", True), ("Both", True), ("One", True)),
        *(("Long", True), ("Not", False), ("NotBoth", False)),
        *(("Asked", None), ("Here", None), ("BothAsked", None), ("OneAsked", None), ("Loop", None), ("Missing", None)),
    ],
)
def test_what_a_condition_chooses(name: str, holds: bool | None) -> None:
    assert privileged(f"!If [{name}, true, false]") is (UNKNOWN if holds is None else holds)
    # what is not written is false
    assert privileged(f"!If [{name}, !Ref AWS::NoValue, true]") is (UNKNOWN if holds is None else not holds)


def test_what_is_chosen_stands_where_it_was_written() -> None:
    found = web(
        read(CONDITIONS + TASK.replace("VALUE", "!If\n            - Prod\n            - true\n            - false"))
    )
    assert found.where("privileged").location().line == (CONDITIONS + TASK).count("\n") + 2


@pytest.mark.parametrize(("name", "made"), [("Prod", 1), ("Not", 0), ("Asked", 1), ("Missing", 1)])
def test_a_resource_whose_condition_is_false_is_not_made(name: str, made: int) -> None:
    text = CONDITIONS + TASK.replace("VALUE", "true").replace(
        "    Properties:", f"    Condition: {name}\n    Properties:"
    )
    assert len([one for one in read(text).nouns if isinstance(one, Workload)]) == made


def test_whole_containers_are_chosen() -> None:
    text = (
        CONDITIONS
        + TASK.split("        - Name")[0]
        + (
            "        - !If [Prod, {Name: a, Image: a}, !Ref AWS::NoValue]\n"
            "        - !If [Not, {Name: b, Image: b}, !Ref AWS::NoValue]\n"
        )
    )
    [task] = [one for one in read(text).nouns if isinstance(one, Workload)]
    assert [one.name for one in task.containers if isinstance(one, Container)] == ["a"]


def test_json_has_conditions_as_well() -> None:
    whole = {
        "Parameters": {"Stage": {"Type": "String", "Default": "prod"}},
        "Conditions": {"Prod": {"Fn::Equals": [{"Ref": "Stage"}, "prod"]}, "Also": {"Condition": "Prod"}},
        "Resources": {
            "Task": {
                "Type": "AWS::ECS::TaskDefinition",
                "Properties": {
                    "ContainerDefinitions": [
                        {
                            "Name": "web",
                            "Image": "web",
                            "Privileged": {"Fn::If": ["Also", True, {"Ref": "AWS::NoValue"}]},
                        }
                    ]
                },
            }
        },
    }
    assert web(read(json.dumps(whole), "stack.json")).privileged is True


def test_what_is_not_known_of_a_group_is_told() -> None:
    text = (
        CONDITIONS
        + """\
Resources:
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: of the web
      SecurityGroupIngress:
        - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Asked}
        - !If [Asked, {IpProtocol: tcp, FromPort: 23, ToPort: 23, CidrIp: 0.0.0.0/0}, !Ref AWS::NoValue]
"""
    )
    reading = read(text)
    [group] = [one for one in reading.nouns if isinstance(one, SecurityGroup)]
    assert [rule.ranges for rule in group.rules] == [()]
    [note] = reading.problems
    assert (note.severe, note.message.split(":")[0]) == (False, "SecurityGroupIngress, CidrIp of Group")


@pytest.mark.parametrize("key", ["Fn::ForEach::Tasks", "Fn::Transform"])
def test_resources_that_a_macro_makes_are_a_problem(key: str) -> None:
    reading = read(CONDITIONS + TASK.replace("VALUE", "true") + f'  "{key}": [A, [B], {{}}]\n')
    [problem] = [one for one in reading.problems if one.severe]
    assert problem.message.startswith(f"{key}: what it makes")


def test_conditions_within_each_other_without_end_are_refused() -> None:
    with pytest.raises(Unreadable, match="conditions of at most"):
        read(
            "Conditions:\n  A: "
            + "!Not [" * 60
            + "!Condition B"
            + "]" * 60
            + "\n"
            + TASK.replace("VALUE", "!If [A, 1, 2]")
        )


def test_conditions_that_grow_without_end_are_refused() -> None:
    grown = "".join(f'  C{n}: &c{n} {{"Fn::And": [{", ".join([f"*c{n - 1}"] * 10)}]}}\n' for n in range(1, 6))
    text = f'Conditions:\n  C0: &c0 {{"Fn::Not": [{{Condition: Missing}}]}}\n{grown}'
    text += TASK.replace("VALUE", "!If [C5, true, false]")
    with pytest.raises(Unreadable, match="values in a template"):
        read(text)
