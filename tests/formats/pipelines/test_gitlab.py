"""GitLab CI: includes, `extends`, anchors, `!reference`, stages."""

from pathlib import Path

from batten.limits import PIPELINE_JOBS
from pipeline_cases import gitlab, read


def test_extends_merges_mappings_and_replaces_lists(tmp_path: Path) -> None:
    given = gitlab(
        """
        .base:
          image: docker:27
          variables: {A: a, B: b}
          script: [make]
        build:
          extends: .base
          variables: {B: own}
        """
    )
    found = read(given, tmp_path)
    assert list(found.jobs) == ["build"]
    assert found.scripts("build") == ["make"]
    [step] = found.steps
    assert {one.name: one.value.text for one in step.environment} == {"A": "a", "B": "own"}
    assert [one.text.text for one in found.jobs["build"].images] == ["docker:27"]


def test_a_line_is_placed_where_it_is_written_whatever_brought_it(tmp_path: Path) -> None:
    given = gitlab(
        """
        .login: &login
          - docker login
        .setup:
          script:
            - apk add curl
        build:
          before_script:
            - *login
            - !reference [.setup, script]
          script: make
        """
    )
    found = read(given, tmp_path)
    assert found.scripts("build") == ["docker login", "apk add curl", "make"]
    lines = [one.script.place.location().line for one in found.steps if one.script]
    assert lines == [2, 5, 10]


def test_local_files_are_included_and_not_read_a_second_time(tmp_path: Path) -> None:
    given = gitlab(
        """
        include:
          - local: /ci/base.gitlab-ci.yml
        build:
          extends: .base
        """,
        **{"ci_s_base__gitlab-ci__yml": ".base:\n  script:\n    - make all\n"},
    )
    found = read(given, tmp_path)
    assert len(found.pipelines) == 1
    [step] = found.steps
    assert step.document.file.path == "ci/base.gitlab-ci.yml"
    assert step.resource.name == "build"


def test_files_of_elsewhere_are_uses(tmp_path: Path) -> None:
    given = gitlab(
        """
        include:
          - project: team/ci
            ref: main
            file: /build.yml
          - component: gitlab.com/team/scan@1.2.0
          - remote: https://example.com/ci.yml
          - template: Security/SAST.gitlab-ci.yml
        build: {script: make}
        """
    )
    uses = read(given, tmp_path).pipeline.uses
    assert [(one.name, one.ref, one.local) for one in uses] == [
        ("team/ci", "main", False),
        ("gitlab.com/team/scan", "1.2.0", False),
        ("https://example.com/ci.yml", "", False),
        ("Security/SAST.gitlab-ci.yml", "", True),
    ]


def test_a_missing_file_and_a_missing_base_are_told(tmp_path: Path) -> None:
    found = read(gitlab("include: ci/none.yml\nbuild:\n  extends: .none\n  script: make\n"), tmp_path)
    assert [(one.line, one.message.partition(";")[0]) for one in found.problems] == [
        (1, "expected the file ci/none.yml that is included, found none"),
        (3, "expected the job .none that build extends, found none in what can be read"),
    ]
    assert found.scripts() == ["make"]


def test_a_base_that_may_be_in_what_is_included_from_elsewhere_is_told_softly(tmp_path: Path) -> None:
    text = "include:\n- {project: a/b, file: c.yml, ref: v1}\nbuild: {extends: .setup, script: make}\n"
    text += "test: {script: [!reference [.setup, script]]}\n"
    problems = read(gitlab(text), tmp_path).problems
    assert [(one.line, one.severe) for one in problems] == [(3, False), (4, False)]


def test_a_circle_is_told_and_ends(tmp_path: Path) -> None:
    found = read(gitlab(".a: {extends: .b}\n.b: {extends: .a}\nx: {extends: .a, script: make}\n"), tmp_path)
    assert found.scripts("x") == ["make"]
    assert "extends itself" in found.problems[0].message


def test_stages_and_needs_order_the_jobs(tmp_path: Path) -> None:
    given = gitlab(
        """
        stages: [build, scan, publish]
        b: {stage: build, script: a}
        s: {stage: scan, script: a}
        p: {stage: publish, script: a}
        q: {stage: publish, needs: [b], script: a}
        """
    )
    jobs = read(given, tmp_path).jobs
    assert jobs["p"].after == {"b", "s"}
    assert jobs["q"].after == {"b"}


def test_defaults_hold_unless_the_job_says_otherwise(tmp_path: Path) -> None:
    given = gitlab(
        """
        default: {image: "alpine:3.20", before_script: [setup]}
        a: {script: make}
        b: {image: "debian:12", before_script: [], script: make}
        """
    )
    found = read(given, tmp_path)
    assert [one.text.text for one in found.jobs["a"].images] == ["alpine:3.20"]
    assert [one.text.text for one in found.jobs["b"].images] == ["debian:12"]
    assert found.scripts("a") == ["setup", "make"]
    assert found.scripts("b") == ["make"]


def test_services_and_allow_failure(tmp_path: Path) -> None:
    found = read(
        gitlab("a:\n  services: [docker:dind, {name: 'redis:7'}]\n  allow_failure: true\n  script: x\n"), tmp_path
    )
    assert [one.text.text for one in found.jobs["a"].images] == ["docker:dind", "redis:7"]
    assert found.jobs["a"].may_fail is not None
    assert found.jobs["a"].may_fail.location().line == 3


def test_more_jobs_than_gitlab_takes_are_told(tmp_path: Path) -> None:
    found = read(gitlab("".join(f"j{n}: {{script: x}}\n" for n in range(PIPELINE_JOBS + 1))), tmp_path)
    assert len(found.jobs) == PIPELINE_JOBS
    assert [one.message.partition(",")[0] for one in found.problems] == [
        f"expected at most {PIPELINE_JOBS} jobs in one pipeline"
    ]


def test_a_job_that_runs_nothing_is_told_with_its_line(tmp_path: Path) -> None:
    found = read(gitlab("build:\n  script: [make]\ntest:\n  stage: test\n"), tmp_path)
    assert [(one.line, one.message) for one in found.problems] == [
        (3, "expected script, run or trigger in the job test, found none: was the file cut off?")
    ]
    with_template = "include: [{template: Jobs/Test.gitlab-ci.yml}]\ntest:\n  stage: test\n"
    assert read(gitlab(with_template), tmp_path).problems == []
