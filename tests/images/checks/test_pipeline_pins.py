"""IMG031 to IMG034: actions, templates, libraries and images that are fetched by names which move."""

import pytest

from harness import Case, Input, assert_case, fails, passes, silent
from pipeline_cases import COMMIT, azure, declarative, gitlab, jenkins, task, workflow

RUN = (
    "apiVersion: tekton.dev/v1\nkind: PipelineRun\nmetadata: {name: r}\nspec:\n  pipelineRef:\n    resolver: git\n"
    "    params: [{name: url, value: 'https://x/y'}, {name: revision, value: %s}]\n"
)

PINNED = f"docker:27.3@sha256:{'a' * 64}"
POOL = "jobs:\n- job: a\n  container: %s\n  steps: [{script: make}]\n"


def built_in(image: str) -> Input:
    return task("- {name: a, image: $(params.I), script: make}", params=f"- {{name: I, default: '{image}'}}")


CASES = (
    passes(
        "IMG032",
        azure(
            "resources:\n  repositories:\n  - {repository: s, name: t/ci, ref: refs/tags/v1}\n"
            "steps:\n- template: a.yml@s\n- script: make\n"
        ),
    ),
    fails("IMG033", azure(POOL % "node:latest"), at="node:latest"),
    passes("IMG033", azure(POOL % "node:20")),
    passes("IMG033", declarative("sh 'x'", agent="{ docker { image 'maven:3.9' } }")),
    passes("IMG033", built_in("quay.io/x/build:1.2")),
    fails("IMG034", azure(POOL % "node:20"), at="node:20"),
    passes("IMG034", azure(POOL % PINNED)),
    fails("IMG034", workflow("- run: make", job="container: node:20"), at="node:20"),
    passes("IMG034", workflow("- run: make", job=f"container: {PINNED}")),
    fails("IMG034", declarative("sh 'x'", agent="{ docker { image 'maven:3.9' } }"), at="maven:3.9"),
    passes("IMG034", declarative("sh 'x'", agent=f"{{ docker {{ image '{PINNED}' }} }}")),
    fails("IMG034", built_in("quay.io/x/build:1.2"), at="quay.io"),
    passes("IMG034", built_in(PINNED)),
    fails("IMG031", workflow("- uses: tj-actions/changed-files@v45"), at="changed-files", severity="medium"),
    fails("IMG031", workflow("- uses: actions/checkout@v4"), at="checkout", severity="low"),
    fails("IMG031", workflow("- uses: some/action@main"), at="some/action", says="branch or tag main"),
    passes("IMG031", workflow(f"- uses: tj-actions/changed-files@{COMMIT}  # v45")),
    silent("IMG031", workflow("- uses: ./.github/actions/own")),
    silent("IMG031", workflow("- run: make")),
    silent("IMG031", azure("steps:\n- task: Docker@2\n  inputs: {command: build}\n")),
    fails("IMG032", workflow(job="uses: other/ci/.github/workflows/build.yml@main"), at="uses:", severity="medium"),
    passes("IMG032", workflow(job=f"uses: other/ci/.github/workflows/build.yml@{COMMIT}")),
    silent("IMG032", workflow(job="uses: ./.github/workflows/build.yml")),
    fails("IMG032", gitlab("include:\n  - project: team/ci\n    file: /a.yml\na: {script: make}\n"), at="team/ci"),
    fails(
        "IMG032",
        gitlab("include:\n  - remote: https://x.example/a.yml\na: {script: make}\n"),
        at="https://",
        severity="medium",
    ),
    passes("IMG032", gitlab("include:\n  - component: gitlab.com/team/scan@1.2.0\na: {script: make}\n")),
    silent("IMG032", gitlab("include:\n  - template: Jobs/Build.gitlab-ci.yml\na: {script: make}\n")),
    fails("IMG032", jenkins("@Library('shop') _\nnode { sh 'make' }\n"), at="@Library", says="without a version"),
    passes("IMG032", jenkins("@Library('shop@1.4.2') _\nnode { sh 'make' }\n")),
    fails(
        "IMG032",
        azure(
            "resources:\n  repositories:\n  - {repository: s, name: t/ci, ref: refs/heads/main}\n"
            "steps:\n- template: a.yml@s\n- script: make\n"
        ),
        at="a.yml@s",
    ),
    fails("IMG032", Input("tekton", {"run.yaml": RUN % "main"}), at="resolver"),
    passes("IMG032", Input("tekton", {"run.yaml": RUN % COMMIT})),
    fails("IMG033", workflow("- run: make", job="container: node"), at="container: node", says="without a tag"),
    passes("IMG033", workflow("- run: make", job="container: node:20")),
    silent("IMG033", workflow("- run: make")),
    fails("IMG033", gitlab("a:\n  image: docker:latest\n  script: make\n"), at="docker:latest"),
    passes("IMG033", gitlab("a:\n  image: docker:27.3\n  script: make\n")),
    silent("IMG033", gitlab("a:\n  image: $BUILDER\n  script: make\n")),
    fails("IMG033", declarative("sh 'x'", agent="{ docker { image 'maven' } }"), at="image 'maven'"),
    fails(
        "IMG033",
        task("- {name: a, image: $(params.I), script: make}", params="- {name: I, default: 'quay.io/x/build:latest'}"),
        at="quay.io",
    ),
    fails("IMG034", gitlab("a:\n  image: docker:27.3\n  script: make\n"), at="docker:27.3"),
    passes("IMG034", gitlab(f"a:\n  image: docker:27.3@sha256:{'a' * 64}\n  script: make\n")),
)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_the_check_says(case: Case) -> None:
    assert_case(case)
