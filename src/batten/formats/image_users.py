"""Whom well-known images run as, and the users that they keep for their program.

As the images' Dockerfiles say, where a user is made with a number of its own (`useradd --uid`), or where `USER` names
one: https://github.com/docker-library/<name>, https://github.com/nginx/docker-nginx-unprivileged,
https://github.com/GoogleContainerTools/distroless, https://github.com/bitnami/containers, and those of the vendors.
Only what is certain stands here: another image of the same name is its owner's.
"""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from batten.model.image import ImageReference
from batten.pattern import pattern


class ImageUser(Struct, frozen=True):
    """`uid` of the program, None where only that it is not root is known. `starts`: the image names it as its user, so
    that nothing needs to be said; else it starts as root."""

    uid: int | None
    starts: bool = False


_OFFICIAL: Final = "docker.io/library/"

# name -> (uid, uid where the image is Alpine's). Alpine itself brings postgres (70) and www-data (82) along, Debian
# www-data (33).
_KEPT: Final = {
    "cassandra": (999, 999), "consul": (100, 100), "couchdb": (5984, 5984), "drupal": (33, 82),
    "eclipse-mosquitto": (1883, 1883), "elasticsearch": (1000, 1000), "ghost": (1000, 1000), "gradle": (1000, 1000),
    "haproxy": (99, 99), "httpd": (33, 82), "joomla": (33, 82), "kibana": (1000, 1000), "logstash": (1000, 1000),
    "mariadb": (999, 999), "memcached": (11211, 11211), "mongo": (999, 999), "mysql": (999, 999),
    "neo4j": (7474, 7474), "nextcloud": (33, 82), "nginx": (101, 101), "node": (1000, 1000), "php": (33, 82),
    "postgres": (999, 70), "rabbitmq": (999, 100), "redis": (999, 999), "redmine": (999, 999), "solr": (8983, 8983),
    "sonarqube": (1000, 1000), "valkey": (999, 999), "vault": (100, 100), "wordpress": (33, 82),
    "zookeeper": (1000, 1000),
}  # fmt: skip
_STARTS_SINCE: Final = {
    "elasticsearch": 8, "haproxy": 2.4, "kibana": 0, "logstash": 0, "memcached": 0, "solr": 0, "sonarqube": 10,
}  # fmt: skip
"""The first release (0: any) that has its user in `USER`."""

# full name -> (uid, the first release that starts as it, 0 for any; None: it starts as root)
_NAMED: Final[dict[str, tuple[int, float | None]]] = {
    **dict.fromkeys(
        ("docker.io/nginxinc/nginx-unprivileged", "ghcr.io/nginx/nginx-unprivileged",
         "ghcr.io/nginxinc/nginx-unprivileged", "public.ecr.aws/nginx/nginx-unprivileged",
         "quay.io/nginx/nginx-unprivileged", "registry.k8s.io/ingress-nginx/controller"),
        (101, 0),
    ),
    **dict.fromkeys((f"docker.io/grafana/{one}" for one in ("grafana", "grafana-oss", "grafana-enterprise")), (472, 0)),
    "docker.io/grafana/loki": (10001, 0),
    **dict.fromkeys(
        (f"{registry}/{one}" for registry in ("docker.io/prom", "quay.io/prometheus")
         for one in ("prometheus", "alertmanager", "node-exporter", "pushgateway")),
        (65534, 0),
    ),
    "registry.k8s.io/kube-state-metrics/kube-state-metrics": (65534, 0),
    "registry.k8s.io/metrics-server/metrics-server": (65534, 0),
    "registry.k8s.io/pause": (65535, 0),
    "docker.elastic.co/elasticsearch/elasticsearch": (1000, 8),
    "docker.elastic.co/kibana/kibana": (1000, 0),
    "docker.elastic.co/logstash/logstash": (1000, 0),
    "docker.io/jenkins/jenkins": (1000, 0),
    "docker.io/jenkins/inbound-agent": (1000, 0),
    "quay.io/keycloak/keycloak": (1000, 0),
    "quay.io/argoproj/argocd": (999, 0),
    "docker.io/curlimages/curl": (100, 0),
    "docker.io/dpage/pgadmin4": (5050, 0),
    "docker.io/sonatype/nexus3": (200, 0),
    "docker.io/hashicorp/consul": (100, None),
    "docker.io/hashicorp/vault": (100, None),
    "mcr.microsoft.com/mssql/server": (10001, 2019),
}  # fmt: skip

_BITNAMI: Final = ("docker.io/bitnami/", "docker.io/bitnamilegacy/", "docker.io/bitnamisecure/",
                   "public.ecr.aws/bitnami/")  # fmt: skip
_BITNAMI_UID: Final = 1001
# not those for building and debugging, which run as root
_BITNAMI_PROGRAMS: Final = frozenset(
    {
        "apache", "cassandra", "consul", "elasticsearch", "etcd", "external-dns", "grafana", "influxdb", "kafka",
        "keycloak", "kibana", "kubectl", "logstash", "mariadb", "mariadb-galera", "memcached", "metrics-server",
        "minio", "mongodb", "mongodb-sharded", "mysql", "nats", "nginx", "nginx-ingress-controller", "oauth2-proxy",
        "postgresql", "postgresql-repmgr", "pgpool", "prometheus", "rabbitmq", "redis", "redis-cluster",
        "redis-sentinel", "sealed-secrets-controller", "solr", "thanos", "tomcat", "valkey", "wordpress", "zookeeper",
    }
)  # fmt: skip

_DISTROLESS: Final = "gcr.io/distroless/"
_CHAINGUARD: Final = ("cgr.dev/chainguard/", "cgr.dev/chainguard-private/")
_NONROOT_UID: Final = 65532
"""https://github.com/GoogleContainerTools/distroless/blob/main/common/variables.bzl; Chainguard's is the same."""
# what others are built with, and servers that have their distribution's own user
_CHAINGUARD_ROOT: Final = frozenset(("wolfi-base", "chainguard-base", "go", "gcc-glibc", "apko", "melange", "git"))
_CHAINGUARD_OWN: Final = frozenset(("postgres", "mariadb", "mysql", "mongodb", "rabbitmq", "memcached", "haproxy"))

_DOTNET: Final = ("mcr.microsoft.com/dotnet/",)
_DOTNET_UID: Final = 1654
"""`app`, since .NET 8. https://github.com/dotnet/dotnet-docker"""
_WINDOWS: Final = ("nanoserver", "windowsservercore")
_DOTNET_ROOTLESS: Final = ("chiseled", "distroless")

_ROOTLESS: Final = ("nonroot", "rootless", "unprivileged")
_VERSION: Final = pattern(r"v?(\d{1,9}(?:\.\d{1,9})?)")


def image_user(image: ImageReference) -> ImageUser | None:
    """The user of the image, as far as its name and tag tell; None where nothing is known of it."""
    name = image.name
    if name in _NAMED:
        uid, since = _NAMED[name]
        return ImageUser(uid, since is not None and _is_since(image.tag, since))
    if name.startswith(_OFFICIAL) and (kept := _KEPT.get(short := name.removeprefix(_OFFICIAL))):
        starts = short in _STARTS_SINCE and _is_since(image.tag, _STARTS_SINCE[short])
        return ImageUser(kept["alpine" in image.tag], starts or _says_rootless(image))
    if name.startswith(_BITNAMI) and name.rpartition("/")[2] in _BITNAMI_PROGRAMS:
        return ImageUser(_BITNAMI_UID, starts=True)
    if name.startswith(_CHAINGUARD):
        program = name.rpartition("/")[2]
        if program in _CHAINGUARD_ROOT or image.tag.endswith("-dev"):
            return None
        return ImageUser(None if program in _CHAINGUARD_OWN else _NONROOT_UID, starts=True)
    if name.startswith(_DISTROLESS):
        return ImageUser(_NONROOT_UID, starts="nonroot" in image.tag)
    if name.startswith(_DOTNET) and _is_since(image.tag, 8) and "nanoserver" not in image.tag:
        return ImageUser(_DOTNET_UID, any(word in image.tag for word in _DOTNET_ROOTLESS))
    return ImageUser(None, starts=True) if _says_rootless(image) else None


_OF_ROOT: Final = {"httpd": ("/usr/local/apache2/logs",), "nginx": ("/run", "/var/cache/nginx")}
"""Official image -> folders that its program writes to and that nobody but root may."""


def folders_of_root(image: ImageReference) -> tuple[str, ...]:
    """Folders that must be given to another user before the image's program can run as that."""
    return _OF_ROOT.get(image.name.removeprefix(_OFFICIAL), ()) if image.name.startswith(_OFFICIAL) else ()


def known_variables(image: ImageReference) -> dict[str, str]:
    """Variables that name the image's user in the image itself, for a `USER $APP_UID` of what is built on it."""
    if image.name.startswith(_DOTNET) and _is_since(image.tag, 8) and not any(one in image.tag for one in _WINDOWS):
        return {"APP_UID": str(_DOTNET_UID)}
    return {}


def known_uid(image: ImageReference) -> int | None:
    """The uid that the image has for its program; None where it is not known."""
    found = image_user(image)
    return found.uid if found is not None else None


def _says_rootless(image: ImageReference) -> bool:
    said = f"{image.repository.rpartition('/')[2]}:{image.tag}".lower()
    return any(word in said for word in _ROOTLESS)


def _is_since(tag: str, first: float) -> bool:
    """Is the release that a tag names `first` or later? One that names none is the newest."""
    match = _VERSION.match(tag)
    if match is None or not first:
        return True
    major, _, minor = match[1].partition(".")
    return (int(major), int(minor or 99)) >= (int(first), round(first % 1 * 10))
