"""Jenkinsfiles: stages, steps, agents, credentials, images, and what is told of what is not read."""

from pathlib import Path

from batten.limits import PIPELINE_JOBS
from pipeline_cases import declarative, jenkins, read


def test_stages_are_jobs_in_their_order(tmp_path: Path) -> None:
    given = jenkins(
        """
        pipeline {
          agent any
          stages {
            stage('Build') { steps { sh 'make' } }
            stage('Check') {
              parallel {
                stage('Unit') { steps { sh 'unit' } }
                stage('Lint') { steps { sh 'lint' } }
              }
            }
            stage('Ship') { steps { sh 'ship' } }
          }
        }
        """
    )
    found = read(given, tmp_path)
    assert found.scripts("Unit") == ["unit"]
    assert found.jobs["Unit"].after == {"Build"}
    assert "Unit" not in found.jobs["Lint"].after
    assert found.jobs["Ship"].after >= {"Build", "Unit", "Lint"}


def test_the_place_of_an_expression_in_a_string_is_exact(tmp_path: Path) -> None:
    given = declarative('sh """\n  echo a\n  deploy ${params.TARGET}\n"""')
    [step] = read(given, tmp_path).steps
    assert step.script is not None
    [one] = step.script.expressions
    found = step.script.at(one.start, one.end).location()
    line = given.files["Jenkinsfile"].splitlines()[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == "${params.TARGET}"


def test_single_quotes_have_no_expressions(tmp_path: Path) -> None:
    [step] = read(declarative("sh 'echo ${params.TARGET}'"), tmp_path).steps
    assert step.script is not None
    assert step.script.expressions == ()


def test_a_name_that_was_given_a_parameter_is_that_parameter(tmp_path: Path) -> None:
    found = read(jenkins('node {\n  def where = params.TARGET\n  sh "deploy ${where}"\n}\n'), tmp_path)
    [step] = found.steps
    assert step.script is not None
    assert [one.text for one in step.script.expressions] == ["params.TARGET"]


def test_what_plus_joins_is_read_in_pieces(tmp_path: Path) -> None:
    found = read(jenkins("node {\n  sh 'deploy ' + params.TARGET\n}\n"), tmp_path)
    scripts = [one.script for one in found.steps if one.script]
    assert [one.text for one in scripts] == ["deploy ", "params.TARGET"]
    place = scripts[1].at(0, len("params.TARGET")).location()
    assert (place.line, place.column, place.end_column) == (2, 18, 31)


def test_parameters_have_their_types(tmp_path: Path) -> None:
    top = "parameters { string(name: 'A', defaultValue: ''); choice(name: 'B', choices: ['x']) }"
    found = read(declarative("sh 'make'", top=top), tmp_path)
    assert found.pipeline.head.parameters == {"A": "string", "B": "choice"}


def test_credentials_are_secrets_where_they_hold(tmp_path: Path) -> None:
    steps = """
    withCredentials([usernamePassword(credentialsId: 'x', usernameVariable: 'U', passwordVariable: 'P')]) {
        sh 'inside'
    }
    sh 'outside'
    """
    found = read(declarative(steps, top="environment { KEY = credentials('key') }"), tmp_path)
    inside, outside = found.steps
    assert inside.secrets == ("P", "KEY", "KEY_PSW")
    assert outside.secrets == ("KEY", "KEY_PSW")


def test_the_agent_gives_images_mounts_and_rights(tmp_path: Path) -> None:
    agent = "{ docker { image 'maven:3.9'; args '-v /var/run/docker.sock:/var/run/docker.sock --privileged' } }"
    [job] = [one for one in read(declarative("sh 'x'", agent=agent), tmp_path).jobs.values() if one.images]
    assert [one.text.text for one in job.images] == ["maven:3.9"]
    assert [one.source for one in job.mounts] == ["/var/run/docker.sock"]
    assert job.mounts[0].place.location().line == 2
    assert len(job.privileged) == 1


def test_pods_of_the_kubernetes_plug_in(tmp_path: Path) -> None:
    given = jenkins(
        """
        podTemplate(
          containers: [containerTemplate(name: 'd', image: 'docker:dind', privileged: true)],
          volumes: [hostPathVolume(hostPath: '/var/run/docker.sock', mountPath: '/x')]
        ) {
          node(POD_LABEL) { container('d') { sh 'docker build .' } }
        }
        """
    )
    [job] = read(given, tmp_path).jobs.values()
    assert [one.text.text for one in job.images] == ["docker:dind"]
    assert [one.source for one in job.mounts] == ["/var/run/docker.sock"]
    assert len(job.privileged) == 1


def test_images_that_are_built_and_pushed(tmp_path: Path) -> None:
    given = jenkins(
        """
        node {
          def image = docker.build("shop/web:${env.BUILD_ID}", '--build-arg A=b .')
          docker.withRegistry('https://registry.example', 'login') {
            image.push('latest')
          }
          docker.image('node:20').inside { sh 'npm test' }
        }
        """
    )
    found = read(given, tmp_path)
    uses = [(one.use.name, {key: text.text for key, text in one.inputs.items()}) for one in found.steps if one.use]
    assert uses == [
        ("docker.build", {"0": "shop/web:${env.BUILD_ID}", "1": "--build-arg A=b ."}),
        ("docker.push", {"0": "latest", "image": "shop/web:${env.BUILD_ID}"}),
    ]
    [job] = found.jobs.values()
    assert [one.text.text for one in job.images] == ["node:20"]


def test_post_and_finally_run_always(tmp_path: Path) -> None:
    given = jenkins("node {\n  try {\n    sh 'a'\n  } finally {\n    sh 'b'\n  }\n}\n")
    assert [one.always for one in read(given, tmp_path).steps] == [False, True]


def test_a_script_of_no_string_is_told(tmp_path: Path) -> None:
    found = read(jenkins("node {\n  sh config.script\n}\n"), tmp_path)
    assert [(one.line, one.severe, one.message) for one in found.problems] == [
        (2, False, "a step runs a script that no string of this file holds; not judged")
    ]


def test_a_file_that_is_no_groovy_is_a_problem(tmp_path: Path) -> None:
    found = read(jenkins("pipeline {\n  stages {\n"), tmp_path)
    assert not found.pipelines
    [problem] = found.problems
    assert problem.severe
    assert "the Groovy could not be read: expected `}`" in problem.message


def test_names_that_are_each_other_end(tmp_path: Path) -> None:
    found = read(jenkins("node {\n  a = b\n  b = a\n  a.push()\n  sh 'x'\n}\n"), tmp_path)
    assert found.scripts() == ["x"]


def test_more_stages_than_any_file_has_are_told(tmp_path: Path) -> None:
    found = read(jenkins("stage('a') { sh 'x' }\n" * (PIPELINE_JOBS + 1)), tmp_path)
    assert len(found.jobs) <= PIPELINE_JOBS
    assert len(found.steps) == PIPELINE_JOBS + 1
    assert [one.severe for one in found.problems] == [True]
