"""Tags asked of a registry over HTTP: one question for each, whoever wants it."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from batten import limits
from batten.model.image import ImageReference, parse_reference
from batten.model.source import Unreadable
from batten.sources.oci.client import Repository
from batten.sources.oci.tags import Tags
from sources.oci.made import image
from sources.oci.registry import Fault, Registry
from sources.oci.test_client import client

PASSWORD = "open-sesame"
BUSY = {"Retry-After": "3600"}


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A user with no configuration of registries."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", str(tmp_path / "registries.conf"))
    (tmp_path / "registries.conf").touch()
    for name in ("REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "BATTEN_REGISTRY_MIRRORS", "BATTEN_PLAIN_HTTP"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry() as one:
        yield one


def named(text: str) -> ImageReference:
    found = parse_reference(text)
    assert found is not None
    return found


def resolved(*texts: str) -> list[str]:
    """The digest of each name, or why there is none."""
    tags = Tags()
    tags.ask(named(text) for text in texts)
    answers = []
    for text in texts:
        try:
            answers.append(tags.digest(named(text)))
        except Unreadable as error:
            answers.append(error.message)
    return answers


def test_of_an_index_the_digest_is_its_own(registry: Registry, home: Path) -> None:
    several = [image(), image(platform="linux/arm64")]
    index = registry.store_index("web", several, "1.27")
    single = registry.store("tool", image(), "3", "latest")
    assert index not in {one.digest for one in several}
    host = registry.host
    assert resolved(f"{host}/web:1.27", f"{host}/tool:3", f"{host}/tool") == [index, single, single]
    assert {one.method for one in registry.asked("/manifests/")} == {"HEAD"}


def test_each_name_is_asked_once(registry: Registry, home: Path) -> None:
    digest = registry.store("web", image(), "latest")
    tags = Tags()
    for _ in range(2):
        tags.ask(named(f"{registry.host}/web{tag}") for tag in ("", ":latest", ""))
    assert tags.digest(named(f"{registry.host}/web")) == digest
    assert len(registry.asked("/manifests/")) == 1


@pytest.mark.parametrize("status", [405, 501, 400])
def test_a_registry_without_head_is_asked_for_the_whole(registry: Registry, home: Path, status: int) -> None:
    digest = registry.store("web", image(), "1")
    registry.faults.append(Fault("/manifests/", method="HEAD", status=status, times=9))
    assert resolved(f"{registry.host}/web:1") == [digest]


def test_a_head_without_a_digest_is_worked_out_from_the_bytes(registry: Registry, home: Path) -> None:
    digest = registry.store("web", image(), "1")
    registry.faults.append(Fault("/manifests/", method="HEAD", status=200, times=9))
    assert resolved(f"{registry.host}/web:1") == [digest]
    assert registry.asked("/manifests/", "GET")


def test_what_is_no_image_for_engines_of_today_is_refused(registry: Registry, home: Path) -> None:
    old = json.dumps({"schemaVersion": 1, "name": "web", "fsLayers": []}).encode()
    registry.put("web", old, "application/vnd.oci.image.manifest.v1+json", "1")
    registry.faults.append(Fault("/manifests/", method="HEAD", status=405, times=9))
    (told,) = resolved(f"{registry.host}/web:1")
    assert told.endswith("found schema 1; push the image anew")


def test_credentials_are_those_of_docker_login(home: Path) -> None:
    with Registry(auth="bearer", users={"ann": PASSWORD}) as registry:
        registry.anonymous = False
        digest = registry.store("shop/web", image(), "1")
        (told,) = resolved(f"{registry.host}/shop/web:1")
        assert told.startswith(f"{registry.host}/shop/web:1: ")
        assert "docker login" in told
        (home / "docker").mkdir()
        auths = {registry.host: {"auth": base64.b64encode(f"ann:{PASSWORD}".encode()).decode()}}
        (home / "docker/config.json").write_text(json.dumps({"auths": auths}))
        assert resolved(f"{registry.host}/shop/web:1") == [digest]


def test_one_that_is_not_there_does_not_hold_up_the_others(registry: Registry, home: Path) -> None:
    digest = registry.store("web", image(), "1")
    gone, found = resolved(f"{registry.host}/web:9", f"{registry.host}/web:1")
    assert gone == f"{registry.host}/web:9: {registry.host} has no such thing; see the name and the tag"
    assert found == digest


def test_a_busy_registry_is_asked_again(registry: Registry, home: Path) -> None:
    digest = registry.store("web", image(), "1")
    registry.faults.append(Fault("/manifests/", status=429, times=1))
    assert resolved(f"{registry.host}/web:1") == [digest]


def test_one_that_wants_no_more_questions_is_left_alone(registry: Registry, home: Path) -> None:
    registry.faults.append(Fault("/manifests/", status=429, headers=BUSY, times=1000))
    answers = resolved(*(f"{registry.host}/web:{number}" for number in range(100)))
    assert all("429" in one and one.startswith(f"{registry.host}/web:") for one in answers)
    assert sum("not asked" in one for one in answers) > 80
    assert len(registry.asked("/manifests/")) < 20


def test_one_that_cannot_be_reached_leaves_the_others(registry: Registry, home: Path) -> None:
    digest = registry.store("web", image(), "1")
    nobody = "127.0.0.1:9"
    lost, found = resolved(f"{nobody}/web:1", f"{registry.host}/web:1")
    assert lost == f"{nobody}/web:1: {nobody}: cannot be reached; see the name, the network and HTTPS_PROXY"
    assert found == digest


def test_a_mirror_is_asked_first_and_passed_over_where_it_lacks_the_tag(
    registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Registry() as mirror:
        new = registry.store("web", image(), "1", "2")
        mirrored = mirror.store("hub/web", image(platform="linux/arm64"), "1")
        monkeypatch.setenv("BATTEN_REGISTRY_MIRRORS", f"{registry.host}=http://{mirror.host}/hub")
        assert resolved(f"{registry.host}/web:1", f"{registry.host}/web:2") == [mirrored, new]


def test_more_names_than_one_run_asks_about_are_told(
    registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "PINNED_TAGS", 1)
    digest = registry.store("web", image(), "1", "2")
    first, second = resolved(f"{registry.host}/web:1", f"{registry.host}/web:2")
    assert first == digest
    assert second.startswith(f"{registry.host}/web:2: not asked, the limit of one run is 1 names")


def test_a_name_that_no_registry_can_hold_is_told(home: Path) -> None:
    (told,) = resolved("registry_of_ours.example/web:1")
    assert told.startswith("registry_of_ours.example/web:1: expected an image reference")


def test_a_broken_configuration_is_told_for_each_name(home: Path) -> None:
    (home / "registries.conf").write_text("[[registry")
    (told,) = resolved("registry.example/web:1")
    assert told.startswith("registry.example/web:1: ")
    assert "registries.conf: expected TOML" in told


def test_progress_is_told_once_the_asking_takes_long(
    registry: Registry, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.store("web", image(), "1")
    told: list[str] = []
    Tags(progress=told.append).ask([named(f"{registry.host}/web:1")])
    assert told == []
    monkeypatch.setattr("batten.sources.oci.tags._QUIET_SECONDS", -1.0)
    Tags(progress=told.append).ask([named(f"{registry.host}/web:1")])
    assert told == [f"asking registries  1 of 1  {registry.host}/web:1"]


def test_a_lie_about_the_digest_is_found_where_the_bytes_come(registry: Registry, tmp_path: Path) -> None:
    registry.store("web", image(), "1")
    registry.faults += [
        Fault("/manifests/", method="HEAD", status=405, times=9),
        Fault("/manifests/", method="GET", change=lambda data: data + b" ", times=9),
    ]
    with client(tmp_path) as asking, pytest.raises(Unreadable, match="damaged or tampered with"):
        asking.resolve(Repository(registry.host, "web"), "1")
