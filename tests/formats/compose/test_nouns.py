from __future__ import annotations

from typing import Any

import pytest

from batten.model.objects import Configuration, Network, Project
from formats.compose.support import compose, nouns, shown


def networks(text: str, path: str = "compose.yaml") -> dict[str, Any]:
    return {one.name: one for one in nouns(compose(text, path), Network)}


def test_project() -> None:
    reading = compose("name: shop\nservices: {a: {image: x}, b: {image: y}}")
    (found,) = nouns(reading, Project)
    assert (found.name, found.services, found.platform, found.pointer) == ("shop", ("a", "b"), "compose", ())
    assert found.scope == ".:shop"


def test_implicit_default_network() -> None:
    found = networks("services: {a: {image: x}}")
    assert list(found) == ["default"]
    assert (found["default"].driver, found["default"].pointer) == ("bridge", ())
    assert list(networks("services: {a: {image: x, network_mode: host}}")) == []
    assert list(networks("services: {a: {image: x, networks: [b]}}\nnetworks: {b: {}}")) == ["b"]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("{}", ("bridge", False, False, False, False)),
        ("null", ("bridge", False, False, False, False)),
        ("{driver: overlay}", ("overlay", False, False, False, False)),
        ("{driver: overlay, driver_opts: {encrypted: ''}}", ("overlay", True, False, False, False)),
        ("{driver: overlay, driver_opts: {encrypted: true}}", ("overlay", True, False, False, False)),
        ("{driver: overlay, driver_opts: {encrypted: 'false'}}", ("overlay", False, False, False, False)),
        ("{internal: true, attachable: true}", ("bridge", False, True, False, True)),
        ("{external: true}", ("", False, False, True, False)),
        ("{external: true, name: host}", ("host", False, False, True, False)),
        ("{external: {name: host}}", ("host", False, False, True, False)),
    ],
)
def test_network(body: str, expected: tuple[str, bool, bool, bool, bool]) -> None:
    found = networks(f"services: {{a: {{image: x, networks: [n]}}}}\nnetworks:\n  n: {body}\n")["n"]
    assert (found.driver, found.encrypted, found.internal, found.external, found.attachable) == expected
    assert shown(found.where()).startswith("compose.yaml:3: ")


def test_networks_of_a_stack_are_overlays() -> None:
    text = "services: {a: {image: x, deploy: {mode: global}}}\nnetworks: {n: {}}"
    assert [one.driver for one in networks(text, "stack.yml").values()] == ["overlay", "overlay"]


def test_inline_config_is_a_configuration() -> None:
    reading = compose("services: {a: {image: x}}\nconfigs:\n  c: {content: 'k=$$v ${D:-d}'}\n  f: {file: ./f}\n")
    (found,) = nouns(reading, Configuration)
    assert (found.name, found.secret, [(one.key, one.value) for one in found.entries]) == (
        "c",
        False,
        [("c", "k=$v d")],
    )
    assert shown(found.where("content")) == "compose.yaml:3: 'k=$$v ${D:-d}'"
