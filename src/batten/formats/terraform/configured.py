"""What a plan says that its module wrote: what was left to the provider is told apart from what is worked out later.

A provider marks a field that nobody wrote as known after apply wherever the API may fill it in: each plan of a
`kubernetes_deployment` has its memory limits, volumes and account so. Nobody wrote them, so that they are what the
platform makes of nothing. Source: the `configuration` of Terraform's JSON output format; schemas of the providers
hashicorp/kubernetes and hashicorp/aws.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from batten.limits import TERRAFORM_DEPTH
from batten.pattern import pattern

_KEY: Final = pattern(r"\[(?:\d{1,9}|\"(?:[^\"\\]|\\.){0,1000}\")\]")
_POD: Final = (
    "hostname image_pull_policy image_pull_secrets limits node_name requests resources scheduler_name"
    " service_account_name strategy termination_message_policy volume volume_mount"
)
_OF_THE_API: Final = (
    "api_group cluster_ip cluster_ips cpu default_secret_name external_traffic_policy generation health_check_node_port"
    " internal_traffic_policy ip_families ip_family_policy load_balancer_ingress memory name node_port resource_version"
    " self_link session_affinity_config status uid wait_for_rollout"
)
_KUBERNETES: Final = frozenset(f"{_POD} {_OF_THE_API}".split())
_AWS: Final = frozenset(
    ["egress", "ingress", "inline_policy", "launch_type", "managed_policy_arns", "network_mode", "platform_version"]
)
"""Fields that are as if they were not written where they were not: nothing, or a default that batten knows."""


def unwritten(type_: str) -> frozenset[str]:
    """The fields of a type of resource that are dropped where they are known after apply and nobody wrote them."""
    return _KUBERNETES if type_.startswith("kubernetes_") else _AWS if type_.startswith("aws_") else frozenset()


def configured(plan: dict[str, Any]) -> dict[str, Any]:
    """By address without the keys of instances, the expressions of each resource of a plan; empty for a state."""
    whole = plan.get("configuration")
    root = whole.get("root_module") if isinstance(whole, dict) else None
    return dict(_expressions(root, "", 0)) if isinstance(root, dict) else {}


def plain(address: str) -> str:
    """`module.web.aws_ecs_service.main` of `module.web["eu"].aws_ecs_service.main[0]`."""
    return _KEY.sub("", address)


def _expressions(module: dict[str, Any], before: str, depth: int) -> Iterator[tuple[str, Any]]:
    listed = module.get("resources")
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, dict) and one.get("mode") != "data":
            yield before + str(one.get("address")), one.get("expressions") or {}
    calls = module.get("module_calls")
    for name, call in calls.items() if isinstance(calls, dict) and depth < TERRAFORM_DEPTH else ():
        inner = call.get("module") if isinstance(call, dict) else None
        if isinstance(inner, dict):
            yield from _expressions(inner, f"{before}module.{name}.", depth + 1)


def block(expressions: Any, key: str) -> Any:
    """What is configured below a field: of blocks a list of expressions; None where that is not told."""
    found = expressions.get(key) if isinstance(expressions, dict) else None
    return found if isinstance(found, (dict, list)) else None


def at(expressions: Any, index: int, length: int) -> Any:
    """The expressions of one of `length` blocks; None where some of them are not told (`dynamic`)."""
    if not isinstance(expressions, list) or len(expressions) != length:
        return None
    return expressions[index]
