from __future__ import annotations

import pytest

from batten.formats.compose.ports import RANDOM
from formats.compose.support import box, compose, messages, service, shown


def ports(body: str, path: str = "compose.yaml") -> list[tuple[str, int, int, str]]:
    return [(one.host_ip, one.host, one.container, one.protocol) for one in box(body, path).ports]


@pytest.mark.parametrize(
    ("body", "port"),
    [
        ("ports: [8080:80]", ("", 8080, 80, "tcp")),
        ("ports: [80]", ("", RANDOM, 80, "tcp")),
        ("ports: ['127.0.0.1:53:53/udp']", ("127.0.0.1", 53, 53, "udp")),
        ("ports: ['${P:-8080}:80']", ("", 8080, 80, "tcp")),
        ("ports: ['${P}:80']", ("", RANDOM, 80, "tcp")),
        ("ports:\n- {target: 80, published: '8080', host_ip: 127.0.0.1}", ("127.0.0.1", 8080, 80, "tcp")),
        ("ports:\n- {target: 80, published: 8080, protocol: udp, mode: host}", ("", 8080, 80, "udp")),
        ("ports:\n- {target: 80}", ("", RANDOM, 80, "tcp")),
        ("expose: ['22', 53/udp]", ("", 0, 22, "tcp")),
    ],
)
def test_port(body: str, port: tuple[str, int, int, str]) -> None:
    assert ports(body)[0] == port


def test_ranges_and_their_places() -> None:
    found = box("ports:\n- 8000-8002:80-82\n- 9000-9010:90")
    first, second = found.ports
    assert (first.host, first.host_end, first.container, first.container_end) == (8000, 8002, 80, 82)
    assert (second.host, second.host_end, second.container_end) == (9000, 9010, 0)
    assert shown(found.at(second)) == "compose.yaml:6: 9000-9010:90"


def test_exposed_port_that_is_published_too_is_told_once() -> None:
    assert ports("ports: [8080:80]\nexpose: [80]") == [("", 8080, 80, "tcp")]


def test_broken_ports_and_variables_are_told() -> None:
    reading = compose("services:\n  web:\n    image: a\n    ports: [a:b, '${PORTS}', [1], {published: 1}]\n")
    assert messages(reading) == [
        "compose.yaml:4: expected a port from 1 to 65535 or a range, found 'b'",
        "compose.yaml:4: expected a port mapping, found a list",
        "compose.yaml:4: expected a target and a published port from 1 to 65535",
        (
            "compose.yaml:4: variable PORTS has neither a value nor a default here, and decides ports of web; "
            "give it one in .env, or scan what `docker compose config` prints"
        ),
    ]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("tty: true", ("default",)),
        ("networks: [a, b]", ("a", "b")),
        ("networks:\n  a:\n  b:\n    aliases: [x]", ("a", "b")),
        ("network_mode: none", ()),
    ],
)
def test_networks(body: str, names: tuple[str, ...]) -> None:
    found = service(body)
    assert found.networks == names
    assert found.host_network is False


@pytest.mark.parametrize("top", ["external: true\n    name: host", "external:\n      name: host"])
def test_network_of_the_host_by_its_name(top: str) -> None:
    found = service("networks: [outside]", top=f"networks:\n  outside:\n    {top}\n")
    assert found.host_network is True
    assert shown(found.where("host_network")) == "compose.yaml:4: outside"


def test_a_network_called_host_is_not_the_hosts() -> None:
    assert service("networks: [host]", top="networks:\n  host:\n").host_network is False
