"""What is found in the engines of `system.engines`: check by container, service or network."""

from __future__ import annotations

from batten.model.report import Report

SECRETS = ("sesame-on-thursday", "sesame-on-friday", "sesame-on-sunday")
"""In a variable of a container; in a secret and a config of the swarm, which must not even be asked for their data."""

BASE = {"PRV003", "PRV004", "PRV007", "RUN009", "RUN010", "RUN011"}
"""Of a container that was given nothing: root by its image, and no limits."""
OPEN = {"PRV001", "PRV003", "PRV011", "NET001", "RUN009", "RUN010", "RUN011"}

DOCKER: dict[str, set[str]] = {
    "silent": BASE - {"PRV003"},
    "root": BASE,
    "socket": BASE | {"PRV008"},
    "secret": BASE | {"ACC009"},
    "disguised": BASE | {"PRV009"},
    "shop-web-1": BASE,
    "api": BASE - {"PRV003"},
    "back": {"NET008"},
}
DOCKER_STOPPED: dict[str, set[str]] = {"privileged": OPEN, "published": BASE | {"NET002"}}
PODMAN: dict[str, set[str]] = {
    "silent": BASE - {"PRV003", "RUN011"},
    "root": BASE - {"RUN011"},
    "secret": (BASE - {"RUN011"}) | {"ACC009"},
}
"""Podman limits the number of processes by itself."""
PODMAN_STOPPED: dict[str, set[str]] = {"privileged": OPEN - {"RUN011"}}


def by_resource(report: Report) -> dict[str, set[str]]:
    """The checks that found something in each container, service and network."""
    found: dict[str, set[str]] = {}
    for finding in report.findings:
        found.setdefault(finding.resource.name, set()).add(finding.check)
    return found
