"""What builds are given by name: `additional_contexts` of a Compose file."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings

_OF_BASES = ("IMG014", "PAT003", "PRV002", "PRV003")


def found(folder: Path, **files: str) -> set[tuple[str, str]]:
    """(check, message) of what is said of Dockerfiles and of who runs."""
    for name, text in files.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    report = api.scan([str(folder)], Settings(as_of="2026-11-01")).report
    return {(one.check, one.message) for one in report.findings if one.check in _OF_BASES}


def compose(context: str, *, user: str = "USER 1000", base: str = "FROM base") -> dict[str, str]:
    return {
        "compose.yaml": (
            "services:\n  web:\n    build:\n      context: .\n      additional_contexts:\n"
            f"        base: {context}\n  common:\n    build: common\n"
        ),
        "Dockerfile": f"{base}\nRUN true\n",
        "common__Dockerfile": f"FROM alpine:3.22\n{user}\n",
    }


def test_a_base_that_is_built_for_a_service_is_no_image_and_gives_its_user(tmp_path: Path) -> None:
    assert found(tmp_path, **compose('"service:common"')) == set()


def test_without_a_user_there_the_program_may_be_root(tmp_path: Path) -> None:
    assert {check for check, _ in found(tmp_path, **compose("service:common", user="RUN true"))} == {"PRV002"}


def test_a_root_user_there_is_told_of_both(tmp_path: Path) -> None:
    assert {check for check, _ in found(tmp_path, **compose("service:common", user="USER root"))} == {"PRV003"}


def test_an_image_that_is_given_is_judged_in_place_of_the_name(tmp_path: Path) -> None:
    messages = found(tmp_path, **compose("docker-image://alpine:3.12"))
    assert any(check == "PAT003" and "alpine:3.12" in message for check, message in messages)
    assert all("base base" not in message for _, message in messages)


@pytest.mark.parametrize("context", ["../elsewhere", "https://example.com/x.git", "${UNKNOWN}", "oci-layout://there"])
def test_what_is_given_from_elsewhere_is_not_judged_by_its_name(tmp_path: Path, context: str) -> None:
    assert {check for check, _ in found(tmp_path, **compose(context))} == {"PRV002"}


def test_another_name_is_an_image(tmp_path: Path) -> None:
    messages = found(tmp_path, **compose("service:common", base="FROM alpine"))
    assert ("IMG014", "the base alpine is named without a tag") in messages


def test_services_that_are_built_one_on_the_other_end(tmp_path: Path) -> None:
    files = compose("service:common")
    files["compose.yaml"] = files["compose.yaml"].replace(
        "build: common\n", "build: {context: common, additional_contexts: [base=service:web]}\n"
    )
    files["common__Dockerfile"] = "FROM base\n"
    assert {check for check, _ in found(tmp_path, **files)} == {"PRV002"}
