from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from batten.sources import TargetError, open_target
from batten.sources.engine.where import Engine
from batten.sources.oci import ImageData, OpenImage
from batten.sources.oci.engine_api import open_engine_image
from sources.oci.made import Made, docker_save, image, sha256, tar_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="unix sockets")


class FakeEngine(socketserver.ThreadingUnixStreamServer):
    """Speaks the part of Docker's API that is asked, over a real socket."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self.images: dict[str, Made] = {}
        self.seen: list[str] = []
        self.cut = -1
        self.refuse = 0
        super().__init__(self.path, handler(self))


def handler(engine: FakeEngine) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def address_string(self) -> str:
            return "engine"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            engine.seen.append(self.path)
            path = self.path.partition("?")[0].removeprefix("/images/")
            name, _, verb = path.rpartition("/")
            made = engine.images.get(name)
            if engine.refuse or made is None:
                self.answer(engine.refuse or 404, b'{"message": "no such image\\u001b[31m"}')
            elif verb == "json":
                known = {"Id": sha256(made.config), "RepoTags": [name], "RepoDigests": [f"shop/web@{made.digest}"]}
                self.answer(200, json.dumps(known).encode())
            else:
                files, links = docker_save(made, tags=[[name]])
                self.chunked(tar_of(files, links))

        def answer(self, status: int, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def chunked(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            sent = body if engine.cut < 0 else body[: engine.cut]
            for start in range(0, len(sent), 1000):
                part = sent[start : start + 1000]
                self.wfile.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if engine.cut < 0:
                self.wfile.write(b"0\r\n\r\n")
            else:
                self.close_connection = True

    return Handler


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[FakeEngine]:
    with FakeEngine(tmp_path / "e.sock") as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def of(engine: FakeEngine, name: str, platform: str = "") -> tuple[list[ImageData], list[bytes]]:
    with open_engine_image(Engine("docker", f"unix://{engine.path}"), name, platform) as target:
        found = list(target.images())
        return found, [blob.open().read() for one in found for blob in one.layers]


def test_an_image_of_an_engine_is_what_it_saves(engine: FakeEngine) -> None:
    made = engine.images["shop/web:1.4"] = image()
    (found,), layers = of(engine, "shop/web:1.4")
    assert (found.config_digest, layers) == (sha256(made.config), made.layers)
    assert found.names == ["shop/web:1.4", f"shop/web@{made.digest}"]
    assert engine.seen == ["/images/shop/web:1.4/json", "/images/shop/web:1.4/get"]


def test_a_platform_is_asked_for_in_words_that_old_engines_pass_over(engine: FakeEngine) -> None:
    engine.images["web"] = image(platform="linux/arm64")
    assert of(engine, "web", "linux/arm64")[0][0].platform == "linux/arm64"
    assert engine.seen[1] == "/images/web/get?platform=%7B%22os%22%3A%22linux%22%2C%22architecture%22%3A%22arm64%22%7D"
    with pytest.raises(TargetError, match="expected the platform linux/amd64, found linux/arm64"):
        of(engine, "web", "linux/amd64")


def test_what_an_engine_refuses_is_one_clear_error(engine: FakeEngine) -> None:
    with pytest.raises(
        TargetError, match=r"^docker:shop/api: docker holds no such image; `docker pull shop/api` brings it"
    ):
        of(engine, "shop/api")
    engine.refuse = 500
    with pytest.raises(TargetError, match=r"docker answered 500 \(no such image\\u001b\[31m\)"):
        of(engine, "shop/api")
    engine.refuse, engine.cut = 0, 2000
    engine.images["web"] = image()
    with pytest.raises(TargetError, match="the connection broke"):
        of(engine, "web")


@pytest.mark.parametrize(
    "name", ["", "../containers/json", "a/../../x", "a b", "a?b=c", "a%2f", "a\r\nHost: x", "-a", "a" * 600]
)
def test_a_name_that_could_change_the_question_is_refused(name: str) -> None:
    with pytest.raises(TargetError, match="expected the name or identifier of an image after docker:"):
        open_engine_image(Engine("docker", "unix:///none"), name)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("unix:///nowhere/docker.sock", "unix:///nowhere/docker.sock does not answer; is docker running?"),
        ("tcp://127.0.0.1:1", "does not answer; is docker running?"),
        ("ssh://ann@host", r"found ssh://; `ssh -nNT .*`docker save NAME \| batten scan -` works for an image"),
        ("npipe:////./pipe/docker_engine", "found npipe://"),
        ("tcp://ann:sesame@127.0.0.1:1", "127.0.0.1:1 does not answer"),
    ],
)
def test_an_engine_that_is_not_there_is_told(address: str, message: str) -> None:
    with (
        open_engine_image(Engine("docker", address), "web") as target,
        pytest.raises(TargetError, match=message) as caught,
    ):
        list(target.images())
    assert "sesame" not in str(caught.value)


def test_certificates_that_are_not_there_are_told(tmp_path: Path) -> None:
    message = r"expected ca\.pem, cert\.pem and key\.pem in .* \(DOCKER_CERT_PATH\)"
    target = open_engine_image(Engine("docker", "tcp://127.0.0.1:1", str(tmp_path)), "web")
    with target, pytest.raises(TargetError, match=message):
        list(target.images())


def test_the_schemes_find_the_engines_sockets(engine: FakeEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    engine.images["web"] = image()
    for scheme, variable in (("docker", "DOCKER_HOST"), ("podman", "CONTAINER_HOST")):
        monkeypatch.setenv(variable, f"unix://{engine.path}")
        with open_target(f"{scheme}:web") as target:
            assert isinstance(target, OpenImage)
            assert target.target.id == f"{scheme}:web"
            assert len(list(target.images())) == 1
