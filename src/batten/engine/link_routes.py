"""Service ↔ route: what traffic from outside comes to a Service.

An Ingress and OpenShift's Route are open by themselves, and lead through a Service that is but another name
(`ExternalName`) of one in this cluster, as is usual from one namespace to another. A route of the Gateway API is where
a Gateway takes it: one of its listeners has to allow its namespace, its kind and one of its hosts
(https://gateway-api.sigs.k8s.io/reference/spec/#allowedroutes). What was not read, or a template decides, is taken to
allow it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

from msgspec.structs import replace

from batten.engine.elsewhere import ELSEWHERE, Lone
from batten.formats.kubernetes.kinds import GATEWAY_ROUTES
from batten.model.inventory import Inventory
from batten.model.objects import Backend, LabelSelector, Listener, Namespace, Parent, Route, Service
from batten.pattern import pattern

Name = tuple[str, str, str]
"""Scope, namespace, name."""

_IN_CLUSTER: Final = ("Service", "ServiceEntry", "ServiceImport")
"""Parents whose traffic is a mesh's own (https://gateway-api.sigs.k8s.io/mesh/)."""
_KINDS: Final = {
    "HTTP": ("HTTPRoute", "GRPCRoute"),
    "HTTPS": ("HTTPRoute", "GRPCRoute"),
    "TLS": ("TLSRoute", "TCPRoute"),
    "TCP": ("TCPRoute",),
    "UDP": ("UDPRoute",),
}
"""What a listener takes that names no kinds. Protocols of an implementation are not known."""
_NAME_LABEL: Final = "kubernetes.io/metadata.name"
"""The label that the API server gives every namespace."""
_IN_THIS_CLUSTER: Final = pattern(r"(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)\.svc(?:\.[a-z0-9.-]*)?\Z")
_LENGTH: Final = 4
"""Names of names are followed so far."""
_HOST: Final = pattern(r"(?:\*\.)?[a-z0-9.-]+\Z", re.IGNORECASE)


class Routes:
    """The routes of an inventory that traffic comes through, by the Services that they lead to."""

    def __init__(self, inventory: Inventory, lone: Lone) -> None:
        self._lone = lone
        self._found: dict[Name, list[tuple[Route, Backend]]] = defaultdict(list)
        gateways = _Gateways(inventory, lone)
        names = _Names(inventory, lone)
        for route in inventory.of(Route):
            if not gateways.take(route):
                continue
            for named in route.backends:
                backend = names.followed(route, named)
                for scope in lone.seen_from(route) if backend.weight else ():
                    found = self._found[scope, backend.namespace or route.namespace, backend.service]
                    found.append((route, backend))

    def to(self, service: Service) -> list[Route]:
        """Those that lead to the Service, of its own scope first."""
        found = self._found.get((service.scope, service.namespace, service.name), [])
        if self._lone.holds(service):
            far = self._found.get((ELSEWHERE, service.namespace, service.name), ())
            found = [*found, *(one for one in far if one[0].scope != service.scope)]
        leading = {id(route): route for route, backend in found if _has_port(service, route, backend.port)}
        return list(leading.values())


def _has_port(service: Service, route: Route, wanted: str) -> bool:
    """Whether the Service has the port that a route leads to; true where either is not known.

    A route of the Gateway API names the Service's number. Controllers take the name for an Ingress too, and some (that
    of NGINX) the port of the pods, which is what OpenShift's Route names.
    """
    if not wanted or not service.ports:
        return True
    for port in service.ports:
        if not port.port or "{" in port.name:
            return True
        if route.kind == "Route" and wanted.isdigit() and port.target and not port.target.isdigit():
            return True  # the pods say which number that is
        known = {str(port.port)} if route.kind != "Route" or not port.target else set()
        if route.kind not in GATEWAY_ROUTES:
            known |= {port.name, port.target}
        if wanted in known:
            return True
    return False


class _Names:
    """The Services that are but another name."""

    def __init__(self, inventory: Inventory, lone: Lone) -> None:
        self._lone = lone
        self._found: dict[Name, tuple[str, str]] = {}
        for one in inventory.of(Service):
            if one.type == "ExternalName" and (match := _IN_THIS_CLUSTER.match(one.external_name)):
                for scope in lone.seen_from(one):
                    self._found[scope, one.namespace, one.name] = (match["namespace"], match["name"])

    def followed(self, route: Route, backend: Backend) -> Backend:
        """The backend under the name of the Service that its traffic comes to. The Gateway API has it follow none."""
        if not self._found or route.kind in GATEWAY_ROUTES:
            return backend
        for _ in range(_LENGTH):
            named = (backend.namespace or route.namespace, backend.service)
            target = self._found.get((route.scope, *named))
            if target is None and self._lone.holds(route):
                target = self._found.get((ELSEWHERE, *named))
            if target is None:
                break
            port = backend.port if backend.port.isdigit() else ""  # the name of a port is the first Service's
            backend = replace(backend, namespace=target[0], service=target[1], port=port)
        return backend


class _Gateways:
    """The Gateways that were read, and what they take."""

    def __init__(self, inventory: Inventory, lone: Lone) -> None:
        self._lone = lone
        self._found: dict[Name, list[Route]] = defaultdict(list)
        for one in inventory.of(Route):
            if one.kind == "Gateway":
                for scope in lone.seen_from(one):
                    self._found[scope, one.namespace, one.name].append(one)
        self._labels: dict[tuple[str, str], dict[str, str]] = {}
        for space in inventory.of(Namespace) if self._found else ():
            self._labels[space.scope, space.name] = space.labels

    def take(self, route: Route) -> bool:
        """Whether traffic from outside may come through the route."""
        if route.kind not in GATEWAY_ROUTES or route.parents is None:
            return True
        return any(self._attached(route, parent) for parent in route.parents)

    def _attached(self, route: Route, parent: Parent) -> bool:
        if parent.kind in _IN_CLUSTER:
            return False
        named = (parent.namespace or route.namespace, parent.name)
        gateways = self._found.get((route.scope, *named))
        if gateways is None and self._lone.holds(route):
            gateways = self._found.get((ELSEWHERE, *named))
        if parent.kind != "Gateway" or gateways is None:
            return True
        for gateway in gateways:
            if not gateway.listeners or any(self._takes(gateway, one, route, parent) for one in gateway.listeners):
                return True
        return False

    def _takes(self, gateway: Route, listener: Listener, route: Route, parent: Parent) -> bool:
        if parent.section and listener.name and parent.section != listener.name:
            return False
        if parent.port and listener.port and parent.port != listener.port:
            return False
        kinds = listener.kinds or _KINDS.get(listener.protocol)
        if kinds is not None and route.kind not in kinds and not any("{" in kind for kind in kinds):
            return False
        if listener.hostname and route.hosts and not any(_meet(listener.hostname, host) for host in route.hosts):
            return False
        return self._allows(gateway, listener, route)

    def _allows(self, gateway: Route, listener: Listener, route: Route) -> bool:
        """The listener takes routes of the namespace of this one."""
        if listener.namespaces == "Same":
            return not route.namespace or route.namespace == gateway.namespace
        if listener.namespaces == "Selector" and listener.selector is not None and route.namespace:
            return self._chosen(listener.selector, gateway, route)
        return listener.namespaces != "None"

    def _chosen(self, selector: LabelSelector, gateway: Route, route: Route) -> bool:
        for scope in (route.scope, gateway.scope):
            labels = self._labels.get((scope, route.namespace))
            if labels is not None:
                return selector.matches({**labels, _NAME_LABEL: route.namespace})
        known = {key: value for key, value in selector.match_labels.items() if key == _NAME_LABEL}
        terms = tuple(term for term in selector.terms if term.key == _NAME_LABEL)
        return LabelSelector(known, terms).matches({_NAME_LABEL: route.namespace})


def _meet(one: str, other: str) -> bool:
    """Whether a host is both; `*.x` is every host below `x`, whatever its depth."""
    if not _HOST.match(one) or not _HOST.match(other):
        return True  # a variable decides it
    one, other = one.lower(), other.lower()
    if one.startswith("*") and other.startswith("*"):
        return one.endswith(other[1:]) or other.endswith(one[1:])
    if one.startswith("*") or other.startswith("*"):
        host, wild = (other, one) if one.startswith("*") else (one, other)
        return host.endswith(wild[1:]) and host != wild[2:]
    return one == other
