"""Which files are pipelines, and of which system."""

from pathlib import Path

import pytest

from batten import api
from batten.formats.pipelines import READER, system_of
from batten.model.settings import Settings
from batten.model.source import file_of

WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps: []\n"
AZURE = "pool:\n  vmImage: ubuntu-latest\nsteps:\n- script: make\n"
CASES = (
    (".github/workflows/ci.yml", WORKFLOW, "github"),
    ("sub/.github/workflows/ci.yaml", WORKFLOW, "github"),
    (".github/workflows/data/compose.yaml", "services: {web: {image: a}}\n", ""),  # GitHub reads no folders below
    ("ci.yml", WORKFLOW, "github"),
    ("workflows/ci.yml", WORKFLOW + "    # apiVersion: v1\n", "github"),
    ("tools/action.yml", "name: a\nruns:\n  using: composite\n  steps: []\n", "github"),
    (".gitlab-ci.yml", "build:\n  script: make\n", "gitlab"),
    ("ci/shop.gitlab-ci.yml", "build:\n  script: make\n", "gitlab"),
    (
        "templates/scan.yml",
        "# a component\nspec:\n  inputs:\n    a: {}\n---\nb:\n  script: x $[[ inputs.a ]]\n",
        "gitlab",
    ),
    ("azure-pipelines.yml", AZURE, "azure"),
    ("build/pipeline.yml", AZURE, "azure"),
    ("Jenkinsfile", "node { sh 'make' }", "jenkins"),
    ("Jenkinsfile.release", "node { sh 'make' }", "jenkins"),
    ("shop.jenkinsfile", "node { sh 'make' }", "jenkins"),
    ("ci/build.groovy", "pipeline {\n  agent any\n}\n", "jenkins"),
    ("task.yaml", "apiVersion: tekton.dev/v1\nkind: Task\n", "tekton"),
    # and such as are none
    ("src/Shop.groovy", "class Shop {\n  int price\n}\n", ""),
    ("web.yaml", "apiVersion: v1\nkind: Pod\n", ""),
    ("compose.yaml", "services:\n  web:\n    image: nginx\n", ""),
    ("playbook.yml", "- hosts: all\n  tasks:\n  - script: x\n", ""),
    ("action.yml", "steps: none\n", ""),
    ("values.yaml", "steps:\n- name: a\n", ""),
)


@pytest.mark.parametrize(("path", "text", "system"), CASES, ids=[one[0] for one in CASES])
def test_a_file_is_known_by_its_place_name_or_content(path: str, text: str, system: str) -> None:
    file = file_of(path, text.encode())
    assert system_of(file) == system
    assert READER.wants(file) == bool(system)
    assert READER.wants_name(path) or not system


def test_a_script_that_is_too_long_to_be_looked_at_is_told(tmp_path: Path) -> None:
    lines = '      eval "$CI_COMMIT_MESSAGE"\n' * 3000
    (tmp_path / ".gitlab-ci.yml").write_text(f"build:\n  script:\n    - |\n{lines}")
    report = api.scan([str(tmp_path)], Settings(fail_on="none")).report
    (problem,) = report.targets[0].problems
    assert "expected a script of at most 65,536 characters, found 78,000" in problem.message
    assert (problem.path.rpartition("/")[2], problem.line, report.exit_code) == (".gitlab-ci.yml", 3, 3)
