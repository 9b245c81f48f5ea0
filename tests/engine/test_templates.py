"""Templates of manifests in folders and archives: told once per folder, and only what becomes a manifest."""

import io
import tarfile
from pathlib import Path

import pytest

from batten import api
from batten.engine.templates import stem_of
from batten.model.settings import Settings
from batten.model.source import Problem
from engine.support import POD, scan, write

COMPOSE = "services:\n{% for one in names %}\n  {{ one }}:\n    image: web:1\n    privileged: true\n{% endfor %}\n"
UNIT = "[Unit]\nDescription=web\n[Container]\nImage={{ image }}\n"
GITLAB = "image: {{ image }}\nbuild:\n  script:\n  - make\n"
WORKFLOW = "on: push\njobs:\n  a:\n    runs-on: {{ runner }}\n    steps:\n    - uses: actions/checkout@v4\n"
AZURE = "pool:\n  vmImage: {{ image }}\nsteps:\n- script: make\n"
STACK = "Resources:\n  Task:\n    Type: AWS::ECS::TaskDefinition\n    Properties:\n      Family: {{ family }}\n"
TASK = '{"family": "web", "containerDefinitions": ${definitions}}'


def told(root: Path, files: dict[str, str]) -> list[tuple[str, str]]:
    (target,) = scan(root, {"ok.yaml": POD, **files}, fail_on="none").report.targets
    return [shown(root, one) for one in target.problems]


def shown(root: Path, problem: Problem) -> tuple[str, str]:
    names = problem.message.partition("(")[2].partition(")")[0]
    return problem.path.removeprefix(str(root)).strip("/"), names or problem.message


@pytest.mark.parametrize(
    "end",
    [
        *("j2", "jinja", "jinja2", "tmpl", "tpl", "tftpl", "gotmpl", "gotpl", "template", "erb", "ejs", "mako", "hbs"),
        *("mustache", "liquid", "envsubst", "in", "J2", "in.j2"),
    ],
)
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("web.yaml", POD),
        ("web.yml", POD.replace("kind: Pod", "kind: {{ kind }}")),
        ("web.json", '{\n  "kind": "Pod",\n  "apiVersion": "v1"\n}\n'),
        ("docker-compose.yml", COMPOSE),
        ("web.container", UNIT),
        ("task.json", TASK),
        ("definitions.json", '[{"name": "a", "image": "${image}", "essential": true}]'),
        ("web.manifest", POD),
        ("pod", POD),
        ("compose", COMPOSE),
        (".gitlab-ci.yml", GITLAB),
        ("ci.yml", WORKFLOW),
        ("azure-pipelines.yml", AZURE),
        ("ci.groovy", "pipeline {\n  agent { docker '{{ image }}' }\n}\n"),
        ("stack.yml", STACK),
        ("stack.json", '{"Resources": {"A": {"Type": "AWS::ECS::TaskDefinition", "Properties": {{ properties }}}}}'),
        ("kustomization.yaml", "resources:\n- {{ base }}\n"),
        ("main.tf", 'resource "aws_ecs_task_definition" "web" {\n  family = "{{ family }}"\n}\n'),
        ("api.Dockerfile", "FROM {{ base }}\n"),
    ],
)
def test_what_becomes_a_manifest_is_told(tmp_path: Path, name: str, text: str, end: str) -> None:
    # `stack.yml.template` is CloudFormation's own name for what it reads: its text is the template language's
    path = f"{name}.{'tmpl' if (name[:5], end) == ('stack', 'template') else end}"
    assert told(tmp_path, {f"deploy/{path}": text}) == [("deploy", path)]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("kubeadm.yaml.j2", "apiVersion: kubeadm.k8s.io/v1beta3\nkind: ClusterConfiguration\n{% if a %}\ndns: {}\n"),
        ("config.yaml.j2", "apiVersion: v1\nkind: Config\nclusters: []\n"),
        ("crd.yaml.tmpl", "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"),
        ("rules.yaml.tpl", "groups:\n- name: {{ name }}\n"),
        ("play.yml.j2", "- k8s:\n    definition:\n      apiVersion: v1\n      kind: Pod\n"),
        ("services.yaml.tmpl", "services:\n  mailer:\n    class: {{ mailer }}\n"),
        (".gitlab-ci.yml.j2", "variables:\n  A: {{ a }}\n"),
        ("members.tpl", "<code>apiVersion</code>, <code>kind</code> of {{ .Name }}\n"),
        ("guide.md.gotmpl", POD),
        ("NOTES.txt", f"Write {{{{ name }}}}:\n{POD}"),
        ("boilerplate.Dockerfile.txt", "# syntax=docker/dockerfile:1\n# Copyright YEAR\n"),
        ("main.tf.tmpl", 'variable "a" {}\n'),
        ("kustomization.yaml.tmpl", "# nothing yet\n"),
        ("stack.yaml.tmpl", "Resources: {{ all }}\nOf: AWS::None\n"),
        ("values.yaml.gotmpl", "services:\n  web:\n    image: {{ image }}\n"),
        ("wifi.network.in", "[Match]\nName=@name@\n[Network]\nDHCP=yes\n"),
        ("web.service.in", UNIT),
        ("pod.go.tmpl", POD),
        ("data.json.in", '{"kind": "Pod"}'),
        ("empty.yaml.j2", ""),
        (".yaml.j2", "{{ all }}"),
    ],
)
def test_templates_of_other_things_are_not(tmp_path: Path, name: str, text: str) -> None:
    assert told(tmp_path, {f"deploy/{name}": text}) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (".github/workflows/ci.yml", WORKFLOW),
        (".gitlab-ci.yml", GITLAB),
        ("azure-pipelines.yml", AZURE),
        ("stack.yaml", STACK),
        ("stack.json.template", '{"Resources": {"A": {"Type": "AWS::ECS::TaskDefinition", {{ more }}}}}'),
        ("web.json", '{"apiVersion": "v1", "kind": "Pod", {{ more }}}'),
        ("Jenkinsfile", "pipeline {\n  agent { docker { image '{{ image }}' } }\n  stages {}\n}\n"),
        (".gitlab-ci.yml", GITLAB.replace("{{ image }}", "'{{ image }}'")),
        ("web.manifest", POD.replace("privileged: true", "privileged: {{ privileged }}")),
        ("task.yaml", "apiVersion: tekton.dev/v1\nkind: Task\nmetadata: {name: a}\nspec:\n  steps: {{ steps }}\n"),
    ],
)
def test_markers_in_what_is_read_by_its_name_are_told_once_of_its_folder(tmp_path: Path, name: str, text: str) -> None:
    folder = f"deploy/{name}".rpartition("/")[0]
    assert told(tmp_path, {f"deploy/{name}": text}) == [
        (folder, "holds templates, which decide what is judged; render them and scan the result")
    ]


def test_expressions_of_a_workflow_are_no_templates(tmp_path: Path) -> None:
    text = WORKFLOW.replace("{{ runner }}", "${{ matrix.os }}\n    container: ${{ matrix.image }}")
    assert told(tmp_path, {".github/workflows/ci.yml": text}) == []


def test_a_folder_is_told_once_and_makes_the_scan_partial(tmp_path: Path) -> None:
    files = {f"a/{name}.yaml.j2": POD for name in "vwxyz"} | {"b/docker-compose.yml.j2": COMPOSE, "c/x.yaml": POD}
    done = scan(tmp_path, files, fail_on="none")
    (target,) = done.report.targets
    assert [shown(tmp_path, one) for one in target.problems] == [
        ("a", "v.yaml.j2, w.yaml.j2, x.yaml.j2 and 2 more"),
        ("b", "docker-compose.yml.j2"),
    ]
    assert (done.report.exit_code, target.status) == (3, "partial")


def test_a_folder_of_templates_alone_is_told_of_them_only(tmp_path: Path) -> None:
    (target,) = scan(tmp_path, {"web.yaml.j2": POD}).report.targets
    assert [shown(tmp_path, one) for one in target.problems] == [("", "web.yaml.j2")]
    assert target.status == "failed"


def test_the_result_beside_a_template_is_judged_instead(tmp_path: Path) -> None:
    assert told(tmp_path, {"a/web.yaml.j2": POD, "a/web.yaml": POD}) == []
    assert told(tmp_path, {"b/web.yaml.j2": POD, "b/other.yaml": POD}) == [("b", "web.yaml.j2")]


def test_a_folder_that_is_told_of_its_templates_is_not_told_again(tmp_path: Path) -> None:
    templated = POD.replace("privileged: true", "privileged: {{ privileged }}")
    ((folder, message),) = told(tmp_path, {"a/web.yaml.j2": POD, "a/other.yaml": templated})
    assert folder == "a"
    assert message.startswith("holds templates, which decide")


def test_what_is_rendered_with_a_chart_is_no_template_of_its_own(tmp_path: Path) -> None:
    chart = {"chart/Chart.yaml": "apiVersion: v2\nname: web\nversion: 1.0.0\n", "chart/templates/web.yaml.tpl": POD}
    assert not [one for one in told(tmp_path, chart) if "web.yaml.tpl" in one[1]]


def test_templates_of_roles_lie_in_folders_of_that_name_too(tmp_path: Path) -> None:
    assert told(tmp_path, {"role/templates/web.yaml.tpl": POD}) == [("role/templates", "web.yaml.tpl")]


def test_archives_are_told_as_folders_are(tmp_path: Path) -> None:
    archive = tmp_path / "release.tar"
    with tarfile.open(archive, "w") as packed:
        member = tarfile.TarInfo("deploy/web.yaml.j2")
        member.size = len(POD)
        packed.addfile(member, io.BytesIO(POD.encode()))
    (target,) = api.scan([str(archive)], Settings(as_of="2026-11-01")).report.targets
    assert ["web.yaml.j2" in one.message for one in target.problems] == [True]


def test_ignored_templates_are_left_out(tmp_path: Path) -> None:
    assert told(tmp_path, {"deploy/web.yaml.j2": POD, ".battenignore": "*.j2\n"}) == []


def test_a_template_that_is_named_is_read_as_before(tmp_path: Path) -> None:
    path = write(tmp_path, {"web.yaml.j2": POD}) / "web.yaml.j2"
    done = api.scan([str(path)], Settings(as_of="2026-11-01"))
    assert [one.check for one in done.report.findings if one.check == "PRV001"] == ["PRV001"]
    assert done.report.targets[0].problems == []


@pytest.mark.parametrize(
    ("path", "stem"),
    [("a/web.yaml.j2", "a/web.yaml"), ("a.j2/web.yaml", ""), ("x.yaml.IN.tmpl", "x.yaml"), ("web.yaml", "")],
)
def test_the_stem_of_a_template(path: str, stem: str) -> None:
    assert stem_of(path) == stem
