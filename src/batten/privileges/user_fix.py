"""Which user a container that runs as root is given, and where: in its manifest, or in its Dockerfile."""

from __future__ import annotations

from typing import Final

from msgspec.structs import replace

from batten.engine.check import Context
from batten.engine.mend import edit, review
from batten.formats.image_needs import why_root
from batten.formats.image_users import known_uid
from batten.model.edits import Append, Remove, Set
from batten.model.image import ImageReference
from batten.model.source import Place
from batten.model.values import Absent, User
from batten.model.verdict import Change, DocumentEdit, Fix
from batten.model.workload import Container, Workload

UNPRIVILEGED_UID: Final = 10001
"""Above the ranges that distributions hand out, so that it meets no account of the host."""
_GUESS: Final = "a guess: no user of the image is known"

_LOW_PORTS: Final = "net.ipv4.ip_unprivileged_port_start"
_FIRST_FREE: Final = 1024  # the first port that anybody may listen on (ip(7))
_DISKS: Final = ("awsElasticBlockStore", "azureDisk", "csi", "ephemeral", "gcePersistentDisk", "persistentVolumeClaim")
_NUMBERLESS: Final = "makes a user without a number: give it one there (`useradd --uid`), then name that here"

Mended = tuple[Fix | None, str]
"""The fix, or why there is none."""


def likely_dockerfile(container: Container, context: Context) -> Container | None:
    """The Dockerfile that may build the image, by the name of its folder alone."""
    return _likely(container, context) if container.build is None else None


def _likely(container: Container, context: Context) -> Container | None:
    """The same, and the Dockerfile of which another stage than the last is built."""
    found = context.inventory.links.likely_dockerfile.get((container.workload, container.name))
    return found if isinstance(found, Container) else None


def user_fix(container: Container, context: Context) -> Mended:
    """Who it is to run as, and that it may write and listen where it does."""
    mended = _user_fix(container, context)
    workload = context.inventory.workload(container.workload)
    if mended[0] is None or container.platform != "kubernetes" or container.kind == "ephemeral" or workload is None:
        return mended
    return _with_low_ports(container, workload, _with_group(container, workload, mended[0])), ""


def _user_fix(container: Container, context: Context) -> Mended:
    """Where it is certain which Dockerfile builds the image, the two must not name different users: the Dockerfile
    is mended where it is at fault, else its user is what the manifest takes."""
    if container.platform == "dockerfile":
        return _as(container, _of_dockerfile(container))
    built = context.inventory.links.dockerfile.get((container.workload, container.name))
    shared = _is_shared(container, context)
    if isinstance(built, Container) and not shared:
        return _with_dockerfile(container, built)
    root = why_root(container)
    if root:
        return None, root
    likely = _likely(container, context)
    if likely is not None and not shared:
        user = _of_dockerfile(likely)
        if not isinstance(user, str):
            return _as(container, user)
    # what is written for several containers must suit all of them
    if isinstance(container.image, ImageReference) and not shared:
        return _as(container, known_uid(container.image))
    return _as(container, None)


def trigger_fix(place: Place) -> Fix:
    """Of an `ONBUILD USER`: which program builds on the image will run is not known."""
    return edit(
        "review",
        f"go on as uid {UNPRIVILEGED_UID} ({_GUESS})",
        place.document,
        Set(place.pointer, str(UNPRIVILEGED_UID)),
    )


def windows_user_fix(container: Container) -> Fix | None:
    """ContainerUser, whom every base of Windows has."""
    place = container.where("user")
    if container.platform == "dockerfile":
        return review("run as ContainerUser", container, user="ContainerUser")
    pointer = place.pointer
    if not container.is_set("user"):
        if container.platform != "kubernetes":
            return None
        pointer = (*container.pointer, "securityContext", "windowsOptions", "runAsUserName")
    return edit("review", "run as ContainerUser", place.document, Set(pointer, "ContainerUser"))


def _with_dockerfile(container: Container, built: Container) -> Mended:
    user, place = _of_dockerfile(built), container.where("user")
    is_mended = isinstance(built.user, User) and not built.user.may_be_root
    if is_mended and container.is_set("user") and container.platform == "compose":
        return edit("review", "leave the user to the Dockerfile", place.document, Remove(place.pointer)), ""
    if not is_mended and not container.is_set("user") and container.build is not None and _is_file(built):
        return _as(built, user)
    if not isinstance(user, str):
        return _as(container, user)
    return None, f"{built.document.file.path} {_NUMBERLESS}"


def _as(container: Container, user: int | str | None) -> Mended:
    if user is None:
        return review(f"run as uid {UNPRIVILEGED_UID} ({_GUESS})", container, user=UNPRIVILEGED_UID), ""
    return review(f"run as {'uid' if isinstance(user, int) else 'user'} {user}", container, user=user), ""


def _with_group(container: Container, workload: Workload, fix: Fix) -> Fix:
    """With the group that persistent volumes are given to, where the container writes to some: they are root's.

    https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
    """
    from batten.formats.kubernetes.values import value_at

    pods = {one.name: one for one in workload.volumes}
    user = next((step.value for step in fix.steps if isinstance(step, Change) and step.field == "user"), None)
    pointer = (*container.pointer[:-2], "securityContext", "fsGroup")
    # a mount of none of the pod's volumes is that of a claim template
    writes = any(
        not mount.read_only and (mount.volume not in pods or pods[mount.volume].type in _DISKS)
        for mount in container.mounts
    )
    if not writes or not isinstance(user, int) or value_at(container.document, pointer) is not None:
        return fix
    step = DocumentEdit(container.document, Set(pointer, user))
    return replace(fix, summary=f"{fix.summary}, whose group has the volumes", steps=(*fix.steps, step))


def _with_low_ports(container: Container, workload: Workload, fix: Fix) -> Fix:
    """With the sysctl that lets others than root listen below port 1024, where the container says that it does.

    Docker and Podman set it anyway, container runtimes of Kubernetes as they are configured; Pod Security allows it:
    https://kubernetes.io/docs/tasks/administer-cluster/sysctl-cluster/
    """
    low = [one.container for one in container.ports if 0 < one.container < _FIRST_FREE]
    there = () if isinstance(workload.sysctls, Absent) else workload.sysctls
    if not low or workload.host_network is not False or any(one.name == _LOW_PORTS for one in there):
        return fix
    pointer = (*container.pointer[:-2], "securityContext", "sysctls")
    step = DocumentEdit(container.document, Append(pointer, {"name": _LOW_PORTS, "value": str(min(low))}))
    return replace(fix, summary=f"{fix.summary}, and let it listen on port {min(low)}", steps=(*fix.steps, step))


def _of_dockerfile(built: Container) -> int | str | None:
    """The user that the Dockerfile names, else makes, else that its base keeps: it may read and write its files. None
    where there is none."""
    from batten.formats.dockerfile.nodes import Dockerfile
    from batten.formats.dockerfile.users import own_user

    user = built.user
    if isinstance(user, User) and user.uid:
        return user.uid
    found = own_user(built.document) if isinstance(built.document, Dockerfile) else None
    if found is not None:
        return found
    if isinstance(user, User) and user.name and not user.is_root:
        return user.name
    base = built.image
    return known_uid(base) if isinstance(base, ImageReference) else None


def _is_shared(container: Container, context: Context) -> bool:
    """Does what names the user (a pod, a service that others extend, an anchor) name it for others, too?"""
    place = container.where("user")
    if place.document is container.document:
        return place.pointer[: len(container.pointer)] != container.pointer
    places = [
        one.where("user")
        for one in context.inventory.of(Container)
        if one.platform == container.platform and one is not container and one.is_set("user")
    ]
    path = place.document.file.path
    return any(one.pointer == place.pointer and one.document.file.path == path for one in places)


def _is_file(built: Container) -> bool:
    """Not a text in a Compose file, which nobody edits."""
    from batten.formats.dockerfile.inline import InlineDockerfile

    return not isinstance(built.document, InlineDockerfile)
