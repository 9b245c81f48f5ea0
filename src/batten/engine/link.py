"""The link step: joins what belongs together inside a scope (DESIGN section 2).

Workload ↔ service account ↔ bindings ↔ roles, workload ↔ Service ↔ route (is it exposed?), workload ↔
network policies, image ↔ the Dockerfile that builds it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from msgspec.structs import replace

from batten.model.image import ImageReference
from batten.model.inventory import Exposure, Inventory
from batten.model.objects import Grant, Identity, Role, Route, Service, TrafficPolicy
from batten.model.values import Absent, User
from batten.model.workload import Container, Workload

_ANYWHERE = ("", "0.0.0.0", "::", "[::]", "*")  # noqa: S104 - addresses that mean every interface
Key = tuple[str, str]


def link(inventory: Inventory) -> Inventory:
    """The inventory with `links` filled; containers whose user the image decides know it."""
    linked = _with_images(inventory)
    _link_network(linked)
    _link_identities(linked)
    _link_policies(linked)
    return linked


def _grouped(nouns: list[Any]) -> dict[Key, list[Any]]:
    groups: dict[Key, list[Any]] = defaultdict(list)
    for noun in nouns:
        groups[noun.scope, noun.namespace].append(noun)
    return groups


# ---------------------------------------------------------------------------------- exposure


def _link_network(inventory: Inventory) -> None:
    services = _grouped(inventory.of(Service))
    routes = _routes_by_service(inventory)
    links = inventory.links
    for workload in inventory.of(Workload):
        chosen = [
            service
            for service in services.get((workload.scope, workload.namespace), ())
            if service.selector and all(workload.labels.get(key) == value for key, value in service.selector.items())
        ]
        if chosen:
            links.services[workload.id] = chosen
        leading = [
            route for service in chosen for route in routes.get((service.scope, service.namespace, service.name), ())
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
            if route not in routes[key]:
                routes[key].append(route)
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
    links = inventory.links
    for workload in inventory.of(Workload):
        if isinstance(workload.service_account, Absent):
            continue
        key = (workload.scope, workload.namespace, workload.service_account)
        if key in identities:
            links.identity[workload.id] = identities[key]
        if key in grants:
            links.grants[workload.id] = grants[key]
            links.roles[workload.id] = [role for grant in grants[key] if (role := role_of(grant, roles)) is not None]


def role_of(grant: Grant, roles: dict[tuple[str, str, str, str], Role]) -> Role | None:
    """The declared role that a binding leads to, None where it was not read."""
    namespace = "" if grant.role_kind == "ClusterRole" else grant.namespace
    return roles.get((grant.scope, grant.role_kind, namespace, grant.role_name))


# ---------------------------------------------------------------------------------- policies


def _link_policies(inventory: Inventory) -> None:
    policies = _grouped(inventory.of(TrafficPolicy))
    if not policies:
        return
    for workload in inventory.of(Workload):
        chosen = [
            policy
            for policy in policies.get((workload.scope, workload.namespace), ())
            if policy.selector.matches(workload.labels)
        ]
        if chosen:
            inventory.links.policies[workload.id] = chosen


# ------------------------------------------------------------------------------------ images


def _with_images(inventory: Inventory) -> Inventory:
    """A new inventory in which silent users are those of the Dockerfile that builds the image."""
    builds = _Builds(inventory)
    linked = Inventory()
    for kind in inventory.types():
        if kind is Container:
            continue  # workloads bring theirs
        nouns: list[Any] = inventory.of(kind)
        for noun in nouns:
            linked.add(_with_image_users(noun, builds, linked) if kind is Workload and builds else noun)
    return linked


def _with_image_users(workload: Workload, builds: _Builds, linked: Inventory) -> Workload:
    if workload.platform == "dockerfile":
        return workload
    containers = []
    changed = False
    for container in workload.containers:
        built = builds.of(container)
        if built is not None:
            linked.links.dockerfile[workload.id, container.name] = built
            user = container.user
            if isinstance(user, User) and user.uid is None and user.name is None and isinstance(built.user, User):
                merged = replace(built.user, must_not_be_root=user.must_not_be_root, decided_by="image")
                container = replace(container, user=merged)
                changed = True
        containers.append(container)
    return replace(workload, containers=tuple(containers)) if changed else workload


class _Builds:
    """Which Dockerfile builds which image: said by a Compose `build`, else by the folder's name."""

    def __init__(self, inventory: Inventory) -> None:
        self.by_path: dict[str, Container] = {}
        self.by_folder: dict[str, list[Container]] = defaultdict(list)
        self.by_image: dict[str, Container] = {}
        for workload in inventory.of(Workload):
            if workload.platform == "dockerfile" and workload.containers:
                path = workload.document.file.path
                self.by_path[workload.name] = workload.containers[0]
                if path.rpartition("/")[2] in ("Dockerfile", "Containerfile"):
                    self.by_folder[path.rpartition("/")[0].rpartition("/")[2]].append(workload.containers[0])
        if self.by_path:
            for container in inventory.of(Container):
                if container.build is not None and isinstance(container.image, ImageReference):
                    built = self.by_path.get(container.build.dockerfile)
                    if built is not None:
                        self.by_image.setdefault(container.image.name, built)

    def __bool__(self) -> bool:
        return bool(self.by_path)

    def of(self, container: Container) -> Container | None:
        if container.build is not None:
            # another stage than the last may be the target; its user is not the one that was read
            return None if container.build.target else self.by_path.get(container.build.dockerfile)
        image = container.image
        if not isinstance(image, ImageReference):
            return None
        if image.name in self.by_image:
            return self.by_image[image.name]
        if image.registry == "docker.io" and image.repository.startswith("library/") and "/" not in image.raw:
            # `web` may be built here, `nginx` is Docker's: only a reference without a tag of Docker's own
            folder = image.repository.removeprefix("library/")
        else:
            folder = image.repository.rpartition("/")[2]
        candidates = self.by_folder.get(folder, ())
        return candidates[0] if len(candidates) == 1 else None
