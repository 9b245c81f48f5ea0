"""ACC014 to ACC016: texts and code of others in a pipeline."""

import pytest

from harness import Case, Input, assert_case, assert_mends, fails, findings, mendable, passes, silent
from pipeline_cases import action, azure, declarative, gitlab, task, workflow

TITLE = "${{ github.event.issue.title }}"
HEAD = "env: {REF: '${{ github.event.pull_request.head.sha }}', OTHER: main}"
CHECKOUT = "- uses: actions/checkout@v4\n  with:\n    ref: ${{ github.event.pull_request.head.sha }}\n"

OUTSIDERS = (
    fails(
        "ACC014",
        workflow(f'- run: |\n    # greets\n    echo "{TITLE}"\n', on="issues"),
        at=TITLE,
        severity="high",
        fix="review",
        becomes='echo "${ISSUE_TITLE}"',
    ),
    fails(
        "ACC014",
        workflow("- run: git checkout ${{ github.head_ref }}", on="pull_request"),
        at="github.head_ref",
        severity="medium",
        fix="review",
        becomes='git checkout "${HEAD_REF}"',
    ),
    fails("ACC014", workflow(f"- run: echo '{TITLE}'", on="issues"), at=TITLE),
    # a POSIX shell's variable is nothing in PowerShell
    *(
        fails("ACC014", workflow(f"- run: echo {TITLE}", job, on="issues"), at=TITLE)
        for job in (
            "strategy: {matrix: {os: [ubuntu-24.04, windows-2025]}}\nruns-on: ${{ matrix.os }}",
            "strategy: {matrix: {include: [{os: ubuntu-24.04}, {os: windows-2025}]}}\nruns-on: ${{ matrix.os }}",
            "runs-on: ${{ inputs.runner }}",
            "runs-on: windows-2025",
        )
    ),
    *(
        fails("ACC014", workflow(f"- run: echo {TITLE}{shell}", job, on="issues"), at=TITLE, fix="review")
        for job, shell in (
            ("strategy: {matrix: {os: [ubuntu-24.04, macos-15]}}\nruns-on: ${{ matrix.os }}", ""),
            ("strategy: {matrix: {os: [windows-2025]}}\nruns-on: ${{ matrix.os }}", "\n  shell: bash"),
        )
    ),
    # a variable's value is code again there: no fix
    *(
        fails("ACC014", workflow(f"- run: |\n    {line}\n", on="issues"), at=TITLE)
        for line in (
            f'eval "{TITLE}"',
            f'sh -c "echo {TITLE}"',
            f'sudo su -c "echo {TITLE}"',
            f'docker run x sh -c "echo {TITLE}"',
            f'ssh h "echo {TITLE}"',
            f'echo "$(( {TITLE} ))"',
            f'/usr/bin/python3 -c "print({TITLE})"',
            f'psql -c \\\n      "select {TITLE}"',
        )
    ),
    fails("ACC014", workflow(f"- run: |\n    cat <<E\n    {TITLE}\n    E\n", on="issues"), at=TITLE),
    fails(
        "ACC014",
        workflow(
            f"- uses: actions/github-script@v7\n  with:\n    script: console.log('{TITLE}')\n", on="issue_comment"
        ),
        at=TITLE,
    ),
    fails(
        "ACC014",
        workflow("- run: echo ${{ env.T }}", top=f'env: {{T: "{TITLE}"}}', on="issues"),
        at="env.T }}",
        says="github.event.issue.title",
        fix="review",
        becomes="${T_2}",
    ),
    passes("ACC014", workflow(f'- env: {{T: "{TITLE}"}}\n  run: echo "$T"\n', on="issues")),
    passes("ACC014", workflow("- run: echo ${{ github.event.pull_request.number }} ${{ github.sha }}")),
    passes("ACC014", workflow("- run: echo ${{ contains(github.event.issue.title, 'x') }}", on="issues")),
    passes("ACC014", workflow("- run: echo ${{ github.head_ref == 'main' }}", on="pull_request")),
    passes("ACC014", workflow("- run: echo ${{ github.head_ref && 'a' || 'b' }}", on="pull_request")),
    passes("ACC014", workflow("- run: echo '${{ matrix.version }}'")),
    silent("ACC014", workflow(f'- uses: some/action@v1\n  with: {{title: "{TITLE}"}}\n', on="issues")),
    fails("ACC014", azure("steps:\n- script: echo $(Build.SourceVersionMessage)\n"), at="SourceVersionMessage"),
    passes("ACC014", azure("steps:\n- script: echo $(Build.BuildId) $(date)\n")),
    fails("ACC014", declarative('sh "echo ${env.CHANGE_TITLE}"'), at="CHANGE_TITLE"),
    passes("ACC014", declarative("sh 'echo \"$CHANGE_TITLE\"'")),
    passes("ACC014", gitlab('a:\n  script:\n    - echo "$CI_MERGE_REQUEST_TITLE"\n')),
)
READ_AGAIN = (
    *(
        fails(
            "ACC014",
            gitlab(f"a:\n  variables: {{M: $CI_COMMIT_TITLE}}\n  script:\n    - {line}\n"),
            at=at,
            severity="high",
        )
        for line, at in (
            ('eval "$CI_COMMIT_MESSAGE"', "$CI_COMMIT_MESSAGE"),
            ("eval $CI_COMMIT_MESSAGE", "$CI_COMMIT_MESSAGE"),
            ('sh -c "$CI_COMMIT_MESSAGE"', "$CI_COMMIT_MESSAGE"),
            ('sudo bash -exc "echo ${CI_MERGE_REQUEST_TITLE}"', "${CI_MERGE_REQUEST_TITLE}"),
            ("docker exec c sh -c \"echo '$CI_COMMIT_TITLE'\"", "$CI_COMMIT_TITLE'"),
            ('X="$CI_COMMIT_DESCRIPTION"; eval "echo $X"', "$X"),
            ('eval "echo $M"', "$M"),
            ("python3 -c \"print('$CI_COMMIT_TITLE')\"", "$CI_COMMIT_TITLE'"),
        )
    ),
    *(
        passes("ACC014", gitlab(f"a:\n  script:\n    - {line}\n"))
        for line in (
            'git commit -m "$CI_COMMIT_MESSAGE"',
            "echo $CI_COMMIT_MESSAGE",
            "eval 'echo \"$CI_COMMIT_MESSAGE\"'",
            'sh -c \'echo "$1"\' -- "$CI_COMMIT_MESSAGE"',
            'sh run.sh -c "$CI_COMMIT_MESSAGE"',
            'eval "echo \\$CI_COMMIT_MESSAGE"',
            'eval "echo $CI_PIPELINE_ID"',
            'CI_COMMIT_MESSAGE=x; eval "echo $CI_COMMIT_MESSAGE"',
            'grep -c "$CI_COMMIT_MESSAGE" log',
        )
    ),
    fails("ACC014", workflow(f'- env: {{T: "{TITLE}"}}\n  run: eval "$T"\n', on="issues"), at="$T"),
    passes("ACC014", workflow('- env: {T: "${{ github.sha }}"}\n  run: eval "$T"\n', on="issues")),
    fails("ACC014", azure('steps:\n- bash: eval "$BUILD_SOURCEVERSIONMESSAGE"\n'), at="$BUILD_SOURCEVERSIONMESSAGE"),
    fails(
        "ACC014",
        azure("steps:\n- bash: eval $T\n  env: {T: $(Build.SourceVersionMessage)}\n"),
        at="$T",
        says="Build.SourceVersionMessage",
    ),
    fails("ACC014", declarative("sh 'eval \"$CHANGE_TITLE\"'"), at="$CHANGE_TITLE"),
    fails("ACC015", declarative("sh 'bash -c \"deploy $BRANCH_NAME\"'"), at="$BRANCH_NAME", severity="medium"),
    fails("ACC015", gitlab('a:\n  script:\n    - bash -c "deploy $CI_COMMIT_REF_NAME"\n'), at="$CI_COMMIT_REF_NAME"),
    passes("ACC015", gitlab('a:\n  script:\n    - deploy "$CI_COMMIT_REF_NAME"\n')),
    fails(
        "ACC015",
        task(
            "- {name: a, image: x, env: [{name: W, value: $(params.w)}], script: 'eval \"$W\"'}", params="- {name: w}"
        ),
        at="$W",
    ),
)
TRIGGER = (
    "apiVersion: triggers.tekton.dev/v1beta1\nkind: TriggerTemplate\nmetadata: {name: t}\nspec:\n"
    "  resourcetemplates:\n  - apiVersion: tekton.dev/v1\n    kind: TaskRun\n    metadata: {generateName: r-}\n"
    "    spec:\n      taskSpec:\n        steps:\n        - name: a\n          image: alpine:3\n          script: %s\n"
)
TRIGGERED = (
    fails("ACC014", Input("tekton", {"t.yaml": TRIGGER % "echo $(tt.params.title)"}), at="tt.params.title"),
    passes("ACC014", Input("tekton", {"t.yaml": TRIGGER % "make"})),
)
CALLERS = (
    fails(
        "ACC015",
        action("- run: echo ${{ inputs.who }}\n  shell: bash", inputs="who: {required: true}"),
        at="inputs.who",
        fix="review",
        becomes='echo "${WHO}"',
    ),
    passes("ACC015", workflow("- run: echo ${{ github.repository }}")),
    fails("ACC015", azure("steps:\n- script: echo $(Build.SourceBranchName)\n"), at="SourceBranchName"),
    fails(
        "ACC015",
        azure("parameters:\n- {name: a, type: string}\nsteps:\n- script: echo ${{ parameters.a }}\n"),
        at="echo",
    ),
    passes("ACC015", azure("parameters:\n- {name: a, type: boolean}\nsteps:\n- script: echo ${{ parameters.a }}\n")),
    fails("ACC015", declarative('sh "deploy ${params.TARGET}"'), at="params.TARGET", severity="medium"),
    passes(
        "ACC015",
        declarative('sh "deploy ${params.T}"', top="parameters { choice(name: 'T', choices: ['a', 'b']) }"),
    ),
    fails("ACC015", task("- {name: a, image: x, script: echo $(params.w)}", params="- {name: w}"), at="params.w"),
    passes("ACC015", task("- {name: a, image: x, script: echo $(context.taskRun.name)}")),
)
PWN = (
    fails("ACC016", workflow(CHECKOUT + "- run: npm test", on="pull_request_target"), at="head.sha"),
    fails("ACC016", workflow("- run: gh pr checkout 4 && make", on="issue_comment"), at="gh pr checkout"),
    fails(
        "ACC016",
        workflow(CHECKOUT.replace("github.event.pull_request.head.sha", "env.REF"), HEAD, on="pull_request_target"),
        at="env.REF",
    ),
    fails(
        "ACC016",
        workflow('- run: git fetch origin && git checkout "$REF"', HEAD, on="pull_request_target"),
        at="git fetch",
    ),
    passes("ACC016", workflow('- run: git checkout "$OTHER"', HEAD, on="pull_request_target")),
    # what was fetched is only looked at
    passes("ACC016", workflow("- run: git fetch origin pull/4/head:pr && git log pr", on="pull_request_target")),
    fails(
        "ACC016",
        workflow("- run: git fetch origin pull/4/head:pr\n- run: git switch pr && make", on="pull_request_target"),
        at="git fetch",
    ),
    # the event has no pull request: the name is empty
    passes("ACC016", workflow(CHECKOUT, on="workflow_run")),
    fails(
        "ACC016",
        workflow(CHECKOUT.replace("pull_request.head.sha", "workflow_run.head_sha"), on="workflow_run"),
        at="workflow_run.head_sha",
    ),
    silent("ACC016", workflow(CHECKOUT, on="pull_request")),
    passes("ACC016", workflow("- uses: actions/checkout@v4", on="pull_request_target")),
    silent("ACC016", gitlab("a: {script: make}\n")),
)
CASES = OUTSIDERS + READ_AGAIN + TRIGGERED + CALLERS + PWN


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)


@pytest.mark.parametrize("case", mendable(CASES), ids=str)
def test_the_fix_mends_it(case: Case) -> None:
    assert_mends(case)


def test_a_maintainers_label_makes_it_less_sure() -> None:
    job = "if: contains(github.event.pull_request.labels.*.name, 'safe to test')"
    [found] = findings(workflow(CHECKOUT, job=job, on="pull_request_target").files, "ACC016")
    assert found.confidence == "low"


def test_what_is_handed_to_an_action_of_the_repository_that_pastes_it_is_told_where_it_is_handed_over() -> None:
    greet = action("- run: echo ${{ inputs.who }}\n  shell: bash", inputs="who: {description: x}").files
    step = f"- uses: ./.github/actions/greet\n  with:\n    who: {TITLE}\n"
    [found] = findings({**workflow(step, on="issues").files, **greet}, "ACC014")
    assert found.location.path.endswith(".github/workflows/ci.yml")
    assert found.severity == "high"
    assert "./.github/actions/greet" in found.message
    safe = action('- run: echo "$WHO"\n  shell: bash\n  env: {WHO: "${{ inputs.who }}"}').files
    assert findings({**workflow(step, on="issues").files, **safe}, "ACC014") == []
