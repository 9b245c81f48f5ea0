"""Pipelines: texts of others that become part of a script, and code of others that is run with their rights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from batten.access.pipeline_fix import through_environment
from batten.engine.check import Context, check
from batten.model.pipeline import Expression, Job, Pipeline, Script, Step
from batten.model.verdict import HIGH, LOW, MEDIUM, NOT_APPLICABLE, PASS, Confidence, Failure, Severity, Verdict, fail
from batten.pattern import pattern

if TYPE_CHECKING:
    from batten.detect.pipelines import Evaluated, Source

# started by what an outsider does, and run with the repository's own token and secrets
_PRIVILEGED = (
    *("pull_request_target", "issues", "issue_comment", "discussion", "discussion_comment", "workflow_run"),
    *("fork", "watch", "gollum", "commit_comment"),
)


def _found(step: Step, *, outsider: bool) -> Iterator[tuple[Script, Expression, Source]]:
    """The expressions in a step's script that an outsider, or whoever starts the pipeline, decides."""
    script = step.script
    if script is None or not script.expressions:
        return
    from batten.detect.pipelines import sources

    seen: set[str] = set()
    for expression in script.expressions:
        for source in sources(expression, step.head, step.environment):
            if (source.who == "outsider") == outsider and source.name not in seen:
                seen.add(source.name)
                yield script, expression, source


@check(
    "ACC014",
    "Untrusted input becomes part of a script",
    severity=HIGH,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def untrusted_input(step: Step, context: Context) -> Verdict:
    """The system puts a text that an outsider writes (the title of an issue or pull request, the name of a branch, the
    message of a commit) into the script before the shell reads it. A title such as `a"; curl … | sh; "` is then
    run, with the job's token and secrets. Quotes do not help: the text can close them. A variable of the shell is
    no script, unless the script has it read once more: `eval "$TITLE"`, `sh -c "echo $TITLE"`, `python -c "…$TITLE"`.

    Fix:
        github-actions: hand it over as a variable: `env: TITLE: ${{ github.event.issue.title }}`, and use `"$TITLE"`.
        gitlab-ci: use the variable as it is, `"$CI_COMMIT_MESSAGE"`, without `eval`; or `sh -c '… "$1"' - "$X"`.
        azure-pipelines: hand it over under `env:`, and use `"$NAME"`; macros are put in before the shell reads.
        jenkins: use single quotes and the environment: `sh 'echo "$CHANGE_TITLE"'`.
        tekton: hand it over under `env:`, and use `"$NAME"`.
    References:
        https://securitylab.github.com/resources/github-actions-untrusted-input/
        https://docs.github.com/actions/concepts/security/script-injections
        https://learn.microsoft.com/azure/devops/pipelines/security/inputs
    """
    if step.script is None:
        return _handed_to_action(step, context)
    failures: list[Failure] = []
    for script, expression, source in _found(step, outsider=True):
        fix, reason = through_environment(step, script, expression)
        failures.append(
            fail(
                script.at(expression.start, expression.end),
                f"{source.name} is written by outsiders and becomes part of the script",
                subject=f"{step.name}/{source.name}",
                severity=_severity(step),
                fix=fix,
                no_fix=reason,
            )
        )
    failures += [
        fail(
            step.script.at(one.start, one.end),
            f"{one.source.name} is written by outsiders, and {one.by} reads it as code",
            subject=f"{step.name}/{one.source.name}",
            severity=_severity(step),
            no_fix=_READ_AGAIN,
        )
        for one in _evaluated(step, outsider=True)
    ]
    return failures or PASS


_READ_AGAIN = "it must be handed over as an argument of what is run, not as part of its text"


def _evaluated(step: Step, *, outsider: bool) -> list[Evaluated]:
    """The variables that the step's script has read as code; each once."""
    from batten.detect.pipelines import evaluated

    found = {one.source: one for one in evaluated(step) if (one.source.who == "outsider") == outsider}
    return list(found.values())


def _handed_to_action(step: Step, context: Context) -> Verdict:
    """What is handed to an action of the same repository, whose scripts paste it."""
    use = step.use
    if use is None or not use.local or step.head.platform != "github-actions" or not step.inputs:
        return NOT_APPLICABLE
    from batten.detect.pipelines import called, known_pipelines, sources
    from batten.formats.pipelines.draft import GITHUB, expressions

    failures: list[Failure] = []
    scripts: list[Script] | None = None
    for name, given in step.inputs.items():
        found = [one for one in expressions(given.text, GITHUB) if _decided(one, step, sources)]
        if not found:
            continue
        if scripts is None:
            actions = called(use, step, known_pipelines(context.inventory))
            scripts = [each.script for one in actions for each in one.steps() if each.script is not None]
        pasted = re.compile(rf"\binputs\.{re.escape(name)}(?![\w-])")
        if any(pasted.search(one.text) for script in scripts for one in script.expressions):
            source = _decided(found[0], step, sources)
            failures.append(
                fail(
                    given.place,
                    f"{source} is written by outsiders and becomes part of a script of {use.name}",
                    subject=f"{step.name}/{name}",
                    severity=_severity(step),
                    no_fix=f"mend it in {use.name}: hand the input over under env: there",
                )
            )
    return failures or (PASS if scripts is not None else NOT_APPLICABLE)


def _decided(expression: Expression, step: Step, sources: Callable[..., list[Source]]) -> str:
    """The name of what an outsider decides in an expression, "" where there is nothing."""
    found = sources(expression, step.head, step.environment)
    return next((one.name for one in found if one.who == "outsider"), "")


def _severity(step: Step) -> Severity:
    if step.head.platform != "github-actions" or step.head.part:
        return HIGH
    # a pull request of a fork gives a token that may read, and no secrets
    return HIGH if any(one.name in _PRIVILEGED for one in step.head.triggers) else MEDIUM


@check(
    "ACC015",
    "Parameter becomes part of a script",
    severity=LOW,
    platforms=("github-actions", "gitlab-ci", "azure-pipelines", "jenkins", "tekton"),
)
def pasted_parameter(step: Step) -> Verdict:
    """The system puts a parameter, or the name of a branch, into the script before the shell reads it. Whoever may
    start the pipeline, or push a branch, decides what is run there, which is more than choosing a value. Parameters
    that can only be numbers, true or false, or one of a list are not told. A variable of the shell counts where the
    script has it read once more: `eval "$CI_COMMIT_REF_NAME"`, `sh -c "deploy $BRANCH_NAME"`.

    Fix:
        github-actions: hand it over as a variable: `env: VERSION: ${{ inputs.version }}`, and use `"$VERSION"`.
        gitlab-ci: use the variable as it is, `"$CI_COMMIT_REF_NAME"`, without `eval`.
        azure-pipelines: hand it over under `env:`, and use `"$NAME"`; or give the parameter `values`.
        jenkins: use single quotes and the environment: `sh 'deploy "$TARGET"'`; or make it a `choice`.
        tekton: hand it over under `env:` (`value: $(params.x)`), and use `"$NAME"`.
    References:
        https://docs.github.com/actions/concepts/security/script-injections
        https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#string-interpolation
        https://tekton.dev/docs/pipelines/tasks/#substituting-in-script-blocks
    """
    if step.script is None:
        return NOT_APPLICABLE
    found = list(_found(step, outsider=False))
    if not found:
        again = _evaluated(step, outsider=False)
        return [
            fail(
                step.script.at(one.start, one.end),
                f"{one.source.name} is read as code by {one.by}",
                subject=f"{step.name}/{one.source.name}",
                severity=MEDIUM if step.head.platform == "jenkins" else LOW,
                no_fix=_READ_AGAIN,
            )
            for one in again
        ] or PASS
    script, expression, _ = found[0]
    names = ", ".join(dict.fromkeys(source.name for _, _, source in found))
    fix, reason = through_environment(step, script, *dict.fromkeys(each for _, each, _ in found))
    return fail(
        script.at(expression.start, expression.end),
        f"{names} {'becomes' if len(found) == 1 else 'become'} part of the script",
        subject=step.name,
        severity=MEDIUM if step.head.platform == "jenkins" else LOW,
        related=tuple(script.at(each.start, each.end) for _, each, _ in found[1:6]),
        fix=fix,
        no_fix=reason,
    )


_HEADS = {
    "pull_request_target": pattern(
        r"github\.event\.pull_request\.head\.(?:ref|sha|repo)|github\.head_ref|refs/pull/|"
        r"github\.event\.(?:number|pull_request\.number)"
    ),
    "workflow_run": pattern(
        r"github\.event\.workflow_run\.(?:head_sha|head_branch|head_repository|pull_requests)|refs/pull/"
    ),
    "issue_comment": pattern(r"github\.event\.issue\.number|refs/pull/"),
}
"""What names the code of a pull request in each event; the names of the other events are empty there."""
_GH_CHECKOUT = pattern(
    r"\bgh\s+pr\s+checkout\b|\bgit\s+(?:fetch|checkout|pull)[^\n]{0,300}(?:pull/|head_ref|head\.(?:ref|sha))"
)
_FETCH = pattern(r"git\s+fetch\b")
_USED = pattern(
    r"\bgit\s+(?:-\S+\s+|-C\s+\S+\s+)*(?:checkout|switch|merge|reset|worktree|pull|rebase|cherry-pick|read-tree|restore)\b"
)
"""What brings what was fetched into the folder; `git log` and `git diff` only look at it."""


@check("ACC016", "Code of a pull request runs with secrets", severity=HIGH, platforms=("github-actions",))
def checkout_of_head(pipeline: Pipeline) -> Verdict:
    """`pull_request_target` and `workflow_run` run with the repository's own token and secrets, also for pull requests
    of forks. The workflow checks out the code of such a request: whatever it then builds, tests or installs is run
    with those rights ("pwn request").

    Fix:
        github-actions: use `pull_request`, which gives forks no secrets; where results must be written back, do it in a
            second workflow that treats them as data. Or let a label that maintainers give start it, and check out
            the commit that the label was given for.
    References:
        https://securitylab.github.com/resources/github-actions-preventing-pwn-requests/
    """
    if pipeline.head.platform != "github-actions":
        return NOT_APPLICABLE
    triggers = [one.name for one in pipeline.head.triggers if one.name in _HEADS]
    if not triggers:
        return NOT_APPLICABLE
    failures: list[Failure] = []
    for job in pipeline.jobs:
        for step in job.steps:
            place, named = None, ""
            if step.use is not None and step.use.name == "actions/checkout":
                given = [step.inputs[name] for name in ("ref", "repository") if name in step.inputs]
                for one in given:
                    text = _with_variables(one.text, step)
                    named = next((name for name in triggers if _HEADS[name].search(text)), "")
                    if named:
                        place = one.place
                        break
            elif step.script is not None:
                found = _GH_CHECKOUT.search(step.script.text) or _checked_out_by_variable(step, step.script, triggers)
                if found is not None and (_FETCH.match(found[0]) is None or _is_used(job)):
                    place, named = step.script.at(found.start(), found.end()), triggers[0]
            if place is None:
                continue
            guarded = any(
                one is not None and ("author_association" in one.text or "label" in one.text)
                for one in (job.condition, step.condition)
            )
            failures.append(
                fail(
                    place,
                    f"{named} checks out the code of the pull request",
                    subject=f"{job.name}/{step.name}",
                    confidence=_certain(step, named, guarded=guarded),
                    resource=job.resource,
                    no_fix="what the job is for decides how it can do without",
                )
            )
    return failures or PASS


_ENV = pattern(r"\benv\.(\w+)")
_GIT_VARIABLE = pattern(r"\b(?:git\s+(?:fetch|checkout|pull|reset|merge)|gh\s+pr\s+checkout)\b[^\n]{0,300}?\$\{?(\w+)")


def _with_variables(text: str, step: Step) -> str:
    """The text, and what the variables are that its expressions name (`${{ env.REF }}`)."""
    values = {one.name: one.value.text for one in reversed(step.environment)}
    return " ".join([text, *(values.get(name, "") for name in _ENV.findall(text))])


def _checked_out_by_variable(step: Step, script: Script, triggers: Sequence[str]) -> re.Match[str] | None:
    """A command of Git that is given a variable that holds the head of the pull request."""
    values = {one.name: one.value.text for one in reversed(step.environment)}
    for one in _GIT_VARIABLE.finditer(script.text):
        if any(_HEADS[name].search(values.get(one[1], "")) for name in triggers):
            return one
    return None


def _is_used(job: Job) -> bool:
    """Does the job bring what it fetched into its folder?"""
    return any(step.script is not None and _USED.search(step.script.text) for step in job.steps)


def _certain(step: Step, trigger: str, *, guarded: bool) -> Confidence:
    """How sure it is that outsiders' code is meant; the input is what `actions/checkout` asks for in that case."""
    if guarded:
        return "low"
    allowed = step.inputs.get("allow-unsafe-pr-checkout")
    return "high" if trigger == "pull_request_target" or (allowed and allowed.text == "true") else "medium"
