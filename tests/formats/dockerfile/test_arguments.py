"""A Dockerfile with the arguments and the target of one build."""

from __future__ import annotations

import pytest

from batten.formats.dockerfile.arguments import built_user
from batten.model.values import UNKNOWN, Absent, User
from formats.dockerfile.helpers import read

DEFAULT = User(decided_by="default")
STAGES = "FROM debian:13 AS dev\nUSER root\nFROM debian:13 AS prod\nARG U=1000\nUSER $U\n"


@pytest.mark.parametrize(
    ("text", "target", "arguments", "user"),
    [
        ("FROM a\nARG U=1000\nUSER $U\n", "", {}, User(uid=1000)),
        ("FROM a\nARG U=1000\nUSER $U\n", "", {"U": "root"}, User(name="root")),
        ("FROM a\nARG U=1000\nUSER $U\n", "", {"U": "0"}, User(uid=0)),
        ("FROM a\nARG U\nUSER $U\n", "", {"U": "7"}, User(uid=7)),
        ("FROM a\nARG U=1000\nUSER $U\n", "", {"U": None}, UNKNOWN),
        ("FROM a\nARG U=1000\nUSER $U\n", "", {"V": "0"}, User(uid=1000)),
        # a stage sees a global only after declaring it again
        ("ARG U=1000\nFROM a\nARG U\nUSER $U\n", "", {"U": "0"}, User(uid=0)),
        ("ARG U=1000\nFROM a\nUSER 5$U\n", "", {"U": "0"}, UNKNOWN),
        # a later ENV wins over what the builder is told
        ("FROM a\nARG U=1000\nENV U=5\nUSER $U\n", "", {"U": "0"}, User(uid=5)),
        # the base is an argument, and may be another stage
        ("ARG B=a\nFROM $B\n", "", {"B": "distroless:nonroot"}, User(name="nonroot", decided_by="image")),
        ("FROM grafana/grafana:12.1.0\n", "", {}, User(uid=472, decided_by="image")),
        ("ARG B=one\nFROM a AS one\nUSER 1\nFROM a AS two\nUSER 2\nFROM $B\n", "", {"B": "two"}, User(uid=2)),
        (STAGES, "prod", {}, User(uid=1000)),
        (STAGES, "PROD", {"U": "0"}, User(uid=0)),
        (STAGES, "dev", {"U": "5"}, User(name="root")),
        (STAGES, "0", {}, User(name="root")),
        (STAGES, "test", {}, None),
    ],
)
def test_the_user_of_one_build(
    text: str, target: str, arguments: dict[str, str | None], user: User | Absent | None
) -> None:
    assert built_user(read(text), target, arguments) == user
