"""Which Dockerfile decides the user of a workload: the one that provably builds its image, and no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from batten import api
from batten.model.settings import Settings
from engine.support import scan, write

POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: p, namespace: shop}\nspec:\n  containers:\n  - {name: a, image: %s}\n"
)
DROPPED = "FROM debian:13\nUSER 5000\n"
ROOT = "FROM debian:13\nUSER root\n"


def users(root: Path, files: dict[str, str], of: str) -> set[str]:
    """What is said of the users of the file `of`."""
    done = scan(root, files, checks=("PRV002", "PRV003"))
    return {one.check for one in done.report.findings if one.location.path.endswith(of)}


@pytest.mark.parametrize(
    ("folder", "image"),
    [
        ("nginx", "nginx:1.29"),
        ("nginx", "quay.io/someone-else/nginx:stable"),
        ("docker/redis", "redis:8"),
        ("web", "web"),
        ("web", "registry.example/shop/web:1"),
    ],
)
def test_what_a_folder_is_called_silences_nothing(tmp_path: Path, folder: str, image: str) -> None:
    files = {f"{folder}/Dockerfile": DROPPED, "k8s/p.yaml": POD % image}
    assert users(tmp_path, files, "k8s/p.yaml") == {"PRV002"}


def test_what_a_folder_is_called_accuses_nobody(tmp_path: Path) -> None:
    files = {"web/Dockerfile": ROOT, "k8s/p.yaml": POD % "registry.example/shop/web:1"}
    assert users(tmp_path, files, "k8s/p.yaml") == {"PRV002"}


@pytest.mark.parametrize(
    ("image", "mentions"),
    [("web", True), ("registry.example/shop/web:1", True), ("web:1", False), ("registry.example/shop/app:1", False)],
)
def test_the_dockerfile_that_may_build_it_is_named(tmp_path: Path, image: str, mentions: bool) -> None:
    files = {"web/Dockerfile": DROPPED, "k8s/p.yaml": POD % image}
    [found] = scan(tmp_path, files, checks=("PRV002",)).report.findings
    assert ("web/Dockerfile" in found.message) == mentions
    assert found.confidence == ("medium" if mentions else "high")


def test_a_dockerfile_in_a_folder_called_as_its_base_is_not_named(tmp_path: Path) -> None:
    files = {"nginx/Dockerfile": "FROM nginx:1.29\nUSER 101\n", "k8s/p.yaml": POD % "ghcr.io/acme/nginx:1"}
    [found] = scan(tmp_path, files, checks=("PRV002",)).report.findings
    assert "Dockerfile" not in found.message


COMPOSE = "services:\n  web: {image: '%s', build: .}\n"


@pytest.mark.parametrize(
    ("built", "run", "found"),
    [
        ("registry.example/web:1", "registry.example/web:1", set()),
        ("registry.example/web", "registry.example/web:latest", set()),
        ("registry.example/web:1", "registry.example/web:2", {"PRV002"}),
        ("registry.example/web:1", "registry.example/web", {"PRV002"}),
        ("registry.example/web:1", "registry.example/other:1", {"PRV002"}),
        ("web:1", "web:1", {"PRV002"}),  # of Docker Hub, where somebody else's may be
    ],
)
def test_a_compose_build_decides_for_its_very_name_and_tag(
    tmp_path: Path, built: str, run: str, found: set[str]
) -> None:
    files = {"web/compose.yaml": COMPOSE % built, "web/Dockerfile": DROPPED, "k8s/p.yaml": POD % run}
    assert users(tmp_path, files, "k8s/p.yaml") == found


def test_a_stock_image_is_not_what_another_folder_builds_under_its_name(tmp_path: Path) -> None:
    files = {"t/compose.yaml": COMPOSE % "busybox", "t/Dockerfile": ROOT, "k8s/p.yaml": POD % "busybox"}
    assert users(tmp_path, files, "k8s/p.yaml") == {"PRV002"}


def test_services_of_one_project_share_what_it_builds(tmp_path: Path) -> None:
    files = {"compose.yaml": COMPOSE % "web:1" + "  worker: {image: 'web:1'}\n", "Dockerfile": DROPPED}
    assert users(tmp_path, files, "compose.yaml") == set()


def test_one_name_built_in_two_ways_decides_nothing(tmp_path: Path) -> None:
    text = "services:\n  a: {image: 'r.example/w:1', build: a}\n  b: {image: 'r.example/w:1', build: b}\n"
    files = {"compose.yaml": text, "a/Dockerfile": DROPPED, "b/Dockerfile": ROOT, "k8s/p.yaml": POD % "r.example/w:1"}
    assert users(tmp_path, files, "k8s/p.yaml") == {"PRV002"}


def test_a_build_of_another_target_decides_nothing(tmp_path: Path) -> None:
    write(tmp_path, {"one/compose.yaml": COMPOSE % "r.example/w:1", "one/Dockerfile": DROPPED})
    write(tmp_path, {"two/p.yaml": POD % "r.example/w:1", "two/Dockerfile": "FROM scratch\nUSER 1\n"})
    targets = [str(tmp_path / "one"), str(tmp_path / "two")]
    report = api.scan(targets, Settings(checks=("PRV002", "PRV003"))).report
    assert [(one.check, one.resource.kind) for one in report.findings] == [("PRV002", "Pod")]


@pytest.mark.parametrize(
    ("build", "found"),
    [
        ("{context: .}", set()),
        ("{context: ., args: {U: root}}", {"PRV003"}),
        ("{context: ., args: [U=0]}", {"PRV003"}),
        ("{context: ., args: {U: 7}}", set()),
        ("{context: ., args: {U: }}", {"PRV002"}),  # of the environment in which it is built
        ("{context: ., args: {OTHER: root}}", set()),
        ("{context: ., target: dev}", {"PRV003"}),
        ("{context: ., target: prod, args: {U: root}}", {"PRV003"}),
        ("{context: ., target: prod}", set()),
        ("{context: ., target: none}", {"PRV002"}),
    ],
)
def test_the_arguments_and_target_of_the_build_count(tmp_path: Path, build: str, found: set[str]) -> None:
    files = {
        "compose.yaml": f"services:\n  web:\n    build: {build}\n",
        "Dockerfile": "FROM debian:13 AS dev\nUSER 0\nFROM debian:13 AS prod\nARG U=1000\nUSER $U\n",
    }
    assert users(tmp_path, files, "compose.yaml") == found
