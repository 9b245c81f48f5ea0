from __future__ import annotations

from batten.model.workload import EnvVar
from formats.compose.support import box, compose, container, messages, project, shown


def told(one: EnvVar) -> tuple[str, str | None, str, str]:
    return one.name, one.value, one.source, one.reference


def test_list_and_mapping_give_the_same() -> None:
    as_list = box("environment:\n- A=1\n- B=x=y\n- C\n- D=")
    as_mapping = box("environment:\n  A: 1\n  B: x=y\n  C:\n  D: ''")
    expected = [
        ("A", "1", "literal", ""),
        ("B", "x=y", "literal", ""),
        ("C", None, "host", "C"),
        ("D", "", "literal", ""),
    ]
    assert [told(one) for one in as_list.environment] == expected
    assert [told(one) for one in as_mapping.environment] == expected
    assert shown(as_list.at(as_list.environment[1])) == "compose.yaml:6: B=x=y"
    assert shown(as_mapping.at(as_mapping.environment[1])) == "compose.yaml:6: x=y"


def test_default_in_the_file_is_its_value() -> None:
    found = box("environment:\n  PASS: ${PASS:-hunter2}")
    assert told(found.environment[0]) == ("PASS", "hunter2", "literal", "")


def test_variable_without_value_comes_from_the_host() -> None:
    found = box("environment:\n  A: ${TOKEN}\n  B: x-${TOKEN}")
    assert told(found.environment[0]) == ("A", None, "host", "TOKEN")
    assert told(found.environment[1]) == ("B", None, "unknown", "TOKEN")


def test_value_of_dot_env_is_told_where_it_stands() -> None:
    reading = project(
        {
            "shop/compose.yaml": "services: {web: {image: 'a:$TAG', environment: {P: $PASS, Q: <$PASS>, TAG: null}}}",
            "shop/.env": "TAG=3\nPASS=hunter2\n",
        },
        "shop/compose.yaml",
    )
    found = container(reading)
    assert found.image is not None
    assert [told(one) for one in found.environment] == [
        ("P", "hunter2", "file", "shop/.env"),
        ("Q", "<hunter2>", "literal", ""),
        ("TAG", "3", "file", "shop/.env"),
    ]
    assert shown(found.at(found.environment[0])) == "shop/.env:2: hunter2"
    assert getattr(found.image, "tag", "") == "3"


def test_callers_environment_wins_and_its_values_stay_out() -> None:
    reading = project(
        {
            "compose.yaml": "services: {web: {image: 'a:$TAG', environment: [TAG, 'T=${TAG}']}}",
            ".env": "TAG=3\n",
        },
        environment={"TAG": "9"},
    )
    found = container(reading)
    assert getattr(found.image, "tag", "") == "9"
    assert [told(one) for one in found.environment] == [("TAG", None, "host", "TAG"), ("T", None, "host", "TAG")]


def test_env_files_under_environment() -> None:
    reading = project(
        {
            "compose.yaml": """\
                services:
                  web:
                    image: a
                    env_file: [a.env, {path: sub/b.env, required: false}, {path: raw.env, format: raw}]
                    environment: {B: own}
                """,
            "a.env": "A=1\nB=2\nC=$B\n",
            "sub/b.env": "A=over\nD=${A}\n",
            "raw.env": "E='$A'\n",
        }
    )
    found = container(reading)
    assert {one.name: one.value for one in found.environment} == {
        "A": "over",
        "B": "own",
        "C": "own",
        "D": "1",
        "E": "'$A'",
    }
    by_name = {one.name: one for one in found.environment}
    assert shown(found.at(by_name["A"])) == "sub/b.env:1: over"
    assert by_name["A"].source == "file"
    assert by_name["B"].source == "literal"
    assert [one.reference for one in found.environment_from] == ["a.env", "sub/b.env", "raw.env"]
    assert shown(found.at(found.environment_from[1])) == "compose.yaml:4: {path: sub/b.env, required: false}"
    assert reading.consumed == ["a.env", "sub/b.env", "raw.env"]


def test_missing_env_file_is_told_but_is_no_failure() -> None:
    reading = compose("services: {web: {image: a, env_file: [x.env, {path: y.env, required: false}, /etc/z.env]}}")
    assert [problem.severe for problem in reading.problems] == [False, False]
    assert messages(reading)[0] == (
        "compose.yaml:1: the env file x.env is not in the target; its variables were not judged"
    )


def test_malformed_env_file_is_told_with_its_line() -> None:
    reading = compose("services: {web: {image: a, env_file: x.env}}", x__env="A=1\nB C=2\n")
    assert messages(reading) == ["x.env:2: expected NAME=value, found a blank in the name"]


def test_later_entry_of_a_name_holds() -> None:
    assert [told(one)[:2] for one in box("environment: [A=1, B=2, A=3]").environment] == [("A", "3"), ("B", "2")]


def test_stack_takes_env_files_to_the_letter() -> None:
    text = "services: {web: {image: a, env_file: x.env, deploy: {mode: global}}}"
    found = container(project({"stack.yml": text, "x.env": "A='$HOME' # c\n"}, "stack.yml"))
    assert [told(one)[:2] for one in found.environment] == [("A", "'$HOME' # c")]
