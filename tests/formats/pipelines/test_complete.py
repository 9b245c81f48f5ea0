"""Pipelines that their system refuses because something is missing, as it is where a file was cut off."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import Input
from pipeline_cases import azure, gitlab, jenkins, read, workflow

CUT = "found none: was the file cut off?"
STAGES = "pool: {vmImage: ubuntu-24.04}\nstages:\n"
JOB = "  jobs:\n  - job: A\n    steps:\n    - script: make\n"
TASK = "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec:\n"
STEPS = "  steps:\n  - image: alpine:3\n    script: make\n"
PIPELINE = TASK.replace("Task", "Pipeline") + "  tasks:\n  - name: one\n    taskRef: {name: x}\n"


def problems(given: Input, tmp_path: Path) -> list[tuple[int | None, str]]:
    return [(one.line, one.message) for one in read(given, tmp_path).problems]


def tekton(text: str) -> Input:
    return Input("tekton", {"objects.yaml": text})


@pytest.mark.parametrize(
    ("text", "line", "missing"),
    [
        (STAGES + "- stage: One\n" + JOB + "- stage: Two\n", 8, "jobs in the stage Two"),
        (STAGES + "- stage: One\n" + JOB + "- sta\n", 8, "a stage (stage, template …)"),
        (STAGES + "- stage: One\n  dependsOn: [Zero]\n" + JOB, 4, "Zero, which this waits for"),
        ("jobs:\n- job: A\n  steps:\n  - script: make\n- displ: x\n", 5, "a job (deployment, job, phase, template …)"),
        ("jobs:\n- job: A\n  dependsOn: B\n  steps:\n  - script: make\n", 3, "B, which this waits for"),
        (
            "pool: x\nsteps:\n- script: make\n- displayName: x\n",
            4,
            "a step (bash, checkout, download, downloadBuild …)",
        ),
        ("pool: x\nsteps: mak\n", 2, "a list of steps"),
    ],
)
def test_parts_of_azure_that_lack_something(tmp_path: Path, text: str, line: int, missing: str) -> None:
    assert problems(azure(text), tmp_path) == [(line, f"expected {missing}, {CUT}")]


def test_what_templates_and_expressions_bring_to_azure_is_not_missing(tmp_path: Path) -> None:
    text = (
        STAGES
        + "- template: a.yml\n- ${{ if eq(1, 1) }}:\n  - stage: One\n    dependsOn: FromTemplate\n"
        + "    jobs:\n    - ${{ each one in parameters.all }}:\n      - job: ${{ one }}\n"
        + "- ${{ parameters.more }}\n- stage: Two\n  dependsOn: ${{ parameters.before }}\n"
        + "  jobs: ${{ parameters.jobs }}\n"
    )
    assert problems(azure(text), tmp_path) == []


@pytest.mark.parametrize(
    ("text", "line", "missing"),
    [
        ("stages: [build]\na:\n  stage: biuld\n  script: make\n", 3, "the stage biuld of the job a among the stages"),
        ("a:\n  script: make\n  needs: [b]\n", 3, "the job b that a needs"),
        ("a:\n  script: make\nb: mak\n", 3, "script, run or trigger in the job b"),
        ("a:\n  script: make\nb:\n  environment: x\n", 4, "script, run or trigger in the job b"),
        ("stages:\n- build\n", 2, "a job in the pipeline"),
    ],
)
def test_jobs_of_gitlab_that_lack_something(tmp_path: Path, text: str, line: int, missing: str) -> None:
    assert problems(gitlab(text), tmp_path) == [(line, f"expected {missing}, {CUT}")]


def test_what_may_come_from_elsewhere_is_not_missing_in_gitlab(tmp_path: Path) -> None:
    text = "include: {project: a/b, file: c.yml}\na:\n  stage: x\n  needs: [b]\n  script: make\n"
    assert problems(gitlab(text), tmp_path) == []
    text = "a:\n  stage: .post\n  script: make\n  needs: [{pipeline: x, job: b}, {job: c, optional: true}]\n"
    assert problems(gitlab(text), tmp_path) == []
    assert problems(gitlab(".shared:\n  tags: [x]\nstages: [a]\n"), tmp_path) == []


def test_a_job_of_a_workflow_that_waits_for_none(tmp_path: Path) -> None:
    given = workflow("- run: make", "needs: [lint]")
    assert [message for _, message in problems(given, tmp_path)] == [f"expected the job lint that build needs, {CUT}"]


@pytest.mark.parametrize("step", ["- run: echo ${{ github.sha", "- run: |\n    echo ${{ a }}\n    echo ${{ s"])
def test_an_expression_that_the_file_ends_in(tmp_path: Path, step: str) -> None:
    [(_, message)] = problems(workflow(step), tmp_path)
    assert message == "expected `}}` of the expression, found the end: was the file cut off?"


@pytest.mark.parametrize(
    ("given", "key"),
    [
        (workflow("- uses: a/b@v1\n  with:"), "with"),
        (gitlab("a:\n  script: make\n  image:\n"), "image"),
        (azure("pool: x\nsteps:\n- script: make\n  env:\n"), "env"),
    ],
)
def test_a_key_without_value_at_the_end(tmp_path: Path, given: Input, key: str) -> None:
    [(_, message)] = problems(given, tmp_path)
    assert message == f"expected a value of the last key, {key}, found the end of the file: was it cut off?"


@pytest.mark.parametrize(
    ("text", "line", "missing"),
    [
        (TASK + "  description: x\n", 5, "steps in the task"),
        (TASK + STEPS + "  - name: two\n", 8, "an image of the step"),
        (TASK.replace("metadata: {name: a}\n", "") + STEPS, 1, "metadata.name in the Task"),
        (TASK.replace("spec:\n", ""), 1, "spec in the Task"),
        (
            TASK.replace("Task", "TaskRun") + "  params: [{name: a, value: b}]\n",
            5,
            "taskRef or taskSpec in the TaskRun",
        ),
        (TASK.replace("Task", "Pipeline") + "  params: [{name: a}]\n", 5, "tasks in the pipeline"),
        (PIPELINE + "  - name: two\n", 8, "taskRef or taskSpec of the task"),
        (PIPELINE + "    runAfter: [zero]\n", 8, "the task zero that one runs after"),
    ],
)
def test_objects_of_tekton_that_lack_something(tmp_path: Path, text: str, line: int, missing: str) -> None:
    assert problems(tekton(text), tmp_path) == [(line, f"expected {missing}, {CUT}")]


def test_a_kind_of_tekton_that_was_cut_off(tmp_path: Path) -> None:
    found = problems(tekton("apiVersion: tekton.dev/v1\nkind: Tas\n"), tmp_path)
    assert found == [(2, "expected a kind of Tekton, found Tas: was the file cut off?")]


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("// later\n", 1, f"expected a pipeline, {CUT}"),
        ("def a = 1\ndef b = ['x']\n", 2, f"expected a pipeline or steps after the declarations, {CUT}"),
        ("properties([])\n", 1, f"expected a pipeline or steps after the declarations, {CUT}"),
        ("node { sh 'make' }\nvoid \n", 2, "expected a statement, found 'void' alone: was the file cut off?"),
    ],
)
def test_a_jenkinsfile_that_does_nothing_or_ends_in_a_word(tmp_path: Path, text: str, line: int, message: str) -> None:
    assert problems(jenkins(text), tmp_path) == [(line, message)]


@pytest.mark.parametrize(
    "text", ["@Library('x') _\nstandard()\n", "def f() { sh 'x' }\nreturn this\n", "buildPlugin()\n"]
)
def test_a_jenkinsfile_that_calls_or_returns_is_whole(tmp_path: Path, text: str) -> None:
    assert problems(jenkins(text), tmp_path) == []


@pytest.mark.parametrize("image", ["nginx@sha256:abcd", "nginx:", "Nginx"])
def test_an_image_that_is_no_reference_is_told(tmp_path: Path, image: str) -> None:
    expected = f"expected an image reference, found {image!r}; the image is not judged"
    assert [one for _, one in problems(gitlab(f"a:\n  script: make\n  image: '{image}'\n"), tmp_path)] == [expected]
