"""Where an engine listens."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from batten.model.source import Unreadable
from batten.sources.engine.where import Engine, docker, engine_at, is_place, podman


def test_where_an_engine_is_looked_for(tmp_path: Path) -> None:
    home = str(tmp_path)
    assert docker({"DOCKER_HOST": "tcp://h:2375"}, home).address == "tcp://h:2375"
    verified = docker({"DOCKER_HOST": "tcp://h:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/c"}, home)
    assert verified.certificates == "/c"
    assert podman({"CONTAINER_HOST": "unix:///x"}, home).address == "unix:///x"
    own = tmp_path / "run/podman/podman.sock"
    own.parent.mkdir(parents=True)
    own.touch()
    assert podman({"XDG_RUNTIME_DIR": str(tmp_path / "run")}, home).address == f"unix://{own}"


@pytest.mark.parametrize(
    ("reference", "place"),
    [
        ("", True),
        ("@prod", True),
        ("/run/docker.sock", True),
        ("./docker.sock", True),
        ("~/docker.sock", True),
        ("unix:///run/docker.sock", True),
        ("tcp://host:2376", True),
        ("ssh://ann@host", True),
        ("shop/web:1.4", False),
        ("registry.example:5000/web", False),
        ("web@sha256:" + "0" * 64, False),
        ("tcp", False),
    ],
)
def test_what_names_an_engine_and_what_an_image(reference: str, place: bool) -> None:
    assert is_place(reference) is place


@pytest.mark.parametrize(
    ("reference", "address"),
    [
        ("unix:///x/d.sock", "unix:///x/d.sock"),
        ("/x/d.sock", "unix:///x/d.sock"),
        ("~/d.sock", "unix:///home/ann/d.sock"),
        ("tcp://host:2376", "tcp://host:2376"),
    ],
)
def test_a_place_wins_over_the_environment(reference: str, address: str) -> None:
    environ = {"DOCKER_HOST": "tcp://other:1", "CONTAINER_HOST": "tcp://other:1"}
    assert engine_at("docker", reference, environ, "/home/ann").address == address
    assert engine_at("podman", reference, environ, "/home/ann").address == address


def test_docker_host_wins_over_a_context(tmp_path: Path) -> None:
    environ = {"DOCKER_HOST": "tcp://h:1", "DOCKER_CONTEXT": "none"}
    assert docker(environ, str(tmp_path)).address == "tcp://h:1"


def context(folder: Path, name: str, meta: Any) -> str:
    digest = hashlib.sha256(name.encode()).hexdigest()
    place = folder / "contexts/meta" / digest / "meta.json"
    place.parent.mkdir(parents=True)
    place.write_text(json.dumps(meta))
    return digest


def test_the_chosen_context_counts(tmp_path: Path) -> None:
    folder = tmp_path / ".docker"
    context(folder, "colima", {"Endpoints": {"docker": {"Host": "unix:///colima.sock"}}})
    (folder / "config.json").write_text('{"currentContext": "colima"}')
    assert docker({}, str(tmp_path)).address == "unix:///colima.sock"
    context(folder, "prod", {"Endpoints": {"docker": {"Host": "tcp://prod:2376"}}})
    assert docker({"DOCKER_CONTEXT": "prod"}, str(tmp_path)).address == "tcp://prod:2376"
    assert engine_at("docker", "@colima", {"DOCKER_HOST": "tcp://h:1"}, str(tmp_path)).address == "unix:///colima.sock"


def test_a_context_brings_its_certificates(tmp_path: Path) -> None:
    meta = {"Endpoints": {"docker": {"Host": "tcp://prod:2376", "SkipTLSVerify": True}}}
    digest = context(tmp_path, "prod", meta)
    tls = tmp_path / "contexts/tls" / digest / "docker"
    tls.mkdir(parents=True)
    found = engine_at("docker", "@prod", {"DOCKER_CONFIG": str(tmp_path)}, "/nowhere")
    assert found == Engine("docker", "tcp://prod:2376", str(tls), verified=False)


@pytest.mark.parametrize("meta", [{"Endpoints": []}, {}, {"Endpoints": {"docker": {"Host": 7}}}])
def test_a_context_without_an_engine_leads_to_no_other_one(tmp_path: Path, meta: dict[str, Any]) -> None:
    context(tmp_path / ".docker", "odd", meta)
    (tmp_path / ".docker/run").mkdir()
    (tmp_path / ".docker/run/docker.sock").touch()
    with pytest.raises(Unreadable, match="the context 'odd' names no host of an engine; `docker context ls`"):
        docker({"DOCKER_CONTEXT": "odd"}, str(tmp_path))
    with pytest.raises(Unreadable, match=r"no context 'none' in .*/contexts; `docker context ls` lists"):
        docker({"DOCKER_CONTEXT": "none"}, str(tmp_path))


def test_connections_of_podman_are_known_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "containers"
    folder.mkdir()
    environ = {"XDG_CONFIG_HOME": str(tmp_path)}
    (folder / "containers.conf").write_text('[engine.service_destinations.old]\nuri = "unix:///old.sock"\n')
    assert engine_at("podman", "@old", environ, "/nowhere").address == "unix:///old.sock"
    known = {"Connection": {"Connections": {"new": {"URI": "tcp://new:8080"}}}}
    (folder / "podman-connections.json").write_text(json.dumps(known))
    assert engine_at("podman", "@new", environ, "/nowhere").address == "tcp://new:8080"
    with pytest.raises(Unreadable, match="no connection 'none' in"):
        engine_at("podman", "@none", environ, "/nowhere")


def test_an_engine_without_a_socket_is_told(tmp_path: Path) -> None:
    if Path("/run/podman/podman.sock").exists():
        assert podman({}, str(tmp_path)).address.endswith("/podman/podman.sock")
        return
    with pytest.raises(Unreadable, match="podman's socket was not found; start `podman system service`"):
        podman({}, str(tmp_path))


def test_credentials_of_an_address_are_not_shown() -> None:
    assert Engine("docker", "tcp://ann:sesame@host:2376").shown == "tcp://host:2376"
    assert Engine("docker", "unix:///run/a@b.sock").shown == "unix:///run/a@b.sock"
