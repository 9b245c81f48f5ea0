"""Which workloads of the inventory run an image, and what a break-in there would meet."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from batten.engine.link_images import leads_to, names_of
from batten.model.image import ImageReference
from batten.model.image_content import Image
from batten.model.inventory import Inventory
from batten.model.package import Package
from batten.model.values import Capabilities, User
from batten.model.workload import Container, Workload
from batten.vulnerabilities.context import UNKNOWN, Context, Exposure, joined

# capabilities(7): those that lead out of the container, or to its neighbours
_TO_THE_HOST: Final = frozenset(
    (
        *("ALL", "BPF", "DAC_READ_SEARCH", "MAC_ADMIN", "MAC_OVERRIDE", "NET_ADMIN", "PERFMON", "SYS_ADMIN"),
        *("SYS_BOOT", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO", "SYS_TIME", "SYSLOG"),
    )
)


def contexts(inventory: Inventory, packages: Iterable[Package]) -> dict[str, Context]:
    """Target of packages -> how it is run. Targets without an image (lock files) are absent."""
    images = images_by_target(inventory, packages)
    users = [
        (one, one.image) for one in inventory.of(Container) if isinstance(one.image, ImageReference) and _runs(one)
    ]
    found = {}
    for target, some in images.items():
        names = [(image, reference) for image in some for reference in names_of(image)]
        running = [
            _of_container(container, image, inventory)
            for container, wanted in users
            for image in [image for image, name in names if leads_to(wanted, name, image)][:1]
        ]
        found[target] = joined(running) if running else _alone(some)
    return found


def images_by_target(inventory: Inventory, packages: Iterable[Package]) -> dict[str, list[Image]]:
    """Target of packages -> the images in it: the one of that name, else those that have all of its layers."""
    images = inventory.of(Image)
    layers: dict[str, set[str]] = {}
    for package in packages:
        layers.setdefault(package.target, set()).add(package.layer)
    found: dict[str, list[Image]] = {}
    for target, seen in layers.items():
        named = [one for one in images if target in (one.id, one.reference) or target.endswith(f":{one.reference}")]
        seen.discard("")
        holding = [one for one in images if seen and seen <= {layer.diff_id for layer in one.layers}]
        if some := named or holding:
            found[target] = some
    return found


def _runs(container: Container) -> bool:
    return container.platform != "dockerfile"


def _alone(images: Iterable[Image]) -> Context:
    """What the images say of themselves: who the process is, unless it is told otherwise."""
    users = [_is_root(image) for image in images if image.raw_config]
    return Context(root=any(users)) if users else UNKNOWN


def _is_root(image: Image) -> bool:
    return image.user.partition(":")[0] in ("", "0", "root")


def _of_container(container: Container, image: Image, inventory: Inventory) -> Context:
    workload = inventory.workload_of(container)
    exposure = inventory.links.exposure.get(workload.id)
    level: Exposure = "none"
    if exposure is not None and exposure.public:
        level = "public"
    elif exposure is not None or inventory.links.services.get(workload.id) or _talks(workload):
        level = "cluster"
    capabilities = container.capabilities
    added = capabilities.add if isinstance(capabilities, Capabilities) else ()
    host = (workload.host_network, workload.host_pid, workload.host_ipc, container.privileged, container.host_process)
    return Context(
        exposure=level,
        through=exposure.through if exposure is not None else (),
        root=_root(container, image),
        privileged=any(one is True for one in host),
        capabilities=tuple(name for name in added if name in _TO_THE_HOST),
        secrets=_secrets(container, workload),
        workloads=(_title(workload),),
    )


def _talks(workload: Workload) -> bool:
    """Outside Kubernetes, services of a project reach one another over its network."""
    return (
        workload.platform in ("compose", "swarm") and len(workload.containers) > 0 and workload.network_mode != "none"
    )


def _root(container: Container, image: Image) -> bool:
    user = container.user
    if not isinstance(user, User):
        return _is_root(image)
    if user.must_not_be_root:
        return False
    if user.uid is None and user.name is None:
        return _is_root(image)
    return user.is_root


def _secrets(container: Container, workload: Workload) -> bool:
    if any(variable.source == "secret" for variable in container.environment):
        return True
    if any(source.kind == "secret" for source in container.environment_from):
        return True
    held = {volume.name for volume in workload.volumes if volume.kind == "secret"}
    return any(mount.volume in held for mount in container.mounts)


def _title(workload: Workload) -> str:
    name = f"{workload.namespace}/{workload.name}" if workload.namespace else workload.name
    return f"{workload.kind} {name}"
