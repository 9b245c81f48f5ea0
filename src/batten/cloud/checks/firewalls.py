"""Security groups: what the Internet reaches."""

from __future__ import annotations

from typing import Final

from batten.engine.check import check
from batten.model.cloud import SecurityGroup, SecurityRule
from batten.model.source import Place
from batten.model.verdict import HIGH, NOT_APPLICABLE, PASS, Failure, Verdict, fail

_WORLD: Final = ("0.0.0.0/0", "::/0")
_ADMINISTRATION: Final = {
    22: "SSH",
    2375: "the Docker API without TLS",
    2376: "the Docker API",
    2377: "Docker Swarm",
    2379: "etcd",
    2380: "etcd",
    3389: "remote desktops",
    5985: "Windows remote management",
    6443: "the Kubernetes API",
    10250: "the kubelet",
    10255: "the kubelet",
}
_STORES: Final = {
    1433: "SQL Server",
    1521: "Oracle",
    3306: "MySQL",
    5432: "PostgreSQL",
    5984: "CouchDB",
    6379: "Redis",
    9042: "Cassandra",
    9200: "Elasticsearch",
    11211: "memcached",
    27017: "MongoDB",
}
_PORTS: Final = {**_ADMINISTRATION, **_STORES}


@check("CLD007", "Security group lets the whole Internet in", severity=HIGH, platforms=("aws",))
def open_to_the_world(group: SecurityGroup) -> Verdict:
    """A rule lets every address in on all ports, or on ports for administration and databases, which are scanned for
    all day. Only what the group is put on, and whether that has a public address, stands between.

    Fix:
        aws: name the addresses or the security group that need it; reach machines for administration through Session
            Manager or a VPN.
    References:
        https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
    """
    inbound = [rule for rule in group.rules if rule.direction == "in"]
    if not inbound:
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for rule in inbound:
        open_to = [one for one in rule.ranges if one in _WORLD]
        what = _reached(rule) if open_to else ""
        if what:
            failures.append(
                fail(
                    Place(group.document, rule.pointer),
                    f"{what} can be reached from {' and '.join(open_to)}",
                    subject=f"{rule.protocol}:{rule.first}-{rule.last}",
                    confidence="medium",
                    no_fix="who needs to reach it is not written",
                )
            )
    return failures or PASS


def _reached(rule: SecurityRule) -> str:
    if rule.protocol == "all":
        return "every port of every protocol"
    if rule.protocol not in ("tcp", "udp"):
        return ""
    if (rule.first, rule.last) in ((0, 65535), (1, 65535)):
        return f"every {rule.protocol} port"
    if rule.protocol != "tcp":
        return ""
    found = [f"{port} ({name})" for port, name in _PORTS.items() if rule.first <= port <= rule.last]
    more = f" and {len(found) - 3} more" if len(found) > 3 else ""
    return f"port {', '.join(found[:3])}{more}" if found else ""
