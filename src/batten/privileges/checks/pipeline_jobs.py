"""Pipelines: what a job may do to the machine that it runs on."""

from __future__ import annotations

from collections.abc import Iterator

from batten.engine.check import check
from batten.model.pipeline import Job
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.pattern import pattern
from batten.privileges.checks.capabilities import DANGEROUS

_SOCKETS = pattern(r"(?:^|[/=])(?:docker\.sock|podman\.sock|containerd\.sock|crio\.sock)\b|docker_engine\b")
_DIND = pattern(r"(?:^|/)docker(?::[\w.-]*dind[\w.-]*|:dind)\b|dind-rootless|(?:^|/)dind:")
_ROOTLESS = pattern(r"rootless")


@check(
    "PRV021",
    "Job is privileged, or Docker runs in Docker",
    severity=MEDIUM,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def privileged_job(job: Job) -> Verdict:
    """A container of the job is privileged, or a Docker daemon runs in one (`docker:dind`), which needs that. Whoever
    can change the pipeline, or what it builds, has the machine: its other jobs, their secrets and what it may reach.
    So has a container that a script starts with `--privileged`, a dangerous capability (`--cap-add SYS_ADMIN`), the
    machine's processes or network (`--pid host`, `--network host`) or without seccomp (`--security-opt`).
    On a machine that is lent for one job alone that is little; on one that is kept, everything.

    Fix:
        github-actions: remove `--privileged`; build on the runner itself, or with Buildah or Kaniko.
        gitlab-ci: build with Buildah, Kaniko or rootless BuildKit, which need no privileged runner; else keep a runner
            for these jobs alone, of protected branches, whose machines are thrown away.
        azure-pipelines: remove `--privileged`; use the agent's own Docker, on a pool of machines that are thrown away.
        jenkins: use the agent's own builder without privileges: Buildah, Kaniko, rootless BuildKit.
        tekton: run the image as a step of its own instead of starting it through a daemon.
    References:
        https://docs.gitlab.com/ci/docker/using_docker_build/
        https://docs.docker.com/engine/security/rootless/
    """
    failures = list(_started(job))
    if job.head.platform == "tekton":
        # its containers are workloads, which other checks judge
        return failures or (PASS if any(step.script is not None for step in job.steps) else NOT_APPLICABLE)
    if not (job.images or job.privileged or job.steps):
        return NOT_APPLICABLE
    failures += [
        fail(
            place,
            "a container of the job is privileged",
            subject=f"privileged/{number}",
            severity=HIGH if job.runner.kind == "own" else MEDIUM,
            no_fix="the job may need it to build; another builder is for the owner to choose",
        )
        for number, place in enumerate(job.privileged)
    ]
    for image in job.images:
        named = image.text.text
        if image.privileged is None and _DIND.search(named) and not _ROOTLESS.search(named):
            failures.append(
                fail(
                    image.text.place,
                    f"{named} runs a Docker daemon in the job, which needs a privileged runner",
                    subject=named.partition("@")[0],
                    severity=LOW if job.runner.kind == "hosted" else MEDIUM,
                    no_fix="another builder is for the owner to choose",
                )
            )
    return failures or PASS


def _started(job: Job) -> Iterator[Failure]:
    """What the containers are given that the job's scripts start."""
    from batten.detect.pipelines import rights_of_containers

    for step in job.steps:
        for number, one in enumerate(rights_of_containers(step)):
            why = _REASONS.get(one.kind, "").format(value=one.value)
            severity: Severity = LOW if one.kind in ("namespace", "unconfined") and one.value != "pid" else MEDIUM
            if one.kind == "capability":
                if one.value not in DANGEROUS:
                    continue
                why = DANGEROUS[one.value][1]
            elif one.kind == "privileged" and job.runner.kind != "unknown":
                severity = HIGH if job.runner.kind == "own" else LOW
            yield fail(
                one.place,
                f"a container that the job starts is given {one.text}: {why}",
                subject=f"{step.name}/{one.kind}/{one.value}/{number}",
                severity=severity,
                no_fix="what the container needs it for is for the owner to say",
            )


_REASONS = {
    "privileged": "it has the machine",
    "namespace": "it shares the machine's {value} namespace",
    "unconfined": "it runs without {value}",
}


@check(
    "PRV022",
    "Socket of the container runtime in a job",
    severity=HIGH,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def socket_in_job(job: Job) -> Verdict:
    """The job mounts the socket of the machine's container runtime. What runs in it, and what it builds and tests, can
    start a container that has the whole machine, read the secrets of other jobs there, and change their images.

    Fix:
        github-actions: remove the volume; the runner's own Docker can be called without a container around the job.
        gitlab-ci: build with Buildah, Kaniko or rootless BuildKit.
        azure-pipelines: remove the volume, or set `mountDockerSocket: false`.
        jenkins: remove `-v /var/run/docker.sock…` from the agent; build on an agent of its own, or with Buildah.
        tekton: build with Buildah, Kaniko or rootless BuildKit.
    References:
        https://cheatsheetseries.owasp.org/cheatsheets/Docker_Security_Cheat_Sheet.html#rule-1-do-not-expose-the-docker-daemon-socket-even-to-the-containers
    """
    failures: list[Failure] = []
    # the volumes of Tekton are a workload's, which other checks judge
    for mount in () if job.head.platform == "tekton" else job.mounts:
        if _SOCKETS.search(mount.source):
            failures.append(
                fail(
                    mount.place,
                    f"{mount.source} of the machine is mounted into the job",
                    subject=mount.source,
                    no_fix="the job builds with it; another builder is for the owner to choose",
                )
            )
    for step in job.steps:
        script = step.script
        if script is None or ".sock" not in script.text:
            continue
        for one in _MOUNTED.finditer(script.text):
            failures.append(
                fail(
                    script.at(one.start(1), one.end(1)),
                    f"{one[1]} of the machine is mounted into a container that the job starts",
                    subject=f"{step.name}/{one[1]}",
                    severity=MEDIUM,
                    no_fix="what the container does with it is for the owner to say",
                )
            )
    if job.head.platform == "tekton":
        return failures or (PASS if any(step.script is not None for step in job.steps) else NOT_APPLICABLE)
    return failures or (PASS if job.steps or job.images or job.mounts else NOT_APPLICABLE)


_MOUNTED = pattern(
    r"(?:-v|--volume|--mount)[ =][^\s]{0,300}?"
    r"((?:/var)?/run/(?:docker|podman/podman|containerd/containerd|crio/crio)\.sock)"
)


@check(
    "PRV023",
    "Own machine runs code of pull requests",
    severity=MEDIUM,
    persona="auditor",
    platforms=("github-actions",),
)
def own_runner(job: Job) -> Verdict:
    """The workflow is started by pull requests, and the job runs on a machine that is kept (`self-hosted`). In a public
    repository everybody can send one: what it leaves behind meets the next job, and its network is yours.

    Fix:
        github-actions: use machines that GitHub lends, or ephemeral runners in a network of their own; let maintainers
            approve every run of outsiders.
    References:
        https://docs.github.com/actions/reference/security/secure-use#hardening-for-self-hosted-runners
    """
    if job.head.platform != "github-actions" or job.runner.kind == "unknown":
        return NOT_APPLICABLE
    names = [one.name for one in job.head.triggers if one.name in ("pull_request", "pull_request_target")]
    if job.runner.kind != "own" or not names or job.runner.text is None:
        return PASS
    return fail(
        job.runner.text.place,
        f"{names[0]} runs on a machine that is kept",
        subject="runner",
        no_fix="which machines there are is for the owner to say",
    )
