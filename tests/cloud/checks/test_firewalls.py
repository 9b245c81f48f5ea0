"""Security groups: CLD007."""

from __future__ import annotations

import pytest

from harness import Case, Input, assert_case, cloudformation, fails, passes, silent, terraform


def group(first: int | str, last: int | str, protocol: str = "tcp", ranges: str = '"0.0.0.0/0"') -> Input:
    return terraform(
        'resource "aws_security_group" "web" {\n'
        "  ingress {\n"
        f"    from_port   = {first}\n"
        f"    to_port     = {last}\n"
        f'    protocol    = "{protocol}"\n'
        f"    cidr_blocks = [{ranges}]\n"
        "  }\n"
        "  egress {\n"
        "    from_port   = 0\n"
        "    to_port     = 0\n"
        '    protocol    = "-1"\n'
        '    cidr_blocks = ["0.0.0.0/0"]\n'
        "  }\n"
        "}\n"
    )


OF_ITS_OWN = terraform(
    """
    resource "aws_security_group_rule" "ssh" {
      type              = "ingress"
      from_port         = 22
      to_port           = 22
      protocol          = "tcp"
      ipv6_cidr_blocks  = ["::/0"]
      security_group_id = aws_security_group.web.id
    }
    """
)
NEW_RULE = terraform(
    """
    resource "aws_vpc_security_group_ingress_rule" "all" {
      security_group_id = aws_security_group.web.id
      cidr_ipv4         = "0.0.0.0/0"
      ip_protocol       = "-1"
    }
    """
)


def stack(rule: str) -> Input:
    return cloudformation(
        "Web:\n  Type: AWS::EC2::SecurityGroup\n  Properties:\n    GroupDescription: of the web\n"
        f"    SecurityGroupIngress:\n      - {rule}\n"
        "Other: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: another}}\n"
    )


CASES = (
    fails("CLD007", stack("{CidrIp: 0.0.0.0/0, IpProtocol: -1}"), at="CidrIp", severity="high", says="every port"),
    fails(
        "CLD007", stack("{CidrIpv6: '::/0', IpProtocol: tcp, FromPort: '22', ToPort: 22}"), at="CidrIpv6", says="SSH"
    ),
    passes("CLD007", stack("{CidrIp: 0.0.0.0/0, IpProtocol: tcp, FromPort: 443, ToPort: 443}")),
    passes("CLD007", stack("{SourceSecurityGroupId: !Ref Other, IpProtocol: -1}")),
    silent(
        "CLD007", stack("{CidrIp: 0.0.0.0/0, IpProtocol: tcp, FromPort: !ImportValue port, ToPort: !ImportValue port}")
    ),
    fails("CLD007", group(22, 22), at="ingress {", severity="high", says="SSH"),
    fails("CLD007", group(0, 65535), at="ingress {", says="every tcp port"),
    fails("CLD007", group(0, 0, "-1"), at="ingress {", says="every port of every protocol"),
    fails("CLD007", group(1024, 9000), at="ingress {", says="more"),
    fails("CLD007", OF_ITS_OWN, at='"ssh"', says="::/0"),
    fails("CLD007", NEW_RULE, at='"all"', says="every port"),
    passes("CLD007", group(443, 443)),
    passes("CLD007", group(22, 22, ranges='"10.0.0.0/8"')),
    passes("CLD007", group(22, 22, ranges="var.office")),
    silent("CLD007", group("var.port", "var.port")),
    silent("CLD007", terraform('resource "aws_security_group" "web" {\n  name = "web"\n}\n')),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
