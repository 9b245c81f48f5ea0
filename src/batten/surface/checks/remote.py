"""Ways in that nobody needs: remote shells, debugging containers."""

from __future__ import annotations

from batten.detect import shell
from batten.engine.check import check
from batten.engine.mend import edit
from batten.formats import dockerfile
from batten.formats.dockerfile import BuildFile
from batten.model.edits import Remove
from batten.model.source import Place
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail
from batten.model.workload import Container

_REMOTE = {
    22: "SSH",
    23: "telnet",
    512: "rexec",
    513: "rlogin",
    514: "rsh",
    2375: "Docker's API without TLS",
    3389: "remote desktop",
    5900: "VNC",
    5985: "WinRM without TLS",
}
_RECORDS = ("docker", "podman")
_ORCHESTRATED = ("kubernetes", "compose", "swarm", "ecs", "docker", "podman", "quadlet")


@check("SUR001", "Remote login in the container", severity=HIGH)
def remote_login(container: Container) -> Verdict:
    """The container offers a remote shell, or an API through which everybody gets one. It needs keys and patches of
    its own and opens a second way in beside the program; the platform has `exec` for those who may.

    Fix:
        all: remove the port and the daemon; use `kubectl exec`, `docker exec` or `aws ecs execute-command`.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    failures: list[Failure] = []
    for port in container.ports:
        if port.container in _REMOTE:
            place = container.at(port)
            written = container.platform not in _RECORDS
            fix = edit("review", f"take port {port.container} away", place.document, Remove(place.pointer))
            failures.append(
                fail(
                    place,
                    f"port {port.container} ({_REMOTE[port.container]}) is offered",
                    subject=str(port.container),
                    severity=HIGH if port.host else MEDIUM,
                    fix=fix if written else None,
                    no_fix="" if written else "who logs in there must be given another way",
                )
            )
    return failures or PASS


@check("SUR003", "Remote login daemon is installed", severity=MEDIUM)
def remote_daemon(build: BuildFile) -> Verdict:
    """An SSH or telnet daemon is installed into the image: a second way in, with keys and patches of its own.

    Fix:
        dockerfile: do not install it; use the platform's `exec`.
    References:
        https://csrc.nist.gov/pubs/sp/800/190/final
    """
    failures: list[Failure] = []
    for instruction, found in dockerfile.runs(build, final=True):
        for call, package in shell.installed(found, shell.REMOTE_LOGIN_PACKAGES):
            if call.installs:
                failures.append(
                    fail(
                        dockerfile.place(build, instruction, package.word.start, package.word.end),
                        f"{package.name} is installed",
                        subject=str(package.name),
                        no_fix="who logs in there must be given another way",
                    )
                )
    if failures:
        return dockerfile.told(build, failures)
    return PASS if any(one.keyword == "RUN" for one in dockerfile.steps(build)) else NOT_APPLICABLE


@check("SUR002", "Debugging container was left", severity=LOW, platforms=("kubernetes",))
def debug_container(container: Container) -> Verdict:
    """An ephemeral container stays in the pod for as long as the pod lives, with whatever tools and rights it was
    given.

    Fix:
        kubernetes: delete the pod; its controller starts one without it.
    References:
        https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
    """
    if container.platform not in _ORCHESTRATED:
        return NOT_APPLICABLE
    if container.kind != "ephemeral":
        return PASS
    return fail(
        Place(container.document, container.pointer),
        f"the ephemeral container {container.name} is still in the pod",
        no_fix="ephemeral containers cannot be changed: delete the pod",
    )
