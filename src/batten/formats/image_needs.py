"""What well-known images cannot do without, by their own documentation: a fix that takes it away ends the program.

Only what is certain stands here; of any other image its owner says what it needs when the fix is reviewed.
"""

from __future__ import annotations

from typing import Final

from batten.model.image import ImageReference
from batten.model.workload import Container, Workload
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

# they watch the node: its processes, file systems, network and containers are what they are for
_AGENTS: Final = frozenset({
    "docker.io/datadog/agent", "docker.io/dynatrace/oneagent", "docker.io/falcosecurity/falco",
    "docker.io/falcosecurity/falco-no-driver", "docker.io/google/cadvisor", "docker.io/newrelic/infrastructure",
    "docker.io/newrelic/infrastructure-bundle", "docker.io/newrelic/infrastructure-k8s",
    "docker.io/newrelic/nrsysmond", "docker.io/sysdig/agent", "docker.io/sysdig/sysdig", "gcr.io/cadvisor/cadvisor",
    "gcr.io/datadoghq/agent", "public.ecr.aws/datadog/agent", "quay.io/sysdig/agent",
})  # fmt: skip
_OBSERVERS: Final = frozenset({"docker.io/prom/node-exporter", "quay.io/prometheus/node-exporter"})
"""The same without any rights."""
_WATCHES: Final = "it watches the node, and needs that for it: waive it with that reason"

_NETWORK: Final = pattern(
    r"(?:^|[/-])(?:wireguard|wg-easy|openvpn|gluetun|tailscale|keepalived|pihole|calico|cilium|flannel|kube-router"
    r"|kube-proxy|metallb|frr)(?:$|[-/])"
)
"""Names of programs that set up networks."""
_OF_NETWORKS: Final = ("NET_ADMIN", "NET_RAW", "SYS_MODULE")
_NETWORKS: Final = "its program sets up networks with it; waive it with that reason"

_IIS: Final = frozenset({
    "mcr.microsoft.com/dotnet/framework/aspnet", "mcr.microsoft.com/dotnet/framework/wcf",
    "mcr.microsoft.com/windows/servercore/iis",
})  # fmt: skip
"""Their entry point, ServiceMonitor, starts the service of IIS."""

_GIB: Final = 1 << 30
# image -> bytes below which its program does not start or is not supported, by its vendor's page of requirements
_MEMORY: Final = {
    **dict.fromkeys(
        ("docker.io/gitlab/gitlab-ce", "docker.io/gitlab/gitlab-ee", "docker.io/library/sonarqube",
         "docker.io/sonatype/nexus3"),
        4 * _GIB,
    ),
    **dict.fromkeys(
        ("docker.elastic.co/elasticsearch/elasticsearch", "docker.elastic.co/kibana/kibana",
         "docker.elastic.co/logstash/logstash", "docker.io/itzg/minecraft-server", "docker.io/library/cassandra",
         "docker.io/library/elasticsearch", "docker.io/library/kibana", "docker.io/library/logstash",
         "docker.io/library/neo4j", "docker.io/opensearchproject/opensearch", "mcr.microsoft.com/mssql/server",
         "mcr.microsoft.com/azure-sql-edge"),
        2 * _GIB,
    ),
    **dict.fromkeys(
        ("docker.io/apache/kafka", "docker.io/confluentinc/cp-kafka", "docker.io/jenkins/jenkins",
         "docker.io/library/solr", "docker.io/library/mysql", "quay.io/keycloak/keycloak"),
        _GIB,
    ),
}  # fmt: skip

_OF_THE_ROOT: Final = frozenset(
    ("adduser", "apk", "apt", "apt-get", "dnf", "groupadd", "update-ca-certificates", "useradd", "yum")
)
"""They write to the root file system, too."""
_OF_ROOT: Final = _OF_THE_ROOT | {"chgrp", "chown"}
_OF_THE_KERNEL: Final = frozenset(
    ("insmod", "ip6tables", "iptables", "iptables-legacy", "ipvsadm", "losetup", "mkfs", "modprobe", "mount", "nft",
     "nsenter", "swapoff", "sysctl")
)  # fmt: skip
_WORTH: Final = pattern(rf"(?:^|[\s/;&|(])(?:{'|'.join(sorted(_OF_ROOT | _OF_THE_KERNEL))})(?=\s|$)")


def least_memory(container: Container) -> int:
    """Bytes that the image's program needs; 0 where nobody here knows."""
    return _MEMORY.get(_name(container), 0)


def engine_user(container: Container) -> str:
    """Why the container's program must have the socket of the engine; "" where it need not."""
    words = [*(container.command or ()), *(container.args or ())]
    if _name(container) in _ENGINE or any(_ENGINE_OPTION.search(word) for word in words):
        return f"{container.name} does its work through it: put a proxy between that lets through what it must ask"
    return why_node(container)


def why_node(container: Container) -> str:
    """Why the container must reach the node that it runs on; "" where it need not, or nobody here knows."""
    if _name(container) in _AGENTS | _OBSERVERS:
        return _WATCHES
    return _by_command(container, _OF_THE_KERNEL) or _by_propagation(container)


def _by_propagation(container: Container) -> str:
    """What it mounts for the node's other containers, as the drivers of volumes do."""
    if container.platform != "kubernetes" or not container.mounts:
        return ""
    from batten.formats.kubernetes.values import value_at  # loads the whole format

    for mount in container.mounts:
        written = value_at(mount.document or container.document, mount.pointer) if mount.pointer else None
        if isinstance(written, dict) and written.get("mountPropagation") == "Bidirectional":
            return f"mountPropagation of {mount.target} is Bidirectional, which only privileged containers may have"
    return ""


def why_node_of(workload: Workload) -> str:
    """The same of any container of a workload."""
    return next((why for one in workload.containers if (why := why_node(one))), "")


def why_privileged(container: Container) -> str:
    """Why the container must be privileged; "" where it need not, or nobody here knows."""
    if _name(container) == "docker.io/library/docker" and "cli" not in _tag(container):
        return "the engine in it needs them: build with a rootless builder (BuildKit, Buildah) instead"
    return _by_command(container, _OF_THE_KERNEL) or _by_propagation(container) or _watching(container)


def _watching(container: Container) -> str:
    return _WATCHES if _name(container) in _AGENTS else ""


def why_administrator(container: Container) -> str:
    """Why a container of Windows must start as its administrator; "" where nobody here knows."""
    return "its web server starts as administrator, and its pools as others" if _name(container) in _IIS else ""


def why_writable(container: Container) -> str:
    """Why the container must be able to write to its root file system; "" where nobody here knows."""
    return _by_image(container) or _by_command(container, _OF_THE_ROOT)


def why_root(container: Container) -> str:
    """Why the container must start as root; "" where it need not, or nobody here knows."""
    return _by_image(container) or _by_command(container, _OF_ROOT | _OF_THE_KERNEL) or _by_propagation(container)


def _by_image(container: Container) -> str:
    name = _name(container)
    if name in _ROOTLESS and "rootless" not in _tag(container):
        return f"its image starts as root and gives it up itself: use {_ROOTLESS[name]} instead"
    if "rootless" not in _tag(container) and (name in _ROOT or name.startswith(_ROOT_OWNERS)):
        return "its image starts as root and gives it up itself; with less it does not start"
    return _watching(container)


def why_capability(container: Container, name: str) -> str:
    """Why the container must have the capability; "" where it need not, or nobody here knows."""
    if name in _OF_NETWORKS and _NETWORK.search(_name(container)):
        return _NETWORKS
    return _by_command(container, _OF_THE_KERNEL) or _by_propagation(container) or _watching(container)


def _by_command(container: Container, names: frozenset[str]) -> str:
    """What its command does that only root, or the kernel's own, may."""
    words = [*(container.command or ()), *(container.args or ())]
    line = " ".join(words)
    if not any(name in line for name in names) or not _WORTH.search(line):
        return ""  # most: no need of a grammar
    from batten.detect.shell import exec_commands

    for command in exec_commands([(word, range(len(word))) for word in words]):
        if command.name in names and (command.name != "sysctl" or any("=" in word.text for word in command.arguments)):
            return f"its command runs {command.name}, which it may not do without: let it do so elsewhere first"
    return ""


def _name(container: Container) -> str:
    image = container.image
    return image.name if isinstance(image, ImageReference) and container.build is None else ""


def _tag(container: Container) -> str:
    return container.image.tag if isinstance(container.image, ImageReference) else ""
