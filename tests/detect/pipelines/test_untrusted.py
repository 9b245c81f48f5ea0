"""Who decides what an expression means."""

import pytest

from batten.detect.pipelines import sources
from batten.detect.pipelines.untrusted import paths
from batten.model.pipeline import Expression, Head

PARAMETERS = {"name": "string", "flag": "boolean", "kind": "choice", "list": "array"}
CASES = (
    ("github-actions", "github.event.issue.title", "outsider"),
    ("github-actions", "github.event['issue']['title']", "outsider"),
    ("github-actions", "GITHUB.head_ref", "outsider"),
    ("github-actions", "format('{0}', github.event.comment.body)", "outsider"),
    ("github-actions", "toJSON(github.event)", "outsider"),
    ("github-actions", "github.event.commits[0].message", "outsider"),
    ("github-actions", "github.event.pull_request.head.repo.full_name", ""),
    ("github-actions", "github.event.pull_request.number", ""),
    ("github-actions", "github.event.pull_request.head.sha", ""),
    ("github-actions", "github.event.pull_request.user.login", ""),
    ("github-actions", "startsWith(github.head_ref, 'x')", ""),
    ("github-actions", "github.head_ref != ''", ""),
    ("github-actions", "'github.head_ref'", ""),
    ("github-actions", "github.head_ref || github.ref_name", "outsider"),
    ("github-actions", "github.ref_name", "caller"),
    ("github-actions", "inputs.name", "caller"),
    ("github-actions", "github.event.inputs.name", "caller"),
    ("github-actions", "inputs.flag", ""),
    ("github-actions", "inputs.kind", ""),
    ("github-actions", "steps.x.outputs.y", ""),
    ("github-actions", "secrets.TOKEN", ""),
    ("azure-pipelines", "System.PullRequest.SourceBranch", "outsider"),
    ("azure-pipelines", "variables['Build.SourceVersionMessage']", "outsider"),
    ("azure-pipelines", "Build.SourceBranchName", "caller"),
    ("azure-pipelines", "parameters.name", "caller"),
    ("azure-pipelines", "parameters.flag", ""),
    ("azure-pipelines", "Build.BuildId", ""),
    ("jenkins", "env.CHANGE_TITLE", "outsider"),
    ("jenkins", "ghprbPullTitle", "outsider"),
    ("jenkins", "params.name", "caller"),
    ("jenkins", "params['name']", "caller"),
    ("jenkins", "params.kind", ""),
    ("jenkins", "env.BRANCH_NAME", "caller"),
    ("jenkins", "env.BUILD_NUMBER", ""),
    ("tekton", "tt.params.title", "outsider"),
    ("tekton", "params.name", "caller"),
    ("tekton", "params['name']", "caller"),
    ("tekton", "params.list[*]", ""),
    ("tekton", "context.taskRun.name", ""),
    ("gitlab-ci", "anything", ""),
)


@pytest.mark.parametrize(("platform", "text", "who"), CASES, ids=[f"{one[0]}-{one[1]}" for one in CASES])
def test_an_expression_is_decided_by(platform: str, text: str, who: str) -> None:
    head = Head(platform, "Pipeline", False, (), PARAMETERS)
    found = sources(Expression(0, len(text), text), head)
    assert ([found[0].who] if found else []) == ([who] if who else [])


def test_the_condition_of_a_choice_is_no_part_of_it() -> None:
    assert paths("github.head_ref && inputs.a || inputs.b") == ["inputs.a", "inputs.b"]
