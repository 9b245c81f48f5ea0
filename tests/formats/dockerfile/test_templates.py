"""Templates of Dockerfiles, and variables that nothing gives a value: told, and what they decide is not judged."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from batten.model.source import Problem


def scanned(folder: Path, text: str, name: str = "Dockerfile") -> tuple[list[Problem], list[str]]:
    """The problems, and the checks that found something."""
    (folder / name).write_text(text)
    report = api.scan([str(folder)], Settings(persona="auditor")).report
    return report.targets[0].problems, [one.check for one in report.findings]


@pytest.mark.parametrize(
    ("text", "shown", "line"),
    [
        ("FROM {{ base }}:1\nRUN make\n", "{{ base }}:1", 1),
        ("FROM <%= base %>\nRUN make\n", "<%= base %>", 1),
        ("# build\nFROM debian:13\n{% if debug %}\nRUN make\n{% endif %}\n", "{% if debug %}", 3),
        ("FROM debian:13\n{{- range .Env }}\nENV {{ . }}=1\n{{- end }}\n", "{{- range .Env }}", 2),
        ("FROM debian:13\nUSER {{ user }}\n", "{{ user }}", 2),
        ("ARG BASE={{base}}\nFROM $BASE\n", "{{base}}", 1),
        ("FROM debian:13\nONBUILD USER {{ user }}\n", "{{ user }}", 2),
        ("{{ header }}\nFROM debian:13\n", "{{ header }}", 1),
        ("FROM @BASE@\nRUN make\n", "@BASE@", 1),
    ],
)
def test_a_template_is_one_problem_and_nothing_else(tmp_path: Path, text: str, shown: str, line: int) -> None:
    problems, found = scanned(tmp_path, text)
    assert [(one.line, one.severe) for one in problems] == [(line, True)]
    expected = f"expected a Dockerfile, found a template of one ({shown}), which decides what is judged"
    assert problems[0].message == f"{expected}; render it and scan the result"
    assert found == []


def test_one_without_an_instruction_is_told_too(tmp_path: Path) -> None:
    problems, found = scanned(tmp_path, '# ours\n{{ include "base" . }}\n', "web.Dockerfile")
    assert ["found a template of one" in one.message for one in problems] == [True]
    assert found == []


@pytest.mark.parametrize(
    "step",
    [
        "RUN docker inspect --format '{{.State.Running}}' web",
        'LABEL template="{{ name }}"',
        "HEALTHCHECK CMD podman ps --format '{{.ID}}'",
        "ENV PS1='<% x %>'",
        "COPY <<E /etc/web.tmpl\n{{ range .Items }}\nE",
    ],
)
def test_what_programs_take_as_templates_is_none(tmp_path: Path, step: str) -> None:
    problems, found = scanned(tmp_path, f"FROM debian:13\n{step}\n")
    assert problems == []
    assert "PRV002" in found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("FROM ${BASE}\nRUN make\n", [("BASE", 1)]),
        ("ARG BASE\nFROM ${BASE}:13 AS a\nFROM $BASE\n", [("BASE", 2)]),
        ("FROM debian:13\nUSER $NOPE\n", [("NOPE", 2)]),
        ("FROM debian:13\nARG WHO\nUSER ${WHO}:${GROUP}\n", [("WHO", 3), ("GROUP", 3)]),
    ],
)
def test_variables_without_a_value_are_told(tmp_path: Path, text: str, told: list[tuple[str, int]]) -> None:
    problems, _ = scanned(tmp_path, text)
    assert [(one.message.split()[1], one.line, one.severe) for one in problems] == [(*one, False) for one in told]
    assert all("give it a default (ARG" in one.message for one in problems)


@pytest.mark.parametrize(
    "text",
    [
        "ARG BASE=debian:13\nFROM $BASE\n",
        "FROM ${BASE:-debian:13}\n",
        "FROM --platform=$BUILDPLATFORM debian:13 AS a-amd64\nFROM a-$TARGETARCH\n",
        "FROM debian:13\nARG WHO=1000\nUSER $WHO\n",
        "FROM debian:13\nUSER $NOPE\nUSER 1000\n",
        "FROM debian:13\nUSER ${WHO:-1000}\n",
    ],
)
def test_variables_with_a_value_are_not(tmp_path: Path, text: str) -> None:
    problems, _ = scanned(tmp_path, text)
    assert problems == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("FROM nginx@sha256:abcd\n", "nginx@sha256:abcd"),
        ("ARG BASE=nginx:\nFROM $BASE\n", "nginx:"),
        ("FROM alpine:3 AS a\nFROM BASEIMAGE\n", "BASEIMAGE"),
    ],
)
def test_a_base_that_is_no_reference_is_told(tmp_path: Path, text: str, shown: str) -> None:
    problems, _ = scanned(tmp_path, text)
    assert [one.message for one in problems] == [f"expected an image reference after FROM, found {shown!r}"]


def test_stages_and_scratch_are_bases(tmp_path: Path) -> None:
    problems, _ = scanned(tmp_path, "FROM alpine:3 AS Build\nFROM Build\nFROM scratch\nFROM 0\n")
    assert [one.message for one in problems if "reference" in one.message] == []


@pytest.mark.parametrize("keyword", ["FROM", "USER"])
def test_a_value_that_grows_beyond_all_bounds_is_a_problem(tmp_path: Path, keyword: str) -> None:
    growing = "ARG A0=xxxxxxxxxx\n" + "".join(f"ARG A{n}=${{A{n - 1}}}${{A{n - 1}}}\n" for n in range(1, 60))
    text = f"{growing}FROM ${{A59}}\n" if keyword == "FROM" else f"FROM a:1\n{growing}USER ${{A59}}\n"
    problems, _ = scanned(tmp_path, text)
    what = "the base image" if keyword == "FROM" else "the user"
    assert [(one.message, one.severe) for one in problems if "A59" in one.message] == [
        (
            f"variable A59 decides {what}, and its value grows beyond 65,536 characters: what it decides is not judged",
            True,
        )
    ]
