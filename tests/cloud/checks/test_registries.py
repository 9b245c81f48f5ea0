"""Repositories of images: CLD004 to CLD006, CLD008."""

from __future__ import annotations

import pytest

from harness import Case, Input, assert_case, assert_mends, cloudformation, fails, mendable, passes, silent, terraform


def repository(settings: str = "", more: str = "") -> Input:
    return terraform(f'resource "aws_ecr_repository" "shop" {{\n  name = "shop"\n{settings}}}\n{more}')


def repository_policy(principal: str, condition: str = "") -> Input:
    return terraform(
        'resource "aws_ecr_repository_policy" "shop" {\n'
        '  repository = "shop"\n'
        "  policy = jsonencode({\n"
        f'    Statement = [{{ Effect = "Allow", Principal = {principal}, Action = "ecr:*"{condition} }}]\n'
        "  })\n"
        "}\n"
    )


SCANNED = "  image_scanning_configuration {\n    scan_on_push = true\n  }\n"
NOT_SCANNED = SCANNED.replace("true", "false")
REGISTRY = 'resource "aws_ecr_registry_scanning_configuration" "all" {\n  scan_type = "ENHANCED"\n  rule {\n    scan_frequency = "CONTINUOUS_SCAN"\n  }\n}\n'  # noqa: E501
EXCEPT = '  image_tag_mutability = "IMMUTABLE_WITH_EXCLUSION"\n  image_tag_mutability_exclusion_filter {\n    filter      = "dev-*"\n    filter_type = "WILDCARD"\n  }\n'  # noqa: E501


def stack(settings: str = "") -> Input:
    return cloudformation(f"Shop:\n  Type: AWS::ECR::Repository\n  Properties:\n    RepositoryName: shop\n{settings}")


OPEN = '    RepositoryPolicyText:\n      Statement:\n        - Effect: Allow\n          Principal: "*"\n          Action: ecr:*\n'  # noqa: E501
CASES = (
    fails("CLD004", stack(), at="Properties", severity="medium", fix="review", becomes="ImageTagMutability: IMMUTABLE"),
    fails("CLD004", stack("    ImageTagMutability: MUTABLE\n"), at="MUTABLE", fix="review", becomes="IMMUTABLE"),
    passes("CLD004", stack("    ImageTagMutability: IMMUTABLE\n")),
    silent("CLD004", stack("    ImageTagMutability: !ImportValue mutability\n")),
    fails("CLD005", stack(), at="Properties", severity="low", fix="safe", becomes="ScanOnPush: true"),
    passes("CLD005", stack("    ImageScanningConfiguration: {ScanOnPush: 'true'}\n")),
    fails("CLD008", stack(), at="Properties", severity="low"),
    fails("CLD008", stack("    EncryptionConfiguration: {EncryptionType: AES256}\n"), at="{EncryptionType"),
    passes("CLD008", stack("    EncryptionConfiguration: {EncryptionType: KMS}\n")),
    passes("CLD008", stack("    EncryptionConfiguration: {EncryptionType: KMS_DSSE}\n")),
    silent("CLD008", stack("    EncryptionConfiguration: {EncryptionType: !ImportValue kind}\n")),
    silent("CLD008", stack("    EncryptionConfiguration: !ImportValue kind\n")),
    fails("CLD008", repository(), at='"shop" {', severity="low"),
    fails(
        "CLD008",
        repository('  encryption_configuration {\n    encryption_type = "AES256"\n  }\n'),
        at="encryption_configuration",
    ),
    passes("CLD008", repository('  encryption_configuration {\n    encryption_type = "KMS"\n  }\n')),
    silent("CLD008", repository("  encryption_configuration {\n    encryption_type = var.kind\n  }\n")),
    fails("CLD006", stack(OPEN), at="Effect", severity="high"),
    passes("CLD006", stack(OPEN.replace('"*"', "{AWS: !ImportValue account}"))),
    silent("CLD006", stack()),
    fails("CLD004", repository(), at='"shop" {', severity="medium", fix="review", becomes='mutability = "IMMUTABLE"'),
    fails(
        "CLD004",
        repository('  image_tag_mutability = "MUTABLE"\n'),
        at="MUTABLE",
        fix="review",
        becomes='= "IMMUTABLE"',
    ),
    fails("CLD004", repository(EXCEPT.replace("dev-*", "*")), at="IMMUTABLE_WITH"),
    passes("CLD004", repository('  image_tag_mutability = "IMMUTABLE"\n')),
    passes("CLD004", repository(EXCEPT)),
    silent("CLD004", repository("  image_tag_mutability = var.mutability\n")),
    fails("CLD005", repository(), at='"shop" {', severity="low", fix="safe", becomes="scan_on_push = true"),
    fails("CLD005", repository(NOT_SCANNED), at="image_scanning", fix="safe", becomes="scan_on_push = true"),
    passes("CLD005", repository(SCANNED)),
    passes("CLD005", repository(more=REGISTRY)),
    silent("CLD005", repository(SCANNED.replace("true", "var.scan"))),
    fails("CLD006", repository_policy('"*"'), at="Statement", severity="high"),
    fails("CLD006", repository_policy('{ AWS = "*" }'), at="Statement"),
    passes("CLD006", repository_policy('{ AWS = "arn:aws:iam::123456789012:root" }')),
    passes("CLD006", repository_policy('"*"', ', Condition = { StringEquals = { "aws:PrincipalOrgID" = "o-1" } }')),
    silent("CLD006", repository()),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)
