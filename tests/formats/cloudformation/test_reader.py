"""Templates of CloudFormation and SAM are read as what their stack would hold."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

from batten import api
from batten.formats.cloudformation import READER
from batten.formats.interface import ReadContext, Reading
from batten.model.cloud import AccessPolicy, PolicyAttachment, SecurityGroup
from batten.model.settings import Settings
from batten.model.source import Unreadable
from batten.model.values import UNKNOWN, Capabilities, User
from batten.model.workload import Container, Workload
from fuzz.memory import Memory

TEMPLATE = """\
AWSTemplateFormatVersion: "2010-09-09"
Parameters:
  Tag:
    Type: String
    Default: "1.4"
  Privileged:
    Type: String
    Default: "true"   # for the driver
  Password:
    Type: String
    NoEcho: true
    Default: correct-horse
  Ports:
    Type: CommaDelimitedList
    Default: 80,443
  Ami:
    Type: AWS::SSM::Parameter::Value<String>
    Default: /aws/service/x
Conditions:
  Prod: !Equals [!Ref AWS::Region, eu-central-1]
Mappings:
  Users:
    prod: {uid: "1000"}
Resources:
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Family: shop
      NetworkMode: host
      TaskRoleArn: !GetAtt Role.Arn
      ContainerDefinitions:
        - Name: web
          Image: !Sub "registry.example/shop/web:${Tag}"
          Privileged: !Ref Privileged
          User: !FindInMap [Users, prod, uid]
          ReadonlyRootFilesystem: !If [Prod, true, !Ref AWS::NoValue]
          LinuxParameters:
            Capabilities: {Drop: [ALL]}
          LogConfiguration:
            LogDriver: awslogs
            Options: {awslogs-group: !Ref Group}
          Environment:
            - {Name: PASSWORD, Value: !Ref Password}
            - {Name: URL, Value: !Join ["", ["http://", !Select [1, !Split [",", "a,b"]]]]}
          PortMappings:
            - ContainerPort: !Select [0, !Ref Ports]
              HostPort: !Ref AWS::NoValue
      Volumes:
        - Name: efs
          EFSVolumeConfiguration: {FilesystemId: fs-1, AuthorizationConfig: {IAM: ENABLED}}
  Service:
    Type: AWS::ECS::Service
    Properties:
      TaskDefinition: !Ref Task
      EnableExecuteCommand: true
      NetworkConfiguration: {AwsvpcConfiguration: {AssignPublicIp: ENABLED}}
  Role: {Type: "AWS::IAM::Role", Properties: {AssumeRolePolicyDocument: {Statement: []}}}
  Group: {Type: "AWS::Logs::LogGroup"}
"""


def read(text: str, name: str = "stack.yaml", **files: str) -> Reading:
    memory = Memory({name: dedent(text).encode(), **{path: one.encode() for path, one in files.items()}})
    file = memory.get(name)
    assert file is not None
    return READER.read(file, ReadContext(memory))


def web(reading: Reading) -> Container:
    [found] = reading.nouns[0].containers
    return found


def test_a_task_definition_with_its_functions() -> None:
    reading = read(TEMPLATE)
    task, service = [noun for noun in reading.nouns if isinstance(noun, Workload)]
    assert (task.name, task.host_network, task.task_role) == ("shop", True, "${Role.Arn}")
    assert (task.facts["efs-iam:efs"], task.facts["efs-encryption:efs"]) == ("true", "false")
    one = web(reading)
    assert (one.image.name, one.image.tag, one.privileged) == ("registry.example/shop/web", "1.4", True)
    assert (one.user, one.capabilities, one.read_only_root) == (User(uid=1000), Capabilities(drop=("ALL",)), UNKNOWN)
    assert [(var.name, var.value) for var in one.environment] == [("PASSWORD", None), ("URL", "http://b")]
    assert [port.container for port in one.ports] == [80]
    assert (service.name, service.facts["exec"], service.facts["public-ip"]) == ("Service", "true", "true")
    [note] = reading.problems
    assert (note.severe, note.message.startswith("ReadonlyRootFilesystem of Task")) == (False, True)


def test_the_place_is_where_the_value_was_decided() -> None:
    found = web(read(TEMPLATE))
    assert found.where("privileged").location().line == 8
    assert found.where("image").location().line == 33


def test_json_has_the_long_forms() -> None:
    container = {
        "Name": "web",
        "Image": {"Fn::Sub": "web:${Tag}"},
        "User": {"Fn::Join": [":", ["1", {"Ref": "Group"}]]},
        "Privileged": {"Fn::If": ["X", True, True]},
    }
    task = {"Type": "AWS::ECS::TaskDefinition", "Properties": {"ContainerDefinitions": [container]}}
    whole = {"Parameters": {"Tag": {"Type": "String", "Default": "2"}}, "Resources": {"Task": task}}
    reading = read(json.dumps(whole), "stack.template")
    assert (web(reading).image.tag, web(reading).user, web(reading).privileged) == ("2", UNKNOWN, True)
    assert reading.nouns[0].name == "Task"


@pytest.mark.parametrize(
    "value",
    ["!Ref Password", "!Ref Ami", "!Ref Missing", "!GetAtt A.B", "!ImportValue x", "!Sub '${Missing}'", "!If [A, 1, 2]",
     "!FindInMap [Users, dev, uid]", "!Select [5, [a]]", "!Transform {Name: x}", "!Base64 x"],
)  # fmt: skip
def test_what_is_not_known_is_not_guessed(value: str) -> None:
    assert web(read(TEMPLATE.replace("!FindInMap [Users, prod, uid]", value))).user is UNKNOWN


def test_containers_that_are_not_known_are_a_problem() -> None:
    text = "Resources:\n  T:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      ContainerDefinitions: !Ref X\n"
    text = f"Parameters:\n  X: {{Type: String}}\n{text}"
    [problem] = [one for one in read(text).problems if one.severe]
    assert problem.line == 7


def test_policies_of_roles_and_functions() -> None:
    reading = read(
        """
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              AssumeRolePolicyDocument:
                Statement: [{Effect: Allow, Principal: {Service: [ecs-tasks.amazonaws.com]}}]
              ManagedPolicyArns: [!Ref Policy]
          Function:
            Type: AWS::Serverless::Function
            Metadata: {Dockerfile: Dockerfile.app, DockerContext: ./src}
            Properties:
              PackageType: Image
              Policies:
                - AmazonS3ReadOnlyAccess
                - Statement: [{Effect: Allow, Action: "s3:*", Resource: "*", Condition: {Bool: {a: true}}}]
          Group:
            Type: AWS::EC2::SecurityGroup
            Properties:
              SecurityGroupIngress: [{CidrIp: 10.0.0.0/8, IpProtocol: tcp, FromPort: 1, ToPort: 2}]
        """
    )
    policies = [noun for noun in reading.nouns if isinstance(noun, AccessPolicy)]
    assert [one.kind for one in policies] == ["trust", "identity"]
    assert policies[1].statements[0].conditions == ("a",)
    attachments = [noun for noun in reading.nouns if isinstance(noun, PolicyAttachment)]
    assert [one.policies[0][0] for one in attachments] == [
        "${Policy}",
        "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess",
    ]
    [group] = [noun for noun in reading.nouns if isinstance(noun, SecurityGroup)]
    assert (group.rules[0].first, group.rules[0].last) == (1, 2)
    assert reading.leads_to == [("src/Dockerfile.app", "dockerfile")]


@pytest.mark.parametrize("metadata", ["{Dockerfile: ../../x}", "{Dockerfile: /etc/passwd}", "{Dockerfile: 1}", "x"])
def test_nothing_out_of_the_target_is_read(metadata: str) -> None:
    text = f"Resources:\n  F:\n    Type: AWS::Serverless::Function\n    Metadata: {metadata}\n"
    assert read(text).leads_to == []


@pytest.mark.parametrize(
    "text",
    ["a: AWS::X\nResources: []\n", "Resources: {a: {Type: Other}}\n# AWS::\n", "Resources: 5\n# AWS::\n", '["AWS::"]'],
)
def test_other_files_are_left_to_others(text: str) -> None:
    assert read(text).recognised is False


def test_broken_templates_say_where() -> None:
    [problem] = read("Resources:\n  A:\n    Type: AWS::ECS::Service\n   B: x\n").problems
    assert problem.line in (3, 4)
    [problem] = read('{"Resources": {"A": {"Type": "AWS::ECS::Service"}}').problems
    assert problem.line == 1


def test_values_that_grow_without_end_are_refused() -> None:
    grown = "".join(f"  M{n}: &m{n} [*m{n - 1}, *m{n - 1}, *m{n - 1}]\n" for n in range(1, 9))
    text = f"Metadata:\n  M0: &m0 [{', '.join('x' * 50)}]\n{grown}Resources:\n  R:\n    Type: AWS::IAM::Role\n"
    with pytest.raises(Unreadable, match="values in a template"):
        read(text + "    Properties:\n      Policies: *m8\n")


def test_workloads_of_two_stacks_are_told_apart() -> None:
    reading = read(TEMPLATE)
    assert [noun.kind for noun in reading.nouns if isinstance(noun, Workload)] == ["TaskDefinition", "Service"]


def test_a_fix_keeps_comments_and_writes_the_names_of_templates(tmp_path) -> None:
    (tmp_path / "stack.yaml").write_text(TEMPLATE)
    settings = Settings(persona="auditor", as_of="2026-11-01")
    plan = api.fix([str(tmp_path)], settings, review=True, choose=lambda one: one.finding.check in ("PRV001", "PRV004"))
    [text] = [patch.after.text() for patch in plan.patches]
    assert 'Default: "false"   # for the driver' in text or "Default: false   # for the driver" in text
    assert "DockerSecurityOptions:\n            - no-new-privileges" in text


def test_a_parameter_without_echo_is_not_shown(tmp_path) -> None:
    long = "  Password:\n    Type: String\n    NoEcho: true\n    Default: correct-horse\n"
    assert long in TEMPLATE
    text = TEMPLATE.replace(long, "  Password: {Type: String, NoEcho: true, Default: qqq-7}\n")
    (tmp_path / "stack.yaml").write_text(text)
    found = api.scan([str(tmp_path)], Settings(as_of="2026-11-01", persona="auditor")).report
    [tag] = [one for one in found.findings if one.check == "PRV001"]
    lines = tag.excerpt.lines if tag.excerpt is not None else []
    assert any("NoEcho" in line for line in lines)
    assert not any("qqq-7" in line for line in lines)


@pytest.mark.parametrize("value", ["!If [Prod, true, true]", '!Join ["", [tr, ue]]', "!Select [0, [true]]"])
def test_what_a_function_makes_is_edited_where_it_stands_or_not_at_all(tmp_path, value: str) -> None:
    (tmp_path / "stack.yaml").write_text(TEMPLATE.replace("!Ref Privileged", value))
    settings = Settings(persona="auditor", as_of="2026-11-01")
    plan = api.fix([str(tmp_path)], settings, review=True, choose=lambda one: one.finding.check == "PRV001")
    texts = [patch.after.text() for patch in plan.patches]
    assert ["!Select [0, [false]]" in text for text in texts] == ([True] if "Select" in value else [])


def told(text: str) -> list[tuple[int | None, str]]:
    return [(one.line, one.message) for one in read(text).problems if one.severe]


ROLE = """\
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Statement: []}
"""


@pytest.mark.parametrize(
    ("more", "line", "missing"),
    [
        ("      Path: !Ref Where\n", 6, "Where"),
        ("      Path: !Sub '/${Where}/${AWS::Region}/${!kept}/${Other.Arn}'\n", 6, "Where and 1 more"),
        ("      Path: {'Fn::GetAtt': [Where, Arn]}\n", 6, "Where"),
        ("    DependsOn: [Role, Where]\n", 6, "Where"),
        ("    Condition: Where\n", 6, "Where"),
        ("      Path: !If [Where, /, /x]\n", 6, "Where"),
    ],
)
def test_what_is_referred_to_and_is_not_there_is_told_once(more: str, line: int, missing: str) -> None:
    expected = f"expected {missing}, which this refers to, in the template, found none: was the file cut off?"
    assert told(ROLE + more) == [(line, expected)]


def test_names_that_a_macro_or_sam_makes_are_not_asked_for() -> None:
    assert told("Transform: [Own]\n" + ROLE + "      Path: !Ref Where\n") == []
    assert told("Transform: AWS::Serverless-2016-10-31\n" + ROLE + "      Path: !GetAtt RoleStage.Arn\n") == []
    assert told(ROLE + "      Path: !Sub ['${Own}', {Own: !Ref Role}]\n") == []
    assert told(ROLE + "      Path: !Sub '${self:service}'\n") == []
    chosen = "      Policies:\n      - !If [A, {PolicyName: x}, 1]\n      - !Ref AWS::NoValue\n"
    assert told("Conditions: {A: !Equals [a, b]}\n" + ROLE + chosen) == []


@pytest.mark.parametrize(
    ("text", "line", "missing"),
    [
        ("Resources:\n  Role:\n    Type: AWS::IAM::Role\n", 2, "AssumeRolePolicyDocument in the resource Role"),
        ("Resources:\n  Role:\n    Type: AWS::IAM::Role\n    Properties:\n      Assu\n", 2, "a mapping of Properties"),
        (ROLE + "  Other:\n    Ty\n", 6, "a Type in the resource Other"),
        (ROLE + "  Other:\n    Type: AWS::SN\n", 6, "a Type in the resource Other"),
        (ROLE + "      Policies:\n      - PolicyNa\n", 2, "a PolicyName and a PolicyDocument in each of its Policies"),
        (ROLE + "Outputs:\n  Name:\n    Description: x\n", 7, "a Value of the output Name"),
        (
            ROLE + "      Path: !Re\n",
            6,
            "a function of CloudFormation, found !Re",
        ),
        (ROLE + "      Path:\n", 6, "a value of the last key, Path, found the end of the file"),
    ],
)
def test_a_template_that_was_cut_off_is_told(text: str, line: int, missing: str) -> None:
    [(where, message)] = told(text)
    assert (where, missing in message) == (line, True)


def test_policies_that_are_texts_of_json_are_judged_and_told_where_they_are_cut() -> None:
    policy = '{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
    text = ROLE + f"      Policies:\n      - PolicyName: all\n        PolicyDocument: |\n          {policy}\n"
    trust, found = [noun for noun in read(text).nouns if isinstance(noun, AccessPolicy)]
    assert (trust.statements, found.statements[0].actions) == ((), ("*",))
    assert found.where("statements").location().line == 8
    [(line, message)] = told(text.replace("}]}\n", "}\n"))
    assert (line, "expected JSON in PolicyDocument of Role" in message) == (8, True)
