"""The link step: joins what belongs together inside a scope (DESIGN section 2).

Workload ↔ service account ↔ bindings ↔ roles, workload ↔ Service ↔ route (is it exposed?), workload ↔
network policies, image ↔ the Dockerfile that builds it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from batten.engine.link_images import with_image_users
from batten.model.image_content import Image
from batten.model.inventory import Exposure, Inventory
from batten.model.objects import Grant, Identity, LabelSelector, Role, Route, Service, TrafficPolicy
from batten.model.values import Absent
from batten.model.workload import Workload

_ANYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - addresses that mean every interface
Key = tuple[str, str]


def link(inventory: Inventory, images: Sequence[Image] = ()) -> Inventory:
    """The inventory with `links` filled; containers whose user the image decides know it.

    `images`: those that were read elsewhere, besides the inventory's own.
    """
    linked = with_image_users(inventory, [*inventory.of(Image), *images])
    _link_network(linked)
    _link_identities(linked)
    _link_policies(linked)
    return linked


class _Selecting:
    """What selects workloads by their labels, of one scope and namespace: looked up label by label."""

    def __init__(self, found: Sequence[tuple[Any, LabelSelector]]) -> None:
        self._found = found
        self._by_label: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._others: list[int] = []
        self._known: dict[frozenset[tuple[str, str]], list[Any]] = {}
        often = Counter(label for _, selector in found for label in selector.match_labels.items())
        for number, (_, selector) in enumerate(found):
            # under its rarest label: all of an application have one in common
            rarest = min(selector.match_labels.items(), key=often.__getitem__, default=None)
            (self._others if rarest is None else self._by_label[rarest]).append(number)

    def of(self, labels: dict[str, str]) -> list[Any]:
        """What selects these labels, in the order read; one list for all workloads that have the same."""
        mark = frozenset(labels.items())
        known = self._known.get(mark)
        if known is None:
            by_label = (self._by_label.get(label, ()) for label in mark)
            near = (self._found[number] for number in sorted(chain(self._others, *by_label)))
            known = self._known[mark] = [noun for noun, selector in near if selector.matches(labels)]
        return known


def _selecting(pairs: Iterable[tuple[Any, LabelSelector]]) -> dict[Key, _Selecting]:
    groups: dict[Key, list[tuple[Any, LabelSelector]]] = defaultdict(list)
    for noun, selector in pairs:
        groups[noun.scope, noun.namespace].append((noun, selector))
    return {key: _Selecting(found) for key, found in groups.items()}


# ---------------------------------------------------------------------------------- exposure


def _link_network(inventory: Inventory) -> None:
    services = _selecting((one, LabelSelector(one.selector)) for one in inventory.of(Service) if one.selector)
    routes = _routes_by_service(inventory)
    leads: dict[int, list[Route]] = {}
    links = inventory.links
    for workload in inventory.of(Workload):
        group = services.get((workload.scope, workload.namespace))
        chosen: list[Service] = group.of(workload.labels) if group is not None else []
        if chosen:
            links.services[workload.id] = chosen
        leading = leads.get(id(chosen)) if chosen else []
        if leading is None:
            leading = leads[id(chosen)] = [
                route for one in chosen for route in routes.get((one.scope, one.namespace, one.name), ())
            ]
        if leading:
            links.routes[workload.id] = leading
        exposure = _exposure(workload, chosen, leading)
        if exposure is not None:
            links.exposure[workload.id] = exposure


def _routes_by_service(inventory: Inventory) -> dict[tuple[str, str, str], list[Route]]:
    routes: dict[tuple[str, str, str], list[Route]] = defaultdict(list)
    for route in inventory.of(Route):
        for backend in route.backends:
            key = (route.scope, backend.namespace or route.namespace, backend.service)
            known = routes[key]
            if not known or known[-1] is not route:
                known.append(route)
    return routes


def title(kind: str, namespace: str, name: str) -> str:
    """`Ingress shop/web`, as everywhere in messages."""
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def _exposure(workload: Workload, services: list[Service], routes: list[Route]) -> Exposure | None:
    if routes:
        route = routes[0]
        return Exposure((title(route.kind, route.namespace, route.name),), public=True)
    for service in services:
        opened = service.type in ("LoadBalancer", "NodePort") and not service.internal
        if opened or service.external_ips:
            how = service.type if opened else "external IP"
            return Exposure((f"{title('Service', service.namespace, service.name)} ({how})",), public=True)
    if workload.platform == "kubernetes":
        # a host port is reachable in the node's network; whether that is public is not known here
        return None
    if workload.facts.get("public-ip") == "true":
        return Exposure(("a public IP address",), public=True)
    for container in workload.containers:
        for port in container.ports:
            if port.host and port.host_ip in _ANYWHERE and workload.platform != "ecs":
                shown = "a published port" if port.host < 0 else f"published port {port.host}"
                return Exposure((shown,), public=True)
    return None


# -------------------------------------------------------------------------------- identities


def _link_identities(inventory: Inventory) -> None:
    identities: dict[tuple[str, str, str], Identity] = {
        (one.scope, one.namespace, one.name): one for one in inventory.of(Identity)
    }
    roles: dict[tuple[str, str, str, str], Role] = {
        (role.scope, "ClusterRole" if role.cluster else "Role", "" if role.cluster else role.namespace, role.name): role
        for role in inventory.of(Role)
    }
    grants: dict[tuple[str, str, str], list[Grant]] = defaultdict(list)
    for grant in inventory.of(Grant):
        for subject in grant.subjects:
            if subject.kind == "ServiceAccount":
                # a RoleBinding without a subject namespace is refused by the API server; its own is meant
                grants[grant.scope, subject.namespace or grant.namespace, subject.name].append(grant)
    granted: dict[tuple[str, str, str], list[Role]] = {}
    links = inventory.links
    for workload in inventory.of(Workload):
        if isinstance(workload.service_account, Absent):
            continue
        key = (workload.scope, workload.namespace, workload.service_account)
        if key in identities:
            links.identity[workload.id] = identities[key]
        if key in grants:
            links.grants[workload.id] = grants[key]
            if key not in granted:
                granted[key] = [role for grant in grants[key] if (role := role_of(grant, roles)) is not None]
            links.roles[workload.id] = granted[key]


def role_of(grant: Grant, roles: dict[tuple[str, str, str, str], Role]) -> Role | None:
    """The declared role that a binding leads to, None where it was not read."""
    namespace = "" if grant.role_kind == "ClusterRole" else grant.namespace
    return roles.get((grant.scope, grant.role_kind, namespace, grant.role_name))


# ---------------------------------------------------------------------------------- policies


def _link_policies(inventory: Inventory) -> None:
    policies = _selecting((one, one.selector) for one in inventory.of(TrafficPolicy))
    for workload in inventory.of(Workload) if policies else ():
        group = policies.get((workload.scope, workload.namespace))
        chosen = group.of(workload.labels) if group is not None else []
        if chosen:
            inventory.links.policies[workload.id] = chosen
