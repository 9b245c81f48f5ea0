"""What runs in a real Docker Engine and under a real Podman service.

With `--renew`, what the engines answered becomes the data of the ordinary suite (tests/data/engine).
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from batten import api
from batten.model.image_content import Image
from batten.model.report import Report
from batten.model.settings import ImageSettings, Settings
from batten.sources.engine.api import Api
from engine_cases import DOCKER, DOCKER_STOPPED, PODMAN, PODMAN_STOPPED, SECRETS, by_resource
from system.engines import CannotRun, Cli, dockerd, fill_docker, fill_podman, missing, podman, required

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(bool(missing()) and not required(), reason=f"not here: {missing()}"),
]


@pytest.fixture(scope="module")
def docker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    yield from _started(dockerd, fill_docker, tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def podman_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cli]:
    yield from _started(podman, fill_podman, tmp_path_factory.mktemp("p"))


def _started(start: Any, fill: Any, folder: Path) -> Iterator[Cli]:
    """Where the kernel or a sandbox lacks what an engine needs, that is the reason for skipping."""
    assert not missing(), missing()
    try:
        with start(folder) as cli:
            fill(cli)
            yield cli
    except CannotRun as error:
        if required():
            raise
        pytest.skip(str(error))


@functools.cache
def scan(target: str, *, stopped: bool = False) -> Report:
    return api.scan([target], Settings(stopped=stopped)).report


def test_what_runs_in_docker_is_found(docker: Cli) -> None:
    report = scan(f"docker:unix://{docker.socket}")
    assert by_resource(report) == DOCKER
    assert report.targets[0].status == "complete"
    assert [one.message for one in report.targets[0].problems] == [
        "2 containers that do not run were not read; --stopped reads them, too"
    ]


def test_what_does_not_run_in_docker_is_found_where_it_is_asked_for(docker: Cli) -> None:
    report = scan(f"docker:unix://{docker.socket}", stopped=True)
    assert by_resource(report) == {**DOCKER, **DOCKER_STOPPED}


def test_what_runs_under_podman_is_found(podman_service: Cli) -> None:
    target = f"podman:{podman_service.socket}"
    assert by_resource(scan(target)) == PODMAN
    assert by_resource(scan(target, stopped=True)) == {**PODMAN, **PODMAN_STOPPED}


def test_no_secret_is_in_a_report(docker: Cli, podman_service: Cli) -> None:
    for target in (f"docker:{docker.socket}", f"podman:{podman_service.socket}"):
        report = scan(target, stopped=True)
        for name in ("json", "html", "sarif", "markdown", "table"):
            written = api.render(report, name)
            text = written if isinstance(written, str) else written.decode()
            assert not [one for one in SECRETS if one in text]


def test_the_images_of_containers_are_read_from_the_engines(docker: Cli, podman_service: Cli) -> None:
    wanted = ImageSettings(with_images=True, offline=True, cache=False)
    for cli, prefix in ((docker, ""), (podman_service, "localhost/")):
        images = api.scan([f"{cli.name}:{cli.socket}"], Settings(images=wanted)).inventory.of(Image)
        assert {(one.reference, one.user) for one in images} == {
            (f"{prefix}shop/base:1", ""),
            (f"{prefix}shop/app:1", "10001:10001"),
        }


def test_the_answers_are_recorded(docker: Cli, podman_service: Cli, request: pytest.FixtureRequest) -> None:
    """The paths that are asked are those that the recorded data know."""
    folder = Path(__file__).parents[1] / "data" / "engine"
    for cli in (docker, podman_service):
        answers = _answers(f"{cli.name}:{cli.socket}", str(cli.socket.parent))
        path = folder / f"{cli.name}.json"
        if request.config.getoption("--renew"):
            path.write_text(json.dumps(answers, indent=1) + "\n", encoding="utf-8")
        known = json.loads(path.read_text(encoding="utf-8"))
        assert {_shape(one) for one in answers} == {_shape(one) for one in known}


def _shape(path: str) -> str:
    parts = path.partition("?")[0].split("/")
    return "/".join("ID" if len(part) > 40 else part for part in parts)


def _answers(target: str, folder: str) -> dict[str, Any]:
    """Every question and its answer, shortened to what matters."""
    found: dict[str, Any] = {}
    asking = Api.ask

    def ask(self: Api, path: str) -> Any:
        answer = asking(self, path)
        found[path] = _shortened(json.loads(json.dumps(answer)), folder)
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Api, "ask", ask)
        api.scan([target], Settings(stopped=True))
    return found


_LEFT_OUT = {
    *("GraphDriver", "Plugins", "Runtimes", "DriverStatus", "RegistryConfig", "Cluster", "History", "ContainerConfig"),
    *("RemoteManagers", "TLSInfo", "Engine", "Resources", "store", "distribution", "conmon", "ociRuntime", "plugins"),
    *("EffectiveCaps", "ReadonlyPaths", "SystemTime", "LowerDir", "Peers", "NetworkSettings", "registries"),
}


def _shortened(value: Any, folder: str) -> Any:
    if isinstance(value, list):
        return [_shortened(one, folder) for one in value]
    if isinstance(value, str):
        return value.replace(folder, "/var/lib/engine")
    if not isinstance(value, dict):
        return value
    kept = {key: _shortened(one, folder) for key, one in value.items() if key not in _LEFT_OUT}
    if len(kept) > 25:  # of the records: those that are empty say nothing
        return {key: one for key, one in kept.items() if one not in (None, "", 0, [], {}) or key in _EMPTY}
    return kept


_EMPTY = {"Privileged", "ReadonlyRootfs", "Memory", "PidsLimit", "SecurityOpt", "CapAdd", "User", "NanoCpus"}
