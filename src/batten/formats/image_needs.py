"""What well-known images cannot do without, by their own documentation: a fix that takes it away ends the program.

Only what is certain stands here; of any other image its owner says what it needs when the fix is reviewed.
"""

from __future__ import annotations

from typing import Final

from batten.model.image import ImageReference
from batten.model.workload import Container
from batten.pattern import pattern

# they manage containers, or read them: without the engine's socket they do nothing
_ENGINE: Final = frozenset({
    "docker.io/amir20/dozzle", "docker.io/containrrr/watchtower", "docker.io/crazymax/diun",
    "docker.io/drone/drone-runner-docker", "docker.io/gitlab/gitlab-runner", "docker.io/jwilder/docker-gen",
    "docker.io/jwilder/nginx-proxy", "docker.io/nginxproxy/acme-companion", "docker.io/nginxproxy/docker-gen",
    "docker.io/nginxproxy/nginx-proxy", "docker.io/portainer/agent", "docker.io/portainer/portainer",
    "docker.io/portainer/portainer-ce", "docker.io/portainer/portainer-ee", "docker.io/tecnativa/docker-socket-proxy",
    "docker.io/willfarrell/autoheal",
})  # fmt: skip
_ENGINE_OPTION: Final = pattern(
    r"--providers[.=](?:docker|swarm)\b|unix:///(?:var/)?run/(?:docker|podman)[/.]|docker\.sock"
)
"""What a command says where it is given the engine (Traefik's provider)."""

# they start as root, make users and folders by what they are given, and give root up themselves (s6-overlay, runit)
_ROOT: Final = frozenset({
    "docker.io/gitlab/gitlab-ce", "docker.io/gitlab/gitlab-ee", "docker.io/library/docker", "docker.io/pihole/pihole",
})  # fmt: skip
_ROOT_OWNERS: Final = ("docker.io/linuxserver/", "lscr.io/linuxserver/", "ghcr.io/linuxserver/")
_ROOTLESS: Final = {"docker.io/gitea/gitea": "gitea/gitea:<version>-rootless"}

_NETWORK: Final = pattern(
    r"(?:^|[/-])(?:wireguard|wg-easy|openvpn|gluetun|tailscale|keepalived|pihole|calico|cilium|flannel|kube-router"
    r"|kube-proxy|metallb|frr)(?:$|[-/])"
)
"""Names of programs that set up networks."""
_OF_NETWORKS: Final = ("NET_ADMIN", "NET_RAW", "SYS_MODULE")


def engine_user(container: Container) -> bool:
    """Does the container's program work through the socket of the engine?"""
    words = [*(container.command or ()), *(container.args or ())]
    return _name(container) in _ENGINE or any(_ENGINE_OPTION.search(word) for word in words)


def is_engine(container: Container) -> bool:
    """Is the container an engine of its own (Docker in Docker)?"""
    return _name(container) == "docker.io/library/docker" and "cli" not in _tag(container)


def why_root(container: Container) -> str:
    """Why the image's program must start as root; "" where it need not, or nobody here knows."""
    name = _name(container)
    if name in _ROOTLESS and "rootless" not in _tag(container):
        return f"its image starts as root and gives it up itself: use {_ROOTLESS[name]} instead"
    if "rootless" in _tag(container) or not (name in _ROOT or name.startswith(_ROOT_OWNERS)):
        return ""
    return "its image starts as root and gives it up itself; with less it does not start"


def needs_capability(container: Container, name: str) -> bool:
    """Does the image's program set up networks, with a capability that is for that?"""
    return name in _OF_NETWORKS and _NETWORK.search(_name(container)) is not None


def _name(container: Container) -> str:
    image = container.image
    return image.name if isinstance(image, ImageReference) and container.build is None else ""


def _tag(container: Container) -> str:
    return container.image.tag if isinstance(container.image, ImageReference) else ""
