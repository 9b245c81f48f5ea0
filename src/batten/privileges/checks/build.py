"""What a build may have of the machine that builds, where that stands beside the Dockerfile."""

from __future__ import annotations

from typing import Final

from batten.engine.check import check
from batten.engine.mend import edit
from batten.model.edits import Remove
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.model.workload import Container

_STEPS: Final[dict[str, tuple[Severity, str]]] = {
    "security.insecure": (MEDIUM, "all capabilities and no seccomp filter"),
    "network.host": (MEDIUM, "the network of the machine that builds"),
    "device": (LOW, "devices of the machine that builds"),
}


@check("PRV020", "Build may have rights of its machine", severity=MEDIUM, platforms=("compose", "quadlet"))
def build_rights(container: Container) -> Verdict:
    """A build runs what its dependencies bring along. With `privileged: true` or the entitlement
    `security.insecure` a step may ask for all capabilities and no seccomp filter (`RUN --security=insecure`), with
    `network.host` for the network of the machine and what listens on its loopback, with `device` for its devices;
    `network: host` gives the network to every step unasked. The step that asks for it is PRV019's.

    Fix:
        compose: remove `privileged`, `entitlements` and `network: host` below `build`; do what needs the rights
            outside of the build, or on a machine of its own.
        quadlet: remove `Network=host` from the `.build` unit.
    References:
        https://docs.docker.com/reference/compose-file/build/#entitlements
        https://docs.docker.com/reference/compose-file/build/#privileged
        https://docs.podman.io/en/latest/markdown/podman-systemd.unit.5.html
    """
    build = container.build
    if build is None or container.kind != "main":  # a hook has the image of its service
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for right in build.rights:
        severity, what = _STEPS[right.name]
        place = container.at(right)
        steps = "every step has" if right.used else "its steps may have"
        change = Remove(place.pointer, prune=not build.only_rights)
        failures.append(
            fail(
                place,
                f"in the build of the image {steps} {what} ({right.written})",
                subject=right.written,
                severity=severity,
                fix=edit("review", f"remove {right.written} from the build", place.document, change)
                if container.platform == "compose"
                else None,
                no_fix="it stands in another unit than the container: take it away there",
            )
        )
    return failures or PASS
