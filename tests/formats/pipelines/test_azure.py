"""Azure Pipelines: stages, jobs, deployments, templates, containers."""

from pathlib import Path

from batten.model.pipeline import Job
from harness import Input
from pipeline_cases import azure, read


def test_steps_alone_are_one_job(tmp_path: Path) -> None:
    found = read(azure("pool: {vmImage: ubuntu-24.04}\nsteps:\n- script: make $(Build.SourceBranchName)\n"), tmp_path)
    [step] = found.steps
    assert step.script is not None
    assert [one.text for one in step.script.expressions] == ["Build.SourceBranchName"]
    assert found.pipeline.jobs[0].runner.kind == "hosted"


def test_stages_follow_each_other_unless_they_say_otherwise(tmp_path: Path) -> None:
    given = azure(
        """
        stages:
        - stage: Build
          jobs:
          - job: A
            steps: [{script: a}]
        - stage: Test
          jobs:
          - job: B
            dependsOn: []
            steps: [{script: b}]
        - stage: Aside
          dependsOn: []
          jobs:
          - job: C
            steps: [{script: c}]
        """
    )
    jobs = read(given, tmp_path).jobs
    assert jobs["Test.B"].after == {"Build.A"}
    assert jobs["Aside.C"].after == frozenset()


def test_the_steps_of_a_deployment_and_of_conditions_are_read(tmp_path: Path) -> None:
    given = azure(
        """
        jobs:
        - deployment: D
          pool: Own
          environment: prod
          strategy:
            runOnce:
              deploy:
                steps:
                - ${{ if eq(parameters.x, 'y') }}:
                  - bash: deploy
                - pwsh: other
              on:
                failure:
                  steps: [{script: undo}]
        """
    )
    found = read(given, tmp_path)
    assert found.scripts() == ["deploy", "other", "undo"]
    assert [one.script.shell for one in found.steps if one.script] == ["bash", "powershell", "sh"]
    assert found.jobs["D"].runner.kind == "own"


def test_a_task_with_a_script_has_it_at_its_input(tmp_path: Path) -> None:
    text = "trigger: [main]\nsteps:\n- task: Bash@3\n  inputs:\n    targetType: inline\n    script: make it\n"
    [step] = read(azure(text), tmp_path).steps
    assert step.script is not None
    assert step.script.place.location().line == 6
    assert step.use is not None
    assert (step.use.name, step.use.ref) == ("Bash", "3")


def test_containers_are_found_by_their_name(tmp_path: Path) -> None:
    given = azure(
        """
        resources:
          containers:
          - container: tools
            image: node:20
            options: --privileged
            volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
        jobs:
        - job: A
          container: tools
          steps: [{script: a}]
        """
    )
    [job] = read(given, tmp_path).jobs.values()
    assert [one.text.text for one in job.images] == ["node:20"]
    assert [one.source for one in job.mounts] == ["/var/run/docker.sock"]
    assert len(job.privileged) == 1


def test_a_container_of_a_template_is_a_resource_of_its_pipeline_or_an_image(tmp_path: Path) -> None:
    text = "jobs:\n- job: A\n  pool: Own\n  container: NAME\n  steps: [{script: a}]\n"
    template = Input(
        "azure-pipelines",
        {
            ".azure-pipelines/jobs/a.yml": text.replace("NAME", "default"),
            ".azure-pipelines/jobs/b.yml": text.replace("NAME", "node:20"),
            "azure-pipelines.yml": text.replace("NAME", "ubuntu"),
        },
    )
    images = [one.text.text for job in read(template, tmp_path).inventory.of(Job) for one in job.images]
    assert sorted(images) == ["node:20", "ubuntu"]


def test_templates_are_uses_with_the_version_of_their_repository(tmp_path: Path) -> None:
    given = azure(
        """
        resources:
          repositories:
          - {repository: shared, type: git, name: team/ci, ref: refs/heads/main}
        steps:
        - template: steps/build.yml
        - template: scan.yml@shared
        - script: make
        """
    )
    uses = read(given, tmp_path).pipeline.uses
    assert [(one.name, one.ref, one.local) for one in uses] == [
        ("steps/build.yml", "", True),
        ("team/ci/scan.yml", "refs/heads/main", False),
    ]


def test_parameters_with_values_are_choices(tmp_path: Path) -> None:
    given = azure("parameters:\n- {name: a, type: string}\n- {name: b, values: [x, y]}\nsteps:\n- script: make\n")
    found = read(given, tmp_path)
    assert found.pipeline.head.parameters == {"a": "string", "b": "choice"}
    assert found.pipeline.head.part


def test_a_template_of_the_portal_is_told_as_such(tmp_path: Path) -> None:
    found = read(azure("trigger:\n- {{ branch }}\npool:\n  vmImage: ubuntu-latest\nsteps:\n- script: make\n"), tmp_path)
    assert [one.message for one in found.problems] == [
        "holds templates, which decide what is judged; render them and scan the result"
    ]
