"""Pipelines of every system for tests, as harness inputs, and what is read of them."""

from __future__ import annotations

import textwrap

from batten.engine.read import build_inventory, read_target
from batten.model.inventory import Inventory
from batten.model.pipeline import Job, Pipeline, Step
from batten.model.settings import Settings
from batten.model.source import Problem
from batten.sources import open_target
from harness import Input

COMMIT = "b4ffde65f46336ab88eb53be808477a3936bae11"


def _indented(text: str, depth: int) -> str:
    return textwrap.indent(textwrap.dedent(text).strip("\n") + "\n", " " * depth) if text.strip() else ""


def workflow(steps: str = "", job: str = "", top: str = "", *, on: str = "push", **files: str) -> Input:
    """A workflow of GitHub Actions with one job: its steps, lines of the job, lines of the top."""
    text = (
        "name: CI\n"
        f"on: [{on}]\n"
        + _indented(top, 0)
        + "jobs:\n"
        + "  build:  # built in the pipeline\n"
        + ("" if "runs-on:" in job else "    runs-on: ubuntu-24.04\n")
        + _indented(job, 4)
        + ("    steps:\n" + _indented(steps, 6) if steps.strip() else "")
    )
    others = {name: textwrap.dedent(one) for name, one in files.items()}
    return Input("github-actions", {".github/workflows/ci.yml": text, **others})


def action(steps: str, *, inputs: str = "") -> Input:
    """An action that is made of steps."""
    text = (
        "name: Greet\n"
        + ("inputs:\n" + _indented(inputs, 2) if inputs else "")
        + "runs:\n  using: composite\n  steps:\n"
        + _indented(steps, 4)
    )
    return Input("github-actions", {".github/actions/greet/action.yml": text})


def gitlab(text: str, **files: str) -> Input:
    """A `.gitlab-ci.yml` as written; files beside it by `path=text` (`__` for a dot, `_s_` for a slash)."""
    others = {name.replace("_s_", "/").replace("__", "."): textwrap.dedent(one) for name, one in files.items()}
    return Input("gitlab-ci", {".gitlab-ci.yml": textwrap.dedent(text).lstrip("\n"), **others})


def azure(text: str) -> Input:
    """An `azure-pipelines.yml` as written."""
    return Input("azure-pipelines", {"azure-pipelines.yml": textwrap.dedent(text).lstrip("\n")})


def jenkins(text: str) -> Input:
    """A Jenkinsfile as written."""
    return Input("jenkins", {"Jenkinsfile": textwrap.dedent(text).lstrip("\n")})


def declarative(steps: str, *, agent: str = "any", top: str = "") -> Input:
    """A declarative Jenkinsfile with one stage."""
    return jenkins(
        "pipeline {\n"
        f"    agent {agent}\n"
        + _indented(top, 4)
        + "    stages {\n        stage('Build') {\n            steps {\n"
        + _indented(steps, 16)
        + "            }\n        }\n    }\n}\n"
    )


def pipeline(steps: str) -> Input:
    """A Tekton pipeline with one task that stands in it."""
    text = (
        "apiVersion: tekton.dev/v1\nkind: Pipeline\nmetadata:\n  name: ship\nspec:\n"
        "  tasks:\n  - name: only\n    taskSpec:\n      steps:\n" + _indented(steps, 6)
    )
    return Input("tekton", {"pipeline.yaml": text})


def task(steps: str, *, params: str = "", more: str = "") -> Input:
    """A Tekton task."""
    text = (
        "apiVersion: tekton.dev/v1\nkind: Task\nmetadata:\n  name: build\nspec:\n"
        + ("  params:\n" + _indented(params, 4) if params else "")
        + _indented(more, 2)
        + "  steps:\n"
        + _indented(steps, 4)
    )
    return Input("tekton", {"task.yaml": text})


class Read:
    """What the reader made of files."""

    def __init__(self, inventory: Inventory, problems: list[Problem]) -> None:
        self.pipelines = inventory.of(Pipeline)
        self.jobs = {job.name: job for job in inventory.of(Job)}
        self.steps = inventory.of(Step)
        self.problems = problems
        self.inventory = inventory

    @property
    def pipeline(self) -> Pipeline:
        [one] = self.pipelines
        return one

    def scripts(self, job: str = "") -> list[str]:
        return [one.script.text.strip() for one in self.steps if one.script and (not job or one.job == job)]


def read(given: Input, tmp_path: object) -> Read:
    """The nouns of an input that is written below `tmp_path`."""
    from pathlib import Path

    for path, text in given.files.items():
        target = Path(str(tmp_path), path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8", newline="")
    reading = read_target(open_target(str(tmp_path)), Settings())
    problems = [problem for one in reading.files.values() for problem in one.problems]
    return Read(build_inventory([reading]), problems)
