"""An engine that answers as real ones did (tests/data/engine), over a socket, TCP, or TCP with TLS."""

from __future__ import annotations

import contextlib
import json
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from batten import api
from batten.model.report import Report
from batten.model.settings import Settings

DATA = Path(__file__).parents[2] / "data"
TLS = DATA / "tls"


class Recorded:
    """What an engine answers, and what it was asked."""

    def __init__(self, answers: dict[str, Any] | None = None) -> None:
        self.answers: dict[str, Any] = {} if answers is None else answers
        """JSON by path with its query; a status alone, or bytes, or what sends the answer itself."""
        self.methods: set[str] = set()
        self.paths: list[str] = []

    def set(self, bare: str, answer: Any) -> None:
        """Another answer for a path, which is named without its version and query."""
        for path in [*self.answers]:
            if without_version(path) == bare:
                self.answers[path] = answer
                return
        self.answers[bare] = answer

    def get(self, bare: str) -> Any:
        return next(answer for path, answer in self.answers.items() if without_version(path) == bare)

    def asked(self) -> set[str]:
        """Without versions, queries and identifiers."""
        return {without_version(path) for path in self.paths}


def without_version(path: str) -> str:
    bare = path.partition("?")[0]
    parts = bare.split("/")
    return "/" + "/".join(part for part in parts[1:] if not (part[:1] == "v" and part[1:2].isdigit()))


def recorded(name: str) -> Recorded:
    """`docker` or `podman`, as tests/system/test_engines.py --renew has recorded it."""
    return Recorded(json.loads((DATA / "engine" / f"{name}.json").read_text(encoding="utf-8")))


class _Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    block_on_close = False


def _handler(engine: Recorded) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 20

        def address_string(self) -> str:
            return "engine"

        def log_message(self, *_: object) -> None:
            pass

        def handle_any(self) -> None:
            engine.methods.add(self.command)
            engine.paths.append(self.path)
            found = engine.answers.get(self.path, engine.answers.get(without_version(self.path), 404))
            if callable(found):
                found(self)
                return
            if isinstance(found, int):
                status, body = found, json.dumps({"message": "page not found" if found == 404 else "no"}).encode()
            else:
                status, body = 200, found if isinstance(found, bytes) else json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self.handle_any
            raise AttributeError(name)

    return Handler


@contextlib.contextmanager
def over_unix(engine: Recorded, path: Path) -> Iterator[str]:
    """The address."""
    with _Unix(str(path), _handler(engine)) as server, _serving(server):
        yield f"unix://{path}"


@contextlib.contextmanager
def over_tcp(engine: Recorded, context: ssl.SSLContext | None = None) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(engine)) as server:
        server.daemon_threads = True
        if context is not None:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        with _serving(server):
            yield f"tcp://127.0.0.1:{server.server_port}"


def tls(*, asks_for_a_certificate: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "server.crt", TLS / "server.key")
    if asks_for_a_certificate:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(TLS / "client-ca.crt")
    return context


@contextlib.contextmanager
def _serving(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()


def scan(engine: Recorded, folder: Path, *, scheme: str = "docker", stopped: bool = False) -> Report:
    with over_unix(engine, folder) as address:
        found = api.scan([f"{scheme}:{address}"], Settings(stopped=stopped)).report
    folder.unlink()
    return found


def told(report: Report, *, severe: bool) -> list[str]:
    return [one.message for one in report.targets[0].problems if one.severe is severe]
