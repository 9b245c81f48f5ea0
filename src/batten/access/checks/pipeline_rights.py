"""Pipelines: the rights of their tokens."""

from __future__ import annotations

from batten.engine.check import check
from batten.engine.mend import edit
from batten.model.edits import Set
from batten.model.pipeline import Job, Pipeline, Rights, Step
from batten.model.source import Place
from batten.model.verdict import LOW, MEDIUM, NOT_APPLICABLE, PASS, Failure, Verdict, fail

# with these a job can change the code, the workflows or the packages of the repository
_STRONG = ("contents", "packages", "actions", "deployments", "id-token", "security-events", "attestations", "all")
_NAMED = "which rights the jobs need is for the owner to say"


@check("ACC017", "Token may write everything", severity=MEDIUM, platforms=("github-actions", "azure-pipelines"))
def token_writes_all(pipeline: Pipeline) -> Verdict:
    """The token of every step may write everything in the repository: code, releases, packages, workflows. Any action
    that one of the jobs runs, and any script that an input reaches, can push to the default branch with it.

    Fix:
        github-actions: name the scopes that the job needs: `permissions: contents: read` at the top, more at the job.
        azure-pipelines: do not keep `System.AccessToken` in the checkout: remove `persistCredentials: true`.
    References:
        https://docs.github.com/actions/reference/security/secure-use#use-least-privilege-permissions
        https://learn.microsoft.com/azure/devops/pipelines/process/access-tokens
    """
    if pipeline.head.platform == "azure-pipelines":
        return _kept_by_azure(pipeline)
    if pipeline.head.platform != "github-actions" or pipeline.head.kind != "Workflow":
        return NOT_APPLICABLE
    failures = [
        fail(
            rights.place,
            "write-all gives the token every right there is",
            subject=f"permissions/{job.name if job is not None else ''}",
            resource=job.resource if job is not None else None,
            no_fix=_NAMED,
        )
        for rights, job in [(pipeline.rights, None), *((job.rights, job) for job in pipeline.jobs)]
        if rights is not None and rights.scopes.get("all") == "write"
    ]
    return failures or PASS


def _kept_by_azure(pipeline: Pipeline) -> Verdict:
    checkouts = [one for one in pipeline.steps() if one.use is not None and one.use.name == "checkout"]
    failures = [
        fail(
            one.inputs["persistCredentials"].place,
            "the token stays in the checkout, where every later step and everything that it runs can read it",
            subject=f"{one.job}/persistCredentials",
            resource=one.resource,
            no_fix="a later step may push with it",
        )
        for one in checkouts
        if "persistCredentials" in one.inputs and one.inputs["persistCredentials"].text.lower() == "true"
    ]
    return failures or (PASS if checkouts else NOT_APPLICABLE)


@check("ACC018", "Rights of the token are not limited", severity=LOW, persona="pedantic", platforms=("github-actions",))
def token_unlimited(pipeline: Pipeline) -> Verdict:
    """The workflow has no `permissions`: its token has what the settings of the repository or organisation give, which
    for repositories from before February 2023 is everything. Nobody sees in the file what the jobs may do.

    Fix:
        github-actions: write `permissions: contents: read` (or `permissions: {}`) at the top and give jobs what more
            they need.
    References:
        https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#permissions
    """
    if pipeline.head.platform != "github-actions" or pipeline.head.kind != "Workflow":
        return NOT_APPLICABLE
    without = [job for job in pipeline.jobs if job.rights is None]
    if pipeline.rights is not None or not without:
        return PASS
    place = Place(pipeline.document, ("jobs",), True)
    fix = edit(
        "review",
        "let the token read the code alone",
        pipeline.document,
        Set((*pipeline.pointer, "permissions"), {"contents": "read"}),
    )
    return fail(
        place, "no permissions are written: the token has what the settings give", subject="permissions", fix=fix
    )


@check("ACC019", "Token of every job may write", severity=LOW, persona="pedantic", platforms=("github-actions",))
def token_writes_broadly(pipeline: Pipeline) -> Verdict:
    """A right to write stands at the top of a workflow of several jobs: all of them have it, also those that only build
    or test.

    Fix:
        github-actions: move it to the job that needs it.
    References:
        https://docs.github.com/actions/reference/security/secure-use#use-least-privilege-permissions
    """
    rights = pipeline.rights
    if pipeline.head.platform != "github-actions" or rights is None:
        return NOT_APPLICABLE
    inheriting = [job for job in pipeline.jobs if job.rights is None]
    if len(inheriting) < 2:
        return PASS
    strong = _strong(rights)
    if not strong:
        return PASS
    return fail(
        rights.places.get(strong[0], rights.place),
        f"{', '.join(strong)} may be written by the tokens of {len(inheriting)} jobs",
        subject="permissions",
        no_fix="which job needs it is for the owner to say",
    )


def _strong(rights: Rights) -> list[str]:
    return [name for name, word in rights.scopes.items() if word == "write" and name in _STRONG and name != "all"]


@check("ACC020", "Token stays in the checkout", severity=LOW, persona="pedantic", platforms=("github-actions",))
def kept_credentials(job: Job) -> Verdict:
    """`actions/checkout` writes the job's token into the repository's configuration, where every later step, and every
    tool that it runs, can read it; an artifact of the whole folder carries it away ("artipacked").

    Fix:
        github-actions: set `persist-credentials: false`, and hand the token to the one step that pushes.
    References:
        https://github.com/actions/checkout#usage
        https://unit42.paloaltonetworks.com/github-repo-artifacts-leak-tokens/
    """
    if job.head.platform != "github-actions":
        return NOT_APPLICABLE
    checkouts = [one for one in job.steps if one.use is not None and one.use.name == "actions/checkout"]
    failures: list[Failure] = []
    for one in checkouts:
        given = one.inputs.get("persist-credentials")
        if given is not None and given.text.strip().lower() == "false":
            continue
        if any(_pushes(step) for step in job.steps):
            continue
        place = given.place if given is not None else one.use.text.place if one.use is not None else one.where()
        fix = edit(
            "review",
            "set persist-credentials to false",
            one.document,
            Set((*one.pointer, "with", "persist-credentials"), False),
        )
        failures.append(
            fail(
                place, "the token stays in the checkout for all later steps", subject=f"{one.name}/{one.index}", fix=fix
            )
        )
    return failures or (PASS if checkouts else NOT_APPLICABLE)


def _pushes(step: Step) -> bool:
    """Does the step use what the checkout keeps?"""
    if step.script is not None and "git push" in step.script.text:
        return True
    return step.use is not None and any(
        word in step.use.name for word in ("git-auto-commit", "create-pull-request", "semantic-release", "gh-pages")
    )
