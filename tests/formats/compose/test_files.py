from __future__ import annotations

from typing import Any

import pytest

from batten.formats.compose import files
from batten.formats.yaml import COMPOSE, YamlDocument, read_documents
from batten.model.source import File


def value(text: str) -> Any:
    document = next(read_documents(File("x.yaml", text.encode()), COMPOSE))
    assert isinstance(document, YamlDocument)
    return document.value


@pytest.mark.parametrize(
    "path",
    [
        "compose.yaml",
        "a/b/docker-compose.yml",
        "docker-compose.prod.yaml",
        "docker-compose-test.yml",
        "shop.compose.yml",
        "podman-compose.yml",
        "compose.override.yaml",
        "x-compose.yml",
    ],
)
def test_names_of_compose_files(path: str) -> None:
    assert files.has_compose_name(path)


@pytest.mark.parametrize("path", ["values.yaml", "composer.yml", "decompose.yaml", "compose.json", "compose/app.yml"])
def test_other_names(path: str) -> None:
    assert not files.has_compose_name(path)


SHOP = "services: {web: {image: a}}"


@pytest.mark.parametrize(
    ("path", "text", "is_ours"),
    [
        ("compose.yaml", SHOP, True),
        ("stack.yml", SHOP, True),
        ("shop.yml", "services: {web: {build: ., x-y: 1}}", True),
        ("compose.yaml", "services: {web: {command: x, unknown: 1}}", True),
        ("compose.yaml", "include: [a.yaml]", True),
        ("other.yaml", "include: [a.yaml]", False),
        ("compose.yaml", "services: {}", False),
        ("compose.yaml", "services: [a]", False),
        ("compose.yaml", "[1]", False),
        # other tools' `services:`
        (".gitlab-ci.yml", "services: [postgres:15]\nbuild: {script: [x]}", False),
        ("k8s.yaml", "apiVersion: v1\nkind: X\nservices: {web: {image: a}}", False),
        ("services.yaml", "services: {_defaults: {autowire: true}, App\\X: {class: Y}}", False),
        (".lando.yml", "services: {app: {type: php, build: [x]}}", False),
        ("azure.yaml", "services: {api: {project: ./src, language: js, host: containerapp}}", False),
        ("serverless-compose.yml", "services: {a: {path: b, params: {}}}", False),
        ("workflow.yml", "on: push\njobs: {a: {services: {db: {image: a}}}}", False),
        ("kong.yml", "services: [{name: a, url: b}]", False),
    ],
)
def test_recognition(path: str, text: str, is_ours: bool) -> None:
    assert files.is_project(value(text), path) is is_ours


@pytest.mark.parametrize(
    ("data", "promising"),
    [
        (b"services:\n", True),
        (b"\xef\xbb\xbfservices:\n", True),
        (b"a: 1\r\nservices :\r\n", True),
        (b"'services': {}\n", True),
        (b'{"services": {}}', True),
        (b"include:\n- a\n", True),
        (b"jobs:\n  a:\n    services:\n", False),
        (b"# services:\n", False),
    ],
)
def test_cheap_look_at_the_bytes(data: bytes, promising: bool) -> None:
    assert files.looks_promising(data) is promising


@pytest.mark.parametrize(
    ("path", "services", "stack"),
    [
        ("docker-stack.yml", "a: {image: x, deploy: {replicas: 2}}", True),
        ("stack.yml", "a: {image: x, privileged: true, deploy: {}}", True),
        ("shop.swarm.yaml", "a: {image: x, deploy: {}}", True),
        ("stack.yml", "a: {image: x}", False),
        ("stack.yml", "a: {image: x, build: ., deploy: {}}", False),
        ("elk-stack.yml", "a: {image: x, restart: always, network_mode: host}", False),
        ("haystack.yml", "a: {image: x, deploy: {}}", False),
        ("compose.yaml", "a: {image: x, deploy: {placement: {}}}", True),
        ("compose.yaml", "a: {image: x, deploy: {mode: global}}", True),
        ("compose.yaml", "a: {image: x, deploy: {resources: {}}}", False),
        ("compose.yaml", "a: {image: x, deploy: {mode: global}}, b: {image: y, privileged: true}", False),
        ("compose.yaml", "a: {image: x, deploy: {mode: global}, mem_limit: 1g}", False),
        ("compose.yaml", "a: {extends: b, deploy: {mode: global}}", False),
    ],
)
def test_which_files_are_swarm_stacks(path: str, services: str, stack: bool) -> None:
    assert files.is_stack(value(f"services: {{{services}}}"), path) is stack


def test_version_3_alone_makes_a_stack_of_a_file_that_is_called_one() -> None:
    assert files.is_stack(value("version: '3.8'\nservices: {a: {image: x}}"), "stack.yml")
    assert not files.is_stack(value("version: '3.8'\nservices: {a: {image: x}}"), "compose.yaml")


@pytest.mark.parametrize(
    ("directory", "path", "expected"),
    [
        ("a", "b.yaml", "a/b.yaml"),
        ("a", "./b/../c", "a/c"),
        ("a", "..", ""),
        ("", ".", ""),
        ("a", "../b", "b"),
        ("a", "b\\c", "a/b/c"),
        ("", "../b", None),
        ("a", "../../b", None),
        ("a", "/etc/x", None),
        ("a", "~/x", None),
        ("a", "C:/x", None),
        ("a", "", None),
    ],
)
def test_paths_stay_inside_the_target(directory: str, path: str, expected: str | None) -> None:
    assert files.resolve(directory, path) == expected
