from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batten.images.configuration import read_configuration
from batten.model.source import Unreadable


def config(**keys: Any) -> bytes:
    return json.dumps(keys).encode()


def test_everything_that_it_says() -> None:
    found = read_configuration(
        config(
            architecture="arm64", os="linux", variant="v8", created="2026-01-01T00:00:00Z",
            config={"User": "web", "Entrypoint": ["/web"], "Cmd": ["-x"], "Env": ["A=1=2", "B"], "WorkingDir": "/srv",
                    "ExposedPorts": {"80/tcp": {}}, "Volumes": {"/data": {}}, "Labels": {"a": "b"},
                    "Healthcheck": {"Test": ["CMD", "true"]}},
            rootfs={"type": "layers", "diff_ids": ["sha256:a", "sha256:b"]},
            history=[{"created_by": "ADD"}, {"created_by": "ENV", "empty_layer": True}, {"created_by": "RUN"}],
        )
    )  # fmt: skip
    assert (found.architecture, found.variant, found.user, found.working_directory) == ("arm64", "v8", "web", "/srv")
    assert (found.entrypoint, found.command) == (("/web",), ("-x",))
    assert found.environment == (("A", "1=2"), ("B", ""))
    assert (found.ports, found.volumes, found.labels, found.healthcheck) == (("80/tcp",), ("/data",), {"a": "b"}, True)
    assert found.diff_ids == ("sha256:a", "sha256:b")
    assert [(one.created_by, one.layer) for one in found.history] == [("ADD", 0), ("ENV", None), ("RUN", 1)]
    assert found.problems == []


def test_a_history_that_does_not_fit_is_used_for_no_layer() -> None:
    found = read_configuration(
        config(rootfs={"diff_ids": ["sha256:a"]}, history=[{"created_by": "A"}, {"created_by": "B"}])
    )
    assert [one.layer for one in found.history] == [None, None]
    assert found.problems == ["the history speaks of 2 layers, the image has 1; it is not used for them"]


def test_a_switched_off_healthcheck_is_none() -> None:
    assert not read_configuration(config(config={"Healthcheck": {"Test": ["NONE"]}})).healthcheck


def test_values_of_wrong_types_count_as_absent_and_are_told() -> None:
    found = read_configuration(config(architecture=1, config={"User": ["x"], "Env": [1, "A=1"], "ExposedPorts": []}))
    assert (found.architecture, found.user, found.environment) == ("", "", (("A", "1"),))
    assert found.problems == [
        "expected architecture to be a text, found int",
        "expected config.User to be a text, found list",
        "expected config.Env to be texts, found int",
        "expected config.ExposedPorts to be an object, found list",
    ]


@pytest.mark.parametrize("data", [b"", b"[]", b"{", b"[" * 100_000, b"\xff"])
def test_no_configuration(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read_configuration(data)


KEYS = ("config", "Env", "Cmd", "history", "rootfs", "diff_ids", "User", "Healthcheck", "Test", "Labels")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(["config", "rootfs", "history", "os"]), JSON))
def test_whatever_stands_there_something_is_read(raw: dict[str, Any]) -> None:
    found = read_configuration(json.dumps(raw).encode())
    assert found.raw == raw
