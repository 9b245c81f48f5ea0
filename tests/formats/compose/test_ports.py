from __future__ import annotations

import pytest

from batten.formats.compose.ports import RANDOM, parse_short
from batten.model.workload import Port


@pytest.mark.parametrize(
    ("text", "port"),
    [
        ("80", Port(80, RANDOM)),
        ("8080:80", Port(80, 8080)),
        ("22:22", Port(22, 22)),
        ("127.0.0.1:8080:80/udp", Port(80, 8080, "127.0.0.1", "udp")),
        ("127.0.0.1::80", Port(80, RANDOM, "127.0.0.1")),
        ("0:80", Port(80, RANDOM)),
        ("[::1]:80:80", Port(80, 80, "::1")),
        ("::1:80:80", Port(80, 80, "::1")),
        ("8000-8010:80", Port(80, 8000, host_end=8010)),
        ("8000-8002:80-82", Port(80, 8000, container_end=82, host_end=8002)),
        ("9000-9000:80", Port(80, 9000)),
        ("${PORT}:80", Port(80, RANDOM)),
        ("${IP}:8080:80", Port(80, 8080, "${IP}")),
        ("6060:6060/UDP", Port(6060, 6060, "", "udp")),
    ],
)
def test_short_syntax(text: str, port: Port) -> None:
    assert parse_short(text) == port


@pytest.mark.parametrize(
    "text", ["", "a:b", "80/foo", "70000:80", "80:70000", "9-8:80", "1-2:3-9", "80:", "-1:80", "８０", "1:2:3:4:x"]
)
def test_what_is_no_mapping_gets_a_message(text: str) -> None:
    found = parse_short(text)
    assert isinstance(found, str)
    assert found.startswith("expected")


def test_mapping_that_is_a_variable_leaves_nothing_to_say() -> None:
    assert parse_short("${PORTS}") == ""
