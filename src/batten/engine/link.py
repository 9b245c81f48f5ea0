"""The link step: joins what belongs together inside a scope (DESIGN section 2).

Workload ↔ service account ↔ bindings ↔ roles, workload ↔ Service ↔ route (is it exposed?), workload ↔
network policies, workload ↔ LimitRanges, workload ↔ persistent volumes, workload ↔ the Quadlet unit that plays it,
image ↔ the Dockerfile that builds it.

A deployment may be spread over folders by kind (`k8s/rbac`, `k8s/deploy`). What stands elsewhere is joined where
it cannot be anything else: both ends name their namespace, and nothing else that was read has the kind,
namespace and name of either (see `batten.engine.elsewhere`).
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from batten.engine.elsewhere import ELSEWHERE, Lone, may_be_one
from batten.engine.link_images import with_image_users
from batten.engine.link_routes import Routes
from batten.model.image_content import Image
from batten.model.inventory import Exposure, Inventory
from batten.model.objects import (
    Grant,
    Identity,
    LabelSelector,
    LimitRange,
    PersistentVolume,
    Role,
    Route,
    Service,
    Subject,
    TrafficPolicy,
)
from batten.model.values import Absent
from batten.model.workload import Workload

_ANYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - addresses that mean every interface
Key = tuple[str, str]
Name = tuple[str, str, str]
"""Scope, namespace, name."""


def link(inventory: Inventory, images: Sequence[Image] = ()) -> Inventory:
    """The inventory with `links` filled; containers whose user the image decides know it.

    `images`: those that were read elsewhere, besides the inventory's own.
    """
    if any(one.build and one.build.contexts for workload in inventory.of(Workload) for one in workload.containers):
        from batten.engine.link_contexts import with_given_bases  # as those below: what few inventories need

        inventory = with_given_bases(inventory)
    if inventory.of(PersistentVolume):
        from batten.engine.link_volumes import with_claimed_volumes

        inventory = with_claimed_volumes(inventory)
    linked = with_image_users(inventory, [*inventory.of(Image), *images])
    lone = Lone(linked)
    _link_network(linked, lone)
    _link_identities(linked, lone)
    _link_policies(linked, lone)
    if linked.of(LimitRange):
        from batten.engine.link_limits import link_limits

        link_limits(linked, lone)
    _link_units(linked)
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


class _Selectors:
    """What selects workloads: in their scope and namespace, and alone under its name elsewhere."""

    def __init__(self, pairs: Iterable[tuple[Any, LabelSelector]], lone: Lone) -> None:
        near: dict[Key, list[tuple[Any, LabelSelector]]] = defaultdict(list)
        far: dict[str, list[tuple[Any, LabelSelector]]] = defaultdict(list)
        for noun, selector in pairs:
            near[noun.scope, noun.namespace].append((noun, selector))
            if lone.holds(noun):
                far[noun.namespace].append((noun, selector))
        self._near = {key: _Selecting(found) for key, found in near.items()}
        self._far = {key: _Selecting(found) for key, found in far.items()}
        self._lone = lone

    def __bool__(self) -> bool:
        return bool(self._near)

    def of(self, workload: Workload) -> list[Any]:
        """Those of its own scope first, each in the order read."""
        group = self._near.get((workload.scope, workload.namespace))
        chosen: list[Any] = group.of(workload.labels) if group is not None else []
        others = self._far.get(workload.namespace)
        if others is None or not self._lone.holds(workload):
            return chosen
        more = [one for one in others.of(workload.labels) if one.scope != workload.scope]
        return [*chosen, *more] if more else chosen


# ---------------------------------------------------------------------------------- exposure


def _link_network(inventory: Inventory, lone: Lone) -> None:
    pairs = ((one, LabelSelector(one.selector)) for one in inventory.of(Service) if one.selector)
    services = _Selectors(pairs, lone)
    routes = Routes(inventory, lone)
    leads: dict[int, list[Route]] = {}
    links = inventory.links
    for workload in inventory.of(Workload):
        chosen: list[Service] = services.of(workload)
        if chosen:
            links.services[workload.id] = chosen  # and with it the list, whose identity is a key below
        leading = leads.get(id(chosen)) if chosen else []
        if leading is None:
            leading = leads[id(chosen)] = [route for one in chosen for route in routes.to(one)]
        if leading:
            links.routes[workload.id] = leading
        exposure = _exposure(workload, chosen, leading)
        if exposure is not None:
            links.exposure[workload.id] = exposure


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
    for container in workload.containers if workload.network_mode != "none" else ():
        for port in container.ports:
            if port.host and port.host_ip in _ANYWHERE and workload.platform != "ecs":
                shown = "a published port" if port.host < 0 else f"published port {port.host}"
                return Exposure((shown,), public=True)
    return None


# ------------------------------------------------------------------------------------- units


def _link_units(inventory: Inventory) -> None:
    """Manifests and the `.kube` units that name them; paths count within a target."""
    units: dict[str, list[tuple[str, Workload]]] = defaultdict(list)
    for one in inventory.of(Workload):
        if one.platform == "quadlet" and one.kind == "Kube":
            target = one.id[: max(one.id.rfind(f"{one.scope}/quadlet//"), 0)]  # with several, each has its own
            for path in one.facts.get("kube-yaml", "").split("\n"):
                units[path].append((target, one))
    for workload in inventory.of(Workload) if units else ():
        if workload.platform == "kubernetes":
            for target, unit in units.get(workload.document.file.path, ()):
                if workload.id.startswith(target):
                    inventory.links.units[workload.id] = unit


# -------------------------------------------------------------------------------- identities


def _link_identities(inventory: Inventory, lone: Lone) -> None:
    identities: dict[Name, Identity] = {}
    for one in inventory.of(Identity):
        for scope in lone.seen_from(one):
            identities[scope, one.namespace, one.name] = one
    roles: dict[tuple[str, str, str, str], Role] = {}
    for role in inventory.of(Role):
        for scope in lone.seen_from(role):
            namespace = "" if role.cluster else role.namespace
            roles[scope, "ClusterRole" if role.cluster else "Role", namespace, role.name] = role
    grants: dict[Name, list[Grant]] = defaultdict(list)
    named: dict[str, list[tuple[Grant, str]]] = defaultdict(list)
    everybody: list[tuple[Grant, str]] = []
    for grant in inventory.of(Grant):
        for subject in grant.subjects:
            account = _account(subject, grant)
            if account is not None:
                named[account[1]].append((grant, account[0]))
                for scope in lone.seen_from(grant):
                    grants[scope, *account].append(grant)
            elif subject.kind == "Group" and subject.name.startswith(_ACCOUNTS):
                everybody.append((grant, subject.name[len(_ACCOUNTS) + 1 :]))
    links = inventory.links
    known: dict[tuple[Name, bool], tuple[list[Grant], list[Role]]] = {}
    for workload in inventory.of(Workload):
        if isinstance(workload.service_account, Absent):
            continue
        near = (workload.scope, workload.namespace, workload.service_account)
        far = (ELSEWHERE, *near[1:])
        is_lone = lone.holds(workload)
        identity = identities.get(near) or (identities.get(far) if is_lone else None)
        if identity is not None:
            links.identity[workload.id] = identity
        found = known.get((near, is_lone))
        if found is None:
            own = grants.get(near, [])
            if is_lone and far in grants:
                own = [*own, *(one for one in grants[far] if one.scope != workload.scope)]
            found = known[near, is_lone] = (own, [one for one in (role_of(each, roles) for each in own) if one])
        if found[0]:
            links.grants[workload.id], links.roles[workload.id] = found
        else:
            likely = _likely(workload, chain(named.get(workload.service_account, ()), everybody))
            if likely is not None:
                links.likely_grants[workload.id] = [likely]


_ACCOUNTS = "system:serviceaccounts"
"""The group of all service accounts; with a colon and a namespace, of those of that one."""


_USER = "system:serviceaccount:"
"""Before the namespace and name of a service account, where it is named as the user that it is."""


def _account(subject: Subject, grant: Grant) -> tuple[str, str] | None:
    """Namespace and name of the service account that the subject is, None where it is another."""
    if subject.kind == "ServiceAccount":
        # a RoleBinding without a subject namespace is refused by the API server; its own is meant
        return subject.namespace or grant.namespace, subject.name
    if subject.kind == "User" and subject.name.startswith(_USER):
        namespace, _, name = subject.name.removeprefix(_USER).partition(":")
        return namespace, name
    return None


def _likely(workload: Workload, bindings: Iterable[tuple[Grant, str]]) -> Grant | None:
    """Of bindings, each with the namespace of the accounts that it names ("": open), the first that may hold for it."""
    return next((grant for grant, namespace in bindings if may_be_one(workload, grant, namespace=namespace)), None)


def role_of(grant: Grant, roles: dict[tuple[str, str, str, str], Role]) -> Role | None:
    """The declared role that a binding leads to, None where it was not read."""
    name = (grant.role_kind, "" if grant.role_kind == "ClusterRole" else grant.namespace, grant.role_name)
    return roles.get((grant.scope, *name)) or roles.get((ELSEWHERE, *name))


# ---------------------------------------------------------------------------------- policies


def _link_policies(inventory: Inventory, lone: Lone) -> None:
    found = inventory.of(TrafficPolicy)
    policies = _Selectors(((one, one.selector) for one in found), lone)
    elsewhere = _Elsewhere(inventory, found)
    for workload in inventory.of(Workload) if policies else ():
        chosen = policies.of(workload)
        if chosen:
            inventory.links.policies[workload.id] = chosen
        if not any(one.ingress is not None for one in chosen) and (likely := elsewhere.of(workload)) is not None:
            inventory.links.likely_policies[workload.id] = [likely]


class _Elsewhere:
    """Policies on what comes in that may select a workload of another scope."""

    def __init__(self, inventory: Inventory, policies: Sequence[TrafficPolicy]) -> None:
        scopes = {one.scope for one in policies}
        self._by_namespace: dict[str, _Selecting] = {}
        self._all = _Selecting(())
        if any(one.scope not in scopes or len(scopes) > 1 for one in inventory.of(Workload)):
            groups: dict[str, list[tuple[Any, LabelSelector]]] = defaultdict(list)
            for one in policies:
                if one.ingress is not None:
                    groups[one.namespace].append((one, one.selector))
            self._by_namespace = {namespace: _Selecting(pairs) for namespace, pairs in groups.items()}
            self._all = _Selecting([pair for pairs in groups.values() for pair in pairs])

    def of(self, workload: Workload) -> TrafficPolicy | None:
        """One of them."""
        if not self._by_namespace or workload.platform != "kubernetes":
            return None
        if workload.namespace:
            groups = [self._by_namespace.get(name) for name in (workload.namespace, "")]
        else:
            groups = [self._all]
        for group in groups:
            for one in group.of(workload.labels) if group is not None else ():
                if one.scope != workload.scope and may_be_one(workload, one):
                    return one  # type: ignore[no-any-return]
        return None
