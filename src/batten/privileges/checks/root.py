"""Who the process is: privileged, root, able to become root."""

from __future__ import annotations

from batten.engine.check import Context, check
from batten.engine.mend import review
from batten.formats.image_needs import why_administrator, why_privileged
from batten.formats.image_users import image_user
from batten.formats.windows import is_windows_image, runs_as_administrator
from batten.model.image import ImageReference
from batten.model.source import Place
from batten.model.values import Absent, User
from batten.model.verdict import CRITICAL, HIGH, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.model.workload import Container
from batten.privileges.user_fix import likely_dockerfile, trigger_fix, user_fix, windows_user_fix

_ORCHESTRATED = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")
_PRIVILEGED = ("kubernetes", "compose", "ecs", "docker", "podman", "quadlet")  # a swarm cannot start one


@check("PRV001", "Container is privileged", severity=CRITICAL, platforms=_PRIVILEGED)
def privileged(container: Container) -> Verdict:
    """A privileged container has every capability, sees every device of the host and runs without seccomp,
    AppArmor or SELinux confinement. Whoever takes over the process owns the node, and with it every
    other workload there.

    Grant the one capability or device that the program needs instead; most need none.

    Fix:
        kubernetes: remove `privileged: true` from the container's `securityContext`, add what is really
            needed under `capabilities.add`.
        compose: remove `privileged: true`; use `cap_add` and `devices` for what is really needed.
        ecs: set `privileged` to false; use `linuxParameters.capabilities.add` and `linuxParameters.devices`.
        docker: recreate the container without `--privileged`, with `--cap-add` for what is needed.
        podman: recreate the container without `--privileged`, with `--cap-add` for what is needed.
        quadlet: remove `--privileged` from `PodmanArgs=`; use `AddCapability=` and `AddDevice=`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
        https://docs.docker.com/reference/cli/docker/container/run/#privileged
        https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html
    """
    if isinstance(container.privileged, Absent):
        return NOT_APPLICABLE
    if container.privileged:
        return fail(
            container.where("privileged"),
            "the container is privileged: an escape from it owns the node",
            fix=None
            if (needed := why_privileged(container))
            else review("run it without privileges", container, privileged=False),
            no_fix=needed,
        )
    return PASS


_ADMINISTRATORS = frozenset(
    ("containeradministrator", "user manager\\containeradministrator", "administrator", "nt authority\\system",
     "builtin\\administrators")
)  # fmt: skip


def _unset_on_windows(container: Container, user: User) -> Verdict:
    if user.name or user.must_not_be_root:
        return PASS
    image = container.image
    if not isinstance(image, ImageReference) or not is_windows_image(image.raw):
        return NOT_APPLICABLE  # whom the image starts as does not show
    if not runs_as_administrator(image.raw):
        return PASS if "nanoserver" in image.raw.lower() else NOT_APPLICABLE
    return fail(
        container.where("user"),
        "no user is set, so the process runs as ContainerAdministrator, which Windows Server images start as",
        fix=None if (why := why_administrator(container)) else windows_user_fix(container),
        no_fix=why or "how a user is named here is for its owner to say",
    )


def _administrator(container: Container, user: User) -> Verdict:
    if user.name is None or user.name.casefold() not in _ADMINISTRATORS:
        return NOT_APPLICABLE if user.name is None else PASS
    return fail(
        container.where("user"),
        f"the user is {user.name}, who may do everything in the container",
        fix=None if (why := why_administrator(container)) else windows_user_fix(container),
        no_fix=why or "how a user is named here is for its owner to say",
    )


def _severity(container: Container, context: Context) -> Severity | None:
    """Medium in a user namespace, else the check's own."""
    workload = context.inventory.workload(container.workload)
    return MEDIUM if workload is not None and workload.user_namespace is True else None


def _starts_as_another(container: Container) -> bool:
    """Is the image one that is known to run as another user than root?"""
    image = container.image if container.build is None else None
    known = image_user(image) if isinstance(image, ImageReference) else None
    return known is not None and known.starts


@check("PRV002", "Container may run as root", severity=HIGH, group="hardening")
def may_run_as_root(container: Container, context: Context) -> Verdict:
    """Nothing says that the process runs as another user than root: no user is set, and the image (where it
    could be read, or is well known) does not set one either. uid 0 inside a container is uid 0 on the host unless user
    namespaces are in use, so an escape lands as root, and files written to shared volumes belong to root.

    Choose a numeric id: a platform that must refuse root cannot judge a name. In a user namespace, root of the
    container is nobody on the host: it is reported medium there. On Windows the same is said of Server images, which
    start as ContainerAdministrator.

    Fix:
        kubernetes: set `securityContext.runAsNonRoot: true` and a numeric `runAsUser`.
        compose: set `user: "10001:10001"`, or `USER` in the Dockerfile.
        swarm: set `user: "10001:10001"`, or `USER` in the Dockerfile.
        ecs: set `user` to `10001:10001`, or `USER` in the Dockerfile.
        docker: recreate the container with `--user 10001:10001`, or set `USER` in the Dockerfile.
        podman: recreate the container with `--user 10001:10001`, or set `USER` in the Containerfile.
        quadlet: set `User=10001` and `Group=10001`.
        dockerfile: end the last stage with `USER 10001` after the files that it needs are owned by that id.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
        https://docs.docker.com/build/building/best-practices/#user
    """
    user = container.user
    if isinstance(user, Absent):
        return NOT_APPLICABLE
    if container.os == "windows":
        return _unset_on_windows(container, user)
    if not user.may_be_root or user.is_root:
        return PASS  # root in so many words is PRV003's
    if user.decided_by == "default" and _starts_as_another(container):
        return PASS
    severity = _severity(container, context)
    if container.platform != "dockerfile" and user.decided_by == "default" and container.image is None:
        severity = MEDIUM
    if container.platform in ("compose", "swarm") and user.decided_by == "default" and "user" in container.places:
        return fail(
            container.where("user"),
            "the user is a variable that has no value here; left empty, the process runs as root unless the image "
            "says otherwise",
            severity=severity,
            confidence="low",
            no_fix="the variable is for its owner to set; a default (`${NAME:-10001}`) holds where nobody does",
        )
    message, confidence = "no user is set, so the process runs as root unless the image says otherwise", "high"
    likely = likely_dockerfile(container, context)
    if likely is not None and isinstance(likely.user, User) and not likely.user.may_be_root:
        message += f"; {likely.document.file.path} may build it and sets one, which nothing here proves"
        confidence = "medium"
    fix, no_fix = user_fix(container, context)
    return fail(container.where("user"), message, fix=fix, no_fix=no_fix, severity=severity, confidence=confidence)


@check("PRV003", "Container runs as root", severity=HIGH, group="hardening", exposure=True)
def runs_as_root(container: Container, context: Context) -> Verdict:
    """The process runs as uid 0 because it says so: in the manifest, or with `USER root` as the image's last
    word. uid 0 inside a container is uid 0 on the host unless user namespaces are in use, where it is medium.
    `ONBUILD USER root` makes it so in every image that stands on this one.

    On Windows, ContainerAdministrator and the accounts of the system may do everything in the container.

    Fix:
        kubernetes: set `securityContext.runAsUser` to a numeric id other than 0 and `runAsNonRoot: true`.
        compose: set `user: "10001:10001"`.
        swarm: set `user: "10001:10001"`.
        ecs: set `user` to `10001:10001`.
        docker: recreate the container with `--user 10001:10001`.
        podman: recreate the container with `--user 10001:10001`.
        quadlet: set `User=10001` and `Group=10001`.
        dockerfile: let the last `USER` of the last stage be a numeric id other than 0.
    References:
        https://kubernetes.io/docs/tasks/configure-pod-container/security-context/
        https://docs.docker.com/build/building/best-practices/#user
    """
    user = container.user
    if isinstance(user, Absent):
        return NOT_APPLICABLE
    if container.os == "windows":
        return _administrator(container, user)
    later = _root_on_build(container)
    if not user.is_root:
        return later or PASS
    where = "the image runs as root and no other user is set" if user.decided_by == "image" else "the user is root"
    if user.name and user.name != "root":
        where = f"the user {user.name} has uid 0, so it is root by another name"
    if user.must_not_be_root:
        where += ", which the platform will refuse to start"
    fix, no_fix = user_fix(container, context)
    severity = _severity(container, context)
    return [fail(container.where("user"), where, fix=fix, no_fix=no_fix, severity=severity), *later]


def _root_on_build(container: Container) -> list[Failure]:
    """Builds on the image of a Dockerfile that go on as root."""
    if container.platform != "dockerfile":
        return []
    from batten.formats.dockerfile.config import triggered_user
    from batten.formats.dockerfile.nodes import Dockerfile, pointer_of
    from batten.formats.dockerfile.reader import named_user

    setting = triggered_user(container.document) if isinstance(container.document, Dockerfile) else None
    user = named_user(setting) if setting is not None else None
    if setting is None or not isinstance(user, User) or not user.is_root:
        return []
    place = Place(container.document, (*pointer_of(setting.instruction), "arg", 0))
    message = "the user is root in the builds that stand on this image, unless they set another"
    return [fail(place, message, subject="ONBUILD", fix=trigger_fix(place))]


@check(
    "PRV004",
    "Process may gain privileges",
    severity=HIGH,
    group="hardening",
    platforms=_ORCHESTRATED,
    masked_by=("PRV001",),
)
def privilege_escalation(container: Container) -> Verdict:
    """A set-uid program or one with file capabilities can give the process more rights than it was started
    with: `no_new_privs` is off, which is every platform's default. With it on, `sudo`, `su` and a
    forgotten set-uid helper in the image are harmless.

    Fix:
        kubernetes: set `securityContext.allowPrivilegeEscalation: false` on the container.
        compose: add `no-new-privileges:true` to `security_opt`.
        swarm: set `Privileges.NoNewPrivileges` of the service through the Engine API; a stack has no word for it.
        ecs: add `no-new-privileges` to `dockerSecurityOptions` (EC2 and External only).
        docker: recreate the container with `--security-opt no-new-privileges`.
        podman: recreate the container with `--security-opt no-new-privileges`.
        quadlet: set `NoNewPrivileges=true`.
    References:
        https://kubernetes.io/docs/concepts/security/pod-security-standards/
        https://docs.kernel.org/userspace-api/no_new_privs.html
    """
    if isinstance(container.privilege_escalation, Absent) or container.os == "windows":
        return NOT_APPLICABLE
    if container.privileged is True or not container.privilege_escalation:
        # a privileged process has nothing left to gain: that is PRV001's
        return NOT_APPLICABLE if container.privileged is True else PASS
    return fail(
        container.where("privilege_escalation"),
        "the process may gain privileges that it was not started with (no_new_privs is off)",
        fix=review("set no_new_privs", container, privilege_escalation=False),
    )
