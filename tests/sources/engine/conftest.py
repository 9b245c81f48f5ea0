"""Engines as they were recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from sources.engine.fake import Recorded, recorded


@pytest.fixture(autouse=True)
def _nowhere_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No engine of this machine is asked."""
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "CONTAINER_HOST"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-config"))


@pytest.fixture
def docker() -> Recorded:
    return recorded("docker")


@pytest.fixture
def podman() -> Recorded:
    return recorded("podman")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Paths of sockets are short."""
    return tmp_path / "s"
