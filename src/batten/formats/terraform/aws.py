"""Resources of the AWS provider by the names that their properties have in CloudFormation and in the ECS API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from batten.formats.nodes import Node
from batten.formats.terraform.embedded import decoded
from batten.formats.terraform.shapes import camel, first
from batten.formats.terraform.values import Steps, is_null, is_unknown, listing, mapping
from batten.pattern import pattern

Fields = dict[str, Node]
Unread = list[tuple[Node, str]]
"""Arguments that are judged and not known: the argument, and what it is called."""


class Shaped:
    """A resource as CloudFormation has it. `unread` is filled by what makes it."""

    __slots__ = ("node", "type", "unread")

    def __init__(self, type: str, node: Node, unread: Unread) -> None:
        self.type = type
        self.node = node
        self.unread = unread


def shaped(type: str, node: Node, steps: Steps) -> Shaped | None:
    """The resource of this Terraform type; None for one that nothing is read of."""
    how = _HOW.get(type)
    if how is None:
        return None
    name, make = how
    source = _Source(node, steps)
    fields = make(source)
    if not name:  # one resource for both directions
        name = "AWS::EC2::SecurityGroupEgress" if node.text("type") == "egress" else "AWS::EC2::SecurityGroupIngress"
    return Shaped(name, mapping(fields, node.place), source.unread)


class _Source:
    """The arguments of one resource."""

    def __init__(self, node: Node, steps: Steps) -> None:
        self.node = node
        self.steps = steps
        self.unread: Unread = []

    def get(self, name: str) -> Node | None:
        found = self.node.get(name)
        return None if found is None or is_null(found) else found

    def document(self, name: str) -> Node | None:
        """A policy, or definitions, as JSON in a text."""
        found = self.get(name)
        if found is None:
            return None
        inner = decoded(found, self.steps)
        if inner is None:
            self.unread.append((found, name))
        return inner

    def renamed(self, names: dict[str, str]) -> Fields:
        fields = {}
        for name, key in names.items():
            found = self.get(name)
            if found is not None:
                fields[key] = found
        return fields


def _with(**fields: Node | None) -> Fields:
    return {name: node for name, node in fields.items() if node is not None}


# -------------------------------------------------------------------------------------------- IAM


def _role(source: _Source) -> Fields:
    fields = _with(AssumeRolePolicyDocument=source.document("assume_role_policy"))
    inline = source.get("inline_policy")
    policies = []
    for one in inline.items if inline is not None else []:
        text = one.get("policy")
        found = None if text is None or is_null(text) else decoded(text, source.steps)
        if found is not None:
            policies.append(mapping({"PolicyDocument": found}, one.place))
        elif text is not None and not is_null(text):
            source.unread.append((text, "policy"))
    if inline is not None:
        fields["Policies"] = listing(policies, inline.place)
    return {**fields, **source.renamed({"managed_policy_arns": "ManagedPolicyArns"})}


def _policy(source: _Source) -> Fields:
    return _with(PolicyDocument=source.document("policy"))


def _policy_text(source: _Source) -> Fields:
    return _with(PolicyText=source.document("policy"))


def _attachment(source: _Source) -> Fields:
    found = source.get("policy_arn")
    return {} if found is None else {"ManagedPolicyArns": listing([found], found.place)}


def _attachments(source: _Source) -> Fields:
    return source.renamed({"policy_arns": "ManagedPolicyArns"})


# -------------------------------------------------------------------------------------------- ECR


def _repository(source: _Source) -> Fields:
    fields = source.renamed({"image_tag_mutability": "ImageTagMutability"})
    scanning = first(source.get("image_scanning_configuration"))
    if scanning is not None:
        found = scanning.get("scan_on_push")
        fields["ImageScanningConfiguration"] = (
            scanning
            if is_unknown(scanning)
            else mapping({} if found is None else {"ScanOnPush": found}, scanning.place)
        )
    encryption = first(source.get("encryption_configuration"))
    if encryption is not None:
        kind = encryption.get("encryption_type")
        made = mapping({} if kind is None else {"EncryptionType": kind}, encryption.place)
        fields["EncryptionConfiguration"] = encryption if is_unknown(encryption) else made
    filters = source.get("image_tag_mutability_exclusion_filter")
    if filters is not None and filters.is_list:
        fields["ImageTagMutabilityExclusionFilters"] = listing(
            [
                mapping({"ImageTagMutabilityExclusionFilterValue": one.get("filter") or Node("", one.place)}, one.place)
                for one in filters.items
            ],
            filters.place,
        )
    return fields


def _registry_scanning(source: _Source) -> Fields:
    return source.renamed({"rule": "Rules"})


# -------------------------------------------------------------------------------- security groups

_RULE: Final = {"from_port": "FromPort", "to_port": "ToPort", "protocol": "IpProtocol", "cidr_blocks": "CidrIp",
                "ipv6_cidr_blocks": "CidrIpv6"}  # fmt: skip
_SINGLE_RULE: Final = {**_RULE, "ip_protocol": "IpProtocol", "cidr_ipv4": "CidrIp", "cidr_ipv6": "CidrIpv6"}


def _rule_fields(node: Node, names: dict[str, str]) -> Fields:
    found = [(key, node.get(name)) for name, key in names.items()]
    return {key: one for key, one in found if one is not None and not is_null(one)}


def _group(source: _Source) -> Fields:
    fields = {}
    for name, key in (("ingress", "SecurityGroupIngress"), ("egress", "SecurityGroupEgress")):
        found = source.get(name)
        if found is None:
            continue
        if not found.is_list:
            source.unread.append((found, name))
            continue
        rules = [mapping(_rule_fields(one, _RULE), one.place) for one in found.items if one.is_map]
        fields[key] = listing(rules, found.place)
    return fields


def _rule(source: _Source) -> Fields:
    return _rule_fields(source.node, _SINGLE_RULE)


# -------------------------------------------------------------------------------------------- ECS


def _task(source: _Source) -> Fields:
    node = source.node
    fields = source.renamed(
        {"family": "family", "network_mode": "networkMode", "pid_mode": "pidMode", "ipc_mode": "ipcMode",
         "task_role_arn": "taskRoleArn", "execution_role_arn": "executionRoleArn", "cpu": "cpu", "memory": "memory",
         "requires_compatibilities": "requiresCompatibilities"}
    )  # fmt: skip
    found = source.document("container_definitions")
    if found is not None and found.is_list:
        fields["containerDefinitions"] = found
    else:
        fields["containerDefinitions"] = listing([], node.place)
        if found is not None:
            source.unread.append((found, "container_definitions"))
    platform = first(source.get("runtime_platform"))
    if platform is not None:
        fields["runtimePlatform"] = camel(platform)
    volumes = source.get("volume")
    if volumes is not None and volumes.is_list:
        fields["volumes"] = listing([_volume(one) for one in volumes.items], volumes.place)
    elif volumes is not None:
        source.unread.append((volumes, "volume"))
    return fields


def _volume(block: Node) -> Node:
    """The path on the host stands in a mapping of its own in the API."""
    node = camel(block, single=_OF_VOLUME, verbatim=frozenset({"driverOpts", "labels"}))
    path = node.fields.pop("hostPath", None)
    node.fields.pop("configureAtLaunch", None)
    if path is not None and not is_null(path):
        node.fields["host"] = mapping({"sourcePath": path}, path.place)
    launch = block.get("configure_at_launch")
    if launch is not None and not is_null(launch):
        node.fields["configuredAtLaunch"] = launch
    return node


_OF_VOLUME: Final = frozenset(
    {"dockerVolumeConfiguration", "efsVolumeConfiguration", "fsxWindowsFileServerVolumeConfiguration",
     "s3filesVolumeConfiguration", "authorizationConfig"}
)  # fmt: skip


def _service(source: _Source) -> Fields:
    fields = source.renamed(
        {"name": "serviceName", "launch_type": "launchType", "task_definition": "taskDefinition",
         "desired_count": "desiredCount", "enable_execute_command": "enableExecuteCommand"}
    )  # fmt: skip
    network = first(source.get("network_configuration"))
    if network is not None:
        fields["networkConfiguration"] = mapping({"awsvpcConfiguration": _network(network)}, network.place)
    return fields


def _network(block: Node) -> Node:
    """A boolean here, a word in the API."""
    found = block.get("assign_public_ip")
    if found is None or is_null(found):
        return mapping({}, block.place)
    word = {True: "ENABLED", "true": "ENABLED", False: "DISABLED", "false": "DISABLED"}.get(found.plain, found.plain)
    return mapping({"assignPublicIp": Node(word, found.place)}, block.place)


ECS_TASK: Final = "AWS::ECS::TaskDefinition"
ECS_SERVICE: Final = "AWS::ECS::Service"
_HOW: Final[dict[str, tuple[str, Callable[[_Source], Fields]]]] = {
    "aws_iam_role": ("AWS::IAM::Role", _role),
    "aws_iam_policy": ("AWS::IAM::ManagedPolicy", _policy),
    "aws_iam_role_policy": ("AWS::IAM::RolePolicy", _policy),
    "aws_iam_user_policy": ("AWS::IAM::UserPolicy", _policy),
    "aws_iam_group_policy": ("AWS::IAM::GroupPolicy", _policy),
    "aws_iam_role_policy_attachment": ("AWS::IAM::Role", _attachment),
    "aws_iam_role_policy_attachments_exclusive": ("AWS::IAM::Role", _attachments),
    "aws_iam_user_policy_attachment": ("AWS::IAM::User", _attachment),
    "aws_iam_group_policy_attachment": ("AWS::IAM::Group", _attachment),
    "aws_iam_policy_attachment": ("AWS::IAM::Role", _attachment),
    "aws_ecr_repository": ("AWS::ECR::Repository", _repository),
    "aws_ecr_repository_policy": ("AWS::ECR::RepositoryPolicy", _policy_text),
    "aws_ecr_registry_scanning_configuration": ("AWS::ECR::RegistryScanningConfiguration", _registry_scanning),
    "aws_security_group": ("AWS::EC2::SecurityGroup", _group),
    "aws_default_security_group": ("AWS::EC2::SecurityGroup", _group),
    "aws_security_group_rule": ("", _rule),
    "aws_vpc_security_group_ingress_rule": ("AWS::EC2::SecurityGroupIngress", _rule),
    "aws_vpc_security_group_egress_rule": ("AWS::EC2::SecurityGroupEgress", _rule),
    "aws_ecs_task_definition": (ECS_TASK, _task),
    "aws_ecs_service": (ECS_SERVICE, _service),
    "aws_ecs_task_set": (ECS_SERVICE, _service),
}


def argument(property: str) -> str:
    """How Terraform calls a property of CloudFormation that is judged."""
    return _ARGUMENTS.get(property, "_".join(_WORD.findall(property)).lower())


_WORD: Final = pattern(r"[A-Z][a-z0-9]*")
_ARGUMENTS: Final = {
    "PolicyDocument": "policy",
    "PolicyText": "policy",
    "AssumeRolePolicyDocument": "assume_role_policy",
    "SecurityGroupIngress": "ingress",
    "SecurityGroupEgress": "egress",
    "IpProtocol": "protocol",
    "CidrIp": "cidr_blocks",
    "CidrIpv6": "ipv6_cidr_blocks",
}
