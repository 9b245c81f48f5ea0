"""Pipelines: code and images of other people that are fetched by names which can be moved."""

from __future__ import annotations

from batten.engine.check import check
from batten.model.image import parse_reference
from batten.model.pipeline import Job, JobImage, Pipeline, Step, Use
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Severity, Verdict, fail
from batten.pattern import pattern

_COMMIT = pattern(r"[0-9a-f]{40}(?:[0-9a-f]{24})?\Z")
_VERSION = pattern(r"v?\d+(?:\.\d+)*(?:[.+-][\w.+-]+)?\Z|refs/tags/.+")
_OFFICIAL = ("actions", "github")
_RESOLVE = "which commit the name means must be asked of the repository"
_UNKNOWN = pattern(r"[$`]|\{\{")


def _unpinned(use: Use, where: str) -> tuple[str, Severity] | None:
    """What is wrong with the version of something of GitHub's, and how grave that is; None for nothing."""
    if use.local or _UNKNOWN.search(use.text.text):
        return None
    if _COMMIT.match(use.ref):
        return None
    owner = use.name.partition("/")[0].lower()
    what = f"the {where} {use.name}"
    if not use.ref:
        return f"{what} is named without a version", MEDIUM
    kind = "tag" if _VERSION.match(use.ref) else "branch or tag"
    severity = LOW if owner in _OFFICIAL else MEDIUM
    return f"{what} is named by the {kind} {use.ref}, which its owner can move", severity


@check("IMG031", "Action is not pinned to a commit", severity=MEDIUM, platforms=("github-actions",))
def unpinned_action(step: Step) -> Verdict:
    """`uses: owner/action@v4` runs what the tag means at that moment, with the job's token and secrets. Tags were moved
    to malicious commits in real attacks (tj-actions/changed-files, March 2025); a commit cannot be. Actions of GitHub
    itself are told as low: who can move those can do more.

    Fix:
        github-actions: write the full commit, and the version as a comment: `uses: owner/action@<commit> # v4.1.0`;
            Dependabot and Renovate keep both current.
    References:
        https://docs.github.com/actions/reference/security/secure-use#using-third-party-actions
        https://nvd.nist.gov/vuln/detail/CVE-2025-30066
    """
    use = step.use
    if step.head.platform != "github-actions" or use is None or use.local:
        return NOT_APPLICABLE
    found = _unpinned(use, "action")
    if found is None:
        return PASS
    return fail(use.text.place, found[0], subject=use.name, severity=found[1], no_fix=_RESOLVE)


@check(
    "IMG032",
    "Pipeline runs code of another repository unpinned",
    severity=LOW,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def unpinned_template(pipeline: Pipeline) -> Verdict:
    """A workflow, template, component or shared library of another repository is drawn in by a branch or a tag, or by
    an address alone: whoever can write there decides what this pipeline does, with its secrets.

    Fix:
        github-actions: call the workflow by its full commit: `uses: owner/repo/.github/workflows/x.yml@<commit>`.
        gitlab-ci: name a commit or a version under `ref:` or behind `@`; add `integrity:` to `remote:`.
        azure-pipelines: give the repository in `resources` a `ref: refs/tags/…` that is protected.
        jenkins: name a tag or a commit: `@Library('name@1.4.2') _`.
        tekton: name the bundle by its digest, and the commit as the resolver's `revision`.
    References:
        https://docs.gitlab.com/ci/yaml/#include
        https://docs.github.com/actions/reference/security/secure-use
        https://tekton.dev/docs/pipelines/git-resolver/
    """
    uses: list[tuple[Use, Job | None]] = [(one, None) for one in pipeline.uses if not one.local]
    uses += [(job.use, job) for job in pipeline.jobs if job.use is not None and not job.use.local]
    if pipeline.head.platform == "tekton":
        uses += [
            (step.use, job)
            for job in pipeline.jobs
            for step in job.steps
            if step.use is not None and not step.use.local
        ]
    failures: list[Failure] = []
    for use, job in uses:
        said = _loose(use, pipeline.head.platform)
        grave = pipeline.head.platform == "github-actions" or use.text.text.startswith(("http:", "https:"))
        if said:
            failures.append(
                fail(
                    use.text.place,
                    said,
                    subject=use.name,
                    severity=MEDIUM if grave else LOW,
                    resource=job.resource if job is not None else None,
                    no_fix=_RESOLVE,
                )
            )
    return failures or (PASS if uses else NOT_APPLICABLE)


def _loose(use: Use, platform: str) -> str:
    """What is wrong with the version of a workflow, template or library; "" for nothing."""
    if _UNKNOWN.search(use.text.text) or _UNKNOWN.search(use.ref):
        return ""
    if platform == "github-actions":
        found = _unpinned(use, "workflow")
        return found[0] if found is not None else ""
    if _COMMIT.match(use.ref) or use.ref.startswith("sha256"):
        return ""
    what = {"library": "the library", "task": "the task"}.get(use.kind, "the template")
    if use.text.text.startswith(("http:", "https:")):
        return f"{what} is fetched from {use.text.text} with nothing that says what it must be"
    if platform == "azure-pipelines" and not use.ref:
        return ""  # repositories of the same organisation, whose default branch is meant
    if not use.ref:
        return "" if platform == "tekton" else f"{what} {use.name} is drawn in without a version"
    if _VERSION.match(use.ref):
        return ""
    return (
        f"{what} {use.name} is drawn in by the branch {use.ref}"
        if use.ref not in ("~latest",)
        else (f"{what} {use.name} is drawn in by its latest version")
    )


def _images(job: Job) -> list[JobImage]:
    """The images of a job; those of Tekton's steps are containers, which other checks judge."""
    if job.head.platform == "tekton":
        return [one for one in job.images if "params" in one.text.pointer]
    return [one for one in job.images if not _UNKNOWN.search(one.text.text)]


@check(
    "IMG033",
    "Image of a job by a tag that moves",
    severity=LOW,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def mutable_job_image(job: Job) -> Verdict:
    """The job, or a service beside it, runs in an image named `latest` or without a tag: it is another one tomorrow,
    and it is given the job's source, secrets and registry login.

    Fix:
        all: name a version, best with its digest (`name:1.2.3@sha256:…`).
        jenkins: name a version in `docker { image … }` or `docker.image(…)`.
    References:
        https://docs.gitlab.com/ci/docker/using_docker_images/
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    return _judge(job, mutable=True)


@check(
    "IMG034",
    "Image of a job is not pinned by digest",
    severity=LOW,
    persona="auditor",
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def unpinned_job_image(job: Job) -> Verdict:
    """A tag can be moved to another image by whoever may push to its repository; a digest cannot.

    Fix:
        all: add the digest: `name:1.2.3@sha256:…`; Renovate keeps it current.
    References:
        https://docs.docker.com/build/building/best-practices/#pin-base-image-versions
    """
    return _judge(job, mutable=False)


def _judge(job: Job, *, mutable: bool) -> Verdict:
    images = [(one, parse_reference(one.text.text)) for one in _images(job)]
    failures: list[Failure] = []
    for image, named in images:
        if named is None or (not named.is_mutable_tag if mutable else named.is_pinned):
            continue
        how = "is not pinned by a digest"
        if mutable:
            how = "is named by the tag latest" if named.tag else "is named without a tag"
        failures.append(
            fail(
                image.text.place,
                f"{image.text.text} {how}",
                subject=f"{image.kind}/{named.name}",
                no_fix="which version or digest is meant must be asked of the registry",
            )
        )
    return failures or (PASS if images else NOT_APPLICABLE)
