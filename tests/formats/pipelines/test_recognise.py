"""Which files are pipelines, and of which system."""

import pytest

from batten.formats.pipelines import READER, system_of
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
