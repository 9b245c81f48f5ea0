"""What is reachable: host network, published ports, services, routes."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import edit, removal, review
from batten.engine.places import exact
from batten.formats.image_needs import why_node_of
from batten.model.edits import Remove
from batten.model.objects import Route, Service
from batten.model.source import Place
from batten.model.values import Absent
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Fix, Severity, Verdict, fail
from batten.model.workload import Container, Port, Workload

_PLATFORMS = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_EVERYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - addresses that mean every interface
# ports of administration and data stores: nobody outside the project has business there
_INTERNAL = {
    22: "SSH", 23: "telnet", 1433: "SQL Server", 1521: "Oracle", 2375: "the Docker API", 2376: "the Docker API",
    2379: "etcd", 3306: "MySQL", 5432: "PostgreSQL", 5672: "AMQP", 6379: "Redis", 6443: "the Kubernetes API",
    9200: "Elasticsearch", 10250: "the kubelet", 11211: "memcached", 15672: "RabbitMQ's console", 27017: "MongoDB",
}  # fmt: skip


@check("NET001", "Shares the host's network", severity=HIGH, platforms=_PLATFORMS)
def host_network(workload: Workload) -> Verdict:
    """In the host's network the container listens on the node's own addresses, reaches services bound to loopback
    and the cloud's metadata service, and no NetworkPolicy holds for it.

    Fix:
        kubernetes: remove `hostNetwork: true`; publish ports with a Service.
        compose: remove `network_mode: host`; publish ports with `ports`.
        swarm: remove `network_mode: host` or the network `host`.
        ecs: use `networkMode: awsvpc`.
        docker: recreate the container without `--network host`.
        podman: recreate the container without `--network host`.
        quadlet: remove `Network=host`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    if isinstance(workload.host_network, Absent):
        return NOT_APPLICABLE
    if workload.host_network:
        needed = why_node_of(workload)
        return fail(
            workload.where("host_network"),
            "it shares the host's network: loopback services and the metadata service are in reach",
            fix=None if needed else review("use a network of its own", workload, host_network=False),
            no_fix=needed,
        )
    return PASS


def _number(port: Port) -> str:
    if port.host < 0:
        return "a random port"
    return f"port {port.host}" + (f"-{port.host_end}" if port.host_end > port.host else "")


def _not_everywhere(container: Container, port: Port) -> Fix:
    """In a cluster nobody connects to the loopback of a node, and Pod Security forbids it, too."""
    if container.platform == "kubernetes":
        return removal(container, port, "remove hostPort; use a Service")
    loopback = "::1" if port.host_ip.strip("[]") == "::" else "127.0.0.1"
    return review("publish it on loopback only", container, bind_port=(port, loopback))


def _publishes_nothing(container: Container, context: Context) -> Verdict | None:
    """The verdict of a container whose ports, whatever they say, are not published; None for one that publishes."""
    if container.kind == "ephemeral":
        return NOT_APPLICABLE
    workload = context.inventory.workload(container.workload)
    if workload is not None and workload.network_mode == "none":
        return PASS  # nothing listens where there is no network, whatever is to be published
    if workload is not None and workload.host_network is True and workload.platform not in ("kubernetes", "ecs"):
        return NOT_APPLICABLE  # engines publish nothing then: every port that is listened on is the host's (NET001)
    return None


@check("NET002", "Port is published on every interface", severity=MEDIUM, platforms=_PLATFORMS)
def published_port(container: Container, context: Context) -> Verdict:
    """The port is opened on the host itself, on all of its addresses. Docker's own rules stand before the host's
    firewall, so that a rule of ufw or firewalld does not keep anybody out.

    What only this host needs belongs on 127.0.0.1; what other containers need is reached over their network
    without publishing.

    Fix:
        kubernetes: remove `hostPort`; use a Service.
        compose: write `127.0.0.1:8080:80`, or remove `ports` where only other services connect.
        swarm: remove `ports` where only other services connect; put a proxy in front of the rest.
        ecs: use `networkMode: awsvpc` behind a load balancer.
        docker: recreate the container with `-p 127.0.0.1:8080:80`.
        podman: recreate the container with `-p 127.0.0.1:8080:80`.
        quadlet: write `PublishPort=127.0.0.1:8080:80`.
    References:
        https://docs.docker.com/engine/network/packet-filtering-firewalls/
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
    """
    nothing = _publishes_nothing(container, context)
    if nothing is not None:
        return nothing
    failures: list[Failure] = []
    for port in container.ports:
        if not port.host or port.host_ip not in _EVERYWHERE:
            continue
        inside = _INTERNAL.get(port.container) or _INTERNAL.get(port.host)
        severity: Severity = HIGH if inside else MEDIUM
        what = f" ({inside})" if inside else ""
        failures.append(
            fail(
                exact(container, port),
                f"{_number(port)}{what} is published on every interface of the host",
                subject=f"{port.host}/{port.protocol.lower()}"
                if port.host > 0
                else f"{port.container}/{port.protocol.lower()}",
                severity=severity,
                fix=_not_everywhere(container, port),
            )
        )
    return failures or PASS


@check(
    "NET003",
    "Privileged port is published",
    severity=LOW,
    persona="auditor",
    platforms=_PLATFORMS,
)
def privileged_port(container: Container, context: Context) -> Verdict:
    """A port below 1024 of the host is given to a container: users of the host trust what answers there (CIS Docker
    5.8).

    Fix:
        kubernetes: remove `hostPort`; use a Service.
        compose: publish a port above 1023 and let a proxy in front hold 80 and 443.
        swarm: publish a port above 1023 and let a proxy in front hold 80 and 443.
        ecs: map a `hostPort` above 1023, or none, behind a load balancer.
        docker: recreate the container with a host port above 1023.
        podman: recreate the container with a host port above 1023.
        quadlet: publish a host port above 1023.
    References:
        https://www.cisecurity.org/benchmark/docker
    """
    nothing = _publishes_nothing(container, context)
    if nothing is not None:
        return nothing
    failures: list[Failure] = [
        fail(
            exact(container, port),
            f"{_number(port)} of the host is below 1024",
            subject=str(port.host),
            fix=_not_everywhere(container, port) if container.platform == "kubernetes" else None,
            no_fix="" if container.platform == "kubernetes" else "clients must be told of another port",
        )
        for port in container.ports
        if 0 < port.host < 1024
    ]
    return failures or PASS


@check("NET006", "Service is open to everybody", severity=MEDIUM, platforms=("kubernetes",))
def open_service(service: Service) -> Verdict:
    """A load balancer without source ranges takes connections from the whole Internet, a node port opens on every
    node past any Ingress, and external IPs let a user take over traffic to an address that is not his.

    Fix:
        kubernetes: set `loadBalancerSourceRanges`, or use ClusterIP behind an Ingress; remove `externalIPs`.
    References:
        https://kubernetes.io/docs/concepts/services-networking/service/
        https://nvd.nist.gov/vuln/detail/CVE-2020-8554
    """
    failures: list[Failure] = []
    if service.external_ips:
        failures.append(
            fail(
                service.where("spec", "externalIPs"),
                f"it claims the addresses {', '.join(service.external_ips[:3])}",
                subject="externalIPs",
                severity=HIGH,
                fix=edit(
                    "review",
                    "remove externalIPs",
                    service.document,
                    Remove((*service.pointer, "spec", "externalIPs")),
                ),
            )
        )
    whole = any(one in ("0.0.0.0/0", "::/0") for one in service.source_ranges)
    if service.type == "LoadBalancer" and not service.internal and (not service.source_ranges or whole):
        failures.append(
            fail(
                service.where("spec", "type"),
                "the load balancer takes connections from everywhere",
                subject="LoadBalancer",
                no_fix="which ranges may connect is for its owner to say",
            )
        )
    elif service.type == "NodePort":
        failures.append(
            fail(
                service.where("spec", "type"),
                "it opens a port on every node",
                subject="NodePort",
                no_fix="whether something connects to the node port is for its owner to say",
            )
        )
    return failures or PASS


_SNIPPETS = ("configuration-snippet", "server-snippet", "stream-snippet", "auth-snippet", "http-snippet")


@check("NET007", "Route without TLS, or with snippets", severity=HIGH, platforms=("kubernetes",))
def route(route: Route) -> Verdict:
    """Without TLS everybody on the way reads and changes the traffic. Snippet annotations put raw text into the
    proxy's configuration: who may write an Ingress may then read the controller's secrets of all namespaces
    (CVE-2021-25742).

    Fix:
        kubernetes: add `tls` with a certificate (cert-manager makes them); remove snippet annotations.
    References:
        https://kubernetes.io/docs/concepts/services-networking/ingress/#tls
        https://nvd.nist.gov/vuln/detail/CVE-2021-25742
    """
    failures: list[Failure] = []
    for key in route.annotations:
        if key.rpartition("/")[2] in _SNIPPETS:
            failures.append(
                fail(
                    Place(route.document, (*route.pointer, "metadata", "annotations", key)),
                    f"annotation {key} writes raw text into the proxy's configuration",
                    subject=key,
                    fix=edit(
                        "review",
                        "remove the snippet",
                        route.document,
                        Remove((*route.pointer, "metadata", "annotations", key)),
                    ),
                )
            )
    if route.tls is False:
        shown = ", ".join(route.hosts[:3]) or "every host"
        failures.append(
            fail(
                route.where("spec"),
                f"{shown} is served without TLS",
                subject="tls",
                severity=MEDIUM,
                confidence="medium",  # TLS may end before the cluster
                no_fix="it needs the name of a certificate",
            )
        )
    for host in _bare_hosts(route):
        failures.append(
            fail(
                _rule(route, host),
                f"{host} is served without TLS, which other hosts of the {route.kind} have",
                subject=f"tls {host}",
                severity=MEDIUM,
                confidence="medium",
                no_fix="it needs the name of a certificate",
            )
        )
    if not failures and route.tls is None and not any(key.rpartition("/")[2] in _SNIPPETS for key in route.annotations):
        return NOT_APPLICABLE
    return failures or PASS


def _bare_hosts(route: Route) -> list[str]:
    """The hosts of a route with TLS for which it has none."""
    if not route.tls:
        return []
    known = {host.lower() for host in route.tls_hosts}
    bare = [host for host in dict.fromkeys(route.hosts) if "{{" not in host and "${" not in host]
    return [host for host in bare if not known & {"*", host.lower(), f"*.{host.lower().partition('.')[2]}"}]


def _rule(route: Route, host: str) -> Place:
    """Where an Ingress names the host; the specification of another route."""
    for backend in route.backends:
        if backend.host == host and "rules" in backend.pointer:
            at = backend.pointer.index("rules")
            return Place(route.document, (*backend.pointer[: at + 2], "host"))
    return route.where("spec")
