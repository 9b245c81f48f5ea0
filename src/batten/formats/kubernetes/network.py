"""Services, ways in from outside, and network policies."""

from __future__ import annotations

from typing import Any, Final, Literal

from batten.formats.kubernetes.head import Head
from batten.formats.kubernetes.kinds import GATEWAY_GROUP
from batten.formats.kubernetes.selectors import read_selector
from batten.formats.kubernetes.source import Json, Source
from batten.formats.yaml import is_template
from batten.model.objects import (
    Backend,
    LabelSelector,
    Listener,
    Parent,
    Peer,
    Route,
    Service,
    ServicePort,
    TrafficPolicy,
    TrafficRule,
)
from batten.model.source import Pointer

# annotation -> the value (in lower case) that keeps a cloud's load balancer private; "" is any value
_INTERNAL: Final = {
    "service.beta.kubernetes.io/aws-load-balancer-scheme": "internal",
    "service.beta.kubernetes.io/azure-load-balancer-internal": "true",
    "networking.gke.io/load-balancer-type": "internal",
    "cloud.google.com/load-balancer-type": "internal",
    "service.beta.kubernetes.io/openstack-internal-load-balancer": "true",
    "service.beta.kubernetes.io/oci-load-balancer-internal": "true",
    "service.beta.kubernetes.io/alibaba-cloud-loadbalancer-address-type": "intranet",
    "service.kubernetes.io/ibm-load-balancer-cloud-provider-ip-type": "private",
    "service.kubernetes.io/qcloud-loadbalancer-internal-subnetid": "",
}
_AWS_INTERNAL: Final = "service.beta.kubernetes.io/aws-load-balancer-internal"  # "true", once "0.0.0.0/0"
_SOURCE_RANGES: Final = "service.beta.kubernetes.io/load-balancer-source-ranges"
_ENCRYPTED: Final = ("HTTPS", "TLS")
_LAST_PORT: Final = 65535


def read_service(src: Source, head: Head, value: Json) -> Service:
    """A Service of the core API."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    ports = tuple(
        ServicePort(
            src.number(item, "port", own),
            _port_text(item.get("targetPort")),
            src.number(item, "nodePort", own),
            src.text(item, "protocol", own) or "TCP",
            own,
            src.text(item, "name", own),
        )
        for own, item in src.items(spec, "ports", at)
    )
    ranges = src.words(spec, "loadBalancerSourceRanges", at)
    if not ranges and head.annotations.get(_SOURCE_RANGES, "").strip():
        ranges = tuple(part.strip() for part in head.annotations[_SOURCE_RANGES].split(","))
    return Service(
        type=src.text(spec, "type", at) or "ClusterIP",
        selector=src.strings(spec, "selector", at) or None,
        ports=ports,
        external_ips=src.words(spec, "externalIPs", at),
        source_ranges=ranges,
        internal=_is_internal(head.annotations),
        external_name=src.text(spec, "externalName", at),
        **head.declared(src),
    )


def _is_internal(annotations: dict[str, str]) -> bool:
    if annotations.get(_AWS_INTERNAL, "false").lower() not in ("false", ""):
        return True
    return any(
        key in annotations and (not wanted or annotations[key].lower() == wanted) for key, wanted in _INTERNAL.items()
    )


def _port_text(value: object) -> str:
    """A port's number or name."""
    if type(value) is int:
        return str(value) if 0 < value <= _LAST_PORT else ""
    return value if type(value) is str else ""


def _wanted_port(value: object) -> str:
    """The port of a backend; "" where it is not known which that is."""
    text = _port_text(value)
    return "" if _is_open(text) else text


def _weight(src: Source, reference: Json, pointer: Pointer) -> int:
    value = src.integer(reference, "weight", pointer)
    return value if type(value) is int else 1


def _known(src: Source, owner: Json, key: str, pointer: Pointer) -> str:
    """A text; "" where it is not written or not known."""
    text = src.text(owner, key, pointer)
    return "" if _is_open(text) else text


def _is_open(text: str) -> bool:
    """A template or variable decides it."""
    return is_template(text) or "${" in text or "$(" in text


def read_ingress(src: Source, head: Head, value: Json) -> Route:
    """An Ingress of any version: `networking.k8s.io/v1`, its betas, `extensions/v1beta1`."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    backends: list[Backend] = []
    hosts: list[str] = []
    for key in ("defaultBackend", "backend"):
        if spec.get(key) is not None:
            _add_backend(src, src.mapping(spec, key, at), (*at, key), "", backends)
    for own, rule in src.items(spec, "rules", at):
        host = src.text(rule, "host", own)
        if host:
            hosts.append(host)
        http = src.mapping(rule, "http", own)
        for place, path in src.items(http, "paths", (*own, "http")):
            _add_backend(src, src.mapping(path, "backend", place), (*place, "backend"), host, backends)
    entries = src.items(spec, "tls", at)
    # an entry without hosts is for every host that the controller serves
    tls_hosts = tuple(host for own, entry in entries for host in src.words(entry, "hosts", own) or ("*",))
    if by_annotation := _tls_by_annotation(head.annotations):
        tls_hosts = (*tls_hosts, "*")
    return Route(
        kind="Ingress",
        backends=tuple(backends),
        hosts=tuple(hosts),
        tls=bool(entries) or by_annotation,
        tls_hosts=tls_hosts,
        **head.declared(src),
    )


_CERTIFICATES: Final = frozenset(
    {
        "alb.ingress.kubernetes.io/certificate-arn",
        "appgw.ingress.kubernetes.io/appgw-ssl-certificate",
        "ingress.gcp.kubernetes.io/pre-shared-cert",
        "networking.gke.io/managed-certificates",
    }
)
"""Annotations that give a cloud's load balancer its certificate, for all hosts."""
_SWITCHES: Final = frozenset({"traefik.ingress.kubernetes.io/router.tls"})


def _tls_by_annotation(annotations: dict[str, str]) -> bool:
    """Does the controller end TLS although the object itself does not say so?"""
    if any(annotations.get(key) for key in _CERTIFICATES):
        return True
    if "HTTPS" in annotations.get("alb.ingress.kubernetes.io/listen-ports", ""):
        return True  # the certificate is found by the names of the hosts
    return any(annotations.get(key, "").lower() == "true" for key in _SWITCHES)


def _add_backend(src: Source, backend: Json, pointer: Pointer, host: str, found: list[Backend]) -> None:
    if backend.get("service") is not None:
        service, at = src.mapping(backend, "service", pointer), (*pointer, "service")
        name = src.text(service, "name", at)
        port = src.mapping(service, "port", at)
        wanted = _wanted_port(port.get("number") or port.get("name"))
    else:
        name = src.text(backend, "serviceName", pointer)
        wanted = _wanted_port(backend.get("servicePort"))
    if name:
        found.append(Backend(name, "", host, pointer, "" if wanted == _BY_ANNOTATION else wanted))


_BY_ANNOTATION: Final = "use-annotation"
"""As the port: an annotation says where the load balancer of AWS leads to."""


def read_openshift_route(src: Source, head: Head, value: Json) -> Route:
    """OpenShift's Route, which does what an Ingress with one host does. Its port is one of the pods."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    host = src.text(spec, "host", at)
    port = _wanted_port(src.mapping(spec, "port", at).get("targetPort"))
    targets = [((*at, "to"), src.mapping(spec, "to", at)), *src.items(spec, "alternateBackends", at)]
    backends = tuple(
        Backend(name, "", host, own, port, _weight(src, target, own))
        for own, target in targets
        if (name := src.text(target, "name", own)) and target.get("kind", "Service") == "Service"
    )
    hosts = (host,) if host else ()
    tls = spec.get("tls") is not None
    declared = head.declared(src)
    return Route(kind="Route", backends=backends, hosts=hosts, tls=tls, tls_hosts=hosts if tls else (), **declared)


def read_gateway(src: Source, head: Head, value: Json) -> Route:
    """A Gateway of the Gateway API; it has TLS where one of its listeners has. Where none speaks HTTP (a
    mesh's own protocol, plain TCP), whether there is any is decided elsewhere."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    hosts: list[str] = []
    encrypted: list[str] = []
    listeners: list[Listener] = []
    tls: bool | None = None
    for own, listener in src.items(spec, "listeners", at):
        listeners.append(_listener(src, listener, own))
        host = src.text(listener, "hostname", own)
        if host:
            hosts.append(host)
        protocol = src.text(listener, "protocol", own)
        if protocol in _ENCRYPTED:
            tls = True
            encrypted.append(host or "*")
        elif protocol == "HTTP" and tls is None:
            tls = False
    return Route(
        kind="Gateway",
        hosts=tuple(hosts),
        tls=tls,
        tls_hosts=tuple(encrypted),
        listeners=tuple(listeners),
        **head.declared(src),
    )


_FROM: Final = ("Same", "All", "Selector", "None")


def _listener(src: Source, listener: Json, pointer: Pointer) -> Listener:
    """Which routes it takes: https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes."""
    allowed, at = src.mapping(listener, "allowedRoutes", pointer), (*pointer, "allowedRoutes")
    namespaces, own = src.mapping(allowed, "namespaces", at), (*at, "namespaces")
    written = type(listener.get("allowedRoutes")) is str or type(allowed.get("namespaces")) is str
    source: Any = "" if written else src.text(namespaces, "from", own) or "Same"  # a template may be all of it
    kinds = src.items(allowed, "kinds", at)
    return Listener(
        name=_known(src, listener, "name", pointer),
        port=src.number(listener, "port", pointer),
        protocol=_known(src, listener, "protocol", pointer),
        hostname=_known(src, listener, "hostname", pointer),
        namespaces=source if source in _FROM else "",
        selector=read_selector(src, namespaces, "selector", own),
        kinds=tuple(src.text(kind, "kind", place) for place, kind in kinds) if kinds else None,
    )


def read_gateway_route(src: Source, head: Head, value: Json) -> Route:
    """An HTTPRoute, or one of its kin (`GRPCRoute`, `TCPRoute` …)."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    hosts = src.words(spec, "hostnames", at)
    backends: list[Backend] = []
    for own, rule in src.items(spec, "rules", at):
        for place, reference in src.items(rule, "backendRefs", own):
            if reference.get("kind", "Service") == "Service" and not reference.get("group"):
                name = src.text(reference, "name", place)
                if name:
                    namespace = src.text(reference, "namespace", place)
                    port = _wanted_port(reference.get("port"))
                    backends.append(Backend(name, namespace, "", place, port, _weight(src, reference, place)))
    parents = tuple(_parent(src, own, reference) for own, reference in src.items(spec, "parentRefs", at))
    written = spec.get("parentRefs")
    known = written is None or (type(written) is list and len(written) == len(parents))
    kind: Any = head.kind
    declared = head.declared(src)
    return Route(kind=kind, backends=tuple(backends), hosts=hosts, parents=parents if known else None, **declared)


def _parent(src: Source, pointer: Pointer, reference: Json) -> Parent:
    """A group of its own makes another kind of it."""
    kind = src.text(reference, "kind", pointer) or "Gateway"
    if kind == "Gateway" and reference.get("group", GATEWAY_GROUP) != GATEWAY_GROUP:
        kind = f"{src.text(reference, 'group', pointer)}/{kind}"
    return Parent(
        src.text(reference, "name", pointer),
        kind,
        src.text(reference, "namespace", pointer),
        _known(src, reference, "sectionName", pointer),
        src.number(reference, "port", pointer),
    )


def read_network_policy(src: Source, head: Head, value: Json) -> TrafficPolicy:
    """A NetworkPolicy. Without `policyTypes` it speaks of ingress, and of egress where it has such rules."""
    spec, at = src.mapping(value, "spec", head.pointer), (*head.pointer, "spec")
    egress = _rules(src, spec, "egress", "to", at)
    types = src.words(spec, "policyTypes", at) or (("Ingress", "Egress") if egress else ("Ingress",))
    return TrafficPolicy(
        selector=read_selector(src, spec, "podSelector", at) or LabelSelector(),
        ingress=_rules(src, spec, "ingress", "from", at) if "Ingress" in types else None,
        egress=egress if "Egress" in types else None,
        **head.declared(src),
    )


def _rules(
    src: Source, spec: Json, key: Literal["ingress", "egress"], side: Literal["from", "to"], pointer: Pointer
) -> tuple[TrafficRule, ...]:
    """The rules of one direction; an empty rule allows everything."""
    found: list[TrafficRule] = []
    for own, rule in src.items(spec, key, pointer):
        peers = tuple(_peer(src, place, peer) for place, peer in src.items(rule, side, own))
        ports = tuple(_port(src, place, port) for place, port in src.items(rule, "ports", own))
        found.append(TrafficRule(peers, ports, own))
    return tuple(found)


def _peer(src: Source, pointer: Pointer, peer: Json) -> Peer:
    block = src.mapping(peer, "ipBlock", pointer)
    return Peer(
        read_selector(src, peer, "podSelector", pointer),
        read_selector(src, peer, "namespaceSelector", pointer),
        src.text(block, "cidr", (*pointer, "ipBlock")),
        src.words(block, "except", (*pointer, "ipBlock")),
        pointer,
    )


def _port(src: Source, pointer: Pointer, port: Json) -> str:
    """`TCP/80`, `TCP/8000-8080`, `TCP/http`, or `UDP` for every port of a protocol."""
    protocol = src.text(port, "protocol", pointer) or "TCP"
    number = _port_text(port.get("port"))
    last = src.number(port, "endPort", pointer)
    if not number:
        return protocol
    return f"{protocol}/{number}-{last}" if last else f"{protocol}/{number}"
