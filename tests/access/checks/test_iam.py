"""Policies of AWS IAM: ACC024 to ACC027."""

from __future__ import annotations

import pytest

from harness import Case, Input, assert_case, cloudformation, fails, passes, silent, terraform


def policy(statements: str) -> Input:
    """A policy whose text is made by the data source."""
    return terraform(
        'data "aws_iam_policy_document" "app" {\n'
        + statements
        + '}\nresource "aws_iam_policy" "app" {\n  policy = data.aws_iam_policy_document.app.json\n}\n'
    )


def inline(text: str) -> Input:
    """A policy as JSON in a role."""
    return terraform(
        'resource "aws_iam_role_policy" "app" {\n  role   = "app"\n  policy = <<EOF\n' + text + "\nEOF\n}\n"
    )


def trust(statement: str) -> Input:
    return terraform(
        'resource "aws_iam_role" "app" {\n'
        "  assume_role_policy = jsonencode({\n"
        '    Version = "2012-10-17"\n'
        f"    Statement = [{{ {statement} }}]\n"
        "  })\n"
        "}\n"
    )


def attached(arn: str) -> Input:
    return terraform(
        f'resource "aws_iam_role_policy_attachment" "app" {{\n  role       = "app"\n  policy_arn = "{arn}"\n}}\n'
    )


ALL = '  statement {\n    actions   = ["*"]\n    resources = ["*"]\n  }\n'
OWN = '  statement {\n    actions   = ["s3:GetObject"]\n    resources = ["arn:aws:s3:::shop/*"]\n  }\n'
PASS_ROLE = ALL.replace('"*"]\n    res', '"iam:PassRole"]\n    res')
CONDITION = '    condition {\n      test     = "StringEquals"\n      variable = "aws:PrincipalTag/a"\n      values   = ["b"]\n    }\n'  # noqa: E501


def stack(properties: str) -> Input:
    trusts = "" if "AssumeRolePolicyDocument" in properties else "    AssumeRolePolicyDocument: {Statement: []}\n"
    return cloudformation(f"App:\n  Type: AWS::IAM::Role\n  Properties:\n    RoleName: app\n{trusts}{properties}")


STACK_ALL = """\
    Policies:
      - PolicyName: all
        PolicyDocument:
          Statement:
            Effect: Allow
            Action: ['*']
            Resource: '*'
"""
CASES = (
    fails("ACC024", stack(STACK_ALL), at="Statement", after="Policies", severity="critical"),
    passes("ACC024", stack(STACK_ALL.replace("['*']", "logs:PutLogEvents"))),
    fails(
        "ACC025",
        stack("    ManagedPolicyArns: [!Sub 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess']\n"),
        at="ManagedPolicyArns",
        severity="critical",
    ),
    fails(
        "ACC025",
        cloudformation("F:\n  Type: AWS::Serverless::Function\n  Properties:\n    Policies: [AdministratorAccess]\n"),
        at="Policies",
    ),
    fails(
        "ACC026",
        stack("    AssumeRolePolicyDocument: {Statement: [{Effect: Allow, Principal: {AWS: '*'}}]}\n"),
        at="Principal",
        severity="critical",
    ),
    fails("ACC024", policy(ALL), at="statement {", severity="critical", says="every action"),
    fails("ACC024", policy(ALL.replace('"*"]\n    res', '"ecs:*"]\n    res')), at="statement {", severity="high"),
    fails(
        "ACC024",
        inline('{"Statement": [\n  {"Effect": "Allow", "Action": "*", "Resource": "*"}\n]}'),
        at='"Effect": "Allow"',
        severity="critical",
    ),
    fails(
        "ACC024",
        inline('{"Statement":\n  {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}\n}'),
        at='"NotAction"',
        severity="high",
    ),
    passes("ACC024", policy(OWN)),
    passes("ACC024", policy(ALL.replace("  }\n", CONDITION + "  }\n"))),
    passes("ACC024", policy(ALL.replace("    actions", '    effect    = "Deny"\n    actions'))),
    passes("ACC024", policy(ALL.replace('"*"]\n    res', '"logs:*"]\n    res'))),
    silent("ACC024", trust('Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }')),
    silent("ACC024", terraform('variable "p" {}\nresource "aws_iam_policy" "app" {\n  policy = var.p\n}\n')),
    fails("ACC025", attached("arn:aws:iam::aws:policy/AdministratorAccess"), at="policy_arn", severity="critical"),
    fails(
        "ACC025",
        attached("arn:${data.aws_partition.current.partition}:iam::aws:policy/IAMFullAccess"),
        at="policy_arn",
        severity="high",
    ),
    passes("ACC025", attached("arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy")),
    passes("ACC025", attached("arn:aws:iam::123456789012:policy/AdministratorAccess")),
    silent("ACC025", policy(OWN)),
    fails("ACC026", trust('Effect = "Allow", Principal = "*", Action = "sts:AssumeRole"'), at="Statement", says="any"),
    fails("ACC026", trust('Effect = "Allow", Principal = { AWS = ["*"] }'), at="Statement", severity="critical"),
    passes("ACC026", trust('Effect = "Allow", Principal = { Service = "ecs-tasks.amazonaws.com" }')),
    passes("ACC026", trust('Effect = "Allow", Principal = "*", Condition = var.condition')),
    silent("ACC026", policy(OWN)),
    fails(
        "ACC027", policy(ALL.replace('"*"]\n    res', '"iam:PassRole"]\n    res')), at="statement {", says="pass any"
    ),
    passes("ACC027", policy(ALL.replace('"*"]\n    res', '"logs:PutLogEvents"]\n    res'))),
    passes("ACC027", policy(OWN.replace("s3:GetObject", "iam:PassRole"))),
    silent("ACC027", policy(ALL)),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
