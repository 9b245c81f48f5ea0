"""GitHub Actions: what is read of workflows and actions."""

from pathlib import Path

from pipeline_cases import COMMIT, action, read, workflow


def test_a_step_has_its_script_with_expressions_and_the_variables_around_it(tmp_path: Path) -> None:
    given = workflow(
        """
        - name: greet
          env: {A: own, KEY: "${{ secrets.KEY }}"}
          run: |
            echo "${{ github.head_ref }}" $A
        """,
        job="env: {A: of the job, B: b}",
        top="env: {A: of all}",
    )
    [step] = read(given, tmp_path).steps
    assert step.script is not None
    assert [one.text for one in step.script.expressions] == ["github.head_ref"]
    assert [(one.name, one.value.text) for one in step.environment][:1] == [("A", "own")]
    assert [one.value.text for one in step.environment if one.name == "A"] == ["own", "of the job", "of all"]
    assert step.secrets == ("KEY", "GITHUB_TOKEN")


def test_the_place_of_an_expression_is_exact_inside_of_a_block(tmp_path: Path) -> None:
    given = workflow("- run: |\n    make\n\n    echo ${{ github.head_ref }}\n")
    [step] = read(given, tmp_path).steps
    assert step.script is not None
    [one] = step.script.expressions
    found = step.script.at(one.start, one.end).location()
    line = given.files[".github/workflows/ci.yml"].splitlines()[found.line - 1]
    assert line[found.column - 1 : found.end_column - 1] == "${{ github.head_ref }}"


def test_triggers_are_read_in_all_three_spellings(tmp_path: Path) -> None:
    for number, (spelling, names) in enumerate(
        (
            ("on: push", ["push"]),
            ("on: [push, pull_request]", ["push", "pull_request"]),
            ("on:\n  push:\n    branches: [main]\n  workflow_dispatch:", ["push", "workflow_dispatch"]),
        )
    ):
        given = workflow("- run: make")
        files = {path: text.replace("on: [push]", spelling) for path, text in given.files.items()}
        folder = tmp_path / str(number)
        found = read(type(given)(given.platform, files), folder)
        assert [one.name for one in found.pipeline.head.triggers] == names


def test_jobs_know_which_have_ended_before_them(tmp_path: Path) -> None:
    text = (
        "on: push\njobs:\n"
        "  a: {runs-on: x, steps: [{run: a}]}\n"
        "  b: {runs-on: x, needs: a, steps: [{run: b}]}\n"
        "  c: {runs-on: x, needs: [b], steps: [{run: c}]}\n"
    )
    given = workflow("- run: make")
    found = read(type(given)(given.platform, {".github/workflows/ci.yml": text}), tmp_path)
    assert found.jobs["c"].after == {"a", "b"}
    assert found.jobs["a"].after == frozenset()


def test_containers_services_and_their_options(tmp_path: Path) -> None:
    job = """
    container:
      image: node:20
      options: --privileged -v /srv:/srv
      volumes: ["/var/run/docker.sock:/var/run/docker.sock"]
    services:
      db: {image: "postgres:16"}
    """
    build = read(workflow("- run: make", job=job), tmp_path).jobs["build"]
    assert [(one.kind, one.text.text) for one in build.images] == [("job", "node:20"), ("service", "postgres:16")]
    assert {one.source for one in build.mounts} == {"/var/run/docker.sock", "/srv"}
    assert len(build.privileged) == 1


def test_runners_are_lent_kept_or_unknown(tmp_path: Path) -> None:
    kinds = {"ubuntu-24.04": "hosted", "[self-hosted, linux]": "own", "${{ matrix.os }}": "unknown"}
    for number, (written, kind) in enumerate(kinds.items()):
        folder = tmp_path / str(number)
        assert read(workflow("- run: make", job=f"runs-on: {written}"), folder).jobs["build"].runner.kind == kind


def test_rights_of_the_workflow_and_of_a_job(tmp_path: Path) -> None:
    found = read(workflow("- run: make", job="permissions: write-all", top="permissions: {contents: read}"), tmp_path)
    assert found.pipeline.rights is not None
    assert found.pipeline.rights.scopes == {"contents": "read"}
    rights = found.jobs["build"].rights
    assert rights is not None
    assert rights.scopes == {"all": "write"}


def test_what_is_used_has_its_name_and_version(tmp_path: Path) -> None:
    steps = f"""
    - uses: actions/checkout@{COMMIT}  # v4
    - uses: ./.github/actions/own
    - uses: docker://alpine:3.20
    """
    checkout, own, image = read(workflow(steps), tmp_path).steps
    assert checkout.use is not None
    assert (checkout.use.name, checkout.use.ref) == ("actions/checkout", COMMIT)
    assert own.use is not None
    assert own.use.local
    assert image.image is not None
    assert image.image.text == "alpine:3.20"


def test_an_action_made_of_steps_is_a_part(tmp_path: Path) -> None:
    found = read(action("- run: echo ${{ inputs.who }}\n  shell: bash", inputs="who: {required: true}"), tmp_path)
    assert found.pipeline.head.part
    assert found.pipeline.head.parameters == {"who": "string"}
    assert found.scripts() == ["echo ${{ inputs.who }}"]


def test_a_file_of_the_folder_that_is_no_workflow_is_told(tmp_path: Path) -> None:
    given = workflow("- run: make")
    found = read(type(given)(given.platform, {".github/workflows/stale.yml": "daysUntilStale: 1\n"}), tmp_path)
    assert [one.message for one in found.problems] == ["expected a workflow with `on` and `jobs`, found none of it"]


def test_a_step_that_is_none_is_told_with_its_line(tmp_path: Path) -> None:
    found = read(workflow("- just a text\n- run: make"), tmp_path)
    assert [(one.line, "expected a step" in one.message) for one in found.problems] == [(7, True)]
    assert found.scripts() == ["make"]


def test_a_job_that_was_cut_off_is_told_with_what_it_lacks(tmp_path: Path) -> None:
    whole = workflow("- run: make\n- name: Deploy")
    text = whole.files[".github/workflows/ci.yml"] + "  test:\n    name: Test\n"
    found = read(type(whole)(whole.platform, {".github/workflows/ci.yml": text}), tmp_path)
    assert [(one.line, one.message) for one in found.problems] == [
        (8, "expected a step with `run` or `uses`, found none"),
        (9, "expected runs-on and steps in the job test, found none: was the file cut off?"),
    ]
