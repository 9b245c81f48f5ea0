"""What builds refuse becomes a problem with its line; what they take does not."""

from __future__ import annotations

import pytest

from formats.dockerfile.helpers import messages, read


@pytest.mark.parametrize(
    "line",
    [
        "RUN --network=bridge x",
        "RUN --security=none x",
        "RUN --mount=from=$X,target=/a x",
        "RUN --mount x",
        "RUN --mount= x",
        "COPY a",
        "COPY --from=a --from=b x y",
        "COPY --link=maybe x y",
        "COPY --chown x y",
        "COPY x <<E\nE",
        "FROM a b",
        "FROM a AS 1x",
        "FROM a AS",
        "ENV A",
        "ENV A=1 B",
        "ENV",
        "LABEL =x",
        "ARG =x",
        "ARG",
        "USER",
        "WORKDIR",
        "EXPOSE",
        'VOLUME [""]',
        "SHELL bash -c",
        "SHELL []",
        "HEALTHCHECK",
        "HEALTHCHECK CMD",
        "HEALTHCHECK curl x",
        "HEALTHCHECK NONE x",
        "HEALTHCHECK --interval=5 CMD x",
        "HEALTHCHECK --interval=1us CMD x",
        "HEALTHCHECK --interval=-5s CMD x",
        "HEALTHCHECK --retries=-1 CMD x",
        "ONBUILD",
        "ONBUILD FROM a",
        "ONBUILD ONBUILD RUN x",
        'CMD ["a", 1]',
        "NOPE x",
    ],
)
def test_refused(line: str) -> None:
    problems = read(f"FROM a\n{line}\nUSER x\n").problems
    assert [(problem.line, problem.severe) for problem in problems] == [(2, True)]
    assert problems[0].path == "app/Dockerfile"
    assert problems[0].message.startswith("expected ")


@pytest.mark.parametrize(
    "line",
    [
        "RUN",
        "CMD",
        "CMD []",
        "ENTRYPOINT",
        "RUN --network=host --security=insecure --device=a --mount=type=tmpfs,target=/x make",
        "HEALTHCHECK --interval=1m30s --timeout=0 --start-period=1.5s --start-interval=1ms --retries=0 CMD x",
        "HEALTHCHECK --nonsense NONE",
        "STOPSIGNAL --x 9",
        "COPY --from=$X a b",
        "ENV A=",
        "COPY a <<-",
    ],
)
def test_accepted(line: str) -> None:
    assert read(f"FROM a\n{line}\n").problems == ()


def test_a_flag_of_a_later_builder_is_told_mildly() -> None:
    (problem,) = read("FROM a\nRUN --new=1 x\n").problems
    assert not problem.severe


def test_instructions_before_from() -> None:
    assert [problem.line for problem in read("ARG A\nRUN x\nFROM a\n").problems] == [2]
    assert [problem.severe for problem in read("ARG A\n").problems] == [True]


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nCOPY --from",
        "ARG A=b\nFRO",
        "ARG",
        "FROM a\nCOPY a \\\n  ",
        "FROM a\nLABEL \\\n",
        'FROM a\nCOPY ["',
    ],
)
def test_what_one_cut_leaves_is_one_fault(text: str) -> None:
    assert len(messages(text)) == 1
