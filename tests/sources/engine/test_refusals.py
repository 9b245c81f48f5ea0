"""Engines that refuse, fail or lie: what is told, and what is read all the same."""

from __future__ import annotations

import re
import shutil
import sys
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from batten import api, limits
from batten.model.report import Report
from batten.model.settings import Settings
from batten.sources import TargetError, open_target
from engine_cases import DOCKER, by_resource
from sources.engine.fake import TLS, Recorded, over_tcp, over_unix, scan, tls, told

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="unix sockets")


# -------------------------------------------------------------------------- what goes wrong


@pytest.mark.parametrize(
    ("path", "what"),
    [
        ("/services", "services of the swarm: it answers 403 to GET /services (no); let GET requests for it through"),
        ("/networks", "networks: it answers 403 to GET /networks (no); let GET requests for it through"),
        ("/volumes", "volumes: it answers 403 to GET /volumes"),
        ("/info", "what holds for every container (user namespace, seccomp): it answers 403 to GET /info"),
        ("/containers/json", "containers: it answers 403 to GET /containers/json"),
    ],
)
def test_what_a_proxy_forbids_is_named_and_the_rest_is_read(
    docker: Recorded, folder: Path, path: str, what: str
) -> None:
    docker.set(path, 403)
    report = scan(docker, folder)
    assert [one for one in told(report, severe=True) if one.startswith(what)]
    assert report.targets[0].status == "partial"
    assert report.findings


def test_what_is_forbidden_makes_the_scan_partial(docker: Recorded, folder: Path) -> None:
    docker.set("/volumes", 403)
    with over_unix(docker, folder) as address:
        report = api.scan([f"docker:{address}"], Settings(fail_on="none")).report
    assert report.exit_code == 3


def test_names_of_secrets_that_are_not_told_leave_the_scan_whole(docker: Recorded, folder: Path) -> None:
    docker.set("/secrets", 403)
    docker.set("/nodes", 403)
    report = scan(docker, folder)
    assert report.targets[0].status == "complete"
    assert len([one for one in told(report, severe=False) if "it answers 403" in one]) == 2


def test_records_that_are_forbidden_are_one_problem(docker: Recorded, folder: Path) -> None:
    for one in docker.get("/containers/json"):
        docker.set(f"/containers/{one['Id']}/json", 403)
    report = scan(docker, folder)
    [message] = told(report, severe=True)
    assert message.startswith("records of containers: it answers 403 to GET /containers/ID/json (no)")
    assert set(by_resource(report)) == {"api", "back"}


def test_a_container_that_is_gone_is_no_gap(docker: Recorded, folder: Path) -> None:
    listed = next(one for one in docker.get("/containers/json") if one["Names"] == ["/socket"])
    docker.set(f"/containers/{listed['Id']}/json", 404)
    report = scan(docker, folder)
    assert by_resource(report) == {name: found for name, found in DOCKER.items() if name != "socket"}
    assert report.targets[0].status == "complete"
    assert "it was gone before it could be read" in told(report, severe=False)


@pytest.mark.parametrize(
    ("version", "message"),
    [
        ({"ApiVersion": "1.20"}, "speaks API 1.20; expected 1.24 (Docker 1.12) or later"),
        ({"ApiVersion": "new"}, "expected the version of an engine, found other; is it one?"),
        ([], "expected the version of an engine, found other; is it one?"),
        (b"<html>", "expected JSON from /version, found other"),
        (500, "it answers 500 to GET /version (no)"),
    ],
)
def test_what_is_no_engine_that_is_understood_is_told(
    docker: Recorded, folder: Path, version: Any, message: str
) -> None:
    docker.set("/version", version)
    report = scan(docker, folder)
    assert report.targets[0].status == "failed"
    assert report.exit_code == 3
    [found] = told(report, severe=True)
    assert message in found


@pytest.mark.parametrize(
    ("version", "asked", "note"),
    [
        ({"ApiVersion": "1.40", "MinAPIVersion": "1.12"}, "/v1.40/", ""),
        ({"ApiVersion": "1.99", "MinAPIVersion": "1.44"}, "/v1.51/", ""),
        ({"ApiVersion": "1.99", "MinAPIVersion": "1.60"}, "/v1.60/", "it speaks API 1.60 and later, newer than"),
        (403, "/info", "it answers 403 to GET /version (no); asked without knowing its version"),
    ],
)
def test_the_version_is_agreed_on(docker: Recorded, folder: Path, version: Any, asked: str, note: str) -> None:
    docker.answers = {
        "/" + path.split("/", 2)[2] if path.startswith("/v1.") else path: answer
        for path, answer in docker.answers.items()
    }
    docker.answers = {path.partition("?")[0]: answer for path, answer in docker.answers.items()}
    docker.set("/version", version)
    report = scan(docker, folder)
    assert by_resource(report) == DOCKER
    assert any(path.startswith(asked) for path in docker.paths)
    assert bool([one for one in told(report, severe=False) if note in one]) is True


def test_an_engine_that_is_not_there_leaves_the_other_targets(tmp_path: Path) -> None:
    (tmp_path / "compose.yaml").write_text("services: {web: {image: 'nginx:1.29', privileged: true}}")
    gone = tmp_path / "gone.sock"
    report = api.scan([f"docker:{gone}", str(tmp_path)], Settings()).report
    assert [one.status for one in report.targets] == ["failed", "complete"]
    assert told(report, severe=True) == ["it does not answer; is docker running?"]
    assert report.findings


def test_a_socket_that_may_not_be_used_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("batten.sources.engine.connection._knock", refuse)
    report = api.scan([f"docker:{folder}"], Settings()).report
    [message] = told(report, severe=True)
    told_so = "permission denied; join the group that the socket belongs to (`docker` for Docker's own), or use sudo"
    assert message == told_so


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("docker:@prod", "docker:@prod: no context 'prod' in"),
        ("podman:@", "podman:@: expected the name of a connection after @; `podman system connection list` lists"),
        (
            "docker:ssh://ann:sesame@host",
            "docker:ssh://host: expected the engine's address as unix:// or tcp://, found",
        ),
        ("docker:npipe:////./pipe/docker_engine", "found npipe://; `docker save NAME | batten scan -` works for an"),
        ("docker:tcp://", "expected the engine's address as tcp://HOST:PORT, found ''"),
        ("docker:tcp://[::1", "expected the engine's address as tcp://HOST:PORT, found '[::1'"),
        ("docker:tcp://host:99999999", "expected the engine's address as tcp://HOST:PORT, found 'host:99999999'"),
    ],
)
def test_a_place_that_is_none_is_a_wrong_call(target: str, message: str) -> None:
    with pytest.raises(TargetError, match=re.escape(message)) as caught:
        open_target(target)
    assert "sesame" not in str(caught.value)


# ------------------------------------------------------------------------------------- TLS


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    folder = tmp_path / "certificates"
    folder.mkdir()
    shutil.copy(TLS / "ca.crt", folder / "ca.pem")
    shutil.copy(TLS / "client.crt", folder / "cert.pem")
    shutil.copy(TLS / "client.key", folder / "key.pem")
    return folder


def over(address: str) -> Report:
    return api.scan([f"docker:{address}"], Settings()).report


def test_an_engine_is_asked_over_tls(docker: Recorded, monkeypatch: pytest.MonkeyPatch, certificates: Path) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    for asks in (False, True):
        with over_tcp(docker, tls(asks_for_a_certificate=asks)) as address:
            monkeypatch.setenv("DOCKER_HOST", address)
            assert by_resource(over("")) == DOCKER
            assert by_resource(over(address)) == DOCKER
    assert docker.methods == {"GET"}


def test_an_engine_without_tls_is_told(docker: Recorded) -> None:
    with over_tcp(docker) as address:
        report = over(address)
    assert by_resource(report) == DOCKER
    assert [
        one for one in told(report, severe=False) if "spoken to without TLS: whoever reaches that port is root" in one
    ]


@pytest.mark.parametrize(
    ("missing", "asks", "message"),
    [
        (["ca.pem"], False, "its certificate cannot be verified (unable to get local issuer certificate)"),
        (["cert.pem", "key.pem"], True, "it asks for the certificate of a client; DOCKER_CERT_PATH names"),
        (["key.pem"], False, "expected ca.pem, cert.pem and key.pem in"),
        (["ca.pem", "cert.pem"], False, "expected ca.pem, cert.pem and key.pem in"),
    ],
)
def test_tls_that_fails_says_what_is_missing(
    docker: Recorded,
    monkeypatch: pytest.MonkeyPatch,
    certificates: Path,
    missing: list[str],
    asks: bool,
    message: str,
) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    for name in missing:
        (certificates / name).unlink()
    with over_tcp(docker, tls(asks_for_a_certificate=asks)) as address:
        assert message in told(over(address), severe=True)[0]


def test_a_certificate_that_the_engine_does_not_know_is_told(
    docker: Recorded, monkeypatch: pytest.MonkeyPatch, certificates: Path
) -> None:
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    shutil.copy(TLS / "server.crt", certificates / "cert.pem")
    shutil.copy(TLS / "server.key", certificates / "key.pem")
    with over_tcp(docker, tls(asks_for_a_certificate=True)) as address:
        assert "it refuses the certificate of this client" in told(over(address), severe=True)[0]


def test_tls_on_one_side_alone_is_told(docker: Recorded, monkeypatch: pytest.MonkeyPatch, certificates: Path) -> None:
    def of_go(handler: BaseHTTPRequestHandler) -> None:
        body = b"Client sent an HTTP request to an HTTPS server.\n"
        handler.send_response(400)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    with over_tcp(Recorded({"/version": of_go})) as address:
        assert "speaks TLS; set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH" in told(over(address), severe=True)[0]
    monkeypatch.setenv("DOCKER_TLS_VERIFY", "1")
    monkeypatch.setenv("DOCKER_CERT_PATH", str(certificates))
    with over_tcp(docker) as address:
        assert "it does not speak TLS there; unset DOCKER_TLS_VERIFY" in told(over(address), severe=True)[0]


# -------------------------------------------------------------------------- hostile engines


def endless(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        while True:
            handler.wfile.write(b" " * 65536)
            time.sleep(0.001)
    except OSError:
        pass


def slow(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.close_connection = True
    try:
        for _ in range(600):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass


def redirect(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "http://169.254.169.254/latest/meta-data/")
    handler.send_header("Content-Length", "0")
    handler.end_headers()


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (endless, "expected an answer of at most 1 MiB, found more"),
        (b"[" * 100_000, "expected JSON from /networks, found other"),
        (b"[" * 60 + b"]" * 60, "found one too large or too deep"),
        (b"[" + b"{}," * 300_000 + b"{}]", "found one too large or too deep"),
        (b"\x1f\x8b\x08\x00", "expected JSON from /networks, found other"),
        ({"Name": "no list"}, "networks: expected a list from the engine, found other"),
        (redirect, "networks: it answers 302 to GET /networks"),
    ],
)
def test_an_answer_that_no_engine_gives_is_told_and_the_rest_is_read(
    docker: Recorded, folder: Path, monkeypatch: pytest.MonkeyPatch, answer: Any, message: str
) -> None:
    monkeypatch.setattr(limits, "ENGINE_ANSWER_BYTES", limits.MIB)
    monkeypatch.setattr(limits, "ENGINE_VALUES", 200_000)
    docker.set("/networks", answer)
    report = scan(docker, folder)
    assert [one for one in told(report, severe=True) if message in one]
    assert by_resource(report)["root"] == DOCKER["root"]


def test_an_engine_that_never_ends_is_left(docker: Recorded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENGINE_SECONDS", 1)
    docker.set("/volumes", slow)
    before = time.monotonic()
    report = scan(docker, folder)
    assert time.monotonic() - before < 10
    assert "expected an end within 1 s; the rest is not read" in told(report, severe=True)[0]
    assert report.targets[0].status == "failed"


def test_a_silent_engine_is_left(docker: Recorded, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "ENGINE_ANSWER_SECONDS", 0.3)
    docker.set("/info", lambda _: time.sleep(1))
    assert "no answer within 0.3 s" in told(scan(docker, folder), severe=True)[0]


@pytest.mark.parametrize(
    "garbage",
    [
        None,
        7,
        "x",
        [],
        {},
        {"Id": 7},
        {"Id": "x" * 5000, "Names": [7]},
        {"Id": "a", "Names": ["/../../etc/passwd\x1b[31m"]},
    ],
)
def test_lists_may_hold_anything(docker: Recorded, folder: Path, garbage: Any) -> None:
    for path in ("/containers/json", "/networks", "/services", "/secrets", "/configs", "/nodes"):
        docker.get(path).append(garbage)
    docker.get("/volumes")["Volumes"].append(garbage)
    report = scan(docker, folder)
    assert DOCKER.items() <= by_resource(report).items()
    assert "\x1b" not in str(api.render(report, "table"))


@pytest.mark.parametrize("record", [[], {}, {"Config": {}}, {"Config": [], "HostConfig": 7}])
def test_a_record_that_is_none_is_a_problem(docker: Recorded, folder: Path, record: Any) -> None:
    listed = next(one for one in docker.get("/containers/json") if one["Names"] == ["/socket"])
    docker.set(f"/containers/{listed['Id']}/json", record)
    report = scan(docker, folder)
    assert "expected the record of a container (Config, HostConfig), found other" in told(report, severe=True)
    assert report.targets[0].status == "partial"


def test_containers_may_be_called_as_files_that_mean_something(docker: Recorded, folder: Path) -> None:
    """A container called `package-lock` is no lock file; two networks may have one name."""
    listed = next(one for one in docker.get("/containers/json") if one["Names"] == ["/socket"])
    listed["Names"] = ["/package-lock"]
    docker.get(f"/containers/{listed['Id']}/json")["Name"] = "/package-lock"
    again = {**next(one for one in docker.get("/networks") if one["Name"] == "back"), "Id": "b" * 25}
    docker.get("/networks").append(again)
    report = scan(docker, folder)
    assert by_resource(report)["package-lock"] == DOCKER["socket"]
    paths = {one.location.path.rpartition("!")[2] for one in report.findings if one.check == "NET008"}
    assert paths == {"networks/back.json", "networks/back.bbbbbbbbbbbb.json"}
