"""What a report keeps of the inventory: each resource with its facts as plain text, comparable with anything later."""

from __future__ import annotations

from msgspec import Struct, field

from batten.model.source import Location
from batten.model.workload import Resource


class ResourceFacts(Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """A workload, one of its containers, a service, a role …

    `facts` are fields of the model under the model's own names, as text, platform defaults included; a field that
    the platform does not have, or that is decided elsewhere, is left out. Of commands and arguments, words that may
    be secrets are masked; of variables the names alone are kept.
    """

    noun: str
    """`workload`, `container`, `service`, `route`, `role`, `grant`, `trafficpolicy` …"""
    resource: Resource
    scope: str
    location: Location
    facts: dict[str, str | list[str]] = field(default_factory=dict)
    aliases: list[str] = field(default_factory=list)
    """Other names it goes by: of a container that Compose or Swarm started, the name of the service."""
    values: dict[str, str] = field(default_factory=dict)
    """`environment NAME` -> a short digest of the value, of variables that hold no secret: that a value is another
    one is told by it."""
