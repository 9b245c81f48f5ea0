"""Tekton: tasks, pipelines, runs, triggers."""

import json
from pathlib import Path

import pytest
import yaml

from batten import api
from batten.model.settings import Settings
from batten.model.workload import Workload
from harness import Input
from pipeline_cases import read, task


def test_a_step_has_its_script_image_and_shell(tmp_path: Path) -> None:
    given = task(
        """
        - name: build
          image: $(params.BUILDER)
          script: |
            #!/usr/bin/env bash
            echo $(params.WHO)
        """,
        params="- {name: WHO, type: string}\n- {name: BUILDER, default: 'quay.io/x/build:1'}",
    )
    found = read(given, tmp_path)
    [step] = found.steps
    assert step.script is not None
    assert step.script.shell == "bash"
    assert [one.text for one in step.script.expressions] == ["params.WHO"]
    assert step.image is not None
    assert step.image.text == "quay.io/x/build:1"
    assert found.pipeline.resource.name == "build"


def test_the_containers_of_a_task_are_still_workloads(tmp_path: Path) -> None:
    found = read(task("- name: a\n  image: alpine:3.20\n  script: make"), tmp_path)
    assert len(found.inventory.of(Workload)) == 1
    assert not found.problems


def test_other_objects_of_the_file_are_read_too(tmp_path: Path) -> None:
    from batten.model.objects import Identity

    given = task("- name: a\n  image: alpine:3.20\n  script: make")
    account = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: bot}\n"
    found = read(Input("tekton", {"task.yaml": given.files["task.yaml"] + account}), tmp_path)
    assert [one.name for one in found.inventory.of(Identity)] == ["bot"]
    assert found.scripts() == ["make"]


PIPELINE = """
apiVersion: tekton.dev/v1
kind: Pipeline
metadata: {name: ship}
spec:
  tasks:
  - name: build
    taskRef: {name: kaniko}
    params: [{name: IMAGE, value: shop/web}]
  - name: scan
    runAfter: [build]
    taskSpec:
      steps: [{name: s, image: aquasec/trivy, script: trivy image --exit-code 1 shop/web}]
  - name: use
    taskRef: {resolver: git, params: [{name: url, value: 'https://x/y'}, {name: revision, value: main}]}
    params: [{name: D, value: $(tasks.scan.results.D)}]
  finally:
  - name: tell
    taskRef: {name: notify}
"""


def test_the_tasks_of_a_pipeline_are_jobs_in_their_order(tmp_path: Path) -> None:
    found = read(Input("tekton", {"pipeline.yaml": PIPELINE.lstrip()}), tmp_path)
    assert found.jobs["scan"].after == {"build"}
    assert found.jobs["use"].after == {"build", "scan"}
    assert found.jobs["tell"].after == {"build", "scan", "use"}
    use = next(one.use for one in found.steps if one.job == "use")
    assert use is not None
    assert (use.ref, use.local) == ("main", False)


def test_a_trigger_template_gives_the_runs_that_it_starts(tmp_path: Path) -> None:
    text = """
    apiVersion: triggers.tekton.dev/v1beta1
    kind: TriggerTemplate
    metadata: {name: t}
    spec:
      resourcetemplates:
      - apiVersion: tekton.dev/v1
        kind: TaskRun
        metadata: {generateName: run-}
        spec:
          taskSpec:
            steps: [{name: a, image: alpine, script: echo $(tt.params.title)}]
    """
    import textwrap

    found = read(Input("tekton", {"t.yaml": textwrap.dedent(text).lstrip()}), tmp_path)
    [step] = found.steps
    assert step.script is not None
    assert [one.text for one in step.script.expressions] == ["tt.params.title"]
    assert found.pipeline.resource.name == "run"


def test_privileged_sidecars_and_paths_of_the_host(tmp_path: Path) -> None:
    given = task(
        "- {name: a, image: alpine, script: make}",
        more="""
        sidecars: [{name: d, image: 'docker:dind', securityContext: {privileged: true}}]
        volumes: [{name: s, hostPath: {path: /var/run/docker.sock}}]
        """,
    )
    [job] = read(given, tmp_path).jobs.values()
    assert len(job.privileged) == 1
    assert [one.source for one in job.mounts] == ["/var/run/docker.sock"]


TASK = {
    "apiVersion": "tekton.dev/v1",
    "kind": "Task",
    "metadata": {"name": "build"},
    "spec": {
        "params": [{"name": "rev"}],
        "steps": [{"name": "build", "image": "alpine:3.20", "script": "set -e\necho $(params.rev)\n"}],
    },
}


def told(folder: Path) -> list[tuple[str, int | None, int | None]]:
    report = api.scan([str(folder)], Settings(checks=("ACC015",))).report
    assert not report.targets[0].problems
    places = [one.location for one in report.findings]
    return [(Path(one.path).relative_to(folder).as_posix(), one.line, one.column) for one in places]


@pytest.mark.parametrize("indent", [None, 1])
def test_json_is_read_as_well(tmp_path: Path, indent: int | None) -> None:
    text = json.dumps(TASK, indent=indent)
    (tmp_path / "task.json").write_text(text)
    [(path, line, column)] = told(tmp_path)
    written = text.split("\n")[(line or 1) - 1]
    assert path == "task.json"
    assert written[(column or 1) - 1 :].startswith("$(params.rev)")


def test_what_kustomize_builds_is_told_once_where_the_script_stands(tmp_path: Path) -> None:
    for name in ("base", "over"):
        (tmp_path / name).mkdir()
    (tmp_path / "base" / "task.yaml").write_text(yaml.safe_dump({**TASK}, sort_keys=False, default_style="|"))
    (tmp_path / "base" / "kustomization.yaml").write_text("resources: [task.yaml]\n")
    (tmp_path / "over" / "kustomization.yaml").write_text("resources: [../base]\nnamespace: ci\n")
    [(path, line, column)] = told(tmp_path)
    written = (tmp_path / path).read_text().split("\n")[(line or 1) - 1]
    assert path == "base/task.yaml"
    assert written[(column or 1) - 1 :].startswith("$(params.rev)")


def test_a_script_that_a_patch_brings_stands_in_the_patch(tmp_path: Path) -> None:
    quiet = {**TASK, "spec": {"steps": [{"name": "build", "image": "alpine:3.20", "script": "make"}]}}
    (tmp_path / "task.yaml").write_text(yaml.safe_dump(quiet))
    patch = {**TASK, "spec": {"params": TASK["spec"]["params"], "steps": TASK["spec"]["steps"]}}
    (tmp_path / "patch.yaml").write_text(yaml.safe_dump(patch))
    (tmp_path / "kustomization.yaml").write_text("resources: [task.yaml]\npatches: [{path: patch.yaml}]\n")
    assert [path for path, _, _ in told(tmp_path)] == ["patch.yaml"]
