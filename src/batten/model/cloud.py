"""What a cloud account declares around containers: registries, firewalls, who may do what."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from batten.model.objects import Declared
from batten.model.source import Pointer
from batten.model.values import UNKNOWN, Absent


class Statement(Struct, frozen=True, gc=False):
    """One statement of a policy of AWS IAM. Lists as written; `*` and `?` are wildcards, `${…}` is not known."""

    effect: Literal["Allow", "Deny"] | Absent
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    not_resources: tuple[str, ...] = ()
    principals: tuple[str, ...] = ()
    """`*`, or `KIND:who`: `AWS:arn:…`, `Service:ecs-tasks.amazonaws.com`, `Federated:…`."""
    conditions: tuple[str, ...] = ()
    """Keys of the condition; one that is not known counts as a condition."""
    pointer: Pointer = ()


class AccessPolicy(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A policy of AWS IAM.

    `identity`: what its holders may do; `trust`: who may become the role; `resource`: who may use what it is put on.
    """

    kind: Literal["identity", "trust", "resource"]
    statements: tuple[Statement, ...] = ()


class PolicyAttachment(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A managed policy that somebody gets. `policies`: their ARNs, as far as known, with the pointers to them."""

    policies: tuple[tuple[str, Pointer], ...] = ()


class ImageRepository(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A repository of a container registry of a cloud."""

    mutable_tags: bool | Absent = UNKNOWN
    """A tag can be moved to another image."""
    exceptions: tuple[str, ...] = ()
    """Patterns of tags for which it is the other way round."""
    scan_on_push: bool | Absent = UNKNOWN
    own_key: bool | Absent = UNKNOWN
    """What it holds is encrypted with a key of AWS KMS, rather than with one that the registry keeps."""


class RegistryScanning(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """What the registry of an account scans by itself, whatever its repositories say. `rules`: there are some."""

    rules: bool | Absent = True


class SecurityRule(Struct, frozen=True, gc=False):
    """Traffic that a security group lets through. Ports from 0 to 65535 where the protocol has none, or all."""

    direction: Literal["in", "out"]
    protocol: str
    """`tcp`, `udp`, `icmp`, a number, or `all`."""
    first: int
    last: int
    ranges: tuple[str, ...] = ()
    """Addresses in CIDR notation."""
    pointer: Pointer = ()


class SecurityGroup(Declared, frozen=True, eq=False, kw_only=True, gc=False):
    """A security group, or rules that are declared apart from theirs."""

    rules: tuple[SecurityRule, ...] = ()
