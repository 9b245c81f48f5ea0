"""Which properties that are judged nobody knows yet: a parameter without a default, a condition, an attribute."""

from __future__ import annotations

from typing import Any, Final

from batten.model.source import Pointer
from batten.pattern import pattern

_WHOLE: Final = pattern(r"\$\{[^}]*\}")
_JUDGED: Final = frozenset(
    {
        *("PolicyDocument", "AssumeRolePolicyDocument", "RepositoryPolicyText", "PolicyText", "Policies", "Statement"),
        *("Effect", "Action", "SecurityGroupIngress", "SecurityGroupEgress", "IpProtocol", "FromPort", "ToPort"),
        *("CidrIp", "CidrIpv6", "ImageTagMutability", "ImageScanningConfiguration", "ScanOnPush", "Rules"),
        *("EncryptionConfiguration", "EncryptionType"),
    }
)
"""Of the properties that `nouns` reads; which resource an ARN names is decided by nobody in a template."""


def undecided(value: Any, pointer: Pointer = ()) -> list[Pointer]:
    """Pointers to judged properties whose value, or one of whose items, is not known; each once, in their order."""
    if isinstance(value, list):
        return [one for n, item in enumerate(value) for one in undecided(item, (*pointer, n))]
    found: list[Pointer] = []
    for key, inner in value.items() if isinstance(value, dict) else ():
        at = (*pointer, key)
        if key in _JUDGED and any(map(_is_open, inner if isinstance(inner, list) else [inner])):
            found.append(at)
        found += undecided(inner, at)
    return found


def _is_open(value: Any) -> bool:
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None
